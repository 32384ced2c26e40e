/**
 * Kernels that select by a mask. Elements are visited in row-major order whatever the strides; a mask broadcasts.
 */
import { Complex } from "../../core/complex.js";
import { bool, int64 } from "../../core/dtype.js";
import { contiguousStrides, numelOf } from "../../core/shape.js";
import type { ArrayView, Scalar } from "../../core/view.js";
import { kernel } from "./block.js";
import { where } from "./elementwise.js";
import { broadcastStrides, geometryOf, putFlatDims } from "./indexing-launch.js";
import {
  begin,
  checkedSize,
  knownDType,
  launch,
  put,
  putAddress,
  putBroadcast,
  putDType,
  putNowhere,
  putScalar,
  putShape,
  putStride,
  putStrided,
  reachOf,
  resultAt,
  status,
} from "./launch.js";

const runCountNonzeroElements = kernel("countNonzeroElements");

/** The number of elements that are not zero, and so the rows of `nonzero`. */
export function countNonzeroElements(a: ArrayView): number {
  const list = begin();
  putMask(a, a.sizes);
  launch(runCountNonzeroElements, list);
  return resultAt(0);
}

const runNonzero = kernel("nonzero");

/** The coordinates of the elements of `a` that are not zero, in row-major order; `out` is int64 [count, ndim]. */
export function nonzero(out: ArrayView, a: ArrayView): void {
  const shape = [...a.sizes];
  const table = geometryOf(out);
  const list = begin();
  putMask(a, shape);
  putShape(shape);
  const sizes = [table.sizes[0] as number, shape.length];
  putAddress(out, int64, reachOf(sizes, table.strides) + 1);
  put(checkedSize(sizes[0] as number));
  putStride(sizes[0] as number, table.strides[0] as number);
  putStride(shape.length, table.strides[1] as number);
  launch(runNonzero, list);
  checkCount();
}

const runMaskedSelect = kernel("maskedSelect");

/**
 * The elements of `a` where `mask` is set, in row-major order; both broadcast to `shape`, that of `a` unless given.
 * `out` has one dim, of the counted size.
 */
export function maskedSelect(out: ArrayView, a: ArrayView, mask: ArrayView, shape: readonly number[] = a.sizes): void {
  const sizes = [...shape];
  const from = { sizes, strides: broadcastStrides(a, sizes) };
  const selected = geometryOf(out);
  const list = begin();
  putMask(mask, sizes);
  const dtype = knownDType(a.dtype);
  put(dtype.itemsize);
  putAddress(out, dtype, reachOf(selected.sizes, selected.strides) + 1);
  put(checkedSize(selected.sizes[0] as number));
  put(selected.strides[0] as number);
  putAddress(a, dtype, reachOf(sizes, from.strides) + 1);
  putFlatDims(from);
  launch(runMaskedSelect, list);
  checkCount();
}

const runMaskedScatter = kernel("maskedScatter");

/** Copies the elements of `source`, in row-major order, to where `mask`, which broadcasts to `self`, is set. */
export function maskedScatter(self: ArrayView, mask: ArrayView, source: ArrayView): void {
  const [to, from] = [geometryOf(self), geometryOf(source)];
  const list = begin();
  putMask(mask, to.sizes);
  const dtype = knownDType(self.dtype);
  put(dtype.itemsize);
  put(checkedSize(numelOf(from.sizes)));
  putAddress(self, dtype, reachOf(to.sizes, to.strides) + 1);
  putFlatDims(to);
  putAddress(source, dtype, reachOf(from.sizes, from.strides) + 1);
  putFlatDims(from);
  launch(runMaskedScatter, list);
  if (status() !== 0) throw new Error("Number of elements of source < number of ones in mask");
}

const runMaskedFill = kernel("maskedFill");

/** Sets the elements of `self` where the bool `mask`, which broadcasts to it, is set; a view of a value broadcasts too. */
export function maskedFill(self: ArrayView, mask: ArrayView, value: ArrayView | Scalar): void {
  if (typeof value === "object" && !(value instanceof Complex)) {
    where(self, mask, value, self);
    return;
  }
  const list = begin();
  const dtype = putDType(self.dtype);
  putScalar(value, dtype);
  putShape(self.sizes);
  putStrided(self, dtype, self.strides);
  putBroadcast(mask, bool);
  launch(runMaskedFill, list);
}

const runClearTriangle = kernel("clearTriangle");

/** Sets to zero what lies above (`keepsLower`) or below a diagonal of the matrices in the last two dims. */
export function clearTriangle(self: ArrayView, diagonal: number, keepsLower: boolean): void {
  const { sizes, strides } = self;
  const [rows, columns] = sizes.slice(-2) as [number, number];
  const [rowStride, columnStride] = strides.slice(-2) as [number, number];
  const list = begin();
  const dtype = knownDType(self.dtype);
  put(dtype.itemsize);
  put(keepsLower ? 1 : 0);
  put(diagonal);
  put(checkedSize(rows));
  putStride(rows, rowStride);
  put(checkedSize(columns));
  putStride(columns, columnStride);
  putShape(sizes.slice(0, -2));
  putStrided(self, dtype, strides.slice(0, -2), reachOf([rows, columns], [rowStride, columnStride]));
  launch(runClearTriangle, list);
}

/** Throws where a mask no longer has as many elements set as were counted. */
function checkCount(): void {
  if (status() !== 0) throw new Error("the mask was changed by another thread while it was read");
}

/** Appends what `MaskBytes` of kernels/indexing/mask.h reads. */
function putMask(mask: ArrayView, shape: readonly number[]): void {
  const dtype = putDType(mask.dtype);
  const numel = numelOf(shape);
  const isRun = mask.contiguousFlag && numelOf(mask.sizes) === numel;
  put(isRun ? 1 : 0);
  putShape(isRun ? [numel] : shape);
  putNowhere(isRun ? [1] : contiguousStrides(shape));
  if (isRun) putStrided(mask, dtype, [1]);
  else putBroadcast(mask, dtype);
}
