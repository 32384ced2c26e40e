/** Numbers in tables. */

/** A number with as many digits after the point, as Python prints it: what is exactly between two becomes even. */
export function fixed(value: number, digits: number): string {
  const scaled = value * 10 ** digits;
  const below = Math.floor(scaled);
  // Only fractions of this power of two can be between two decimals; all others are nearer to one of them.
  const isBetween = Number.isInteger(value * 2 ** (digits + 1)) && scaled - below === 0.5;
  return (isBetween ? (below + (below % 2)) / 10 ** digits : value).toFixed(digits);
}
