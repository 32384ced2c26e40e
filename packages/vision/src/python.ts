/** How Python writes values, for printed forms. */

/** A float: always with a point or an exponent (`1.0`, `1e-05`). */
export function pyFloat(value: number): string {
  if (value !== 0 && Math.abs(value) < 1e-4) {
    const [digits, exponent] = value.toExponential().split("e-") as [string, string];
    return `${digits}e-${exponent.padStart(2, "0")}`;
  }
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** A bool. */
export function pyBool(value: boolean): string {
  return value ? "True" : "False";
}
