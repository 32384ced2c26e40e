/**
 * Reductions: many numbers become one.
 *
 * Outputs have the sizes of the input with every reduced dim of size 1 (`keepdim`), and any strides. No dims
 * are reduced but those that are named.
 */
import { bool, type DType, int64 } from "../../core/dtype.js";
import { maxDims, tooManyDims, withDim } from "../../core/shape.js";
import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import { notImplemented, partsOf, temporary } from "./complex.js";
import { binary, compare, copy, fill, ofComplex, scalarView, unary } from "./elementwise.js";
import { putLanes } from "./lanes.js";
import {
  begin,
  checkedSize,
  knownDType,
  launch,
  launchTotal,
  put,
  putAddress,
  putDType,
  putOptional,
  putStride,
} from "./launch.js";

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
  if (a.dtype.isComplex) return reduceComplex(op, out, a, dims);
  const list = begin();
  if (op === "amax" || op === "amin") {
    const dtype = putDType(a.dtype);
    put(op === "amax" ? 1 : 0);
    putReduction(a, dtype, dims, out, dtype);
    return launch(runExtreme, list);
  }
  if (op === "logsumexp") {
    const dtype = putDType(a.dtype);
    putReduction(a, dtype, dims, out, dtype);
    return launch(runLogSumExp, list);
  }
  const code = foldCodes.get(op) as number;
  if (dims.length === a.sizes.length && foldAll(code, out, a)) return;
  put(code);
  const outType = putDType(out.dtype);
  const dtype = putDType(a.dtype);
  putReduction(a, dtype, dims, out, outType);
  launch(runFold, list);
}

/** Sums are those of the parts, and counts those of the numbers that are not 0. */
function reduceComplex(op: ReduceOp, out: ArrayView, a: ArrayView, dims: readonly number[]): void {
  if (op === "sum" || op === "mean") return reduce(op, partsOf(out), partsOf(a), dims);
  if (op === "prod") return multiplyAll(out, a, dims);
  if (op !== "any" && op !== "all" && op !== "countNonzero") {
    const names = { amax: "max_values_cpu", amin: "min_values_cpu", nansum: "nansum", logsumexp: "logsumexp" };
    throw notImplemented(names[op], a.dtype);
  }
  const isNonzero = temporary(a, bool);
  compare.ne(isNonzero, a, scalarView(0, a.dtype));
  reduce(op, out, isNonzero, dims);
  isNonzero.storage.release();
}

/** The product over dims: of halves of what is left, one with the other, until one number is left. */
function multiplyAll(out: ArrayView, a: ArrayView, dims: readonly number[]): void {
  let rest: ArrayView = a;
  const owned: ArrayView[] = [];
  for (const dim of dims) {
    for (let size = rest.sizes[dim] as number; size > 1; size = Math.ceil(size / 2)) {
      const half = Math.ceil(size / 2);
      const next = temporary({ ...rest, sizes: withDim(rest.sizes, dim, half) }, out.dtype);
      copy(next, alongDim(rest, dim, 0, half));
      const pairs = alongDim(next, dim, 0, size - half);
      binary.mul(pairs, pairs, cast(alongDim(rest, dim, half, size - half), out.dtype, owned));
      owned.push(next);
      rest = next;
    }
  }
  if (dims.some((dim) => rest.sizes[dim] === 0)) fill(out, 1);
  else copy(out, rest);
  for (const { storage } of owned) storage.release();
}

function alongDim(view: ArrayView, dim: number, from: number, size: number): ArrayView {
  const offset = view.offset + from * (view.strides[dim] as number);
  return { ...view, offset, sizes: withDim(view.sizes, dim, size), contiguousFlag: false };
}

function cast(view: ArrayView, dtype: DType, owned: ArrayView[]): ArrayView {
  if (view.dtype === dtype) return view;
  const copied = temporary(view, dtype);
  copy(copied, view);
  owned.push(copied);
  return copied;
}

/** Reduces all elements, if they stand without gaps. */
function foldAll(code: number, out: ArrayView, a: ArrayView): boolean {
  const [outType, dtype] = [knownDType(out.dtype), knownDType(a.dtype)];
  return launchTotal(runFold, code, outType.id, dtype.id, a, dtype, out, outType);
}

const runNorm = kernel("reduceNorm");

/** out = the p-norm over `dims` of a, which is floating; p may be 0 (the number of nonzeros) and ±Infinity. */
export function reduceNorm(out: ArrayView, a: ArrayView, dims: readonly number[], p: number): void {
  if (p === 0) return reduce("countNonzero", out, a, dims);
  if (a.dtype.isComplex) return normOfMagnitudes(out, a, dims, p);
  const list = begin();
  const outType = putDType(out.dtype);
  const dtype = putDType(a.dtype);
  put(p);
  putReduction(a, dtype, dims, out, outType);
  launch(runNorm, list);
}

function normOfMagnitudes(out: ArrayView, a: ArrayView, dims: readonly number[], p: number): void {
  const magnitudes = temporary(a, a.dtype.toReal());
  ofComplex("abs", magnitudes, a);
  reduceNorm(out, magnitudes, dims, p);
  magnitudes.storage.release();
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
  if (a.dtype.isComplex) return varOfParts(out, meanOut, a, dims, correction, takeSqrt);
  const list = begin();
  const dtype = putDType(a.dtype);
  put(correction);
  put(takeSqrt ? 1 : 0);
  put(meanOut ? 1 : 0);
  putReduction(a, dtype, dims, out, dtype, meanOut);
  launch(runVar, list);
}

/** The variance of complex numbers is real: those of both parts together. */
function varOfParts(
  out: ArrayView,
  meanOut: ArrayView | undefined,
  a: ArrayView,
  dims: readonly number[],
  correction: number,
  takeSqrt: boolean,
): void {
  const ofParts = temporary({ ...out, sizes: [...out.sizes, 2] }, out.dtype);
  reduceVar(ofParts, meanOut && partsOf(meanOut), partsOf(a), dims, correction, false);
  const sum: ArrayView = { ...out, sizes: [...out.sizes, 1], strides: [...out.strides, 1] };
  reduce("sum", sum, ofParts, [out.sizes.length]);
  if (takeSqrt) unary.sqrt(out, out);
  ofParts.storage.release();
}

const runIndex = kernel("reduceIndex");
const runIndexAll = kernel("reduceIndexAll");

/**
 * out (int64) = where the largest or smallest element along `dim` is, or with no dim the place in row-major
 * order of that of the whole tensor. The first of equal ones wins, and NaN wins over every number. There must
 * be an element.
 */
export function argReduce(op: "argmax" | "argmin", out: ArrayView, a: ArrayView, dim: number | undefined): void {
  const list = begin();
  const dtype = putDType(a.dtype);
  put(op === "argmax" ? 1 : 0);
  if (dim === undefined) {
    putReduction(a, dtype, undefined, out, int64);
    return launch(runIndexAll, list);
  }
  put(0);
  putLanes(dim, a.sizes, [out, int64, 1], [a, dtype], [out, int64, 1]);
  launch(runIndex, list);
}

/** values, indices (int64) = the largest or smallest element along `dim` and where it is, as `argReduce`. */
export function reduceWithIndex(
  op: "max" | "min",
  values: ArrayView,
  indices: ArrayView,
  a: ArrayView,
  dim: number,
): void {
  const list = begin();
  const dtype = putDType(a.dtype);
  put(op === "max" ? 1 : 0);
  put(1);
  putLanes(dim, a.sizes, [indices, int64, 1], [a, dtype], [values, dtype, 1]);
  launch(runIndex, list);
}

/**
 * Appends what `ReductionPlan` of kernels/reduce/plan.h reads: for each dim its size, the strides of the input and the
 * outputs and whether it is reduced, all of them unless `dims` says which, and then the addresses.
 */
function putReduction(
  a: ArrayView,
  dtype: DType,
  dims: readonly number[] | undefined,
  out: ArrayView,
  outType: DType,
  extra?: ArrayView,
): void {
  const ndim = a.sizes.length;
  if (!(ndim <= maxDims)) throw tooManyDims(ndim);
  put(ndim);
  let kept = 1;
  let reduced = 1;
  let last = 0;
  let lastOut = 0;
  let lastExtra = 0;
  for (let d = 0; d < ndim; d++) {
    const isReduced = dims === undefined || dims.includes(d);
    const size = checkedSize(a.sizes[d] as number);
    const outSize = isReduced ? 1 : size;
    if (isReduced) reduced *= size;
    else kept *= size;
    put(size);
    last += putStride(size, a.strides[d] as number);
    lastOut += putStride(outSize, out.strides[d] as number);
    lastExtra += putStride(outSize, extra === undefined ? 0 : (extra.strides[d] as number));
    put(isReduced ? 1 : 0);
  }
  checkedSize(kept);
  checkedSize(reduced);
  putAddress(out, outType, kept === 0 ? 0 : lastOut + 1);
  putOptional(extra, outType, kept === 0 ? 0 : lastExtra + 1);
  putAddress(a, dtype, kept * reduced === 0 ? 0 : last + 1);
}
