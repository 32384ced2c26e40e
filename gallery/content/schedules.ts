/** Schedules: the learning rate over a hundred steps. */
import torch, { optim } from "flambeau";
import type { Argument, Curve, Entry, Group } from "./entry.js";

const count = 100;
const { lrScheduler } = optim;

type Make = (
  optimizer: optim.SGD,
  ...values: number[]
) => InstanceType<typeof lrScheduler.LRScheduler> | InstanceType<typeof lrScheduler.ReduceLROnPlateau>;

/** The rate at each step, from a rate of 1. */
function rates(make: Make, values: readonly number[]): Curve[] {
  const optimizer = new optim.SGD([torch.zeros(1).requiresGrad_()], { lr: 1, momentum: 0.9 });
  const scheduler = make(optimizer, ...values);
  const y: number[] = [];
  for (let step = 0; step < count; step++) {
    y.push((optimizer.paramGroups[0] as { lr: number }).lr);
    optimizer.step();
    // A loss that gets no better after a while, for the schedule that looks at it.
    if (scheduler instanceof lrScheduler.ReduceLROnPlateau) scheduler.step(Math.max(1, 3 - step / 10));
    else scheduler.step();
  }
  return [{ label: "rate", x: [...Array(count).keys()], y }];
}

type Text = Omit<Entry, "curves" | "type" | "run" | "pros" | "cons"> & Partial<Pick<Entry, "pros" | "cons">>;

const entry = (text: Text, make: Make): Entry => ({
  type: [],
  pros: [],
  cons: [],
  ...text,
  curves: (values) => rates(make, values),
});

const arg = (name: string, meaning: string, values: readonly number[], usual: number): Argument => ({
  name,
  meaning,
  values,
  usual,
});

const gamma = arg("gamma", "γ, the factor", [0.1, 0.3, 0.5, 0.7, 0.9], 0.5);

const falling: Entry[] = [
  entry(
    {
      name: "StepLR",
      formula: String.raw`\eta_t = \eta_0\, \gamma^{\lfloor t / s \rfloor}`,
      use: ["The classic: a tenth after every third of the training"],
      args: [arg("stepSize", "s, steps between two falls", [10, 20, 30, 50], 30), gamma],
      code: "new lrScheduler.StepLR(optimizer, 30, { gamma: 0.1 })",
    },
    (optimizer, stepSize = 30, factor = 0.5) => new lrScheduler.StepLR(optimizer, stepSize, { gamma: factor }),
  ),
  entry(
    {
      name: "MultiStepLR",
      formula: String.raw`\eta_t = \eta_0\, \gamma^{\#\{m \le t\}}`,
      use: ["Falls at steps of one's own, here 30, 60 and 80"],
      args: [gamma],
      code: "new lrScheduler.MultiStepLR(optimizer, [30, 60, 80], { gamma: 0.1 })",
    },
    (optimizer, factor = 0.5) => new lrScheduler.MultiStepLR(optimizer, [30, 60, 80], { gamma: factor }),
  ),
  entry(
    {
      name: "ExponentialLR",
      formula: String.raw`\eta_t = \eta_0\, \gamma^t`,
      use: ["A steady fall"],
      args: [arg("gamma", "γ, the factor of each step", [0.9, 0.95, 0.97, 0.99], 0.97)],
      code: "new lrScheduler.ExponentialLR(optimizer, 0.97)",
    },
    (optimizer, factor = 0.97) => new lrScheduler.ExponentialLR(optimizer, factor),
  ),
  entry(
    {
      name: "PolynomialLR",
      formula: String.raw`\eta_t = \eta_0 \left(1 - \frac{t}{T}\right)^p`,
      use: ["To 0 at a known end: segmentation, fine-tuning"],
      args: [arg("power", "p, how the line bends", [0.5, 1, 2, 4], 1)],
      code: "new lrScheduler.PolynomialLR(optimizer, { totalIters: 100, power: 1 })",
    },
    (optimizer, power = 1) => new lrScheduler.PolynomialLR(optimizer, { totalIters: count, power }),
  ),
  entry(
    {
      name: "CosineAnnealingLR",
      formula: String.raw`\eta_t = \eta_{\min} + \tfrac{1}{2}(\eta_0 - \eta_{\min})\left(1 + \cos \frac{\pi t}{T}\right)`,
      use: ["The standard of our days: slow, fast, slow"],
      args: [arg("etaMin", "the least rate", [0, 0.1, 0.3], 0)],
      code: "new lrScheduler.CosineAnnealingLR(optimizer, 100)",
    },
    (optimizer, etaMin = 0) => new lrScheduler.CosineAnnealingLR(optimizer, count, { etaMin }),
  ),
  entry(
    {
      name: "ReduceLROnPlateau",
      formula: String.raw`\eta \leftarrow \gamma\, \eta \text{ when the loss has not fallen for so many steps}`,
      use: ["Where nobody knows how long it takes; drawn for a loss that stops falling after 20 steps"],
      args: [gamma, arg("patience", "steps without progress", [5, 10, 20], 10)],
      code: "new lrScheduler.ReduceLROnPlateau(optimizer, { patience: 10 })",
    },
    (optimizer, factor = 0.5, patience = 10) => new lrScheduler.ReduceLROnPlateau(optimizer, { factor, patience }),
  ),
];

const rising: Entry[] = [
  entry(
    {
      name: "LinearLR",
      formula: String.raw`\eta_t = \eta_0 \left(f + (1 - f)\, \tfrac{\min(t, n)}{n}\right)`,
      use: ["Warming up"],
      args: [
        arg("startFactor", "f, where it begins", [0.01, 0.1, 0.333, 0.5], 0.1),
        arg("totalIters", "n, the length", [5, 20, 50], 20),
      ],
      code: "new lrScheduler.LinearLR(optimizer, { startFactor: 0.1, totalIters: 20 })",
    },
    (optimizer, startFactor = 0.1, totalIters = 20) => new lrScheduler.LinearLR(optimizer, { startFactor, totalIters }),
  ),
  entry(
    {
      name: "OneCycleLR",
      formula: String.raw`\text{up to } \eta_{\max} \text{ and down below the start, momentum the other way}`,
      use: ["Training fast: a third of the time up, the rest down"],
      args: [arg("pctStart", "the share of the way up", [0.1, 0.3, 0.5], 0.3)],
      code: "new lrScheduler.OneCycleLR(optimizer, 1, { totalSteps: 100 })",
    },
    (optimizer, pctStart = 0.3) => new lrScheduler.OneCycleLR(optimizer, 1, { totalSteps: count, pctStart }),
  ),
];

const cycles: Entry[] = [
  entry(
    {
      name: "CyclicLR",
      formula: String.raw`\text{up and down between two rates}`,
      use: ["Looking for a good rate, leaving flat places"],
      args: [arg("stepSizeUp", "steps of a way up", [5, 10, 25], 10)],
      code: "new lrScheduler.CyclicLR(optimizer, 0.1, 1, { stepSizeUp: 10 })",
    },
    (optimizer, stepSizeUp = 10) => new lrScheduler.CyclicLR(optimizer, 0.1, 1, { stepSizeUp }),
  ),
  entry(
    {
      name: "CosineAnnealingWarmRestarts",
      formula: String.raw`\text{a cosine of } T_0 \text{ steps, then one that is } T_{\text{mult}} \text{ times as long, and so on}`,
      use: ["A snapshot at the end of each cosine"],
      args: [
        arg("T0", "the length of the first cosine", [10, 15, 25], 15),
        arg("TMult", "how lengths grow", [1, 2, 3], 2),
      ],
      code: "new lrScheduler.CosineAnnealingWarmRestarts(optimizer, 15, { TMult: 2 })",
    },
    (optimizer, T0 = 15, TMult = 2) => new lrScheduler.CosineAnnealingWarmRestarts(optimizer, T0, { TMult }),
  ),
];

export const schedules: Group[] = [
  { title: "That fall", about: "Large steps first, small ones to the end.", entries: falling },
  { title: "That rise first", about: "Small steps until the optimizer knows its gradients.", entries: rising },
  { title: "That go round", about: "Down and up again.", entries: cycles },
];
