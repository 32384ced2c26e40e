/** Layers of max pooling, and the way back. */
import { flag, intOrInts, nullable, optional, sizeOrSizes, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import type { Tensor } from "../../core/tensor.js";
import { forEachDim, type Sizes } from "../../ops/pool/geometry.js";
import { maxPool1d, maxPool2d, maxPool3d } from "../../ops/pool/maxPool.js";
import { maxUnpool1d, maxUnpool2d, maxUnpool3d } from "../../ops/pool/maxUnpool.js";
import type { WithIndices } from "../../ops/pool/picking.js";
import type { Args } from "../../ops/types.js";
import { read } from "../arguments.js";
import { Module } from "../module.js";
import { py } from "../repr.js";

export interface MaxPoolOptions {
  /** Whether the places of the elements are returned too: `[output, indices]`. */
  returnIndices?: boolean;
  /** Whether windows that begin in the input count though they end behind it. */
  ceilMode?: boolean;
}

type MaxPoolArguments = [
  kernelSize: Sizes,
  ...rest: Args<
    [stride?: Sizes | null, padding?: Sizes, dilation?: Sizes],
    ["stride", "padding", "dilation"],
    MaxPoolOptions
  >,
];

const maxPoolParams = {
  kernelSize: sizeOrSizes,
  stride: optional(sizeOrSizes),
  padding: optional(sizeOrSizes, 0),
  dilation: optional(sizeOrSizes, 1),
  returnIndices: flag,
  ceilMode: flag,
};

const maxPools = [maxPool1d, maxPool2d, maxPool3d] as const;

/** The largest element of each window. */
abstract class MaxPoolNd extends Module {
  kernelSize: Sizes;
  stride: Sizes;
  padding: Sizes;
  dilation: Sizes;
  returnIndices: boolean;
  ceilMode: boolean;

  constructor(args: readonly unknown[]) {
    super();
    const { kernelSize, stride, padding, dilation, returnIndices, ceilMode } = read(this, maxPoolParams, args);
    this.kernelSize = kernelSize;
    this.stride = stride ?? kernelSize;
    this.padding = padding;
    this.dilation = dilation;
    this.returnIndices = returnIndices;
    this.ceilMode = ceilMode;
  }

  /** @internal */
  protected pool(ndim: number, input: Tensor): Tensor | WithIndices {
    const { kernelSize, stride, padding, dilation, returnIndices, ceilMode } = this;
    const run = maxPools[ndim - 1] as (...args: unknown[]) => Tensor | WithIndices;
    return run(input, kernelSize, stride, padding, dilation, { ceilMode, returnIndices });
  }

  override extraRepr(): string {
    const { kernelSize, stride, padding, dilation, ceilMode } = this;
    return `kernel_size=${py(kernelSize)}, stride=${py(stride)}, padding=${py(padding)}, dilation=${py(dilation)}, ceil_mode=${py(ceilMode)}`;
  }
}

/**
 * The largest element of each window of signals `[N, C, L]` or `[C, L]`.
 *
 * @param stride how far windows are apart; the size of one by default.
 * @param padding elements on both sides that are smaller than all others; at most half of a window.
 * @example new nn.MaxPool1d(2)(torch.rand(2, 3, 10)).shape // [2, 3, 5]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool1d.html
 */
export class MaxPool1d extends MaxPoolNd {
  constructor(...args: MaxPoolArguments) {
    super(args);
  }

  // biome-ignore lint/suspicious/noExplicitAny: a tensor, or with returnIndices the places too
  override forward(input: Tensor): any {
    return this.pool(1, input);
  }
}

/**
 * The largest element of each window of images `[N, C, H, W]` or `[C, H, W]`.
 *
 * @param stride how far windows are apart; the size of one by default.
 * @param padding elements on both sides that are smaller than all others; at most half of a window.
 * @example new nn.MaxPool2d(2)(torch.rand(8, 3, 32, 32)).shape // [8, 3, 16, 16]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html
 */
export class MaxPool2d extends MaxPoolNd {
  constructor(...args: MaxPoolArguments) {
    super(args);
  }

  // biome-ignore lint/suspicious/noExplicitAny: a tensor, or with returnIndices the places too
  override forward(input: Tensor): any {
    return this.pool(2, input);
  }
}

/**
 * The largest element of each window of volumes `[N, C, D, H, W]` or `[C, D, H, W]`.
 *
 * @param stride how far windows are apart; the size of one by default.
 * @param padding elements on both sides that are smaller than all others; at most half of a window.
 * @example new nn.MaxPool3d([1, 2, 2])(torch.rand(1, 3, 4, 8, 8)).shape // [1, 3, 4, 4, 4]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxPool3d.html
 */
export class MaxPool3d extends MaxPoolNd {
  constructor(...args: MaxPoolArguments) {
    super(args);
  }

  // biome-ignore lint/suspicious/noExplicitAny: a tensor, or with returnIndices the places too
  override forward(input: Tensor): any {
    return this.pool(3, input);
  }
}

type MaxUnpoolArguments = [
  kernelSize: Sizes,
  ...rest: Args<[stride?: Sizes | null, padding?: Sizes], ["stride", "padding"]>,
];
type UnpoolForward = [
  input: Tensor,
  indices: Tensor,
  ...rest: Args<[outputSize?: readonly number[] | null], ["outputSize"]>,
];

const maxUnpools = [maxUnpool1d, maxUnpool2d, maxUnpool3d] as const;
const maxUnpoolParams = {
  kernelSize: intOrInts,
  stride: optional(intOrInts),
  padding: optional(intOrInts, [0]),
};
const unpoolForward = new Signature("forward", {
  input: tensor,
  indices: tensor,
  outputSize: optional(nullable(intOrInts), null),
});

/** Zeros but for the elements that a max pooling chose. */
abstract class MaxUnpoolNd extends Module {
  kernelSize: readonly number[];
  stride: readonly number[];
  padding: readonly number[];

  constructor(ndim: number, args: readonly unknown[]) {
    super();
    const { kernelSize, stride, padding } = read(this, maxUnpoolParams, args);
    const { name } = this.constructor;
    this.kernelSize = forEachDim(name, "kernel_size", kernelSize, ndim);
    this.stride = forEachDim(name, "stride", stride ?? kernelSize, ndim);
    this.padding = forEachDim(name, "padding", padding, ndim);
  }

  /** @param outputSize which of several sizes whose pooling would have the size of the input. */
  override forward(...args: UnpoolForward): Tensor {
    const { input, indices, outputSize } = unpoolForward.parse(args);
    const run = maxUnpools[this.kernelSize.length - 1] as typeof maxUnpool2d;
    return run(input, indices, this.kernelSize, this.stride, this.padding, outputSize);
  }

  override extraRepr(): string {
    return `kernel_size=${py(this.kernelSize)}, stride=${py(this.stride)}, padding=${py(this.padding)}`;
  }
}

/**
 * The way back from `MaxPool1d`: zeros but for the elements that it chose.
 *
 * @example new nn.MaxUnpool1d(2)(output, indices)
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool1d.html
 */
export class MaxUnpool1d extends MaxUnpoolNd {
  constructor(...args: MaxUnpoolArguments) {
    super(1, args);
  }
}

/**
 * The way back from `MaxPool2d`: zeros but for the elements that it chose.
 *
 * @example new nn.MaxUnpool2d(2)(output, indices)
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool2d.html
 */
export class MaxUnpool2d extends MaxUnpoolNd {
  constructor(...args: MaxUnpoolArguments) {
    super(2, args);
  }
}

/**
 * The way back from `MaxPool3d`: zeros but for the elements that it chose.
 *
 * @example new nn.MaxUnpool3d(2)(output, indices)
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MaxUnpool3d.html
 */
export class MaxUnpool3d extends MaxUnpoolNd {
  constructor(...args: MaxUnpoolArguments) {
    super(3, args);
  }
}
