/** Writing a result into memory that a tensor already has. */
import { copy } from "../backend/cpu/elementwise.js";
import { canCast, type DType, scalarTypeName } from "../core/dtype.js";
import { broadcastShapes, extentOf, formatShape, isNonOverlappingAndDense, numelOf, sameShape } from "../core/shape.js";
import type { Tensor } from "../core/tensor.js";

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

/** Throws if several elements of a tensor that is to be changed share one place in memory. */
export function checkNoInternalOverlap(target: Tensor): void {
  if (target.contiguousFlag) return;
  if (target.sizes.some((size, d) => size > 1 && target.strides[d] === 0) && numelOf(target.sizes) > 0) {
    throw new Error(
      "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.",
    );
  }
}

/** Throws if an input shares part of the memory of the output without being the very same view of it. */
export function checkNoPartialOverlap(target: Tensor, input: Tensor): void {
  if (target.storage !== input.storage || target === input) return;
  if (
    target.offset === input.offset &&
    sameShape(target.sizes, input.sizes) &&
    sameShape(target.strides, input.strides)
  )
    return;
  if (!isNonOverlappingAndDense(target.sizes, target.strides) || !isNonOverlappingAndDense(input.sizes, input.strides))
    return;
  const targetEnd = target.offset + extentOf(target.sizes, target.strides);
  const inputEnd = input.offset + extentOf(input.sizes, input.strides);
  if (target.offset < inputEnd && input.offset < targetEnd) {
    throw new Error(
      "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation.",
    );
  }
}

/**
 * Throws if the elements of a tensor cannot be copied into another: shapes that do not broadcast, places of memory
 * that are shared, memory that is gone.
 */
export function checkCopy(target: Tensor, source: Tensor): void {
  checkWritable(target, source.sizes);
  checkNoPartialOverlap(target, source);
  target.storage.pointer();
  source.storage.pointer();
}

/** Copies a result into a tensor that is changed in place; it broadcasts and is converted. */
export function copyInto(target: Tensor, result: Tensor): void {
  checkCast(result.dtype, target.dtype);
  checkWritable(target, result.sizes);
  copy(target, result);
}
