/** Rounding, signs and magnitudes. */
import { int, keyword, optional, tensor } from "../../arguments/params.js";
import { ofComplex, roundDecimals, unary } from "../../backend/kernels.js";
import { scalarTypeName } from "../../core/dtype.js";
import type { Tensor } from "../../core/tensor.js";
import { inplace, op, synonym } from "../define.js";
import { real } from "../shape/complexViews.js";
import type { InplaceFunction, InplaceOp, Out } from "../types.js";
import { flat, realOnly, unaryOp } from "./elementary.js";
import { intoResult, unaryResult } from "./pointwise.js";

type Unary = InplaceOp<(input: Tensor, options?: Out) => Tensor>;

/**
 * The magnitude of each element.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.abs.html
 */
export const abs: Unary = op({
  name: "abs",
  variants: "function, method, inplace",
  params: { input: tensor },
  out: true,
  ownConjugation: true,
  forward: ({ input }, out) => {
    if (!input.dtype.isComplex) return unaryResult(input, input.dtype, out, unary.abs);
    if (out === input) throw new TypeError("In-place abs is not supported for complex tensors.");
    return intoResult(input.sizes, input.dtype.toReal(), [input], out, (result) => ofComplex("abs", result, input));
  },
  saves: ["input"],
  derivative: { input: (grad, { input }) => grad.mul(input.sgn()) },
});
export const abs_: InplaceFunction<typeof abs> = inplace(abs);

/** `abs` under its other name. */
export const absolute: Unary = synonym("absolute", abs);

/** -1, 0 or 1 with the sign of each element. */
export const sign: Unary = unaryOp("sign", "sign", flat, {
  compute: realOnly(
    "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead.",
  ),
});

/** `sign`, for complex numbers too: those of magnitude 1 at the same angle, and 0 for 0. */
export const sgn: Unary = op({
  name: "sgn",
  variants: "function, method, inplace",
  params: { input: tensor },
  out: true,
  ownConjugation: true,
  forward: ({ input }, out) => unaryResult(input, input.dtype, out, input.dtype.isComplex ? direction : unary.sign),
  saves: ["input"],
  derivative: { input: (grad, { input }) => (input.dtype.isComplex ? turned(grad, input) : flat(grad)) },
});

function direction(result: Tensor, input: Tensor): void {
  ofComplex("sgn", result, input);
}

/** The gradient of `sgn`: what is left of it across the direction of the number. */
function turned(grad: Tensor, input: Tensor): Tensor {
  const [unit, size] = [input.sgn(), input.abs()];
  const along = real(grad.mul(unit.conj())).mul(unit);
  return grad.sub(along).div(size).maskedFill(size.eq(0), 0);
}

/** The largest whole number up to each element. */
export const floor: Unary = unaryOp("floor", "floor", flat, {
  compute: realOnly("floor is not supported for complex inputs"),
});
export const floor_: InplaceFunction<typeof floor> = inplace(floor);

/** The smallest whole number from each element on. */
export const ceil: Unary = unaryOp("ceil", "ceil", flat, {
  compute: realOnly("ceil is not supported for complex inputs"),
});
export const ceil_: InplaceFunction<typeof ceil> = inplace(ceil);

/** The whole part of each element. */
export const trunc: Unary = unaryOp("trunc", "trunc", flat, {
  compute: realOnly("trunc is not supported for complex inputs"),
});
export const trunc_: InplaceFunction<typeof trunc> = inplace(trunc);

/** `trunc` under its other name. */
export const fix: Unary = synonym("fix", trunc);
export const fix_: InplaceFunction<typeof fix> = inplace(fix);

/** What is left of each element without its whole part; it keeps the sign. */
export const frac: Unary = unaryOp("frac", "frac", (grad) => grad);
export const frac_: InplaceFunction<typeof frac> = inplace(frac);

/**
 * The nearest whole number, the even one of two as near.
 *
 * @param options.decimals rounds to so many decimals instead; negative ones stand before the point.
 * @throws TypeError for decimals of integers.
 * @see https://pytorch.org/docs/stable/generated/torch.round.html
 */
export const round: InplaceOp<(input: Tensor, options?: { decimals?: number } & Out) => Tensor> = op({
  name: "round",
  elementwise: true,
  variants: "function, method, inplace",
  params: { input: tensor, decimals: keyword(optional(int, 0)) },
  out: true,
  forward: ({ input, decimals }, out) =>
    intoResult(input.sizes, input.dtype, [input], out, (result) => {
      if (decimals === 0) unary.round(result, input);
      else if (!input.dtype.isFloatingPoint)
        throw new TypeError(`"round_vml_cpu" not implemented for '${scalarTypeName(input.dtype)}'`);
      else roundDecimals(result, input, decimals);
    }),
  overload: ({ decimals }) => (decimals === 0 ? 0 : 1),
  derivative: { input: flat },
});
export const round_: InplaceFunction<typeof round> = inplace(round);
