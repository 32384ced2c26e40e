/** The same elements again: `clone` and `detach`. */
import { type Operand, operand, tensor } from "../../arguments/params.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp, Op } from "../types.js";
import { copyOf } from "./factory.js";
import { format, type MemoryFormat } from "./memoryFormat.js";

/**
 * A copy with memory of its own; gradients flow through it.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.clone.html
 */
export const clone: Op<(input: Tensor, options?: { memoryFormat?: MemoryFormat }) => Tensor> = op({
  name: "clone",
  elementwise: true,
  params: { input: tensor, memoryFormat: format },
  forward: ({ input, memoryFormat: memory }) => copyOf(input, input.dtype, memory),
  derivative: { input: (grad) => grad },
});

/**
 * The same memory out of the graph: no gradient flows through it.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.detach.html
 */
export const detach: Op<(input: Tensor) => Tensor> = op({
  name: "detach",
  elementwise: true,
  params: { input: tensor },
  differentiable: false,
  forward: ({ input }) => input.viewOf(input.sizes, input.strides, input.offset),
});

/**
 * A copy all of whose elements are one value.
 *
 * @param value a number, or a tensor of no dims, which gets a gradient.
 * @example torch.fill(x, 0)
 */
export const fill: FunctionOp<(input: Tensor, value: Operand) => Tensor> = op({
  name: "fill",
  variants: "function",
  params: { input: tensor, value: operand },
  composite: ({ input, value }) =>
    value instanceof Tensor && value.sizes.length === 0 ? input.clone().copy_(value) : input.clone().fill_(value),
});
