/** Special functions: error functions, gamma functions, Bessel functions and their relatives. */

import { int, number, type Operand, optional, tensor } from "../../arguments/params.js";
import { unaryWith } from "../../backend/kernels.js";
import { floatingType } from "../../core/promotion.js";
import type { Tensor } from "../../core/tensor.js";
import { arange } from "../creation/ranges.js";
import { inplace, op } from "../define.js";
import { i1 } from "../special/bessel.js";
import type { Args, FunctionOp, InplaceFunction, InplaceOp, Out } from "../types.js";
import { asOperandTensor, binaryOp, floatingOp, pair, whichNumber } from "./elementary.js";
import { cast, intoResult } from "./pointwise.js";
import { polygamma as polygammaOf } from "./specialMethods.js";

type Unary = InplaceOp<(input: Tensor, options?: Out) => Tensor>;
type Binary = InplaceOp<(input: Tensor, other: Tensor, options?: Out) => Tensor>;

const twoBySqrtPi = 2 / Math.sqrt(Math.PI);

/** The slope of `erf`: 2/sqrt(pi) exp(-x^2). */
function erfSlope(x: Tensor): Tensor {
  return x.mul(x).neg().exp().mul(twoBySqrtPi);
}

/**
 * The error function, 2/sqrt(pi) times the integral of exp(-t^2) from 0 to x.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.erf.html
 */
export const erf: Unary = floatingOp("erf", "erf", (grad, { input }) => grad.mul(erfSlope(input)), ["input"]);
export const erf_: InplaceFunction<typeof erf> = inplace(erf);

/** `1 - erf(x)`, accurate also for large x. */
export const erfc: Unary = floatingOp("erfc", "erfc", (grad, { input }) => grad.mul(erfSlope(input).neg()), ["input"]);
export const erfc_: InplaceFunction<typeof erfc> = inplace(erfc);

/** The inverse of `erf`; infinite at -1 and 1, NaN beyond. */
export const erfinv: Unary = floatingOp(
  "erfinv",
  "erfinv",
  (grad, { result }) => grad.mul(result.mul(result).exp().div(twoBySqrtPi)),
  ["result"],
);

/**
 * The logarithm of the magnitude of the gamma function.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.lgamma.html
 */
export const lgamma: Unary = floatingOp("lgamma", "lgamma", (grad, { input }) => grad.mul(input.digamma()), ["input"]);

/** The derivative of `lgamma`. */
export const digamma: Unary = floatingOp("digamma", "digamma", (grad, { input }) => grad.mul(input.polygamma(1)), [
  "input",
]);

/**
 * The n-th derivative of `digamma`.
 *
 * @throws RangeError for a negative n.
 * @example torch.polygamma(1, torch.tensor([1, 0.5])) // tensor([1.6449, 4.9348])
 * @see https://pytorch.org/docs/stable/generated/torch.polygamma.html
 */
export const polygamma: FunctionOp<(n: number, input: Tensor, options?: Out) => Tensor> = op({
  name: "polygamma",
  id: "polygamma.orderFirst",
  variants: "function",
  params: { n: int, input: tensor },
  out: "cast",
  composite: ({ n, input }) => polygammaOf(input, n),
});

/**
 * The logarithm of the multivariate gamma function of dimension p.
 *
 * @throws RangeError unless p >= 1.
 * @see https://pytorch.org/docs/stable/generated/torch.mvlgamma.html
 */
export const mvlgamma: InplaceOp<(input: Tensor, p: number, options?: Out) => Tensor> = op({
  name: "mvlgamma",
  variants: "function, method, inplace",
  params: { input: tensor, p: int },
  out: "cast",
  overlap: "any",
  composite: ({ input, p }) => {
    if (p < 1) throw new RangeError("p has to be greater than or equal to 1");
    const dtype = floatingType(input.dtype);
    // The last one is 0 and not -0, whose sign would show at a pole.
    const halves = arange(1 - p, 1, { dtype }).div(2);
    return input
      .to(dtype)
      .unsqueeze(-1)
      .add(halves)
      .lgamma()
      .sum(-1)
      .add((p * (p - 1) * Math.log(Math.PI)) / 4);
  },
});

/**
 * log(x / (1 - x)), the inverse of `sigmoid`.
 *
 * @param eps limits x to [eps, 1 - eps] first; without it the result is NaN outside of [0, 1].
 * @see https://pytorch.org/docs/stable/generated/torch.logit.html
 */
export const logit: InplaceOp<(input: Tensor, ...args: Args<[eps?: number | null], ["eps"], Out>) => Tensor> = op({
  name: "logit",
  elementwise: true,
  variants: "function, method, inplace",
  params: { input: tensor, eps: optional(number) },
  out: "cast",
  forward: ({ input, eps }, out) => {
    const dtype = floatingType(input.dtype);
    return intoResult(input.sizes, dtype, [input], out, (result) =>
      unaryWith("logit", result, cast(input, dtype), eps ?? -1),
    );
  },
  saves: ["input"],
  derivative: {
    input: (grad, { input, eps }) => {
      const limited = eps !== undefined && eps >= 0;
      const edge = limited ? eps : 0;
      const outside = input.lt(edge).logicalOr(input.gt(1 - edge));
      return grad.div(input.mul(input.neg().add(1))).maskedFill(outside, limited ? 0 : NaN);
    },
  },
});
export const logit_: InplaceFunction<typeof logit> = inplace(logit);

/** The regularized lower incomplete gamma function P(input, other). */
export const igamma: Binary = incompleteGamma("igamma", 1);
/** The regularized upper incomplete gamma function, `1 - igamma(input, other)`. */
export const igammac: Binary = incompleteGamma("igammac", -1);

function incompleteGamma(name: "igamma" | "igammac", sign: 1 | -1): Binary {
  return binaryOp(
    name,
    name,
    {
      input: () => {
        throw new Error(`the derivative for '${name}: input' is not implemented.`);
      },
      other: (grad, { input, other }) => {
        const [a, x] = [input as Tensor, other as Tensor];
        return grad.mul(a.sub(1).mul(x.log()).sub(x).sub(a.lgamma()).exp()).mul(sign);
      },
    },
    { saves: ["input", "other"], params: pair },
  );
}

/**
 * `input * log(other)`, where 0 times anything but NaN is 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.xlogy.html
 */
export const xlogy: InplaceOp<(input: Operand, other: Operand, options?: Out) => Tensor> = binaryOp(
  "xlogy",
  "xlogy",
  {
    input: (grad, { input, other }) => {
      const x = input as Tensor;
      const isZero = x.eq(0).logicalAnd(asOperandTensor(other, x).le(0));
      return xlogy(grad, other).maskedFill(isZero, 0);
    },
    other: (grad, { input, other }) => grad.mul(input).div(other),
  },
  {
    saves: ["input", "other"],
    compute: floatingType,
    overload: whichNumber,
  },
);
export const xlogy_: InplaceFunction<typeof xlogy> = inplace(xlogy);

/** The modified Bessel function of the first kind and order 0. */
export const i0: Unary = floatingOp("i0", "i0", (grad, { input }) => grad.mul(i1(input)), ["input"]);
export const i0_: InplaceFunction<typeof i0> = inplace(i0);
