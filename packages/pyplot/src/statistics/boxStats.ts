/** The numbers of a box plot. */
import { quantile } from "./histogram.js";

/** The statistics of one set of values. */
export interface BoxStats {
  label?: string | undefined;
  mean: number;
  med: number;
  q1: number;
  q3: number;
  iqr: number;
  /** The ends of the notch: a confidence interval of the median. */
  cilo: number;
  cihi: number;
  whislo: number;
  whishi: number;
  fliers: Float64Array;
}

/**
 * The statistics of sets of values. `whis` is how many times the distance between the quartiles the whiskers reach at
 * most, or two percentiles at which they end.
 *
 * @see https://matplotlib.org/stable/api/cbook_api.html#matplotlib.cbook.boxplot_stats
 */
export function boxplotStats(
  sets: readonly Float64Array[],
  whis: number | readonly [number, number] = 1.5,
  labels?: readonly string[],
): BoxStats[] {
  if (labels && labels.length !== sets.length) throw new Error("Dimensions of labels and X must be compatible");
  return sets.map((set, i) => statsOf(set, whis, labels?.[i]));
}

function statsOf(values: Float64Array, whis: number | readonly [number, number], label?: string): BoxStats {
  const sorted = values.filter((v) => !Number.isNaN(v)).sort();
  const n = sorted.length;
  if (n === 0) {
    const none = Number.NaN;
    return {
      label,
      mean: none,
      med: none,
      q1: none,
      q3: none,
      iqr: none,
      cilo: none,
      cihi: none,
      whislo: none,
      whishi: none,
      fliers: sorted,
    };
  }
  const [q1, med, q3] = [0.25, 0.5, 0.75].map((share) => quantile(sorted, share)) as [number, number, number];
  const iqr = q3 - q1;
  const notch = (1.57 * iqr) / Math.sqrt(n);
  const [low, high] =
    typeof whis === "number"
      ? [q1 - whis * iqr, q3 + whis * iqr]
      : [quantile(sorted, whis[0] / 100), quantile(sorted, whis[1] / 100)];
  const least = sorted.find((v) => v >= low) ?? q1;
  const most = sorted.findLast((v) => v <= high) ?? q3;
  const [whislo, whishi] = [least > q1 ? q1 : least, most < q3 ? q3 : most];
  const fliers = Float64Array.of(...values.filter((v) => v < whislo), ...values.filter((v) => v > whishi));
  const mean = sorted.reduce((a, b) => a + b, 0) / n;
  return { label, mean, med, q1, q3, iqr, cilo: med - notch, cihi: med + notch, whislo, whishi, fliers };
}
