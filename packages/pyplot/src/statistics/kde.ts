/** A density from values: a normal curve around each of them. */

/**
 * The density at places. The width of the curves is that of the values times `n^(-1/5)` (Scott), Silverman's factor, or
 * a factor of one's own.
 */
export function gaussianKde(
  values: Float64Array,
  places: Float64Array,
  method: number | "scott" | "silverman" = "scott",
): Float64Array {
  const n = values.length;
  const mean = values.reduce((a, b) => a + b, 0) / n;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (n - 1);
  const factor = typeof method === "number" ? method : method === "scott" ? n ** -0.2 : ((n * 3) / 4) ** -0.2;
  const width = Math.sqrt(variance) * factor;
  const scale = 1 / (n * width * Math.sqrt(2 * Math.PI));
  return places.map((place) => scale * values.reduce((sum, v) => sum + Math.exp(-0.5 * ((place - v) / width) ** 2), 0));
}
