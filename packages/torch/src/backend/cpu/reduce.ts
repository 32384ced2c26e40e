/**
 * Reductions: many numbers become one.
 *
 * Outputs have the sizes of the input with every reduced dim of size 1 (`keepdim`), and any strides. No dims
 * are reduced but those that are named.
 */

import type { ArrayView } from "../../core/view.js";
import { kernel } from "../native.js";
import { begin, put, putAddress, putList } from "./launch.js";

/** Kernel names in the order of the codes in kernels/reduce/reduce.cpp. */
const foldOps = ["sum", "prod", "mean", "nansum", "any", "all", "countNonzero"] as const;
type FoldOp = (typeof foldOps)[number];
const foldCodes = new Map<string, number>(foldOps.map((name, code) => [name, code]));

export type ReduceOp = FoldOp | "amax" | "amin" | "logsumexp";

const runFold = kernel("reduce");
const runExtreme = kernel("reduceExtreme");
const runLogSumExp = kernel("reduceLogSumExp");

/**
 * out = op over `dims` of a.
 *
 * | op | input | output |
 * | --- | --- | --- |
 * | sum, prod, nansum | float32, float64 | the same, or float64 |
 * | sum, prod, nansum | integers, bool | int64 |
 * | mean | float32, float64 | the same, or float64 |
 * | any, all | any | bool |
 * | countNonzero | any | int64 |
 * | amax, amin (NaN wins; of no elements: the lowest or highest value) | any | the same |
 * | logsumexp | float32, float64 | the same |
 */
export function reduce(op: ReduceOp, out: ArrayView, a: ArrayView, dims: readonly number[]): void {
  begin();
  if (op === "amax" || op === "amin") {
    put(a.dtype.id);
    put(op === "amax" ? 1 : 0);
    putReduction(a, dims, out);
    return runExtreme();
  }
  if (op === "logsumexp") {
    put(a.dtype.id);
    putReduction(a, dims, out);
    return runLogSumExp();
  }
  put(foldCodes.get(op) as number);
  put(out.dtype.id);
  put(a.dtype.id);
  putReduction(a, dims, out);
  runFold();
}

const runNorm = kernel("reduceNorm");

/** out = the p-norm over `dims` of a, which is floating; p may be 0 (the number of nonzeros) and ±Infinity. */
export function reduceNorm(out: ArrayView, a: ArrayView, dims: readonly number[], p: number): void {
  if (p === 0) return reduce("countNonzero", out, a, dims);
  begin();
  put(out.dtype.id);
  put(a.dtype.id);
  put(p);
  putReduction(a, dims, out);
  runNorm();
}

const runVar = kernel("reduceVar");

/**
 * out = the variance over `dims` of a, or its square root; the divisor is the number of elements less
 * `correction`. `meanOut` takes the mean. All have one floating dtype.
 */
export function reduceVar(
  out: ArrayView,
  meanOut: ArrayView | undefined,
  a: ArrayView,
  dims: readonly number[],
  correction: number,
  takeSqrt: boolean,
): void {
  begin();
  put(a.dtype.id);
  put(correction);
  put(takeSqrt ? 1 : 0);
  put(meanOut ? 1 : 0);
  putReduction(a, dims, out, meanOut);
  runVar();
}

const runIndex = kernel("reduceIndex");
const runIndexAll = kernel("reduceIndexAll");

/**
 * out (int64) = where the largest or smallest element along `dim` is, or with no dim the place in row-major
 * order of that of the whole tensor. The first of equal ones wins, and NaN wins over every number. There must
 * be an element.
 */
export function argReduce(op: "argmax" | "argmin", out: ArrayView, a: ArrayView, dim: number | undefined): void {
  begin();
  put(a.dtype.id);
  put(op === "argmax" ? 1 : 0);
  if (dim === undefined) {
    put(a.sizes.length);
    for (let d = 0; d < a.sizes.length; d++) {
      putList([a.sizes[d] as number, a.strides[d] as number, 0, 0, 1]);
    }
    putAddress(out);
    put(0);
    putAddress(a);
    return runIndexAll();
  }
  put(0);
  putLanes(dim, a, out, a, out);
  runIndex();
}

/** values, indices (int64) = the largest or smallest element along `dim` and where it is, as `argReduce`. */
export function reduceWithIndex(
  op: "max" | "min",
  values: ArrayView,
  indices: ArrayView,
  a: ArrayView,
  dim: number,
): void {
  begin();
  put(a.dtype.id);
  put(op === "max" ? 1 : 0);
  put(1);
  putLanes(dim, a, indices, a, values);
  runIndex();
}

/** Appends what `ReductionPlan` of kernels/reduce/reduce.h reads. */
function putReduction(a: ArrayView, dims: readonly number[], out: ArrayView, extra?: ArrayView): void {
  const ndim = a.sizes.length;
  put(ndim);
  for (let d = 0; d < ndim; d++) {
    put(a.sizes[d] as number);
    put(a.strides[d] as number);
    put(out.strides[d] as number);
    put(extra === undefined ? 0 : (extra.strides[d] as number));
    put(dims.includes(d) ? 1 : 0);
  }
  putAddress(out);
  if (extra === undefined) put(0);
  else putAddress(extra);
  putAddress(a);
}

/**
 * Appends what `LaneLoop` of kernels/reduce/lanes.h reads: the views along `dim`, which has its size in
 * `shape`, and over the other dims.
 */
export function putLanes(dim: number, shape: ArrayView, ...views: readonly ArrayView[]): void {
  const { sizes } = shape;
  put(Math.max(0, sizes.length - 1));
  for (let d = 0; d < sizes.length; d++) if (d !== dim) put(sizes[d] as number);
  for (const view of views) {
    putAddress(view);
    for (let d = 0; d < sizes.length; d++) if (d !== dim) put(view.strides[d] as number);
  }
  put(sizes.length === 0 ? 1 : (sizes[dim] as number));
  for (const view of views) put(view.strides[dim] ?? 1);
}
