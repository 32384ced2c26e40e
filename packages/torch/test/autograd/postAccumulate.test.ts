/** Hooks that are called once a gradient was added to that of a leaf. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch from "../../src/index.js";

test("the hook sees the leaf with the gradient that was added, once in each backward pass", () => {
  const x = torch.tensor([1, 2], { requiresGrad: true });
  const seen: unknown[] = [];
  const handle = x.registerPostAccumulateGradHook((parameter) => {
    assert.equal(parameter, x);
    seen.push(parameter.grad?.tolist());
  });
  x.mul(3).add(x).sum().backward();
  x.sum().backward();
  assert.deepEqual(seen, [
    [4, 4],
    [5, 5],
  ]);
  handle.remove();
  x.sum().backward();
  assert.equal(seen.length, 2);
});

test("the hook comes after those that change the gradient, and may step and drop it", () => {
  const weight = torch.tensor([1, 1], { requiresGrad: true });
  const optimizer = new torch.optim.SGD([weight], 0.5);
  weight.registerHook((grad) => grad.mul(2));
  weight.registerPostAccumulateGradHook(() => {
    optimizer.step();
    optimizer.zeroGrad();
  });
  weight.sum().backward();
  assert.deepEqual(weight.tolist(), [0, 0]);
  assert.equal(weight.grad, null);
});

test("it is not called by autograd.grad, nor where no gradient arrives", () => {
  const x = torch.ones(2, { requiresGrad: true });
  let calls = 0;
  x.registerPostAccumulateGradHook(() => {
    calls++;
  });
  torch.autograd.grad(x.sum(), [x]);
  class Nothing extends torch.autograd.Function {
    static override forward(_: unknown, input: torch.Tensor) {
      return input.clone();
    }
    static override backward() {
      return null;
    }
  }
  (Nothing.apply(x) as torch.Tensor).sum().backward();
  assert.equal(calls, 0);
});

test("it is for leaves that require a gradient, and gives nothing back", () => {
  const x = torch.ones(2, { requiresGrad: true });
  const nothing = () => undefined;
  assert.throws(() => torch.ones(2).registerPostAccumulateGradHook(nothing), /doesn't require gradient/);
  assert.throws(() => x.mul(2).registerPostAccumulateGradHook(nothing), /cannot be registered on non-leaf tensors/);
  assert.throws(() => x.registerPostAccumulateGradHook(1 as never), TypeError);
  x.registerPostAccumulateGradHook((() => 1) as never);
  assert.throws(() => x.sum().backward(), /post accumulate grad hooks should return None/);
});
