/** Operations that arrange elements: shapes, order of dims, joining, parts. */
import torch, { type DType } from "flambeau";
import { upTo } from "../../lists.js";
import { int } from "../builder.js";
import { type Call, type Translated, type Translation, type Translations, widened, wrap } from "../call.js";
import type { Value } from "../recording.js";
import { combined, type Extent, productOf, Size, sameExtent } from "../sizes.js";

const { bool, int64 } = torch;

/** An end beyond all sizes. */
const end = Number.MAX_VALUE;

/** The same elements in the shape of the result. */
const reshaped: Translation = (t) => t.toOut(t.x(), t.value().sizes);

/** The very same elements. */
const same: Translation = (t) => t.x("input", t.dtype);

/** The order of dims in which two are swapped. */
function swapped(rank: number, a: number, b: number): number[] {
  const perm = upTo(rank);
  [perm[a], perm[b]] = [perm[b] as number, perm[a] as number];
  return perm;
}

const transposed: Translation = (t) => {
  const { rank } = t.value();
  if (rank === 0) return t.x();
  return t.transpose(t.x(), swapped(rank, t.dim("dim0"), t.dim("dim1")));
};

const permuted: Translation = (t) => {
  const { rank } = t.value();
  return t.transpose(
    t.x(),
    t.numbers("dims").map((dim) => wrap(dim, rank)),
  );
};

const squeezed: Translation = (t) => {
  const { sizes, rank } = t.value();
  if (rank === t.out.rank) return t.x();
  const dims = t.dims().filter((dim) => sizes[dim] === 1);
  return t.squeeze(t.x(), ...dims);
};

const expanded: Translation = (t) => {
  const { sizes } = t.value();
  const to = t.out.sizes;
  const added = to.length - sizes.length;
  if (added === 0 && sizes.every((size, d) => sameExtent(size, to[d] as Extent))) return t.x();
  // Not all runtimes make nothing of one.
  if (to.includes(0)) return t.filled(to, 0, t.dtype);
  // What stays as it is need not be found out: one is broadcast to every size.
  const target = to.map((size, d): Extent => (d >= added && sameExtent(size, sizes[d - added] as Extent) ? 1 : size));
  return t.expand(t.x(), target);
};

/** Tensors one after the other; those that are an empty list count as nothing. */
const joined: Translation = (t) => {
  const list = t.values("tensors").filter(({ sizes }) => !(sizes.length === 1 && sizes[0] === 0));
  if (list.length === 0) return t.filled(t.out.sizes, 0, t.dtype);
  const names = list.map((value) => t.operand(value, t.dtype));
  if (names.length === 1) return names[0];
  return t.opWith({ axis: int(t.dim("dim", t.out.rank)) }, "Concat", ...names);
};

const stacked: Translation = (t) => {
  const dim = t.dim("dim", t.out.rank);
  const names = t.values("tensors").map((value) => t.unsqueeze(t.operand(value, t.dtype), dim));
  return t.opWith({ axis: int(dim) }, "Concat", ...names);
};

/** The parts of a dim, by the sizes that they have. */
function parts(t: Call, dim: number): readonly string[] {
  const { outputs } = t.node;
  if (outputs.length === 1) return [t.x()];
  const sizes = outputs.map((output) => output.sizes[dim] as Extent);
  return t.ops(outputs.length, { axis: int(dim) }, "Split", t.x(), t.session.extents(sizes));
}

const split: Translation = (t) => parts(t, t.dim());

/** The parts between places that a tensor names; they may be other ones each time. */
const splitAtPlaces: Translation = (t) => {
  if (!t.isValue("indicesOrSections")) return undefined;
  const { sizes, rank } = t.value("indicesOrSections");
  const [count] = sizes;
  if (rank === 0 || typeof count !== "number") throw new Error("the number of parts has to be fixed, and no tensor");
  const places = t.x("indicesOrSections", int64);
  const place = (at: number) => t.slice(places, 0, at, at + 1);
  return upTo(count + 1).map((i) => {
    const start = i === 0 ? t.list([0]) : place(i - 1);
    const stop = i === count ? t.session.extent(t.value().sizes[t.dim()] as Extent) : place(i);
    return t.op("Slice", t.x(), start, stop, t.list([t.dim()]));
  });
};

const unbound: Translation = (t) => {
  const dim = t.dim();
  return t.node.outputs.map((_, i) => t.item(t.x(), dim, i));
};

const sliced: Translation = (t) => {
  const dim = t.dim();
  const size = t.value().sizes[dim] as Extent;
  const start = t.has("start") ? t.extent("start") : 0;
  const stop = t.has("end") ? t.extent("end") : end;
  const step = t.has("step") ? t.number("step") : 1;
  const isWhole =
    start === 0 && step === 1 && (sameExtent(stop, size) || (typeof stop === "number" && stop >= 2 ** 53));
  return isWhole ? t.x() : t.slice(t.x(), dim, start, stop, step);
};

const selected: Translation = (t) => {
  const index = t.extent("index");
  return t.opWith({ axis: int(t.dim()) }, "Gather", t.x(), t.session.scalar(index, int64));
};

/** A tensor with other elements from one place of a dim up to another. */
function replaced(t: Call, source: string, dim: number, start: Extent, stop: Extent): string {
  const before = t.slice(t.x(), dim, 0, start);
  const after = t.slice(t.x(), dim, stop);
  return t.opWith({ axis: int(dim) }, "Concat", before, source, after);
}

/** A place of a dim, counted from the front. */
function placeFrom(extent: Extent, size: Extent): Extent {
  return combined((at, length) => Math.min(Math.max(at < 0 ? at + length : at, 0), length), extent, size);
}

const sliceReplaced: Translation = (t) => {
  const dim = t.dim();
  const size = t.value().sizes[dim] as Extent;
  const step = t.has("step") ? t.number("step") : 1;
  const start = placeFrom(t.has("start") ? t.extent("start") : 0, size);
  const stop = placeFrom(t.has("end") ? t.extent("end") : size, size);
  const source = t.x("src", t.dtype);
  if (step === 1) return replaced(t, source, dim, start, combined(Math.max, start, stop));
  if (start instanceof Size || stop instanceof Size) return undefined;
  const places = t.constant(torch.arange(start, stop, step));
  const shape = t.value("src").sizes.map((length, d) => (d === dim ? length : 1));
  const index = t.expand(t.reshape(places, [shape[dim] as Extent], shape), t.value("src").sizes);
  return t.opWith({ axis: int(dim) }, "ScatterElements", t.x(), index, source);
};

const selectReplaced: Translation = (t) => {
  const dim = t.dim();
  const start = placeFrom(t.extent("index"), t.value().sizes[dim] as Extent);
  const source = t.unsqueeze(t.x("src", t.dtype), dim);
  return replaced(
    t,
    source,
    dim,
    start,
    combined((at) => at + 1, start),
  );
};

const repeated: Translation = (t) => {
  const repeats = t.extents("repeats");
  const { sizes } = t.value();
  const added = repeats.length - sizes.length;
  const full = [...new Array<Extent>(added).fill(1), ...sizes];
  return t.op("Tile", t.reshape(t.x(), sizes, full), t.session.extents(repeats));
};

function reversed(t: Call, name: string, dims: readonly number[]): string {
  return dims.reduce((x, dim) => t.slice(x, dim, -1, -end, -1), name);
}

const rolled: Translation = (t) => {
  const shifts = t.extents("shifts");
  const { sizes, rank } = t.value();
  const named = t.has("dims") ? t.numbers("dims").map((dim) => wrap(dim, rank)) : [];
  const isFlat = named.length === 0;
  const flat = [productOf(sizes)];
  let x = isFlat ? t.reshape(t.x(), sizes, flat) : t.x();
  shifts.forEach((shift, i) => {
    const dim = named[i] ?? 0;
    const size = (isFlat ? flat[0] : sizes[dim]) as Extent;
    const start = combined(
      (by, length) => (length === 0 ? 0 : (((length - by) % length) + length) % length),
      shift,
      size,
    );
    if (start === 0) return;
    x = t.opWith({ axis: int(dim) }, "Concat", t.slice(x, dim, start), t.slice(x, dim, 0, start));
  });
  return isFlat ? t.reshape(x, flat, sizes) : x;
};

const turned: Translation = (t) => {
  const [a, b] = t.numbers("dims").map((dim) => wrap(dim, t.value().rank)) as [number, number];
  const k = ((t.number("k") % 4) + 4) % 4;
  const swap = (name: string) => t.transpose(name, swapped(t.value().rank, a, b));
  if (k === 0) return t.x();
  if (k === 2) return reversed(t, t.x(), [a, b]);
  return k === 1 ? reversed(t, swap(t.x()), [a]) : swap(reversed(t, t.x(), [a]));
};

/** The order of dims in which those of matrices are the last ones. */
function matricesLast(rank: number, a: number, b: number): number[] {
  return [...upTo(rank).filter((d) => d !== a && d !== b), a, b];
}

/** Matrices in two dims of a tensor, each as a list in a last dim. */
function flatMatrices(t: Call, x: string, sizes: readonly Extent[], a: number, b: number): string {
  const order = matricesLast(sizes.length, a, b);
  const from = order.map((d) => sizes[d] as Extent);
  return t.reshape(t.transpose(x, order), from, withFlatMatrices(from));
}

function withFlatMatrices(sizes: readonly Extent[]): Extent[] {
  return [...sizes.slice(0, -2), productOf(sizes.slice(-2))];
}

/** The places of elements on a diagonal, in a matrix that is flat. */
function diagonalPlaces(rows: number, columns: number, offset: number): number[] {
  const places: number[] = [];
  for (let row = Math.max(0, -offset); row < rows && row + offset < columns; row++)
    places.push(row * columns + row + offset);
  return places;
}

/** The same for matrices whose sizes are open. */
function openDiagonalPlaces(t: Call, rows: Extent, columns: Extent, offset: number): string {
  const [down, across] = [Math.max(0, -offset), Math.max(0, offset)];
  const number = (compute: (size: number) => number, size: Extent) => t.session.scalar(combined(compute, size), int64);
  const left = t.op(
    "Min",
    number((size) => size - down, rows),
    number((size) => size - across, columns),
  );
  const count = t.op("Max", left, t.literal(0, int64));
  const start = number((size) => down * size + across, columns);
  const step = number((size) => size + 1, columns);
  return t.op("Range", start, t.op("Add", start, t.op("Mul", count, step)), step);
}

/** Which elements of a matrix are on a diagonal. */
export function onDiagonal(t: Call, rows: Extent, columns: Extent, offset: number): string {
  const shifted = t.op("Add", t.unsqueeze(t.range(rows), 1), t.literal(offset, int64));
  return t.op("Equal", t.unsqueeze(t.range(columns), 0), shifted);
}

/** Matrices `[…, rows, columns]` with elements `[…, length]` on a diagonal. */
function withDiagonal(t: Call, x: string, matrix: readonly Extent[], diagonal: Value, dtype: DType): string {
  const [rows, columns] = matrix.slice(-2) as [Extent, Extent];
  const offset = t.number("offset");
  const before = Math.max(0, -offset);
  const after = combined((all, length) => all - length - before, rows, diagonal.sizes.at(-1) as Extent);
  const outer = diagonal.sizes.slice(1).map(() => 0);
  const pads = t.session.extents([...outer, before, ...outer, after]);
  const inRows = t.unsqueeze(t.op("Pad", t.cast(t.name(diagonal), diagonal.dtype, dtype), pads), -1);
  return t.where(onDiagonal(t, rows, columns, offset), inRows, x);
}

const diagonal: Translation = (t) => {
  const { sizes, rank } = t.value();
  const [a, b] = [t.dim("dim1"), t.dim("dim2")];
  const [rows, columns] = [sizes[a], sizes[b]] as [Extent, Extent];
  const offset = t.number("offset");
  const isFixed = typeof rows === "number" && typeof columns === "number";
  const places = isFixed ? t.list(diagonalPlaces(rows, columns, offset)) : openDiagonalPlaces(t, rows, columns, offset);
  return t.opWith({ axis: int(rank - 2) }, "Gather", flatMatrices(t, t.x(), sizes, a, b), places);
};

const diagonalEmbedded: Translation = (t) => {
  const { rank, sizes } = t.out;
  const order = matricesLast(rank, t.dim("dim1", rank), t.dim("dim2", rank));
  const matrix = order.map((d) => sizes[d] as Extent);
  return t.computed((dtype) => t.transposeBack(withDiagonal(t, t.literal(0, dtype), matrix, t.value(), dtype), order));
};

const diagonalReplaced: Translation = (t) => {
  const { sizes, rank } = t.value();
  const order = matricesLast(rank, t.dim("dim1"), t.dim("dim2"));
  const matrix = order.map((d) => sizes[d] as Extent);
  return t.computed((dtype) => {
    const x = t.transpose(t.x("input", dtype), order);
    return t.transposeBack(withDiagonal(t, x, matrix, t.value("src"), dtype), order);
  });
};

/** The lower or upper triangle of matrices. */
function triangle(upper: boolean): Translation {
  return (t) => {
    const offset = t.number("diagonal");
    const [rows, columns] = t.value().sizes.slice(-2) as [Extent, Extent];
    return t.computed((dtype) => t.where(mask(), t.x("input", dtype), t.literal(0, dtype)));

    function mask(): string {
      if (typeof rows === "number" && typeof columns === "number") {
        const ones = torch.ones(rows, columns, { dtype: bool });
        return t.constant(upper ? ones.triu(offset) : ones.tril(offset));
      }
      const shifted = t.op("Add", t.unsqueeze(t.range(rows), 1), t.literal(offset, int64));
      return t.op(upper ? "GreaterOrEqual" : "LessOrEqual", t.unsqueeze(t.range(columns), 0), shifted);
    }
  };
}

/** Windows along a dim, of which each is in a new last dim. */
const unfolded: Translation = (t) => {
  const dim = t.dim("dimension");
  const [size, step] = [t.number("size"), t.number("step")];
  const count = t.out.sizes[dim] as Extent;
  const starts = t.op("Mul", t.range(count), t.literal(step, int64));
  const places = t.op("Add", t.unsqueeze(starts, 1), t.constant(torch.arange(size)));
  const { rank } = t.value();
  if (rank === 0) return t.unsqueeze(t.x(), 0);
  const windows = t.opWith({ axis: int(dim) }, "Gather", t.x(), places);
  const order = upTo(rank + 1).filter((d) => d !== dim + 1);
  return t.transpose(windows, [...order, dim + 1]);
};

/** An argument's elements in the place of a tensor. */
const copied: Translation = (t) => t.expand(t.x("src", t.dtype), t.out.sizes);

/** The result everywhere the number of an argument. */
function filledWith(name: string | number): Translation {
  return (t) => {
    if (typeof name === "number") return t.filled(t.out.sizes, name, t.dtype);
    if (!t.isValue(name) && !(t.arg(name) instanceof Size)) return t.filled(t.out.sizes, t.number(name), t.dtype);
    return t.expand(t.x(name, t.dtype), t.out.sizes);
  };
}

const ranged: Translation = (t) => {
  const wide = widened(t.dtype);
  // Of whole numbers that are larger than the dtype allows runtimes know what to do.
  const number = (name: string, other: number) =>
    t.has(name) ? t.session.scalar(t.extent(name), wide) : t.literal(other, wide);
  const [first, second] = [t.has("start"), t.has("end")];
  const range = second
    ? t.op("Range", number("start", 0), number("end", 0), number("step", 1))
    : t.op("Range", t.literal(0, wide), number(first ? "start" : "end", 0), number("step", 1));
  return t.cast(range, wide, t.dtype);
};

/** Numbers at one distance, counted from the first. */
function spacedIn(t: Call, dtype: DType): string {
  const steps = t.out.sizes[0] as Extent;
  const [start, stop] = [t.x("start", dtype), t.x("end", dtype)];
  const last = t.session.scalar(
    combined((count) => count - 1, steps),
    dtype,
  );
  const gaps = t.op("Max", last, t.literal(1, dtype));
  const step = t.op("Div", t.op("Sub", stop, start), gaps);
  return t.op("Add", start, t.op("Mul", t.cast(t.range(steps), int64, dtype), step));
}

const powersSpaced: Translation = (t) =>
  t.computed((dtype) => t.op("Pow", t.literal(t.number("base"), dtype), spacedIn(t, dtype)));

/** Numbers up to the last one. */
const rangedToEnd: Translation = (t) =>
  t.computed((dtype) => {
    const places = t.cast(t.range(t.out.sizes[0] as Extent), int64, dtype);
    return t.op("Add", t.x("start", dtype), t.op("Mul", places, t.x("step", dtype)));
  });

/** A number on the diagonal, which in high matrices may begin again. */
const diagonalFilled: Translation = (t) => {
  const { sizes, rank } = t.value();
  const [rows, columns] = sizes as [Extent, Extent];
  const along = (dim: number) => t.unsqueeze(t.range(sizes[dim] as Extent), ...upTo(rank).filter((d) => d !== dim));
  const isOn = (): string => {
    if (rank > 2)
      return upTo(rank - 1)
        .map((d) => t.op("Equal", along(d), along(d + 1)))
        .reduce((a, b) => t.op("And", a, b));
    if (t.arg("wrap") !== true) return onDiagonal(t, rows, columns, 0);
    const period = t.session.scalar(
      combined((size) => size + 1, columns),
      int64,
    );
    return t.op("Equal", t.op("Mod", t.op("Sub", along(1), along(0)), period), t.literal(0, int64));
  };
  return t.computed((dtype) => t.where(isOn(), t.x("fillValue", dtype), t.x("input", dtype)));
};

const identity: Translation = (t) => t.opWith({ dtype: t.dtype }, "EyeLike", t.filled(t.out.sizes, 0, torch.float32));

const blocks: Translation = (t) => {
  const width = t.out.sizes[1] as Extent;
  let left: Extent = 0;
  const rows = t.values("tensors").map((value) => {
    const { sizes } = value;
    const [height, own] = (sizes.length === 2 ? sizes : [1, sizes[0] ?? 1]) as [Extent, Extent];
    const block = t.reshape(t.operand(value, t.dtype), sizes, [height, own]);
    const zeros = (columns: Extent) => t.filled([height, columns], 0, t.dtype);
    const right = combined((all, before, size) => all - before - size, width, left, own);
    const row = t.opWith({ axis: 1n }, "Concat", zeros(left), block, zeros(right));
    left = combined((before, size) => before + size, left, own);
    return row;
  });
  return rows.length === 1 ? rows[0] : t.opWith({ axis: 0n }, "Concat", ...rows);
};

function broadcast(t: Call): Translated {
  const { sizes } = t.out;
  return t.values("tensors").map((value: Value) => t.expand(t.name(value), sizes));
}

export const shapes: Translations = {
  view: reshaped,
  unsafeView: reshaped,
  reshape: reshaped,
  flatten: reshaped,
  unflatten: reshaped,
  ravel: reshaped,
  viewAs: reshaped,
  reshapeAs: reshaped,
  alias: same,
  clone: same,
  detach: same,
  contiguous: same,
  toCopy: same,
  positive: same,
  transpose: transposed,
  swapaxes: transposed,
  swapdims: transposed,
  t: (t) => (t.value().rank < 2 ? t.x() : t.transpose(t.x(), [1, 0])),
  permute: permuted,
  squeeze: squeezed,
  unsqueeze: (t) => t.unsqueeze(t.x(), t.dim("dim", t.out.rank)),
  expand: expanded,
  broadcastTo: expanded,
  expandAs: expanded,
  broadcastTensors: broadcast,
  cat: joined,
  concat: joined,
  concatenate: joined,
  stack: stacked,
  "split.size": split,
  splitWithSizes: split,
  chunk: split,
  tensorSplit: splitAtPlaces,
  unbind: unbound,
  slice: sliced,
  select: selected,
  sliceScatter: sliceReplaced,
  selectScatter: selectReplaced,
  diagonalScatter: diagonalReplaced,
  repeat: repeated,
  flip: (t) =>
    reversed(
      t,
      t.x(),
      t
        .numbers("dims")
        .map((dim) => wrap(dim, t.value().rank))
        .filter((dim) => dim < t.value().rank),
    ),
  roll: rolled,
  rot90: turned,
  diagonal,
  diagEmbed: diagonalEmbedded,
  tril: triangle(false),
  triu: triangle(true),
  unfold: unfolded,
  blockDiag: blocks,
  copy_: copied,
  fill_: filledWith("value"),
  zero_: filledWith(0),
  zeros: filledWith(0),
  ones: filledWith(1),
  empty: filledWith(0),
  full: filledWith("fillValue"),
  zerosLike: filledWith(0),
  onesLike: filledWith(1),
  emptyLike: filledWith(0),
  fullLike: filledWith("fillValue"),
  newZeros: filledWith(0),
  newOnes: filledWith(1),
  newEmpty: filledWith(0),
  newFull: filledWith("fillValue"),
  emptyPermuted: filledWith(0),
  emptyStrided: filledWith(0),
  scalarTensor: filledWith("value"),
  arange: ranged,
  linspace: (t) => t.computed((dtype) => spacedIn(t, dtype)),
  logspace: powersSpaced,
  range: rangedToEnd,
  fillDiagonal_: diagonalFilled,
  eye: identity,
};
