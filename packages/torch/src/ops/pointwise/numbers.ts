/** How numbers are made up: signs, mantissas and exponents, neighbours, divisors, and what stands for NaN. */
import { number, type Operand, optional, tensor } from "../../arguments/params.js";
import { binary, copy, frexp as frexpKernel, unaryWith } from "../../backend/kernels.js";
import { type DType, int32, largestOf } from "../../core/dtype.js";
import { floatingType } from "../../core/promotion.js";
import { nearest } from "../../core/scalars.js";
import type { Tensor } from "../../core/tensor.js";
import { inplace, type Named, named, op } from "../define.js";
import type { Args, InplaceFunction, InplaceOp, Op, Out } from "../types.js";
import { binaryOp, flat, integralOnly, numberBeside, pair, rejectBool, tensorFirst } from "./elementary.js";
import { pow } from "./exponential.js";
import { binaryResult, emptyResult, intoResult } from "./pointwise.js";

type Binary = InplaceOp<(input: Tensor, other: Tensor, options?: Out) => Tensor>;

/**
 * The magnitude of `input` with the sign of `other`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.copysign.html
 */
export const copysign: InplaceOp<(input: Tensor, other: Operand, options?: Out) => Tensor> = binaryOp(
  "copysign",
  "copysign",
  {
    input: (grad, { input, result }) => {
      const x = input as Tensor;
      return grad.mul(result.div(x)).maskedFill(x.eq(0), 0);
    },
    other: flat,
  },
  {
    saves: ["input", "result"],
    savedFor: { input: "input", result: "input" },
    params: numberBeside,
    compute: floatingType,
    overload: tensorFirst,
  },
);

/** The step function: 0 below 0, 1 above 0, and `values` at 0. */
export const heaviside: InplaceOp<(input: Tensor, values: Tensor, options?: Out) => Tensor> = op({
  name: "heaviside",
  elementwise: true,
  variants: "function, method, inplace",
  params: { input: tensor, values: tensor },
  out: true,
  forward: ({ input, values }, out) => {
    if (input.dtype !== values.dtype) {
      throw new TypeError("heaviside is not yet implemented for tensors with different dtypes.");
    }
    return binaryResult(input, values, input.dtype, out, binary.heaviside);
  },
});

/** The next number after `input` on the way to `other`. */
export const nextafter: Binary = binaryOp("nextafter", "nextafter", {}, { params: pair });

/** The greatest common divisor. */
export const gcd: Binary = binaryOp("gcd", "gcd", {}, { params: pair, compute: wholeNumbers("gcd_cpu") });
export const gcd_: InplaceFunction<typeof gcd> = inplace(gcd);
/** The least common multiple. */
export const lcm: Binary = binaryOp("lcm", "lcm", {}, { params: pair, compute: wholeNumbers("lcm_cpu") });
export const lcm_: InplaceFunction<typeof lcm> = inplace(lcm);

function wholeNumbers(name: string): (dtype: DType) => DType {
  const [notFloating, notBool] = [integralOnly(name), rejectBool(name)];
  return (dtype) => notBool(notFloating(dtype));
}

/**
 * Mantissas in [1/2, 1) by magnitude, and the exponents of 2 (int32) that belong to them.
 *
 * @example const { mantissa, exponent } = torch.frexp(torch.tensor([6])); // 0.75, 3
 * @see https://pytorch.org/docs/stable/generated/torch.frexp.html
 */
export const frexp: Op<
  (input: Tensor, options?: { out?: readonly [Tensor, Tensor] }) => Named<{ mantissa: Tensor; exponent: Tensor }>
> = op({
  name: "frexp",
  elementwise: true,
  params: { input: tensor },
  out: 2,
  forward: ({ input }) => {
    if (!input.dtype.isFloatingPoint) throw new TypeError("torch.frexp() only supports floating-point dtypes");
    const mantissa = emptyResult(input.sizes, input.dtype, [input]);
    const exponent = emptyResult(input.sizes, int32, [input]);
    frexpKernel(mantissa, exponent, input);
    return named({ mantissa, exponent });
  },
  saves: ["results"],
  derivative: { input: (grad, { results }) => grad.div((results[1] as Tensor).to(grad.dtype).exp2()) },
});

/** `input * 2^other`. */
export const ldexp: Binary = op({
  name: "ldexp",
  variants: "function, method, inplace",
  params: pair,
  out: "cast",
  overlap: { other: "any" },
  composite: ({ input, other }) => input.mul(pow(2, other.to(floatingType(other.dtype)))),
});
export const ldexp_: InplaceFunction<typeof ldexp> = inplace(ldexp);

/**
 * Numbers in the place of NaN and the infinities.
 *
 * @param posinf the largest number of the dtype by default.
 * @param neginf the lowest number of the dtype by default.
 * @see https://pytorch.org/docs/stable/generated/torch.nan_to_num.html
 */
export const nanToNum: InplaceOp<
  (
    input: Tensor,
    ...args: Args<
      [nan?: number | null, posinf?: number | null, neginf?: number | null],
      ["nan", "posinf", "neginf"],
      Out
    >
  ) => Tensor
> = op({
  name: "nanToNum",
  elementwise: true,
  variants: "function, method, inplace",
  params: { input: tensor, nan: optional(number), posinf: optional(number), neginf: optional(number) },
  out: true,
  forward: ({ input, nan = 0, posinf, neginf }, out) =>
    intoResult(input.sizes, input.dtype, [input], out, (result) => {
      const { dtype } = input;
      if (!dtype.isDifferentiable) return copy(result, input);
      const limit = largestOf(dtype);
      const values = [nan, posinf ?? limit, neginf ?? -limit].map((value) => nearest(value, dtype.toReal()));
      unaryWith("nanToNum", result, input, ...values);
    }),
  saves: ["input"],
  derivative: { input: (grad, { input }) => grad.maskedFill(input.isfinite().logicalNot(), 0) },
});
export const nanToNum_: InplaceFunction<typeof nanToNum> = inplace(nanToNum);
