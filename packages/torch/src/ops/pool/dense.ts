/** Pooling kernels take tensors without gaps; results lie in memory as their inputs do. */
import { copy } from "../../backend/kernels.js";
import type { Shape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { emptyInOrder, memoryOrder } from "../memoryOrder.js";

/** The tensor, or a copy of it without gaps. Not recorded. */
export function dense(input: Tensor): Tensor {
  if (input.contiguousFlag) return input;
  const result = Tensor.empty(input.sizes, input.dtype);
  copy(result, input);
  return result;
}

/** The elements of a new tensor in the order of dims in which those of an input lie. */
export function inOrderOf(like: { readonly sizes: Shape; readonly strides: Shape }, made: Tensor): Tensor {
  const order = memoryOrder(like);
  if (order === undefined) return made;
  const result = emptyInOrder(made.sizes, order, made.dtype);
  copy(result, made);
  return result;
}
