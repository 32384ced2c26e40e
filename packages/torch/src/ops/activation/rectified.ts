/** Activation functions made of straight lines: `relu` and its relatives. */
import { flag, number, optional, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { withoutRecording } from "../../autograd/modes.js";
import { binaryWith, unaryWith } from "../../backend/kernels.js";
import { float64 } from "../../core/dtype.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { flat } from "../pointwise/elementary.js";
import type { Args, FunctionOp, Out } from "../types.js";
import { type Activation, activation, byKernel, gradient, type Inplace, straightGradient } from "./define.js";

const inplaceParams = { input: tensor, inplace: flag };
const reluSignature = new Signature("relu", inplaceParams);
const relu6Signature = new Signature("relu6", inplaceParams);

/**
 * `max(0, x)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.relu.html
 */
export function relu(...args: [input: Tensor, options?: Inplace]): Tensor {
  const { input, inplace } = reluSignature.parse(args);
  return inplace ? input.relu_() : input.relu();
}

/** `max(0, x)` in place. */
export const relu_: FunctionOp<(input: Tensor) => Tensor> = op({
  name: "relu_",
  variants: "function",
  params: { input: tensor },
  composite: ({ input }) => input.relu_(),
});

const hardtanhGradient = straightGradient("hardtanhBackward");

/**
 * x between `minVal` and `maxVal`, and the nearer of the two outside.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hardtanh.html
 */
export const [hardtanh, hardtanh_]: Activation<[minVal?: number, maxVal?: number], ["minVal", "maxVal"]> = activation({
  name: "hardtanh",
  elementwise: true,
  params: { input: tensor, minVal: optional(number, -1), maxVal: optional(number, 1) },
  forward: byKernel((result, input, { minVal, maxVal }) => unaryWith("clamp", result, input, minVal, maxVal)),
  saves: ["input"],
  derivative: {
    input: (grad, { input, minVal, maxVal }) =>
      hardtanhGradient(grad, input, input.le(minVal).logicalOr(input.ge(maxVal))),
  },
});

/**
 * `min(max(0, x), 6)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.relu6.html
 */
export function relu6(...args: [input: Tensor, options?: Inplace]): Tensor {
  const { input, inplace } = relu6Signature.parse(args);
  return hardtanh(input, 0, 6, { inplace });
}

const leakyReluGradient = gradient("leakyReluBackward", (result, grad, input, slope) =>
  binaryWith("leakyReluBackward", result, grad, input, slope),
);

/**
 * x where it is positive, `negativeSlope * x` elsewhere.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.leaky_relu.html
 */
export const [leakyRelu, leakyRelu_]: Activation<[negativeSlope?: number], ["negativeSlope"]> = activation({
  name: "leakyRelu",
  elementwise: true,
  params: { input: tensor, negativeSlope: optional(number, 0.01) },
  forward: byKernel((result, input, { negativeSlope }) => unaryWith("leakyRelu", result, input, negativeSlope)),
  saves: ["input"],
  derivative: { input: (grad, { input, negativeSlope }) => leakyReluGradient(grad, input, negativeSlope) },
});

const thresholdGradient = gradient("thresholdBackward", (result, grad, input, threshold) =>
  binaryWith("thresholdBackward", result, grad, input, threshold),
);

/** A function with two required numbers. */
type Threshold = readonly [
  FunctionOp<(input: Tensor, threshold: number, value: number, options?: Inplace) => Tensor>,
  FunctionOp<(input: Tensor, threshold: number, value: number) => Tensor>,
];

/**
 * x where it is greater than `threshold`, `value` elsewhere.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.threshold.html
 */
export const [threshold, threshold_]: Threshold = activation({
  name: "threshold",
  elementwise: true,
  params: { input: tensor, threshold: number, value: number },
  forward: byKernel((result, input, args) => unaryWith("threshold", result, input, args.threshold, args.value)),
  saves: ["input"],
  derivative: { input: (grad, saved) => thresholdGradient(grad, saved.input, saved.threshold) },
});

const softshrinkGradient = straightGradient("softshrinkBackward");

/**
 * x moved towards 0 by `lambd`, and 0 where its distance from 0 is less.
 *
 * @throws RangeError for a negative `lambd`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.softshrink.html
 */
export const softshrink: FunctionOp<(input: Tensor, ...args: Args<[lambd?: number], ["lambd"], Out>) => Tensor> = op({
  name: "softshrink",
  elementwise: true,
  variants: "function",
  params: { input: tensor, lambd: optional(number, 0.5) },
  out: true,
  forward: ({ input, lambd }) => {
    if (!(lambd >= 0)) throw new RangeError(`lambda must be greater or equal to 0, but found to be ${lambd}.`);
    return input.sub(input.clamp(-lambd, lambd));
  },
  saves: ["input"],
  derivative: { input: (grad, { input, lambd }) => softshrinkGradient(grad, input, input.abs().le(lambd)) },
});

const rreluWithNoise: FunctionOp<(input: Tensor, noise: Tensor) => Tensor> = op({
  name: "rreluWithNoise",
  elementwise: true,
  params: { input: tensor, noise: tensor },
  forward: ({ input, noise }) => input.mul(noise),
  saves: ["input", "noise"],
  derivative: { input: (grad, { input, noise }) => rreluGradient(grad, input, noise) },
});

const rreluGradient: FunctionOp<(grad: Tensor, input: Tensor, noise: Tensor) => Tensor> = op({
  name: "rreluWithNoiseBackward",
  elementwise: true,
  variants: "function",
  params: { grad: tensor, input: tensor, noise: tensor },
  forward: ({ grad, noise }) => grad.mul(noise),
  saves: ["input", "noise"],
  derivative: { grad: (outer, { input, noise }) => rreluGradient(outer, input, noise), input: flat },
});

/** 1 for positive elements and a slope for the others: random ones, drawn in their order, or the mean one. */
function rreluNoise(input: Tensor, lower: number, upper: number, training: boolean): Tensor {
  const isFlat = input.gt(0).logicalNot();
  const noise = input.newOnes(input.sizes);
  if (!training || input.isMeta) return noise.maskedFill_(isFlat, (lower + upper) / 2);
  const slopes = Tensor.empty([isFlat.sum().item()], float64).uniform_(lower, upper);
  return noise.maskedScatter_(isFlat, slopes.to(input.dtype));
}

const rreluSignature = new Signature("rrelu", {
  input: tensor,
  lower: optional(number, 1 / 8),
  upper: optional(number, 1 / 3),
  training: flag,
  inplace: flag,
});

type RreluArguments = Args<[lower?: number, upper?: number], ["lower", "upper"], { training?: boolean } & Inplace>;

/**
 * x where it is positive, `slope * x` elsewhere, with a random slope for each element between `lower` and `upper`
 * in training, and their mean otherwise.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.rrelu.html
 */
export function rrelu(...args: [input: Tensor, ...rest: RreluArguments]): Tensor {
  return applyRrelu(rreluSignature.parse(args));
}

/** `rrelu` in place. */
export function rrelu_(...args: [input: Tensor, ...rest: RreluArguments]): Tensor {
  return applyRrelu({ ...rreluSignature.parse(args), inplace: true });
}

function applyRrelu({ input, lower, upper, training, inplace }: ReturnType<typeof rreluSignature.parse>): Tensor {
  if (!(lower <= upper)) throw new RangeError(`Lower bound should be less than or equal to the upper bound`);
  const noise = withoutRecording(() => rreluNoise(input, lower, upper, training));
  return inplace ? input.mul_(noise) : rreluWithNoise(input, noise);
}
