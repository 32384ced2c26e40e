/**
 * A convolution with what often stands behind it in one kernel, for where nobody wants a gradient: a batch norm by its
 * running statistics, a sum with another tensor, and an activation that is made of straight lines.
 */
import { int, ints, nullable, number, tensor, word } from "../../arguments/params.js";
import { type ClampedActivation, copy, finishedConvolution as kernel } from "../../backend/kernels.js";
import { sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { emptyInOrder, memoryOrder } from "../memoryOrder.js";
import type { FunctionOp } from "../types.js";
import { checkConvolution, resultSizes } from "./geometry.js";

const infinity = Number.POSITIVE_INFINITY;

const activations = {
  relu: { offset: 0, low: 0, high: infinity, factor: 1, multiplies: false },
  relu6: { offset: 0, low: 0, high: 6, factor: 1, multiplies: false },
  hardsigmoid: { offset: 3, low: 0, high: 6, factor: 1 / 6, multiplies: false },
  hardswish: { offset: 3, low: 0, high: 6, factor: 1 / 6, multiplies: true },
} as const satisfies Record<string, ClampedActivation>;

/** The activations that run together with a convolution. */
export type JoinedActivation = keyof typeof activations;

/** A tensor of the same values that lies in memory as another one of its shape does. */
function laidOutAs(like: Tensor, tensor: Tensor): Tensor {
  if (sameShape(tensor.strides, like.strides)) return tensor;
  const result = Tensor.emptyStrided(like.sizes, like.strides, like.dtype, like.numel());
  copy(result, tensor);
  return result;
}

/**
 * `activation(norm(convolution(input)) + added)`, of float32 or float64. The lists have one number for each dim of the kernel; what is
 * added has the shape of the result.
 */
export const finishedConvolution: FunctionOp<
  (
    input: Tensor,
    weight: Tensor,
    bias: Tensor | null,
    stride: readonly number[],
    padding: readonly number[],
    dilation: readonly number[],
    groups: number,
    runningMean: Tensor | null,
    runningVar: Tensor | null,
    normWeight: Tensor | null,
    normBias: Tensor | null,
    eps: number,
    added: Tensor | null,
    activation: JoinedActivation | null,
  ) => Tensor
> = op({
  name: "finishedConvolution",
  variants: "function",
  params: {
    input: tensor,
    weight: tensor,
    bias: nullable(tensor),
    stride: ints,
    padding: ints,
    dilation: ints,
    groups: int,
    runningMean: nullable(tensor),
    runningVar: nullable(tensor),
    normWeight: nullable(tensor),
    normBias: nullable(tensor),
    eps: number,
    added: nullable(tensor),
    activation: nullable(word<JoinedActivation>("relu", "relu6", "hardsigmoid", "hardswish")),
  },
  forward: ({ input, weight, bias, runningMean, runningVar, normWeight, normBias, eps, added, ...rest }) => {
    const settings = { ...rest, transposed: false, outputPadding: rest.stride.map(() => 0) };
    checkConvolution(input, weight, bias, settings);
    const order = memoryOrder(input) ?? memoryOrder(weight);
    const result = emptyInOrder(resultSizes(input.sizes, weight.sizes, settings), order, input.dtype);
    kernel(result, input, weight, bias ?? undefined, settings, {
      norm:
        runningMean === null || runningVar === null
          ? undefined
          : [runningMean, runningVar, normWeight ?? undefined, normBias ?? undefined],
      eps,
      added: added === null ? undefined : laidOutAs(result, added),
      activation: rest.activation === null ? undefined : activations[rest.activation],
    });
    return result;
  },
});
