/** Powers, roots, exponentials, logarithms. */
import { type Operand, operand, tensor } from "../arguments/params.js";
import { binary, powScalar } from "../backend/cpu/elementwise.js";
import type { Scalar } from "../backend/view.js";
import { Category } from "../core/dtype.js";
import { resultType } from "../core/promotion.js";
import { Tensor } from "../core/tensor.js";
import { op } from "./define.js";
import { binaryOp, floatingOp } from "./elementary.js";
import { binaryResult, cast, intoResult } from "./pointwise.js";
import type { InplaceOp, Out } from "./types.js";

type Unary = InplaceOp<(input: Tensor, options?: Out) => Tensor>;
type Binary = InplaceOp<(input: Operand, other: Operand, options?: Out) => Tensor>;

/**
 * e to the power of each element.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.exp.html
 */
export const exp: Unary = floatingOp("exp", "exp", (grad, { result }) => grad.mul(result), ["result"]);

/** 2 to the power of each element. */
export const exp2: Unary = floatingOp("exp2", "exp2", (grad, { result }) => grad.mul(result).mul(Math.LN2), ["result"]);

/** `exp(x) - 1`, accurate also for small x. */
export const expm1: Unary = floatingOp("expm1", "expm1", (grad, { result }) => grad.mul(result.add(1)), ["result"]);

/**
 * The natural logarithm.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.log.html
 */
export const log: Unary = floatingOp("log", "log", (grad, { input }) => grad.div(input), ["input"]);

/** The logarithm to base 2. */
export const log2: Unary = floatingOp("log2", "log2", (grad, { input }) => grad.div(input.mul(Math.LN2)), ["input"]);

/** The logarithm to base 10. */
export const log10: Unary = floatingOp("log10", "log10", (grad, { input }) => grad.div(input.mul(Math.LN10)), ["input"]);

/** `log(1 + x)`, accurate also for small x. */
export const log1p: Unary = floatingOp("log1p", "log1p", (grad, { input }) => grad.div(input.add(1)), ["input"]);

/**
 * The square root.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.sqrt.html
 */
export const sqrt: Unary = floatingOp("sqrt", "sqrt", (grad, { result }) => grad.div(result.mul(2)), ["result"]);

/** `1 / sqrt(x)`. */
export const rsqrt: Unary = floatingOp("rsqrt", "rsqrt", (grad, { result }) => grad.mul(result.pow(3)).mul(-0.5), ["result"]);

/** `1 / x`. */
export const reciprocal: Unary = floatingOp("reciprocal", "reciprocal", (grad, { result }) => grad.neg().mul(result.mul(result)), ["result"]);

/** `x * x`. */
export const square: Unary = op({
  name: "square",
  variants: "function, method, inplace",
  params: { input: tensor },
  out: true,
  composite: ({ input }) => pow(input, 2),
});

/** Whether an exponent or a base is the number 0. */
function isZero(value: Operand): boolean {
  return !(value instanceof Tensor) && Number(value) === 0;
}

/**
 * `input` to the power of `exponent`, elementwise; either may be a number.
 *
 * @throws Error for a negative whole exponent of integers.
 * @see https://pytorch.org/docs/stable/generated/torch.pow.html
 */
export const pow: InplaceOp<(input: Operand, exponent: Operand, options?: Out) => Tensor> = op({
  name: "pow",
  variants: "function, method, inplace",
  params: { input: operand, exponent: operand },
  out: true,
  forward: ({ input, exponent }, out) => {
    const dtype = resultType(input, exponent);
    if (exponent instanceof Tensor || !(input instanceof Tensor)) {
      return binaryResult(input, exponent, dtype, out, (result, a, b) => binary("pow", result, a, b));
    }
    if (dtype.category === Category.Integer && Number(exponent) < 0) {
      throw new Error("Integers to negative integer powers are not allowed.");
    }
    return intoResult(input.sizes, dtype, [input], out, (result) => powScalar(result, cast(input, dtype), exponent));
  },
  saves: ["input", "exponent", "result"],
  overload: ({ input, exponent }) => (exponent instanceof Tensor ? (input instanceof Tensor ? 1 : 2) : 0),
  derivative: {
    input: (grad, { input, exponent }) => {
      if (isZero(exponent)) return grad.mul(0);
      if (!(exponent instanceof Tensor)) return grad.mul(pow(input, minusOne(exponent)).mul(exponent));
      return grad.mul(exponent.mul(pow(input, exponent.sub(1)))).maskedFill(exponent.eq(0), 0);
    },
    exponent: (grad, { input, exponent, result }) => {
      // 0 to a power from 0 up does not change with the exponent, where log(0) would give NaN.
      const flat = (input instanceof Tensor ? input.eq(0) : (exponent as Tensor).mul(0).add(input).eq(0)).logicalAnd((exponent as Tensor).ge(0));
      const logarithm = input instanceof Tensor ? input.log() : Math.log(Number(input));
      return grad.mul(result.mul(logarithm)).maskedFill(flat, 0);
    },
  },
});

function minusOne(exponent: Scalar): Scalar {
  return typeof exponent === "bigint" ? exponent - 1n : Number(exponent) - 1;
}

/**
 * `pow` computed in float64.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.float_power.html
 */
export const floatPower: InplaceOp<(input: Operand, exponent: Operand, options?: Out) => Tensor> = op({
  name: "floatPower",
  variants: "function, method, inplace",
  params: { input: operand, exponent: operand },
  out: true,
  composite: ({ input, exponent }) => {
    const widen = (value: Operand) => (value instanceof Tensor ? value.double() : Number(value));
    return pow(widen(input), widen(exponent));
  },
});

/** `log(exp(x) + exp(y))`, without overflow. */
export const logaddexp: Binary = binaryOp(
  "logaddexp",
  "logaddexp",
  {
    input: (grad, { input, other }) => grad.div(sumOf(1, sumOf(other, input, -1).exp())),
    other: (grad, { input, other }) => grad.div(sumOf(1, sumOf(input, other, -1).exp())),
  },
  { saves: ["input", "other"] },
);

/** `log2(2^x + 2^y)`, without overflow. */
export const logaddexp2: Binary = binaryOp(
  "logaddexp2",
  "logaddexp2",
  {
    input: (grad, { input, other }) => grad.div(sumOf(1, pow(2, sumOf(other, input, -1)))),
    other: (grad, { input, other }) => grad.div(sumOf(1, pow(2, sumOf(input, other, -1)))),
  },
  { saves: ["input", "other"] },
);

function sumOf(a: Operand, b: Operand, alpha = 1): Tensor {
  return a instanceof Tensor ? a.add(b, { alpha }) : (b as Tensor).mul(alpha).add(a);
}
