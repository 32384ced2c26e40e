/** Operations under a mask: gradients, errors, and slices that are masked out as a whole. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

const { masked } = torch;
const mask = torch.tensor([
  [true, false, true],
  [true, true, true],
]);
const input = () =>
  torch.tensor(
    [
      [0.5, -7, 1.25],
      [2, -0.75, 3],
    ],
    { dtype: torch.float64, requiresGrad: true },
  );

test("what is masked out gets no gradient, and the rest that of the operation without it", () => {
  const others: Record<string, (x: Tensor) => Tensor> = {
    sum: (x) => masked.sum(x, 1, { mask }),
    prod: (x) => masked.prod(x, 1, { mask }),
    mean: (x) => masked.mean(x, 1, { mask }),
    amax: (x) => masked.amax(x, 1, { mask }),
    amin: (x) => masked.amin(x, 1, { mask }),
    var: (x) => masked.var(x, 1, { mask, unbiased: true }),
    std: (x) => masked.std(x, 1, { mask }),
    median: (x) => masked.median(x, 1, { mask }),
    norm: (x) => masked.norm(x, 3, 1, { mask }),
    logsumexp: (x) => masked.logsumexp(x, 1, { mask }),
    cumsum: (x) => masked.cumsum(x, 1, { mask }),
    cumprod: (x) => masked.cumprod(x, 1, { mask }),
    softmax: (x) => masked.softmax(x, 1, { mask }),
    softmin: (x) => masked.softmin(x, 1, { mask }),
    normalize: (x) => masked.normalize(x, 2, 1, { mask }),
  };
  for (const [name, run] of Object.entries(others)) {
    const x = input();
    assert.ok(torch.autograd.gradcheck(run, [x]), name);
    const weights = torch.arange(1, run(x).numel() + 1).double();
    run(x).flatten().mul(weights).sum().backward();
    assert.equal(x.grad?.at(0, 1).item(), 0, name);
  }
});

test("a slice that is masked out is what the reduction begins with, or NaN", () => {
  const x = torch.tensor([1, 2]);
  const none = { mask: torch.tensor([false, false]) };
  const results = [masked.sum, masked.prod, masked.amax, masked.amin, masked.mean, masked.var, masked.logsumexp].map(
    (f) => f(x, 0, none).item(),
  );
  assert.deepEqual(results, [0, 1, -Infinity, Infinity, NaN, NaN, -Infinity]);
  assert.ok(Number.isNaN(masked.median(x, 0, none).item()));
  assert.equal(masked.norm(x, -Infinity, 0, none).item(), Infinity);
  assert.equal(masked.amax(x.to(torch.int8), 0, none).item(), -128);
  assert.equal(masked.amin(x.to(torch.int64), 0, none).itemBigInt(), 2n ** 63n - 1n);
  assert.throws(() => masked.median(x.int(), 0, none), /masked median expects no fully masked out rows/);
});

test("without a mask all elements count", () => {
  const x = torch.rand(3, 4);
  assert.ok(masked.mean(x, 1).allclose(x.mean(1)));
  assert.ok(masked.var(x, null, { unbiased: true }).allclose(x.var()));
  assert.ok(masked.logSoftmax(x, 0).allclose(x.logSoftmax(0)));
  assert.ok(masked.logaddexp(x, x).allclose(x.logaddexp(x)));
});

test("NaN that is masked out does not show", () => {
  const x = torch.tensor([1, NaN, 3]);
  const seen = { mask: torch.tensor([true, false, true]) };
  assert.equal(masked.sum(x, 0, seen).item(), 4);
  assert.equal(masked.mean(x, 0, seen).item(), 2);
  assert.equal(masked.var(x, 0, seen).item(), 1);
  assert.equal(masked.median(x, 0, seen).item(), 1);
  assert.equal(masked.argmax(x, 0, seen).item(), 2);
});

test("masks that do not fit, dims that are not there or twice there", () => {
  const x = torch.ones(2, 3);
  assert.throws(
    () => masked.sum(x, 0, { mask: torch.ones(1, 2, 3) }),
    /got mask dimensionality higher than of the input/,
  );
  assert.throws(() => masked.sum(x, 0, { mask: torch.ones(2) }));
  assert.throws(() => masked.sum(x, [0, 2]), RangeError);
  assert.throws(() => masked.amax(x, [1, 1]), /dim=1 appears multiple times in the list of dims/);
  assert.throws(() => masked.amax(x.bool(), 0, { mask }), {
    name: "TypeError",
    message: /identity of amax on torch.bool input/,
  });
  assert.throws(() => (masked.sum as (...args: unknown[]) => unknown)(x, 0, { masks: mask }), TypeError);
});

test("on meta results have their shapes", () => {
  const x = torch.ones(2, 3, { device: "meta" });
  const hidden = { mask: mask.to("meta") };
  assert.deepEqual(masked.std(x, 1, hidden).shape, [2]);
  assert.deepEqual(masked.median(x.int(), 0, hidden).shape, [3]);
});
