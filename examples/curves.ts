/**
 * The numbers behind two kinds of pictures: the paths of optimizers down a valley, and learning rates over steps.
 *
 *     node examples/dist/curves.js           where the paths end, and some of the rates
 *     node examples/dist/curves.js --json    all of them
 */
import torch, { optim, type Tensor } from "flambeau";

/** Rosenbrock's valley, whose floor is flat and bends; its lowest point is (1, 1). */
export function valley(point: Tensor): Tensor {
  const [x, y] = [point.at(0), point.at(1)];
  return x.sub(1).square().add(y.sub(x.square()).square().mul(100));
}

const start = [-1.5, 2];

/** Each optimizer with a rate at which it finds its way. */
export const optimizers: Record<string, (params: Tensor[]) => optim.Optimizer> = {
  SGD: (params) => new optim.SGD(params, { lr: 5e-4 }),
  "SGD with momentum": (params) => new optim.SGD(params, { lr: 5e-4, momentum: 0.9 }),
  "SGD with Nesterov momentum": (params) => new optim.SGD(params, { lr: 5e-4, momentum: 0.9, nesterov: true }),
  Adadelta: (params) => new optim.Adadelta(params, { lr: 40 }),
  Adagrad: (params) => new optim.Adagrad(params, { lr: 1.5 }),
  Adam: (params) => new optim.Adam(params, { lr: 0.1 }),
  AdamW: (params) => new optim.AdamW(params, { lr: 0.1 }),
  Adamax: (params) => new optim.Adamax(params, { lr: 0.3 }),
  ASGD: (params) => new optim.ASGD(params, { lr: 5e-4 }),
  NAdam: (params) => new optim.NAdam(params, { lr: 0.1 }),
  RAdam: (params) => new optim.RAdam(params, { lr: 5e-3 }),
  RMSprop: (params) => new optim.RMSprop(params, { lr: 0.02 }),
  Rprop: (params) => new optim.Rprop(params, { lr: 0.01 }),
  LBFGS: (params) => new optim.LBFGS(params, { lineSearchFn: "strong_wolfe", maxIter: 1 }),
};

/** The points through which an optimizer goes down the valley, the first one included. */
export function pathOf(make: (params: Tensor[]) => optim.Optimizer, steps: number): number[][] {
  const point = torch.tensor(start, { dtype: torch.float64, requiresGrad: true });
  const optimizer = make([point]);
  const path = [point.tolist() as number[]];
  for (let i = 0; i < steps; i++) {
    optimizer.step(() => {
      optimizer.zeroGrad();
      const loss = valley(point);
      loss.backward();
      return loss;
    });
    path.push(point.tolist() as number[]);
  }
  return path;
}

const { lrScheduler } = optim;

/** Each schedule over a hundred steps from a rate of 1. */
export const schedules: Record<string, (optimizer: optim.Optimizer) => optim.lrScheduler.LRScheduler> = {
  LambdaLR: (optimizer) => new lrScheduler.LambdaLR(optimizer, (epoch) => 0.96 ** epoch),
  MultiplicativeLR: (optimizer) => new lrScheduler.MultiplicativeLR(optimizer, (epoch) => (epoch < 50 ? 0.97 : 0.9)),
  StepLR: (optimizer) => new lrScheduler.StepLR(optimizer, 25, 0.4),
  MultiStepLR: (optimizer) => new lrScheduler.MultiStepLR(optimizer, [20, 60, 80], 0.3),
  ConstantLR: (optimizer) => new lrScheduler.ConstantLR(optimizer, 0.3, 20),
  LinearLR: (optimizer) => new lrScheduler.LinearLR(optimizer, 0.1, 1, 30),
  ExponentialLR: (optimizer) => new lrScheduler.ExponentialLR(optimizer, 0.96),
  PolynomialLR: (optimizer) => new lrScheduler.PolynomialLR(optimizer, 100, 2),
  CosineAnnealingLR: (optimizer) => new lrScheduler.CosineAnnealingLR(optimizer, 50),
  CosineAnnealingWarmRestarts: (optimizer) => new lrScheduler.CosineAnnealingWarmRestarts(optimizer, 14, 2),
  ChainedScheduler: (optimizer) =>
    new lrScheduler.ChainedScheduler([
      new lrScheduler.ConstantLR(optimizer, 0.3, 20),
      new lrScheduler.ExponentialLR(optimizer, 0.98),
    ]),
  SequentialLR: (optimizer) =>
    new lrScheduler.SequentialLR(
      optimizer,
      [new lrScheduler.LinearLR(optimizer, 0.1, 1, 10), new lrScheduler.CosineAnnealingLR(optimizer, 90)],
      [10],
    ),
  CyclicLR: (optimizer) => new lrScheduler.CyclicLR(optimizer, 0.1, 1, 12, { mode: "triangular2" }),
  OneCycleLR: (optimizer) => new lrScheduler.OneCycleLR(optimizer, 1, 101),
  SWALR: (optimizer) => new optim.swaUtils.SWALR(optimizer, 0.2, 40),
};

/** The rates of a schedule, the first one included. */
export function ratesOf(make: (optimizer: optim.Optimizer) => optim.lrScheduler.LRScheduler, steps: number): number[] {
  const optimizer = new optim.SGD([torch.zeros(1, { requiresGrad: true })], { lr: 1, momentum: 0.9 });
  const scheduler = make(optimizer);
  const rates = scheduler.getLastLr().slice(0, 1);
  for (let i = 0; i < steps; i++) {
    optimizer.step();
    scheduler.step();
    rates.push(scheduler.getLastLr()[0] as number);
  }
  return rates;
}

const steps = 100;
const paths = Object.fromEntries(Object.entries(optimizers).map(([name, make]) => [name, pathOf(make, 3 * steps)]));
const rates = Object.fromEntries(Object.entries(schedules).map(([name, make]) => [name, ratesOf(make, steps)]));

if (process.argv.includes("--json")) {
  console.log(JSON.stringify({ paths, rates }));
} else {
  const digits = (numbers: readonly number[]) => numbers.map((number) => number.toFixed(3)).join("  ");
  for (const [name, path] of Object.entries(paths)) console.log(`${name}: ${digits(path.at(-1) as number[])}`);
  for (const [name, list] of Object.entries(rates)) {
    console.log(`${name}: ${digits([0, 10, 25, 50, 75, 100].map((at) => list[at] as number))}`);
  }
}
