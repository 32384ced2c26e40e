/** Trigonometric and hyperbolic functions, their inverses, and angles. */
import { tensor } from "../../arguments/params.js";
import { binary, ofComplex, scalarView } from "../../backend/kernels.js";
import { Complex } from "../../core/complex.js";
import { floatingType } from "../../core/promotion.js";
import type { Tensor } from "../../core/tensor.js";
import { inplace, op, synonym } from "../define.js";
import type { InplaceFunction, InplaceOp, Op, Out } from "../types.js";
import { binaryOp, flat, floatingOp, pair } from "./elementary.js";
import { cast, intoResult } from "./pointwise.js";

type Unary = InplaceOp<(input: Tensor, options?: Out) => Tensor>;
type Binary = InplaceOp<(input: Tensor, other: Tensor, options?: Out) => Tensor>;

const squared = (x: Tensor): Tensor => x.mul(x);

/**
 * The sine.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.sin.html
 */
export const sin: Unary = floatingOp("sin", "sin", (grad, { input }) => grad.mul(input.cos()), ["input"]);
export const sin_: InplaceFunction<typeof sin> = inplace(sin);

/**
 * The cosine.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.cos.html
 */
export const cos: Unary = floatingOp("cos", "cos", (grad, { input }) => grad.mul(input.sin().neg()), ["input"]);
export const cos_: InplaceFunction<typeof cos> = inplace(cos);

/** The tangent. */
export const tan: Unary = floatingOp("tan", "tan", (grad, { result }) => grad.mul(squared(result).add(1)), ["result"]);
export const tan_: InplaceFunction<typeof tan> = inplace(tan);

/** The angle in [-pi/2, pi/2] that has this sine; NaN outside of [-1, 1]. */
export const asin: Unary = floatingOp(
  "asin",
  "asin",
  (grad, { input }) => grad.mul(squared(input).neg().add(1).rsqrt()),
  ["input"],
);
export const asin_: InplaceFunction<typeof asin> = inplace(asin);

/** The angle in [0, pi] that has this cosine; NaN outside of [-1, 1]. */
export const acos: Unary = floatingOp(
  "acos",
  "acos",
  (grad, { input }) => grad.mul(squared(input).neg().add(1).rsqrt().neg()),
  ["input"],
);
export const acos_: InplaceFunction<typeof acos> = inplace(acos);

/** The angle in (-pi/2, pi/2) that has this tangent. */
export const atan: Unary = floatingOp("atan", "atan", (grad, { input }) => grad.div(squared(input).add(1)), ["input"]);
export const atan_: InplaceFunction<typeof atan> = inplace(atan);

/** The hyperbolic sine. */
export const sinh: Unary = floatingOp("sinh", "sinh", (grad, { input }) => grad.mul(input.cosh()), ["input"]);
export const sinh_: InplaceFunction<typeof sinh> = inplace(sinh);

/** The hyperbolic cosine. */
export const cosh: Unary = floatingOp("cosh", "cosh", (grad, { input }) => grad.mul(input.sinh()), ["input"]);
export const cosh_: InplaceFunction<typeof cosh> = inplace(cosh);

/** The inverse of `sinh`. */
export const asinh: Unary = floatingOp("asinh", "asinh", (grad, { input }) => grad.mul(squared(input).add(1).rsqrt()), [
  "input",
]);
export const asinh_: InplaceFunction<typeof asinh> = inplace(asinh);

/** The inverse of `cosh`, from 0 up; NaN below 1. */
export const acosh: Unary = floatingOp("acosh", "acosh", (grad, { input }) => grad.mul(acoshSlope(input)), ["input"]);
export const acosh_: InplaceFunction<typeof acosh> = inplace(acosh);

/** 1 / sqrt(x² - 1); of complex numbers on the branch of `acosh`. */
function acoshSlope(input: Tensor): Tensor {
  return input.dtype.isComplex ? input.sub(1).rsqrt().mul(input.add(1).rsqrt()) : squared(input).sub(1).rsqrt();
}

/** The inverse of `tanh`; NaN outside of [-1, 1]. */
export const atanh: Unary = floatingOp("atanh", "atanh", (grad, { input }) => grad.div(squared(input).neg().add(1)), [
  "input",
]);
export const atanh_: InplaceFunction<typeof atanh> = inplace(atanh);

/** `asin` under its other name. */
export const arcsin: Unary = synonym("arcsin", asin);
export const arcsin_: InplaceFunction<typeof arcsin> = inplace(arcsin);
/** `acos` under its other name. */
export const arccos: Unary = synonym("arccos", acos);
export const arccos_: InplaceFunction<typeof arccos> = inplace(arccos);
/** `atan` under its other name. */
export const arctan: Unary = synonym("arctan", atan);
export const arctan_: InplaceFunction<typeof arctan> = inplace(arctan);
/** `asinh` under its other name. */
export const arcsinh: Unary = synonym("arcsinh", asinh);
export const arcsinh_: InplaceFunction<typeof arcsinh> = inplace(arcsinh);
/** `acosh` under its other name. */
export const arccosh: Unary = synonym("arccosh", acosh);
export const arccosh_: InplaceFunction<typeof arccosh> = inplace(arccosh);
/** `atanh` under its other name. */
export const arctanh: Unary = synonym("arctanh", atanh);
export const arctanh_: InplaceFunction<typeof arctanh> = inplace(arctanh);

/**
 * The angle in (-pi, pi] of the point (other, input), from all four quadrants.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.atan2.html
 */
export const atan2: Binary = binaryOp(
  "atan2",
  "atan2",
  {
    input: (grad, { input, other }) => overSquares(grad.mul(other as Tensor), input as Tensor, other as Tensor),
    other: (grad, { input, other }) => overSquares(grad.neg().mul(input as Tensor), input as Tensor, other as Tensor),
  },
  { saves: ["input", "other"], params: pair, compute: floatingType },
);

/** numerator / (a² + b²), with the squares in the dtype of the numerator: those of small integers overflow. */
function overSquares(numerator: Tensor, a: Tensor, b: Tensor): Tensor {
  return numerator.div(squared(a.to(numerator.dtype)).add(squared(b.to(numerator.dtype))));
}

/** `atan2` under its other name. */
export const arctan2: Binary = synonym("arctan2", atan2);

/** The length of the vector (input, other), without overflow on the way. */
export const hypot: Binary = binaryOp(
  "hypot",
  "hypot",
  {
    input: (grad, { input, result }) => grad.mul((input as Tensor).div(result)),
    other: (grad, { other, result }) => grad.mul((other as Tensor).div(result)),
  },
  { saves: ["input", "other", "result"], savedFor: { input: "input", other: "other" }, params: pair },
);

/** sin(pi x) / (pi x), and 1 at 0. */
export const sinc: Unary = floatingOp(
  "sinc",
  "sinc",
  (grad, { input }) => {
    const angle = input.mul(Math.PI);
    const divisor = angle.mul(input);
    const slope = angle.mul(angle.cos()).sub(angle.sin()).div(divisor);
    return grad.mul(slope).maskedFill(divisor.eq(0), 0);
  },
  ["input"],
);
export const sinc_: InplaceFunction<typeof sinc> = inplace(sinc);

/** Multiplication by a constant, as a function with a name. */
function conversion(name: string, factor: number): Unary {
  return floatingOp(
    name,
    (result, input) => binary.mul(result, input, scalarView(factor, input.dtype)),
    (grad) => grad.mul(factor),
  );
}

/** Degrees to radians. */
export const deg2rad: Unary = conversion("deg2rad", Math.PI / 180);
export const deg2rad_: InplaceFunction<typeof deg2rad> = inplace(deg2rad);
/** Radians to degrees. */
export const rad2deg: Unary = conversion("rad2deg", 180 / Math.PI);
export const rad2deg_: InplaceFunction<typeof rad2deg> = inplace(rad2deg);

/** The angle of each number in the complex plane; of real ones 0, or pi for a negative one. */
export const angle: Op<(input: Tensor, options?: Out) => Tensor> = op({
  name: "angle",
  elementwise: true,
  params: { input: tensor },
  out: "cast",
  ownConjugation: true,
  forward: ({ input }, out) => {
    const dtype = floatingType(input.dtype).toReal();
    return intoResult(input.sizes, dtype, [input], out, (result) => {
      if (input.dtype.isComplex) return ofComplex("angle", result, input);
      const angles = input.lt(0).to(dtype).mul(Math.PI);
      result.copy_(input.dtype.isFloatingPoint ? angles.maskedFill(input.isnan(), NaN) : cast(angles, dtype));
    });
  },
  saves: ["input"],
  derivative: { input: (grad, { input }) => (input.dtype.isComplex ? acrossDirection(grad, input) : flat(grad)) },
});

/** The gradient of an angle: across the direction of the number, and smaller the longer it is. */
function acrossDirection(grad: Tensor, input: Tensor): Tensor {
  const quarter = input.conj().reciprocal().mul(new Complex(0, 1));
  return grad.mul(quarter).maskedFill(input.eq(0), 0);
}
