/** Layers that take images apart into sliding blocks, and put them together. */
import { optional, sizeOrSizes } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import { fold, unfold } from "../../ops/conv/fold.js";
import type { Args } from "../../ops/types.js";
import { read } from "../arguments.js";
import { Module } from "../module.js";
import { py } from "../repr.js";

/** One number for both height and width, or one for each. */
type Sizes = number | readonly number[];
type Rest = Args<[dilation?: Sizes, padding?: Sizes, stride?: Sizes], ["dilation", "padding", "stride"]>;

const blockParams = {
  kernelSize: sizeOrSizes,
  dilation: optional(sizeOrSizes, 1),
  padding: optional(sizeOrSizes, 0),
  stride: optional(sizeOrSizes, 1),
};

/**
 * The blocks of images `[N, C, H, W]` or `[C, H, W]` as columns `[N, C * kernelH * kernelW, blocks]`.
 *
 * @example new nn.Unfold(2)(torch.rand(2, 3, 6, 5)).shape // [2, 12, 20]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Unfold.html
 */
export class Unfold extends Module {
  kernelSize: Sizes;
  dilation: Sizes;
  padding: Sizes;
  stride: Sizes;

  constructor(...args: [kernelSize: Sizes, ...rest: Rest]) {
    super();
    const { kernelSize, dilation, padding, stride } = read(this, blockParams, args);
    this.kernelSize = kernelSize;
    this.dilation = dilation;
    this.padding = padding;
    this.stride = stride;
  }

  override forward(input: Tensor): Tensor {
    return unfold(input, this.kernelSize, this.dilation, this.padding, this.stride);
  }

  override extraRepr(): string {
    return `kernel_size=${py(this.kernelSize)}, dilation=${py(this.dilation)}, padding=${py(this.padding)}, stride=${py(this.stride)}`;
  }
}

/**
 * Columns `[N, C * kernelH * kernelW, blocks]` as the images `[N, C, *outputSize]` of whose blocks they are the sums.
 *
 * @example new nn.Fold([6, 5], 2)(torch.rand(2, 12, 20)).shape // [2, 3, 6, 5]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Fold.html
 */
export class Fold extends Module {
  outputSize: Sizes;
  kernelSize: Sizes;
  dilation: Sizes;
  padding: Sizes;
  stride: Sizes;

  constructor(...args: [outputSize: Sizes, kernelSize: Sizes, ...rest: Rest]) {
    super();
    const { outputSize, kernelSize, dilation, padding, stride } = read(
      this,
      { outputSize: sizeOrSizes, ...blockParams },
      args,
    );
    this.outputSize = outputSize;
    this.kernelSize = kernelSize;
    this.dilation = dilation;
    this.padding = padding;
    this.stride = stride;
  }

  override forward(input: Tensor): Tensor {
    return fold(input, this.outputSize, this.kernelSize, this.dilation, this.padding, this.stride);
  }

  override extraRepr(): string {
    return `output_size=${py(this.outputSize)}, kernel_size=${py(this.kernelSize)}, dilation=${py(this.dilation)}, padding=${py(this.padding)}, stride=${py(this.stride)}`;
  }
}
