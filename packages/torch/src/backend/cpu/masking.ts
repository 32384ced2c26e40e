/**
 * Kernels that select by a mask. Elements are visited in row-major order whatever the strides; a mask broadcasts.
 */
import { contiguousStrides, numelOf } from "../../core/shape.js";
import type { ArrayView, Scalar } from "../../core/view.js";
import { kernel } from "../native.js";
import { broadcastStrides, putFlatDims, putStrided } from "./indexing-launch.js";
import { begin, put, putAddress, putBroadcast, putList, putScalar, resultAt, status } from "./launch.js";

const runCountNonzeroElements = kernel("countNonzeroElements");

/** The number of elements that are not zero, and so the rows of `nonzero`. */
export function countNonzeroElements(a: ArrayView): number {
  begin();
  putMask(a, a.sizes);
  runCountNonzeroElements();
  return resultAt(0);
}

const runNonzero = kernel("nonzero");

/** The coordinates of the elements of `a` that are not zero, in row-major order; `out` is int64 [count, ndim]. */
export function nonzero(out: ArrayView, a: ArrayView): void {
  begin();
  putMask(a, a.sizes);
  put(a.sizes.length);
  putList(a.sizes);
  putAddress(out);
  put(out.sizes[0] as number);
  putList(out.strides);
  runNonzero();
}

const runMaskedSelect = kernel("maskedSelect");

/**
 * The elements of `a` where `mask` is set, in row-major order; both broadcast to `shape`, that of `a` unless given.
 * `out` has one dim, of the counted size.
 */
export function maskedSelect(out: ArrayView, a: ArrayView, mask: ArrayView, shape: readonly number[] = a.sizes): void {
  begin();
  putMask(mask, shape);
  put(a.dtype.itemsize);
  putAddress(out);
  put(out.sizes[0] as number);
  put(out.strides[0] as number);
  putAddress(a);
  putFlatDims(shape, broadcastStrides(a, shape));
  runMaskedSelect();
}

const runMaskedScatter = kernel("maskedScatter");

/** Copies the elements of `source`, in row-major order, to where `mask`, which broadcasts to `self`, is set. */
export function maskedScatter(self: ArrayView, mask: ArrayView, source: ArrayView): void {
  begin();
  putMask(mask, self.sizes);
  put(self.dtype.itemsize);
  put(numelOf(source.sizes));
  putAddress(self);
  putFlatDims(self.sizes, self.strides);
  putAddress(source);
  putFlatDims(source.sizes, source.strides);
  runMaskedScatter();
  if (status() !== 0) throw new Error("Number of elements of source < number of ones in mask");
}

const runMaskedFill = kernel("maskedFill");

/** Sets the elements of `self` where the bool `mask`, which broadcasts to it, is set. */
export function maskedFill(self: ArrayView, mask: ArrayView, value: Scalar): void {
  begin();
  put(self.dtype.id);
  putScalar(value, self.dtype);
  put(self.sizes.length);
  putList(self.sizes);
  putStrided(self, self.strides);
  putBroadcast(mask, self.sizes);
  runMaskedFill();
}

/** Appends what `MaskBytes` of kernels/indexing/mask.h reads. */
function putMask(mask: ArrayView, shape: readonly number[]): void {
  put(mask.dtype.id);
  if (mask.contiguousFlag && numelOf(mask.sizes) === numelOf(shape)) {
    put(1);
    put(1);
    put(numelOf(shape));
    put(0);
    put(1);
    putAddress(mask);
    put(1);
    return;
  }
  put(0);
  put(shape.length);
  putList(shape);
  put(0);
  putList(contiguousStrides(shape));
  putBroadcast(mask, shape);
}
