"""python3 activations.py"""
import torch
from torch import nn

functions = [
    nn.ReLU(), nn.LeakyReLU(0.01), nn.PReLU(1, 0.25), nn.Hardtanh(-1, 1), nn.Hardshrink(0.5), nn.Hardsigmoid(),
    nn.Softshrink(0.5), nn.Threshold(0.1, -1), nn.ELU(1), nn.SELU(), nn.CELU(1), nn.Sigmoid(), nn.Tanh(),
    nn.Softplus(1, 20), nn.Tanhshrink(), nn.Hardswish(), nn.SiLU(), nn.GELU(), nn.Mish(), nn.Softsign(),
    nn.LogSigmoid(),
]
shape = lambda tensor: f"[ {', '.join(map(str, tensor.shape))} ]"
numbers = torch.tensor([-4, -1, -0.25, 0, 0.25, 1, 4])
with torch.no_grad():
    for function in functions:
        print(type(function).__name__, function(numbers))
logits = torch.tensor([[1.0, 2.0, 3.0]])
print(nn.Softmax(1)(logits), nn.LogSoftmax(1)(logits), nn.Softmin(1)(logits))
torch.manual_seed(0)
attention = nn.MultiheadAttention(8, 2, batch_first=True)
words = torch.rand(2, 5, 8)
output, weights = attention(words, words, words)
print(shape(output), shape(weights), weights.sum(-1)[0])
