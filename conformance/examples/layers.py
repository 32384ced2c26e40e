"""python3 layers.py"""
import torch
from torch import nn
from torch.nn.utils import clip_grad_norm_, parameters_to_vector, prune
from torch.nn.utils.fusion import fuse_conv_bn_eval

torch.manual_seed(0)
image, sequence, words = torch.rand(2, 4, 16, 16), torch.rand(2, 10, 8), torch.randint(0, 100, [2, 10])
shape = lambda tensor: f"[{','.join(map(str, tensor.shape))}]"


def show(kind, layer, given, output):
    # As later versions print it.
    text = str(layer).replace("mode=nearest", "mode='nearest'")
    print(f"{kind}: {text}: {shape(given)} -> {shape(output)}")


def one(kind, layer, given):
    show(kind, layer, given, layer(given))


one("Convolution", nn.Conv2d(4, 8, 3, padding=1), image)
one("Convolution, transposed", nn.ConvTranspose2d(4, 2, 2, 2), image)
one("Pooling", nn.MaxPool2d(2), image)
one("Padding", nn.ReflectionPad2d(3), image)
one("Activation", nn.GELU(), image)
one("Linear", nn.Linear(8, 3), sequence)
one("Dropout", nn.Dropout2d(0.5), image)
one("Sparse", nn.Embedding(100, 16), words)
one("Normalisation", nn.BatchNorm2d(4), image)
recurrent = nn.LSTM(8, 16, batch_first=True)
show("Recurrent", recurrent, sequence, recurrent(sequence)[0])
transformer = nn.TransformerEncoderLayer(8, 2, dim_feedforward=32, batch_first=True)
print(f"Transformer: {shape(sequence)} -> {shape(transformer(sequence))}")
distance = nn.PairwiseDistance(p=2)
show("Distance", distance, sequence, distance(sequence, sequence.flip([1])))
one("Vision", nn.Upsample(scale_factor=2, mode="nearest"), image)
one("Shuffle", nn.PixelShuffle(2), image)
loss = nn.CrossEntropyLoss()
print(f"Loss: {loss}: {loss(torch.zeros(1, 10), torch.tensor([3]))!r}")
layers = nn.Sequential(nn.Conv2d(4, 8, 3), nn.BatchNorm2d(8), nn.ReLU())
print(layers)
print(f"[ {parameters_to_vector(layers.parameters()).shape[0]} ]")
layers(image).sum().backward()
clip_grad_norm_(layers.parameters(), 1)
length = torch.stack([p.grad.norm() for p in layers.parameters()]).norm()
print(f"length of the gradient: {length.item():.3f}")
conv, bn = layers.eval()[:2]
print(str((fuse_conv_bn_eval(conv, bn)(image) - bn(conv(image))).abs().max().item() < 1e-5).lower())
prune.l1_unstructured(conv, "weight", 0.25)
print((conv.weight == 0).sum().item(), "of", conv.weight.numel(), "weights are 0")
