/** Activation functions, grouped by what they are like. */
import torch, { nn, type Tensor } from "flambeau";
import { type Argument, type Curve, type Entry, type Group, steps } from "./entry.js";

const axis = steps(-6, 6, 121);

/** A function and its derivative, which autograd knows. */
function withDerivative(apply: (x: Tensor) => Tensor): Curve[] {
  const x = torch.tensor(axis, { dtype: torch.float64 }).requiresGrad_();
  const y = apply(x);
  y.sum().backward();
  return [
    { label: "f(x)", x: axis, y: y.detach().tolist() as number[] },
    { label: "f′(x)", x: axis, y: x.grad?.tolist() as number[] },
  ];
}

type Text = Omit<Entry, "curves" | "run" | "code"> & { readonly code?: string };

/** An activation function that is applied to each number by itself. */
function elementwise(make: (...values: number[]) => nn.Module, text: Text): Entry {
  const usual = (text.args ?? []).map(({ usual }) => usual);
  return {
    code: `new nn.${text.name}(${usual.join(", ")})`,
    ...text,
    curves: (values) => withDerivative(make(...values).to(torch.float64) as (x: Tensor) => Tensor),
    run: make(...usual) as (x: Tensor) => Tensor,
  };
}

/** How three logits become shares when the first of them moves and the others stay at 0 and 1. */
function shares(make: (dim: number) => nn.Module, text: Text): Entry {
  return {
    code: `new nn.${text.name}(1)`,
    ...text,
    curves: () => {
      const x = torch.tensor(axis, { dtype: torch.float64 });
      const logits = torch.stack([x, torch.zerosLike(x), torch.onesLike(x)], 1);
      const y = make(1)(logits) as Tensor;
      return ["x", "0", "1"].map((logit, i) => ({
        label: `of ${logit}`,
        x: axis,
        y: y.select(1, i).tolist() as number[],
      }));
    },
    run: (x) => make(1)(x.view(-1, 10)) as Tensor,
  };
}

const slope = (name: string, meaning: string, values: readonly number[], usual: number): Argument => ({
  name,
  meaning,
  values,
  usual,
});

const everywhere = "everywhere";

const piecewise: Entry[] = [
  elementwise(() => new nn.ReLU(), {
    name: "ReLU",
    alias: "rectified linear unit",
    formula: String.raw`\operatorname{ReLU}(x) = \max(0, x)`,
    type: ["piecewise linear", "thresholding"],
    differentiable: "everywhere but at 0",
    pros: [
      "One comparison: nothing is cheaper",
      "The slope is 1 for what passes, so gradients do not fade",
      "Most outputs are exactly 0",
    ],
    cons: ["A unit whose input is always negative has no gradient and never comes back", "Its mean is above 0"],
    use: ["The first choice for hidden layers, of convolutional networks above all"],
  }),
  elementwise((negativeSlope = 0.01) => new nn.LeakyReLU(negativeSlope), {
    name: "LeakyReLU",
    formula: String.raw`\operatorname{LeakyReLU}(x) = \begin{cases} x & x \ge 0 \\ \alpha x & x < 0 \end{cases}`,
    type: ["piecewise linear"],
    differentiable: "everywhere but at 0",
    pros: ["No unit dies: there is always some gradient", "Nearly as cheap as ReLU"],
    cons: ["One more number to choose", "Outputs are not sparse"],
    use: ["Where units of a ReLU network die; discriminators of generative networks"],
    args: [slope("negativeSlope", "α, the slope below 0", [0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5], 0.01)],
  }),
  elementwise((init = 0.25) => new nn.PReLU(1, init), {
    name: "PReLU",
    alias: "ReLU with a slope that is learnt",
    formula: String.raw`\operatorname{PReLU}(x) = \begin{cases} x & x \ge 0 \\ a x & x < 0 \end{cases} \quad a \text{ is a parameter}`,
    type: ["piecewise linear", "learnt"],
    differentiable: "everywhere but at 0, and in a",
    pros: ["The network finds the slope by itself, one for all or one a channel", "No unit dies"],
    cons: ["Parameters that can overfit small data", "Weight decay pulls the slope to 0"],
    use: ["Deep convolutional networks with much data"],
    args: [slope("init", "where the slope a begins", [0, 0.1, 0.25, 0.4, 0.6, 0.8, 1], 0.25)],
    code: "new nn.PReLU({ init: 0.25 })",
  }),
  elementwise((lower = 0.125, upper = 0.333) => new nn.RReLU(lower, upper).eval(), {
    name: "RReLU",
    alias: "ReLU with a slope that is drawn",
    formula: String.raw`\operatorname{RReLU}(x) = \begin{cases} x & x \ge 0 \\ a x & x < 0 \end{cases} \quad a \sim U(l, u)`,
    type: ["piecewise linear", "random in training"],
    differentiable: "everywhere but at 0",
    pros: ["The noise works against overfitting", "In evaluation the slope is the mean of both ends"],
    cons: ["Training is noisier", "Draws cost time"],
    use: ["Small data sets, where a fixed slope overfits"],
    args: [
      slope("lower", "l, the least slope", [0, 0.05, 0.125, 0.2], 0.125),
      slope("upper", "u, the greatest slope", [0.2, 0.333, 0.5, 0.8], 0.333),
    ],
  }),
  elementwise(() => new nn.ReLU6(), {
    name: "ReLU6",
    formula: String.raw`\operatorname{ReLU6}(x) = \min(\max(0, x), 6)`,
    type: ["piecewise linear", "saturating"],
    differentiable: "everywhere but at 0 and 6",
    pros: ["Bounded: numbers of few bits hold it", "As cheap as ReLU"],
    cons: ["No gradient below 0 and above 6"],
    use: ["Networks for phones, whose numbers will be rounded to a byte"],
  }),
  elementwise((minVal = -1, maxVal = 1) => new nn.Hardtanh(minVal, maxVal), {
    name: "Hardtanh",
    formula: String.raw`\operatorname{Hardtanh}(x) = \begin{cases} \text{min} & x < \text{min} \\ \text{max} & x > \text{max} \\ x & \text{otherwise} \end{cases}`,
    type: ["piecewise linear", "saturating"],
    differentiable: "everywhere but at both ends",
    pros: ["Bounded, and two comparisons at most", "Keeps what lies between as it is"],
    cons: ["No gradient outside of the interval"],
    use: ["Where values must stay in an interval; an inexpensive stand-in for Tanh"],
    args: [
      slope("minVal", "the least value", [-4, -3, -2, -1, -0.5, 0], -1),
      slope("maxVal", "the greatest value", [0.5, 1, 2, 3, 4], 1),
    ],
  }),
  elementwise((lambd = 0.5) => new nn.Hardshrink(lambd), {
    name: "Hardshrink",
    formula: String.raw`\operatorname{Hardshrink}(x) = \begin{cases} x & |x| > \lambda \\ 0 & \text{otherwise} \end{cases}`,
    type: ["piecewise linear", "thresholding"],
    differentiable: "everywhere but at ±λ, where it jumps",
    pros: ["Small values, noise for the most part, become exactly 0"],
    cons: ["Jumps at the threshold", "No gradient for what is small"],
    use: ["Sparse codes, removing noise"],
    args: [slope("lambd", "λ, up to where values count as 0", [0, 0.25, 0.5, 1, 1.5, 2, 3], 0.5)],
  }),
  elementwise((lambd = 0.5) => new nn.Softshrink(lambd), {
    name: "Softshrink",
    formula: String.raw`\operatorname{Softshrink}(x) = \begin{cases} x - \lambda & x > \lambda \\ x + \lambda & x < -\lambda \\ 0 & \text{otherwise} \end{cases}`,
    type: ["piecewise linear", "thresholding"],
    differentiable: "everywhere but at ±λ",
    pros: ["Sparse, and without a jump", "It is the step that an L1 penalty asks for"],
    cons: ["Pulls large values towards 0 as well", "λ must be chosen"],
    use: ["Sparse coding, removing noise"],
    args: [slope("lambd", "λ, by how much values shrink", [0, 0.25, 0.5, 1, 1.5, 2, 3], 0.5)],
  }),
  elementwise((threshold = 1, value = 0) => new nn.Threshold(threshold, value), {
    name: "Threshold",
    formula: String.raw`\operatorname{Threshold}(x) = \begin{cases} x & x > \theta \\ v & \text{otherwise} \end{cases}`,
    type: ["piecewise linear", "thresholding"],
    differentiable: "everywhere but at θ",
    pros: ["ReLU with a threshold and a value of one's own"],
    cons: ["Jumps unless the value is the threshold", "Two numbers to choose"],
    use: ["Where only values beyond a limit mean something"],
    args: [
      slope("threshold", "θ, the limit", [-2, -1, 0, 1, 2, 3], 1),
      slope("value", "v, what stands for all below", [-2, -1, 0, 1, 2], 0),
    ],
  }),
  elementwise(() => new nn.Hardsigmoid(), {
    name: "Hardsigmoid",
    formula: String.raw`\operatorname{Hardsigmoid}(x) = \begin{cases} 0 & x \le -3 \\ 1 & x \ge 3 \\ \frac{x}{6} + \frac{1}{2} & \text{otherwise} \end{cases}`,
    type: ["piecewise linear", "saturating"],
    differentiable: "everywhere but at ±3",
    pros: ["Sigmoid without an exponential"],
    cons: ["No gradient beyond ±3"],
    use: ["Gates of networks that run on small devices"],
  }),
  elementwise(() => new nn.Hardswish(), {
    name: "Hardswish",
    formula: String.raw`\operatorname{Hardswish}(x) = x \cdot \operatorname{Hardsigmoid}(x)`,
    type: ["piecewise", "not monotonic"],
    differentiable: "everywhere but at ±3",
    pros: ["Close to SiLU at a fraction of the cost"],
    cons: ["Bends sharply at ±3", "No gradient below −3"],
    use: ["MobileNetV3 and its kin"],
  }),
];

const smooth: Entry[] = [
  elementwise((alpha = 1) => new nn.ELU(alpha), {
    name: "ELU",
    alias: "exponential linear unit",
    formula: String.raw`\operatorname{ELU}(x) = \begin{cases} x & x > 0 \\ \alpha (e^x - 1) & x \le 0 \end{cases}`,
    type: ["smooth for α = 1", "saturating below"],
    differentiable: "everywhere for α = 1, else everywhere but at 0",
    pros: ["Negative outputs keep the mean near 0", "No unit dies"],
    cons: ["An exponential for each negative number", "Gradients fade far below 0"],
    use: ["Deep networks without normalisation, where ReLU learns slowly"],
    args: [slope("alpha", "α: far below 0 it comes to −α", [0.25, 0.5, 1, 1.5, 2, 3], 1)],
  }),
  elementwise(() => new nn.SELU(), {
    name: "SELU",
    alias: "scaled exponential linear unit",
    formula: String.raw`\operatorname{SELU}(x) = \lambda \begin{cases} x & x > 0 \\ \alpha (e^x - 1) & x \le 0 \end{cases} \quad \lambda \approx 1.0507,\ \alpha \approx 1.6733`,
    type: ["self-normalising", "saturating below"],
    differentiable: "everywhere but at 0",
    pros: ["Layers keep mean 0 and variance 1 by themselves"],
    cons: ["Only with weights drawn for it (`lecun`-like) and with `nn.AlphaDropout`", "An exponential"],
    use: ["Deep networks of linear layers without batch normalisation"],
  }),
  elementwise((alpha = 1) => new nn.CELU(alpha), {
    name: "CELU",
    alias: "continuously differentiable exponential linear unit",
    formula: String.raw`\operatorname{CELU}(x) = \max(0, x) + \min(0, \alpha (e^{x/\alpha} - 1))`,
    type: ["smooth", "saturating below"],
    differentiable: everywhere,
    pros: ["ELU whose slope at 0 is 1 for every α"],
    cons: ["An exponential for each negative number"],
    use: ["Where ELU would do, with another α than 1"],
    args: [slope("alpha", "α: far below 0 it comes to −α", [0.25, 0.5, 1, 1.5, 2, 3], 1)],
  }),
  elementwise(() => new nn.Sigmoid(), {
    name: "Sigmoid",
    formula: String.raw`\sigma(x) = \frac{1}{1 + e^{-x}}`,
    type: ["smooth", "saturating"],
    differentiable: everywhere,
    pros: ["Between 0 and 1: a probability, or a gate"],
    cons: [
      "The slope is a quarter at best, so gradients fade in deep networks",
      "Its mean is not 0",
      "An exponential and a division",
    ],
    use: ["The output of yes or no (with `nn.BCEWithLogitsLoss` leave it out); gates of recurrent networks"],
  }),
  elementwise(() => new nn.Tanh(), {
    name: "Tanh",
    alias: "hyperbolic tangent",
    formula: String.raw`\tanh(x) = \frac{e^x - e^{-x}}{e^x + e^{-x}}`,
    type: ["smooth", "saturating"],
    differentiable: everywhere,
    pros: ["Between −1 and 1, and its mean is 0", "A slope of 1 at 0"],
    cons: ["Gradients fade on both sides", "Exponentials"],
    use: ["States of recurrent networks; outputs that have two signs"],
  }),
  elementwise((beta = 1, threshold = 20) => new nn.Softplus(beta, threshold), {
    name: "Softplus",
    formula: String.raw`\operatorname{Softplus}(x) = \frac{1}{\beta} \log(1 + e^{\beta x})`,
    type: ["smooth"],
    differentiable: everywhere,
    pros: ["ReLU without a corner, and always positive"],
    cons: ["An exponential and a logarithm", "Never exactly 0"],
    use: ["Outputs that must be positive, such as a standard deviation"],
    args: [
      slope("beta", "β: the larger, the closer to ReLU", [0.5, 1, 2, 4, 8], 1),
      slope("threshold", "beyond βx = this it is the straight line", [1, 5, 20], 20),
    ],
  }),
  elementwise(() => new nn.Tanhshrink(), {
    name: "Tanhshrink",
    formula: String.raw`\operatorname{Tanhshrink}(x) = x - \tanh(x)`,
    type: ["smooth"],
    differentiable: everywhere,
    pros: ["Makes small values smaller, and does so smoothly"],
    cons: ["No gradient at 0", "As dear as Tanh"],
    use: ["Sparse codes; seldom used elsewhere"],
  }),
  elementwise(() => new nn.SiLU(), {
    name: "SiLU",
    alias: "sigmoid linear unit, also called Swish",
    formula: String.raw`\operatorname{SiLU}(x) = x \cdot \sigma(x)`,
    type: ["smooth", "not monotonic"],
    differentiable: everywhere,
    pros: ["Often a little better than ReLU in deep networks", "No unit dies"],
    cons: ["An exponential and a division"],
    use: ["EfficientNet; feed-forward layers of large language models"],
  }),
  elementwise(() => new nn.GELU(), {
    name: "GELU",
    alias: "Gaussian error linear unit",
    formula: String.raw`\operatorname{GELU}(x) = x \cdot \Phi(x) \approx \tfrac{x}{2}\left(1 + \tanh\left(\sqrt{2/\pi}\,(x + 0.044715\,x^3)\right)\right)`,
    type: ["smooth", "not monotonic"],
    differentiable: everywhere,
    pros: ["Weighs a value by how likely a normal variable is below it", "The standard of transformers"],
    cons: ["An error function, or a tanh in its approximate form"],
    use: ["BERT, GPT, vision transformers"],
    code: 'new nn.GELU({ approximate: "none" })',
  }),
  elementwise(() => new nn.Mish(), {
    name: "Mish",
    formula: String.raw`\operatorname{Mish}(x) = x \cdot \tanh(\operatorname{Softplus}(x))`,
    type: ["smooth", "not monotonic"],
    differentiable: everywhere,
    pros: ["Smoother than SiLU; keeps a little of what is negative"],
    cons: ["Exponential, logarithm and tanh in one"],
    use: ["Detection networks (YOLOv4) and experiments"],
  }),
  elementwise(() => new nn.Softsign(), {
    name: "Softsign",
    formula: String.raw`\operatorname{Softsign}(x) = \frac{x}{1 + |x|}`,
    type: ["smooth", "saturating"],
    differentiable: everywhere,
    pros: ["Like Tanh without exponentials, and it flattens more slowly"],
    cons: ["A division", "Gradients fade on both sides"],
    use: ["Where Tanh saturates too early"],
  }),
  elementwise(() => new nn.LogSigmoid(), {
    name: "LogSigmoid",
    formula: String.raw`\operatorname{LogSigmoid}(x) = \log \frac{1}{1 + e^{-x}}`,
    type: ["smooth"],
    differentiable: everywhere,
    pros: ["The logarithm of a probability without loss of digits"],
    cons: ["Always negative: no activation for hidden layers"],
    use: ["Losses of probabilities, contrastive learning"],
  }),
];

const normalising: Entry[] = [
  shares((dim) => new nn.Softmax(dim), {
    name: "Softmax",
    formula: String.raw`\operatorname{Softmax}(x_i) = \frac{e^{x_i}}{\sum_j e^{x_j}}`,
    type: ["smooth", "normalising"],
    differentiable: everywhere,
    pros: ["Scores become probabilities that sum to 1"],
    cons: ["One large score takes everything", "`nn.CrossEntropyLoss` does it already: do not do it twice"],
    use: ["Probabilities of classes, weights of attention"],
  }),
  shares((dim) => new nn.LogSoftmax(dim), {
    name: "LogSoftmax",
    formula: String.raw`\operatorname{LogSoftmax}(x_i) = x_i - \log \sum_j e^{x_j}`,
    type: ["smooth", "normalising"],
    differentiable: everywhere,
    pros: ["Logarithms of probabilities without underflow"],
    cons: ["Not probabilities themselves"],
    use: ["Before `nn.NLLLoss`, with which it is cross entropy"],
  }),
  shares((dim) => new nn.Softmin(dim), {
    name: "Softmin",
    formula: String.raw`\operatorname{Softmin}(x_i) = \frac{e^{-x_i}}{\sum_j e^{-x_j}}`,
    type: ["smooth", "normalising"],
    differentiable: everywhere,
    pros: ["The smallest score gets the largest share"],
    cons: ["Seldom what people expect"],
    use: ["Where scores are costs or distances"],
  }),
];

/** What attention gives a query for a value of 0 and one of 1, when the query turns from one key to the other. */
const attention: Entry = {
  name: "MultiheadAttention",
  formula: String.raw`\operatorname{Attention}(Q, K, V) = \operatorname{Softmax}\left(\frac{Q K^\top}{\sqrt{d_k}}\right) V, \quad \operatorname{MultiHead} = \operatorname{Concat}(\text{head}_1, \dots, \text{head}_h)\, W^O`,
  type: ["attention", "a layer with parameters"],
  differentiable: everywhere,
  pros: ["Every position looks at every other one, several ways at once", "All positions are computed together"],
  cons: ["Time grows with the square of the length", "Many parameters"],
  use: ["Transformers for text, pictures and sound"],
  args: [slope("d_k", "the size of keys: scores are divided by its root", [1, 4, 16, 64], 16)],
  code: "new nn.MultiheadAttention(256, 8, { batchFirst: true })",
  curves: ([size = 16]) => {
    const key = torch.fullLike(torch.empty(1, size), 0.5);
    const keys = torch.stack([key, key.neg()], 1);
    const values = torch.tensor([[[0], [1]]]);
    const y = axis.map((x) => {
      const query = torch.full([1, 1, size], -x / 4);
      return nn.functional.scaledDotProductAttention(query, keys, values).item() as number;
    });
    return [{ label: "share of the second value", x: axis, y }];
  },
};

export const activations: Group[] = [
  {
    title: "Piecewise linear and thresholding functions",
    about: "Straight pieces: cheap, with corners in which there is no derivative.",
    entries: piecewise,
  },
  {
    title: "Smooth functions",
    about: "No corners: a derivative everywhere, at the price of exponentials.",
    entries: smooth,
  },
  {
    title: "Normalising functions",
    about:
      "From a row of scores to shares. Drawn for three scores, of which the first moves and the others are 0 and 1.",
    entries: normalising,
  },
  {
    title: "Attention",
    about: "A weighted mean of values. Drawn for two keys that point in opposite ways, and a query that turns.",
    entries: [attention],
  },
];
