/** Operations on each element: functions of one number or of two. */
import torch, { type DType } from "flambeau";
import type { Attributes } from "../builder.js";
import { type Call, type Translation, type Translations, widened } from "../call.js";
import { type Argument, Value } from "../recording.js";
import { Size } from "../sizes.js";

const { bool, float32, float64, int32 } = torch;

/** A function of one number that is an operator. */
export function unary(opType: string, attributes: Attributes = {}): Translation {
  return (t) => t.computed((dtype) => t.opWith(attributes, opType, t.x("input", dtype)));
}

/** A function of one number made of several operators. */
export function formula(compute: (t: Call, x: string, dtype: DType) => string): Translation {
  return (t) => t.computed((dtype) => compute(t, t.x("input", dtype), dtype));
}

/** A rounding, which leaves whole numbers as they are. */
function rounding(compute: (t: Call, x: string, dtype: DType) => string): Translation {
  return (t) => (t.dtype.isFloatingPoint ? formula(compute)(t) : t.x("input", t.dtype));
}

/** A function of two numbers that is an operator. */
function binary(opType: string, other = "other"): Translation {
  return (t) => t.computed((dtype) => t.op(opType, t.x("input", dtype), t.x(other, dtype)));
}

function pair(compute: (t: Call, a: string, b: string, dtype: DType) => string): Translation {
  return (t) => t.computed((dtype) => compute(t, t.x("input", dtype), t.x("other", dtype), dtype));
}

/** What stands for an argument where dtypes are promoted. */
function sample(value: Argument): torch.Tensor | number | boolean {
  if (value instanceof Value) return torch.empty(value.rank === 0 ? [] : [1], { dtype: value.dtype });
  if (value instanceof Size) return value.values.every(Number.isInteger) ? 1 : 0.5;
  if (typeof value === "boolean") return value;
  return typeof value === "bigint" || Number.isInteger(value) ? 1 : 0.5;
}

/** The dtype in which two arguments are compared. */
function promoted(t: Call, a = "input", b = "other"): DType {
  return torch.resultType(sample(t.arg(a)) as torch.Tensor, sample(t.arg(b)) as torch.Tensor);
}

/** Both arguments of a comparison in the dtype in which they are compared. */
function compared(t: Call): [a: string, b: string] {
  const own = promoted(t);
  return [t.through(t.arg("input"), own), t.through(t.arg("other"), own)];
}

function comparison(opType: string): Translation {
  return (t) => t.cast(t.op(opType, ...compared(t)), bool, t.dtype);
}

function logical(opType: string): Translation {
  return (t) => t.cast(t.op(opType, t.x("input", bool), t.x("other", bool)), bool, t.dtype);
}

/** A function of bits, which for bools is one of truth values. */
function bitwise(opType: string, ofBools: string): Translation {
  return (t) => {
    if (t.dtype === bool) return t.op(ofBools, t.x("input", bool), t.x("other", bool));
    return t.opset < 18 ? undefined : t.op(opType, t.x("input", t.dtype), t.x("other", t.dtype));
  };
}

/** The dtype of a floating input, as far as tests for infinity know it. */
const testable = (dtype: DType) => (dtype === float64 ? float64 : float32);

/** A test of floating-point numbers, which for whole ones has one answer. */
function classified(ofWhole: boolean, test: (t: Call, x: string, dtype: DType) => string): Translation {
  return (t) => {
    const { dtype, sizes } = t.value();
    if (!dtype.isFloatingPoint) return t.filled(sizes, ofWhole ? 1 : 0, bool);
    const wide = testable(dtype);
    return test(t, t.x("input", wide), wide);
  };
}

export const isNaN = (t: Call, x: string) => t.op("IsNaN", x);
const isInfinite = (t: Call, x: string, which: Attributes = {}) => t.opWith(which, "IsInf", x);

/** Whether the sign of a number is negative, also that of -0. */
function hasSign(t: Call, x: string, dtype: DType): string {
  const zero = t.literal(0, dtype);
  const inverse = t.op("Div", t.literal(1, dtype), x);
  return t.op("Or", t.op("Less", x, zero), t.op("And", t.op("Equal", x, zero), t.op("Less", inverse, zero)));
}

function log1p(t: Call, x: string, dtype: DType): string {
  const one = t.literal(1, dtype);
  const more = t.op("Add", x, one);
  const rest = t.op("Sub", more, one);
  // What was lost when one was added is given back by the quotient.
  const exact = t.op("Mul", t.op("Log", more), t.op("Div", x, rest));
  const isItself = t.op(
    "Or",
    t.op("Equal", more, one),
    t.op("Equal", more, t.literal(Number.POSITIVE_INFINITY, dtype)),
  );
  return t.where(isItself, x, exact);
}

function expm1(t: Call, x: string, dtype: DType): string {
  const one = t.literal(1, dtype);
  const tangent = t.op("Tanh", t.op("Mul", x, t.literal(0.5, dtype)));
  const near = t.op("Div", t.op("Mul", tangent, t.literal(2, dtype)), t.op("Sub", one, tangent));
  return t.where(t.op("Less", t.op("Abs", x), one), near, t.op("Sub", t.op("Exp", x), one));
}

/** 1, -1 or 0, which stands for what is no number, too. */
function sign(t: Call, x: string, dtype: DType): string {
  const zero = t.literal(0, dtype);
  const [above, below] = [t.op("Greater", x, zero), t.op("Less", x, zero)];
  return t.op("Sub", t.cast(above, bool, dtype), t.cast(below, bool, dtype));
}

function trunc(t: Call, x: string): string {
  return t.op("Mul", t.op("Sign", x), t.op("Floor", t.op("Abs", x)));
}

function scaled(factor: number, opType?: string): Translation {
  return formula((t, x, dtype) => t.op("Mul", opType === undefined ? x : t.op(opType, x), t.literal(factor, dtype)));
}

/** What is multiplied by an argument, such as `alpha`, if the call has one. */
export function times(t: Call, x: string, factor: string, dtype: DType): string {
  return !t.has(factor) || t.arg(factor) === 1 ? x : t.op("Mul", x, t.x(factor, dtype));
}

/** The quotient without the rest, which is exact where the rounded quotient is the next whole number. */
function floorDivideFloats(t: Call, a: string, b: string, dtype: DType): string {
  const number = (value: number) => t.literal(value, dtype);
  const zero = number(0);
  const rest = t.opWith({ fmod: 1n }, "Mod", a, b);
  const whole = t.op("Div", t.op("Sub", a, rest), b);
  const differ = t.op("Xor", t.op("Less", rest, zero), t.op("Less", b, zero));
  const isLower = t.op("And", differ, t.op("Not", t.op("Equal", rest, zero)));
  const lowered = t.op("Sub", whole, t.cast(isLower, bool, dtype));
  const floor = t.op("Floor", lowered);
  const isAbove = t.op("Greater", t.op("Sub", lowered, floor), number(0.5));
  const result = t.op("Add", floor, t.cast(isAbove, bool, dtype));
  return t.where(t.op("Equal", b, zero), t.op("Div", a, b), result);
}

function floorDivide(t: Call, a: string, b: string, dtype: DType): string {
  if (dtype.isFloatingPoint) return floorDivideFloats(t, a, b, dtype);
  // Whole numbers are divided towards zero.
  const quotient = t.op("Div", a, b);
  const isExact = t.op("Equal", t.op("Mul", quotient, b), a);
  const zero = t.literal(0, dtype);
  const differ = t.op("Xor", t.op("Less", a, zero), t.op("Less", b, zero));
  const lower = t.op("And", differ, t.op("Not", isExact));
  return t.op("Sub", quotient, t.cast(lower, bool, dtype));
}

const remainder = pair((t, a, b, dtype) => {
  if (!dtype.isFloatingPoint) return t.op("Mod", a, b);
  const rest = t.opWith({ fmod: 1n }, "Mod", a, b);
  const zero = t.literal(0, dtype);
  const differ = t.op("Xor", t.op("Less", rest, zero), t.op("Less", b, zero));
  const isOff = t.op("And", differ, t.op("Not", t.op("Equal", rest, zero)));
  return t.where(isOff, t.op("Add", rest, b), rest);
});

const div: Translation = (t) => {
  const mode = t.arg("roundingMode");
  return t.computed((dtype) => {
    const [a, b] = [t.x("input", dtype), t.x("other", dtype)];
    if (mode === "floor") return floorDivide(t, a, b, dtype);
    const quotient = t.op("Div", a, b);
    return mode === "trunc" && dtype.isFloatingPoint ? trunc(t, quotient) : quotient;
  });
};

/** The larger or smaller number, where one that is none does not count. */
function ofNumbers(opType: string): Translation {
  return pair((t, a, b, dtype) => {
    const made = t.op(opType, a, b);
    if (!dtype.isFloatingPoint) return made;
    return t.where(isNaN(t, a), b, t.where(isNaN(t, b), a, made));
  });
}

function limited(t: Call, x: string, min: string, max: string, dtype: DType): string {
  const isPlain = (name: string) => !t.has(name) || !t.isValue(name);
  if (isPlain(min) && isPlain(max)) return t.op("Clip", x, t.optional(min, dtype), t.optional(max, dtype));
  const above = t.has(min) ? t.op("Max", x, t.x(min, dtype)) : x;
  return t.has(max) ? t.op("Min", above, t.x(max, dtype)) : above;
}

/** The logarithm of the sum of two powers, without overflow. */
export function logAddExp(t: Call, a: string, b: string, dtype: DType, base = Math.E): string {
  const most = t.op("Max", a, b);
  const scale = t.literal(Math.log(base), dtype);
  const distance = t.op("Abs", t.op("Sub", a, b));
  const more = t.op("Exp", t.op("Neg", t.op("Mul", distance, scale)));
  const sum = t.op("Add", most, t.op("Div", log1p(t, more, dtype), scale));
  // Equal infinities have no distance.
  return t.where(t.op("Equal", a, b), t.op("Add", a, t.literal(Math.log(2) / Math.log(base), dtype)), sum);
}

/** A number times a logarithm, and nothing times anything is nothing. */
function logTimes(log: (t: Call, x: string, dtype: DType) => string): Translation {
  return pair((t, a, b, dtype) => {
    const zero = t.literal(0, dtype);
    const isZero = t.op("And", t.op("Equal", a, zero), t.op("Not", isNaN(t, b)));
    return t.where(isZero, zero, t.op("Mul", a, log(t, b, dtype)));
  });
}

const atan2 = pair((t, y, x, dtype) => {
  const number = (value: number) => t.literal(value, dtype);
  const zero = number(0);
  const plain = t.op("Atan", t.op("Div", y, x));
  const half = t.where(hasSign(t, y, dtype), number(-Math.PI), number(Math.PI));
  const left = t.where(t.op("Less", x, zero), t.op("Add", plain, half), plain);
  const quarter = t.op("Mul", t.op("Sign", y), number(Math.PI / 2));
  const onAxis = t.where(t.op("Equal", x, zero), quarter, left);
  const isOrigin = t.op("And", t.op("Equal", x, zero), t.op("Equal", y, zero));
  const atOrigin = t.where(hasSign(t, x, dtype), half, y);
  const isFar = t.op("And", isInfinite(t, x), isInfinite(t, y));
  const diagonal = t.where(t.op("Less", x, zero), number(0.75 * Math.PI), number(0.25 * Math.PI));
  return t.where(isFar, t.op("Mul", t.op("Sign", y), diagonal), t.where(isOrigin, atOrigin, onAxis));
});

const pow: Translation = (t) => {
  // A base of whole numbers may have a floating exponent, and the other way round.
  return t.computed((dtype) => t.op("Pow", t.x("input", dtype), t.x("exponent", dtype)));
};

const round: Translation = (t) => {
  if (!t.dtype.isFloatingPoint) return t.x("input", t.dtype);
  const decimals = t.has("decimals") ? t.number("decimals") : 0;
  return t.computed((dtype) => {
    const x = t.x("input", dtype);
    if (decimals === 0) return t.op("Round", x);
    const scale = t.literal(10 ** Math.abs(decimals), dtype);
    const [up, down] = decimals > 0 ? ["Mul", "Div"] : ["Div", "Mul"];
    return t.op(down as string, t.op("Round", t.op(up as string, x, scale)), scale);
  });
};

/** A number as one of [0.5, 1) times a power of two. */
function parts(t: Call, x: string, dtype: DType): [mantissa: string, exponent: string] {
  const number = (value: number) => t.literal(value, dtype);
  const size = t.op("Abs", x);
  const isPlain = t.op("And", t.op("Greater", size, number(0)), t.op("Less", size, number(Number.POSITIVE_INFINITY)));
  const kept = t.where(isPlain, x, number(1));
  // Logarithms are rounded, so that the power may be the next one.
  const power = t.op("Floor", t.op("Div", t.op("Log", t.op("Abs", kept)), number(Math.LN2)));
  const rough = t.op("Div", kept, t.op("Pow", number(2), power));
  const isAbove = t.op("GreaterOrEqual", t.op("Abs", rough), number(2));
  const isBelow = t.op("Less", t.op("Abs", rough), number(1));
  const factor = t.where(isAbove, number(0.25), t.where(isBelow, number(1), number(0.5)));
  const more = t.where(isAbove, number(2), t.where(isBelow, number(0), number(1)));
  const exponent = t.where(isPlain, t.op("Add", power, more), number(0));
  return [t.where(isPlain, t.op("Mul", rough, factor), x), exponent];
}

/** By how many divisions Euclid's algorithm comes to its end at the latest. */
const mostDivisions = (dtype: DType) => Math.ceil(1.45 * 8 * dtype.itemsize);

/** The greatest common divisor but for its sign. */
function commonDivisor(t: Call, a: string, b: string): string {
  const dtype = widened(t.dtype);
  let [larger, smaller] = [a, b];
  for (let i = 0; i < mostDivisions(t.dtype); i++) {
    const isOver = t.op("Equal", smaller, t.literal(0, dtype));
    const rest = t.op("Mod", larger, t.where(isOver, t.literal(1, dtype), smaller));
    [larger, smaller] = [t.where(isOver, larger, smaller), t.where(isOver, smaller, rest)];
  }
  return larger;
}

/** Coefficients of polynomials for the inverse of `erf` near 0 and near 1. Source: M. Giles, "Approximating the erfinv function" (2010). */
const inverseErfNear = [
  2.81022636e-8, 3.43273939e-7, -3.5233877e-6, -4.39150654e-6, 0.00021858087, -0.00125372503, -0.00417768164,
  0.246640727, 1.50140941,
];
const inverseErfFar = [
  -0.000200214257, 0.000100950558, 0.00134934322, -0.00367342844, 0.00573950773, -0.0076224613, 0.00943887047,
  1.00167406, 2.83297682,
];

function polynomial(t: Call, x: string, coefficients: readonly number[], dtype: DType): string {
  const [first = 0, ...others] = coefficients;
  return others.reduce((sum, one) => t.op("Add", t.op("Mul", sum, x), t.literal(one, dtype)), t.literal(first, dtype));
}

/** An approximation, and a step of Newton's. */
function inverseErf(t: Call, x: string, dtype: DType): string {
  const number = (value: number) => t.literal(value, dtype);
  const one = number(1);
  const depth = t.op("Neg", t.op("Log", t.op("Mul", t.op("Sub", one, x), t.op("Add", one, x))));
  const near = polynomial(t, t.op("Sub", depth, number(2.5)), inverseErfNear, dtype);
  const far = polynomial(t, t.op("Sub", t.op("Sqrt", depth), number(3)), inverseErfFar, dtype);
  const rough = t.op("Mul", x, t.where(t.op("Less", depth, number(5)), near, far));
  const slope = t.op("Mul", t.op("Exp", t.op("Neg", t.op("Mul", rough, rough))), number(2 / Math.sqrt(Math.PI)));
  const refined = t.op("Sub", rough, t.op("Div", t.op("Sub", t.op("Erf", rough), x), slope));
  // At the ends the slope is nothing.
  const isSteep = t.op("Less", t.op("Abs", rough), number(2.5));
  const isEnd = t.op("Equal", t.op("Abs", x), one);
  return t.where(isEnd, t.op("Mul", x, number(Number.POSITIVE_INFINITY)), t.where(isSteep, refined, rough));
}

const nanToNum: Translation = (t) => {
  const { dtype } = t;
  if (!dtype.isFloatingPoint) return t.x("input", dtype);
  return t.computed((wide) => {
    const limits = torch.finfo(dtype);
    const number = (name: string, other: number) => t.literal(t.has(name) ? t.number(name) : other, wide);
    const x = t.x("input", wide);
    const test = t.cast(x, wide, testable(wide));
    const above = isInfinite(t, test, { detect_negative: 0n });
    const below = isInfinite(t, test, { detect_positive: 0n });
    const upper = t.where(above, number("posinf", limits.max), x);
    return t.where(isNaN(t, x), number("nan", 0), t.where(below, number("neginf", limits.min), upper));
  });
};

const logit = formula((t, x, dtype) => {
  const one = t.literal(1, dtype);
  const eps = t.has("eps") ? t.number("eps") : undefined;
  const within = eps === undefined ? x : t.op("Clip", x, t.literal(eps, dtype), t.literal(1 - eps, dtype));
  return t.op("Log", t.op("Div", within, t.op("Sub", one, within)));
});

const shift =
  (opType: string): Translation =>
  (t) => {
    if (t.dtype.isFloatingPoint || t.dtype === bool) return undefined;
    return t.computed((dtype) => {
      // Powers of two are exact in float64, up to 2^62.
      const power = t.op("Pow", t.literal(2, float64), t.x("other", float64));
      const factor = t.cast(power, float64, dtype);
      const x = t.x("input", dtype);
      return opType === "Mul" ? t.op("Mul", x, factor) : floorDivide(t, x, factor, dtype);
    });
  };

export const elementwise: Translations = {
  abs: unary("Abs"),
  neg: unary("Neg"),
  sign: formula(sign),
  sgn: formula(sign),
  exp: unary("Exp"),
  log: unary("Log"),
  sqrt: unary("Sqrt"),
  reciprocal: unary("Reciprocal"),
  sin: unary("Sin"),
  cos: unary("Cos"),
  tan: unary("Tan"),
  asin: unary("Asin"),
  acos: unary("Acos"),
  atan: unary("Atan"),
  sinh: unary("Sinh"),
  cosh: unary("Cosh"),
  asinh: unary("Asinh"),
  acosh: unary("Acosh"),
  atanh: unary("Atanh"),
  erf: unary("Erf"),
  floor: rounding((t, x) => t.op("Floor", x)),
  ceil: rounding((t, x) => t.op("Ceil", x)),
  trunc: rounding(trunc),
  frexp: (t) => {
    const { dtype } = t;
    const own = dtype === float64 ? float64 : float32;
    const [mantissa, exponent] = parts(t, t.x("input", own), own);
    return [t.cast(mantissa, own, dtype), t.cast(exponent, own, int32)];
  },
  gcd: pair((t, a, b) => t.op("Abs", commonDivisor(t, a, b))),
  lcm: pair((t, a, b, dtype) => {
    const divisor = commonDivisor(t, a, b);
    const isNone = t.op("Equal", divisor, t.literal(0, dtype));
    return t.op("Abs", t.op("Mul", t.op("Div", a, t.where(isNone, t.literal(1, dtype), divisor)), b));
  }),
  erfinv: formula(inverseErf),
  frac: formula((t, x) => t.op("Sub", x, trunc(t, x))),
  round,
  exp2: formula((t, x, dtype) => t.op("Pow", t.literal(2, dtype), x)),
  expm1: formula(expm1),
  log2: scaled(1 / Math.LN2, "Log"),
  log10: scaled(1 / Math.LN10, "Log"),
  log1p: formula(log1p),
  rsqrt: formula((t, x) => t.op("Reciprocal", t.op("Sqrt", x))),
  square: formula((t, x) => t.op("Mul", x, x)),
  erfc: formula((t, x, dtype) => t.op("Sub", t.literal(1, dtype), t.op("Erf", x))),
  "special.ndtr": formula((t, x, dtype) => {
    const half = t.literal(0.5, dtype);
    return t.op(
      "Mul",
      half,
      t.op("Add", t.literal(1, dtype), t.op("Erf", t.op("Mul", x, t.literal(Math.SQRT1_2, dtype)))),
    );
  }),
  "special.entr": formula((t, x, dtype) => {
    const zero = t.literal(0, dtype);
    const below = t.where(t.op("Less", x, zero), t.literal(Number.NEGATIVE_INFINITY, dtype), zero);
    const isOutside = t.op("LessOrEqual", x, zero);
    return t.where(isOutside, below, t.op("Neg", t.op("Mul", x, t.op("Log", x))));
  }),
  deg2rad: scaled(Math.PI / 180),
  rad2deg: scaled(180 / Math.PI),
  sinc: formula((t, x, dtype) => {
    const angle = t.op("Mul", x, t.literal(Math.PI, dtype));
    return t.where(t.op("Equal", x, t.literal(0, dtype)), t.literal(1, dtype), t.op("Div", t.op("Sin", angle), angle));
  }),
  angle: formula((t, x, dtype) => {
    const angle = t.where(t.op("Less", x, t.literal(0, dtype)), t.literal(Math.PI, dtype), t.literal(0, dtype));
    return dtype.isFloatingPoint ? t.where(isNaN(t, x), x, angle) : angle;
  }),
  logit,
  nanToNum,

  add: (t) => t.computed((dtype) => t.op("Add", t.x("input", dtype), times(t, t.x("other", dtype), "alpha", dtype))),
  sub: (t) => t.computed((dtype) => t.op("Sub", t.x("input", dtype), times(t, t.x("other", dtype), "alpha", dtype))),
  rsub: (t) => t.computed((dtype) => t.op("Sub", t.x("other", dtype), times(t, t.x("input", dtype), "alpha", dtype))),
  mul: binary("Mul"),
  div,
  "div.true": div,
  floorDivide: pair(floorDivide),
  remainder,
  fmod: pair((t, a, b) => t.opWith({ fmod: 1n }, "Mod", a, b)),
  pow,
  floatPower: pow,
  maximum: binary("Max"),
  minimum: binary("Min"),
  fmax: ofNumbers("Max"),
  fmin: ofNumbers("Min"),
  clamp: (t) => t.computed((dtype) => limited(t, t.x("input", dtype), "min", "max", dtype)),
  clampMin: (t) => t.computed((dtype) => limited(t, t.x("input", dtype), "min", "", dtype)),
  clampMax: (t) => t.computed((dtype) => limited(t, t.x("input", dtype), "", "max", dtype)),
  lerp: (t) =>
    t.computed((dtype) => {
      const start = t.x("input", dtype);
      const way = t.op("Sub", t.x("end", dtype), start);
      return t.op("Add", start, t.op("Mul", way, t.x("weight", dtype)));
    }),
  addcmul: (t) =>
    t.computed((dtype) => {
      const product = t.op("Mul", t.x("tensor1", dtype), times(t, t.x("tensor2", dtype), "value", dtype));
      return t.op("Add", t.x("input", dtype), product);
    }),
  addcdiv: (t) =>
    t.computed((dtype) => {
      const quotient = t.op("Div", times(t, t.x("tensor1", dtype), "value", dtype), t.x("tensor2", dtype));
      return t.op("Add", t.x("input", dtype), quotient);
    }),
  logaddexp: pair(logAddExp),
  logaddexp2: pair((t, a, b, dtype) => logAddExp(t, a, b, dtype, 2)),
  xlogy: logTimes((t, b) => t.op("Log", b)),
  "special.xlog1py": logTimes(log1p),
  copysign: pair((t, a, b, dtype) => {
    const size = t.op("Abs", a);
    return t.where(hasSign(t, b, dtype), t.op("Neg", size), size);
  }),
  heaviside: (t) =>
    t.computed((dtype) => {
      const x = t.x("input", dtype);
      const zero = t.literal(0, dtype);
      const step = t.cast(t.op("Greater", x, zero), bool, dtype);
      return t.where(t.op("Equal", x, zero), t.x("values", dtype), step);
    }),
  hypot: pair((t, a, b, dtype) => {
    // Squares of the numbers themselves would leave the range.
    const [x, y] = [t.op("Abs", a), t.op("Abs", b)];
    const [most, least] = [t.op("Max", x, y), t.op("Min", x, y)];
    const share = t.op("Div", least, most);
    const root = t.op("Sqrt", t.op("Add", t.op("Mul", share, share), t.literal(1, dtype)));
    const isEnd = t.op(
      "Or",
      t.op("Equal", most, t.literal(0, dtype)),
      isInfinite(t, t.cast(most, dtype, testable(dtype))),
    );
    const isFar = t.op(
      "Or",
      isInfinite(t, t.cast(x, dtype, testable(dtype))),
      isInfinite(t, t.cast(y, dtype, testable(dtype))),
    );
    const far = t.literal(Number.POSITIVE_INFINITY, dtype);
    return t.where(isFar, far, t.where(isEnd, most, t.op("Mul", most, root)));
  }),
  atan2,

  eq: comparison("Equal"),
  ne: (t) => t.cast(t.op("Not", t.op("Equal", ...compared(t))), bool, t.dtype),
  lt: comparison("Less"),
  le: comparison("LessOrEqual"),
  gt: comparison("Greater"),
  ge: comparison("GreaterOrEqual"),
  logicalAnd: logical("And"),
  logicalOr: logical("Or"),
  logicalXor: logical("Xor"),
  logicalNot: (t) => t.cast(t.op("Not", t.x("input", bool)), bool, t.dtype),
  bitwiseAnd: bitwise("BitwiseAnd", "And"),
  bitwiseOr: bitwise("BitwiseOr", "Or"),
  bitwiseXor: bitwise("BitwiseXor", "Xor"),
  bitwiseNot: (t) => {
    if (t.dtype === bool) return t.op("Not", t.x());
    // The complement of a number is the one below its negative.
    return t.computed((dtype) => t.op("Sub", t.literal(-1, dtype), t.x("input", dtype)));
  },
  bitwiseLeftShift: shift("Mul"),
  bitwiseRightShift: shift("Div"),
  isnan: classified(false, isNaN),
  isinf: classified(false, (t, x) => isInfinite(t, x)),
  isfinite: classified(true, (t, x) => t.op("Not", t.op("Or", isNaN(t, x), isInfinite(t, x)))),
  isposinf: classified(false, (t, x) => isInfinite(t, x, { detect_negative: 0n })),
  isneginf: classified(false, (t, x) => isInfinite(t, x, { detect_positive: 0n })),
  signbit: (t) => {
    const { dtype } = t.value();
    if (dtype.isFloatingPoint) return hasSign(t, t.x("input", testable(dtype)), testable(dtype));
    const wide = widened(dtype);
    return t.op("Less", t.x("input", wide), t.literal(0, wide));
  },
  "where.operands": (t) => chosen(t, t.x("condition", bool), t.arg("input"), t.arg("other")),
  maskedFill: (t) => chosen(t, t.x("mask", bool), t.arg("value"), t.arg("input")),
};

/** `Where` in a dtype that runtimes have for it. */
function chosen(t: Call, condition: string, a: Argument, b: Argument): string {
  return t.computed((dtype) => t.where(condition, t.operand(a, dtype), t.operand(b, dtype)));
}
