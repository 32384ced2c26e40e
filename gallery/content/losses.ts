/** Loss functions: what a prediction costs, and the slope that training follows. */
import torch, { nn, type Tensor } from "flambeau";
import { type Argument, type Curve, type Entry, type Group, steps } from "./entry.js";

const axis = steps(-4, 4, 121);

type Cost = (prediction: Tensor) => Tensor;
type Text = Omit<Entry, "curves" | "run">;

/** The loss of each prediction, and its derivative. */
function costOf(cost: Cost): Curve[] {
  const x = torch.tensor(axis, { dtype: torch.float64 }).requiresGrad_();
  const losses = torch.stack([...Array(axis.length).keys()].map((i) => cost(x.at([i]))));
  losses.sum().backward();
  return [
    { label: "loss", x: axis, y: losses.detach().view(-1).tolist() as number[] },
    { label: "slope", x: axis, y: x.grad?.tolist() as number[] },
  ];
}

const entry = (text: Text, cost: (...values: number[]) => Cost): Entry => ({
  ...text,
  curves: (values) => costOf(cost(...values)),
});

const one = (value: number) => torch.tensor([value], { dtype: torch.float64 });
const label = (value: number) => torch.tensor([value], { dtype: torch.int64 });

/** Scores of three classes: one moves, the others stay at 0. */
const logits = (x: Tensor) => torch.cat([x, torch.zeros([2], { dtype: torch.float64 })]).unsqueeze(0);

const margin: Argument = { name: "margin", meaning: "how far is far enough", values: [0, 0.5, 1, 2], usual: 1 };

const regression: Entry[] = [
  entry(
    {
      name: "MSELoss",
      formula: "(x - y)^2",
      type: ["regression"],
      pros: ["Smooth, and steeper the further off"],
      cons: ["One outlier outweighs everything else"],
      use: ["Numbers whose errors are about normal"],
      code: "new nn.MSELoss()",
    },
    () => (x) => new nn.MSELoss()(x, one(0)) as Tensor,
  ),
  entry(
    {
      name: "L1Loss",
      formula: "|x - y|",
      type: ["regression"],
      pros: ["Outliers count no more than others: it finds the median"],
      cons: ["The slope is as large next to the goal as far from it"],
      use: ["Numbers with outliers"],
      code: "new nn.L1Loss()",
    },
    () => (x) => new nn.L1Loss()(x, one(0)) as Tensor,
  ),
  entry(
    {
      name: "SmoothL1Loss",
      formula: String.raw`\begin{cases} \frac{(x-y)^2}{2\beta} & |x-y| < \beta \\ |x-y| - \frac{\beta}{2} & \text{otherwise} \end{cases}`,
      type: ["regression"],
      pros: ["Smooth near the goal, and calm far from it"],
      cons: ["β must fit the scale of the numbers"],
      use: ["Corners of boxes in detection"],
      args: [{ name: "beta", meaning: "β, where the parabola ends", values: [0.25, 0.5, 1, 2, 3], usual: 1 }],
      code: "new nn.SmoothL1Loss({ beta: 1 })",
    },
    (beta = 1) =>
      (x) =>
        new nn.SmoothL1Loss({ beta })(x, one(0)) as Tensor,
  ),
  entry(
    {
      name: "HuberLoss",
      formula: String.raw`\begin{cases} \frac{(x-y)^2}{2} & |x-y| < \delta \\ \delta (|x-y| - \frac{\delta}{2}) & \text{otherwise} \end{cases}`,
      type: ["regression"],
      pros: ["MSELoss near the goal, L1Loss far from it"],
      cons: ["δ must fit the scale of the numbers"],
      use: ["Reinforcement learning, numbers with outliers"],
      args: [{ name: "delta", meaning: "δ, where the parabola ends", values: [0.25, 0.5, 1, 2, 3], usual: 1 }],
      code: "new nn.HuberLoss({ delta: 1 })",
    },
    (delta = 1) =>
      (x) =>
        new nn.HuberLoss({ delta })(x, one(0)) as Tensor,
  ),
];

const classification: Entry[] = [
  entry(
    {
      name: "CrossEntropyLoss",
      formula: String.raw`-\log \frac{e^{x_y}}{\sum_j e^{x_j}}`,
      type: ["classification", "takes logits"],
      pros: ["Softmax, logarithm and likelihood at once, without loss of digits"],
      cons: ["A wrong label that the network is sure of costs a lot"],
      use: ["One class of several; give it the raw scores"],
      args: [
        {
          name: "labelSmoothing",
          meaning: "how much of the goal goes to the other classes",
          values: [0, 0.05, 0.1, 0.2, 0.4],
          usual: 0,
        },
      ],
      code: "new nn.CrossEntropyLoss()",
    },
    (labelSmoothing = 0) =>
      (x) =>
        new nn.CrossEntropyLoss({ labelSmoothing })(logits(x), label(0)) as Tensor,
  ),
  entry(
    {
      name: "BCEWithLogitsLoss",
      formula: String.raw`-w\,y \log \sigma(x) - (1-y) \log(1 - \sigma(x)) \quad (y = 1)`,
      type: ["classification", "takes logits"],
      pros: ["Sigmoid and loss at once, without overflow"],
      cons: ["Each label by itself: it knows nothing of classes that exclude each other"],
      use: ["Yes or no; several labels at once"],
      args: [{ name: "posWeight", meaning: "w, how much a yes counts", values: [0.5, 1, 2, 4], usual: 1 }],
      code: "new nn.BCEWithLogitsLoss()",
    },
    (weight = 1) =>
      (x) =>
        new nn.BCEWithLogitsLoss({ posWeight: one(weight) })(x, one(1)) as Tensor,
  ),
  entry(
    {
      name: "NLLLoss",
      formula: "-x_y",
      type: ["classification", "takes log-probabilities"],
      pros: ["Nothing is computed twice where log-probabilities are there already"],
      cons: ["Means nothing for raw scores"],
      use: ["After `nn.LogSoftmax`"],
      code: "new nn.NLLLoss()",
    },
    () => (x) => new nn.NLLLoss()(logits(x).logSoftmax(1), label(0)) as Tensor,
  ),
  entry(
    {
      name: "MultiMarginLoss",
      formula: String.raw`\frac{1}{C} \sum_{j \ne y} \max(0, m - x_y + x_j)`,
      type: ["classification", "margin"],
      pros: ["Nothing to pay once the right class leads by the margin"],
      cons: ["No probabilities"],
      use: ["Support vector machines"],
      args: [margin],
      code: "new nn.MultiMarginLoss({ margin: 1 })",
    },
    (m = 1) =>
      (x) =>
        new nn.MultiMarginLoss({ margin: m })(logits(x), label(0)) as Tensor,
  ),
  entry(
    {
      name: "SoftMarginLoss",
      formula: String.raw`\log(1 + e^{-y x}) \quad (y = 1)`,
      type: ["classification"],
      pros: ["Labels are −1 and 1"],
      cons: ["Overflows where BCEWithLogitsLoss does not"],
      use: ["Yes or no with labels of two signs"],
      code: "new nn.SoftMarginLoss()",
    },
    () => (x) => new nn.SoftMarginLoss()(x, one(1)) as Tensor,
  ),
];

const distances: Entry[] = [
  entry(
    {
      name: "HingeEmbeddingLoss",
      formula: String.raw`\max(0, m - x) \quad (y = -1)`,
      type: ["margin"],
      pros: ["What is far enough apart costs nothing"],
      cons: ["The margin must fit the distances"],
      use: ["Distances of pairs: alike or not"],
      args: [margin],
      code: "new nn.HingeEmbeddingLoss({ margin: 1 })",
    },
    (m = 1) =>
      (x) =>
        new nn.HingeEmbeddingLoss({ margin: m })(x, one(-1)) as Tensor,
  ),
  entry(
    {
      name: "MarginRankingLoss",
      formula: String.raw`\max(0, m - (x_1 - x_2)) \quad (x_2 = 0)`,
      type: ["margin", "ranking"],
      pros: ["Only the order counts"],
      cons: ["Says nothing of how good the best one is"],
      use: ["Search results, recommendations"],
      args: [margin],
      code: "new nn.MarginRankingLoss({ margin: 0 })",
    },
    (m = 1) =>
      (x) =>
        new nn.MarginRankingLoss({ margin: m })(x, one(0), one(1)) as Tensor,
  ),
];

export const losses: Group[] = [
  { title: "For numbers", about: "The goal is 0, and the prediction moves along the axis.", entries: regression },
  {
    title: "For classes",
    about: "The score of the right class moves along the axis; the other scores are 0.",
    entries: classification,
  },
  { title: "For distances and orders", about: "The distance, or the lead, moves along the axis.", entries: distances },
];
