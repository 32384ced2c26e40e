/**
 * Kernels that order, select and count: sort, topk, median, searchsorted, unique, bincount.
 *
 * NaN is the greatest number, -0 equals 0, and among equal elements the one with the smaller index comes first.
 * Index outputs are int64. Outputs never overlap inputs.
 */
import { withoutDim } from "../../core/shape.js";
import type { ArrayView } from "../../core/view.js";
import { kernel } from "../native.js";
import { begin, put, putAddress, putBroadcast, putList, resultAt, status } from "./launch.js";

const runSort = kernel("sort");

/** Sorts `a` along a dim, stably; `indices` says where in the dim each element was. */
export function sort(values: ArrayView, indices: ArrayView, a: ArrayView, dim: number, descending = false): void {
  if (isEmpty(a)) return;
  begin();
  put(a.dtype.id);
  put(Number(descending));
  putSlices(values, indices, a, dim);
  runSort();
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
  begin();
  put(a.dtype.id);
  put(k);
  put(Number(largest));
  put(Number(sorted));
  putSlices(values, indices, a, dim);
  runTopk();
}

const runKthvalue = kernel("kthvalue");

/** The k-th smallest element (from 1) along a dim; the outputs lack the dim, or have size 1 there. */
export function kthvalue(values: ArrayView, indices: ArrayView, a: ArrayView, k: number, dim: number): void {
  if (isEmpty(a)) return;
  begin();
  put(a.dtype.id);
  put(k - 1);
  putSlices(values, indices, a, dim);
  runKthvalue();
}

const runMedian = kernel("median");

/**
 * The lower median along a dim; the outputs lack the dim, or have size 1 there. A slice with a NaN gives its first
 * NaN, unless `ignoreNan` leaves NaNs out.
 */
export function median(values: ArrayView, indices: ArrayView, a: ArrayView, dim: number, ignoreNan = false): void {
  if (isEmpty(a)) return;
  begin();
  put(a.dtype.id);
  put(Number(ignoreNan));
  putSlices(values, indices, a, dim);
  runMedian();
}

const runMode = kernel("mode");

/**
 * The most frequent element along a dim (the smallest of several) with the index of its last occurrence; the outputs
 * lack the dim, or have size 1 there.
 */
export function mode(values: ArrayView, indices: ArrayView, a: ArrayView, dim: number): void {
  if (isEmpty(a)) return;
  begin();
  put(a.dtype.id);
  putSlices(values, indices, a, dim);
  runMode();
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
  const length = sortedSequence.sizes[last] as number;
  begin();
  put(values.dtype.id);
  put(out.dtype.id);
  put(Number(right));
  put(length);
  put(sortedSequence.strides[last] as number);
  put(Number(sorter !== undefined));
  if (sorter !== undefined) {
    put(sorter.strides[last] as number);
    putAll(sorter);
  }
  put(out.sizes.length);
  putList(out.sizes);
  putBroadcast(out, out.sizes);
  putBroadcast(values, out.sizes);
  putSequences(sortedSequence, out.sizes);
  putSequences(sorter ?? sortedSequence, out.sizes);
  runSearchsorted();
  if (status() !== 0) throw new RangeError("torch.searchsorted(): sorter index out of range");
}

const runCountRuns = kernel("countRuns");

/** The number of runs of equal elements, or of equal rows; `a` is contiguous and has one or two dims. */
export function countRuns(a: ArrayView): number {
  begin();
  put(a.dtype.id);
  putRows(a);
  runCountRuns();
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
  begin();
  put(a.dtype.id);
  putRows(a);
  put(count);
  putOptional(outputs.values);
  putOptional(outputs.inverse);
  putOptional(outputs.counts);
  putOptional(order);
  if (order !== undefined) putAll(order);
  runRuns();
  if (status() !== 0) throw new RangeError("uniqueRuns: order index out of range");
}

const runSortRows = kernel("sortRows");

/** The stable order that sorts the rows of a contiguous [n, m] view lexicographically; `order` is contiguous. */
export function sortRows(order: ArrayView, a: ArrayView): void {
  begin();
  put(a.dtype.id);
  putRows(a);
  putAddress(order);
  runSortRows();
}

const runBincount = kernel("bincount");

/**
 * out[i] = how often i occurs in `a`, which has one dim and an integer dtype, or the sum of the weights there. `out` is
 * contiguous and longer than the largest element; it is int64, or has the floating dtype of `weights`.
 */
export function bincount(out: ArrayView, a: ArrayView, weights?: ArrayView): void {
  begin();
  put(a.dtype.id);
  putAll(a);
  putAddress(a);
  put(a.sizes[0] as number);
  put(a.strides[0] as number);
  putAddress(out);
  put(out.sizes[0] as number);
  put((weights ?? out).dtype.id);
  putOptional(weights);
  put(weights?.strides[0] ?? 0);
  runBincount();
  if (status() !== 0) throw new Error("bincount only supports 1-d non-negative integral inputs.");
}

const runHistc = kernel("histc");

/**
 * out[i] = how many elements of `a` lie in the i-th of equal parts of [min, max], where min < max; others and NaNs are
 * not counted. `out` has one dim and the floating dtype of `a`.
 */
export function histc(out: ArrayView, a: ArrayView, min: number, max: number): void {
  begin();
  put(a.dtype.id);
  putAddress(out);
  put(out.sizes[0] as number);
  put(out.strides[0] as number);
  put(min);
  put(max);
  putAll(a);
  runHistc();
}

/** Appends what `forEachSlice` of kernels/sort/slices.h reads; outputs may lack the dim. */
function putSlices(values: ArrayView, indices: ArrayView, a: ArrayView, dim: number): void {
  const keepsDim = values.sizes.length === a.sizes.length;
  put(a.sizes[dim] ?? 1);
  put(keepsDim ? (values.strides[dim] ?? 1) : 1);
  put(keepsDim ? (indices.strides[dim] ?? 1) : 1);
  put(a.strides[dim] ?? 1);
  const others = withoutDim(a.sizes, dim);
  put(others.length);
  putList(others);
  for (const view of [values, indices, a]) {
    putAddress(view);
    putList(view.sizes.length === others.length ? view.strides : withoutDim(view.strides, dim));
  }
}

/** Appends sequences along the last dim, one for all of a shape or one for each place of its other dims. */
function putSequences(view: ArrayView, shape: readonly number[]): void {
  putAddress(view);
  for (let d = 0; d < shape.length; d++) {
    const own = view.sizes.length === shape.length && d < shape.length - 1 && view.sizes[d] !== 1;
    put(own ? (view.strides[d] as number) : 0);
  }
}

/** Appends a loop over one view. */
function putAll(view: ArrayView): void {
  put(view.sizes.length);
  putList(view.sizes);
  putAddress(view);
  putList(view.strides);
}

function putRows(a: ArrayView): void {
  putAddress(a);
  put(a.sizes[0] as number);
  put(a.sizes[1] ?? 1);
}

function putOptional(view: ArrayView | undefined): void {
  if (view === undefined) put(0);
  else putAddress(view);
}

function isEmpty(view: ArrayView): boolean {
  return view.sizes.includes(0);
}
