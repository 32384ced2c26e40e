/** Numbers as Python prints them: halves round to even, and exponents have two digits at least. */

/** Digits beyond those shown that tell an exact half from its neighbours. */
const guard = 25;

/** Whether the digits after the last shown one are exactly 5 and zeros. */
function isTie(digits: string): boolean {
  return /^50*$/.test(digits.slice(-guard));
}

function isOdd(digits: string): boolean {
  return (digits.charCodeAt(digits.length - 1) & 1) === 1;
}

function special(value: number): string | undefined {
  if (Number.isNaN(value)) return "nan";
  if (value === Infinity) return "inf";
  if (value === -Infinity) return "-inf";
  return undefined;
}

/** `{:.Nf}` */
export function formatFixed(value: number, precision: number): string {
  const word = special(value);
  if (word !== undefined) return word;
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const size = Math.abs(value);
  if (size >= 1e21) return `${sign}${BigInt(size)}${precision > 0 ? `.${"0".repeat(precision)}` : ""}`;
  const exact = size.toFixed(Math.min(precision + guard, 100));
  const cut = exact.slice(0, precision === 0 ? -guard - 1 : -guard);
  return sign + (isTie(exact) && !isOdd(cut) ? cut : size.toFixed(precision));
}

/** `{:.Ne}` */
export function formatExponential(value: number, precision: number): string {
  const word = special(value);
  if (word !== undefined) return word;
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const size = Math.abs(value);
  const [exact] = size.toExponential(precision + guard).split("e") as [string];
  const [rounded, exponent] = size.toExponential(precision).split("e") as [string, string];
  const cut = exact.slice(0, precision === 0 ? -guard - 1 : -guard);
  const mantissa = isTie(exact) && !isOdd(cut) ? cut : rounded;
  return `${sign}${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}

/** A number as Python's `repr` writes it within a complex one: whole numbers without a point. */
export function pythonNumber(value: number): string {
  const word = special(value);
  if (word !== undefined) return word;
  if (Object.is(value, -0)) return "-0";
  const size = Math.abs(value);
  if (size === 0 || (size >= 1e-4 && size < 1e16)) return String(value);
  const [mantissa, exponent] = value.toExponential().split("e") as [string, string];
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, "0")}`;
}
