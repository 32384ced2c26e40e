/**
 * Elementwise kernels: one number from one, two or three numbers at the same place.
 *
 * Operands broadcast to the shape of the output. All operands have the dtype in which is computed; the output
 * has it too, or bool for comparisons and tests. An operand may be a number: `scalarView`. The output may be
 * one of the operands, element for element, but must not overlap with one otherwise.
 */
import { bool, complex64, type DType, dtypes, float32, int32 } from "../../core/dtype.js";
import { checkedScalar, nearest } from "../../core/scalars.js";
import { Tensor } from "../../core/tensor.js";
import type { ArrayView, Scalar } from "../../core/view.js";
import { type Kernel, kernel } from "./block.js";
import { inComplex64, isComplexHalf, notImplemented, partOf, partsOf, temporary } from "./complex.js";
import {
  begin,
  errorDetail,
  launch,
  launchFill,
  launchRun,
  putDType,
  putLoop,
  putOperand,
  putScalar,
  scalarAddress,
  scalarSlot,
  status,
} from "./launch.js";
import { CpuStorage } from "./memory/storage.js";

const binaryOps = [
  // every dtype (heaviside, fmax and fmin included)
  ...(["add", "mul", "maximum", "minimum", "fmax", "fmin", "heaviside"] as const),
  // every dtype but bool
  ...(["sub", "floorDivide", "remainder", "fmod", "truncDivide", "pow", "reluBackward"] as const),
  // integers, and bool for the first three
  ...(["bitwiseAnd", "bitwiseOr", "bitwiseXor", "leftShift", "rightShift", "gcd", "lcm"] as const),
  // floating
  ...(["div", "atan2", "hypot", "copysign", "nextafter", "logaddexp", "logaddexp2", "xlogy", "ldexp"] as const),
  ...(["igamma", "igammac", "sigmoidBackward", "tanhBackward", "siluBackward", "geluBackward"] as const),
  ...(["geluTanhBackward", "xlog1py", "zeta"] as const),
  // floating: the argument, and the degree, whose fraction is cut off
  ...(["chebyshevPolynomialT", "chebyshevPolynomialU", "chebyshevPolynomialV", "chebyshevPolynomialW"] as const),
  ...(["shiftedChebyshevPolynomialT", "shiftedChebyshevPolynomialU", "shiftedChebyshevPolynomialV"] as const),
  ...(["shiftedChebyshevPolynomialW", "hermitePolynomialH", "hermitePolynomialHe", "laguerrePolynomialL"] as const),
  ...(["legendrePolynomialP"] as const),
] as const;
/** Derivatives take the gradient first, then the input (relu, silu, gelu) or the result (sigmoid, tanh, relu). */
export type BinaryOp = (typeof binaryOps)[number];

const binaryWithOps = ["addScaled", "lerp", "thresholdBackward", "leakyReluBackward"] as const;
/** `addScaled`: a + p·b. `lerp`: a + p·(b - a), floating only. `thresholdBackward`: a where b > p, else 0. `leakyReluBackward`: a where b > 0, else a·p. */
export type BinaryWithOp = (typeof binaryWithOps)[number];

const compareOps = ["eq", "ne", "lt", "le", "gt", "ge", "logicalAnd", "logicalOr", "logicalXor"] as const;
export type CompareOp = (typeof compareOps)[number];

const unaryOps = [
  ...(["sign"] as const),
  // every dtype but bool
  ...(["neg", "abs", "square", "cube", "ceil", "floor", "trunc", "round", "relu"] as const),
  // integers and bool
  ...(["bitwiseNot"] as const),
  // floating
  ...(["frac", "sqrt", "rsqrt", "reciprocal", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p"] as const),
  ...(["sin", "cos", "tan", "sinc", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh"] as const),
  ...(["atanh", "erf", "erfc", "erfinv", "lgamma", "digamma", "i0", "i1", "sigmoid", "logSigmoid", "silu"] as const),
  ...(["mish", "gelu", "geluTanh", "hardsigmoid", "hardswish"] as const),
  ...(["entr", "erfcx", "ndtr", "ndtri", "logNdtr", "i0e", "i1e", "airyAi", "sphericalBesselJ0"] as const),
  ...(["besselJ0", "besselJ1", "besselY0", "besselY1", "modifiedBesselK0", "modifiedBesselK1"] as const),
  ...(["scaledModifiedBesselK0", "scaledModifiedBesselK1"] as const),
] as const;
export type UnaryOp = (typeof unaryOps)[number];

const unaryWithOps = [
  ...(["clamp", "threshold", "leakyRelu", "elu", "softplus", "logit", "polygamma", "nanToNum"] as const),
  ...(["roundFraction", "roundMultiple"] as const),
] as const;
/**
 * `clamp(min, max)`, `threshold(threshold, value)`: every dtype but bool. Floating: `leakyRelu(slope)`,
 * `elu(alpha, scale, inputScale)`, `softplus(beta, threshold)`, `logit(eps or -1)`, `polygamma(n)`,
 * `nanToNum(nan, posinf, neginf)`, `roundFraction(f)`: to a multiple of 1/f, `roundMultiple(f)`: to one of f.
 */
export type UnaryWithOp = (typeof unaryWithOps)[number];

const testOps = ["isnan", "isinf", "isfinite", "isposinf", "isneginf", "signbit", "logicalNot"] as const;
export type TestOp = (typeof testOps)[number];

/** Something for each operation of a family, by name. */
function family<Op extends string, T>(ops: readonly Op[], make: (op: Op) => T): Readonly<Record<Op, T>> {
  return Object.fromEntries(ops.map((op) => [op, make(op)])) as Record<Op, T>;
}

const binaryWithKernels = family(binaryWithOps, (op) => kernel(`binary.${op}`));
const unaryWithKernels = family(unaryWithOps, (op) => kernel(`unary.${op}`));
const testKernels = family(testOps, (op) => kernel(`test.${op}`));
const ternaryKernels = family(["addcmul", "addcdiv", "lerp", "clamp"], (op) => kernel(`ternary.${op}`));
const requireNonZero = kernel("requireNonZero");
const runWhere = kernel("where");
const runFrexp = kernel("frexp");
const runFill = kernel("fill");
const runCopy = kernel("copy");

const divisionByZero = 2;

function check(op: string): void {
  if (status() === 0) return;
  if (status() === divisionByZero) throw new Error("ZeroDivisionError");
  throw notImplemented(op, dtypes[errorDetail()] as DType);
}

/** The kernels of kernels/complex and kernels/complexmath. */
const complexOps = new Set([
  ...["mul", "div", "pow", "addScaled", "addcmul", "addcdiv", "lerp", "lerpScalar", "square", "cube", "reciprocal"],
  ...["conj", "sgn", "eq", "ne", "isnan", "isinf", "isfinite", "exp", "exp2", "expm1", "log", "log2", "log10", "log1p"],
  ...["sqrt", "rsqrt", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh", "atanh"],
  ...["sigmoid", "abs", "angle"],
]);

/**
 * Runs a kernel of complex numbers in the place of one that refused them.
 *
 * @param outType the dtype of the output, which may have parts of that dtype or be bool.
 * @throws TypeError if there is none.
 */
function runComplex(
  op: string,
  out: ArrayView,
  operands: readonly ArrayView[],
  outType: DType,
  parameters: readonly Scalar[] = [],
): void {
  const [a, b, c] = operands as [ArrayView, ArrayView?, ArrayView?];
  if (!a.dtype.isComplex || !complexOps.has(op)) throw notImplemented(op, a.dtype);
  if (isComplexHalf(a.dtype)) {
    const wider = outType.isComplex ? complex64 : outType.isFloatingPoint ? float32 : outType;
    return inComplex64(out, wider, operands, copy, (result, copies) =>
      runComplex(op, result, copies, wider, parameters),
    );
  }
  const list = begin();
  const dtype = putDType(a.dtype);
  for (const parameter of parameters) putScalar(parameter, dtype);
  putLoop(out, a, b, c);
  putOperand(out, outType);
  for (const operand of operands) putOperand(operand, dtype);
  launch(kernel(`complex.${op}`), list);
}

/**
 * out = what a function makes of complex numbers: the magnitude (`abs`) or the angle in the dtype of their parts, or the
 * conjugate (`conj`) or the direction (`sgn`) in their own.
 */
export function ofComplex(op: "abs" | "angle" | "conj" | "sgn", out: ArrayView, a: ArrayView): void {
  runComplex(op, out, [a], op === "abs" || op === "angle" ? a.dtype.toReal() : a.dtype);
}

/**
 * A number as an operand: a view of no dims whose memory is a slot of the argument block. Operands of one call
 * need different places (0 to 3), and the view holds the value only until the place is used again.
 */
export function scalarView(value: Scalar, dtype: DType, place = 0): ArrayView {
  scalarAddress(value, dtype, place);
  return ((scalarViews[place] as (ArrayView | undefined)[])[dtype.id] ??= makeScalarView(dtype, place));
}

const scalarViews: (ArrayView | undefined)[][] = [[], [], [], []];

function makeScalarView(dtype: DType, place: number): ArrayView {
  return new Tensor(CpuStorage.ofArguments(scalarSlot(place)), 0, [], [], dtype, true);
}

/** Runs a kernel of operands of one dtype, whose output has it too or is bool. */
function run(kernel: Kernel, out: ArrayView, a: ArrayView, b?: ArrayView, givesBool = false): void {
  if (launchRun(kernel, a.dtype, out, givesBool ? bool : a.dtype, a, b)) return;
  const list = begin();
  const dtype = putDType(a.dtype);
  putLoop(out, a, b);
  putOperand(out, givesBool ? bool : dtype);
  putOperand(a, dtype);
  if (b !== undefined) putOperand(b, dtype);
  launch(kernel, list);
}

/** Runs a kernel that takes parameters of the operands' dtype before its output and operands, all of that dtype. */
function runWith(
  kernel: Kernel,
  parameters: readonly Scalar[],
  out: ArrayView,
  a?: ArrayView,
  b?: ArrayView,
  c?: ArrayView,
): void {
  const list = begin();
  const dtype = putDType(out.dtype);
  for (let i = 0; i < parameters.length; i++) putScalar(parameters[i] as Scalar, dtype);
  putLoop(out, a, b, c);
  putOperand(out, dtype);
  if (a !== undefined) putOperand(a, dtype);
  if (b !== undefined) putOperand(b, dtype);
  if (c !== undefined) putOperand(c, dtype);
  launch(kernel, list);
}

/** A kernel of two operands: out = op(a, b). */
type BinaryKernel = (out: ArrayView, a: ArrayView, b: ArrayView) => void;

/** A kernel of one operand: out = op(a). */
type UnaryKernel = (out: ArrayView, a: ArrayView) => void;

/** out = op(a, b). Integer division by zero throws before anything is written. */
export const binary = family(binaryOps, (op): BinaryKernel => {
  const binaryKernel = kernel(`binary.${op}`);
  const divides = isDivision(op);
  return (out, a, b) => {
    if (divides && !a.dtype.isDifferentiable) checkDivisor(b);
    run(binaryKernel, out, a, b);
    if (status() !== 0) binaryOfComplex(op, out, a, b);
  };
});

function binaryOfComplex(op: BinaryOp, out: ArrayView, a: ArrayView, b: ArrayView): void {
  if (!a.dtype.isComplex) check(op);
  else if (op === "add" || op === "sub") binary[op](partsOf(out), partsOf(a), partsOf(b));
  else if (op === "sigmoidBackward" || op === "tanhBackward" || op === "siluBackward") timesSlope(op, out, a, b);
  else runComplex(op, out, [a, b], a.dtype);
}

/** out = grad times the slope of a function, of its result, or of its input for silu. */
function timesSlope(op: BinaryOp, out: ArrayView, grad: ArrayView, of: ArrayView): void {
  const slope = temporary(of, of.dtype);
  const one = scalarView(1, of.dtype, 2);
  if (op === "siluBackward") {
    // s (1 + x (1 - s))
    const s = temporary(of, of.dtype);
    unary.sigmoid(s, of);
    binary.sub(slope, one, s);
    binary.mul(slope, slope, of);
    binary.add(slope, slope, one);
    binary.mul(slope, slope, s);
    s.storage.release();
  } else {
    unary.square(slope, of);
    binary.sub(slope, op === "tanhBackward" ? one : of, slope);
  }
  binary.mul(out, grad, slope);
  slope.storage.release();
}

function isDivision(op: BinaryOp): boolean {
  return op === "floorDivide" || op === "remainder" || op === "fmod" || op === "truncDivide";
}

function checkDivisor(b: ArrayView): void {
  runWith(requireNonZero, [], b);
  check("requireNonZero");
}

/** out = op(a, b, parameter). */
export function binaryWith(op: BinaryWithOp, out: ArrayView, a: ArrayView, b: ArrayView, parameter: Scalar): void {
  runWith(binaryWithKernels[op], [parameter], out, a, b);
  if (status() === 0) return;
  if (!a.dtype.isComplex) return check(op);
  const isReal = typeof parameter !== "object";
  if (op === "addScaled" && isReal) return binaryWith(op, partsOf(out), partsOf(a), partsOf(b), parameter);
  runComplex(op === "lerp" ? "lerpScalar" : op, out, [a, b], a.dtype, [parameter]);
}

/** out = a + alpha · b, in every dtype. */
export function addScaled(out: ArrayView, a: ArrayView, b: ArrayView, alpha: Scalar): void {
  binaryWith("addScaled", out, a, b, alpha);
}

/** out (bool) = op(a, b), for a and b of one dtype. */
export const compare = family(compareOps, (op): BinaryKernel => {
  const compareKernel = kernel(`compare.${op}`);
  return (out, a, b) => {
    run(compareKernel, out, a, b, true);
    if (status() !== 0) compareComplex(op, out, a, b);
  };
});

function compareComplex(op: CompareOp, out: ArrayView, a: ArrayView, b: ArrayView): void {
  if (!a.dtype.isComplex) check(op);
  if (!op.startsWith("logical")) return runComplex(op, out, [a, b], bool);
  const [first, second] = [temporary(a, bool), temporary(b, bool)];
  compare.ne(first, a, scalarView(0, a.dtype, 2));
  compare.ne(second, b, scalarView(0, b.dtype, 2));
  compare[op](out, first, second);
  first.storage.release();
  second.storage.release();
}

/** out = op(a). */
export const unary = family(unaryOps, (op): UnaryKernel => {
  const unaryKernel = kernel(`unary.${op}`);
  return (out, a) => {
    run(unaryKernel, out, a);
    if (status() !== 0) unaryOfComplex(op, out, a);
  };
});

function unaryOfComplex(op: UnaryOp, out: ArrayView, a: ArrayView): void {
  if (!a.dtype.isComplex) check(op);
  else if (op === "neg") unary.neg(partsOf(out), partsOf(a));
  else if (op === "silu" || op === "sinc") composed(op, out, a);
  else runComplex(op, out, [a], a.dtype);
}

function composed(op: "silu" | "sinc", out: ArrayView, a: ArrayView): void {
  const part = temporary(a, a.dtype);
  const value = temporary(a, a.dtype);
  if (op === "silu") {
    unary.sigmoid(part, a);
    binary.mul(value, a, part);
    copy(out, value);
  } else {
    binary.mul(part, a, scalarView(Math.PI, a.dtype));
    unary.sin(value, part);
    binary.div(value, value, part);
    const isZero = temporary(a, bool);
    compare.eq(isZero, a, scalarView(0, a.dtype));
    where(out, isZero, scalarView(1, a.dtype), value);
    isZero.storage.release();
  }
  part.storage.release();
  value.storage.release();
}

/** out = op(a, ...parameters); `UnaryWithOp` says which parameters an operation takes. */
export function unaryWith(op: UnaryWithOp, out: ArrayView, a: ArrayView, ...parameters: readonly Scalar[]): void {
  if (a.dtype.isComplex) {
    if (op !== "nanToNum") throw notImplemented(op, a.dtype);
    return unaryWith(op, partsOf(out), partsOf(a), ...parameters);
  }
  runWith(unaryWithKernels[op], parameters, out, a);
  check(op);
}

/** out = a rounded to a number of decimals (half to even), which may be negative; floating only. */
export function roundDecimals(out: ArrayView, a: ArrayView, decimals: number): void {
  if (decimals === 0) unary.round(out, a);
  else if (decimals > 0) unaryWith("roundFraction", out, a, nearest(10 ** decimals, a.dtype));
  else unaryWith("roundMultiple", out, a, nearest(10 ** -decimals, a.dtype));
}

/** Powers that have a kernel of their own, for every dtype and for floating ones. */
const integerPowers = new Map<Scalar, UnaryOp>([
  [2, "square"],
  [2n, "square"],
  [3, "cube"],
  [3n, "cube"],
]);
const floatingPowers = new Map<Scalar, UnaryOp>([
  [0.5, "sqrt"],
  [-0.5, "rsqrt"],
  [-1, "reciprocal"],
  [-1n, "reciprocal"],
]);

/** out = a to a power that is a number; an integer for integers. */
export function powScalar(out: ArrayView, a: ArrayView, exponent: Scalar): void {
  const isDivisible = a.dtype.isDifferentiable;
  const special = integerPowers.get(exponent) ?? (isDivisible ? floatingPowers.get(exponent) : undefined);
  if (special !== undefined) unary[special](out, a);
  else if (exponent === 1) copy(out, a);
  else binary.pow(out, a, scalarView(isDivisible ? exponent : checkedScalar(exponent, a.dtype), a.dtype));
}

/** out (bool) = op(a). */
export function test(op: TestOp, out: ArrayView, a: ArrayView): void {
  if (!a.dtype.isFloatingPoint && op !== "logicalNot") return testInteger(op, out, a);
  if (a.dtype.isComplex) return compare.eq(out, a, scalarView(0, a.dtype));
  run(testKernels[op], out, a, undefined, true);
}

function testInteger(op: TestOp, out: ArrayView, a: ArrayView): void {
  if (a.dtype.isComplex) runComplex(op, out, [a], bool);
  else if (op === "signbit") compare.lt(out, a, scalarView(0, a.dtype));
  else fill(out, op === "isfinite");
}

/** out = condition ? a : b, for a condition of dtype bool. */
export function where(out: ArrayView, condition: ArrayView, a: ArrayView, b: ArrayView): void {
  const list = begin();
  const dtype = putDType(out.dtype);
  putLoop(out, condition, a, b);
  putOperand(out, dtype);
  putOperand(condition, bool);
  putOperand(a, dtype);
  putOperand(b, dtype);
  launch(runWhere, list);
}

/** out = self + value · a · b. */
export function addcmul(out: ArrayView, self: ArrayView, a: ArrayView, b: ArrayView, value: Scalar): void {
  if (out.dtype.isComplex) return runComplex("addcmul", out, [self, a, b], out.dtype, [value]);
  runWith(ternaryKernels.addcmul, [value], out, self, a, b);
  check("addcmul");
}

/** out = self + value · a / b; floating only. */
export function addcdiv(out: ArrayView, self: ArrayView, a: ArrayView, b: ArrayView, value: Scalar): void {
  if (out.dtype.isComplex) return runComplex("addcdiv", out, [self, a, b], out.dtype, [value]);
  runWith(ternaryKernels.addcdiv, [value], out, self, a, b);
  check("addcdiv");
}

/** out = a + weight · (b - a); floating only. */
export function lerp(out: ArrayView, a: ArrayView, b: ArrayView, weight: ArrayView): void {
  if (out.dtype.isComplex) return runComplex("lerp", out, [a, b, weight], out.dtype);
  runWith(ternaryKernels.lerp, [], out, a, b, weight);
  check("lerp");
}

/** out = min(max(a, min), max); NaN where any of the three is. */
export function clampTensor(out: ArrayView, a: ArrayView, min: ArrayView, max: ArrayView): void {
  runWith(ternaryKernels.clamp, [], out, a, min, max);
  check("clamp");
}

/** a = mantissa · 2^exponent with |mantissa| in [1/2, 1); exponent is int32. */
export function frexp(mantissa: ArrayView, exponent: ArrayView, a: ArrayView): void {
  const list = begin();
  const dtype = putDType(a.dtype);
  putLoop(mantissa, exponent, a);
  putOperand(mantissa, dtype);
  putOperand(exponent, int32);
  putOperand(a, dtype);
  launch(runFrexp, list);
}

/** Sets every element of `out` to a value. */
export function fill(out: ArrayView, value: Scalar): void {
  if (out.dtype.isComplex || !launchFill(runFill, out, value)) runWith(runFill, [value], out);
}

/** out = a, converted to the dtype of `out`: a complex number becomes a real one without its imaginary part. */
export function copy(out: ArrayView, a: ArrayView): void {
  if (out.dtype !== a.dtype && (out.dtype.isComplex || a.dtype.isComplex)) return copyParts(out, a);
  const list = begin();
  const to = putDType(out.dtype);
  const from = putDType(a.dtype);
  putLoop(out, a);
  putOperand(out, to);
  putOperand(a, from);
  launch(runCopy, list);
}

function copyParts(out: ArrayView, a: ArrayView): void {
  if (!out.dtype.isComplex) return copy(out, partOf(a, 0));
  if (a.dtype.isComplex) return copy(partsOf(out), partsOf(a));
  copy(partOf(out, 0), a);
  fill(partOf(out, 1), 0);
}
