/** What functions that make tensors share: their options, and the last touch to a fresh tensor. */
import { device, dtype as dtypeParam, flag, optional } from "../../arguments/params.js";
import { isInferenceModeEnabled } from "../../autograd/modes.js";
import { fill } from "../../backend/cpu/elementwise.js";
import { type DType, int64, scalarTypeName } from "../../core/dtype.js";
import { checkSizes, isNonOverlappingAndDense } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { resize } from "../out.js";
import { denseStridesLike } from "../pointwise/pointwise.js";
import type { Out, TensorOptions } from "../types.js";
import type { MemoryFormat } from "./memoryFormat.js";

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
  return value.dtype === int64 ? value.itemBigInt() : value.item();
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
