/**
 * What goes on along a dim: sums, products and extremes so far. Of these ONNX has sums alone; the others are made by
 * doubling: each element is combined with the one before it, then with the one two before, which has two by then, and so on.
 */
import torch, { type DType } from "flambeau";
import { int } from "../builder.js";
import { type Call, type Translated, type Translation, type Translations, widened } from "../call.js";
import type { Extent } from "../sizes.js";
import { isNaN, logAddExp } from "./elementwise.js";

const { int64 } = torch;

/** The steps that a dim needs whose size is open: it has fewer than 2^31 elements. */
const mostSteps = 31;

/** Puts what is before together with what comes, each of which may be several tensors. */
type Combine = (before: readonly string[], own: readonly string[]) => readonly string[];

function scan(t: Call, given: readonly string[], combine: Combine): readonly string[] {
  const dim = t.dim();
  const size = t.value().sizes[dim] as Extent;
  const steps = typeof size === "number" ? Math.ceil(Math.log2(Math.max(size, 1))) : mostSteps;
  let now = given;
  for (let step = 0; step < steps; step++) {
    const reach = 2 ** step;
    const before = now.map((x) => t.slice(x, dim, 0, -reach));
    const own = now.map((x) => t.slice(x, dim, reach));
    const made = combine(before, own);
    now = now.map((x, i) => t.opWith({ axis: int(dim) }, "Concat", t.slice(x, dim, 0, reach), made[i]));
  }
  return now;
}

const cumulativeSum: Translation = (t) => {
  const dtype = widened(t.dtype);
  const x = t.x("input", dtype);
  if (t.value().rank === 0) return t.cast(x, dtype, t.dtype);
  return t.cast(t.op("CumSum", x, t.literal(t.dim(), int64)), dtype, t.dtype);
};

/** A scan with an operation on two numbers, in the dtype of the result. */
function scanned(combine: (t: Call, before: string, own: string, dtype: DType) => string): Translation {
  return (t) =>
    t.computed((dtype) => {
      const x = t.x("input", dtype);
      if (t.value().rank === 0) return x;
      const both: Combine = ([before = ""], [own = ""]) => [combine(t, before, own, dtype)];
      return scan(t, [x], both)[0] as string;
    });
}

/** The largest or smallest element so far, and the last place where it is. What is no number is beyond all others. */
function extreme(comparison: "GreaterOrEqual" | "LessOrEqual"): Translation {
  return (t): Translated => {
    const { rank, sizes, dtype: own } = t.value();
    if (rank === 0) return [t.x(), t.literal(0, int64)];
    const dtype = widened(own);
    const dim = t.dim();
    const line = sizes.map((size, d) => (d === dim ? size : 1));
    const size = sizes[dim] as Extent;
    const places = t.expand(t.reshape(t.range(size), [size], line), sizes);
    const isNext = (before: string, next: string): string => {
      const isBeyond = t.op(comparison, next, before);
      if (!dtype.isFloatingPoint) return isBeyond;
      return t.op("Or", isNaN(t, next), t.op("And", t.op("Not", isNaN(t, before)), isBeyond));
    };
    const [values, found] = scan(t, [t.x("input", dtype), places], (before, next) => {
      const isChosen = isNext(before[0] as string, next[0] as string);
      return next.map((x, i) => t.where(isChosen, x, before[i] as string));
    }) as [string, string];
    return [t.cast(values, dtype, own), found];
  };
}

export const scans: Translations = {
  cumsum: cumulativeSum,
  cumprod: scanned((t, a, b) => t.op("Mul", a, b)),
  logcumsumexp: scanned((t, a, b, dtype) => logAddExp(t, a, b, dtype)),
  cummax: extreme("GreaterOrEqual"),
  cummin: extreme("LessOrEqual"),
};
