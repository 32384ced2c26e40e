/** Elements at places that tensors name: taken, and written. */
import torch from "flambeau";
import { upTo } from "../../lists.js";
import { int } from "../builder.js";
import { type Call, type Translation, type Translations, widened } from "../call.js";
import { Value } from "../recording.js";
import { combined, type Extent, productOf, sameExtent } from "../sizes.js";
import { times } from "./elementwise.js";

const { bool, int32, int64 } = torch;

/** Index tensors for some dims, in the order of the dims. */
interface Places {
  /** The dims that they are for. */
  readonly dims: readonly number[];
  /** `[…, dims]`: in each row the indices of an element. */
  readonly rows: string;
  /** How many dims the index tensors have. */
  readonly rank: number;
}

const isMask = ({ dtype }: Value) => dtype === bool || dtype === torch.uint8;

/** The indices of the elements that a mask shows, by dim. */
function shown(t: Call, mask: Value): string[] {
  const places = t.op("NonZero", t.operand(mask, bool));
  return mask.sizes.map((_, d) => t.item(places, 0, d));
}

function placesOf(t: Call, indices: readonly (Value | null)[]): Places {
  const dims: number[] = [];
  const names: string[] = [];
  let rank = 0;
  let dim = 0;
  for (const index of indices) {
    if (!(index instanceof Value)) {
      dim++;
      continue;
    }
    const found = isMask(index) ? shown(t, index) : [t.operand(index, int64)];
    rank = Math.max(rank, isMask(index) ? 1 : index.rank);
    for (const name of found) {
      dims.push(dim++);
      names.push(name);
    }
  }
  // Adding zeros of each other's shape broadcasts them.
  const zeros =
    names.length === 1
      ? undefined
      : t.op(
          "Mul",
          names.reduce((a, b) => t.op("Add", a, b)),
          t.literal(0, int64),
        );
  const rows = names.map((name) => t.unsqueeze(zeros === undefined ? name : t.op("Add", name, zeros), rank));
  return { dims, rows: rows.length === 1 ? (rows[0] as string) : t.opWith({ axis: -1n }, "Concat", ...rows), rank };
}

const isAdjacent = (dims: readonly number[]) => dims.every((dim, i) => i === 0 || dim === (dims[i - 1] as number) + 1);

/** The order of dims in which those that are indexed come first. */
function indexedFirst({ dims }: Places, rank: number): number[] {
  const others = upTo(rank).filter((d) => !dims.includes(d));
  return [...dims, ...others];
}

/** The order that brings the dims of the index tensors to the place of the dims that they stand for. */
function backInPlace({ dims, rank }: Places, total: number): number[] {
  const first = isAdjacent(dims) ? (dims[0] as number) : 0;
  const others = total - rank;
  const before = upTo(first).map((i) => rank + i);
  const after = upTo(others - first).map((i) => rank + first + i);
  return [...before, ...upTo(rank), ...after];
}

const listOf = (t: Call) => t.arg("indices") as readonly (Value | null)[];

/** What indices show, in the shape of the result. */
function taken(t: Call, input: string, places: Places, rank: number): string {
  const rows = t.op("GatherND", t.transpose(input, indexedFirst(places, rank)), places.rows);
  return t.transpose(rows, backInPlace(places, places.rank + rank - places.dims.length));
}

const index: Translation = (t) => {
  const given = listOf(t);
  const tensors = given.filter((one) => one instanceof Value) as Value[];
  const [only] = tensors;
  if (only === undefined) return t.x();
  if (tensors.length === 1 && !isMask(only)) {
    return t.opWith({ axis: int(given.indexOf(only)) }, "Gather", t.x(), t.operand(only, int64));
  }
  return taken(t, t.x(), placesOf(t, given), t.value().rank);
};

const indexPut: Translation = (t) => {
  const given = listOf(t);
  const accumulate = t.arg("accumulate") === true;
  if (accumulate && t.opset < 16) return undefined;
  const { rank } = t.value();
  const places = placesOf(t, given);
  const order = indexedFirst(places, rank);
  // The values get the shape of what they replace.
  const shape = t.op("Shape", taken(t, t.x(), places, rank));
  const values = t.op("Expand", t.x("values", t.dtype), shape);
  const back = backInPlace(places, places.rank + rank - places.dims.length);
  const updates = t.transposeBack(values, back);
  const data = t.transpose(t.x(), order);
  const written = t.opWith({ reduction: accumulate ? "add" : undefined }, "ScatterND", data, places.rows, updates);
  return t.transposeBack(written, order);
};

/** An index along a dim in the shape of the elements that it is for. */
function spread(t: Call, sizes: readonly Extent[], dim: number): string {
  const count = t.value("index").sizes[0] ?? 1;
  const shape = sizes.map((_, d) => (d === dim ? count : 1));
  const line = t.reshape(t.x("index", int64), t.value("index").sizes, shape);
  return t.expand(
    line,
    sizes.map((size, d) => (d === dim ? count : size)),
  );
}

/** The dtype in which elements are combined: runtimes do it in no half type. */
const combinable = (dtype: torch.DType) => (dtype === torch.float16 ? torch.float32 : widened(dtype));

const reductionNames: Record<string, string> = {
  sum: "add",
  add: "add",
  prod: "mul",
  multiply: "mul",
  amax: "max",
  amin: "min",
};

/** In which opset a way to combine what is written with what is there came. */
const reductionOpsets: Record<string, number> = { add: 16, mul: 16, max: 18, min: 18 };

/** Writes elements along a dim; undefined where the opset cannot combine them so. */
function scattered(
  t: Call,
  x: string,
  dim: number,
  places: string,
  source: string,
  reduction?: string,
): string | undefined {
  if (reduction !== undefined && t.opset < (reductionOpsets[reduction] ?? 0)) return undefined;
  return t.opWith({ axis: int(dim), reduction }, "ScatterElements", x, places, source);
}

/** The elements of a source that indices are for: it may be larger. */
function trimmed(t: Call, name: string, dtype = t.dtype): string {
  const [source, index] = [t.value(name), t.value("index")];
  return source.sizes.reduce<string>(
    (x, size, d) => {
      const wanted = index.sizes[d] as Extent;
      return sameExtent(size, wanted) ? x : t.slice(x, d, 0, wanted);
    },
    t.x(name, dtype),
  );
}

/** For operators that need a dim. */
function lined(t: Call, name: string, rank: number): string {
  return rank === 0 ? t.unsqueeze(name, 0) : name;
}

function scatterAs(reductionOf: (t: Call) => string | undefined): Translation {
  return (t) => {
    const { rank } = t.value();
    const indexRank = t.value("index").rank;
    const given = reductionOf(t);
    if (given !== undefined && reductionNames[given] === undefined) return undefined;
    if (rank !== indexRank && Math.max(rank, indexRank) > 1) return undefined;
    const dtype = given === undefined ? t.dtype : combinable(t.dtype);
    const dim = rank === 0 ? 0 : t.dim();
    const places = lined(t, t.x("index", int64), indexRank);
    const source = t.isValue("src")
      ? lined(t, trimmed(t, "src", dtype), indexRank)
      : t.expand(t.x("src", dtype), indexRank === 0 ? [1] : t.value("index").sizes);
    const made = written(t, lined(t, t.x("input", dtype), rank), dim, places, source, given, dtype);
    if (made === undefined) return undefined;
    return t.cast(rank === 0 ? t.squeeze(made, 0) : made, dtype, t.dtype);
  };
}

/** Writes elements along a dim in a way of PyTorch's; undefined where the opset has not got it. */
function written(
  t: Call,
  x: string,
  dim: number,
  places: string,
  source: string,
  how: string | undefined,
  dtype: torch.DType,
): string | undefined {
  if (how === undefined) return scattered(t, x, dim, places, source);
  const start = t.arg("includeSelf") === false ? neutral(t, x, dim, places, how, dtype) : x;
  return start === undefined ? undefined : scattered(t, start, dim, places, source, reductionNames[how]);
}

/** The input with elements that change nothing where others are combined with them. */
function neutral(
  t: Call,
  x: string,
  dim: number,
  places: string,
  kind: string,
  dtype: torch.DType,
): string | undefined {
  const limits = dtype.isFloatingPoint
    ? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]
    : [torch.iinfo(dtype).min, torch.iinfo(dtype).max];
  const values: Record<string, number> = { sum: 0, prod: 1, amax: Number(limits[0]), amin: Number(limits[1]) };
  const value = t.op("Expand", t.literal(values[kind] as number, dtype), t.op("Shape", places));
  return scattered(t, x, dim, places, value);
}

const gather: Translation = (t) => {
  const { rank } = t.value();
  const indexRank = t.value("index").rank;
  if (rank !== indexRank && Math.max(rank, indexRank) > 1) return undefined;
  const dim = rank === 0 ? 0 : t.dim();
  const x = lined(t, t.x(), rank);
  const made = t.opWith({ axis: int(dim) }, "GatherElements", x, lined(t, t.x("index", int64), indexRank));
  return indexRank === 0 ? t.squeeze(made, 0) : made;
};

const indexSelect: Translation = (t) => {
  const { rank } = t.value();
  if (rank === 0) return t.x();
  const isScalar = t.value("index").rank === 0;
  const index = isScalar ? t.unsqueeze(t.x("index", int64), 0) : t.x("index", int64);
  return t.opWith({ axis: int(t.dim()) }, "Gather", t.x(), index);
};

/** Writes whole slices along a dim. */
function alongDim(name: string, reductionOf: (t: Call) => string | undefined = () => undefined): Translation {
  return (t) => {
    const { rank, sizes } = t.value();
    const given = reductionOf(t);
    if (rank === 0 || (given !== undefined && reductionNames[given] === undefined)) return undefined;
    const dtype = given === undefined ? t.dtype : combinable(t.dtype);
    const dim = t.dim();
    const places = spread(t, sizes, dim);
    const shape = sizes.map((size, d) => (d === dim ? (t.value("index").sizes[0] ?? 1) : size));
    const source =
      t.isValue(name) && t.value(name).rank > 0
        ? t.reshape(t.x(name, dtype), t.value(name).sizes, shape)
        : t.expand(t.x(name, dtype), shape);
    const scaled = times(t, source, "alpha", dtype);
    const made = written(t, t.x("input", dtype), dim, places, scaled, given, dtype);
    return made === undefined ? undefined : t.cast(made, dtype, t.dtype);
  };
}

const take: Translation = (t) => {
  const flat = t.flatten(t.x(), t.value().sizes);
  return t.opWith({ axis: 0n }, "Gather", flat, t.x("index", int64));
};

const put: Translation = (t) => {
  const accumulate = t.arg("accumulate") === true;
  const { sizes } = t.value();
  const places = t.flatten(t.x("index", int64), t.value("index").sizes);
  const source = t.flatten(t.x("source", t.dtype), t.value("source").sizes);
  const made = scattered(t, t.flatten(t.x(), sizes), 0, places, source, accumulate ? "add" : undefined);
  return made === undefined ? undefined : t.reshape(made, [productOf(sizes)], sizes);
};

/** The shape that two tensors have when they are broadcast. */
function broadcastSizes(a: readonly Extent[], b: readonly Extent[]): Extent[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, d) => {
    const [x, y] = [a[d - rank + a.length] ?? 1, b[d - rank + b.length] ?? 1];
    return x === 1 ? y : x;
  });
}

const maskedSelect: Translation = (t) => {
  const sizes = broadcastSizes(t.value().sizes, t.value("mask").sizes);
  const flat = (name: string) => t.flatten(t.expand(name, sizes), sizes);
  return t.computed((dtype) => t.op("Compress", flat(t.x("input", dtype)), flat(t.x("mask", bool))));
};

const unique: Translation = (t) => {
  const dim = t.has("dim") ? t.dim() : undefined;
  const { dtype, sizes } = t.value();
  const wide = dtype.isFloatingPoint ? combinable(dtype) : int64;
  const attributes = { axis: dim === undefined ? undefined : int(dim), sorted: 1n };
  const [values, , inverse, counts] = t.ops(4, attributes, "Unique", t.x("input", wide)) as [
    string,
    string,
    string,
    string,
  ];
  const places = dim === undefined ? t.reshape(inverse, [productOf(sizes)], sizes) : inverse;
  const made = [t.cast(values, wide, dtype)];
  if (t.arg("returnInverse") === true) made.push(places);
  if (t.arg("returnCounts") === true) made.push(counts);
  return made;
};

const maskedScatter: Translation = (t) => {
  const sizes = t.out.sizes;
  const flat = (name: string) => t.flatten(t.expand(name, sizes), sizes);
  const mask = flat(t.x("mask", bool));
  const source = t.flatten(t.x("source", t.dtype), t.value("source").sizes);
  if (t.value("source").sizes.includes(0)) return t.x();
  // Where the mask is set, the number of places set so far is that of the element.
  const order = t.op("CumSum", t.cast(mask, bool, int32), t.literal(0, int64));
  const last = combined((size) => size - 1, productOf(t.value("source").sizes));
  const place = t.op(
    "Clip",
    t.op("Sub", order, t.literal(1, int32)),
    t.literal(0, int32),
    t.session.scalar(last, int32),
  );
  const chosen = t.opWith({ axis: 0n }, "Gather", source, place);
  const made = t.computed((dtype) => {
    const input = flat(t.x("input", dtype));
    return t.where(mask, t.cast(chosen, t.dtype, dtype), input);
  });
  return t.reshape(made, [productOf(sizes)], sizes);
};

/** Each index as often as it is to be repeated: how many of the ends of all are not behind a place. */
const repeatedIndices: Translation = (t) => {
  if (t.value("repeats").sizes.includes(0)) return t.filled(t.out.sizes, 0, int64);
  const ends = t.op("CumSum", t.flatten(t.x("repeats", int64), t.value("repeats").sizes), t.literal(0, int64));
  const total = t.squeeze(t.slice(ends, 0, -1), 0);
  const places = t.op("Range", t.literal(0, int64), total, t.literal(1, int64));
  const isOver = t.cast(t.op("GreaterOrEqual", t.unsqueeze(places, 1), ends), bool, int64);
  return t.reduce("ReduceSum", isOver, [1], false);
};

export const indexing: Translations = {
  index,
  indexPut,
  indexSelect,
  embedding: (t) => t.op("Gather", t.x("weight"), t.x("indices", int64)),
  gather,
  scatter: scatterAs((t) => (t.has("reduce") ? String(t.arg("reduce")) : undefined)),
  scatterAdd: scatterAs(() => "sum"),
  scatterReduce: scatterAs((t) => String(t.arg("reduce"))),
  indexAdd: alongDim("source", () => "add"),
  indexReduce: alongDim("source", (t) => String(t.arg("reduce"))),
  indexCopy: alongDim("source"),
  indexFill: alongDim("value"),
  take,
  put,
  "repeatInterleave.indices": repeatedIndices,
  maskedSelect,
  maskedScatter,
  unique,
  "nonzero.rows": (t) => {
    // Of a scalar there is a row, without a number, if it is not zero.
    if (t.value().rank === 0) {
      const places = t.op("NonZero", t.unsqueeze(t.x("input", bool), 0));
      return t.slice(t.transpose(places, [1, 0]), 1, 0, 0);
    }
    return t.transpose(t.op("NonZero", t.x("input", bool)), [1, 0]);
  },
};
