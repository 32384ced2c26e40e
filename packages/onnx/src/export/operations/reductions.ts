/** Sums, means, extremes and other operations over dims, and what goes on along one. */
import torch, { type DType } from "flambeau";
import { flag, int } from "../builder.js";
import { type Call, type Translated, type Translation, type Translations, widened } from "../call.js";
import { combined, type Extent, productOf } from "../sizes.js";
import { isNaN } from "./elementwise.js";

const { bool, int32, int64 } = torch;

const keeps = (t: Call) => t.arg("keepdim") === true;

/** A reduction over the dims of the call; a scalar has none. */
function over(t: Call, kind: string, x: string, keepdim = keeps(t)): string {
  return t.value().rank === 0 ? x : t.reduce(kind, x, t.dims(), keepdim);
}

/** A reduction of what is computed of the elements. */
function reduced(kind: string, before: (t: Call, x: string, dtype: DType) => string = (_, x) => x): Translation {
  return (t) => t.computed((dtype) => over(t, kind, before(t, t.x("input", dtype), dtype)));
}

/** Whether any element counts as true; all do where none counts as false. */
function truth(isAll: boolean): Translation {
  return (t) => {
    const own = t.x("input", bool);
    if (t.value().rank === 0) return t.cast(own, bool, t.dtype);
    const counted = t.cast(isAll ? t.op("Not", own) : own, bool, int32);
    const found = t.op("Greater", t.reduce("ReduceSum", counted, t.dims(), keeps(t)), t.literal(0, int32));
    return t.cast(isAll ? t.op("Not", found) : found, bool, t.dtype);
  };
}

/** How many elements go into one of the result. */
function countOf(t: Call, dims: readonly number[]): Extent {
  return productOf(dims.map((dim) => t.value().sizes[dim] as Extent));
}

const mean: Translation = (t) =>
  t.computed((dtype) => {
    const x = t.x("input", dtype);
    if (t.value().rank === 0) return x;
    // Runtimes do not agree on the mean of nothing.
    if (countOf(t, t.dims()) === 0) return t.filled(t.out.sizes, Number.NaN, dtype);
    return t.reduce("ReduceMean", x, t.dims(), keeps(t));
  });

/** Variances, and the means from which they are taken. */
function variance(isRoot: boolean, withMean: boolean): Translation {
  return (t) => {
    const dtype = widened(t.dtype);
    const x = t.x("input", dtype);
    const center = over(t, "ReduceMean", x, true);
    const distance = t.op("Sub", x, center);
    const sum = over(t, "ReduceSum", t.op("Mul", distance, distance));
    const correction = t.has("unbiased") ? Number(t.arg("unbiased")) : t.number("correction");
    const elements = countOf(t, t.dims());
    const count = combined((all) => Math.max(all - correction, 0), elements);
    const spread = t.op("Div", sum, t.session.scalar(count, dtype));
    const result = t.cast(isRoot ? t.op("Sqrt", spread) : spread, dtype, t.dtype);
    if (!withMean) return result;
    // Runtimes do not agree on the mean of nothing.
    const mean = elements === 0 ? t.filled(t.out.sizes, Number.NaN, dtype) : over(t, "ReduceMean", x);
    return [result, t.cast(mean, dtype, t.dtype)];
  };
}

/** A number, or infinity, that a norm is of. */
function norm(t: Call): Translated {
  const dtype = widened(t.dtype);
  const given = t.arg("p") ?? 2;
  if (given === "nuc") return undefined;
  const p = given === "fro" ? 2 : Number(given);
  const x = t.x("input", dtype);
  const compute = (): string => {
    if (t.value().rank === 0) return p === 0 ? countNonzero(x) : t.op("Abs", x);
    if (p === 1) return over(t, "ReduceL1", x);
    if (p === 2) return over(t, "ReduceL2", x);
    if (p === Number.POSITIVE_INFINITY) return over(t, "ReduceMax", t.op("Abs", x));
    if (p === Number.NEGATIVE_INFINITY) return over(t, "ReduceMin", t.op("Abs", x));
    if (p === 0) return over(t, "ReduceSum", countNonzero(x));
    const powers = t.op("Pow", t.op("Abs", x), t.literal(p, dtype));
    return t.op("Pow", over(t, "ReduceSum", powers), t.literal(1 / p, dtype));
  };
  const countNonzero = (name: string) => t.cast(t.op("Not", t.op("Equal", name, t.literal(0, dtype))), bool, dtype);
  return t.cast(compute(), dtype, t.dtype);
}

const logSumExp: Translation = (t) =>
  t.computed((dtype) => {
    const x = t.x("input", dtype);
    if (t.value().rank === 0) return x;
    const dims = t.dims();
    const most = t.reduce("ReduceMax", x, dims, true);
    // Infinite extremes would have no distance.
    const limit = torch.finfo(dtype).max;
    const from = t.op("Clip", most, t.literal(-limit, dtype), t.literal(limit, dtype));
    const sum = t.reduce("ReduceSum", t.op("Exp", t.op("Sub", x, from)), dims, keeps(t));
    const base = keeps(t) ? from : t.squeeze(from, ...dims);
    return t.op("Add", t.op("Log", sum), base);
  });

const nanSum: Translation = (t) => {
  const isWhole = !t.value().dtype.isFloatingPoint;
  return reduced("ReduceSum", (t, x, dtype) => (isWhole ? x : t.where(isNaN(t, x), t.literal(0, dtype), x)))(t);
};

const countNonzero: Translation = (t) => {
  const counted = t.cast(t.x("input", bool), bool, int64);
  return over(t, "ReduceSum", counted, false);
};

/** Elements in a dtype in which runtimes look for the largest. */
function ordered(t: Call): { x: string; dtype: DType } {
  const { dtype } = t.value();
  const wide = widened(dtype);
  return { x: t.x("input", wide), dtype: wide };
}

/** The place of the largest or smallest element. */
function place(opType: string): Translation {
  return (t) => {
    const { x } = ordered(t);
    const { rank, sizes } = t.value();
    if (rank === 0) return t.literal(0, int64, t.out.sizes as number[]);
    if (t.has("dim")) return t.opWith({ axis: int(t.dim()), keepdims: flag(keeps(t)) }, opType, x);
    const flat = t.flatten(x, sizes);
    return t.toOut(t.opWith({ axis: 0n, keepdims: 0n }, opType, flat), []);
  };
}

/** The largest or smallest element along a dim, and its place. */
function extreme(kind: string, opType: string): Translation {
  return (t) => {
    const { x, dtype } = ordered(t);
    if (t.value().rank === 0) return [t.x(), t.literal(0, int64)];
    const dim = t.dim();
    const values = t.cast(t.reduce(kind, x, [dim], keeps(t)), dtype, t.dtype);
    return [values, t.opWith({ axis: int(dim), keepdims: flag(keeps(t)) }, opType, x)];
  };
}

/** Sorted elements, and their places. */
function sorted(t: Call, dim: number, count: Extent, largest: boolean): readonly [values: string, places: string] {
  const { x, dtype } = ordered(t);
  const sizes = t.value().sizes.map((size, d) => (d === dim ? count : size));
  // Runtimes fail where there is nothing to sort.
  if (t.value().sizes.includes(0)) return [t.filled(sizes, 0, t.value().dtype), t.filled(sizes, 0, int64)];
  const attributes = { axis: int(dim), largest: flag(largest), sorted: 1n };
  const [values, places] = t.ops(2, attributes, "TopK", x, t.session.extent(count)) as [string, string];
  return [t.cast(values, dtype, t.value().dtype), places];
}

const sort: Translation = (t) => {
  if (t.value().rank === 0) return [t.x(), t.literal(0, int64)];
  return sorted(t, t.dim(), t.value().sizes[t.dim()] as Extent, t.arg("descending") === true);
};

const argsort: Translation = (t) => {
  if (t.value().rank === 0) return t.literal(0, int64);
  return sorted(t, t.dim(), t.value().sizes[t.dim()] as Extent, t.arg("descending") === true)[1];
};

const topk: Translation = (t) => {
  if (t.value().rank === 0) return t.number("k") === 1 ? [t.x(), t.literal(0, int64)] : undefined;
  return sorted(t, t.dim(), t.extent("k"), t.arg("largest") !== false);
};

/** The element at a place of the sorted ones. */
function ranked(t: Call, rankOf: (size: Extent) => Extent): Translated {
  if (t.value().rank === 0) return [t.x(), t.literal(0, int64)];
  const dim = t.dim();
  const at = rankOf(t.value().sizes[dim] as Extent);
  return sorted(t, dim, at, false).map((name, i) => {
    if (t.out.sizes.includes(0)) return t.filled(t.out.sizes, 0, i === 0 ? t.dtype : int64);
    const last = t.slice(name, dim, -1);
    return keeps(t) ? last : t.squeeze(last, dim);
  });
}

const middle = (size: Extent) => combined((length) => Math.floor((length + 1) / 2), size);

/** The middle element along a dim, and where it is. */
export const median: Translation = (t) => ranked(t, middle);

export const medianOfAll: Translation = (t) => {
  const { sizes, rank } = t.value();
  if (rank === 0) return t.x();
  const { x, dtype } = ordered(t);
  const count = productOf(sizes);
  if (count === 0) return t.literal(Number.NaN, t.dtype);
  const flat = t.flatten(x, sizes);
  const attributes = { axis: 0n, largest: 0n, sorted: 1n };
  const [values] = t.ops(2, attributes, "TopK", flat, t.session.extent(middle(count))) as [string, string];
  return t.cast(t.squeeze(t.slice(values, 0, -1), 0), dtype, t.dtype);
};

/** Sums and products of sums: what grows beyond the dtype wraps around as in the dtype itself. */
const sum = reduced("ReduceSum");

/** The place in a sorted list at which each number would stand. */
function searched(list: string, values: string): Translation {
  return (t) => {
    const [sequence, found] = [t.value(list), t.arg(values)];
    if (t.has("sorter") || !t.isValue(values)) return undefined;
    const dtype = widened(torch.promoteTypes(sequence.dtype, t.value(values).dtype));
    const numbers = t.unsqueeze(t.operand(found, dtype), t.value(values).rank);
    const sizes = sequence.sizes;
    const row = sizes.length === 1 ? t.x(list, dtype) : t.unsqueeze(t.x(list, dtype), sizes.length - 1);
    const isRight = t.arg("right") === true || t.arg("side") === "right";
    // A number that is none comes after all others.
    const isBehind = t.op("Not", t.op(isRight ? "Greater" : "GreaterOrEqual", row, numbers));
    const counted = t.cast(isBehind, bool, int64);
    const rank = Math.max(sizes.length + 1, t.value(values).rank + 1);
    return t.cast(t.reduce("ReduceSum", counted, [rank - 1], false), int64, t.dtype);
  };
}

export const reductions: Translations = {
  sum,
  nansum: nanSum,
  mean,
  prod: reduced("ReduceProd"),
  amax: reduced("ReduceMax"),
  amin: reduced("ReduceMin"),
  "max.all": reduced("ReduceMax"),
  "min.all": reduced("ReduceMin"),
  "max.dim": extreme("ReduceMax", "ArgMax"),
  "min.dim": extreme("ReduceMin", "ArgMin"),
  argmax: place("ArgMax"),
  argmin: place("ArgMin"),
  any: truth(false),
  all: truth(true),
  countNonzero,
  logsumexp: logSumExp,
  norm,
  var: variance(false, false),
  std: variance(true, false),
  varMean: variance(false, true),
  stdMean: variance(true, true),
  sort,
  argsort,
  topk,
  kthvalue: (t) => ranked(t, () => t.extent("k")),
  "median.dim": median,
  "median.all": medianOfAll,
  searchsorted: searched("sortedSequence", "input"),
  bucketize: searched("boundaries", "input"),
  isin: (t) => {
    const elements = t.arg("elements");
    const test = t.arg("testElements");
    if (!t.isValue("elements") || !t.isValue("testElements")) return undefined;
    const dtype = widened(torch.promoteTypes(t.value("elements").dtype, t.value("testElements").dtype));
    const sizes = t.value("testElements").sizes;
    const list = t.flatten(t.operand(test, dtype), sizes);
    const { rank } = t.value("elements");
    const equal = t.op("Equal", t.unsqueeze(t.operand(elements, dtype), rank), list);
    const found = t.cast(t.reduce("ReduceMax", t.cast(equal, bool, int32), [rank], false), int32, bool);
    return t.arg("invert") === true ? t.op("Not", found) : found;
  },
};
