/**
 * How numbers from gamma and beta distributions move with a parameter, against differences of their quantiles: where the
 * distribution function of a parameter a bit larger has the same value.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch from "../../src/index.js";
import { sampleDirichlet } from "../../src/ops/random/dirichlet.js";
import { betaGrad, standardGamma, standardGammaGrad } from "../../src/ops/random/gamma.js";

const of = (...values: number[]) => torch.tensor(values, { dtype: torch.float64 });

/** Where a rising function has a value. */
function solve(f: (x: number) => number, value: number, low: number, high: number): number {
  let [from, to] = [low, high];
  for (let i = 0; i < 60; i++) {
    const middle = (from + to) / 2;
    if (f(middle) < value) from = middle;
    else to = middle;
  }
  return (from + to) / 2;
}

function assertClose(actual: number, expected: number, rtol: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= rtol * Math.abs(expected), `${what}: ${actual} instead of ${expected}`);
}

test("gamma numbers keep their quantile", () => {
  // P where it is small, and Q where P is close to 1.
  const lower = (a: number, x: number) => torch.special.gammainc(of(a), of(x)).item();
  const upper = (a: number, x: number) => -torch.special.gammaincc(of(a), of(x)).item();
  for (const a of [0.01, 0.3, 1, 2.5, 20, 400, 30_000]) {
    for (const z of [-3, -1, -0.1, 0, 0.5, 2, 4]) {
      const x = a * (1 - 1 / (9 * a) + z / (3 * Math.sqrt(a))) ** 3;
      if (!(x > 1e-8)) continue;
      const F = x < a ? lower : upper;
      const step = 1e-4 * a;
      const quantile = F(a, x);
      const [less, more] = [a - step, a + step].map((near) => solve((at) => F(near, at), quantile, 0, 4 * x + 1));
      const slope = ((more as number) - (less as number)) / (2 * step);
      assertClose(standardGammaGrad(of(a), of(x)).item(), slope, 2e-5, `a ${a}, x ${x}`);
    }
  }
});

test("the derivative is smooth where its computation changes", () => {
  const at = (a: number, x: number) => standardGammaGrad(of(a), of(x)).item();
  for (const a of [0.5, 3, 100]) assertClose(at(a, a + 1 + 1e-9), at(a, a + 1 - 1e-9), 1e-9, `a ${a}`);
  for (const m of [-0.003, -1e-6, 0, 1e-8, 0.0004, 0.002]) {
    const [below, above] = [1e6 * (1 - 1e-9), 1e6 * (1 + 1e-9)];
    assertClose(at(above, above * (1 + m)), at(below, below * (1 + m)), 1e-8, `m ${m}`);
  }
});

/** The distribution function of a beta distribution, by its density. */
function beta(a: number, b: number, x: number): number {
  const count = 3000;
  // In terms of t = log(y / (1 - y)) the density has no poles.
  const end = Math.log(x / (1 - x));
  const log = torch.lgamma(of(a + b, a, b)).tolist() as [number, number, number];
  const scale = Math.exp(log[0] - log[1] - log[2]);
  let sum = 0;
  for (let i = 0; i <= count; i++) {
    const t = end - 60 * (1 - i / count);
    const y = 1 / (1 + Math.exp(-t));
    const weight = i === 0 || i === count ? 1 : i % 2 === 1 ? 4 : 2;
    sum += weight * y ** a * (1 - y) ** b;
  }
  return (scale * sum * 60) / count / 3;
}

test("beta numbers keep their quantile", () => {
  for (const [a, b] of [
    [1, 1],
    [2, 5],
    [5, 2],
    [0.8, 0.9],
    [30, 12],
  ] as const) {
    for (const x of [0.05, 0.3, 0.6, 0.9]) {
      const quantile = beta(a, b, x);
      if (quantile < 1e-5 || quantile > 1 - 1e-5) continue;
      const step = 1e-4 * a;
      const [less, more] = [a - step, a + step].map((near) =>
        solve((at) => beta(near, b, at), quantile, 1e-12, 1 - 1e-12),
      );
      const slope = ((more as number) - (less as number)) / (2 * step);
      assertClose(betaGrad(of(x), of(a), of(b)).item(), slope, 1e-5, `a ${a}, b ${b}, x ${x}`);
    }
  }
});

test("both take strided and broadcast inputs in every floating dtype", () => {
  const shapes = of(0.5, 2, 9).view(3, 1);
  const numbers = of(0.1, 1, 4, 8).expand(3, 4);
  const expected = standardGammaGrad(shapes, numbers);
  assert.deepEqual([...expected.shape], [3, 4]);
  for (const dtype of [torch.float32, torch.float16, torch.bfloat16]) {
    const found = standardGammaGrad(shapes.to(dtype), numbers.to(dtype));
    assert.equal(found.dtype, dtype);
    assert.ok(torch.allclose(found.double(), expected, { rtol: 2e-2, atol: 1e-3 }));
  }
  assert.equal(standardGammaGrad(of(), of()).numel(), 0);
  assert.ok(Number.isNaN(standardGammaGrad(of(-1), of(1)).item()));
  assert.ok(Number.isNaN(betaGrad(of(2), of(1), of(1)).item()));
  assert.throws(() => standardGammaGrad(of(1), torch.tensor([1])), /Found dtype Float but expected Double/);
  const slopes = betaGrad(of(0.1, 0.6).view(2, 1), of(1, 2, 3), of(4));
  assert.deepEqual([...slopes.t().contiguous().shape], [3, 2]);
  assert.equal(betaGrad(of(0.6), of(2), of(4)).item(), slopes.at(1, 1).item());
});

test("gradients flow through draws once, and not twice", () => {
  const shape = of(0.5, 3).requiresGrad_();
  torch.manualSeed(0);
  const drawn = standardGamma(shape);
  const [slope] = torch.autograd.grad([drawn.sum()], [shape], undefined, { createGraph: true });
  assert.deepEqual(slope?.tolist(), standardGammaGrad(shape, drawn).tolist());
  assert.throws(() => slope?.sum().backward(), /is not defined/);

  const concentration = of(0.5, 3, 2).requiresGrad_();
  const shares = sampleDirichlet(concentration);
  // The sum of the shares stays 1.
  const [still] = torch.autograd.grad([shares.sum()], [concentration]);
  assert.ok(torch.allclose(still as torch.Tensor, of(0, 0, 0), { atol: 1e-12 }));
});
