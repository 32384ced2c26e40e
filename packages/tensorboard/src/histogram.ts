/** How values are distributed, in the buckets that TensorBoard shows. */
import { create } from "@bufbuild/protobuf";
import torch, { type Tensor } from "flambeau";
import { type Histogram, HistogramSchema } from "./proto/tensorboard_pb.js";

/** How buckets are chosen: a rule of NumPy's, a number of them, or their limits. */
export type Bins = "tensorflow" | "auto" | "fd" | "scott" | "sturges" | "rice" | "sqrt" | number | readonly number[];

/** Limits that grow by a tenth each, on both sides of 0. */
function exponentialLimits(): number[] {
  const positive: number[] = [];
  for (let limit = 1e-12; limit < 1e20; limit *= 1.1) positive.push(limit);
  return [...positive.toReversed().map((limit) => -limit), 0, ...positive];
}

const tensorflowLimits = exponentialLimits();

/** The width of a bucket by a rule, from the values in order; 0 where the rule has none. */
const widths: Readonly<Record<string, (sorted: Float64Array) => number>> = {
  sqrt: (x) => range(x) / Math.sqrt(x.length),
  sturges: (x) => range(x) / (Math.log2(x.length) + 1),
  rice: (x) => range(x) / (2 * Math.cbrt(x.length)),
  scott: (x) => Math.cbrt((24 * Math.sqrt(Math.PI)) / x.length) * deviation(x),
  fd: (x) => (2 * (quantile(x, 0.75) - quantile(x, 0.25))) / Math.cbrt(x.length),
  auto: (x) => {
    const [fd, sturges] = [widths.fd?.(x) ?? 0, widths.sturges?.(x) ?? 0];
    return fd === 0 ? sturges : Math.min(fd, sturges);
  },
};

function range(sorted: Float64Array): number {
  return (sorted.at(-1) as number) - (sorted[0] as number);
}

function deviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}

function quantile(sorted: Float64Array, q: number): number {
  const at = q * (sorted.length - 1);
  const low = sorted[Math.floor(at)] as number;
  return low + (at % 1) * ((sorted[Math.ceil(at)] as number) - low);
}

/** The limits of buckets, in order. */
function limitsOf(values: Float64Array, bins: Bins): readonly number[] {
  if (bins === "tensorflow") return tensorflowLimits;
  if (typeof bins === "object") return bins;
  const sorted = values.toSorted();
  const isFlat = range(sorted) === 0;
  const [low, high] = isFlat ? [(sorted[0] as number) - 0.5, (sorted[0] as number) + 0.5] : [sorted[0], sorted.at(-1)];
  const count = typeof bins === "number" ? bins : bucketsBy(bins, sorted);
  const step = ((high as number) - (low as number)) / count;
  return Array.from({ length: count + 1 }, (_, i) => (i === count ? (high as number) : (low as number) + i * step));
}

function bucketsBy(rule: string, sorted: Float64Array): number {
  const width = widths[rule];
  if (width === undefined) throw new TypeError(`no rule '${rule}' for bins; there are ${Object.keys(widths)}`);
  const chosen = width(sorted);
  return chosen > 0 && range(sorted) > 0 ? Math.ceil(range(sorted) / chosen) : 1;
}

/** How many values are in each bucket; the last one holds its upper limit too, and what is outside counts nowhere. */
function countsOf(values: Tensor, limits: readonly number[]): number[] {
  const edges = torch.tensor(limits, { dtype: torch.float64 });
  const last = limits.length - 1;
  const inside = values.maskedSelect(values.ge(limits[0] as number).logicalAnd(values.le(limits[last] as number)));
  const places = torch
    .bucketize(inside, edges, { right: true })
    .sub(1)
    .clamp(0, last - 1);
  return torch.bincount(places, { minlength: last }).tolist() as number[];
}

/**
 * The histogram of all elements of a tensor.
 *
 * @throws Error if there are none, or if none is in a bucket.
 */
export function histogramOf(tensor: Tensor, bins: Bins): Histogram {
  if (tensor.numel() === 0) throw new Error("The input has no element.");
  const values = tensor.detach().reshape([-1]).to(torch.float64);
  if (!values.isfinite().all().item()) throw new Error("a histogram needs finite values");
  const limits = limitsOf(values.toTypedArray() as Float64Array, bins);
  const counts = countsOf(values, limits);
  const first = counts.findIndex((count) => count > 0);
  const end = counts.findLastIndex((count) => count > 0) + 1;
  if (first < 0) throw new Error("The histogram is empty: no value is in a bucket.");
  return create(HistogramSchema, {
    min: values.min().item(),
    max: values.max().item(),
    num: values.numel(),
    sum: values.sum().item(),
    sumSquares: values.dot(values).item(),
    // Buckets are told by their upper limits, so that the lower limit of the first one is that of an empty bucket.
    bucketLimit: limits.slice(first, end + 1),
    bucket: [0, ...counts.slice(first, end)],
  });
}
