/** Bessel functions of the orders 0 and 1, and Airy's. Only those that are scaled by an exponential have derivatives. */
import { specialUnary, type Unary } from "./define.js";

/**
 * The Airy function Ai, which oscillates to the left of 0 and decays to the right.
 *
 * Like all functions here it takes a tensor of any shape, gives one of that shape, accepts `out`, and is accurate to a few
 * units in the last place: of the value, or of the height of the wave where it oscillates. No gradient flows through it.
 *
 * @example torch.special.airyAi(torch.tensor([-1, 0, 1])) // tensor([0.5356, 0.3550, 0.1353])
 * @see https://pytorch.org/docs/stable/special.html#torch.special.airy_ai
 */
export const airyAi: Unary = specialUnary("airyAi", "airyAi");

/**
 * The Bessel function of the first kind and order 0. No gradient flows through it.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.bessel_j0
 */
export const besselJ0: Unary = specialUnary("besselJ0", "besselJ0");

/** The Bessel function of the first kind and order 1. No gradient flows through it. */
export const besselJ1: Unary = specialUnary("besselJ1", "besselJ1");

/** The Bessel function of the second kind and order 0: -infinity at 0, NaN below. No gradient flows through it. */
export const besselY0: Unary = specialUnary("besselY0", "besselY0");

/** The Bessel function of the second kind and order 1: -infinity at 0, NaN below. No gradient flows through it. */
export const besselY1: Unary = specialUnary("besselY1", "besselY1");

/** The modified Bessel function of the first kind and order 0: `i0`, but no gradient flows through it. */
export const modifiedBesselI0: Unary = specialUnary("modifiedBesselI0", "i0");

/** The modified Bessel function of the first kind and order 1: `i1`, but no gradient flows through it. */
export const modifiedBesselI1: Unary = specialUnary("modifiedBesselI1", "i1");

/** The modified Bessel function of the second kind and order 0: infinite at 0, NaN below. No gradient flows through it. */
export const modifiedBesselK0: Unary = specialUnary("modifiedBesselK0", "modifiedBesselK0");

/** The modified Bessel function of the second kind and order 1: infinite at 0, NaN below. No gradient flows through it. */
export const modifiedBesselK1: Unary = specialUnary("modifiedBesselK1", "modifiedBesselK1");

/** exp(x) times `modifiedBesselK0(x)`. No gradient flows through it. */
export const scaledModifiedBesselK0: Unary = specialUnary("scaledModifiedBesselK0", "scaledModifiedBesselK0");

/** exp(x) times `modifiedBesselK1(x)`. No gradient flows through it. */
export const scaledModifiedBesselK1: Unary = specialUnary("scaledModifiedBesselK1", "scaledModifiedBesselK1");

/** sin(x) / x, the spherical Bessel function of the first kind and order 0. No gradient flows through it. */
export const sphericalBesselJ0: Unary = specialUnary("sphericalBesselJ0", "sphericalBesselJ0");

/**
 * exp(-|x|) times `i0(x)`.
 *
 * @see https://pytorch.org/docs/stable/special.html#torch.special.i0e
 */
export const i0e: Unary = specialUnary("i0e", "i0e", {
  saves: ["input", "result"],
  derivative: { input: (grad, { input, result }) => grad.mul(i1e(input).sub(input.sgn().mul(result))) },
});

/** The modified Bessel function of the first kind and order 1, the derivative of `i0`. */
export const i1: Unary = specialUnary("i1", "i1", {
  saves: ["input", "result"],
  derivative: {
    // At 0 the quotient is its limit, which also has a derivative.
    input: (grad, { input, result }) => {
      const isZero = input.eq(0);
      return grad.mul(input.i0().sub(result.div(input.maskedFill(isZero, 1)).maskedFill(isZero, 0.5)));
    },
  },
});

/** exp(-|x|) times `i1(x)`. */
export const i1e: Unary = specialUnary("i1e", "i1e", {
  saves: ["input", "result"],
  derivative: {
    input: (grad, { input, result }) => {
      const isZero = input.eq(0);
      const slope = i0e(input).sub(result.mul(input.sgn().add(input.maskedFill(isZero, 1).reciprocal())));
      return grad.mul(slope.maskedFill(isZero, 0.5));
    },
  },
});
