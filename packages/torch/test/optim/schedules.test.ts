/** Rates and momenta of every schedule over 60 steps against PyTorch's; state dicts and errors; averages of models. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import torch, { nn, optim, type Tensor } from "../../src/index.js";

const { lrScheduler, swaUtils } = optim;
type LRScheduler = optim.lrScheduler.LRScheduler;

interface Case {
  readonly kind: string;
  readonly options: Record<string, unknown>;
  readonly of?: readonly Case[];
}

interface Recorded extends Case {
  readonly optimizer: "SGD" | "Adam" | "Adagrad";
  /** The rates of both groups at the start and after each step. */
  readonly rates: readonly (readonly number[])[];
  readonly momenta?: readonly (readonly number[])[];
  /** By how much the epoch grows that is given to `step`. */
  readonly stride?: number;
  /** Epochs given to `step`, each with the rates to which it leads. */
  readonly epochs?: readonly (readonly number[])[];
}

const file = new URL("../../../test/optim/schedules.json.gz", import.meta.url);
const golden = JSON.parse(gunzipSync(readFileSync(file)).toString()) as {
  readonly schedules: readonly Recorded[];
  readonly averages: Record<"swa" | "ema" | "buffers", { weight: number[][]; seen: number[] }> & { keys: string[] };
};

const functions: Record<string, (x: number) => number> = {
  inverse: (epoch) => 1 / (1 + epoch),
  falling: () => 0.95,
  rising: (x) => Math.min(1, x / 50),
};

function metric(step: number): number {
  return Math.max(0.1, 1 - 0.05 * step) + 0.01 * (step % 3);
}

function makeOptimizer(name: Recorded["optimizer"] = "SGD"): optim.Optimizer {
  const param = () => torch.zeros(2, { requiresGrad: true });
  const groups = [{ params: [param()] }, { params: [param()], lr: 0.5 }];
  if (name === "SGD") return new optim.SGD(groups, { lr: 0.05, momentum: 0.7 });
  return new optim[name](groups, { lr: 0.05 });
}

type Maker = new (...args: unknown[]) => LRScheduler;
const makers = { ...lrScheduler, SWALR: swaUtils.SWALR } as unknown as Record<string, Maker>;
/** Options that stand in a place of their own. */
const required: Record<string, readonly string[]> = {
  LambdaLR: ["lrLambda"],
  MultiplicativeLR: ["lrLambda"],
  StepLR: ["stepSize"],
  MultiStepLR: ["milestones"],
  ExponentialLR: ["gamma"],
  CosineAnnealingLR: ["TMax"],
  CosineAnnealingWarmRestarts: ["T0"],
  CyclicLR: ["baseLr", "maxLr"],
  OneCycleLR: ["maxLr"],
  SequentialLR: ["milestones"],
  SWALR: ["swaLr"],
};

function withFunctions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withFunctions);
  return typeof value === "string" ? (functions[value] ?? value) : value;
}

function make({ kind, options, of }: Case, optimizer: optim.Optimizer): LRScheduler {
  const inner = of?.map((one) => make(one, optimizer));
  if (kind === "ChainedScheduler") return new lrScheduler.ChainedScheduler(inner as LRScheduler[]);
  const rest = Object.fromEntries(Object.entries(options).map(([name, value]) => [name, withFunctions(value)]));
  const places = (required[kind] ?? []).map((name) => {
    const value = rest[name];
    delete rest[name];
    return value;
  });
  return new (makers[kind] as Maker)(optimizer, ...(inner ? [inner] : []), ...places, rest);
}

function assertNear(actual: readonly number[], wanted: readonly number[], what: string): void {
  wanted.forEach((value, i) => {
    const got = actual[i] as number;
    assert.ok(Math.abs(got - value) <= 1e-12 * Math.max(1, Math.abs(value)), `${what}: ${got}, PyTorch has ${value}`);
  });
}

const ratesOf = ({ paramGroups }: optim.Optimizer): number[] => paramGroups.map(({ lr }) => lr);
const momentaOf = ({ paramGroups }: optim.Optimizer): number[] => paramGroups.map((g) => g.betas?.[0] ?? g.momentum);

function stepOf(recorded: Recorded, scheduler: LRScheduler, step: number): void {
  if (recorded.kind === "ReduceLROnPlateau") scheduler.step(metric(step));
  else if (recorded.stride !== undefined) scheduler.step(recorded.stride * step);
  else scheduler.step();
}

const nameOf = ({ kind, options, of }: Case): string =>
  `${kind} ${JSON.stringify(options)}${of ? ` of ${of.map(nameOf).join(", ")}` : ""}`;

for (const recorded of golden.schedules) {
  const { rates, momenta, epochs } = recorded;
  const check = (optimizer: optim.Optimizer, i: number) => {
    assertNear(ratesOf(optimizer), rates[i] as number[], `rate ${i}`);
    if (momenta) assertNear(momentaOf(optimizer), momenta[i] as number[], `momentum ${i}`);
  };

  test(nameOf(recorded), () => {
    const optimizer = makeOptimizer(recorded.optimizer);
    const scheduler = make(recorded, optimizer);
    check(optimizer, 0);
    for (let i = 1; i < rates.length; i++) {
      optimizer.step();
      stepOf(recorded, scheduler, i - 1);
      check(optimizer, i);
      assert.deepEqual(scheduler.getLastLr(), ratesOf(optimizer));
    }
  });

  test(`${nameOf(recorded)} goes on from state dicts, also through their recorded form`, () => {
    const start = () => {
      const optimizer = makeOptimizer(recorded.optimizer);
      return { optimizer, scheduler: make(recorded, optimizer) };
    };
    const first = start();
    for (let i = 1; i <= 20; i++) {
      first.optimizer.step();
      stepOf(recorded, first.scheduler, i - 1);
    }
    const second = start();
    second.optimizer.loadStateDict(first.optimizer.stateDict());
    second.scheduler.loadStateDict(structuredClone(first.scheduler.stateDict()));
    assert.deepEqual(second.scheduler.stateDict(), first.scheduler.stateDict());
    for (let i = 21; i < rates.length; i++) {
      second.optimizer.step();
      stepOf(recorded, second.scheduler, i - 1);
      check(second.optimizer, i);
    }
  });

  if (epochs) {
    test(`${nameOf(recorded)} at epochs that are given`, () => {
      const optimizer = makeOptimizer(recorded.optimizer);
      const scheduler = make(recorded, optimizer);
      for (const [epoch, ...wanted] of epochs) {
        scheduler.step(epoch);
        assertNear(scheduler.getLastLr(), wanted, `epoch ${epoch}`);
      }
    });
  }
}

test("the state dicts of schedules have PyTorch's keys", () => {
  const common = ["_get_lr_called_within_step", "_is_initial", "_last_lr", "_step_count", "base_lrs", "last_epoch"];
  const cycling = ["base_momentums", "cycle_momentum", "max_momentums", "use_beta1"];
  const keys: [LRScheduler, string[]][] = [
    [new lrScheduler.StepLR(makeOptimizer(), 3), [...common, "gamma", "step_size"]],
    [new lrScheduler.LambdaLR(makeOptimizer(), () => 1), [...common, "lr_lambdas"]],
    [new lrScheduler.CosineAnnealingLR(makeOptimizer(), 3), [...common, "T_max", "eta_min"]],
    [
      new lrScheduler.CosineAnnealingWarmRestarts(makeOptimizer(), 3),
      [...common, "T_0", "T_cur", "T_i", "T_mult", "eta_min"],
    ],
    [
      new lrScheduler.CyclicLR(makeOptimizer(), 0.1, 1),
      [...common, ...cycling, "_scale_fn_custom", "gamma", "max_lrs", "mode", "scale_mode", "step_ratio", "total_size"],
    ],
    [
      new lrScheduler.OneCycleLR(makeOptimizer(), 1, 10),
      [...common, "_anneal_func_type", "_schedule_phases", "cycle_momentum", "total_steps", "use_beta1"],
    ],
    [new swaUtils.SWALR(makeOptimizer(), 1), [...common, "_anneal_strategy", "anneal_epochs"]],
  ];
  for (const [scheduler, wanted] of keys) assert.deepEqual(Object.keys(scheduler.stateDict()).sort(), wanted.sort());
  const multi = new lrScheduler.MultiStepLR(makeOptimizer(), [3, 3, 5]).stateDict();
  assert.deepEqual(
    multi.milestones,
    new Map([
      [3, 2],
      [5, 1],
    ]),
  );
  const optimizer = makeOptimizer();
  const chained = new lrScheduler.ChainedScheduler([new lrScheduler.ConstantLR(optimizer)]).stateDict();
  assert.deepEqual(Object.keys(chained).sort(), ["_last_lr", "_schedulers"]);
  assert.equal((chained._schedulers as Record<string, unknown>[])[0]?.factor, 1 / 3);
});

test("a state dict is a copy, and of functions only their properties are kept", () => {
  const optimizer = makeOptimizer();
  const decay = Object.assign((epoch: number) => decay.base ** epoch, { base: 0.5 });
  const scheduler = new lrScheduler.LambdaLR(optimizer, [decay, (epoch) => epoch]);
  const dict = scheduler.stateDict();
  assert.deepEqual(dict.lr_lambdas, [{ base: 0.5 }, null]);
  (dict._last_lr as number[])[0] = 7;
  assert.notEqual(scheduler.getLastLr()[0], 7);
  scheduler.loadStateDict({ ...dict, lr_lambdas: [{ base: 0.25 }, null] });
  assert.equal(decay.base, 0.25);
  assert.throws(() => scheduler.loadStateDict(null as never), TypeError);
});

test("a state dict of another version is loaded without what is not known, and changes no method", () => {
  const scheduler = new lrScheduler.StepLR(makeOptimizer(), 3);
  const { optimizer } = scheduler;
  const dict = JSON.parse('{ "verbose": false, "step": 1, "optimizer": 2, "__proto__": 3, "gamma": 0.25 }');
  scheduler.loadStateDict(dict);
  assert.ok(!("verbose" in scheduler) && scheduler instanceof lrScheduler.StepLR);
  assert.deepEqual([typeof scheduler.step, scheduler.optimizer, scheduler.gamma], ["function", optimizer, 0.25]);
});

test("a schedule refuses what it cannot follow", () => {
  const optimizer = makeOptimizer();
  const build = (kind: string, ...args: unknown[]) => new (makers[kind] as Maker)(...args);
  const plateau = new lrScheduler.ReduceLROnPlateau(optimizer);
  const step = new lrScheduler.StepLR(optimizer, 3);
  const cases: [() => unknown, RegExp][] = [
    [() => build("StepLR", 3, 1), /int is not an Optimizer/],
    [() => build("StepLR", optimizer, 3, 0.1, { last: 1 }), /unexpected option 'last'/],
    [
      () => build("StepLR", makeOptimizer(), 3, 0.1, 5),
      /param 'initial_lr' is not specified in param_groups\[0\] when/,
    ],
    [() => build("LambdaLR", optimizer, [() => 1]), /Expected 2 lr_lambdas, but got 1/],
    [() => build("MultiplicativeLR", optimizer, 0.5), /lr_lambda should be a function, but got float/],
    [() => build("ConstantLR", optimizer, 2), /Constant multiplicative factor expected to be between 0 and 1./],
    [() => build("LinearLR", optimizer, 0), /Starting multiplicative factor expected to be greater than 0 and less/],
    [() => build("LinearLR", optimizer, 1, 2), /Ending multiplicative factor expected to be between 0 and 1./],
    [() => build("ReduceLROnPlateau", optimizer, { factor: 1 }), /Factor should be < 1.0./],
    [() => build("ReduceLROnPlateau", optimizer, { minLr: [1] }), /expected 2 min_lrs, got 1/],
    [() => build("ReduceLROnPlateau", optimizer, { mode: "best" }), /'mode' must be one of "min", "max"/],
    [() => plateau.step(), /missing 1 required argument: 'metrics'/],
    [() => build("CyclicLR", makeOptimizer("Adagrad"), 0.1, 1), /optimizer must support momentum or beta1/],
    [
      () => build("CyclicLR", optimizer, [0.1], 1),
      /base_lr must have the same length as optimizer.param_groups. base_lr/,
    ],
    [() => build("OneCycleLR", optimizer, 1), /You must define either total_steps OR \(epochs AND steps_per_epoch\)/],
    [() => build("OneCycleLR", optimizer, 1, -3), /Expected positive integer total_steps, but got -3/],
    [() => build("OneCycleLR", optimizer, 1, { epochs: 0.5, stepsPerEpoch: 3 }), /Expected positive integer epochs/],
    [
      () => build("OneCycleLR", optimizer, 1, 10, { pctStart: 2 }),
      /Expected float between 0 and 1 pct_start, but got 2/,
    ],
    [() => build("CosineAnnealingWarmRestarts", optimizer, 0), /Expected positive integer T_0, but got 0/],
    [() => build("CosineAnnealingWarmRestarts", optimizer, 2, 0.5), /Expected integer T_mult >= 1, but got 0.5/],
    [
      () => new lrScheduler.CosineAnnealingWarmRestarts(optimizer, 2).step(-1),
      /Expected non-negative epoch, but got -1/,
    ],
    [() => build("ChainedScheduler", []), /ChainedScheduler expects at least one scheduler to be chained, but got no/],
    [() => build("ChainedScheduler", [plateau]), /does not support `ReduceLROnPlateau` scheduler as it requires/],
    [
      () => build("ChainedScheduler", [step, 3]),
      /ChainedScheduler at index 1 should have `optimizer` as its attribute/,
    ],
    [
      () => build("ChainedScheduler", [step], makeOptimizer()),
      /expects all schedulers to belong to the same optimizer/,
    ],
    [
      () => build("SequentialLR", optimizer, [], []),
      /SequentialLR expects at least one scheduler, but got no scheduler/,
    ],
    [() => build("SequentialLR", optimizer, [step], [1]), /number of schedulers 1 and the number of milestones to be/],
    [() => build("SWALR", optimizer, [1]), /swa_lr must have the same length as optimizer.param_groups/],
    [() => build("LambdaLR", optimizer, new Array(2 ** 32 - 1)), /Expected 2 lr_lambdas, but got 4294967295/],
    [() => build("ChainedScheduler", new Array(2 ** 32 - 1)), /a list of 4294967295 items is too long/],
    [() => build("CyclicLR", optimizer, new Array(2 ** 32 - 1), 1), /a list of 4294967295 items is too long/],
    [() => step.step("1" as never), /argument 'epoch' must be float, not "1"/],
    [() => build("LambdaLR", optimizer, () => 1).loadStateDict({}), /expected `lr_lambdas` of 2 groups/],
    [() => build("SWALR", optimizer, 1, -1), /anneal_epochs must be equal or greater than 0, got -1/],
  ];
  for (const [run, message] of cases) assert.throws(run, message);
  const short = new lrScheduler.OneCycleLR(optimizer, 1, 2);
  for (let i = 0; i < 2; i++) short.step();
  assert.throws(() => short.step(), /Tried to step 3 times. The specified number of total steps is 2/);
});

test("a refused schedule leaves the optimizer as it was", () => {
  const optimizer = makeOptimizer("Adagrad");
  const before = String(optimizer);
  assert.throws(() => new lrScheduler.CyclicLR(optimizer, 0.1, 1));
  assert.throws(() => new lrScheduler.OneCycleLR(optimizer, 0.1, 10));
  assert.throws(() => new swaUtils.SWALR(optimizer, [1]));
  assert.equal(String(optimizer), before);
});

test("an optimizer with a schedule can be copied, and takes steps as before", () => {
  const p = torch.ones(1, { requiresGrad: true });
  const optimizer = new optim.SGD([p], { lr: 0.5 });
  const scheduler = new lrScheduler.ExponentialLR(optimizer, 0.5);
  p.grad = torch.ones(1);
  assert.equal(
    optimizer.step(() => 3),
    3,
  );
  scheduler.step();
  const [twin, copy] = torch.deepcopy([p, optimizer] as const);
  copy.step();
  assert.deepEqual([p.item(), twin.item(), optimizer.paramGroups[0]?.lr], [0.5, 0.25, 0.25]);
});

test("a model's averages", () => {
  const weight = (i: number) =>
    torch.tensor([[0, 1, 2].map((k) => ((7 * k + 5 * i) % 11) / 4 - 1)], { dtype: torch.float64 });
  class Seeing extends nn.Linear {
    constructor() {
      super(3, 1, { bias: false });
      this.to(torch.float64);
      this.registerBuffer("seen", torch.zeros(1, { dtype: torch.float64 }));
    }
  }
  const seenOf = (model: Seeing) => (model as unknown as { seen: Tensor }).seen;
  const ema = swaUtils.getEmaAvgFn(0.9);
  const ways = {
    swa: [{}, { avgFn: swaUtils.getSwaAvgFn() }, { multiAvgFn: swaUtils.getSwaMultiAvgFn() }],
    ema: [{ avgFn: ema }, { multiAvgFn: swaUtils.getEmaMultiAvgFn(0.9) }],
    buffers: [
      { avgFn: ema, useBuffers: true },
      { multiAvgFn: swaUtils.getEmaMultiAvgFn(0.9), useBuffers: true },
    ],
  };
  for (const [name, all] of Object.entries(ways) as [keyof typeof ways, optim.swaUtils.AveragedModelOptions[]][]) {
    for (const options of all) {
      const model = new Seeing();
      const average = new swaUtils.AveragedModel(model, options);
      for (let i = 0; i < 5; i++) {
        model.weight.data = weight(i);
        seenOf(model).fill_(i ** 2);
        average.updateParameters(model);
      }
      assertNear(average.module.weight.flatten().tolist() as number[], golden.averages[name].weight.flat(), name);
      // Since 2.0 buffers that are not averaged are those of the model.
      const seen = options.useBuffers ? golden.averages.buffers.seen : [16];
      assertNear(seenOf(average.module).tolist() as number[], seen, `${name}: buffer`);
      assert.deepEqual(Object.keys(average.stateDict()).sort(), golden.averages.keys.toSorted());
      assert.equal(average.nAveraged.item(), 5);
      const x = torch.ones(1, 3, { dtype: torch.float64 });
      assert.ok((average(x) as Tensor).equal(average.module(x)));
      assert.equal(torch.deepcopy(average).nAveraged.item(), 5);
    }
  }
  const average = new swaUtils.AveragedModel(new nn.Linear(2, 1));
  assert.throws(() => average.updateParameters(new nn.Linear(3, 1)), /tensor 0 of the model has the size \[1, 3\]/);
  assert.throws(() => average.updateParameters(new nn.Linear(2, 1, { bias: false })), /the model has 1 tensors to/);
  assert.equal(average.nAveraged.item(), 0);
  const both = { avgFn: ema, multiAvgFn: swaUtils.getSwaMultiAvgFn() };
  assert.throws(() => new swaUtils.AveragedModel(new Seeing(), both), /Only one of avg_fn and multi_avg_fn should be/);
  assert.throws(() => swaUtils.getEmaAvgFn(1.5), /Invalid decay value 1.5 provided. Please provide a value in \[0,1\]/);
});

test("updateBn computes the running statistics anew, and leaves momentum and mode as they were", () => {
  torch.manualSeed(0);
  const model = new nn.Sequential(new nn.Linear(3, 4), new nn.BatchNorm1d(4, { momentum: 0.3 }));
  const norm = model.at(1) as nn.BatchNorm1d;
  const batches = [torch.randn(8, 3), torch.randn(8, 3)];
  model(torch.randn(8, 3).mul(100));
  model.eval();
  swaUtils.updateBn(
    batches.map((batch) => [batch, "label"]),
    model,
  );
  const hidden = batches.map((batch) => (model.at(0) as nn.Linear)(batch));
  const mean = torch.stack(hidden.map((x) => x.mean(0))).mean(0);
  const variance = torch.stack(hidden.map((x) => x.var(0))).mean(0);
  assert.ok(norm.runningMean?.allclose(mean, { rtol: 1e-4, atol: 1e-5 }));
  assert.ok(norm.runningVar?.allclose(variance, { rtol: 1e-4, atol: 1e-5 }));
  assert.deepEqual(
    [norm.momentum, norm.numBatchesTracked?.item(), model.training, norm.training],
    [0.3, 2, false, false],
  );
  swaUtils.updateBn(batches, new nn.Linear(3, 1));
});
