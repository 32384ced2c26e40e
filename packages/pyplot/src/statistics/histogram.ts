/** Bins and how many values fall into them, as numpy counts. */
import { extent, linspace, readVector, type Vector } from "../data.js";

/** A number of bins, their edges, or the name of a rule that finds a number. */
export type Bins = number | Vector | "auto" | "fd" | "doane" | "scott" | "rice" | "sturges" | "sqrt";

/**
 * The edges of bins for values.
 *
 * @throws Error for edges that do not rise or a number of bins that is not positive.
 * @see https://numpy.org/doc/stable/reference/generated/numpy.histogram_bin_edges.html
 */
export function histogramBinEdges(
  values: Float64Array,
  bins: Bins | string,
  range?: readonly [number, number],
  weights?: Float64Array,
): Float64Array {
  if (typeof bins !== "number" && typeof bins !== "string") {
    const edges = readVector(bins, "bins");
    if (edges.length < 2 || edges.some((edge, i) => i > 0 && edge < (edges[i - 1] as number))) {
      throw new Error("`bins` must increase monotonically, when an array");
    }
    return edges;
  }
  const [low, high] = outerEdges(values, range);
  if (typeof bins === "string") {
    if (weights) throw new TypeError("Automated estimation of the number of bins is not supported for weighted data");
    return linspace(
      low,
      high,
      estimate(
        bins,
        values.filter((v) => v >= low && v <= high),
        high - low,
      ) + 1,
    );
  }
  if (!Number.isInteger(bins) || bins < 1) throw new RangeError("`bins` must be positive, when an integer");
  return linspace(low, high, bins + 1);
}

function outerEdges(values: Float64Array, range?: readonly [number, number]): [number, number] {
  if (range && range[0] > range[1]) throw new Error("max must be larger than min in range parameter.");
  const [low, high] = range ?? extent(values) ?? [0, 1];
  if (!Number.isFinite(low) || !Number.isFinite(high))
    throw new Error(`supplied range of [${low}, ${high}] is not finite`);
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** How many values each bin holds; the last bin holds its right edge too. As a density the area is 1. */
export function histogram(
  values: Float64Array,
  edges: Float64Array,
  isDensity = false,
  weights?: Float64Array,
): Float64Array {
  const counts = new Float64Array(edges.length - 1);
  const [low, high] = [edges[0] as number, edges[edges.length - 1] as number];
  for (const [i, value] of values.entries()) {
    if (!(value >= low && value <= high)) continue;
    const bin = binOf(value, edges);
    counts[bin] = (counts[bin] as number) + (weights?.[i] ?? 1);
  }
  if (!isDensity) return counts;
  const total = counts.reduce((a, b) => a + b, 0);
  return counts.map((count, i) => count / total / ((edges[i + 1] as number) - (edges[i] as number)));
}

/** The last bin whose left edge is not above the value. */
export function binOf(value: number, edges: Float64Array): number {
  let [from, to] = [0, edges.length - 1];
  while (to - from > 1) {
    const middle = (from + to) >> 1;
    if ((edges[middle] as number) <= value) from = middle;
    else to = middle;
  }
  return from;
}

const mean = (values: Float64Array): number => values.reduce((a, b) => a + b, 0) / values.length;
const deviation = (values: Float64Array): number => {
  const middle = mean(values);
  return Math.sqrt(values.reduce((sum, v) => sum + (v - middle) ** 2, 0) / values.length);
};

/** The value below which a share of the sorted values lies, between two neighbours by the distance to them. */
export function quantile(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1);
  const i = Math.floor(at);
  const [low, high] = [sorted[i] as number, sorted[Math.min(i + 1, sorted.length - 1)] as number];
  return low + (high - low) * (at - i);
}

/** The number of bins that a rule proposes. */
function estimate(rule: string, values: Float64Array, range: number): number {
  const n = values.length;
  if (n === 0) return 1;
  const sorted = values.toSorted();
  const iqr = quantile(sorted, 0.75) - quantile(sorted, 0.25);
  const spread = (sorted[n - 1] as number) - (sorted[0] as number);
  const widths: Record<string, () => number> = {
    sqrt: () => spread / Math.sqrt(n),
    sturges: () => spread / (Math.log2(n) + 1),
    rice: () => spread / (2 * n ** (1 / 3)),
    scott: () => ((24 * Math.sqrt(Math.PI)) / n) ** (1 / 3) * deviation(values),
    fd: () => (2 * iqr) / n ** (1 / 3),
    doane: () => doane(values, spread),
    auto: () => {
      const [fd, sturges] = [(2 * iqr) / n ** (1 / 3), spread / (Math.log2(n) + 1)];
      return fd ? Math.min(fd, sturges) : sturges;
    },
  };
  const width = widths[rule]?.();
  if (width === undefined) throw new Error(`'${rule}' is not a valid estimator for \`bins\``);
  return width > 0 ? Math.ceil(range / width) : 1;
}

function doane(values: Float64Array, spread: number): number {
  const n = values.length;
  if (n <= 2) return 0;
  const sigma = deviation(values);
  if (sigma === 0) return 0;
  const middle = mean(values);
  const skew = values.reduce((sum, v) => sum + ((v - middle) / sigma) ** 3, 0) / n;
  const error = Math.sqrt((6 * (n - 2)) / ((n + 1) * (n + 3)));
  return spread / (1 + Math.log2(n) + Math.log2(1 + Math.abs(skew) / error));
}
