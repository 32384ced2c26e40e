/**
 * Kernels that order, select and count: sort, topk, median, searchsorted, unique, bincount.
 *
 * NaN is the greatest number, -0 equals 0, and among equal elements the one with the smaller index comes first.
 * Index outputs are int64. Outputs never overlap inputs.
 */
import { type DType, float32, float64, int32, int64 } from "../../core/dtype.js";
import { withoutDim } from "../../core/shape.js";
import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import { geometryOf } from "./indexing-launch.js";
import {
  begin,
  checkedSize,
  checkedStride,
  launch,
  put,
  putAddress,
  putBroadcast,
  putDType,
  putNowhere,
  putOptional,
  putShape,
  putStride,
  putStrided,
  reachOf,
  resultAt,
  status,
} from "./launch.js";

const runSort = kernel("sort");

/** Sorts `a` along a dim, stably; `indices` says where in the dim each element was. */
export function sort(values: ArrayView, indices: ArrayView, a: ArrayView, dim: number, descending = false): void {
  if (isEmpty(a)) return;
  const list = begin();
  const dtype = putDType(a.dtype);
  put(Number(descending));
  putSlices(values, indices, a, dtype, dim);
  launch(runSort, list);
}

const runTopk = kernel("topk");

/** The k largest (or smallest) elements along a dim, best first if `sorted`; the outputs have size k there. */
export function topk(
  values: ArrayView,
  indices: ArrayView,
  a: ArrayView,
  k: number,
  dim: number,
  largest = true,
  sorted = true,
): void {
  if (isEmpty(a)) return;
  const list = begin();
  const dtype = putDType(a.dtype);
  put(checkedSize(k));
  put(Number(largest));
  put(Number(sorted));
  putSlices(values, indices, a, dtype, dim, k);
  launch(runTopk, list);
}

const runKthvalue = kernel("kthvalue");

/** The k-th smallest element (from 1) along a dim; the outputs lack the dim, or have size 1 there. */
export function kthvalue(values: ArrayView, indices: ArrayView, a: ArrayView, k: number, dim: number): void {
  if (isEmpty(a)) return;
  const list = begin();
  const dtype = putDType(a.dtype);
  put(checkedSize(k - 1));
  putSlices(values, indices, a, dtype, dim, 1, k);
  launch(runKthvalue, list);
}

const runMedian = kernel("median");

/**
 * The lower median along a dim; the outputs lack the dim, or have size 1 there. A slice with a NaN gives its first
 * NaN, unless `ignoreNan` leaves NaNs out.
 */
export function median(values: ArrayView, indices: ArrayView, a: ArrayView, dim: number, ignoreNan = false): void {
  if (isEmpty(a)) return;
  const list = begin();
  const dtype = putDType(a.dtype);
  put(Number(ignoreNan));
  putSlices(values, indices, a, dtype, dim, 1);
  launch(runMedian, list);
}

const runMode = kernel("mode");

/**
 * The most frequent element along a dim (the smallest of several) with the index of its last occurrence; the outputs
 * lack the dim, or have size 1 there.
 */
export function mode(values: ArrayView, indices: ArrayView, a: ArrayView, dim: number): void {
  if (isEmpty(a)) return;
  const list = begin();
  const dtype = putDType(a.dtype);
  putSlices(values, indices, a, dtype, dim, 1);
  launch(runMode, list);
}

const runSearchsorted = kernel("searchsorted");

/**
 * Where each of `values` belongs in a sequence that is sorted along its last dim: before equal elements, or after them
 * if `right`. The sequence has one dim, or the leading dims of `values`, and its dtype; `sorter`, of the same sizes, is
 * the order that sorts it. `out` has the shape of `values` and is int64 or int32.
 */
export function searchsorted(
  out: ArrayView,
  sortedSequence: ArrayView,
  values: ArrayView,
  right = false,
  sorter?: ArrayView,
): void {
  const last = sortedSequence.sizes.length - 1;
  const length = checkedSize(sortedSequence.sizes[last] as number);
  const step = checkedStride(length, sortedSequence.strides[last] as number);
  const list = begin();
  const dtype = putDType(values.dtype);
  const outType = putDType(out.dtype === int32 ? int32 : int64);
  put(Number(right));
  put(length);
  put(step);
  put(Number(sorter !== undefined));
  const sorterStep = sorter === undefined ? step : checkedStride(length, sorter.strides[last] as number);
  if (sorter !== undefined) {
    put(sorterStep);
    putAll(sorter, int64);
  }
  putShape(out.sizes);
  putBroadcast(out, outType);
  putBroadcast(values, dtype);
  putSequences(sortedSequence, dtype, out.sizes.length, reachOf([length], [step]));
  if (sorter !== undefined) putSequences(sorter, int64, out.sizes.length, reachOf([length], [sorterStep]));
  else putNowhere();
  launch(runSearchsorted, list);
  if (status() !== 0) throw new RangeError("torch.searchsorted(): sorter index out of range");
}

const runCountRuns = kernel("countRuns");

/** The number of runs of equal elements, or of equal rows; `a` is contiguous and has one or two dims. */
export function countRuns(a: ArrayView): number {
  const list = begin();
  putRows(a);
  launch(runCountRuns, list);
  return resultAt(0);
}

const runRuns = kernel("runs");

/** What `uniqueRuns` fills; all contiguous. */
export interface RunOutputs {
  /** The element or row of each run. */
  values?: ArrayView | undefined;
  /** For each element or row of the input its run, int64. */
  inverse?: ArrayView | undefined;
  /** The length of each run, int64. */
  counts?: ArrayView | undefined;
}

/**
 * Describes the `count` runs that `countRuns` found. Where `a` was sorted first, `order` (contiguous) says where its
 * elements or rows were, and `inverse` refers to those places.
 */
export function uniqueRuns(outputs: RunOutputs, a: ArrayView, count: number, order?: ArrayView): void {
  const list = begin();
  const { dtype, n, m } = putRows(a);
  put(checkedSize(count));
  putOptional(outputs.values, dtype, count * m);
  putOptional(outputs.inverse, int64, n);
  putOptional(outputs.counts, int64, count);
  putOptional(order, int64, n);
  if (order !== undefined) putAll(order, int64);
  launch(runRuns, list);
  if (status() === 1) throw new RangeError("uniqueRuns: order index out of range");
  if (status() !== 0) throw new Error("the tensor was changed by another thread while it was read");
}

const runSortRows = kernel("sortRows");

/** The stable order that sorts the rows of a contiguous [n, m] view lexicographically; `order` is contiguous. */
export function sortRows(order: ArrayView, a: ArrayView): void {
  const list = begin();
  const { n } = putRows(a);
  putAddress(order, int64, n);
  launch(runSortRows, list);
}

const runBincount = kernel("bincount");

/**
 * out[i] = how often i occurs in `a`, which has one dim and an integer dtype, or the sum of the weights there. `out` is
 * contiguous and longer than the largest element; it is int64, or has the floating dtype of `weights`.
 */
export function bincount(out: ArrayView, a: ArrayView, weights?: ArrayView): void {
  const n = checkedSize(a.sizes[0] as number);
  const step = checkedStride(n, a.strides[0] as number);
  const bins = checkedSize(out.sizes[0] as number);
  const weightStep = weights === undefined ? 0 : checkedStride(n, weights.strides[0] as number);
  const list = begin();
  const dtype = putDType(a.dtype);
  putAddress(a, dtype, reachOf([n], [step]) + 1);
  put(n);
  put(step);
  const weightType = weights?.dtype === float32 ? float32 : float64;
  putAddress(out, weights === undefined ? int64 : weightType, bins);
  put(bins);
  putDType(weightType);
  putOptional(weights, weightType, reachOf([n], [weightStep]) + 1);
  put(weightStep);
  launch(runBincount, list);
  if (status() !== 0) throw new Error("bincount only supports 1-d non-negative integral inputs.");
}

const runHistc = kernel("histc");

/**
 * out[i] = how many elements of `a` lie in the i-th of equal parts of [min, max], where min < max; others and NaNs are
 * not counted. `out` has one dim and the floating dtype of `a`.
 */
export function histc(out: ArrayView, a: ArrayView, min: number, max: number): void {
  const bins = checkedSize(out.sizes[0] as number);
  const step = out.strides[0] as number;
  const list = begin();
  const dtype = putDType(a.dtype);
  putAddress(out, dtype, reachOf([bins], [step]) + 1);
  put(bins);
  putStride(bins, step);
  put(min);
  put(max);
  putAll(a, dtype);
  launch(runHistc, list);
}

/** Elements of a slice at most: a key of 32 bits and an index share 64 bits. */
const longestSlice = 2 ** 32;

/**
 * Appends what `forEachSlice` of kernels/sort/slices.h reads; the outputs have `results` elements of each slice, and
 * may lack the dim. A slice has at least `needed` elements.
 */
function putSlices(
  values: ArrayView,
  indices: ArrayView,
  a: ArrayView,
  dtype: DType,
  dim: number,
  results?: number,
  needed = results ?? 0,
): void {
  const keepsDim = values.sizes.length === a.sizes.length;
  const n = checkedSize(a.sizes[dim] ?? 1);
  if (n > longestSlice) throw new RangeError(`a dim of ${n} elements is too long to be sorted`);
  const count = results ?? n;
  if (!(needed <= n)) throw new RangeError(`selected index k out of range: ${needed} of ${n} elements`);
  const valueStep = checkedStride(count, keepsDim ? (values.strides[dim] as number) : 1);
  const indexStep = checkedStride(count, keepsDim ? (indices.strides[dim] as number) : 1);
  const step = checkedStride(n, a.strides[dim] as number);
  put(n);
  put(valueStep);
  put(indexStep);
  put(step);
  putShape(withoutDim(a.sizes, dim));
  const others = (view: ArrayView): number[] =>
    keepsDim || view === a ? withoutDim(view.strides, dim) : [...view.strides];
  putStrided(values, dtype, others(values), reachOf([count], [valueStep]));
  putStrided(indices, int64, others(indices), reachOf([count], [indexStep]));
  putStrided(a, dtype, others(a), reachOf([n], [step]));
}

/** Appends sequences along the last dim, one for all of a shape or one for each place of its other dims. */
function putSequences(view: ArrayView, dtype: DType, ndim: number, reach: number): void {
  const { sizes, strides } = geometryOf(view);
  const isOwn = (d: number): boolean => sizes.length === ndim && d < ndim - 1 && sizes[d] !== 1;
  const steps = Array.from({ length: ndim }, (_, d) => (isOwn(d) ? (strides[d] as number) : 0));
  putStrided(view, dtype, steps, reach);
}

/** Appends a loop over one view. */
function putAll(view: ArrayView, dtype: DType): void {
  putShape(view.sizes);
  putStrided(view, dtype, view.strides);
}

/** Appends the dtype of a contiguous view of rows, its address, and how many rows there are of how many elements. */
function putRows(a: ArrayView): { dtype: DType; n: number; m: number } {
  const [n, m] = [checkedSize(a.sizes[0] as number), checkedSize(a.sizes[1] ?? 1)];
  const dtype = putDType(a.dtype);
  putAddress(a, dtype, n * m);
  put(n);
  put(m);
  return { dtype, n, m };
}

function isEmpty(view: ArrayView): boolean {
  return view.sizes.includes(0);
}
