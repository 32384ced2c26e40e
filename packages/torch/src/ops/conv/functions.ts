/**
 * Convolutions as programs call them: `conv1d` to `conv3d`, transposed ones, and `convTbc`.
 *
 * Source: https://pytorch.org/docs/stable/nn.functional.html#convolution-functions
 */
import { int, intOrInts, nullable, optional, tensor } from "../../arguments/params.js";
import { formatShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { Args, FunctionOp } from "../types.js";
import { convolution } from "./convolution.js";
import { type ConvolutionPadding, convolutionPadding, padded, type Sizes } from "./padding.js";

export type { ConvolutionPadding };

/** Calls a function of batches with an input that may be a single sample. */
function batched(name: string, ndim: number, input: Tensor, run: (batch: Tensor) => Tensor): Tensor {
  if (input.ndim === ndim + 2) return run(input);
  if (input.ndim === ndim + 1) return run(input.unsqueeze(0)).squeeze(0);
  throw new Error(
    `Expected ${ndim + 1}D (unbatched) or ${ndim + 2}D (batched) input to ${name}, but got input of size: ${formatShape(input.sizes)}`,
  );
}

type Conv = FunctionOp<
  (
    input: Tensor,
    weight: Tensor,
    ...args: Args<
      [bias?: Tensor | null, stride?: Sizes, padding?: ConvolutionPadding, dilation?: Sizes, groups?: number],
      ["bias", "stride", "padding", "dilation", "groups"]
    >
  ) => Tensor
>;

function defineConv(ndim: number): Conv {
  const name = `conv${ndim}d`;
  return op({
    name,
    variants: "function",
    params: {
      input: tensor,
      weight: tensor,
      bias: optional(nullable(tensor), null),
      stride: optional(intOrInts, [1]),
      padding: optional(convolutionPadding, [0]),
      dilation: optional(intOrInts, [1]),
      groups: optional(int, 1),
    },
    composite: ({ input, weight, bias, stride, padding, dilation, groups }) =>
      batched(name, ndim, input, (batch) => {
        const [image, sizes] = padded(batch, weight.sizes.slice(2), padding, stride, dilation);
        return convolution(image, weight, bias, stride, sizes, dilation, false, [0], groups);
      }),
  });
}

type ConvTranspose = FunctionOp<
  (
    input: Tensor,
    weight: Tensor,
    ...args: Args<
      [bias?: Tensor | null, stride?: Sizes, padding?: Sizes, outputPadding?: Sizes, groups?: number, dilation?: Sizes],
      ["bias", "stride", "padding", "outputPadding", "groups", "dilation"]
    >
  ) => Tensor
>;

function defineConvTranspose(ndim: number): ConvTranspose {
  const name = `convTranspose${ndim}d`;
  return op({
    name,
    variants: "function",
    params: {
      input: tensor,
      weight: tensor,
      bias: optional(nullable(tensor), null),
      stride: optional(intOrInts, [1]),
      padding: optional(intOrInts, [0]),
      outputPadding: optional(intOrInts, [0]),
      groups: optional(int, 1),
      dilation: optional(intOrInts, [1]),
    },
    composite: ({ input, weight, bias, stride, padding, outputPadding, groups, dilation }) =>
      batched(`conv_transpose${ndim}d`, ndim, input, (batch) =>
        convolution(batch, weight, bias, stride, padding, dilation, true, outputPadding, groups),
      ),
  });
}

/**
 * The correlation of signals `[N, channels, L]` or `[channels, L]` with a weight `[outputs, channels / groups, kernel]`.
 *
 * @param padding zeros on both sides, `"valid"` for none, or `"same"` for as many as keep the size.
 * @throws Error if sizes do not fit; TypeError if dtypes differ.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.conv1d.html
 */
export const conv1d: Conv = defineConv(1);

/**
 * The correlation of images `[N, channels, H, W]` or `[channels, H, W]` with a weight
 * `[outputs, channels / groups, kernelH, kernelW]`.
 *
 * @param padding zeros on both sides, `"valid"` for none, or `"same"` for as many as keep the size.
 * @example F.conv2d(torch.rand(8, 3, 32, 32), torch.rand(16, 3, 5, 5), null, 2, 1).shape // [8, 16, 15, 15]
 * @throws Error if sizes do not fit; TypeError if dtypes differ.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.conv2d.html
 */
export const conv2d: Conv = defineConv(2);

/**
 * The correlation of volumes `[N, channels, D, H, W]` or `[channels, D, H, W]` with a weight
 * `[outputs, channels / groups, kernelD, kernelH, kernelW]`.
 *
 * @param padding zeros on both sides, `"valid"` for none, or `"same"` for as many as keep the size.
 * @throws Error if sizes do not fit; TypeError if dtypes differ.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.conv3d.html
 */
export const conv3d: Conv = defineConv(3);

/**
 * The transposed operation of `conv1d` (the gradient of its input) with a weight `[channels, outputs / groups, kernel]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose1d.html
 */
export const convTranspose1d: ConvTranspose = defineConvTranspose(1);

/**
 * The transposed operation of `conv2d` with a weight `[channels, outputs / groups, kernelH, kernelW]`.
 *
 * @param outputPadding how much larger the result is on one side: which of several sizes whose convolution would have
 * the size of the input.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose2d.html
 */
export const convTranspose2d: ConvTranspose = defineConvTranspose(2);

/**
 * The transposed operation of `conv3d` with a weight `[channels, outputs / groups, kernelD, kernelH, kernelW]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.conv_transpose3d.html
 */
export const convTranspose3d: ConvTranspose = defineConvTranspose(3);

/**
 * The correlation of sequences `[time, N, channels]` with a weight `[kernel, channels, outputs]` and a bias `[outputs]`:
 * `[time, N, outputs]`.
 *
 * @param pad zeros on both sides.
 * @see https://pytorch.org/docs/stable/generated/torch.conv_tbc.html
 */
export const convTbc: FunctionOp<
  (input: Tensor, weight: Tensor, bias: Tensor, ...args: Args<[pad?: number], ["pad"]>) => Tensor
> = op({
  name: "convTbc",
  variants: "function",
  params: { input: tensor, weight: tensor, bias: tensor, pad: optional(int, 0) },
  composite: ({ input, weight, bias, pad: size }) => {
    if (input.ndim !== 3) throw new Error("Input must have 3 dims: time, batch, in_channel");
    if (weight.ndim !== 3) throw new Error("Weight tensor must have 3 dims: kernel_width, in_channels, out_channels.");
    if (bias.ndim !== 1) throw new Error("Bias must be 1-D");
    if (input.sizes[2] !== weight.sizes[1]) {
      throw new Error(
        `Input dim 2 (input channels) is not == dim 1 in the weight tensor: ${formatShape(input.sizes)} and ${formatShape(weight.sizes)}`,
      );
    }
    if (bias.sizes[0] !== weight.sizes[2]) {
      throw new Error(
        `Bias size must equal dim 2 in the weight tensor (output channels): ${formatShape(bias.sizes)} and ${formatShape(weight.sizes)}`,
      );
    }
    return conv1d(input.permute(1, 2, 0), weight.permute(2, 1, 0), bias, 1, size)
      .permute(2, 0, 1)
      .contiguous();
  },
});
