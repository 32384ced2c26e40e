/**
 * Tensors of one value, or with elements that are still undefined.
 *
 * Source: https://pytorch.org/docs/stable/torch.html#creation-ops
 */
import { ints, optional, scalar, spreadInts, tensor as tensorParam } from "../../arguments/params.js";
import { fill } from "../../backend/kernels.js";
import { type DType, getDefaultDtype } from "../../core/dtype.js";
import { dtypeOfScalar } from "../../core/promotion.js";
import { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { op } from "../define.js";
import type { FunctionOp, TensorOptions } from "../types.js";
import {
  common,
  dtypeFor,
  emptyLikeWith,
  filled,
  finish,
  type LikeOptions,
  type Make,
  ofOnes,
  ofZeros,
  type SizeArguments,
  type SizedOptions,
  scalarOf,
  scalarOrTensor,
  unfilled,
} from "./factory.js";
import { type MemoryFormat, memoryFormat } from "./memoryFormat.js";

/** A function of a size. */
function sizedOp(name: string, make: Make): FunctionOp<(...args: SizeArguments<SizedOptions>) => Tensor> {
  return op({
    name,
    variants: "function",
    params: { size: spreadInts, ...common },
    out: "cast",
    forward: ({ size, dtype, requiresGrad }, out) =>
      finish(make(size, dtypeFor(dtype, out, getDefaultDtype())), requiresGrad, out),
  });
}

/**
 * A tensor of zeros.
 *
 * @example torch.zeros(2, 3, { dtype: torch.int64 })
 * @see https://pytorch.org/docs/stable/generated/torch.zeros.html
 */
export const zeros: FunctionOp<(...args: SizeArguments<SizedOptions>) => Tensor> = sizedOp("zeros", ofZeros);

/**
 * A tensor of ones.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.ones.html
 */
export const ones: FunctionOp<(...args: SizeArguments<SizedOptions>) => Tensor> = sizedOp("ones", ofOnes);

/**
 * A tensor whose elements are undefined until they are written.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.empty.html
 */
export const empty: FunctionOp<(...args: SizeArguments<SizedOptions>) => Tensor> = sizedOp("empty", unfilled);

/**
 * A tensor with one value everywhere; its dtype follows the value (a number gives the default dtype).
 *
 * @example torch.full([2, 3], 3.14)
 * @see https://pytorch.org/docs/stable/generated/torch.full.html
 */
export const full: FunctionOp<(size: readonly number[], fillValue: Scalar | Tensor, options?: SizedOptions) => Tensor> =
  op({
    name: "full",
    variants: "function",
    params: { size: ints, fillValue: scalarOrTensor, ...common },
    out: "cast",
    forward: ({ size, fillValue, dtype, requiresGrad }, out) =>
      finish(filled(size, scalarOf(fillValue), dtypeFor(dtype, out, dtypeOfValue(fillValue))), requiresGrad, out),
  });

/** The dtype of a tensor that is made from one value. */
function dtypeOfValue(value: Scalar | Tensor): DType {
  if (value instanceof Tensor) return value.dtype;
  return typeof value === "number" ? getDefaultDtype() : dtypeOfScalar(value);
}

/**
 * A 0-d tensor of a number.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.scalar_tensor.html
 */
export const scalarTensor: FunctionOp<(value: Scalar, options?: TensorOptions) => Tensor> = op({
  name: "scalarTensor",
  variants: "function",
  params: { value: scalar, ...common },
  forward: ({ value, dtype, requiresGrad }) => finish(filled([], value, dtype ?? dtypeOfValue(value)), requiresGrad),
});

function filledLike(input: Tensor, value: Scalar, dtype: DType | undefined, format: MemoryFormat | undefined): Tensor {
  const result = emptyLikeWith(input, dtype, format);
  fill(result, value);
  return result;
}

/** A function of a tensor whose shape and dtype the result takes. */
function likeOp(
  name: string,
  make: (input: Tensor, dtype: DType | undefined, format: MemoryFormat | undefined) => Tensor,
): FunctionOp<(input: Tensor, options?: LikeOptions) => Tensor> {
  return op({
    name,
    elementwise: true,
    variants: "function",
    params: { input: tensorParam, ...common, memoryFormat: optional(memoryFormat) },
    differentiable: false,
    forward: ({ input, dtype, memoryFormat: format, requiresGrad }) => finish(make(input, dtype, format), requiresGrad),
  });
}

/**
 * Zeros in the shape and dtype of another tensor.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.zeros_like.html
 */
export const zerosLike: FunctionOp<(input: Tensor, options?: LikeOptions) => Tensor> = likeOp(
  "zerosLike",
  (input, dtype, format) => filledLike(input, 0, dtype, format),
);

/**
 * Ones in the shape and dtype of another tensor.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.ones_like.html
 */
export const onesLike: FunctionOp<(input: Tensor, options?: LikeOptions) => Tensor> = likeOp(
  "onesLike",
  (input, dtype, format) => filledLike(input, 1, dtype, format),
);

/**
 * One value in the shape and dtype of another tensor.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.full_like.html
 */
export const fullLike: FunctionOp<(input: Tensor, fillValue: Scalar | Tensor, options?: LikeOptions) => Tensor> = op({
  name: "fullLike",
  elementwise: true,
  variants: "function",
  params: { input: tensorParam, fillValue: scalarOrTensor, ...common, memoryFormat: optional(memoryFormat) },
  differentiable: false,
  forward: ({ input, fillValue, dtype, memoryFormat: format, requiresGrad }) =>
    finish(filledLike(input, scalarOf(fillValue), dtype, format), requiresGrad),
});

/**
 * Undefined elements in the shape and dtype of another tensor.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.empty_like.html
 */
export const emptyLike: FunctionOp<(input: Tensor, options?: LikeOptions) => Tensor> = likeOp(
  "emptyLike",
  emptyLikeWith,
);
