/**
 * Tensors of one value, or with elements that are still undefined.
 *
 * Source: https://pytorch.org/docs/stable/torch.html#creation-ops
 */
import {
  ints,
  operand,
  optional,
  type Param,
  scalar,
  spreadInts,
  tensor as tensorParam,
} from "../../arguments/params.js";
import { fill } from "../../backend/cpu/elementwise.js";
import type { Scalar } from "../../backend/view.js";
import { type DType, getDefaultDtype } from "../../core/dtype.js";
import { dtypeOfScalar } from "../../core/promotion.js";
import { checkSizes } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp, MethodOp, TensorOptions } from "../types.js";
import {
  common,
  dtypeFor,
  emptyLikeWith,
  filled,
  finish,
  type LikeOptions,
  type SizeArguments,
  type SizedOptions,
  scalarOf,
} from "./factory.js";
import { type MemoryFormat, memoryFormat } from "./memoryFormat.js";

/** A number, or a tensor of one element in its place. */
const scalarOrTensor: Param<Scalar | Tensor> = operand;

const sized = { size: spreadInts, ...common };

/**
 * A tensor of zeros.
 *
 * @example torch.zeros(2, 3, { dtype: torch.int64 })
 * @see https://pytorch.org/docs/stable/generated/torch.zeros.html
 */
export const zeros: FunctionOp<(...args: SizeArguments<SizedOptions>) => Tensor> = op({
  name: "zeros",
  variants: "function",
  params: sized,
  out: "cast",
  forward: ({ size, dtype, requiresGrad }, out) =>
    finish(filled(size, 0, dtypeFor(dtype, out, getDefaultDtype())), requiresGrad, out),
});

/**
 * A tensor of ones.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.ones.html
 */
export const ones: FunctionOp<(...args: SizeArguments<SizedOptions>) => Tensor> = op({
  name: "ones",
  variants: "function",
  params: sized,
  out: "cast",
  forward: ({ size, dtype, requiresGrad }, out) =>
    finish(filled(size, 1, dtypeFor(dtype, out, getDefaultDtype())), requiresGrad, out),
});

/**
 * A tensor whose elements are undefined until they are written.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.empty.html
 */
export const empty: FunctionOp<(...args: SizeArguments<SizedOptions>) => Tensor> = op({
  name: "empty",
  variants: "function",
  params: sized,
  out: "cast",
  forward: ({ size, dtype, requiresGrad }, out) => {
    checkSizes(size);
    return finish(Tensor.empty([...size], dtypeFor(dtype, out, getDefaultDtype())), requiresGrad, out);
  },
});

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

const like = { input: tensorParam, ...common, memoryFormat: optional(memoryFormat) };

function filledLike(input: Tensor, value: Scalar, dtype: DType | undefined, format: MemoryFormat | undefined): Tensor {
  const result = emptyLikeWith(input, dtype, format);
  fill(result, value);
  return result;
}

/**
 * Zeros in the shape and dtype of another tensor.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.zeros_like.html
 */
export const zerosLike: FunctionOp<(input: Tensor, options?: LikeOptions) => Tensor> = op({
  name: "zerosLike",
  variants: "function",
  params: like,
  composite: ({ input, dtype, memoryFormat: format, requiresGrad }) =>
    finish(filledLike(input, 0, dtype, format), requiresGrad),
});

/**
 * Ones in the shape and dtype of another tensor.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.ones_like.html
 */
export const onesLike: FunctionOp<(input: Tensor, options?: LikeOptions) => Tensor> = op({
  name: "onesLike",
  variants: "function",
  params: like,
  composite: ({ input, dtype, memoryFormat: format, requiresGrad }) =>
    finish(filledLike(input, 1, dtype, format), requiresGrad),
});

/**
 * One value in the shape and dtype of another tensor.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.full_like.html
 */
export const fullLike: FunctionOp<(input: Tensor, fillValue: Scalar | Tensor, options?: LikeOptions) => Tensor> = op({
  name: "fullLike",
  variants: "function",
  params: { input: tensorParam, fillValue: scalarOrTensor, ...common, memoryFormat: optional(memoryFormat) },
  composite: ({ input, fillValue, dtype, memoryFormat: format, requiresGrad }) =>
    finish(filledLike(input, scalarOf(fillValue), dtype, format), requiresGrad),
});

/**
 * Undefined elements in the shape and dtype of another tensor.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.empty_like.html
 */
export const emptyLike: FunctionOp<(input: Tensor, options?: LikeOptions) => Tensor> = op({
  name: "emptyLike",
  variants: "function",
  params: like,
  composite: ({ input, dtype, memoryFormat: format, requiresGrad }) =>
    finish(emptyLikeWith(input, dtype, format), requiresGrad),
});

const newSized = { input: tensorParam, size: spreadInts, ...common };

/**
 * Zeros of the dtype of this tensor, in a shape of their own.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.new_zeros.html
 */
export const newZeros: MethodOp<(input: Tensor, ...args: SizeArguments<TensorOptions>) => Tensor> = op({
  name: "newZeros",
  variants: "method",
  params: newSized,
  composite: ({ input, size, dtype, requiresGrad }) => finish(filled(size, 0, dtype ?? input.dtype), requiresGrad),
});

/** Ones of the dtype of this tensor, in a shape of their own. */
export const newOnes: MethodOp<(input: Tensor, ...args: SizeArguments<TensorOptions>) => Tensor> = op({
  name: "newOnes",
  variants: "method",
  params: newSized,
  composite: ({ input, size, dtype, requiresGrad }) => finish(filled(size, 1, dtype ?? input.dtype), requiresGrad),
});

/** Undefined elements of the dtype of this tensor, in a shape of their own. */
export const newEmpty: MethodOp<(input: Tensor, ...args: SizeArguments<TensorOptions>) => Tensor> = op({
  name: "newEmpty",
  variants: "method",
  params: newSized,
  composite: ({ input, size, dtype, requiresGrad }) => {
    checkSizes(size);
    return finish(Tensor.empty([...size], dtype ?? input.dtype), requiresGrad);
  },
});

/** One value in the dtype of this tensor, in a shape of its own. */
export const newFull: MethodOp<
  (input: Tensor, size: readonly number[], fillValue: Scalar | Tensor, options?: TensorOptions) => Tensor
> = op({
  name: "newFull",
  variants: "method",
  params: { input: tensorParam, size: ints, fillValue: scalarOrTensor, ...common },
  composite: ({ input, size, fillValue, dtype, requiresGrad }) =>
    finish(filled(size, scalarOf(fillValue), dtype ?? input.dtype), requiresGrad),
});
