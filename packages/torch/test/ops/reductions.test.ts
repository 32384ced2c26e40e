/** Reductions give PyTorch's results, gradients, dtypes and errors. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";
import { conform, ints, of } from "../support/conform.js";

conform("reductions", [
  ({ x }) => x.sum(),
  ({ x }) => x.sum(1),
  ({ x }) => x.sum([0, -1], { keepdim: true }),
  ({ x }) => torch.sum(x.transpose(0, 2), { dim: 1, keepdim: true }),
  ({ s }) => s.sum(0),
  ({ e }) => e.sum(0),
  () =>
    ints([
      [1, 2],
      [3, 4],
    ]).sum(),
  () => torch.tensor([true, true]).sum(),
  () => ints([200, 100]).sum({ dtype: torch.uint8 }),
  ({ m }) => m.detach().sum(0, { dtype: torch.float32 }),
  ({ x }) => x.mean(),
  ({ x }) => x.mean([0, 2]),
  ({ e }) => e.mean(),
  () =>
    torch.nansum(
      of([
        [1, NaN],
        [2, 3],
      ]),
      1,
    ),
  ({ m }) => m.nansum(0),
  ({ m }) => torch.nanmean(m, 1),
  () => of([1, NaN, 3]).nanmean(),
  ({ m }) => m.mul(0.5).prod(),
  ({ x }) => x.prod(1),
  ({ m }) => m.mul(of([0, 1, 1, 1])).prod(1, { keepdim: true }),
  ({ m }) => m.mul(of([0, 1, 0, 1])).prod(1),
  ({ v }) => v.mul(of([1, 0, 1, 1])).prod(),
  ({ s }) => s.prod(),
  ({ e }) => e.prod(0),
  () => ints([2, 3]).prod(),
  ({ x }) => x.amax(),
  ({ x }) => x.amax([0, 2]),
  ({ m }) => m.amin(-1, { keepdim: true }),
  () => torch.amax(of([1, NaN])),
  ({ m }) => m.aminmax({ dim: 0 }).max,
  ({ m }) => m.max(),
  ({ m }) => torch.min(m),
  ({ x }) => x.max(1).values,
  ({ x }) => x.max(1).indices,
  ({ x }) => x.min(-1, { keepdim: true }).values,
  ({ m, v }) => m.max(v),
  ({ s }) => s.max(0).indices,
  ({ m }) => m.argmax(),
  ({ x }) => x.argmax(1),
  ({ x }) => torch.argmin(x, 0, { keepdim: true }),
  ({ s }) => s.argmax(),
  () => torch.argmax(of([1, NaN, NaN])),
  () =>
    ints([
      [0, 1],
      [0, 0],
    ]).any(1),
  () =>
    ints([
      [0, 1],
      [1, 1],
    ]).all(),
  () => torch.tensor([true, false]).any(),
  () =>
    torch.countNonzero(
      ints([
        [0, 1],
        [2, 3],
      ]),
      0,
    ),
  ({ x }) => x.std(),
  ({ x }) => x.std(1),
  ({ x }) => x.var([0, 2], { keepdim: true }),
  ({ x }) => torch.var(x, { dim: 1, unbiased: false }),
  ({ m }) => torch.varMean(m, { dim: 1, unbiased: true })[0],
  ({ m }) => torch.stdMean(m, { dim: 0, unbiased: false })[1],
  ({ x }) => x.logsumexp(1),
  ({ x }) => torch.logsumexp(x, [0, 2], { keepdim: true }),
  () => torch.logsumexp(of([-Infinity, -Infinity]), 0),
  () => torch.logsumexp(of([1000, 1000]), 0),
  ({ m }) => m.norm(2, 1),
  ({ x }) => torch.norm(x, 1, [0, 2]),
  ({ x }) => x.norm(3, 1),
  ({ m }) => m.norm(0.5, 0),
  ({ m }) => m.norm(Infinity, 1),
  ({ m }) => m.norm(-Infinity, 1),
  ({ m }) => m.norm(1.5, -1, { keepdim: true }),
  ({ x }) => x.sum(0).sumToSize(3, 1),
  ({ x }) => torch.linalg.vectorNorm(x, 3, 1),
  ({ x }) => torch.linalg.vectorNorm(x, { dim: [0, 2], keepdim: true }),
  ({ x }) => torch.linalg.matrixNorm(x),
  ({ x }) => torch.linalg.matrixNorm(x, 1),
  ({ x }) => torch.linalg.matrixNorm(x, -1, [0, 1], { keepdim: true }),
  ({ m }) => torch.linalg.matrixNorm(m, Infinity),
  ({ m }) => torch.linalg.matrixNorm(m, -Infinity),
  ({ m }) => torch.linalg.norm(m),
  ({ m }) => torch.linalg.norm(m, Infinity),
  ({ m }) => torch.linalg.norm(m, 1, 0),
  ({ v }) => torch.linalg.norm(v, 3),
]);

test("a norm of zeros has the gradient 0, also of the gradient", () => {
  for (const p of [1, 1.5, 2, 3, Infinity]) {
    const x = of([0, 0]).requiresGrad_();
    const [first] = torch.autograd.grad(x.norm(p), [x], undefined, { createGraph: true });
    assert.deepEqual(first?.tolist(), [0, 0], `p = ${p}`);
    if (first?.requiresGrad) {
      const [second] = torch.autograd.grad(first.sum(), [x], undefined, { allowUnused: true });
      assert.ok(((second?.tolist() as number[]) ?? []).every(Number.isFinite), `p = ${p}`);
    }
  }
});

test("equal largest elements share the gradient, one of them has it along a dim", () => {
  const gradient = (reduce: (x: torch.Tensor) => torch.Tensor) => {
    const x = of([1, 3, 3, 2]).requiresGrad_();
    reduce(x).backward();
    return x.grad?.tolist();
  };
  assert.deepEqual(
    gradient((x) => x.max()),
    [0, 0.5, 0.5, 0],
  );
  assert.deepEqual(
    gradient((x) => x.amax(0)),
    [0, 0.5, 0.5, 0],
  );
  assert.deepEqual(
    gradient((x) => x.max(0).values),
    [0, 1, 0, 0],
  );
  const nan = of([1, NaN]).requiresGrad_();
  nan.max().backward();
  assert.deepEqual(nan.grad?.tolist(), [0, 1]);
});

test("reductions of no elements", () => {
  const none = torch.zeros(2, 0);
  assert.equal(none.sum().item(), 0);
  assert.equal(none.prod().item(), 1);
  assert.ok(Number.isNaN(none.mean().item()));
  assert.equal(none.all().item(), 1);
  assert.equal(none.any().item(), 0);
  assert.deepEqual(none.amax(0).shape, [0]);
  assert.throws(() => none.amax(), /Expected reduction dim to be specified for input.numel\(\) == 0/);
  assert.throws(() => none.max(1), RangeError);
  assert.throws(() => none.argmax(), RangeError);
});

test("wrong calls", () => {
  assert.throws(() => ints([1]).mean(), /could not infer output dtype/);
  assert.throws(() => torch.linalg.matrixNorm(torch.ones(2, 2), 3), /Order 3 not supported/);
  assert.throws(() => torch.linalg.norm(torch.ones(2, 2, 2), 1), /the input must be 1D or 2D/);
  assert.throws(() => ints([1]).std(), /only support floating point/);
  assert.throws(
    () => torch.ones(2).sum(1),
    /Dimension out of range \(expected to be in range of \[-1, 0\], but got 1\)/,
  );
  assert.throws(() => torch.ones(2, 2).sum([0, -2]), /dim 0 appears multiple times/);
  // @ts-expect-error a flag has to be named
  assert.throws(() => torch.ones(2).sum(0, true), /'keepdim' is a named option/);
});

test("a result is computed in the dtype of `out`", () => {
  const x = torch.tensor([
    [0.1, 0.7],
    [0.3, 0.4],
  ]);
  const wide = x.double();
  const double = () => torch.empty(0, { dtype: torch.float64 });
  const cases: [(input: Tensor, options?: { out: Tensor }) => Tensor][] = [
    [(input, options) => torch.sum(input, 0, options)],
    [(input, options) => torch.mean(input, 0, options)],
    [(input, options) => torch.nansum(input, 0, options)],
    [(input, options) => torch.prod(input, 0, options)],
    [(input, options) => torch.std(input, 0, options)],
    [(input, options) => torch.var(input, 0, options)],
    [(input, options) => torch.norm(input, 2, 0, options)],
    [(input, options) => torch.norm(input, 3, options)],
    [(input, options) => torch.logsumexp(input, 1, options)],
    [(input, options) => torch.cumsum(input, 0, options)],
    [(input, options) => torch.cumprod(input, 1, options)],
  ];
  for (const [run] of cases) {
    assert.deepEqual(run(x, { out: double() }).tolist(), run(wide).tolist(), String(run));
    assert.throws(
      () => torch.noGrad(() => torch.mean(ints([1, 2]), { out: double() })),
      /could not infer output dtype/,
    );
  }
  assert.deepEqual(torch.sum(torch.tensor([true, true]), { out: torch.tensor(false) }).item(), 1);
  assert.equal(torch.sum(torch.tensor([1.6, 1.6]), { out: torch.tensor(0n) }).item(), 2);
  assert.equal(torch.any(ints([0, 2]), { out: torch.tensor(0, { dtype: torch.uint8 }) }).item(), 1);
  assert.equal(torch.all(torch.ones(2, { dtype: torch.uint8 }), { out: torch.tensor(false) }).item(), 1);
});

test("a dtype that is not that of `out` is refused, and nothing is written", () => {
  const x = torch.ones(3);
  const out = torch.zeros([]);
  for (const run of [torch.sum, torch.mean, torch.prod, torch.nansum]) {
    assert.throws(() => run(x, { dtype: torch.float64, out }), {
      name: "TypeError",
      message: "Expected out tensor to have dtype double, but got float instead",
    });
  }
  for (const run of [torch.cumsum, torch.cumprod]) {
    assert.throws(() => run(x, 0, { dtype: torch.float64, out }), /Expected out tensor to have dtype double/);
  }
  assert.deepEqual([out.shape, out.item()], [[], 0]);
});

test("norms of no element", () => {
  for (const p of [-Infinity, -2, -1, 0, 0.5, 1, 2, 3, Infinity]) {
    assert.equal(torch.zeros(0).norm(p).item(), 0);
    assert.deepEqual(torch.zeros(2, 0).norm(p, 1).tolist(), [0, 0]);
    if (p >= 0 && p !== Infinity) assert.equal(torch.linalg.vectorNorm(torch.zeros(0), p).item(), 0);
    else {
      const order = String(p).replace("Infinity", "inf");
      const message = new RegExp(`linalg.vector_norm cannot compute the ${order} norm on`);
      assert.throws(() => torch.linalg.vectorNorm(torch.zeros(0), p), message);
      assert.throws(() => torch.linalg.vectorNorm(torch.zeros(3, 0), p, -1), message);
      assert.throws(() => torch.linalg.norm(torch.zeros(3, 0), p, 1), message);
      assert.deepEqual(torch.linalg.vectorNorm(torch.zeros(3, 0), p, 0).shape, [0]);
    }
  }
});

test("no differences, with something before or behind", () => {
  const x = ints([1, 4, 9]);
  const more = ints([0, 0]);
  assert.deepEqual(x.diff(0, -1, more, more).tolist(), [1, 4, 9]);
  assert.deepEqual(x.diff(1, -1, more, ints([5])).tolist(), [0, 1, 3, 5, -4]);
  assert.throws(() => x.diff(0, -1, ints([[1]])), /prepend or append/);
});
