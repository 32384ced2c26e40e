/** Sums and the like of runs of elements, and places in a shape. */
import { flag, int, keyword, number, optional, sizeOrSizes, tensor, text } from "../../arguments/params.js";
import { Category, int32, int64, scalarTypeName } from "../../core/dtype.js";
import { checkSizes, formatShape, numelOf, sameShape, wrapDim } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { arange } from "../creation/ranges.js";
import { op } from "../define.js";
import { searchsorted } from "../sorting/searching.js";
import type { FunctionOp } from "../types.js";

/** How elements of a segment become one. */
export type SegmentReduction = "sum" | "mean" | "max" | "min" | "prod";

/** What an empty segment is, and how `scatterReduce` calls what is done with the others. */
const reductions = {
  sum: { start: 0, rule: "sum" },
  mean: { start: 0, rule: "sum" },
  max: { start: -Infinity, rule: "amax" },
  min: { start: Infinity, rule: "amin" },
  prod: { start: 1, rule: "prod" },
} as const;

interface SegmentOptions {
  lengths?: Tensor | null;
  indices?: Tensor | null;
  offsets?: Tensor | null;
  axis?: number;
  unsafe?: boolean;
  initial?: number | null;
}

/**
 * One result for each of the segments into which a dim is cut.
 *
 * @param data floating; the dims before `axis` are a batch.
 * @param reduce what becomes of the elements of a segment; an empty one has `-Infinity`, `Infinity`, 0, 1 or, with
 * `"mean"`, NaN.
 * @param options.lengths how long the segments are, integers of as many dims as there are up to `axis`.
 * @param options.offsets where they begin, and where the last one ends, in place of `lengths`.
 * @param options.axis the dim that is cut, the last one of `lengths`.
 * @param options.unsafe whether `lengths` may cover less than the dim, and are not looked at.
 * @param options.initial what the reduction begins with.
 * @throws Error unless the lengths sum to the size of the dim.
 * @example torch.segmentReduce(torch.tensor([1, 2, 3]), "sum", { lengths: torch.tensor([2n, 1n]) }) // tensor([3., 3.])
 */
export const segmentReduce: FunctionOp<(data: Tensor, reduce: SegmentReduction, options?: SegmentOptions) => Tensor> =
  op({
    name: "segmentReduce",
    variants: "function",
    params: {
      data: tensor,
      reduce: text,
      lengths: keyword(optional(tensor)),
      indices: keyword(optional(tensor)),
      offsets: keyword(optional(tensor)),
      axis: keyword(optional(int, 0)),
      unsafe: flag,
      initial: keyword(optional(number)),
    },
    composite: ({ data, reduce, lengths, indices, offsets, axis, unsafe, initial }) => {
      if (!Object.hasOwn(reductions, reduce)) throw new TypeError(`unsupported reduction given! ${reduce}`);
      if (indices !== undefined) throw new Error("segment_reduce(): indices based reduction is not supported yet.");
      const given = lengths ?? offsets;
      if (given === undefined) throw new Error("segment_reduce(): Either lengths or offsets must be defined.");
      if (!data.dtype.isFloatingPoint)
        throw new TypeError(`"_segment_reduce_cpu" not implemented for '${scalarTypeName(data.dtype)}'`);
      if (given.dtype !== int64 && given.dtype !== int32)
        throw new TypeError(`"_segment_reduce_lengths_cpu" not implemented for '${scalarTypeName(given.dtype)}'`);
      const dim = checkedAxis(data, given, axis, lengths === undefined ? "offsets" : "lengths");
      const counts = lengths ?? given.diff();
      if (!unsafe) checkLengths(counts, data.sizes[dim] as number);
      return reduced(
        data,
        dim,
        reduce as SegmentReduction,
        counts,
        initial,
        lengths === undefined ? given.narrow(dim, 0, 1) : undefined,
      );
    },
  });

function checkedAxis(data: Tensor, lengths: Tensor, axis: number, name: string): number {
  const dim = wrapDim(axis, data.sizes.length);
  if (data.sizes.length === 0) throw new Error("segment_reduce(): Expected data.numel() > 0 or a dim to reduce");
  if (dim !== lengths.sizes.length - 1)
    throw new Error(`segment_reduce(): Expected axis to be the last dimension of ${name} but got ${axis}.`);
  if (!sameShape(lengths.sizes.slice(0, dim), data.sizes.slice(0, dim))) {
    throw new Error(
      `segment_reduce(): Expected ${name} to have the sizes ${formatShape(data.sizes.slice(0, dim))} before its last dim, but got ${formatShape(lengths.sizes)}`,
    );
  }
  return dim;
}

function checkLengths(lengths: Tensor, size: number): void {
  if (lengths.isMeta) return;
  if (lengths.numel() > 0 && lengths.amin().item() < 0) throw new Error("lengths contains negative value!");
  if (lengths.sum(-1).ne(size).any().item()) {
    throw new Error(
      "segment_reduce(): Expected all rows of lengths along axis to sum to data.size(lengths.dim()-1) when !unsafe.",
    );
  }
}

function reduced(
  data: Tensor,
  dim: number,
  reduce: SegmentReduction,
  lengths: Tensor,
  initial: number | undefined,
  first: Tensor | undefined,
): Tensor {
  const { start, rule } = reductions[reduce];
  const count = lengths.sizes[dim] as number,
    size = data.sizes[dim] as number;
  const sizes = data.sizes.with(dim, count + 1);
  // The segment of each place; what is in none goes to one more, which is dropped.
  const ends = lengths.cumsum(-1).add(first ?? 0);
  const places = arange(size, { dtype: ends.dtype, device: data.device }).expand([...data.sizes.slice(0, dim), size]);
  let segment = searchsorted(ends, places.contiguous(), { right: true });
  if (first !== undefined) segment = segment.maskedFill(places.lt(first), count);
  const trailing = data.sizes.slice(dim + 1);
  const index = segment.reshape([...segment.sizes, ...trailing.map(() => 1)]).expand(data.sizes);
  const sums = data
    .newFull(sizes, initial ?? start)
    .scatterReduce(dim, index, data, rule)
    .narrow(dim, 0, count);
  if (reduce !== "mean") return sums;
  const divisor = lengths.reshape([...lengths.sizes, ...trailing.map(() => 1)]);
  // An empty segment keeps what the reduction began with.
  return sums.div(initial === undefined ? divisor : divisor.clampMin(1));
}

/**
 * The places in a tensor of some shape that indices into its flattened form mean: an index for each dim.
 *
 * @param indices integers.
 * @throws RangeError for a negative size.
 * @example torch.unravelIndex(torch.tensor([4n, 2n]), [3, 2]) // [tensor([2, 1]), tensor([0, 0])]
 * @see https://pytorch.org/docs/stable/generated/torch.unravel_index.html
 */
export const unravelIndex: FunctionOp<(indices: Tensor, shape: number | readonly number[]) => Tensor[]> = op({
  name: "unravelIndex",
  variants: "function",
  params: { indices: tensor, shape: sizeOrSizes },
  composite: ({ indices, shape: given }) => {
    if (indices.dtype.category !== Category.Integer) {
      throw new TypeError(`expected 'indices' to be integer dtype, but got ${indices.dtype}`);
    }
    const shape = typeof given === "number" ? [given] : given;
    if (shape.some((size) => size < 0))
      throw new RangeError(`'shape' cannot have negative values, but got (${shape.join(", ")})`);
    checkSizes(shape);
    return shape.map((size, d) => indices.div(numelOf(shape.slice(d + 1)), { roundingMode: "floor" }).remainder(size));
  },
});
