/** What functions that make tensors share: their options, and the last touch to a fresh tensor. */

import { device, dtype as dtypeParam, flag, operand, optional, type Param } from "../../arguments/params.js";
import { isInferenceModeEnabled } from "../../autograd/modes.js";
import { fill } from "../../backend/kernels.js";
import { type DType, scalarTypeName } from "../../core/dtype.js";
import { checkSizes, extentOf, formatShape, isNonOverlappingAndDense, type Shape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { copyFrom } from "../copyInto.js";
import { emptyInOrder } from "../memoryOrder.js";
import { numberOf } from "../numbers.js";
import { resize } from "../out.js";
import { denseStridesLike, emptyResult } from "../pointwise/pointwise.js";
import type { Out, TensorOptions } from "../types.js";
import { type MemoryFormat, orderOf } from "./memoryFormat.js";

/** Options that every function which makes a tensor has. */
export const common = {
  dtype: optional(dtypeParam),
  device: optional(device),
  requiresGrad: flag,
};

/** Sizes, spread or in one array, then options. */
export type SizeArguments<O> =
  | [...size: number[]]
  | [...size: number[], options: O]
  | [size: readonly number[], options?: O];

/** Options of functions of a size. */
export type SizedOptions = TensorOptions & Out;

/** Options of the functions that make a tensor like another. */
export type LikeOptions = TensorOptions & { memoryFormat?: MemoryFormat };

/** The number that is given itself or as a tensor of one element. */
export function scalarOf(value: Scalar | Tensor): Scalar {
  if (!(value instanceof Tensor)) return value;
  return numberOf(value);
}

/** A new tensor whose elements are undefined until they are written. */
export function unfilled(size: readonly number[], dtype: DType): Tensor {
  checkSizes(size);
  return Tensor.empty([...size], dtype);
}

/** A new tensor with one value everywhere. */
export function filled(size: readonly number[], value: Scalar, dtype: DType): Tensor {
  const result = unfilled(size, dtype);
  fill(result, value);
  return result;
}

/** Applies what concerns autograd to a fresh tensor, or to the `out` in which its elements will be. */
export function finish(tensor: Tensor, requiresGrad: boolean, out: Tensor = tensor): Tensor {
  if (isInferenceModeEnabled()) tensor.inference = true;
  if (requiresGrad) out.requiresGrad = true;
  return tensor;
}

/** A tensor of the shape, dtype and order of dims of another, unless options say otherwise. */
export function emptyLikeWith(input: Tensor, dtype: DType | undefined, format: MemoryFormat | undefined): Tensor {
  const target = dtype ?? input.dtype;
  const order = format === undefined ? undefined : orderOf(format, input.sizes.length);
  if (order !== undefined) return emptyInOrder(input.sizes, order, target);
  const keepsOrder = (format ?? "preserve") === "preserve" && isNonOverlappingAndDense(input.sizes, input.strides);
  if (!keepsOrder || input.contiguousFlag) return Tensor.empty(input.sizes, target);
  return Tensor.emptyStrided(input.sizes, denseStridesLike(input), target, input.numel());
}

/** The tensor that is to be filled: `out` in the wanted size, or a new one. */
export function target(size: readonly number[], dtype: DType, out: Tensor | undefined): Tensor {
  if (out === undefined) return unfilled(size, dtype);
  checkSizes(size);
  resize(out, size);
  return out;
}

/** The dtype that is asked for, by name or by `out`; throws if they differ. */
export function dtypeFor(dtype: DType | undefined, out: Tensor | undefined, otherwise: DType): DType {
  if (out !== undefined && dtype !== undefined && dtype !== out.dtype) {
    throw new Error(
      `dtype ${scalarTypeName(dtype)} does not match dtype of out parameter (${scalarTypeName(out.dtype)})`,
    );
  }
  return out?.dtype ?? dtype ?? otherwise;
}

/** A number, or a tensor of one element in its place. */
export const scalarOrTensor: Param<Scalar | Tensor> = operand;

/** Makes the elements of a tensor of a size. */
export type Make = (size: readonly number[], dtype: DType) => Tensor;

export const ofZeros: Make = (size, dtype) => filled(size, 0, dtype);
export const ofOnes: Make = (size, dtype) => filled(size, 1, dtype);

/** A tensor with undefined elements over memory that is just large enough for its strides. */
export function withStrides(size: Shape, stride: Shape, dtype: DType): Tensor {
  checkSizes(size);
  if (size.length !== stride.length) {
    throw new Error(`dimensionality of sizes (${size.length}) must match dimensionality of strides (${stride.length})`);
  }
  if (stride.some((step) => step < 0)) throw new RangeError(`strides must not be negative, got ${formatShape(stride)}`);
  return Tensor.emptyStrided([...size], [...stride], dtype, extentOf(size, stride));
}

/** A copy in a dtype, with memory of its own, in the order of the input's memory unless another is asked for. */
export function copyOf(input: Tensor, dtype: DType, memory: MemoryFormat | undefined): Tensor {
  const order = memory === undefined ? undefined : orderOf(memory, input.sizes.length);
  const keepsOrder =
    order === undefined &&
    !input.contiguousFlag &&
    memory !== "contiguous" &&
    isNonOverlappingAndDense(input.sizes, input.strides);
  const result = keepsOrder ? emptyResult(input.sizes, dtype, [input]) : emptyInOrder(input.sizes, order, dtype);
  copyFrom(result, input);
  return result;
}
