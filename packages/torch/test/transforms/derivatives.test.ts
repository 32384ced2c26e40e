/** `torch.func.grad`, `gradAndValue` and `vjp`: gradients of functions, nested in each other. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { F, nn, type Tensor } from "../../src/index.js";

const { grad, gradAndValue, vjp } = torch.func;

function close(actual: Tensor, expected: number | readonly unknown[], tolerance = 1e-5): void {
  const wanted = torch.tensor(expected as number[], { dtype: actual.dtype });
  assert.deepEqual(actual.shape, wanted.shape);
  assert.ok(torch.allclose(actual, wanted, { rtol: tolerance, atol: tolerance }), `${actual} instead of ${wanted}`);
}

describe("grad", () => {
  test("gradients of any order", () => {
    const sine = (x: Tensor) => x.sin();
    const x = torch.tensor(1, { dtype: torch.float64 });
    close(grad(sine)(x), Math.cos(1), 1e-12);
    close(grad(grad(sine))(x), -Math.sin(1), 1e-12);
    close(grad(grad(grad(sine)))(x), -Math.cos(1), 1e-12);
    close(grad(grad(grad(grad((y: Tensor) => y.pow(4)))))(x), 24, 1e-12);
  });

  test("a gradient is a tensor of no graph, unless one of its inputs has one", () => {
    const cube = grad((x: Tensor) => x.pow(3));
    assert.equal(cube(torch.tensor(2)).requiresGrad, false);
    const x = torch.tensor(2, { requiresGrad: true });
    const slope = cube(x);
    slope.backward();
    close(x.grad as Tensor, 12);
    const outside = torch.tensor(5, { requiresGrad: true });
    grad((y: Tensor) => y.mul(outside))(torch.tensor(2)).backward();
    close(outside.grad as Tensor, 1);
  });

  test("the inner of two levels does not take the outer's input for its own", () => {
    const f = (x: Tensor) => x.mul(grad((y: Tensor) => x.add(y))(torch.tensor(1)));
    close(grad(f)(torch.tensor(1)), 1);
    const g = (x: Tensor) => x.mul(grad((y: Tensor) => x.mul(y))(torch.tensor(2)));
    close(grad(g)(torch.tensor(3)), 6);
  });

  test("arguments by place, trees of tensors, and what is beside the value", () => {
    const product = (x: Tensor, y: Tensor) => x.mul(y).sum();
    const [dx, dy] = grad(product, [0, -1])(torch.ones(3), torch.tensor([1, 2, 3]));
    close(dx, [1, 2, 3]);
    close(dy, [1, 1, 1]);
    close(grad(product, 1)(torch.ones(2), torch.zeros(2)), [1, 1]);
    close(grad(product, { argnums: 1 })(torch.ones(2), torch.zeros(2)), [1, 1]);
    const tree = { a: torch.tensor([1, 2]), list: [torch.tensor(3)] as const };
    const found = grad((t: typeof tree) => t.a.pow(2).sum().mul(t.list[0]))(tree);
    close(found.a, [6, 12]);
    close(found.list[0], 5);
    const [slope, aux] = grad((x: Tensor) => [x.pow(2), { twice: x.mul(2), name: "x" }], { hasAux: true })(
      torch.tensor(3),
    );
    close(slope, 6);
    close((aux as { twice: Tensor }).twice, 6);
    assert.equal((aux as { name: string }).name, "x");
  });

  test("value and gradient in one call", () => {
    const [slope, value] = gradAndValue((x: Tensor) => x.pow(2).sum())(torch.tensor([1, 2]));
    close(slope, [2, 4]);
    close(value, 5);
    assert.equal(value.requiresGrad, false);
    const [, [loss, aux]] = gradAndValue((x: Tensor) => [x.sum(), x.mul(2)], { hasAux: true })(torch.tensor([1, 2]));
    close(loss, 3);
    close(aux, [2, 4]);
  });

  test("noGrad inside counts, noGrad around does not", () => {
    close(grad((x: Tensor) => torch.noGrad(() => x.sin()).mul(x))(torch.tensor(1)), Math.sin(1));
    const x = torch.tensor(1, { requiresGrad: true });
    const slope = torch.noGrad(() => grad((y: Tensor) => y.sin())(x));
    close(slope, Math.cos(1));
    assert.equal(slope.requiresGrad, false);
  });

  test("changes in place, also of views, and several results at once", () => {
    const f = (x: Tensor) => {
      const y = x.mul(1);
      y.mul_(x).sin_();
      const [first, rest] = y.split([1, 2]) as [Tensor, Tensor];
      y.select(0, 1).mul_(3);
      return y.sum().add(first.sum()).add(rest.max(0).values);
    };
    const x = torch.tensor([0.5, 0.2, 0.4], { dtype: torch.float64 });
    const expected = x.clone().requiresGrad_();
    f(expected).backward();
    assert.ok(torch.equal(grad(f)(x), expected.grad as Tensor));
    const curvature = grad((y: Tensor) => grad(f)(y).pow(2).sum())(x);
    const second = x.clone().requiresGrad_();
    const [slope] = torch.autograd.grad(f(second), second, { createGraph: true });
    (slope as Tensor).pow(2).sum().backward();
    assert.ok(torch.allclose(curvature, second.grad as Tensor));
  });

  test("a network's parameters", () => {
    torch.manualSeed(0);
    const model = new nn.Sequential(
      new nn.Conv2d(1, 2, 3),
      new nn.BatchNorm2d(2),
      new nn.Flatten(),
      new nn.Linear(8, 3),
    );
    model.eval();
    const [x, t] = [torch.randn(2, 1, 4, 4), torch.tensor([0, 2], { dtype: torch.long })];
    const weights = Object.fromEntries([...model.namedParameters()].map(([name, p]) => [name, p.detach()]));
    const loss = (w: typeof weights) => F.crossEntropy(torch.func.functionalCall(model, w, [x]), t);
    const found = grad(loss)(weights);
    F.crossEntropy(model(x), t).backward();
    for (const [name, p] of model.namedParameters()) {
      assert.ok(torch.allclose(found[name] as Tensor, p.grad as Tensor), name);
    }
  });

  test("what cannot be differentiated so", () => {
    const x = torch.ones(3);
    assert.throws(
      () => grad((y: Tensor) => y.mul(2))(x),
      /Expected f\(\.\.\.args\) to return a scalar Tensor, got tensor with 1 dims/,
    );
    assert.throws(() => grad((() => 3) as never)(x as never), /to return a Tensor, got/);
    assert.throws(() => grad((y: Tensor) => y.sum(), 1)(x), {
      name: "RangeError",
      message: /Got argnum=1, but only 1 positional inputs/,
    });
    assert.throws(() => grad((y: Tensor) => y.sum(), [0, 0])(x), /argnums elements must be unique/);
    assert.throws(() => grad((y: Tensor) => y.sum(), [])(x), /argnums must be non-empty/);
    assert.throws(() => grad((y: Tensor) => y.sum())(3 as never), /Thing passed to transform API must be Tensor/);
    assert.throws(
      () => grad((y: Tensor) => y.sum())(torch.ones(3, { dtype: torch.long })),
      /floating point and complex dtype/,
    );
    assert.throws(
      () => grad(((y: Tensor) => y.sum()) as never, { hasAux: true })(x),
      /should be a tuple: \[output, aux\]/,
    );
    assert.throws(() => grad(3 as never), { name: "TypeError" });
    assert.throws(() => grad((y: Tensor) => y.sum(), { hasaux: true } as never), /unexpected option 'hasaux'/);
    const outside = torch.zeros(3);
    assert.throws(() => grad((y: Tensor) => outside.add_(y).sum())(x), /made outside of the function/);
    assert.deepEqual(outside.tolist(), [0, 0, 0]);
  });
});

describe("vjp", () => {
  test("pulls gradients back, as often as is asked", () => {
    const [y, pull] = vjp(
      (a: Tensor, b: Tensor) => [a.mm(b), a.sum()] as const,
      torch.eye(2),
      torch.tensor([[1], [2]]),
    );
    close(y[0], [[1], [2]]);
    for (const factor of [1, 2]) {
      const [da, db] = pull([torch.ones(2, 1).mul(factor), torch.tensor(0)]);
      close(da, [
        [factor, 2 * factor],
        [factor, 2 * factor],
      ]);
      close(db, [[factor], [factor]]);
    }
  });

  test("what nothing depends on has a gradient of zeros", () => {
    const [, pull] = vjp((a: Tensor, _b: Tensor) => a.mul(2), torch.ones(2), torch.ones(3));
    close(pull(torch.ones(2))[1], [0, 0, 0]);
    const [, constant] = vjp((_a: Tensor) => torch.ones(2), torch.ones(3));
    close(constant(torch.ones(2))[0], [0, 0, 0]);
  });

  test("can be differentiated, and have something beside the output", () => {
    const x = torch.tensor(2, { dtype: torch.float64 });
    const slope = (y: Tensor) => vjp((z: Tensor) => z.pow(3), y)[1](torch.ones([], { dtype: torch.float64 }))[0];
    close(grad(slope)(x), 12);
    const [, , aux] = vjp((y: Tensor) => [y.mul(2), y.mul(3)] as const, x, { hasAux: true });
    close(aux, 6);
  });

  test("what does not fit", () => {
    const [, pull] = vjp((x: Tensor) => [x, x.mul(2)] as const, torch.ones(2));
    assert.throws(() => pull(torch.ones(2) as never), /Expected pytree structure of cotangents to be the same/);
    assert.throws(
      () => pull([torch.ones(3), torch.ones(2)]),
      /Mismatch in shape: grad_output\[0\] has a shape of \[3\]/,
    );
    assert.throws(() => vjp((() => 1) as never), /Expected output of f to be a Tensor or Tensors/);
    assert.throws(() => vjp(1 as never), { name: "TypeError" });
    assert.throws(
      () => vjp(((x: Tensor) => x) as never, torch.ones(1), { hasAux: 1 } as never),
      /'hasAux' must be bool/,
    );
  });
});
