/**
 * The convolution that all others are made of, over one, two or three dims, and the gradient of its weight.
 *
 * A transposed convolution is the gradient of the input of another one, and the other way round.
 */
import { int, ints, nullable, requiredFlag, tensor } from "../../arguments/params.js";
import {
  convolution as convolutionKernel,
  convolutionTransposed,
  convolutionWeight as weightKernel,
} from "../../backend/kernels.js";
import { bool } from "../../core/dtype.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { emptyInOrder, memoryOrder } from "../memoryOrder.js";
import { slice } from "../shape/viewParts.js";
import type { FunctionOp } from "../types.js";
import { type ConvolutionSettings, checkConvolution, expandNumbers, resultSizes } from "./geometry.js";

type Numbers = readonly number[];

/** One number of each setting for each dim of the kernel. */
function settingsOf<S extends ConvolutionSettings>(settings: S, ndim: number): ConvolutionSettings {
  const { stride, padding, dilation, transposed, outputPadding, groups } = settings;
  return {
    stride: expandNumbers("stride", stride, ndim),
    padding: expandNumbers("padding", padding, ndim),
    dilation: expandNumbers("dilation", dilation, ndim),
    transposed,
    outputPadding: expandNumbers("output_padding", outputPadding, ndim),
    groups,
  };
}

/** An uninitialized result whose channels are innermost in memory if they are so in one of the operands. */
function emptyLikeOneOf(sizes: Numbers, first: Tensor, second: Tensor): Tensor {
  return emptyInOrder(sizes, memoryOrder(first) ?? memoryOrder(second), first.dtype);
}

/** The first elements along each of the inner dims. */
function cropped(input: Tensor, sizes: Numbers): Tensor {
  let result = input;
  for (let d = 2; d < sizes.length; d++) {
    if (result.sizes[d] !== sizes[d]) result = slice(result, d, 0, sizes[d]);
  }
  return result;
}

/** The gradient of the input of a convolution: the convolution in the other direction. */
function inputGradient(grad: Tensor, weight: Tensor, sizes: Numbers, settings: ConvolutionSettings): Tensor {
  const { stride, padding, dilation, transposed, groups } = settings;
  const none = stride.map(() => 0);
  if (transposed) {
    // Padding of the output may be so large that positions come to it which the input does not have.
    return cropped(convolution(grad, weight, null, stride, padding, dilation, false, none, groups), sizes);
  }
  const back = resultSizes(grad.sizes, weight.sizes, { ...settings, transposed: true, outputPadding: none });
  const rest = stride.map((_, d) => (sizes[d + 2] as number) - (back[d + 2] as number));
  return convolution(grad, weight, null, stride, padding, dilation, true, rest, groups);
}

/**
 * A convolution, or a transposed one, of an input `[N, channels, ...dims]` with a weight
 * `[outputs, channels / groups, ...kernel]`, or `[channels, outputs / groups, ...kernel]` if it is transposed.
 *
 * @param stride and the other lists: one number for each dim, or one for all.
 * @throws Error if sizes do not fit; TypeError if dtypes differ; RangeError for numbers out of range.
 */
export const convolution: FunctionOp<
  (
    input: Tensor,
    weight: Tensor,
    bias: Tensor | null,
    stride: Numbers,
    padding: Numbers,
    dilation: Numbers,
    transposed: boolean,
    outputPadding: Numbers,
    groups: number,
  ) => Tensor
> = op({
  name: "convolution",
  variants: "function",
  params: {
    input: tensor,
    weight: tensor,
    bias: nullable(tensor),
    stride: ints,
    padding: ints,
    dilation: ints,
    transposed: requiredFlag,
    outputPadding: ints,
    groups: int,
  },
  forward: ({ input, weight, bias, ...given }) => {
    const settings = settingsOf(given, Math.max(weight.ndim - 2, 1));
    checkConvolution(input, weight, bias, settings);
    if (input.dtype === bool) throw new TypeError(`"convolution" not implemented for 'Bool'`);
    const result = emptyLikeOneOf(resultSizes(input.sizes, weight.sizes, settings), input, weight);
    const run = settings.transposed ? convolutionTransposed : convolutionKernel;
    run(result, input, weight, bias ?? undefined, settings);
    return result;
  },
  saves: ["input", "weight"],
  savedFor: { input: "weight", weight: "input" },
  derivative: {
    input: (grad, { input, weight, ...given }) =>
      inputGradient(grad, weight, input.sizes, settingsOf(given, weight.ndim - 2)),
    weight: (grad, { input, weight, ...given }) => {
      const { stride, padding, dilation, transposed, groups } = settingsOf(given, weight.sizes.length - 2);
      const [image, features] = transposed ? [grad, input] : [input, grad];
      return convolutionWeight(image, features, weight.sizes, stride, padding, dilation, groups);
    },
    bias: (grad) => grad.sum([0, ...grad.sizes.map((_, d) => d).slice(2)]),
  },
});

/** The gradient of the weight of a convolution that gives `features`, from their gradient. */
export const convolutionWeight: FunctionOp<
  (
    image: Tensor,
    features: Tensor,
    size: Numbers,
    stride: Numbers,
    padding: Numbers,
    dilation: Numbers,
    groups: number,
  ) => Tensor
> = op({
  name: "convolutionWeight",
  variants: "function",
  params: { image: tensor, features: tensor, size: ints, stride: ints, padding: ints, dilation: ints, groups: int },
  nodeName: "ConvolutionBackwardBackward0",
  forward: ({ image, features, size, ...window }) => {
    const result = emptyLikeOneOf(size, image, features);
    weightKernel(result, image, features, window);
    return result;
  },
  saves: ["image", "features"],
  savedFor: { image: "features", features: "image" },
  derivative: {
    image: (grad, { image, features, ...window }) =>
      inputGradient(features, grad, image.sizes, { ...window, transposed: false, outputPadding: [] }),
    features: (grad, { image, features, ...window }) =>
      inputGradient(image, grad, features.sizes, { ...window, transposed: true, outputPadding: [] }),
  },
});
