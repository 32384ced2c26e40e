/**
 * Orthogonal polynomials. The degree is an operand, too, a tensor or a number: its fraction is cut off, and a negative one
 * gives 0. No gradient flows through them, as in PyTorch.
 */
import { type Binary, specialBinary } from "./define.js";

/**
 * The Chebyshev polynomial of the first kind of a degree, cos(degree arccos(x)) between -1 and 1.
 *
 * @param input the arguments, a tensor or a number.
 * @param other the degrees.
 * @example torch.special.chebyshevPolynomialT(torch.tensor([0, 0.5, 2]), 2) // tensor([-1.0000, -0.5000, 7.0000])
 * @see https://pytorch.org/docs/stable/special.html#torch.special.chebyshev_polynomial_t
 */
export const chebyshevPolynomialT: Binary = specialBinary("chebyshevPolynomialT", "chebyshevPolynomialT");

/** The Chebyshev polynomial of the second kind, sin((degree + 1) t) / sin(t) at cos(t). */
export const chebyshevPolynomialU: Binary = specialBinary("chebyshevPolynomialU", "chebyshevPolynomialU");

/** The Chebyshev polynomial of the third kind, cos((degree + 1/2) t) / cos(t / 2) at cos(t). */
export const chebyshevPolynomialV: Binary = specialBinary("chebyshevPolynomialV", "chebyshevPolynomialV");

/** The Chebyshev polynomial of the fourth kind, sin((degree + 1/2) t) / sin(t / 2) at cos(t). */
export const chebyshevPolynomialW: Binary = specialBinary("chebyshevPolynomialW", "chebyshevPolynomialW");

/** `chebyshevPolynomialT` at 2x - 1: the interval is [0, 1]. */
export const shiftedChebyshevPolynomialT: Binary = specialBinary(
  "shiftedChebyshevPolynomialT",
  "shiftedChebyshevPolynomialT",
);

/** `chebyshevPolynomialU` at 2x - 1. */
export const shiftedChebyshevPolynomialU: Binary = specialBinary(
  "shiftedChebyshevPolynomialU",
  "shiftedChebyshevPolynomialU",
);

/** `chebyshevPolynomialV` at 2x - 1. */
export const shiftedChebyshevPolynomialV: Binary = specialBinary(
  "shiftedChebyshevPolynomialV",
  "shiftedChebyshevPolynomialV",
);

/** `chebyshevPolynomialW` at 2x - 1. */
export const shiftedChebyshevPolynomialW: Binary = specialBinary(
  "shiftedChebyshevPolynomialW",
  "shiftedChebyshevPolynomialW",
);

/** The Hermite polynomial of physics, whose leading coefficient is 2^degree. NaN for degrees beyond a million. */
export const hermitePolynomialH: Binary = specialBinary("hermitePolynomialH", "hermitePolynomialH");

/** The Hermite polynomial of probability theory, whose leading coefficient is 1. NaN for degrees beyond a million. */
export const hermitePolynomialHe: Binary = specialBinary("hermitePolynomialHe", "hermitePolynomialHe");

/** The Laguerre polynomial, which is 1 at 0. NaN for degrees beyond a million. */
export const laguerrePolynomialL: Binary = specialBinary("laguerrePolynomialL", "laguerrePolynomialL");

/** The Legendre polynomial, which is 1 at 1. NaN for degrees beyond a million. */
export const legendrePolynomialP: Binary = specialBinary("legendrePolynomialP", "legendrePolynomialP");
