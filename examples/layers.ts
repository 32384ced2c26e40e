/** The building blocks of `torch.nn`: one of each kind, with what it makes of the shape of its input. */
import torch, { nn, type Tensor } from "flambeau";

torch.manualSeed(0);

const image = torch.rand(2, 4, 16, 16);
const sequence = torch.rand(2, 10, 8);
const words = torch.randint(0, 100, [2, 10]);

/** Prints the kind of a layer, how it prints, and the shapes before and after. */
function show(kind: string, layer: nn.Module, input: Tensor, output: Tensor): void {
  console.log(`${kind}: ${layer}: [${input.shape}] -> [${output.shape}]`);
}

const convolution = new nn.Conv2d(4, 8, 3, { padding: 1 });
show("Convolution", convolution, image, convolution(image));
const transposed = new nn.ConvTranspose2d(4, 2, 2, 2);
show("Convolution, transposed", transposed, image, transposed(image));
const pooling = new nn.MaxPool2d(2);
show("Pooling", pooling, image, pooling(image));
const padding = new nn.ReflectionPad2d(3);
show("Padding", padding, image, padding(image));
const activation = new nn.GELU();
show("Activation", activation, image, activation(image));
const linear = new nn.Linear(8, 3);
show("Linear", linear, sequence, linear(sequence));
const dropout = new nn.Dropout2d(0.5);
show("Dropout", dropout, image, dropout(image));
const embedding = new nn.Embedding(100, 16);
show("Sparse", embedding, words, embedding(words));
const norm = new nn.BatchNorm2d(4);
show("Normalisation", norm, image, norm(image));
const recurrent = new nn.LSTM(8, 16, { batchFirst: true });
show("Recurrent", recurrent, sequence, recurrent(sequence)[0]);
const transformer = new nn.TransformerEncoderLayer(8, 2, { dimFeedforward: 32, batchFirst: true });
console.log(`Transformer: [${sequence.shape}] -> [${transformer(sequence).shape}]`);
const distance = new nn.PairwiseDistance({ p: 2 });
show("Distance", distance, sequence, distance(sequence, sequence.flip([1])));
const upsampling = new nn.Upsample({ scaleFactor: 2, mode: "nearest" });
show("Vision", upsampling, image, upsampling(image));
const shuffle = new nn.PixelShuffle(2);
show("Shuffle", shuffle, image, shuffle(image));
const loss = new nn.CrossEntropyLoss();
console.log(`Loss: ${loss}: ${loss(torch.zeros(1, 10), torch.tensor([3], { dtype: torch.long }))}`);

// Containers
const layers = new nn.Sequential(new nn.Conv2d(4, 8, 3), new nn.BatchNorm2d(8), new nn.ReLU());
console.log(layers);

// Utilities: parameters as one vector, gradients of bounded length, a norm melted into its convolution, weights pruned
console.log(nn.utils.parametersToVector(layers.parameters()).shape);
layers(image).sum().backward();
nn.utils.clipGradNorm_(layers.parameters(), 1);
const clipped = nn.utils.getTotalNorm(layers.parameters().map(({ grad }) => grad as Tensor));
console.log(`length of the gradient: ${clipped.item().toFixed(3)}`);
const [conv, bn] = [...layers.eval()] as [nn.Conv2d, nn.BatchNorm2d];
const fused = nn.utils.fuseConvBnEval(conv, bn);
console.log(
  fused(image)
    .sub(bn(conv(image)))
    .abs()
    .max()
    .item() < 1e-5,
);
nn.utils.prune.l1Unstructured(conv, "weight", 0.25);
console.log(conv.weight.eq(0).sum().item(), "of", conv.weight.numel(), "weights are 0");
