/** Methods that make tensors of the dtype of theirs: `newTensor`, `newZeros`, `newEmptyStrided`, … */
import { ints, spreadInts, tensor as tensorParam } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { op } from "../define.js";
import type { MethodOp, TensorOptions } from "../types.js";
import {
  common,
  filled,
  finish,
  type Make,
  ofOnes,
  ofZeros,
  type SizeArguments,
  scalarOf,
  scalarOrTensor,
  unfilled,
  withStrides,
} from "./factory.js";
import { anyData, fromData, type TensorData } from "./fromData.js";

/** A copy of data in the dtype of this tensor. */
export const newTensor: MethodOp<(input: Tensor, data: TensorData, options?: TensorOptions) => Tensor> = op({
  name: "newTensor",
  variants: "method",
  params: { input: tensorParam, data: anyData, ...common },
  differentiable: false,
  forward: ({ input, data, dtype, requiresGrad }) => finish(fromData(data, dtype ?? input.dtype), requiresGrad),
});

/** A method that makes a tensor of its dtype, in a size of its own. */
function newOp(name: string, make: Make): MethodOp<(input: Tensor, ...args: SizeArguments<TensorOptions>) => Tensor> {
  return op({
    name,
    variants: "method",
    params: { input: tensorParam, size: spreadInts, ...common },
    differentiable: false,
    forward: ({ input, size, dtype, requiresGrad }) => finish(make(size, dtype ?? input.dtype), requiresGrad),
  });
}

/**
 * Zeros of the dtype of this tensor, in a shape of their own.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.new_zeros.html
 */
export const newZeros: MethodOp<(input: Tensor, ...args: SizeArguments<TensorOptions>) => Tensor> = newOp(
  "newZeros",
  ofZeros,
);

/** Ones of the dtype of this tensor, in a shape of their own. */
export const newOnes: MethodOp<(input: Tensor, ...args: SizeArguments<TensorOptions>) => Tensor> = newOp(
  "newOnes",
  ofOnes,
);

/** Undefined elements of the dtype of this tensor, in a shape of their own. */
export const newEmpty: MethodOp<(input: Tensor, ...args: SizeArguments<TensorOptions>) => Tensor> = newOp(
  "newEmpty",
  unfilled,
);

/** One value in the dtype of this tensor, in a shape of its own. */
export const newFull: MethodOp<
  (input: Tensor, size: readonly number[], fillValue: Scalar | Tensor, options?: TensorOptions) => Tensor
> = op({
  name: "newFull",
  variants: "method",
  params: { input: tensorParam, size: ints, fillValue: scalarOrTensor, ...common },
  differentiable: false,
  forward: ({ input, size, fillValue, dtype, requiresGrad }) =>
    finish(filled(size, scalarOf(fillValue), dtype ?? input.dtype), requiresGrad),
});

/** `emptyStrided` in the dtype of this tensor. */
export const newEmptyStrided: MethodOp<
  (input: Tensor, size: readonly number[], stride: readonly number[], options?: TensorOptions) => Tensor
> = op({
  name: "newEmptyStrided",
  variants: "method",
  params: { input: tensorParam, size: ints, stride: ints, ...common },
  composite: ({ input, size, stride, dtype, requiresGrad }) =>
    finish(withStrides(size, stride, dtype ?? input.dtype), requiresGrad),
});
