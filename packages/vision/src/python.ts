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

/** Any value: numbers as they are, lists in brackets, nothing as `None`. */
export function pyValue(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return pyBool(value);
  return Array.isArray(value) ? pyList(value) : String(value);
}

/** A list, whose items are written by a function. */
export function pyList<T>(items: readonly T[], write: (item: T) => string = pyValue): string {
  return `[${items.map(write).join(", ")}]`;
}

/** A tuple: one of a single item has a comma behind it. */
export function pyTuple<T>(items: readonly T[], write: (item: T) => string = pyValue): string {
  return `(${items.map(write).join(", ")}${items.length === 1 ? "," : ""})`;
}
