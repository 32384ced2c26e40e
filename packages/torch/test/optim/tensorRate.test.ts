/** Rates that are tensors: steps, schedules, dictionaries and texts are those of the number, and the tensor stays. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { nn, optim, type Tensor } from "../../src/index.js";

const { lrScheduler, swaUtils } = optim;

type Rate = number | Tensor;
type Kind = new (params: unknown, options: object) => optim.Optimizer;

const kinds = {
  Adadelta: {},
  Adafactor: {},
  Adagrad: { lrDecay: 0.1 },
  Adam: { weightDecay: 0.1 },
  AdamW: { amsgrad: true },
  Adamax: {},
  ASGD: {},
  LBFGS: { maxIter: 3 },
  Muon: {},
  NAdam: {},
  RAdam: {},
  RMSprop: { momentum: 0.5 },
  Rprop: {},
  SGD: { momentum: 0.9, nesterov: true },
};

const makes = (name: string): Kind => (optim as unknown as Record<string, Kind>)[name] as Kind;
const tensorOf = (value: number): Tensor => torch.tensor(value, { dtype: torch.float64 });

/** A matrix that is flat in memory, and one that has gaps, which no kernel takes. */
function makeParams(): Tensor[] {
  const numbers = torch.arange(12, { dtype: torch.float64 }).div(8).reshape(3, 4);
  return [numbers.sub(0.5), numbers.t()].map((p) => p.detach().requiresGrad_(true));
}

function closureFor(optimizer: optim.Optimizer, params: readonly Tensor[]): () => Tensor {
  return () => {
    optimizer.zeroGrad();
    const loss = params.map((p) => p.sub(0.3).pow(2).sum()).reduce((a, b) => a.add(b));
    loss.backward();
    return loss;
  };
}

/** What parameters are after three steps; the rate halves before the third. */
function trained(name: string, options: object, lr: Rate): unknown {
  const params = makeParams();
  const optimizer = new (makes(name))(params, { ...options, lr });
  const group = optimizer.paramGroups[0];
  for (let i = 0; i < 3; i++) {
    assert.equal(group?.lr, lr);
    optimizer.step(closureFor(optimizer, params));
    if (i !== 1) continue;
    if (typeof lr === "number") lr = group.lr = lr / 2;
    else lr.mul_(0.5);
  }
  return params.map((p) => p.tolist());
}

for (const [name, options] of Object.entries(kinds)) {
  for (const differentiable of name === "Adafactor" || name === "Muon" || name === "LBFGS" ? [false] : [false, true]) {
    test(`${name}${differentiable ? ", recorded," : ""} takes the steps of the number`, () => {
      const all = differentiable ? { ...options, differentiable: true } : options;
      const run = (lr: Rate) => (differentiable ? recorded(name, all, lr) : trained(name, all, lr));
      const wanted = run(0.1);
      assert.deepEqual(run(tensorOf(0.1)), wanted);
      assert.deepEqual(run(tensorOf(0.1).reshape(1, 1)), wanted);
      assert.notDeepEqual(run(0.2), wanted);
    });
  }
}

/** One step of a parameter that is no leaf, through which gradients flow. */
function recorded(name: string, options: object, lr: Rate): unknown {
  const start = torch.tensor([0.5, -1], { dtype: torch.float64, requiresGrad: true });
  const param = start.mul(2);
  param.retainGrad();
  const optimizer = new (makes(name))([param], { ...options, lr });
  param.grad = torch.tensor([1, -3], { dtype: torch.float64 });
  optimizer.step();
  param.sum().backward();
  return [param.tolist(), start.grad?.tolist()];
}

for (const [name, options] of Object.entries(kinds)) {
  test(`${name} reads the tensor once in a step`, () => {
    const lr = tensorOf(0.1);
    let reads = 0;
    const item = () => {
      reads++;
      return 0.1;
    };
    const params = makeParams();
    const optimizer = new (makes(name))(params, { ...options, lr });
    Object.defineProperty(lr, "item", { value: item });
    for (let i = 1; i <= 2; i++) {
      optimizer.step(closureFor(optimizer, params));
      assert.equal(reads, i);
    }
  });
}

test("SparseAdam takes one too, and refuses what is not above 0", () => {
  const params = makeParams();
  const optimizer = new optim.SparseAdam(params, { lr: tensorOf(0.1) });
  assert.ok(optimizer.paramGroups[0]?.lr instanceof torch.Tensor);
  assert.throws(() => new optim.SparseAdam(params, { lr: tensorOf(0) }), /Invalid learning rate: 0/);
});

test("a rate may stand in its place, in groups, and come in later", () => {
  const [a, b, c] = [0, 1, 2].map(() => torch.zeros(1, { requiresGrad: true })) as [Tensor, Tensor, Tensor];
  const [first, second] = [torch.tensor(0.5), torch.tensor([0.25])];
  const optimizer = new optim.SGD([{ params: [a] }, { params: [b], lr: second }], first);
  optimizer.addParamGroup({ params: [c], lr: torch.tensor(2) });
  assert.equal(optimizer.paramGroups[0]?.lr, first);
  assert.equal(optimizer.paramGroups[1]?.lr, second);
  for (const p of [a, b, c]) p.grad = torch.ones(1);
  optimizer.step();
  assert.deepEqual([a.item(), b.item(), c.item()], [-0.5, -0.25, -2]);
  first.fill_(1);
  (optimizer.paramGroups[2] as { lr: Rate }).lr = 4;
  optimizer.step();
  assert.deepEqual([a.item(), b.item(), c.item()], [-1.5, -0.5, -6]);
  for (const group of optimizer.paramGroups) group.lr *= 0.5;
  assert.deepEqual(
    optimizer.paramGroups.map(({ lr }) => lr),
    [0.5, 0.125, 2],
  );
});

test("an optimizer of one's own gets the number, in its rule and in its update", () => {
  const seen: unknown[] = [];
  class ByRule extends optim.Optimizer<{ lr: number }> {
    protected override rule(param: Tensor, grad: Tensor, _: object, { lr }: { lr: number }): void {
      seen.push(lr);
      param.sub_(grad, { alpha: lr });
    }
  }
  class ByUpdate extends optim.Optimizer<{ lr: number }> {
    protected override update({ lr }: optim.ParamGroup<{ lr: number }>): void {
      seen.push(lr);
    }
  }
  const params = [1, 2].map((value) => torch.tensor([value], { requiresGrad: true }));
  for (const p of params) p.grad = torch.ones(1);
  const lr = torch.tensor(0.5);
  for (const Own of [ByRule, ByUpdate]) new Own(params, { lr }).step();
  assert.deepEqual(seen, [0.5, 0.5, 0.5]);
  assert.deepEqual(
    params.map((p) => p.item()),
    [0.5, 1.5],
  );
});

type Schedule = (optimizer: optim.Optimizer) => optim.lrScheduler.LRScheduler;

const schedules: Record<string, Schedule> = {
  LambdaLR: (o) => new lrScheduler.LambdaLR(o, (t) => 1 / (t + 1)),
  MultiplicativeLR: (o) => new lrScheduler.MultiplicativeLR(o, () => 0.5),
  StepLR: (o) => new lrScheduler.StepLR(o, 2),
  MultiStepLR: (o) => new lrScheduler.MultiStepLR(o, [1, 3]),
  ConstantLR: (o) => new lrScheduler.ConstantLR(o, 0.5, 3),
  LinearLR: (o) => new lrScheduler.LinearLR(o),
  ExponentialLR: (o) => new lrScheduler.ExponentialLR(o, 0.9),
  PolynomialLR: (o) => new lrScheduler.PolynomialLR(o),
  CosineAnnealingLR: (o) => new lrScheduler.CosineAnnealingLR(o, 2),
  CosineAnnealingWarmRestarts: (o) => new lrScheduler.CosineAnnealingWarmRestarts(o, 2),
  CyclicLR: (o) => new lrScheduler.CyclicLR(o, 0.01, 0.1, 2),
  OneCycleLR: (o) => new lrScheduler.OneCycleLR(o, 0.5, 8),
  SWALR: (o) => new swaUtils.SWALR(o, 0.05, 3),
  ReduceLROnPlateau: (o) => new lrScheduler.ReduceLROnPlateau(o, { patience: 0 }),
  ChainedScheduler: (o) =>
    new lrScheduler.ChainedScheduler([new lrScheduler.ConstantLR(o), new lrScheduler.ExponentialLR(o, 0.9)]),
  SequentialLR: (o) =>
    new lrScheduler.SequentialLR(o, [new lrScheduler.LinearLR(o), new lrScheduler.StepLR(o, 1)], [3]),
};

for (const [name, make] of Object.entries(schedules)) {
  test(`${name} fills the tensor with the rates of the number`, () => {
    const lr = tensorOf(0.2);
    const run = (rate: Rate) => {
      const optimizer = new optim.SGD(makeParams(), { lr: rate, momentum: 0.9 });
      return { optimizer, scheduler: make(optimizer) };
    };
    const [ours, wanted] = [run(lr), run(0.2)];
    const rates = new Set<number>();
    for (let i = 0; i < 6; i++) {
      assert.equal(ours.optimizer.paramGroups[0]?.lr, lr);
      assert.equal(lr.item(), wanted.optimizer.paramGroups[0]?.lr);
      assert.deepEqual(ours.scheduler.getLastLr(), wanted.scheduler.getLastLr());
      assert.deepEqual(ours.scheduler.baseLrs, wanted.scheduler.baseLrs);
      rates.add(lr.item());
      for (const { optimizer, scheduler } of [ours, wanted]) {
        optimizer.step();
        if (scheduler instanceof lrScheduler.ReduceLROnPlateau) scheduler.step(1);
        else scheduler.step();
      }
    }
    assert.ok(rates.size > 1);
  });
}

test("a schedule of one's own may give back the tensors that it found", () => {
  class Idle extends lrScheduler.LRScheduler {
    constructor(optimizer: optim.Optimizer) {
      super(optimizer);
      this.start();
    }
    override getLr(): number[] {
      return this.optimizer.paramGroups.map(({ lr }) => (this.lastEpoch === 0 ? lr : lr / 2));
    }
  }
  const lr = tensorOf(0.5);
  const optimizer = new optim.SGD(makeParams(), { lr });
  const scheduler = new Idle(optimizer);
  optimizer.step();
  scheduler.step();
  assert.equal(optimizer.paramGroups[0]?.lr, lr);
  assert.deepEqual([lr.item(), ...scheduler.getLastLr()], [0.25, 0.25]);
});

test("a state dict has the tensor, and loading makes a copy, which groups share as they did", () => {
  const lr = torch.tensor(0.5);
  const groups = () => makeParams().map((p) => ({ params: [p] }));
  const optimizer = new optim.Adam(groups(), { lr });
  const dict = optimizer.stateDict();
  assert.equal(dict.param_groups[0]?.lr, lr);
  const twin = new optim.Adam(groups(), { lr: 0.1 });
  twin.loadStateDict(torch.load(torch.save(dict)) as typeof dict);
  const loaded = twin.paramGroups[0]?.lr as Tensor;
  assert.deepEqual([loaded.item(), loaded.dtype, loaded.shape], [0.5, torch.float32, []]);
  twin.loadStateDict(dict);
  const [first, second] = twin.paramGroups.map((group) => group.lr as Tensor) as [Tensor, Tensor];
  assert.notEqual(first, lr);
  assert.equal(first, second);
  first.fill_(0.25);
  assert.equal(lr.item(), 0.5);
  const plain = new optim.Adam(groups(), { lr: 0.125 }).stateDict();
  twin.loadStateDict(plain);
  assert.equal(twin.paramGroups[0]?.lr, 0.125);
});

test("a schedule goes on from a dictionary whose first rate is a tensor, as PyTorch writes it", () => {
  const optimizer = new optim.SGD(makeParams(), { lr: tensorOf(0.25) });
  const dict = optimizer.stateDict();
  Object.assign(dict.param_groups[0] as object, { initial_lr: tensorOf(0.5) });
  optimizer.loadStateDict(dict);
  const scheduler = new lrScheduler.LambdaLR(optimizer, (t) => 1 / (t + 1), { lastEpoch: 0 });
  assert.deepEqual([scheduler.baseLrs, scheduler.getLastLr()], [[0.5], [0.25]]);
});

test("a copy of an optimizer has a tensor of its own", () => {
  const lr = torch.tensor(0.5);
  const model = new nn.Linear(2, 2);
  const [, copy] = torch.deepcopy([model, new optim.SGD(model.parameters(), { lr })] as const);
  lr.fill_(1);
  assert.equal(Number(copy.paramGroups[0]?.lr), 0.5);
});

test("it prints as PyTorch formats a tensor: without dims its number", () => {
  const line = (lr: Tensor) => /^ {4}lr: .*$/m.exec(String(new optim.SGD(makeParams(), { lr })))?.[0];
  assert.equal(line(torch.tensor(0.1)), "    lr: 0.10000000149011612");
  assert.equal(line(tensorOf(0.00001)), "    lr: 1e-05");
  assert.equal(line(torch.tensor(1)), "    lr: 1.0");
  assert.equal(line(torch.tensor(1n)), "    lr: 1");
  assert.equal(line(torch.tensor([0.1])), "    lr: tensor([0.1000])");
});

test("wrong rates are refused before anything is changed", () => {
  const params = makeParams();
  for (const name of [...Object.keys(kinds), "SparseAdam"]) {
    const make = (lr: Tensor) => () => new (makes(name))(params, { lr });
    assert.throws(make(torch.tensor([0.1, 0.2])), { name: "Error", message: /Tensor lr must be 1-element/ });
    assert.throws(make(torch.zeros(0)), /Tensor lr must be 1-element/);
    assert.throws(make(torch.tensor(-0.5)), { name: "RangeError", message: /[lL]earning rate.*: -0\.5$/ });
  }
  assert.throws(() => new (makes("Adam"))(params, { lr: [0.1] }), { name: "TypeError", message: /argument 'lr' must/ });
  const optimizer = new optim.SGD([params[0] as Tensor], { lr: 0.1 });
  const two = torch.tensor([0.1, 0.2]);
  assert.throws(() => optimizer.addParamGroup({ params: [params[1] as Tensor], lr: two }), /must be 1-element/);
  assert.equal(optimizer.paramGroups.length, 1);
  const dict = optimizer.stateDict();
  Object.assign(dict.param_groups[0] as object, { lr: two });
  assert.throws(() => optimizer.loadStateDict(dict), /must be 1-element/);
  assert.equal(optimizer.paramGroups[0]?.lr, 0.1);
  (optimizer.paramGroups[0] as { lr: Rate }).lr = two;
  const before = params[0]?.tolist();
  (params[0] as Tensor).grad = torch.ones(3, 4, { dtype: torch.float64 });
  assert.throws(() => optimizer.step(), /must be 1-element/);
  assert.deepEqual(params[0]?.tolist(), before);
});

test("Adam and AdamW take none with `foreach`, unless it is capturable", () => {
  const params = makeParams();
  const message = "lr as a Tensor is not supported for capturable=False and foreach=True";
  for (const Kind of [optim.Adam, optim.AdamW]) {
    const lr = torch.tensor(0.1);
    assert.throws(() => new Kind(params, { lr, foreach: true }), { name: "Error", message });
    assert.equal(new Kind(params, { lr, foreach: true, capturable: true }).paramGroups[0]?.lr, lr);
    const optimizer = new Kind(params, { lr });
    Object.assign(optimizer.paramGroups[0] as object, { foreach: true });
    assert.throws(() => optimizer.step(), { name: "Error", message });
  }
  assert.ok(new optim.SGD(params, { lr: torch.tensor(0.1), foreach: true }));
});
