/** Results do not depend on the scale of the numbers, as long as they themselves are within the range of the dtype. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type Tensor } from "../../src/index.js";

/** Scales whose squares are outside the range of float32. */
const scales = [2 ** -120, 2 ** -90, 2 ** -70, 2 ** 66, 2 ** 90, 2 ** 120];

function closeTo(actual: Tensor, expected: Tensor, rtol: number, message: string): void {
  assert.deepEqual(actual.shape, expected.shape, message);
  const far = actual.sub(expected).abs().gt(expected.abs().mul(rtol)).logicalOr(actual.isnan());
  assert.equal(far.any().item(), 0, `${message}: ${actual} instead of ${expected}`);
}

/** Tensors whose reductions walk memory in different ways, and the dims to reduce. */
const layouts: readonly [name: string, make: () => Tensor, dims: readonly (number | number[] | null)[]][] = [
  ["vector", () => torch.randn(50), [null, 0]],
  ["two numbers", () => torch.randn(2), [null]],
  ["long vector", () => torch.randn(70000), [null]],
  ["rows", () => torch.randn(5, 300), [1, 0, null]],
  ["many columns", () => torch.randn(70, 600), [0]],
  ["few columns", () => torch.randn(3000, 3), [0, 1]],
  ["transposed", () => torch.randn(40, 30).t(), [0, 1]],
  ["gaps", () => torch.randn(20, 60).at(":", "::3"), [0, 1, null]],
  ["batch", () => torch.randn(4, 6, 5, 5), [[0, 2, 3], [1], [0, 1]]],
  ["expanded", () => torch.randn(20, 1).expand(20, 3), [0, null]],
];

test("std, var and their means of numbers of every scale", () => {
  torch.manualSeed(1);
  for (const [name, make, dims] of layouts) {
    const x = make();
    for (const dim of dims) {
      const std = x.std(dim, { keepdim: true });
      const mean = x.mean(dim, { keepdim: true });
      for (const scale of scales) {
        const about = `${name}, dim ${dim}, ${scale}`;
        const scaled = x.mul(scale);
        closeTo(scaled.std(dim, { keepdim: true }), std.mul(scale), 1e-5, about);
        closeTo(
          scaled.std(dim, { keepdim: true, correction: 0 }).div(scale),
          x.std(dim, { keepdim: true, correction: 0 }),
          1e-5,
          about,
        );
        const [deviation, average] = torch.stdMean(scaled, dim, { keepdim: true });
        closeTo(deviation, std.mul(scale), 1e-5, about);
        closeTo(average.div(scale).add(10), mean.add(10), 1e-6, about);
        if (scale > 2 ** -71 && scale < 1)
          closeTo(scaled.var(dim, { keepdim: true }), std.mul(scale).square(), 1e-5, about);
      }
    }
  }
});

test("a variance that is itself out of range is 0 or infinite", () => {
  const x = torch.tensor([1, 2, 4]);
  assert.equal(x.mul(1e-30).var().item(), 0);
  assert.equal(x.mul(1e30).var().item(), Infinity);
  assert.ok(Math.abs(x.double().mul(1e-30).var().item() / (7e-60 / 3) - 1) < 1e-12);
});

test("gradients of std do not depend on the scale", () => {
  torch.manualSeed(2);
  const x = torch.randn(6, 9);
  for (const dim of [null, 0, 1] as const) {
    const gradientAt = (scale: number) => {
      const leaf = x.mul(scale).requiresGrad_();
      leaf.std(dim).sum().backward();
      return leaf.grad as Tensor;
    };
    const expected = gradientAt(1);
    for (const scale of scales) closeTo(gradientAt(scale), expected, 1e-3, `dim ${dim}, ${scale}`);
  }
});

test("equal elements, NaN and infinities among them", () => {
  for (const value of [0, 1e-40, 1e-30, 0.1, 1e30, 3e38]) {
    assert.ok(torch.full([70, 40], value).std().item() <= value * 1e-6, `${value}`);
    assert.ok(torch.full([70, 40], value).std(0).amax().item() <= value * 1e-6, `${value}`);
  }
  for (const value of [NaN, Infinity, -Infinity]) {
    const x = torch.zeros(70, 40);
    x.setAt([3, 4], value);
    assert.ok(Number.isNaN(x.std().item()));
    const columns = x.std(0).tolist() as number[];
    assert.deepEqual(
      columns,
      columns.map((_, i) => (i === 4 ? NaN : 0)),
    );
  }
});

test("one large element beside small ones", () => {
  const x = torch.cat([torch.randn(3000).mul(1e-25), torch.tensor([1e25])]);
  const expected = x.double().std().item();
  assert.ok(Math.abs(x.std().item() / expected - 1) < 1e-6);
  assert.ok(Math.abs(x.unsqueeze(1).expand(3001, 4).std(0).at(2).item() / expected - 1) < 1e-6);
});

test("gradients of norms take powers of quotients, not quotients of powers", () => {
  torch.manualSeed(3);
  const x = torch.randn(7).abs().add(0.5);
  for (const p of [-2, -1, -0.5, 0.5, 1.5, 2.5]) {
    const gradientAt = (scale: number) => {
      const leaf = x.mul(scale).requiresGrad_();
      leaf.norm(p).backward();
      return leaf.grad as Tensor;
    };
    const expected = gradientAt(1);
    for (const scale of [2 ** -47, 2 ** 47]) {
      closeTo(gradientAt(scale), expected, 1e-4, `p = ${p}, ${scale}`);
    }
  }
});
