/** The normal distribution, its inverse and its logarithm, and other relatives of the error function and of x ln x. */
import type { Tensor } from "../../core/tensor.js";
import { asOperandTensor } from "../pointwise/elementary.js";
import { type Binary, specialBinary, specialUnary, type Unary } from "./define.js";

const rootTwoPi = Math.sqrt(2 * Math.PI);

/**
 * The entropy of each element, -x ln(x): 0 at 0, and -infinity below.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.entr
 */
export const entr: Unary = specialUnary("entr", "entr", {
  saves: ["input"],
  derivative: { input: (grad, { input }) => grad.mul(input.log().add(1).neg()) },
});

/**
 * The scaled complementary error function, exp(x^2) `erfc(x)`, which neither overflows nor underflows for large x.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.erfcx
 */
export const erfcx: Unary = specialUnary("erfcx", "erfcx", {
  saves: ["input", "result"],
  derivative: {
    input: (grad, { input, result }) =>
      grad.mul(
        input
          .mul(result)
          .mul(2)
          .sub(2 / Math.sqrt(Math.PI)),
      ),
  },
});

/**
 * The distribution function of the standard normal distribution: how likely a number is to be less than x.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.ndtr
 */
export const ndtr: Unary = specialUnary("ndtr", "ndtr", {
  saves: ["input"],
  derivative: { input: (grad, { input }) => grad.mul(input.square().div(-2).exp().div(rootTwoPi)) },
});

/**
 * The inverse of `ndtr`: -infinity at 0, infinity at 1, NaN beyond.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.ndtri
 */
export const ndtri: Unary = specialUnary("ndtri", "ndtri", {
  saves: ["result"],
  derivative: { input: (grad, { result }) => grad.mul(result.square().div(2).exp().mul(rootTwoPi)) },
});

/**
 * The logarithm of `ndtr`, also where that is less than the smallest number.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.log_ndtr
 */
export const logNdtr: Unary = specialUnary("logNdtr", "logNdtr", {
  saves: ["input"],
  derivative: {
    input: (grad, { input }) => grad.div(erfcx(input.mul(-Math.SQRT1_2))).mul(Math.sqrt(2 / Math.PI)),
  },
});

/**
 * `input * log1p(other)`, where 0 times anything but NaN is 0.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.xlog1py
 */
export const xlog1py: Binary = specialBinary("xlog1py", "xlog1py", {
  saves: ["input", "other"],
  derivative: {
    input: (grad, { input, other }) => {
      const x = input as Tensor;
      const isZero = x.eq(0).logicalAnd(asOperandTensor(other, x).le(-1));
      return xlog1py(grad, other).maskedFill(isZero, 0);
    },
    other: (grad, { input, other }) => grad.mul(input).div((other as Tensor).add(1)),
  },
});

/**
 * The zeta function of Hurwitz, the sum of (k + other)^-input over k = 0, 1, …
 *
 * Infinite for an `input` of 1, NaN below. There is a gradient of `other` alone, as in PyTorch.
 *
 * @example torch.special.zeta(torch.tensor([2, 4]), 1) // tensor([1.6449, 1.0823])
 * @see https://pytorch.org/docs/stable/special.html#torch.special.zeta
 */
export const zeta: Binary = specialBinary("zeta", "zeta", {
  saves: ["input", "other"],
  derivative: {
    input: () => {
      throw new Error("the derivative for 'zeta' is not implemented.");
    },
    other: (grad, { input, other }) => {
      const s = asOperandTensor(input, other as Tensor);
      return grad.mul(s.neg()).mul(zeta(s.add(1), other));
    },
  },
});
