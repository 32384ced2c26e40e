/** Powers of ten as decimal numbers are read: `10 ** -5` is not 0.00001 to the last bit in JavaScript. */

/** A power of a base, exact as far as can be where it is a whole power of ten. */
export function power(base: number, exponent: number): number {
  return base === 10 && Number.isInteger(exponent) ? Number(`1e${exponent}`) : base ** exponent;
}

export const powerOfTen = (exponent: number): number => power(10, exponent);
