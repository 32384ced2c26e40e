/**
 * Kernels that read or write at computed places: gather, scatter, indexSelect, advanced indexing, masks.
 *
 * Index tensors are int64 (`indexSelect` also takes int32). Indices are checked before anything is written (by
 * `gather` only before they are used, so that part of its output is written by then); a bad one throws a RangeError.
 * Where indices repeat, values combine in the order of the indices, and the last assignment wins. Outputs never
 * overlap inputs.
 */
import { Complex } from "../../core/complex.js";
import { type DType, int32, int64 } from "../../core/dtype.js";
import { checkedScalar } from "../../core/scalars.js";
import { broadcastShapes, contiguousStrides, numelOf, withDim, withoutDim } from "../../core/shape.js";
import type { ArrayView, Scalar } from "../../core/view.js";
import { kernel } from "./block.js";
import { forParts, isComplexHalf, notImplemented, partsOf, temporary } from "./complex.js";
import { binary, fill, scalarView } from "./elementwise.js";
import { broadcastStrides, type Geometry, geometryOf, putFlatDims } from "./indexing-launch.js";
import { inFloat32 } from "./inFloat32.js";
import {
  begin,
  checkedSize,
  errorDetail,
  knownDType,
  launch,
  put,
  putDType,
  putNowhere,
  putScalar,
  putShape,
  putStride,
  putStrided,
  reachOf,
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
  const shape = [...to.sizes];
  const fromStrides = [...from.strides];
  const atStrides = [...at.strides];
  const size = checkedSize(from.sizes[dim] as number);
  const dtype = knownDType(from.dtype);
  const indexType = at.dtype === int32 ? int32 : int64;
  const list = begin();
  put(dtype.itemsize);
  putDType(indexType);
  put(size);
  const along = putIndexed(size, fromStrides[dim] as number);
  putShape(shape);
  putStrided(to, dtype, to.strides);
  putStrided(at, indexType, atStrides);
  putStrided(from, dtype, withDim(fromStrides, dim, 0), along);
  launch(runGather, list);
  checkIndex(dim, size);
}

/** out[…, j, …] = a[…, index[j], …] at dim `dim`; `index` is int64 or int32 and has at most one dim. */
export function indexSelect(out: ArrayView, a: ArrayView, dim: number, index: ArrayView): void {
  const to = atLeast1d(out);
  gather(to, a, dim, alongDim(index, dim, to.sizes));
}

const runScatter = kernel("scatter");
const runComplexProduct = kernel("scatterComplexProduct");

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
  const isPlain = !(alpha instanceof Complex) && Number(alpha) === 1;
  const mode = isPlain ? scatterModes.sum : sumScaled;
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

/** self[…, index[j], …] = value, which broadcasts, at dim `dim`; negative indices count from the end. */
export function indexFill(self: ArrayView, dim: number, index: ArrayView, value: ArrayView | Scalar): void {
  const to = atLeast1d(self);
  const indices = new Array<ArrayView | undefined>(to.sizes.length).fill(undefined);
  indices[dim] = index;
  indexPut(to, indices, value);
}

function launchScatter(mode: number, ...operands: ScatterOperands): void {
  if (operands[0].dtype.isComplex) scatterComplex(mode, ...operands);
  else if (mode === scatterModes.assign) scatterElements(mode, ...operands);
  else combineElements(mode, ...operands);
}

type ScatterOperands =
  Parameters<typeof scatterElements> extends readonly [mode: number, ...rest: infer Rest] ? Rest : never;

const combineElements = inFloat32("scatter_gather_tensor_cpu", [1], scatterElements);

/** Both parts go to the places of their numbers, and add up; only their product has a kernel of its own. */
function scatterComplex(mode: number, ...operands: ScatterOperands): void {
  const [self, dim, index, src, includeSelf, alpha] = operands;
  const from = isView(src) ? src : filledLike(self, src);
  if (mode === scatterModes.prod) {
    if (isComplexHalf(self.dtype)) throw notImplemented("scatter_gather_tensor_cpu", self.dtype);
    if (!includeSelf) launchScatter(scatterModes.assign, self, dim, index, 1, true, 1);
    scatterElements(mode, self, dim, index, from, true, 1);
    return;
  }
  if (mode === scatterModes.amax || mode === scatterModes.amin) {
    throw notImplemented("scatter_gather_tensor_cpu", self.dtype);
  }
  if (mode === sumScaled && alpha instanceof Complex) {
    const scaled = temporary(from, from.dtype);
    binary.mul(scaled, from, scalarView(alpha, from.dtype));
    launchScatter(scatterModes.sum, self, dim, index, scaled, includeSelf, 1);
    scaled.storage.release();
    return;
  }
  const to = partsOf(atLeast1d(self));
  const at = forParts(atLeast1d(index));
  launchScatter(mode, to, dim, at, partsOf(atLeast1d(from)), includeSelf, alpha);
}

function isView(value: ArrayView | Scalar): value is ArrayView {
  return typeof value === "object" && !(value instanceof Complex);
}

/** A value in memory, as a view that broadcasts to any sizes. */
function filledLike(view: ArrayView, value: Scalar): ArrayView {
  const source = temporary({ ...view, sizes: [] }, view.dtype);
  fill(source, value);
  return source;
}

function scatterElements(
  mode: number,
  self: ArrayView,
  dim: number,
  index: ArrayView,
  src: ArrayView | Scalar,
  includeSelf: boolean,
  alpha: Scalar,
): void {
  const [to, at] = [atLeast1d(self), atLeast1d(index)];
  const shape = [...at.sizes];
  if (numelOf(shape) === 0) return;
  const [toStrides, atStrides] = [[...to.strides], [...at.strides]];
  const from = operand(src, self, shape);
  const [count, size] = [checkedSize(shape[dim] as number), checkedSize(to.sizes[dim] as number)];
  const others = withoutDim(shape, dim);
  const list = begin();
  put(mode);
  const dtype = putDType(to.dtype);
  put(Number(includeSelf));
  putScalar(alpha, dtype);
  put(count);
  put(size);
  const alongTo = putIndexed(size, toStrides[dim] as number);
  const alongAt = putStride(count, atStrides[dim] as number);
  const alongFrom = putStride(count, from.strides[dim] as number);
  putDistinct(at, int64, shape, atStrides);
  putShape(others);
  putStrided(to, dtype, withoutDim(toStrides, dim), alongTo);
  putStrided(at, int64, withoutDim(atStrides, dim), alongAt);
  putSource(from, dtype, withoutDim(from.strides, dim), alongFrom);
  launch(to.dtype.isComplex ? runComplexProduct : runScatter, list);
  checkIndex(dim, size);
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
  const from = geometryOf(a);
  const rest = restDims(from, indices);
  const list = begin();
  const dtype = knownDType(a.dtype);
  put(dtype.itemsize);
  put(checkedSize(numelOf(shape)));
  const operands = putIndexOperands(from, indices, shape);
  putShape([...shape, ...rest.map((d) => from.sizes[d] as number)]);
  putStrided(out, dtype, out.strides);
  putNowhere(contiguousStrides(shape));
  const restStrides = rest.map((d) => from.strides[d] as number);
  putStrided(a, dtype, [...shape.map(() => 0), ...restStrides], operands.reach);
  launch(runIndexGet, list);
  checkOperand(from, operands.dims);
}

const runIndexPut = kernel("indexPut");

/**
 * self[indices] = values, or += values with `accumulate`. `values` is a scalar or broadcasts to the shape that
 * `indexGet` gives.
 */
export function indexPut(self: ArrayView, indices: Indices, values: ArrayView | Scalar, accumulate = false): void {
  if (self.dtype.isComplex) {
    const from = isView(values) ? values : filledLike(self, values);
    return indexPut(partsOf(self), indices, partsOf(from), accumulate);
  }
  if (accumulate) addAtIndices(self, indices, values, true);
  else putAtIndices(self, indices, values, false);
}

const addAtIndices = inFloat32("index_put", [0], putAtIndices);

function putAtIndices(self: ArrayView, indices: Indices, values: ArrayView | Scalar, accumulate: boolean): void {
  const shape = indexShape(indices);
  const to = geometryOf(self);
  const rest = restDims(to, indices);
  const restSizes = rest.map((d) => to.sizes[d] as number);
  const from = operand(values, self, [...shape, ...restSizes]);
  const along = { sizes: shape, strides: from.strides.slice(0, shape.length) };
  const list = begin();
  put(accumulate ? scatterModes.sum : scatterModes.assign);
  const dtype = putDType(self.dtype);
  put(checkedSize(numelOf(shape)));
  const operands = putIndexOperands(to, indices, shape);
  putFlatDims(along);
  putShape(restSizes);
  const restStrides = rest.map((d) => to.strides[d] as number);
  putStrided(self, dtype, restStrides, operands.reach);
  putNowhere();
  putSource(from, dtype, from.strides.slice(shape.length), reachOf(along.sizes, along.strides));
  launch(runIndexPut, list);
  checkOperand(to, operands.dims);
}

/** out[i] = the element of `a` at the flat, row-major position index[i]; `out` has the shape of `index`. */
export function take(out: ArrayView, a: ArrayView, index: ArrayView): void {
  const shape = [...index.sizes];
  const from = geometryOf(a);
  const list = begin();
  const dtype = knownDType(a.dtype);
  put(dtype.itemsize);
  put(checkedSize(numelOf(shape)));
  put(1);
  putFlatDims(from);
  putOffsetLoop(index, shape);
  putShape(shape);
  putStrided(out, dtype, out.strides);
  putNowhere(contiguousStrides(shape));
  putStrided(
    a,
    dtype,
    shape.map(() => 0),
    reachOf(from.sizes, from.strides),
  );
  launch(runIndexGet, list);
  checkFlat(from);
}

/** Writes the elements of `src`, which has as many as `index`, to flat positions of `self`, or adds them. */
export function putFlat(self: ArrayView, index: ArrayView, src: ArrayView, accumulate = false): void {
  if (self.dtype.isComplex) return putFlat(partsOf(self), indexOfParts(index), partsOf(src), accumulate);
  if (accumulate) addFlatly(self, index, src, true);
  else putFlatly(self, index, src, false);
}

const addFlatly = inFloat32("put_", [0], putFlatly);

function putFlatly(self: ArrayView, index: ArrayView, src: ArrayView, accumulate: boolean): void {
  const shape = [...index.sizes];
  const [to, from] = [geometryOf(self), geometryOf(src)];
  const count = checkedSize(numelOf(shape));
  if (numelOf(from.sizes) !== count) throw new RangeError(`${count} indices need as many values`);
  const list = begin();
  put(accumulate ? scatterModes.sum : scatterModes.assign);
  const dtype = putDType(self.dtype);
  put(count);
  put(1);
  putFlatDims(to);
  putOffsetLoop(index, shape);
  putFlatDims(from);
  putShape([]);
  putStrided(self, dtype, [], reachOf(to.sizes, to.strides));
  putNowhere();
  putStrided(src, dtype, [], reachOf(from.sizes, from.strides));
  launch(runIndexPut, list);
  checkFlat(to);
}

/** The flat positions of both parts of elements: those of the real parts, and the next ones. */
function indexOfParts(index: ArrayView): ArrayView {
  const doubled = temporary({ ...index, sizes: [...index.sizes, 2] }, int64);
  const places = forParts(index);
  binary.add(doubled, places, places);
  const strides = doubled.strides.slice(0, -1);
  const next: ArrayView = { ...doubled, sizes: index.sizes, strides, offset: 1, contiguousFlag: false };
  binary.add(next, next, scalarView(1, int64, 1));
  return doubled;
}

/** A view or a scalar as a source, with its strides as it broadcasts to a shape. */
interface Source {
  readonly view?: ArrayView;
  /** Of a scalar. */
  readonly address: number;
  readonly strides: readonly number[];
}

/** A source that broadcasts to a shape, or that has at least its sizes. */
function operand(src: ArrayView | Scalar, self: ArrayView, shape: readonly number[]): Source {
  if (typeof src !== "object" || src instanceof Complex) {
    return { address: scalarAddress(checkedScalar(src, self.dtype), self.dtype), strides: shape.map(() => 0) };
  }
  return { view: src, address: 0, strides: broadcastStrides(src, shape) };
}

/** Appends a source with its strides along the walked dims, from whose elements the kernel goes further. */
function putSource(source: Source, dtype: DType, strides: readonly number[], further: number): void {
  if (source.view !== undefined) return putStrided(source.view, dtype, strides, further);
  put(source.address);
  for (let d = 0; d < strides.length; d++) put(0);
}

/** Appends the stride of a dim of which an index chooses places, and returns how far it leads. */
function putIndexed(size: number, stride: number): number {
  const reach = putStride(size, stride);
  // Every index is out of bounds then.
  return size === 0 ? Number.NEGATIVE_INFINITY : reach;
}

/** Appends an index tensor without the dims along which it is expanded: a loop over what there is to check. */
function putDistinct(index: ArrayView, dtype: DType, shape: readonly number[], strides: readonly number[]): void {
  putShape(shape.map((size, d) => (strides[d] === 0 && size !== 0 ? 1 : size)));
  putStrided(index, dtype, strides);
}

/** Appends the index operands that `readOffsets` of kernels/indexing/offsets.h reads; returns their dims. */
function putIndexOperands(a: Geometry, indices: Indices, shape: readonly number[]): { dims: number[]; reach: number } {
  const dims: number[] = [];
  for (let d = 0; d < indices.length; d++) if (indices[d] !== undefined) dims.push(d);
  put(dims.length);
  let reach = 0;
  for (const d of dims) {
    const dim = { sizes: [a.sizes[d] as number], strides: [a.strides[d] as number] };
    reach += reachOf(dim.sizes, dim.strides);
    putFlatDims(dim, false);
    putOffsetLoop(indices[d] as ArrayView, shape);
  }
  return { dims, reach };
}

/** Appends the loop over the offsets of an index, whose address the kernel fills in. */
function putOffsetLoop(index: ArrayView, shape: readonly number[]): void {
  const strides = broadcastStrides(index, shape);
  putShape(shape);
  putNowhere(contiguousStrides(shape));
  putStrided(index, int64, strides);
}

/** A view of one index for each place along `dim`, expanded over the other dims of a shape. */
function alongDim(index: ArrayView, dim: number, sizes: readonly number[]): ArrayView {
  const stride = index.strides[0] ?? 1;
  return { ...index, sizes, strides: sizes.map((_, d) => (d === dim ? stride : 0)), contiguousFlag: false };
}

function atLeast1d(view: ArrayView): ArrayView {
  return view.sizes.length > 0 ? view : { ...view, sizes: [1], strides: [1] };
}

/** The shape to which index tensors broadcast. */
function indexShape(indices: Indices): readonly number[] {
  let shape: readonly number[] = [];
  for (const index of indices) if (index !== undefined) shape = broadcastShapes(shape, index.sizes);
  return [...shape];
}

function restDims(a: Geometry, indices: Indices): number[] {
  const rest: number[] = [];
  for (let d = 0; d < a.sizes.length; d++) if (indices[d] === undefined) rest.push(d);
  return rest;
}

function checkIndex(dim: number, size: number): void {
  if (status() === 0) return;
  if (size === 0) throw new RangeError("index is out of bounds for dimension with size 0");
  throw new RangeError(`index ${errorDetail()} is out of bounds for dimension ${dim} with size ${size}`);
}

function checkOperand(a: Geometry, dims: readonly number[]): void {
  if (status() === 0) return;
  const dim = dims[resultAt(1)] as number;
  checkIndex(dim, a.sizes[dim] as number);
}

function checkFlat(a: Geometry): void {
  if (status() === 0) return;
  const count = numelOf(a.sizes);
  throw new RangeError(`out of range: tried to access index ${errorDetail()} on a tensor of ${count} elements.`);
}
