/** Writing a result into memory that a tensor already has. */
import { copy } from "../backend/kernels.js";
import { copyAcross } from "../backend/reading.js";
import { canCast, type DType, scalarTypeName } from "../core/dtype.js";
import { broadcastShapes, formatShape, sameShape } from "../core/shape.js";
import type { Tensor } from "../core/tensor.js";
import { checkNoInternalOverlap, checkNoPartialOverlap } from "./overlap.js";

/** Throws if values of one dtype may not be stored in another. */
export function checkCast(from: DType, to: DType): void {
  if (!canCast(from, to)) {
    throw new Error(
      `result type ${scalarTypeName(from)} can't be cast to the desired output type ${scalarTypeName(to)}`,
    );
  }
}

/** Throws if a result of the given shape does not fit into the tensor that is to be changed. */
export function checkWritable(target: Tensor, shape: readonly number[]): void {
  if (!sameShape(target.sizes, shape)) {
    if (!sameShape(broadcastShapes(target.sizes, shape), target.sizes)) {
      throw new Error(
        `output with shape ${formatShape(target.sizes)} doesn't match the broadcast shape ${formatShape(broadcastShapes(target.sizes, shape))}`,
      );
    }
  }
  checkNoInternalOverlap(target);
}

/**
 * Throws if the elements of a tensor cannot be copied into another: shapes that do not broadcast, places of memory
 * that are shared, memory that is gone.
 */
export function checkCopy(target: Tensor, source: Tensor): void {
  checkWritable(target, source.sizes);
  checkNoPartialOverlap(target, source);
}

/** Copies the elements of a tensor, which broadcasts and is converted, and may be on another device. */
export function copyFrom(target: Tensor, source: Tensor): void {
  if (target.device === source.device) copy(target, source);
  else copyAcross(target, source);
}

/** Copies a result into a tensor that is changed in place; it broadcasts and is converted. */
export function copyInto(target: Tensor, result: Tensor): void {
  checkCast(result.dtype, target.dtype);
  checkWritable(target, result.sizes);
  copy(target, result);
}
