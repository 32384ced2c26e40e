/** The windows by which PIL resamples a dim, with weights as integers of 22 bits behind the point. */
import type { ResampleWindows } from "../../backend/kernels.js";
import { tensor as tensorOf } from "../creation/data.js";
import { cubicAt, linearAt } from "../resample/windows.js";

/** How the weight of a neighbour falls with its distance: up to which distance there is one, and the function. */
interface Filter {
  readonly support: number;
  readonly at: (x: number) => number;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(x * Math.PI) / (x * Math.PI);
}

function hamming(x: number): number {
  const d = Math.abs(x);
  return d >= 1 ? 0 : sinc(d) * (0.54 + 0.46 * Math.cos(d * Math.PI));
}

const filters = {
  box: { support: 0.5, at: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, at: linearAt },
  hamming: { support: 1, at: hamming },
  bicubic: { support: 2, at: (x) => cubicAt(x, -0.5) },
  lanczos: { support: 3, at: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
} satisfies Record<string, Filter>;

export const pilFilters = ["nearest", "box", "bilinear", "hamming", "bicubic", "lanczos"] as const;
export type PilFilter = (typeof pilFilters)[number];

const one = 2 ** 22;

function asFixed(weight: number): number {
  return Math.trunc(weight * one + (weight < 0 ? -0.5 : 0.5));
}

function windows(
  inSize: number,
  outSize: number,
  starts: Int32Array,
  counts: Int32Array,
  weights: Int32Array,
): ResampleWindows {
  return {
    inSize,
    outSize,
    starts: tensorOf(starts),
    counts: tensorOf(counts),
    weights: tensorOf(weights).view([-1, outSize]),
  };
}

/** The nearest element, whose place is summed up from one to the next. */
function nearest(inSize: number, outSize: number): ResampleWindows {
  const step = inSize / outSize;
  const starts = new Int32Array(outSize);
  let at = step * 0.5;
  for (let i = 0; i < outSize; i++, at += step) starts[i] = Math.min(Math.trunc(at), inSize - 1);
  return windows(inSize, outSize, starts, new Int32Array(outSize).fill(1), new Int32Array(outSize).fill(one));
}

/** The windows of a dim; all their elements are within it. */
export function pilWindows(inSize: number, outSize: number, name: PilFilter): ResampleWindows {
  if (name === "nearest") return nearest(inSize, outSize);
  const { support, at } = filters[name];
  const step = inSize / outSize;
  const width = Math.max(step, 1);
  const reach = support * width;
  const most = Math.ceil(reach) * 2 + 1;
  const starts = new Int32Array(outSize);
  const counts = new Int32Array(outSize);
  const weights = new Int32Array(most * outSize);
  const window = new Float64Array(most);
  for (let i = 0; i < outSize; i++) {
    const center = (i + 0.5) * step;
    const start = Math.max(Math.trunc(center - reach + 0.5), 0);
    const count = Math.min(Math.trunc(center + reach + 0.5), inSize) - start;
    let sum = 0;
    for (let k = 0; k < count; k++) {
      const weight = at((k + start - center + 0.5) / width);
      window[k] = weight;
      sum += weight;
    }
    for (let k = 0; k < count; k++) weights[k * outSize + i] = asFixed((window[k] as number) / (sum || 1));
    starts[i] = start;
    counts[i] = count;
  }
  return windows(inSize, outSize, starts, counts, weights);
}
