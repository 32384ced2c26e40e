/** `torch.autograd.grad`: zeros for unused inputs, and batches of gradients. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { F, type Tensor, utils } from "../../src/index.js";

const { grad } = torch.autograd;

function leaf(...values: number[]): Tensor {
  return torch.tensor(values, { dtype: torch.float64, requiresGrad: true });
}

test("materializeGrads gives zeros that require a gradient for an input that was not used", () => {
  const [x, unused] = [leaf(1, 2), leaf(3)];
  const [used, zeros] = grad(x.mul(2).sum(), [x, unused], { materializeGrads: true }) as [Tensor, Tensor];
  assert.deepEqual(used.tolist(), [2, 2]);
  assert.deepEqual(zeros.tolist(), [0]);
  assert.deepEqual([zeros.dtype, zeros.requiresGrad], [torch.float64, true]);
  assert.deepEqual(grad(x.sum(), unused, { materializeGrads: true, allowUnused: true })[0]?.tolist(), [0]);
  assert.throws(
    () => grad(x.sum(), unused, { materializeGrads: true, allowUnused: false }),
    /Expected allowUnused to be true or not passed when materializeGrads: true/,
  );
  assert.throws(() => grad(x.sum(), unused, { allowUnused: false }), /appears to not have been used in the graph/);
});

/** The gradients of a batch, one after the other. */
function oneByOne(y: Tensor, inputs: Tensor[], batch: Tensor): Tensor[] {
  const rows = [...batch].map((row) => grad(y, inputs, row, { retainGraph: true }));
  return inputs.map((_, i) => torch.stack(rows.map((row) => row[i] as Tensor)));
}

const functions: readonly ((x: Tensor, w: Tensor) => Tensor)[] = [
  (x, w) => x.mul(w),
  (x, w) => x.exp().sum().add(w.square()),
  (x, w) => x.outer(w).softmax(1),
  (x, w) => torch.cat([x, w]).sort().values,
  (x, w) => x.mul(2).maskedFill_(x.lt(0), 0).mul(w),
  (x, w) => x.dot(w),
];

for (const f of functions) {
  test(`a batch of gradients goes through ${f}`, () => {
    const [x, w] = [leaf(1, -2, 3), leaf(0.5, 2, -1)];
    const y = f(x, w);
    const batch = torch.randn(4, ...y.shape, { dtype: torch.float64 });
    const expected = oneByOne(y, [x, w], batch);
    const found = grad(y, [x, w], batch, { isGradsBatched: true });
    assert.deepEqual(
      found.map((one) => one.tolist()),
      expected.map((one) => one.tolist()),
    );
    assert.ok(found.every((one) => !one.requiresGrad));
    assert.equal(x.grad, null);
  });
}

test("a batch gives a Jacobian, whose derivative can be asked for", () => {
  const x = leaf(1, 2);
  const y = x.pow(3);
  const [jacobian] = grad(y, x, torch.eye(2, { dtype: torch.float64 }), {
    isGradsBatched: true,
    createGraph: true,
  }) as [Tensor];
  assert.deepEqual(jacobian.tolist(), [
    [3, 0],
    [0, 12],
  ]);
  const [second] = grad(jacobian.sum(), x) as [Tensor];
  assert.deepEqual(second.tolist(), [6, 12]);
});

test("a batch of gradients is differentiable by the gradients", () => {
  const x = leaf(1, 2);
  const outer = torch.ones(3, 2, { dtype: torch.float64, requiresGrad: true });
  const [slopes] = grad(x.square(), x, outer, { isGradsBatched: true, createGraph: true }) as [Tensor];
  slopes.at(1).sum().backward();
  assert.deepEqual(outer.grad?.tolist(), [
    [0, 0],
    [2, 4],
    [0, 0],
  ]);
});

test("a batch frees the graph once, unless it is to be kept", () => {
  const x = leaf(1, 2);
  const batch = torch.ones(3, 2, { dtype: torch.float64 });
  const y = x.exp();
  grad(y, x, batch, { isGradsBatched: true, retainGraph: true });
  grad(y, x, batch, { isGradsBatched: true });
  assert.throws(
    () => grad(y, x, batch, { isGradsBatched: true }),
    /Trying to backward through the graph a second time/,
  );
});

test("unused inputs in a batch", () => {
  const [x, unused] = [leaf(1, 2), leaf(1)];
  const batch = torch.ones(3, 2);
  const options = { isGradsBatched: true, retainGraph: true };
  const y = x.mul(2);
  assert.throws(() => grad(y, [x, unused], batch, options), /appears to not have been used/);
  const [used, none] = grad(y, [x, unused], batch, { ...options, allowUnused: true });
  assert.deepEqual([used?.shape, used?.dtype, none], [[3, 2], torch.float64, null]);
  const [, zeros] = grad(y, [x, unused], batch, { ...options, materializeGrads: true });
  assert.deepEqual(zeros?.tolist(), [0]);
});

test("batches that do not fit are refused before anything runs", () => {
  const x = leaf(1, 2, 3);
  const [y, z] = [x.mul(2), x.exp()];
  const options = { isGradsBatched: true };
  assert.throws(
    () => grad(y, x, torch.ones(2, 4), options),
    /grad_output\[0\] has a shape of \[2, 4\] and output\[0\] has a shape of \[3\]/,
  );
  assert.throws(() => grad(y, x, torch.ones([]), options), /mismatch was detected/);
  assert.throws(() => grad(y, x, torch.ones(0, 3), options), /at least one gradient/);
  assert.throws(() => grad(y.sum(), x, options), /expected a tensor as grad_output\[0\]/);
  assert.throws(
    () => grad([y, z], x, [torch.ones(2, 3), torch.ones(3, 3)], options),
    /got sizes \[2, 3\] for the mapped dimension/,
  );
  assert.throws(() => grad([y, z], x, [torch.ones(2, 3)], options), /expected a tensor as grad_output\[1\]/);
  const batches = [torch.ones(2, 3), torch.ones(2, 3)];
  assert.deepEqual(grad([y, y.mul(2)], x, batches, options)[0]?.tolist(), [
    [6, 6, 6],
    [6, 6, 6],
  ]);
});

test("torch.autograd.backward begins at several tensors, each with a gradient of its own", () => {
  const x = torch.tensor([1, 2], { requiresGrad: true });
  const loss = x.sum();
  torch.autograd.backward([x.mul(3), loss], [torch.tensor([1, 10]), null], { retainGraph: true });
  assert.deepEqual(x.grad?.tolist(), [4, 31]);
  torch.autograd.backward(x.mul(2), { gradTensors: torch.ones(2) });
  assert.deepEqual(x.grad?.tolist(), [6, 33]);
  torch.autograd.backward(loss);
  x.mul(1).backward({ gradient: torch.ones(2) });
  assert.deepEqual(x.grad?.tolist(), [8, 35]);
  assert.throws(() => torch.autograd.backward(loss, { gradient: null } as never), /unexpected option 'gradient'/);
});

/** The operations of a pass backward towards one of two tensors, and towards both. */
function flopsTowards(f: (x: Tensor, w: Tensor) => Tensor, x: Tensor, w: Tensor): number[] {
  const loss = f(x.requiresGrad_(), w.requiresGrad_()).sum();
  return [[x], [w], [x, w]].map((inputs) => {
    const counter = new utils.flopCounter.FlopCounterMode({ display: false });
    counter.run(() => grad(loss, inputs, undefined, { retainGraph: true }));
    return counter.getTotalFlops();
  });
}

test("of an operation with several inputs, only the gradients that lead to what is asked for are computed", () => {
  const products: [(x: Tensor, w: Tensor) => Tensor, Tensor, Tensor][] = [
    [(x, w) => x.matmul(w), torch.rand(8, 16), torch.rand(16, 4)],
    [(x, w) => F.linear(x, w), torch.rand(8, 16), torch.rand(4, 16)],
    [(x, w) => F.conv2d(x, w, null, { padding: 1 }), torch.rand(2, 3, 8, 8), torch.rand(4, 3, 3, 3)],
    [(x, w) => F.linear(F.linear(x, w).relu(), w), torch.rand(8, 16), torch.rand(16, 16)],
  ];
  for (const [f, x, w] of products.slice(0, 3)) {
    const [towardsX, towardsW, both] = flopsTowards(f, x, w) as [number, number, number];
    assert.ok(towardsX > 0 && towardsW > 0);
    assert.equal(towardsX + towardsW, both);
  }
  const [f, x, w] = products[3] as (typeof products)[number];
  const [towardsX, towardsW, both] = flopsTowards(f, x, w) as [number, number, number];
  // Towards x two products pass the gradient on; towards w one does, and two are gradients of w.
  assert.deepEqual(
    [towardsX, towardsW, both],
    [2, 3, 4].map((count) => count * 2 * 8 * 16 * 16),
  );
});

test("a hook of a node sees null for what is not computed", () => {
  const [x, w] = [leaf(1, 2), leaf(3, 4)];
  const y = x.mul(w);
  const seen: (number[] | null)[] = [];
  y.gradFn?.registerHook((inputs) => {
    for (const input of inputs) seen.push(input && (input.tolist() as number[]));
  });
  assert.deepEqual(grad(y.sum(), x)[0]?.tolist(), [3, 4]);
  assert.deepEqual(seen, [[3, 4], null]);
});
