/**
 * Kernels that read or write at computed places: gather, scatter, indexSelect, advanced indexing, masks.
 *
 * Index tensors are int64 (`indexSelect` also takes int32). Indices are checked before anything is written (by
 * `gather` only before they are used, so that part of its output is written by then); a bad one throws a RangeError.
 * Where indices repeat, values combine in the order of the indices, and the last assignment wins. Outputs never
 * overlap inputs.
 */
import { checkedScalar } from "../../core/scalars.js";
import { broadcastShapes, contiguousStrides, numelOf, withDim, withoutDim } from "../../core/shape.js";
import type { ArrayView, Scalar } from "../../core/view.js";
import { kernel } from "../native.js";
import { broadcastStrides, putFlatDims, putStrided } from "./indexing-launch.js";
import {
  begin,
  errorDetail,
  put,
  putAddress,
  putBroadcast,
  putList,
  putScalar,
  resultAt,
  scalarAddress,
  status,
} from "./launch.js";

export * from "./masking.js";

/** How values combine with what is there (codes of `ScatterMode` in kernels/indexing/scatter.h). */
const scatterModes = { assign: 0, sum: 1, prod: 2, mean: 3, amax: 4, amin: 5, add: 1, multiply: 2 } as const;
const sumScaled = 6;
export type ScatterMode = keyof typeof scatterModes;

const runGather = kernel("gather");

/** out[i][j] = a[index[i][j]][j] for dim 0, and so on; `out` has the shape of `index`. */
export function gather(out: ArrayView, a: ArrayView, dim: number, index: ArrayView): void {
  const [to, from, at] = [atLeast1d(out), atLeast1d(a), atLeast1d(index)];
  begin();
  put(from.dtype.itemsize);
  put(at.dtype.id);
  put(from.sizes[dim] as number);
  put(from.strides[dim] as number);
  putDistinct(at);
  put(to.sizes.length);
  putList(to.sizes);
  putStrided(to, to.strides);
  putStrided(at, at.strides);
  putStrided(from, withDim(from.strides, dim, 0));
  runGather();
  checkIndex(dim, from.sizes[dim] as number);
}

/** out[…, j, …] = a[…, index[j], …] at dim `dim`; `index` is int64 or int32 and has at most one dim. */
export function indexSelect(out: ArrayView, a: ArrayView, dim: number, index: ArrayView): void {
  const to = atLeast1d(out);
  gather(to, a, dim, alongDim(index, dim, to.sizes));
}

const runScatter = kernel("scatter");

export interface ScatterOptions {
  /** Whether the elements of `self` take part in the reduction; true unless said. */
  includeSelf?: boolean;
}

/**
 * self[index[i][j]][j] = src[i][j] for dim 0, and so on, or combined with what is there. `src` is a view whose sizes
 * are at least those of `index`, or a scalar. `mean` rounds towards minus infinity for integers.
 */
export function scatter(
  self: ArrayView,
  dim: number,
  index: ArrayView,
  src: ArrayView | Scalar,
  mode: ScatterMode = "assign",
  { includeSelf = true }: ScatterOptions = {},
): void {
  launchScatter(scatterModes[mode], self, dim, index, src, includeSelf, 1);
}

/** self[…, index[j], …] += alpha * src[…, j, …] at dim `dim`. */
export function indexAdd(self: ArrayView, dim: number, index: ArrayView, src: ArrayView, alpha: Scalar = 1): void {
  const from = atLeast1d(src);
  const mode = Number(alpha) === 1 ? scatterModes.sum : sumScaled;
  launchScatter(mode, self, dim, alongDim(index, dim, from.sizes), from, true, alpha);
}

/** self[…, index[j], …] = src[…, j, …] at dim `dim`. */
export function indexCopy(self: ArrayView, dim: number, index: ArrayView, src: ArrayView): void {
  const from = atLeast1d(src);
  scatter(self, dim, alongDim(index, dim, from.sizes), from);
}

/** Combines src[…, j, …] into self[…, index[j], …] at dim `dim`. */
export function indexReduce(
  self: ArrayView,
  dim: number,
  index: ArrayView,
  src: ArrayView,
  mode: ScatterMode,
  options: ScatterOptions = {},
): void {
  const from = atLeast1d(src);
  scatter(self, dim, alongDim(index, dim, from.sizes), from, mode, options);
}

/** self[…, index[j], …] = value at dim `dim`; negative indices count from the end. */
export function indexFill(self: ArrayView, dim: number, index: ArrayView, value: Scalar): void {
  const to = atLeast1d(self);
  const indices = new Array<ArrayView | undefined>(to.sizes.length).fill(undefined);
  indices[dim] = index;
  indexPut(to, indices, value);
}

function launchScatter(
  mode: number,
  self: ArrayView,
  dim: number,
  index: ArrayView,
  src: ArrayView | Scalar,
  includeSelf: boolean,
  alpha: Scalar,
): void {
  const [to, at, from] = [atLeast1d(self), atLeast1d(index), operand(src, self)];
  if (numelOf(at.sizes) === 0) return;
  const along = <T>(list: readonly T[]): T => list[dim] as T;
  begin();
  put(mode);
  put(to.dtype.id);
  put(Number(includeSelf));
  putScalar(alpha, to.dtype);
  put(along(at.sizes));
  put(along(to.sizes));
  put(along(to.strides));
  put(along(at.strides));
  put(from.strides[dim] ?? 0);
  putDistinct(at);
  put(at.sizes.length - 1);
  putList(withoutDim(at.sizes, dim));
  putStrided(to, withoutDim(to.strides, dim));
  putStrided(at, withoutDim(at.strides, dim));
  put(from.address);
  putList(
    withoutDim(
      at.sizes.map((_, d) => from.strides[d] ?? 0),
      dim,
    ),
  );
  runScatter();
  checkIndex(dim, along(to.sizes));
}

/** One entry for each dim of the indexed tensor; missing and undefined ones are taken whole. */
export type Indices = readonly (ArrayView | undefined)[];

const runIndexGet = kernel("indexGet");

/**
 * Advanced indexing. The index views broadcast to one shape; `out` has that shape followed by the dims that are
 * not indexed (permute the view of the result to place the indexed dims elsewhere). Negative indices count from
 * the end.
 */
export function indexGet(out: ArrayView, a: ArrayView, indices: Indices): void {
  const shape = indexShape(indices);
  const rest = restDims(a, indices);
  begin();
  put(a.dtype.itemsize);
  put(numelOf(shape));
  const dims = putIndexOperands(a, indices, shape);
  put(out.sizes.length);
  putList(out.sizes);
  putStrided(out, out.strides);
  put(0);
  putList(contiguousStrides(shape));
  putZeros(rest.length);
  putAddress(a);
  putZeros(shape.length);
  putList(rest.map((d) => a.strides[d] as number));
  runIndexGet();
  checkOperand(a, dims);
}

const runIndexPut = kernel("indexPut");

/**
 * self[indices] = values, or += values with `accumulate`. `values` is a scalar or broadcasts to the shape that
 * `indexGet` gives.
 */
export function indexPut(self: ArrayView, indices: Indices, values: ArrayView | Scalar, accumulate = false): void {
  const shape = indexShape(indices);
  const rest = restDims(self, indices);
  const count = numelOf(shape);
  const from = operand(values, self, [...shape, ...rest.map((d) => self.sizes[d] as number)]);
  begin();
  put(accumulate ? scatterModes.sum : scatterModes.assign);
  put(self.dtype.id);
  put(count);
  const dims = putIndexOperands(self, indices, shape);
  putFlatDims(shape, from.strides.slice(0, shape.length));
  put(rest.length);
  putList(rest.map((d) => self.sizes[d] as number));
  putAddress(self);
  putList(rest.map((d) => self.strides[d] as number));
  put(0);
  putZeros(rest.length);
  put(from.address);
  putList(from.strides.slice(shape.length));
  runIndexPut();
  checkOperand(self, dims);
}

/** out[i] = the element of `a` at the flat, row-major position index[i]; `out` has the shape of `index`. */
export function take(out: ArrayView, a: ArrayView, index: ArrayView): void {
  begin();
  put(a.dtype.itemsize);
  put(numelOf(index.sizes));
  put(1);
  putFlatOperand(a, index);
  put(out.sizes.length);
  putList(out.sizes);
  putStrided(out, out.strides);
  put(0);
  putList(contiguousStrides(out.sizes));
  putAddress(a);
  putZeros(out.sizes.length);
  runIndexGet();
  checkFlat(a);
}

/** Writes the elements of `src`, which has as many as `index`, to flat positions of `self`, or adds them. */
export function putFlat(self: ArrayView, index: ArrayView, src: ArrayView, accumulate = false): void {
  begin();
  put(accumulate ? scatterModes.sum : scatterModes.assign);
  put(self.dtype.id);
  put(numelOf(index.sizes));
  put(1);
  putFlatOperand(self, index);
  putFlatDims(src.sizes, src.strides);
  put(0);
  putAddress(self);
  put(0);
  putAddress(src);
  runIndexPut();
  checkFlat(self);
}

interface Operand {
  address: number;
  strides: readonly number[];
}

/** A view or a scalar as a source: its address and its strides as it broadcasts to a shape. */
function operand(src: ArrayView | Scalar, self: ArrayView, shape?: readonly number[]): Operand {
  if (typeof src !== "object") {
    return { address: scalarAddress(checkedScalar(src, self.dtype), self.dtype), strides: shape?.map(() => 0) ?? [] };
  }
  const address = src.storage.pointer() + src.offset * src.dtype.itemsize;
  return { address, strides: shape === undefined ? atLeast1d(src).strides : broadcastStrides(src, shape) };
}

function putZeros(count: number): void {
  for (let i = 0; i < count; i++) put(0);
}

/** Appends an index tensor without the dims along which it is expanded: a loop over what there is to check. */
function putDistinct(index: ArrayView): void {
  const { sizes, strides } = index;
  put(sizes.length);
  for (let d = 0; d < sizes.length; d++) put(strides[d] === 0 && sizes[d] !== 0 ? 1 : (sizes[d] as number));
  putStrided(index, strides);
}

/** Appends the index operands that `readOffsets` of kernels/indexing/offsets.h reads; returns their dims. */
function putIndexOperands(a: ArrayView, indices: Indices, shape: readonly number[]): number[] {
  const dims: number[] = [];
  for (let d = 0; d < indices.length; d++) if (indices[d] !== undefined) dims.push(d);
  put(dims.length);
  for (const d of dims) {
    putFlatDims([a.sizes[d] as number], [a.strides[d] as number], false);
    putOffsetLoop(indices[d] as ArrayView, shape);
  }
  return dims;
}

function putFlatOperand(a: ArrayView, index: ArrayView): void {
  putFlatDims(a.sizes, a.strides);
  putOffsetLoop(index, index.sizes);
}

/** Appends what to check of an index, and the loop over its offsets, whose address the kernel fills in. */
function putOffsetLoop(index: ArrayView, shape: readonly number[]): void {
  putDistinct(index);
  put(shape.length);
  putList(shape);
  put(0);
  putList(contiguousStrides(shape));
  putBroadcast(index, shape);
}

/** A view of one index for each place along `dim`, expanded over the other dims of a shape. */
function alongDim(index: ArrayView, dim: number, sizes: readonly number[]): ArrayView {
  const stride = index.strides[0] ?? 1;
  return { ...index, sizes, strides: sizes.map((_, d) => (d === dim ? stride : 0)), contiguousFlag: false };
}

function atLeast1d(view: ArrayView): ArrayView {
  return view.sizes.length > 0 ? view : { ...view, sizes: [1], strides: [1] };
}

function indexShape(indices: Indices): readonly number[] {
  let shape: readonly number[] = [];
  for (const index of indices) if (index !== undefined) shape = broadcastShapes(shape, index.sizes);
  return shape;
}

function restDims(a: ArrayView, indices: Indices): number[] {
  const rest: number[] = [];
  for (let d = 0; d < a.sizes.length; d++) if (indices[d] === undefined) rest.push(d);
  return rest;
}

function checkIndex(dim: number, size: number): void {
  if (status() === 0) return;
  if (size === 0) throw new RangeError("index is out of bounds for dimension with size 0");
  throw new RangeError(`index ${errorDetail()} is out of bounds for dimension ${dim} with size ${size}`);
}

function checkOperand(a: ArrayView, dims: readonly number[]): void {
  if (status() === 0) return;
  const dim = dims[resultAt(1)] as number;
  checkIndex(dim, a.sizes[dim] as number);
}

function checkFlat(a: ArrayView): void {
  if (status() === 0) return;
  const count = numelOf(a.sizes);
  throw new RangeError(`out of range: tried to access index ${errorDetail()} on a tensor of ${count} elements.`);
}
