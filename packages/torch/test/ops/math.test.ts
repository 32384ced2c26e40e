/** Elementwise functions give PyTorch's results, gradients, dtypes and errors. */
import assert from "node:assert/strict";
import { test } from "node:test";
import torch, { type DType } from "../../src/index.js";
import { conform, ints, of } from "../support/conform.js";

conform("math", [
  // rounding, signs, magnitudes
  ({ m }) => m.abs(),
  ({ m }) => torch.absolute(m),
  ({ m }) => m.clone().abs_(),
  ({ m }) => m.sign().add(m.sgn()),
  ({ m }) => torch.floor(m).add(m.ceil()).add(m.trunc()).add(m.fix()),
  ({ m }) => m.frac(),
  ({ m }) => m.round(),
  ({ m }) => m.round({ decimals: 1 }),
  ({ m }) => m.mul(100).round({ decimals: -1 }),
  () => torch.round(of([0.5, 1.5, -0.5, 2.5])),
  () => ints([-3, 4]).floor(),
  ({ m }) => m.t().neg(),
  ({ m }) => torch.positive(m).negative(),
  ({ m }) => m.copysign(of([1, -1, 0, -2])),
  ({ m }) => m.copysign(-1),
  () => ints([1, -2]).copysign(-1),
  () => torch.heaviside(of([-1, 0, 2]), of([0.5])),
  () => torch.signbit(of([-1, 0, 2])),
  // trigonometry
  ({ m }) => m.sin(),
  ({ m }) => m.cos(),
  ({ m }) => m.mul(0.3).tan(),
  ({ m }) => m.mul(0.2).asin(),
  ({ m }) => torch.arccos(m.mul(0.2)),
  ({ m }) => m.atan(),
  ({ m }) => m.sinh(),
  ({ m }) => m.cosh(),
  ({ m }) => m.tanh(),
  ({ m }) => m.arcsinh(),
  ({ m }) => m.abs().add(1.5).acosh(),
  ({ m }) => torch.atanh(m.mul(0.2)),
  ({ m, v }) => m.atan2(v),
  ({ m }) => m.clone().arctan2_(m.flip(0)),
  ({ m, v }) => torch.hypot(m, v),
  ({ m }) => m.sinc(),
  ({ m }) => m.deg2rad(),
  ({ m }) => torch.rad2deg(m),
  () => torch.angle(of([-1, 0, 2])),
  () => ints([0, 1]).sin(),
  // exponentials and logarithms
  ({ m }) => m.exp(),
  ({ m }) => m.exp2(),
  ({ m }) => m.expm1(),
  ({ m }) => m.abs().log(),
  ({ m }) => m.abs().log2(),
  ({ m }) => m.abs().log10(),
  ({ m }) => m.abs().log1p(),
  ({ m }) => m.abs().sqrt(),
  ({ m }) => m.abs().rsqrt(),
  ({ m }) => m.reciprocal(),
  ({ m }) => m.square(),
  ({ m }) => m.clone().square_(),
  ({ m }) => m.pow(3),
  ({ m }) => m.abs().pow(2.5),
  ({ m }) => m.abs().pow(m.mul(0.5)),
  ({ m }) => torch.pow(2, m),
  () => torch.pow(ints([2, -3]), 3),
  () => torch.pow(of([0, 2, -2]), of([0, 0, 3])),
  ({ m }) => m.abs().floatPower(1.5),
  () => ints([2, 3]).floatPower(-1),
  ({ m, v }) => torch.logaddexp(m, v),
  ({ m, v }) => m.logaddexp2(v),
  ({ m }) => m.sigmoid(),
  ({ m }) => m.relu(),
  ({ m }) => torch.softmax(m, 1),
  ({ m }) => m.logSoftmax(0),
  // special functions
  ({ m }) => m.erf(),
  ({ m }) => m.erfc(),
  ({ m }) => m.mul(0.2).erfinv(),
  ({ m }) => m.abs().lgamma(),
  () => torch.digamma(of([0.5, 1, 3.25])),
  ({ m }) => m.abs().add(2).mvlgamma(2),
  ({ m }) => m.mul(0.1).add(0.5).logit(),
  ({ m }) => m.mul(0.2).add(0.5).logit(0.2),
  ({ m }) => m.i0(),
  ({ m }) => torch.igamma(of(2.5), m.abs()),
  ({ m }) => torch.igammac(of(0.5), m.abs()),
  ({ m }) => m.xlogy(m.abs().flip(0)),
  ({ m }) => m.xlogy(2.5),
  ({ m }) => torch.xlogy(3, m.abs()),
  () => torch.xlogy(of([0, 0, 1]), of([0, -1, 0])),
  // extremes and limits
  ({ m, v }) => torch.maximum(m, v),
  ({ m, v }) => m.minimum(v),
  () => torch.maximum(of([1, NaN]), of([NaN, 2])),
  ({ m, v }) => torch.fmax(m, v),
  ({ m, v }) => m.fmin(v),
  () => torch.fmax(of([1, NaN]), of([NaN, NaN])),
  ({ m }) => m.clamp(-1, 1),
  ({ m }) => m.clip({ max: 0.5 }),
  ({ m }) => m.clamp({ min: 0 }),
  ({ m, v }) => m.clamp(v, v.add(1)),
  ({ m }) => m.clone().clampMin_(0.5),
  ({ m }) => torch.clampMax(m, 1),
  () => ints([1, 5]).clamp(2.5),
  // arithmetic of two and three
  ({ m, v }) => m.add(v, { alpha: 2 }),
  ({ m, v }) => torch.subtract(m, v, { alpha: 0.5 }),
  ({ m, s }) => torch.rsub(m, s),
  ({ m }) => torch.rsub(m, 2, { alpha: 3 }),
  ({ m, v }) => m.multiply(v),
  ({ m, v }) => m.divide(v),
  ({ m, v }) => torch.trueDivide(m, v),
  ({ m, v }) => m.div(v, { roundingMode: "floor" }),
  ({ m, v }) => m.div(v, { roundingMode: "trunc" }),
  ({ m, v }) => m.remainder(v),
  ({ m }) => m.fmod(1.5),
  () => torch.remainder(7, ints([2, -3])),
  () => ints([7, -7]).floorDivide(2),
  () => torch.gcd(ints([12, -18, 0]), ints([8, 12, 5])),
  () => torch.lcm(ints([4, 6, 0]), ints([6, 4, 5])),
  ({ m }) => m.ldexp(ints([1, 2, -1, 0])),
  () => torch.nextafter(of([1, 0]), of([2, -1])),
  ({ m }) => torch.frexp(m.add(0.03)).mantissa,
  () => torch.frexp(of([6, -0.3, 0])).exponent,
  ({ m, v, s }) => torch.addcmul(s, m, v, { value: 2 }),
  ({ m, v }) => m.addcdiv(v, v.add(9), { value: -0.5 }),
  ({ m, v }) => m.lerp(v.expand(3, 4), 0.25),
  ({ m, v, s }) => torch.lerp(m, v, s),
  () => of([NaN, Infinity, -Infinity, 1]).nanToNum(),
  () => torch.nanToNum(of([NaN, Infinity, -Infinity, 1]), 0.5, 7, { neginf: -7 }),
  ({ m }) => m.nanToNum(),
  // comparisons and bits
  ({ m, v }) => m.gt(v),
  ({ m }) => m.le(0.0625),
  () => ints([1, 0]).logicalAnd(ints([1, 1])),
  () => ints([6, 3]).bitwiseXor(5),
  () => ints([6, 3]).bitwiseLeftShift(2),
  () => torch.isclose(of([1, 2]), of([1.000001, 2.1])),
  // promotion
  () => ints([1, 2]).add(2.5),
  () => ints([1, 2]).mul(of(2.5)),
  () => ints([1, 2]).div(2),
  () => torch.ones(2).add(of([1, 2])),
  () => torch.ones(2).mul(of(1.5)),
  // out
  ({ m }) => torch.sin(m.detach(), { out: torch.zeros(0) }),
  ({ m }) => torch.add(m.detach(), 1, { out: torch.zeros(4, 3, { dtype: torch.float64 }).t() }),
]);

test("the derivatives of digamma are polygammas", () => {
  const x = of([1, 0.5]).requiresGrad_();
  const [first] = torch.autograd.grad(torch.digamma(x).sum(), [x], undefined, { createGraph: true });
  const close = (actual: torch.Tensor | undefined, expected: number[]) =>
    assert.ok(torch.allclose(actual as torch.Tensor, of(expected), 1e-12, 0));
  close(first, [Math.PI ** 2 / 6, Math.PI ** 2 / 2]);
  const [second] = torch.autograd.grad((first as torch.Tensor).sum(), [x]);
  const zeta3 = 1.2020569031595942;
  close(second, [-2 * zeta3, -14 * zeta3]);
  close(x.detach().polygamma(2), [-2 * zeta3, -14 * zeta3]);
  assert.throws(() => torch.polygamma(-1, x), /does not support negative n/);
});

test("functions of floating numbers turn whole ones into the default dtype", () => {
  for (const name of ["exp", "sqrt", "tanh", "erf", "deg2rad", "atan", "logit"] as const) {
    assert.equal(ints([0, 1])[name]().dtype, torch.float32, name);
    assert.equal(torch.tensor([true])[name]().dtype, torch.float32, name);
  }
});

test("in place, a result that does not fit is refused before anything changes", () => {
  const whole = ints([1, 4]);
  assert.throws(() => whole.sqrt_(), /result type Float can't be cast to the desired output type Long/);
  assert.throws(() => whole.floatPower_(2), /dtype Long but the operation.s result requires dtype Double/);
  assert.throws(
    () => whole.add_(ints([[1], [2], [3]])),
    /output with shape \[2\] doesn't match the broadcast shape \[3, 2\]/,
  );
  assert.throws(() => torch.ones(1).expand(3).abs_(), /more than one element of the written-to tensor/);
  assert.deepEqual(whole.tolist(), [1, 4]);
});

test("wrong calls", () => {
  const bools = torch.tensor([true]);
  assert.throws(() => bools.sub(bools), /Subtraction, the `-` operator, with two bool tensors is not supported/);
  assert.throws(() => bools.neg(), /Negation, the `-` operator/);
  assert.throws(() => ints([1]).div(0, { roundingMode: "floor" }), /ZeroDivisionError/);
  assert.throws(() => ints([2]).pow(-1), /Integers to negative integer powers are not allowed/);
  assert.throws(() => ints([2]).add(ints([1]), { alpha: 0.5 }), /argument alpha must not be a floating point number/);
  assert.throws(() => torch.ones(2).clamp(), /At least one of 'min' or 'max' must not be None/);
  assert.throws(() => torch.gcd(torch.ones(1), torch.ones(1)), /not implemented for 'Float'/);
  assert.throws(() => torch.ones(2).lerp(of([1, 2]), 0.5), /expected dtype float for `end` but got dtype double/);
  assert.throws(() => ints([1]).addcdiv(ints([1]), ints([1])), /Integer division with addcdiv is no longer supported/);
  assert.throws(
    () => torch.ones(2, 3).add(torch.ones(4)),
    /The size of tensor a \(3\) must match the size of tensor b \(4\)/,
  );
  // @ts-expect-error a function of tensors only
  assert.throws(() => torch.hypot(torch.ones(2), 1), TypeError);
});

/** ψ⁽ⁿ⁾(x) to 50 digits, rounded. */
const polygammas: readonly [n: number, x: number, value: number][] = [
  [1, -1e-20, 1e40],
  [1, 1e300, 1e-300],
  [2, -1e-20, 2e60],
  [3, 1e100, 2e-300],
  [10, -1.5, -156.229596593233],
  [10, -10.5, -0.000013479713180436911],
  [10, 1e30, -3.628799999999999e-295],
  [30, -0.5, -9.222127066162056e26],
  [50, 10, -30652457252905.85],
  [150, 10, -5.713387167139042e111],
  [169, 100, 5.237721077977481e-36],
  [171, 1.5, 6.398549700193178e278],
  [171, 1000, 7.895703658426907e-207],
  [200, 10, -7.886578711401554e173],
  [300, 100, -3222042538708.512],
  [171, 1e5, 0],
  [300, -0.3, -Infinity],
  [300, -0.7, Infinity],
  [301, -0.3, Infinity],
];

test("polygamma of large orders and at numbers far from 1", () => {
  for (const [n, x, value] of polygammas) {
    const actual = torch.polygamma(n, torch.tensor(x, { dtype: torch.float64 })).item();
    const close = actual === value || Math.abs(actual - value) <= 1e-11 * Math.abs(value);
    assert.ok(close, `polygamma(${n}, ${x}) is ${actual} instead of ${value}`);
  }
  const x = torch.tensor(-9.9e-12, { requiresGrad: true });
  x.digamma().backward();
  assert.ok(Math.abs((x.grad?.item() as number) * x.item() ** 2 - 1) < 1e-6);
});

test("lcm of narrow types takes the magnitude before it wraps around", () => {
  const lcm = (dtype: DType, a: number[], b: number[]) =>
    torch.lcm(torch.tensor(a, { dtype }), torch.tensor(b, { dtype })).tolist();
  assert.deepEqual(lcm(torch.int8, [-127, -127, -2, 100], [-2, 2, 3, 99]), [-2, -2, 6, -84]);
  assert.deepEqual(lcm(torch.int16, [32767, -4], [32766, 6]), [-32766, 12]);
  assert.deepEqual(lcm(torch.uint8, [255, 4], [254, 6]), [2, 12]);
});
