/** What custom functions change in place, and what they may not say about their inputs and outputs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FunctionContext } from "../../src/autograd/function.js";
import torch, { type Tensor } from "../../src/index.js";

type Forward = (context: FunctionContext, ...inputs: Tensor[]) => unknown;
type Backward = (context: FunctionContext, ...grads: Tensor[]) => unknown;

function apply(
  inputs: readonly Tensor[],
  forward: Forward,
  backward: Backward = (_context, ...grads) => grads,
): unknown {
  class Custom extends torch.autograd.Function {
    static override forward(context: FunctionContext, ...args: Tensor[]) {
      return forward(context, ...args);
    }
    static override backward(context: FunctionContext, ...grads: Tensor[]) {
      return backward(context, ...grads) as Tensor[];
    }
  }
  return Custom.apply(...inputs);
}

const computed = (...values: number[]): Tensor => torch.tensor(values, { requiresGrad: true }).mul(1);

const addOne: Forward = (context, x) => {
  x?.add_(1);
  context.markDirty(x as Tensor);
  return x;
};

test("an input that was marked dirty has to be returned", () => {
  const forward: Forward = (context, x) => {
    context.markDirty((x as Tensor).add_(1));
    return x?.mul(2);
  };
  const message = /Some elements marked as dirty during the forward method were not returned as output/;
  assert.throws(() => apply([computed(1, 2)], forward), message);
  assert.throws(() => apply([torch.ones(2)], forward), message);
  assert.throws(() => torch.noGrad(() => apply([computed(1, 2)], forward)), message);
  const x = computed(1, 2);
  assert.equal(apply([x], addOne), x);
  assert.deepEqual(x.tolist(), [2, 3]);
});

test("what is marked has to be a tensor", () => {
  assert.throws(() => apply([computed(1)], (context) => context.markDirty(3 as never)), {
    name: "TypeError",
    message: "mark_dirty can only accept variables, but argument 0 is of type int",
  });
  assert.throws(() => apply([computed(1)], (context, x) => context.markNonDifferentiable(x as Tensor, true as never)), {
    name: "TypeError",
    message: "mark_non_differentiable only accepts variable arguments, but got bool",
  });
});

test("a leaf that requires a gradient must not be changed by a custom function, nor a view of one", () => {
  const leaf = () => torch.ones(2, { requiresGrad: true });
  assert.throws(() => apply([leaf()], addOne), /a leaf Variable that requires grad/);
  assert.throws(() => apply([leaf().view(2)], addOne), /a view of a leaf Variable that requires grad/);
  assert.deepEqual((torch.noGrad(() => apply([leaf()], addOne)) as Tensor).tolist(), [2, 2]);
});

test("a custom function that changes a view returns nothing else", () => {
  const base = computed(1, 2, 3);
  assert.throws(
    () =>
      apply([base.at("0:2")], (context, x) => {
        context.markDirty((x as Tensor).add_(1));
        return [x, x?.mul(2)];
      }),
    /cannot return more than one Tensor/,
  );
});

test("the gradient of a view that a custom function changed goes to its place in the base, whichever argument it is", () => {
  const factor = torch.full([2], 3, { requiresGrad: true });
  const leaf = torch.ones(4, { requiresGrad: true });
  const base = leaf.mul(1);
  const forward: Forward = (context, a, b) => {
    context.markDirty((b as Tensor).mul_(a as Tensor));
    return b;
  };
  apply([factor, base.at("0:2")], forward, (_context, grad) => [grad?.mul(7), grad?.mul(3)]);
  base.sum().backward();
  assert.deepEqual(base.tolist(), [3, 3, 1, 1]);
  assert.deepEqual(leaf.grad?.tolist(), [3, 3, 1, 1]);
  assert.deepEqual(factor.grad?.tolist(), [7, 7]);
});

test("what backward returns for a changed view is checked, and none stands for zeros of the view", () => {
  const run = (make: (grad: Tensor) => unknown) => {
    const leaf = torch.ones(4, { requiresGrad: true });
    const base = leaf.mul(1);
    apply([base.at("0:2")], addOne, (_context, grad) => make(grad as Tensor));
    base.sum().backward();
    return leaf.grad?.tolist();
  };
  assert.deepEqual(
    run((grad) => grad.mul(2)),
    [2, 2, 1, 1],
  );
  assert.deepEqual(
    run((grad) => grad.double()),
    [1, 1, 1, 1],
  );
  assert.deepEqual(
    run(() => torch.ones(3, 2)),
    [3, 3, 1, 1],
  );
  assert.deepEqual(
    run(() => null),
    [0, 0, 1, 1],
  );
  assert.throws(
    () => run(() => torch.ones(1)),
    /returned an invalid gradient at index 0 - got \[1\] but expected shape compatible with \[2\]/,
  );
  assert.throws(() => run(() => torch.ones(3)), /returned an invalid gradient at index 0/);
  assert.throws(() => run(() => 3), /expected Variable or None \(got int\)/);
});

test("a gradient that backward keeps stays as it was, also where a view was changed", () => {
  const size = 100_000;
  for (const isView of [false, true]) {
    const kept: Tensor[] = [];
    const keep: Backward = (_context, grad) => {
      const twice = (grad as Tensor).mul(2);
      kept.push(grad as Tensor, twice);
      return twice.add(1);
    };
    for (let pass = 0; pass < 3; pass++) {
      const leaf = torch.ones(size, { requiresGrad: true });
      const base = leaf.mul(1);
      apply([isView ? base.at(`0:${size}`) : base], addOne, keep);
      base.mul(4).sum().backward();
      for (let i = 0; i < 20; i++) leaf.mul(5).mul(6).sum().backward();
    }
    assert.equal(kept.length, 6);
    kept.forEach((grad, i) => {
      assert.ok(grad.equal(torch.full([size], i % 2 === 0 ? 4 : 8)), `${isView} ${i}`);
    });
  }
});

test("an input that is returned as not differentiable keeps its own history", () => {
  const x = computed(1, 2);
  const y = apply([x], (context, input) => {
    context.markNonDifferentiable(input as Tensor);
    return input;
  }) as Tensor;
  assert.equal(y.requiresGrad, false);
  assert.notEqual(y, x);
  assert.equal(x.requiresGrad, true);
});
