/** Reductions give PyTorch's results, gradients, dtypes and errors. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch from "../../src/index.js";
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
