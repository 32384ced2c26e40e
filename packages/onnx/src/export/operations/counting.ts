/** How often numbers occur, and which of them stand side by side. */
import torch, { type DType } from "flambeau";
import { upTo } from "../../lists.js";
import { int } from "../builder.js";
import { type Call, type Translated, type Translation, type Translations, widened } from "../call.js";
import { type Argument, Value } from "../recording.js";
import { type Extent, productOf } from "../sizes.js";
import { isNaN } from "./elementwise.js";
import { median, medianOfAll } from "./reductions.js";

const { bool, int32, int64, float32, float64 } = torch;

/** The sum of weights `[n]`, or the number, of the elements of `places` `[n]` that are one of `lines` `[bins]`. */
function sums(t: Call, places: string, lines: string, weights: string | undefined, dtype: DType): string {
  const isThere = t.op("Equal", t.unsqueeze(places, 1), lines);
  const counted =
    weights === undefined
      ? t.cast(isThere, bool, dtype)
      : t.where(isThere, t.unsqueeze(weights, 1), t.literal(0, dtype));
  return t.reduce("ReduceSum", counted, [0], false);
}

const bincount: Translation = (t) => {
  const { sizes } = t.value();
  const minlength = t.has("minlength") ? t.number("minlength") : 0;
  if (sizes.includes(0)) return t.filled([minlength], 0, t.dtype);
  const places = t.x("input", int64);
  const most = t.op("Add", t.reduce("ReduceMax", places, [0], false), t.literal(1, int64));
  const bins = t.op("Range", t.literal(0, int64), t.op("Max", most, t.literal(minlength, int64)), t.literal(1, int64));
  return t.computed((dtype) => sums(t, places, bins, t.optional("weights", dtype), dtype));
};

interface Limits {
  readonly low: string;
  readonly high: string;
}

/** The range in which is counted: a given one, or that of the elements, of which a single one is widened. */
function limitsOf(t: Call, x: string, given: readonly number[] | undefined, margin: number, dtype: DType): Limits {
  const number = (value: number) => t.literal(value, dtype);
  if (given !== undefined) {
    const [low, high] = given as [number, number];
    return low === high
      ? { low: number(low - margin), high: number(high + margin) }
      : { low: number(low), high: number(high) };
  }
  if (t.value().sizes.includes(0)) return { low: number(-margin), high: number(margin) };
  const [least, most] = ["ReduceMin", "ReduceMax"].map((kind) => t.reduce(kind, x, [0], false)) as [string, string];
  const isSingle = t.op("Equal", least, most);
  return {
    low: t.where(isSingle, t.op("Sub", least, number(margin)), least),
    high: t.where(isSingle, t.op("Add", most, number(margin)), most),
  };
}

const isWithin = (t: Call, x: string, low: string, high: string) =>
  t.op("And", t.op("GreaterOrEqual", x, low), t.op("LessOrEqual", x, high));

const histc: Translation = (t) =>
  t.computed((dtype) => {
    const bins = t.number("bins");
    const x = t.flatten(t.x("input", dtype), t.value().sizes);
    const [min, max] = [t.number("min"), t.number("max")];
    const { low, high } = limitsOf(t, x, min === max ? undefined : [min, max], 1, dtype);
    const share = t.op("Div", t.op("Sub", x, low), t.op("Sub", high, low));
    const place = t.op("Floor", t.op("Mul", share, t.literal(bins, dtype)));
    const last = t.literal(bins - 1, dtype);
    const counted = t.where(isWithin(t, x, low, high), t.op("Min", place, last), t.literal(-1, dtype));
    return sums(t, counted, t.cast(t.range(bins), int64, dtype), undefined, dtype);
  });

/** Edges of parts of one width, counted from both ends, as `linspace` has them. */
function evenEdges(t: Call, x: string, bins: number, range: readonly number[] | undefined, dtype: DType): string {
  const { low, high } = limitsOf(t, x, range ?? (t.value().sizes.includes(0) ? [0, 1] : undefined), 0.5, dtype);
  const step = t.op("Div", t.op("Sub", high, low), t.literal(bins, dtype));
  const place = t.cast(t.range(bins + 1), int64, dtype);
  const fromLow = t.op("Add", low, t.op("Mul", step, place));
  const fromHigh = t.op("Sub", high, t.op("Mul", step, t.op("Sub", t.literal(bins, dtype), place)));
  return t.where(t.op("Less", place, t.literal((bins + 1) / 2, dtype)), fromLow, fromHigh);
}

/** Parts along one coordinate: where its numbers lie among the edges. */
interface Parts {
  readonly bins: number;
  readonly edges: string;
  readonly place: string;
  readonly isInside: string;
}

function partsOf(t: Call, x: string, bins: Argument, range: readonly number[] | undefined): Parts {
  const count = bins instanceof Value ? (bins.sizes[0] as Extent) : t.fixed("bins", bins) + 1;
  if (typeof count !== "number") throw new Error("the number of edges has to be fixed");
  const last = count - 1;
  const edges = bins instanceof Value ? t.name(bins) : evenEdges(t, x, last, range, t.dtype);
  const edge = (at: number) => t.item(edges, 0, at);
  const isBehind = t.cast(t.op("GreaterOrEqual", t.unsqueeze(x, 1), edges), bool, int64);
  const found = t.op("Sub", t.reduce("ReduceSum", isBehind, [1], false), t.literal(1, int64));
  const place = t.op("Min", found, t.literal(last - 1, int64));
  return { bins: last, edges, place, isInside: isWithin(t, x, edge(0), edge(last)) };
}

/** The sums of weights in the cells between the edges of all coordinates, and the edges. */
function cellsOf(t: Call, parts: readonly Parts[]): readonly string[] {
  const { dtype } = t;
  const sizes = parts.map(({ bins }) => bins);
  const total = sizes.reduce((a, b) => a * b, 1);
  const cell = parts
    .map(({ place }) => place)
    .reduce((sum, place, d) => t.op("Add", t.op("Mul", sum, t.literal(sizes[d] as number, int64)), place));
  const isInside = parts.map(({ isInside }) => isInside).reduce((a, b) => t.op("And", a, b));
  const counted = t.where(isInside, cell, t.literal(-1, int64));
  const weights = t.has("weight") ? t.flatten(t.x("weight", dtype), t.value("weight").sizes) : undefined;
  const flat = sums(t, counted, t.range(total), weights, dtype);
  const edges = parts.map(({ edges }) => edges);
  if (t.arg("density") !== true) return [t.reshape(flat, [total], sizes), ...edges];
  const share = t.op("Div", flat, t.reduce("ReduceSum", flat, [0], true));
  const density = edges.reduce(
    (sofar, list, d) => {
      const widths = t.op("Sub", t.slice(list, 0, 1), t.slice(list, 0, 0, -1));
      const shape = sizes.map((size, other) => (other === d ? size : 1));
      return t.op("Div", sofar, t.reshape(widths, [sizes[d] as number], shape));
    },
    t.reshape(share, [total], sizes),
  );
  return [density, ...edges];
}

const rangeOf = (t: Call) => (t.has("range") ? t.numbers("range") : undefined);

const histogram: Translation = (t) => {
  const x = t.flatten(t.x(), t.value().sizes);
  return cellsOf(t, [partsOf(t, x, t.arg("bins"), rangeOf(t))]);
};

const histogramdd: Translation = (t) => {
  const { sizes, rank } = t.value();
  const [bins, range, count] = [t.arg("bins"), rangeOf(t), sizes[rank - 1] as Extent];
  if (typeof count !== "number") throw new Error("the number of coordinates has to be fixed");
  const points = t.reshape(t.x(), sizes, [productOf(sizes.slice(0, -1)), count]);
  const parts = upTo(count).map((d) => {
    const x = t.item(points, 1, d);
    return partsOf(t, x, Array.isArray(bins) ? bins[d] : bins, range?.slice(2 * d, 2 * d + 2));
  });
  return cellsOf(t, parts);
};

/** The first of elements that are equal and side by side, with where they went and how many they were. */
const uniqueConsecutive: Translation = (t): Translated => {
  const { sizes, dtype: own } = t.value();
  const dtype = widened(own);
  const dim = t.has("dim") ? t.dim() : undefined;
  const [wantsInverse, wantsCounts] = [t.arg("returnInverse") === true, t.arg("returnCounts") === true];
  const input = t.x("input", dtype);
  const x = dim === undefined ? t.flatten(input, sizes) : input;
  const [axis, rank] = dim === undefined ? [0, 1] : [dim, sizes.length];
  const count = dim === undefined ? productOf(sizes) : (sizes[dim] as Extent);
  if (sizes.includes(0)) return undefined;
  const isOther = t.op("Not", t.op("Equal", t.slice(x, axis, 1), t.slice(x, axis, 0, -1)));
  const others = upTo(rank).filter((d) => d !== axis);
  const counted = t.cast(isOther, bool, int32);
  const isNext = others.length === 0 ? counted : t.reduce("ReduceMax", counted, others, false);
  const isFirst = t.cast(t.opWith({ axis: 0n }, "Concat", t.literal([1], int32), isNext), int32, bool);
  const made = [t.cast(t.opWith({ axis: int(axis) }, "Compress", x, isFirst), dtype, own)];
  if (wantsInverse) {
    const order = t.op("CumSum", t.cast(isFirst, bool, int64), t.literal(0, int64));
    const places = t.op("Sub", order, t.literal(1, int64));
    made.push(dim === undefined ? t.reshape(places, [count], sizes) : places);
  }
  if (wantsCounts) {
    const starts = t.squeeze(t.op("NonZero", isFirst), 0);
    const stops = t.opWith({ axis: 0n }, "Concat", t.slice(starts, 0, 1), t.session.extent(count));
    made.push(t.op("Sub", stops, starts));
  }
  return made;
};

/** The median of what is a number, and where it is; what is none is put behind all others. */
function medianOfNumbers(t: Call, x: string, dim: number, size: Extent, dtype: DType): [value: string, place: string] {
  const isMissing = isNaN(t, x);
  const last = t.where(isMissing, t.literal(Number.POSITIVE_INFINITY, dtype), x);
  const attributes = { axis: int(dim), largest: 0n, sorted: 1n };
  const [sorted, order] = t.ops(2, attributes, "TopK", last, t.session.extent(size)) as [string, string];
  const count = t.reduce("ReduceSum", t.cast(t.op("Not", isMissing), bool, int64), [dim], true);
  const middle = t.op("Div", t.op("Sub", count, t.literal(1, int64)), t.literal(2, int64));
  const place = t.op("Max", middle, t.literal(0, int64));
  const at = (list: string) => t.opWith({ axis: int(dim) }, "GatherElements", list, place);
  const isNone = t.op("Equal", count, t.literal(0, int64));
  return [t.where(isNone, t.literal(Number.NaN, dtype), at(sorted)), at(order)];
}

/** Of whole numbers, and where there are none, the median is what it is. */
function nanMedian(ofAll: boolean, median: Translation): Translation {
  return (t) => {
    const { rank, sizes } = t.value();
    if (!t.dtype.isFloatingPoint || rank === 0 || sizes.includes(0)) return median(t);
    const dtype = t.dtype === float64 ? float64 : float32;
    const x = t.x("input", dtype);
    const dim = ofAll ? 0 : t.dim();
    const [list, size] = ofAll ? [t.flatten(x, sizes), productOf(sizes)] : [x, sizes[dim] as Extent];
    const [value, place] = medianOfNumbers(t, list, dim, size, dtype);
    const shaped = (name: string) => (!ofAll && t.arg("keepdim") === true ? name : t.squeeze(name, dim));
    const made = t.cast(shaped(value), dtype, t.dtype);
    return ofAll ? made : [made, shaped(place)];
  };
}

export const counting: Translations = {
  bincount,
  histc,
  histogram,
  histogramdd,
  uniqueConsecutive,
  "nanmedian.dim": nanMedian(false, median),
  "nanmedian.all": nanMedian(true, medianOfAll),
};
