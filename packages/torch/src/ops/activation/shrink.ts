/** Activation functions that are methods as well: `hardshrink`, `prelu`. */
import { number, optional, tensor } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { where } from "../indexing/masks.js";
import type { Args, FunctionOp, Op, Out } from "../types.js";
import { straightGradient } from "./define.js";

/** Elements whose distance from 0 is at most `lambd`. */
function isSmall(input: Tensor, lambd: number): Tensor {
  return input.abs().le(lambd);
}

const hardshrinkGradient = straightGradient("hardshrinkBackward");

/**
 * x where its distance from 0 is greater than `lambd`, 0 elsewhere.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hardshrink.html
 */
export const hardshrink: Op<(input: Tensor, ...args: Args<[lambd?: number], ["lambd"], Out>) => Tensor> = op({
  name: "hardshrink",
  elementwise: true,
  params: { input: tensor, lambd: optional(number, 0.5) },
  out: true,
  forward: ({ input, lambd }) => input.maskedFill(isSmall(input, lambd), 0),
  saves: ["input"],
  derivative: { input: (grad, { input, lambd }) => hardshrinkGradient(grad, input, isSmall(input, lambd)) },
});

const preluKernel: FunctionOp<(input: Tensor, weight: Tensor) => Tensor> = op({
  name: "preluKernel",
  elementwise: true,
  params: { input: tensor, weight: tensor },
  forward: ({ input, weight }) => where(input.gt(0), input, input.mul(weight)),
  saves: ["input", "weight"],
  savedFor: { weight: "input" },
  derivative: {
    input: (grad, { input, weight }) => where(input.gt(0), grad, grad.mul(weight)),
    weight: (grad, { input }) => grad.mul(input).maskedFill(input.gt(0), 0),
  },
});

/**
 * x where it is positive, `weight * x` elsewhere.
 *
 * @param weight one number, or one for each channel (dim 1).
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.prelu.html
 */
export const prelu: Op<(input: Tensor, weight: Tensor) => Tensor> = op({
  name: "prelu",
  params: { input: tensor, weight: tensor },
  composite: ({ input, weight }) => {
    const { sizes } = input;
    const count = weight.numel();
    const channels = sizes[1] ?? 1;
    if (weight.sizes.length > 1) {
      throw new Error(`prelu: Expected \`weight\` to be a scalar or 1D tensor, but got ndim = ${weight.sizes.length}`);
    }
    if (count !== 1 && sizes.length === 0) throw new Error("Not allow zero-dim input tensor.");
    if (count !== 1 && count !== channels) {
      throw new Error(
        `Mismatch of parameter numbers and input channel size. Found parameter numbers = ${count} and channel size = ${channels}.`,
      );
    }
    return preluKernel(input, weight.reshape(sizes.map((_, d) => (d === 1 ? count : 1))));
  },
});
