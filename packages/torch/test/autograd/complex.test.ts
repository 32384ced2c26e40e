/** Gradients of complex numbers, by Wirtinger's rule: first and second ones against differences, and what is real stays so. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import torch, { Complex, F, nn, type Tensor } from "../../src/index.js";

const { gradcheck, gradgradcheck } = torch.autograd;
const c = (real: number, imag: number) => new Complex(real, imag);

function complexInput(): Tensor {
  torch.manualSeed(1);
  return torch.randn(2, 3, { dtype: torch.complex128 }).requiresGrad_();
}

function realInput(): Tensor {
  torch.manualSeed(2);
  return torch.randn(2, 3, { dtype: torch.float64 }).requiresGrad_();
}

const ofOne: Record<string, (x: Tensor) => Tensor> = {
  abs: (x) => x.abs(),
  angle: (x) => x.angle(),
  sgn: (x) => x.sgn(),
  conj: (x) => x.conj(),
  real: (x) => x.real,
  imag: (x) => x.imag,
  exp: (x) => x.exp(),
  expm1: (x) => x.expm1(),
  log: (x) => x.log(),
  log1p: (x) => x.log1p(),
  sqrt: (x) => x.sqrt(),
  rsqrt: (x) => x.rsqrt(),
  reciprocal: (x) => x.reciprocal(),
  "pow of a number": (x) => x.pow(2.5),
  "pow of a complex number": (x) => x.pow(c(1, 0.5)),
  tan: (x) => x.tan(),
  asin: (x) => x.asin(),
  acos: (x) => x.acos(),
  atan: (x) => x.atan(),
  tanh: (x) => x.tanh(),
  asinh: (x) => x.asinh(),
  acosh: (x) => x.acosh(),
  atanh: (x) => x.atanh(),
  sigmoid: (x) => x.sigmoid(),
  silu: (x) => F.silu(x),
  sinc: (x) => x.sinc(),
  lerp: (x) => torch.lerp(x, x.mul(2), c(0.3, 0.4)),
  sum: (x) => x.sum(0),
  mean: (x) => x.mean(1),
  prod: (x) => x.prod(1),
  cumsum: (x) => x.cumsum(1),
  cumprod: (x) => x.cumprod(1),
  var: (x) => x.var(1),
  std: (x) => x.std(1),
  "norm of order 1": (x) => x.norm(1),
  "norm of order 2": (x) => x.norm(2, 1),
  "norm of order 3": (x) => x.norm(3, 0),
  "a product with itself": (x) => x.mm(x.T),
  "a product with its adjoint": (x) => x.mm(x.mH),
  dot: (x) => torch.dot(x.flatten(), x.flatten().flip(0)),
  vdot: (x) => torch.vdot(x.flatten(), x.flatten().flip(0)),
  viewAsReal: (x) => torch.viewAsReal(x).pow(2).sum(-1),
  "one part changed in place": (x) => {
    const y = x.mul(1);
    y.real.mul_(3);
    y.at(0).imag.add_(y.at(1).imag.clone());
    return y.exp();
  },
  "a view of pairs changed in place": (x) => {
    const pairs = torch.stack([x.real, x.imag], -1);
    torch.viewAsComplex(pairs).mul_(x);
    return pairs.mul(2);
  },
};

const ofTwo: Record<string, (x: Tensor, y: Tensor) => Tensor> = {
  mul: (x, y) => x.mul(y),
  div: (x, y) => x.div(y),
  "div of a real number": (x, y) => y.div(x),
  pow: (x, y) => x.pow(y),
  addcmul: (x, y) => torch.addcmul(x, x, y.to(torch.complex128), { value: c(0, 2) }),
  complex: (x, y) => torch.complex(y, y.pow(2)).mul(x),
  polar: (x, y) => torch.polar(y.abs(), y).add(x),
  matmul: (x, y) => x.matmul(y.to(torch.complex128).T),
  where: (x, y) => torch.where(y.gt(0), x, y),
};

describe("gradients are those of differences", () => {
  for (const [name, run] of Object.entries(ofOne)) {
    test(name, () => {
      assert.ok(gradcheck(run, complexInput()));
      assert.ok(gradgradcheck(run, complexInput()));
    });
  }
  for (const [name, run] of Object.entries(ofTwo)) {
    test(`${name} of complex and real numbers`, () => {
      const body = (...inputs: Tensor[]) => run(inputs[0] as Tensor, inputs[1] as Tensor);
      assert.ok(gradcheck(body, [complexInput(), realInput()]));
      assert.ok(gradgradcheck(body, [complexInput(), realInput()]));
    });
  }
  test("a wrong one is found", () => {
    class Wrong extends torch.autograd.Function {
      static override forward(_: unknown, x: Tensor): Tensor {
        return x.mul(c(0, 1));
      }
      static override backward(_: unknown, grad: Tensor): Tensor {
        return grad.mul(c(0, 1));
      }
    }
    assert.throws(() => gradcheck((x) => Wrong.apply(x) as Tensor, complexInput()), /Jacobian mismatch/);
  });
});

test("a real input has a real gradient", () => {
  const x = realInput();
  x.mul(c(1, 2)).abs().sum().backward();
  assert.equal(x.grad?.dtype, torch.float64);
  const [expected] = torch.autograd.grad(x.abs().mul(Math.sqrt(5)).sum(), [x]);
  assert.ok(torch.allclose(x.grad as Tensor, expected as Tensor));
});

test("a complex result needs a gradient to begin with", () => {
  assert.throws(
    () => complexInput().sum().backward(),
    /grad can be implicitly created only for real scalar outputs but got torch.complex128/,
  );
  const x = complexInput();
  x.sum().backward(torch.tensor(c(0, 1), { dtype: torch.complex128 }));
  assert.ok(torch.equal(x.grad as Tensor, torch.full([2, 3], c(0, 1), { dtype: torch.complex128 })));
});

test("layers convert to complex numbers, and learn the product with one", () => {
  torch.manualSeed(0);
  const model = new nn.Linear(1, 1).to(torch.complex128);
  assert.equal(model.weight.dtype, torch.complex128);
  const x = torch.randn(16, 1, { dtype: torch.complex128 });
  const y = x.mul(c(0.5, -2));
  for (let i = 0; i < 80; i++) {
    const loss = model(x).sub(y).abs().pow(2).mean();
    const slopes = torch.autograd.grad(loss, model.parameters());
    torch.noGrad(() => {
      for (const [k, parameter] of model.parameters().entries()) parameter.sub_((slopes[k] as Tensor).mul(0.2));
    });
  }
  assert.ok(torch.allclose(model.weight.detach(), torch.full([1, 1], c(0.5, -2), { dtype: torch.complex128 })));
  assert.throws(() => model.to(torch.int64), /only accepts floating point or complex dtypes/);
});

test("steepest descent goes the way of the gradient", () => {
  const target = torch.tensor([c(1, -2), c(-3, 0.5)], { dtype: torch.complex128 });
  const x = torch.zeros(2, { dtype: torch.complex128, requiresGrad: true });
  for (let i = 0; i < 60; i++) {
    const [slope] = torch.autograd.grad(x.sub(target).abs().pow(2).sum(), [x]);
    torch.noGrad(() => x.sub_((slope as Tensor).mul(0.2)));
  }
  assert.ok(torch.allclose(x.detach(), target));
});
