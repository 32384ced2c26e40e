/** The activation functions: what each makes of some numbers, and their graphs. */
import plt, { matplotlib } from "@flambeau/pyplot";
import torch, { nn, type Tensor } from "flambeau";

matplotlib.use("Agg");

const functions = {
  ReLU: new nn.ReLU(),
  LeakyReLU: new nn.LeakyReLU({ negativeSlope: 0.01 }),
  PReLU: new nn.PReLU({ numParameters: 1, init: 0.25 }),
  Hardtanh: new nn.Hardtanh({ minVal: -1, maxVal: 1 }),
  Hardshrink: new nn.Hardshrink({ lambd: 0.5 }),
  Hardsigmoid: new nn.Hardsigmoid(),
  Softshrink: new nn.Softshrink({ lambd: 0.5 }),
  Threshold: new nn.Threshold(0.1, -1),
  ELU: new nn.ELU({ alpha: 1 }),
  SELU: new nn.SELU(),
  CELU: new nn.CELU({ alpha: 1 }),
  Sigmoid: new nn.Sigmoid(),
  Tanh: new nn.Tanh(),
  Softplus: new nn.Softplus({ beta: 1, threshold: 20 }),
  Tanhshrink: new nn.Tanhshrink(),
  Hardswish: new nn.Hardswish(),
  SiLU: new nn.SiLU(),
  GELU: new nn.GELU({ approximate: "none" }),
  Mish: new nn.Mish(),
  Softsign: new nn.Softsign(),
  LogSigmoid: new nn.LogSigmoid(),
};

const numbers = torch.tensor([-4, -1, -0.25, 0, 0.25, 1, 4]);
const line = torch.linspace(-5, 5, 201);
const figure = plt.figure({ figsize: [12, 7] });
torch.noGrad(() => {
  Object.entries(functions).forEach(([name, activation], i) => {
    console.log(name, activation(numbers));
    const axes = figure.addSubplot(3, 7, i + 1);
    axes.axhline(0, { color: "lightgray", linewidth: 1 });
    axes.axvline(0, { color: "lightgray", linewidth: 1 });
    axes.plot(line, activation(line) as Tensor);
    axes.setTitle(name, { fontsize: 10 });
  });
});
figure.tightLayout();
plt.show();

// Functions that normalise look at several numbers at once
const logits = torch.tensor([[1, 2, 3]]);
console.log(new nn.Softmax(1)(logits), new nn.LogSoftmax(1)(logits), new nn.Softmin(1)(logits));

// Attention: two sentences of five words, each of which looks at all of its sentence
torch.manualSeed(0);
const attention = new nn.MultiheadAttention(8, 2, { batchFirst: true });
const words = torch.rand(2, 5, 8);
const [output, weights] = attention(words, words, words);
console.log(output.shape, weights?.shape, weights?.sum(-1).at(0));
