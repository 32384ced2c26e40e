/** An optimizer's fused kernel against its rule, which is made of operations. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type DType, optim, type Tensor } from "../../src/index.js";

type Options = Record<string, number | boolean | readonly number[]>;

/** Every combination of the values of options. */
function combinations(values: Record<string, readonly Options[string][]>): Options[] {
  let all: Options[] = [{}];
  for (const [name, options] of Object.entries(values))
    all = all.flatMap((one) => options.map((value) => ({ ...one, [name]: value })));
  return all;
}

const betas = [
  [0.9, 0.999],
  [0, 0.5],
];
const adam = combinations({
  lr: [0.01],
  betas,
  eps: [1e-8, 1e-3],
  weightDecay: [0, 0.1],
  amsgrad: [false, true],
  maximize: [false, true],
});
const cases: Record<string, Options[]> = {
  SGD: combinations({
    lr: [0.1],
    momentum: [0, 0.9],
    dampening: [0, 0.25],
    weightDecay: [0, 0.1],
    nesterov: [false, true],
    maximize: [false, true],
  }).filter(({ nesterov, momentum, dampening }) => !nesterov || (momentum !== 0 && dampening === 0)),
  Adam: [...adam, ...adam.map((options) => ({ ...options, decoupledWeightDecay: true }))],
  AdamW: adam,
  Adadelta: combinations({
    lr: [0.5],
    rho: [0.9, 0.5],
    eps: [1e-6, 1e-2],
    weightDecay: [0, 0.1],
    maximize: [false, true],
  }),
  Adagrad: combinations({
    lr: [0.1],
    lrDecay: [0, 0.5],
    weightDecay: [0, 0.1],
    initialAccumulatorValue: [0, 0.25],
    eps: [1e-10, 1e-2],
    maximize: [false, true],
  }),
  Adamax: combinations({ betas, eps: [1e-8, 1e-2], weightDecay: [0, 0.1], maximize: [false, true] }),
  ASGD: combinations({
    lambd: [1e-4, 0.1],
    alpha: [0.75, 0.5],
    t0: [1e6, 1],
    weightDecay: [0, 0.1],
    maximize: [false, true],
  }),
  NAdam: combinations({
    betas,
    momentumDecay: [4e-3, 0.1],
    weightDecay: [0, 0.1],
    decoupledWeightDecay: [false, true],
    maximize: [false, true],
  }),
  RAdam: combinations({
    betas: [...betas, [0.9, 0.8]],
    eps: [1e-8, 1e-2],
    weightDecay: [0, 0.1],
    decoupledWeightDecay: [false, true],
    maximize: [false, true],
  }),
  RMSprop: combinations({
    alpha: [0.99, 0.5],
    weightDecay: [0, 0.1],
    momentum: [0, 0.9],
    centered: [false, true],
    maximize: [false, true],
  }),
  Rprop: combinations({
    etas: [
      [0.5, 1.2],
      [0.25, 2],
    ],
    stepSizes: [
      [1e-6, 50],
      [1e-3, 1e-2],
    ],
    maximize: [false, true],
  }),
};

function make(name: string, param: Tensor, options: Options): optim.Optimizer {
  const classes = optim as unknown as Record<string, new (params: Tensor[], options: Options) => optim.Optimizer>;
  return new (classes[name] as (typeof classes)[string])([param], options);
}

/** Parameters of random numbers in several layouts: as a row, of several dims, transposed, every second of a row. */
const layouts: Record<string, (dtype: DType) => Tensor> = {
  row: (dtype) => torch.randn(37, { dtype }),
  "three dims": (dtype) => torch.randn(2, 3, 5, { dtype }),
  scalar: (dtype) => torch.randn([], { dtype }),
  transposed: (dtype) => torch.randn(4, 3, { dtype }).t(),
  strided: (dtype) => torch.randn(10, { dtype }).at("::2"),
};

/** How often the rule ran, not the kernel. */
function counted(optimizer: optim.Optimizer): () => number {
  let calls = 0;
  const holder = optimizer as unknown as { rule: (...args: unknown[]) => void };
  const { rule } = holder;
  holder.rule = function (...args) {
    calls++;
    rule.apply(this, args);
  };
  return () => calls;
}

for (const [name, all] of Object.entries(cases)) {
  test(`${name}: the kernel does what the rule says`, () => {
    torch.manualSeed(7);
    for (const options of all) {
      for (const dtype of [torch.float32, torch.float64]) {
        for (const [layout, values] of Object.entries(layouts)) {
          const [a, b] = [values(dtype), torch.zeros([])];
          b.data = a.clone();
          a.requiresGrad_();
          b.requiresGrad_();
          const [fused, rule] = [make(name, a, options), make(name, b, options)];
          const [calls, ruleCalls] = [counted(fused), counted(rule)];
          Object.assign(rule, { fused: undefined });
          for (let step = 0; step < 4; step++) {
            a.grad = step % 2 === 0 ? torch.randn(a.shape, { dtype }) : byColumns(torch.randn(a.shape, { dtype }));
            b.grad = a.grad.clone();
            fused.step();
            rule.step();
          }
          const what = `${name} ${JSON.stringify(options)} ${dtype} ${layout}`;
          assert.deepEqual([calls(), ruleCalls()], [0, 4], what);
          assertSame(a, b, what);
          const [state, expected] = [fused.stateDict().state.get(0) ?? {}, rule.stateDict().state.get(0) ?? {}];
          assert.deepEqual(Object.keys(state), Object.keys(expected), what);
          for (const key in state) assertSame(state[key] as Tensor, expected[key] as Tensor, `${what}: ${key}`);
        }
      }
    }
  });
}

/** The same numbers, in memory by columns. */
function byColumns(x: Tensor): Tensor {
  return x.ndim < 2 ? x : x.mT.contiguous().mT;
}

function assertSame(actual: Tensor, expected: Tensor, what: string): void {
  assert.deepEqual([actual.shape, actual.dtype], [expected.shape, expected.dtype], what);
  const tolerance = actual.dtype === torch.float64 ? 1e-13 : 3e-6;
  assert.ok(torch.allclose(actual, expected, { rtol: tolerance, atol: tolerance }), `${what}\n${actual}\n${expected}`);
}

test("the count of steps is the one that its tensor holds, also after others change it", () => {
  const p = torch.ones(1, { requiresGrad: true });
  p.grad = torch.ones(1);
  const optimizer = new optim.Adam([p]);
  const count = () => optimizer.state.get(p)?.step as Tensor;
  for (let i = 0; i < 3; i++) optimizer.step();
  assert.equal(count().item(), 3);
  count().fill_(10);
  optimizer.step();
  assert.equal(count().item(), 11);
  count().data = torch.tensor(20);
  optimizer.step();
  assert.equal(count().item(), 21);
  const copy = torch.deepcopy(optimizer);
  copy.step();
  optimizer.step();
  assert.equal(count().item(), 22);
});

test("a step reads no number of a tensor", () => {
  const p = torch.ones(4, { requiresGrad: true });
  p.grad = torch.ones(4);
  const optimizer = new optim.Adam([p]);
  optimizer.step();
  const step = optimizer.state.get(p)?.step as Tensor;
  let reads = 0;
  Object.defineProperty(step, "item", { value: () => ++reads });
  optimizer.step();
  assert.equal(reads, 0);
  assert.deepEqual(step.tolist(), 2);
});

test("an optimizer of the user's own is a rule", () => {
  class Momentum extends optim.Optimizer<{ lr: number }> {
    protected override prepare(state: Record<string, unknown>, param: Tensor): void {
      state.mean ??= param.detach().newZeros(param.shape);
    }
    protected override changes(): readonly string[] {
      return ["mean"];
    }
    protected override rule(param: Tensor, grad: Tensor, state: { mean: Tensor }, group: { lr: number }): void {
      state.mean = state.mean.mul(0.5).add(grad);
      param.sub_(state.mean, { alpha: group.lr });
    }
  }
  const p = torch.ones(2, { requiresGrad: true });
  const optimizer = new Momentum([p], { lr: 0.5 });
  for (let i = 0; i < 2; i++) {
    p.grad = torch.ones(2);
    optimizer.step();
  }
  assert.deepEqual(p.tolist(), [-0.25, -0.25]);
  assert.deepEqual(String(optimizer.stateDict().state.get(0)?.mean), "tensor([1.5000, 1.5000])");
  p.grad = torch.ones(2);
  (optimizer.state.get(p) as Record<string, unknown>).mean = torch.ones(3);
  assert.throws(() => optimizer.step(), /state 'mean' of parameter 0, of size \[3\].* does not fit/);
});
