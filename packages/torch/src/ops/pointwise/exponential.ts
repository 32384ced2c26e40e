/** Powers, roots, exponentials, logarithms. */
import { type Operand, operand } from "../../arguments/params.js";
import { binary, powScalar } from "../../backend/kernels.js";
import { Complex, imaginaryPart, realPart } from "../../core/complex.js";
import { bool, Category, complex128, float64, int64, scalarTypeName } from "../../core/dtype.js";
import { resultType } from "../../core/promotion.js";
import { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { inplace, op, synonym } from "../define.js";
import type { InplaceFunction, InplaceOp, Op, Out } from "../types.js";
import { flat, floatingOp, pair, unaryOp } from "./elementary.js";
import { binaryResult, cast, intoResult } from "./pointwise.js";

type Unary = InplaceOp<(input: Tensor, options?: Out) => Tensor>;

/**
 * e to the power of each element.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.exp.html
 */
export const exp: Unary = floatingOp("exp", "exp", (grad, { result }) => grad.mul(result), ["result"]);
export const exp_: InplaceFunction<typeof exp> = inplace(exp);

/** 2 to the power of each element. */
export const exp2: Unary = floatingOp("exp2", "exp2", (grad, { result }) => grad.mul(result).mul(Math.LN2), ["result"]);
export const exp2_: InplaceFunction<typeof exp2> = inplace(exp2);

/** `exp(x) - 1`, accurate also for small x. */
export const expm1: Unary = floatingOp("expm1", "expm1", (grad, { result }) => grad.mul(result.add(1)), ["result"]);
export const expm1_: InplaceFunction<typeof expm1> = inplace(expm1);

/**
 * The natural logarithm.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.log.html
 */
export const log: Unary = floatingOp("log", "log", (grad, { input }) => grad.div(input), ["input"]);
export const log_: InplaceFunction<typeof log> = inplace(log);

/** The logarithm to base 2. */
export const log2: Unary = floatingOp("log2", "log2", (grad, { input }) => grad.div(input.mul(Math.LN2)), ["input"]);
export const log2_: InplaceFunction<typeof log2> = inplace(log2);

/** The logarithm to base 10. */
export const log10: Unary = floatingOp("log10", "log10", (grad, { input }) => grad.div(input.mul(Math.LN10)), [
  "input",
]);
export const log10_: InplaceFunction<typeof log10> = inplace(log10);

/** `log(1 + x)`, accurate also for small x. */
export const log1p: Unary = floatingOp("log1p", "log1p", (grad, { input }) => grad.div(input.add(1)), ["input"]);
export const log1p_: InplaceFunction<typeof log1p> = inplace(log1p);

/**
 * The square root.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.sqrt.html
 */
export const sqrt: Unary = floatingOp("sqrt", "sqrt", (grad, { result }) => grad.div(result.mul(2)), ["result"]);
export const sqrt_: InplaceFunction<typeof sqrt> = inplace(sqrt);

/** `1 / sqrt(x)`. */
export const rsqrt: Unary = floatingOp("rsqrt", "rsqrt", (grad, { result }) => grad.mul(result.pow(3)).mul(-0.5), [
  "result",
]);
export const rsqrt_: InplaceFunction<typeof rsqrt> = inplace(rsqrt);

/** `1 / x`. */
export const reciprocal: Unary = floatingOp(
  "reciprocal",
  "reciprocal",
  (grad, { result }) => grad.neg().mul(result.mul(result)),
  ["result"],
);
export const reciprocal_: InplaceFunction<typeof reciprocal> = inplace(reciprocal);

/** `x * x`: the power of 2, for which its node is named. */
export const square: Unary = synonym(
  "square",
  unaryOp("pow", "square", (grad, { input }) => grad.mul(input).mul(2), {
    id: "square",
    saves: ["input"],
    compute: (dtype) => (dtype === bool ? int64 : dtype),
  }),
);
export const square_: InplaceFunction<typeof square> = inplace(square);

/** Whether an exponent or a base is the number 0. */
function isZero(value: Operand): boolean {
  return !(value instanceof Tensor) && realPart(value) === 0 && imaginaryPart(value) === 0;
}

type Power = InplaceOp<(input: Operand, exponent: Operand, options?: Out) => Tensor>;

function asDouble(value: Operand): Operand {
  if (value instanceof Tensor) return value.to(value.dtype.isComplex ? complex128 : float64);
  return value instanceof Complex ? value : Number(value);
}

/** @param inDouble whether to compute in float64, and accept no other dtype for what is written to. */
function power(inDouble: boolean): Power {
  const prepared = inDouble ? asDouble : (value: Operand) => value;
  return op({
    name: "pow",
    elementwise: true,
    id: inDouble ? "floatPower" : "pow",
    variants: "function, method, inplace",
    params: { input: operand, exponent: operand },
    out: inDouble ? true : "cast",
    forward: ({ input, exponent }, out) => {
      const [base, power] = [prepared(input), prepared(exponent)];
      const wanted = resultType(base, power).isComplex ? complex128 : float64;
      if (inDouble && out !== undefined && out.dtype !== wanted) {
        throw new Error(
          `the base given to float_power_ has dtype ${scalarTypeName(out.dtype)} but the operation's result requires dtype ${scalarTypeName(wanted)}`,
        );
      }
      return powerOf(base, power, out);
    },
    saves: ["input", "exponent", "result"],
    savedFor: { result: "exponent" },
    overload: ({ input, exponent }) => (exponent instanceof Tensor ? (input instanceof Tensor ? 1 : 2) : 0),
    derivative: {
      input: (grad, { input, exponent }) => baseGradient(grad, prepared(input), prepared(exponent)),
      exponent: (grad, { input, exponent, result }) =>
        exponentGradient(grad, prepared(input), prepared(exponent) as Tensor, result),
    },
  });
}

function powerOf(input: Operand, exponent: Operand, out: Tensor | undefined): Tensor {
  const dtype = resultType(input, exponent);
  if (exponent instanceof Tensor || !(input instanceof Tensor)) {
    return binaryResult(input, exponent, dtype, out, binary.pow);
  }
  if (dtype.category === Category.Integer && Number(exponent) < 0) {
    throw new Error("Integers to negative integer powers are not allowed.");
  }
  return intoResult(input.sizes, dtype, [input], out, (result) => powScalar(result, cast(input, dtype), exponent));
}

function baseGradient(grad: Tensor, input: Operand, exponent: Operand): Tensor {
  if (isZero(exponent)) return flat(grad);
  if (!(exponent instanceof Tensor)) return grad.mul(pow(input, minusOne(exponent)).mul(exponent));
  return grad.mul(exponent.mul(pow(input, exponent.sub(1)))).maskedFill(exponent.eq(0), 0);
}

function exponentGradient(grad: Tensor, input: Operand, exponent: Tensor, result: Tensor): Tensor {
  if (!(input instanceof Tensor)) {
    const gradient = grad.mul(result.mul(logarithm(input)));
    return isZero(input) ? gradient.maskedFill(atLeast0(exponent), 0) : gradient;
  }
  // 0 to a power from 0 up does not change with the exponent, where log(0) would give NaN.
  return grad.mul(result.mul(input.log())).maskedFill(input.eq(0).logicalAnd(atLeast0(exponent)), 0);
}

function logarithm(base: Scalar): Scalar {
  if (!(base instanceof Complex)) return Math.log(Number(base));
  return new Complex(Math.log(Math.hypot(base.real, base.imag)), Math.atan2(base.imag, base.real));
}

function atLeast0(exponent: Tensor): Tensor {
  if (!exponent.dtype.isComplex) return exponent.ge(0);
  return exponent.imag.eq(0).logicalAnd(exponent.real.ge(0));
}

function minusOne(exponent: Scalar): Scalar {
  if (exponent instanceof Complex) return new Complex(exponent.real - 1, exponent.imag);
  return typeof exponent === "bigint" ? exponent - 1n : Number(exponent) - 1;
}

/**
 * `input` to the power of `exponent`, elementwise; either may be a number.
 *
 * @throws Error for a negative whole exponent of integers.
 * @see https://pytorch.org/docs/stable/generated/torch.pow.html
 */
export const pow: Power = power(false);

/**
 * `pow` computed in float64.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.float_power.html
 */
export const floatPower: Power = synonym("floatPower", power(true));

type Pairwise = Op<(input: Tensor, other: Tensor, options?: Out) => Tensor>;

/** The logarithm of a sum of two exponentials; `exponential` is that of the logarithm's base. */
function logSum(name: "logaddexp" | "logaddexp2", exponential: (x: Tensor) => Tensor): Pairwise {
  return op({
    name,
    elementwise: true,
    params: pair,
    out: "cast",
    forward: ({ input, other }, out) => binaryResult(input, other, resultType(input, other), out, binary[name]),
    saves: ["input", "other"],
    derivative: {
      input: (grad, { input, other }) => grad.div(exponential(other.sub(input)).add(1)),
      other: (grad, { input, other }) => grad.div(exponential(input.sub(other)).add(1)),
    },
  });
}

/** `log(exp(x) + exp(y))`, without overflow. */
export const logaddexp: Pairwise = logSum("logaddexp", (x) => x.exp());
/** `log2(2^x + 2^y)`, without overflow. */
export const logaddexp2: Pairwise = logSum("logaddexp2", (x) => x.exp2());
