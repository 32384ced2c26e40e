/** Optimizers: the path that each takes down one valley, and how far it gets. */
import torch, { nn, optim, type Tensor } from "flambeau";
import type { Argument, Curve, Entry, Group } from "./entry.js";

const stepsTaken = 150;
const start = [-1.8, 1.6] as const;

/** A long valley that is steep across and flat along: (x/4)² + (y - x/2)² · 2, whose lowest point is (0, 0). */
export function valley(x: Tensor, y: Tensor): Tensor {
  return x
    .div(4)
    .square()
    .add(y.sub(x.div(2)).square().mul(2));
}

type Make = (params: Tensor[], ...values: number[]) => optim.Optimizer;

/** The places that an optimizer comes to. */
function path(make: Make, values: readonly number[]): Curve[] {
  // One matrix, for those that look at matrices.
  const place = new nn.Parameter(torch.tensor([start], { dtype: torch.float64 }));
  const optimizer = make([place], ...values);
  const visited: [number, number][] = [[...start]];
  for (let i = 0; i < stepsTaken; i++) {
    optimizer.step(() => {
      optimizer.zeroGrad();
      const height = valley(place.at(0, 0), place.at(0, 1));
      height.backward();
      return height;
    });
    const here = place.at(0).tolist() as [number, number];
    // What flies away is drawn to the edge and no further.
    if (!here.every((value) => Math.abs(value) < 1e3)) break;
    visited.push(here);
  }
  const [a, b] = visited.at(-1) as [number, number];
  const height = valley(torch.tensor(a), torch.tensor(b)).item() as number;
  const label = `after ${visited.length - 1} steps at (${a.toFixed(3)}, ${b.toFixed(3)}), height ${height.toPrecision(3)}`;
  return [{ label, x: visited.map(([a]) => a), y: visited.map(([, b]) => b) }];
}

const rate = (values: readonly number[], usual: number): Argument => ({
  name: "lr",
  meaning: "the learning rate",
  values,
  usual,
});

type Text = Omit<Entry, "curves" | "type" | "run"> & { readonly type?: readonly string[] };

const entry = (text: Text, make: Make): Entry => ({
  type: ["first order"],
  ...text,
  curves: (values) => path(make, values),
});

const plain: Entry[] = [
  entry(
    {
      name: "SGD",
      alias: "stochastic gradient descent",
      formula: String.raw`b \leftarrow \mu b + g, \quad \theta \leftarrow \theta - \gamma\, b`,
      pros: ["One number a parameter, or none", "Often the best result in the end, with a good schedule"],
      cons: ["The rate must be found", "Slow along flat valleys without momentum"],
      use: ["Convolutional networks, with momentum 0.9"],
      args: [
        rate([0.01, 0.03, 0.1, 0.2, 0.4, 0.5], 0.1),
        {
          name: "momentum",
          meaning: "μ, how much of the last step goes on",
          values: [0, 0.5, 0.8, 0.9, 0.95],
          usual: 0.9,
        },
      ],
      code: "new optim.SGD(model.parameters(), { lr: 0.1, momentum: 0.9 })",
    },
    (params, lr = 0.1, momentum = 0.9) => new optim.SGD(params, { lr, momentum }),
  ),
  entry(
    {
      name: "ASGD",
      alias: "averaged stochastic gradient descent",
      formula: String.raw`\theta \leftarrow \theta - \eta\, g, \quad \bar\theta \leftarrow \text{mean of the last } \theta`,
      pros: ["The mean of many steps is calmer than the last one"],
      cons: ["The mean is kept beside the parameters: one has to use it"],
      use: ["Language models of recurrent layers"],
      args: [rate([0.01, 0.03, 0.1, 0.2, 0.4], 0.1)],
      code: "new optim.ASGD(model.parameters(), { lr: 0.01 })",
    },
    (params, lr = 0.1) => new optim.ASGD(params, { lr }),
  ),
  entry(
    {
      name: "Rprop",
      alias: "resilient propagation",
      formula: String.raw`\theta \leftarrow \theta - \eta \operatorname{sign}(g), \quad \eta \text{ grows while the sign stays}`,
      pros: ["Only signs count: no scale to choose"],
      cons: ["Gradients of small batches change their sign by chance"],
      use: ["Whole data sets at once"],
      args: [rate([0.001, 0.01, 0.05, 0.1], 0.01)],
      code: "new optim.Rprop(model.parameters(), { lr: 0.01 })",
    },
    (params, lr = 0.01) => new optim.Rprop(params, { lr }),
  ),
];

const adaptive: Entry[] = [
  entry(
    {
      name: "Adagrad",
      formula: String.raw`s \leftarrow s + g^2, \quad \theta \leftarrow \theta - \gamma\, g / \sqrt{s}`,
      pros: ["Rare features keep a large rate"],
      cons: ["Steps only ever get smaller"],
      use: ["Sparse features"],
      args: [rate([0.03, 0.1, 0.3, 0.6, 1], 0.3)],
      code: "new optim.Adagrad(model.parameters(), { lr: 0.01 })",
    },
    (params, lr = 0.3) => new optim.Adagrad(params, { lr }),
  ),
  entry(
    {
      name: "Adadelta",
      formula: String.raw`\Delta = \frac{\sqrt{u}}{\sqrt{s}}\, g, \quad \theta \leftarrow \theta - \gamma \Delta, \quad u \leftarrow \text{mean of } \Delta^2`,
      pros: ["Hardly a rate to choose"],
      cons: ["Starts very slowly"],
      use: ["Where nobody wants to look for a rate"],
      args: [rate([0.5, 1, 5, 20, 60], 20)],
      code: "new optim.Adadelta(model.parameters(), { lr: 1 })",
    },
    (params, lr = 20) => new optim.Adadelta(params, { lr }),
  ),
  entry(
    {
      name: "RMSprop",
      formula: String.raw`s \leftarrow \alpha s + (1-\alpha) g^2, \quad \theta \leftarrow \theta - \gamma\, g / \sqrt{s}`,
      pros: ["Every parameter has a rate that fits its gradients"],
      cons: ["Trembles around the goal unless the rate falls"],
      use: ["Recurrent networks, reinforcement learning"],
      args: [rate([0.003, 0.01, 0.03, 0.1], 0.03)],
      code: "new optim.RMSprop(model.parameters(), { lr: 0.01 })",
    },
    (params, lr = 0.03) => new optim.RMSprop(params, { lr }),
  ),
  entry(
    {
      name: "Adam",
      formula: String.raw`\theta \leftarrow \theta - \gamma\, \hat m / (\sqrt{\hat v} + \epsilon), \quad m, v \text{: means of } g, g^2`,
      pros: ["Works at once on nearly everything", "Momentum and rates of their own"],
      cons: ["Two numbers a parameter", "Weight decay is mixed into the gradient: AdamW does it right"],
      use: ["The first try"],
      args: [
        rate([0.01, 0.03, 0.1, 0.2, 0.4], 0.1),
        { name: "beta1", meaning: "β₁, the memory of the mean", values: [0, 0.5, 0.9, 0.95], usual: 0.9 },
      ],
      code: "new optim.Adam(model.parameters(), { lr: 1e-3 })",
    },
    (params, lr = 0.1, beta = 0.9) => new optim.Adam(params, { lr, betas: [beta, 0.999] }),
  ),
  entry(
    {
      name: "AdamW",
      formula: String.raw`\theta \leftarrow (1 - \gamma\lambda)\,\theta - \gamma\, \hat m / (\sqrt{\hat v} + \epsilon)`,
      pros: ["Weights shrink by themselves, whatever the gradient"],
      cons: ["Two numbers a parameter"],
      use: ["Transformers"],
      args: [
        rate([0.01, 0.03, 0.1, 0.2, 0.4], 0.1),
        { name: "weightDecay", meaning: "λ, how fast weights shrink", values: [0, 0.01, 0.1, 0.5], usual: 0.01 },
      ],
      code: "new optim.AdamW(model.parameters(), { lr: 1e-3, weightDecay: 0.01 })",
    },
    (params, lr = 0.1, weightDecay = 0.01) => new optim.AdamW(params, { lr, weightDecay }),
  ),
  entry(
    {
      name: "NAdam",
      formula: String.raw`\text{Adam that looks one step of momentum ahead}`,
      pros: ["Brakes earlier than Adam"],
      cons: ["One more number to know of"],
      use: ["Where Adam overshoots"],
      args: [rate([0.01, 0.03, 0.1, 0.2, 0.4], 0.1)],
      code: "new optim.NAdam(model.parameters(), { lr: 2e-3 })",
    },
    (params, lr = 0.1) => new optim.NAdam(params, { lr }),
  ),
  entry(
    {
      name: "RAdam",
      formula: String.raw`\text{Adam whose first steps are those of SGD with momentum, until } v \text{ is known well}`,
      pros: ["Needs no warm-up"],
      cons: ["Slower at first"],
      use: ["Where Adam is unsteady in the beginning"],
      args: [rate([0.01, 0.03, 0.1, 0.2, 0.4], 0.1)],
      code: "new optim.RAdam(model.parameters(), { lr: 1e-3 })",
    },
    (params, lr = 0.1) => new optim.RAdam(params, { lr }),
  ),
  entry(
    {
      name: "Adamax",
      formula: String.raw`u \leftarrow \max(\beta_2 u, |g|), \quad \theta \leftarrow \theta - \gamma\, \hat m / u`,
      pros: ["Bounded steps, also for rare large gradients"],
      cons: ["One large gradient keeps steps small for long"],
      use: ["Embeddings"],
      args: [rate([0.01, 0.03, 0.1, 0.2, 0.4], 0.1)],
      code: "new optim.Adamax(model.parameters(), { lr: 2e-3 })",
    },
    (params, lr = 0.1) => new optim.Adamax(params, { lr }),
  ),
];

const second: Entry[] = [
  entry(
    {
      name: "LBFGS",
      formula: String.raw`\theta \leftarrow \theta - \gamma\, H g, \quad H \text{ guessed from the last steps}`,
      type: ["second order", "asks for the loss anew"],
      pros: ["Few steps on smooth problems"],
      cons: ["Needs a closure, whole batches and memory"],
      use: ["Small problems in float64, style transfer"],
      args: [rate([0.05, 0.1, 0.3, 1], 0.1)],
      code: "new optim.LBFGS(model.parameters(), { lr: 1 })",
    },
    (params, lr = 0.1) => new optim.LBFGS(params, { lr, maxIter: 1 }),
  ),
];

const matrices: Entry[] = [
  entry(
    {
      name: "Muon",
      alias: "momentum orthogonalized by Newton and Schulz",
      formula: String.raw`B \leftarrow \mu B + g, \quad \theta \leftarrow \theta - \gamma\, U V^{\!\top} \text{ where } g + \mu B = U \Sigma V^{\!\top}`,
      pros: ["All directions of a matrix are learnt alike, the rare ones too", "One number a parameter"],
      cons: ["For matrices alone: biases, norms and embeddings need another optimizer beside it"],
      use: ["The hidden layers of transformers"],
      args: [
        rate([0.01, 0.02, 0.05, 0.1], 0.05),
        {
          name: "momentum",
          meaning: "μ, how much of the last step goes on",
          values: [0.5, 0.8, 0.9, 0.95],
          usual: 0.8,
        },
      ],
      code: "new optim.Muon(matrices, { lr: 1e-3, momentum: 0.95 })",
    },
    (params, lr = 0.05, momentum = 0.8) => new optim.Muon(params, { lr, momentum, weightDecay: 0 }),
  ),
  entry(
    {
      name: "Adafactor",
      alias: "Adam with sublinear memory",
      formula: String.raw`\begin{gathered} u = g \big/ \sqrt{r\, c^{\top} / \operatorname{mean}(r)} \\ \theta \leftarrow \theta - \rho \max(\epsilon, \lVert\theta\rVert)\, u / \max(1, \lVert u \rVert / d) \end{gathered}`,
      pros: [
        "A row and a column of squares in the place of a matrix of them",
        "Steps are in proportion to the parameters",
      ],
      cons: ["No momentum", "Where parameters are small, so are the steps"],
      use: ["Large models that hardly fit the memory"],
      args: [rate([0.01, 0.03, 0.1, 0.3], 0.1)],
      code: "new optim.Adafactor(model.parameters(), { lr: 0.01 })",
    },
    (params, lr = 0.1) => new optim.Adafactor(params, { lr }),
  ),
];

export const optimizers: Group[] = [
  { title: "Gradient descent", about: "One rate for all parameters.", entries: plain },
  {
    title: "With a rate for each parameter",
    about: "Steep directions get small steps, flat ones large.",
    entries: adaptive,
  },
  {
    title: "For matrices",
    about: "A parameter is seen as a matrix, not as so many numbers. Here it is one row with the two coordinates.",
    entries: matrices,
  },
  { title: "With curvature", about: "How the slope changes is learnt on the way.", entries: second },
];
