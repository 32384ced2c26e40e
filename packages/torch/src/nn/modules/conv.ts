/** Convolution layers over one, two or three dims. */
import { flagOn, int, optional, refusing, sizeOrSizes, word } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import { conv1d, conv2d, conv3d } from "../../ops/conv/functions.js";
import { type ConvolutionPadding, convolutionPadding } from "../../ops/conv/padding.js";
import { pad } from "../../ops/pad/pad.js";
import type { Args } from "../../ops/types.js";
import { type FactoryOptions, factoryParams, read } from "../arguments.js";
import { awaitSizes } from "../lazy.js";
import { ConvBase, type Sizes } from "./convBase.js";

const paddingModes = ["zeros", "reflect", "replicate", "circular"] as const;
/** What is around the input: zeros, or elements of its own. */
export type PaddingMode = (typeof paddingModes)[number];

export interface ConvOptions extends FactoryOptions {
  /** Whether a bias is added; true by default. */
  bias?: boolean;
  /** What is around the input; zeros by default. */
  paddingMode?: PaddingMode;
}

type LazyArguments = [
  outChannels: number,
  kernelSize: Sizes,
  ...rest: Args<
    [stride?: Sizes, padding?: ConvolutionPadding, dilation?: Sizes, groups?: number],
    ["stride", "padding", "dilation", "groups"],
    ConvOptions
  >,
];
type Arguments = [inChannels: number, ...rest: LazyArguments];

const params = {
  inChannels: int,
  outChannels: int,
  kernelSize: sizeOrSizes,
  stride: optional(sizeOrSizes, 1),
  padding: optional(convolutionPadding, [0]),
  dilation: optional(sizeOrSizes, 1),
  groups: optional(int, 1),
  bias: flagOn,
  paddingMode: optional(
    refusing(word(...paddingModes), (given) => {
      const words = paddingModes.map((mode) => `'${mode}'`).join(", ");
      return `padding_mode must be one of {${words}}, but got padding_mode='${given}'`;
    }),
    "zeros",
  ),
  ...factoryParams,
};

const functions = [conv1d, conv2d, conv3d] as const;

/** A convolution over so many dims. */
export abstract class ConvNd extends ConvBase {
  declare padding: readonly number[] | "valid" | "same";
  declare paddingMode: PaddingMode;

  constructor(ndim: number, args: readonly unknown[]) {
    super(ndim, false, (module) => checked(read(module, params, args)));
  }

  override forward(input: Tensor): Tensor {
    return this.convolve(input, this.weight, this.bias);
  }

  /** @internal The same with another weight and bias. */
  convolve(input: Tensor, weight: Tensor, bias: Tensor | null): Tensor {
    const { stride, padding, dilation, groups, paddingMode } = this;
    const convolve = functions[this.kernelSize.length - 1] as typeof conv2d;
    if (paddingMode === "zeros") return convolve(input, weight, bias, stride, padding, dilation, groups);
    const padded = pad(input, around(this), { mode: paddingMode });
    return convolve(padded, weight, bias, stride, 0, dilation, groups);
  }
}

/** How much is added before and after each dim, the last one first. */
function around({ padding, kernelSize, dilation }: ConvNd): number[] {
  const ends = kernelSize.map((size, d) => {
    if (typeof padding !== "string") return [padding[d], padding[d]] as [number, number];
    const total = padding === "same" ? (dilation[d] as number) * (size - 1) : 0;
    return [Math.floor(total / 2), Math.ceil(total / 2)] as [number, number];
  });
  return ends.reverse().flat();
}

function checked<S extends { padding: readonly number[] | string; stride: Sizes }>(settings: S): S {
  const { padding, stride } = settings;
  if (typeof padding !== "string") return settings;
  if (padding !== "same" && padding !== "valid") {
    throw new Error(`Invalid padding string '${padding}', should be one of {'same', 'valid'}`);
  }
  if (padding === "same" && [stride].flat().some((step) => step !== 1)) {
    throw new Error("padding='same' is not supported for strided convolutions");
  }
  return settings;
}

/**
 * The correlation of signals `[N, channels, L]` or `[channels, L]` with a weight `[outChannels, inChannels / groups, kernel]`, plus a bias; both
 * begin uniform within ±1/√(inputs of an output).
 *
 * @param padding zeros (or what `paddingMode` says) on both sides, `"valid"` for none, or `"same"` for as many as keep
 * the size.
 * @example new nn.Conv1d(4, 8, 3)(torch.rand(2, 4, 10)).shape // [2, 8, 8]
 * @throws Error if sizes do not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Conv1d.html
 */
export class Conv1d extends ConvNd {
  constructor(...args: Arguments) {
    super(1, args);
  }
}

/**
 * The correlation of images `[N, channels, H, W]` or `[channels, H, W]` with a weight `[outChannels, inChannels / groups, kernelH, kernelW]`, plus a bias; both
 * begin uniform within ±1/√(inputs of an output).
 *
 * @param padding zeros (or what `paddingMode` says) on both sides, `"valid"` for none, or `"same"` for as many as keep
 * the size.
 * @example new nn.Conv2d(3, 16, 3, { padding: 1 })(torch.rand(8, 3, 32, 32)).shape // [8, 16, 32, 32]
 * @throws Error if sizes do not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Conv2d.html
 */
export class Conv2d extends ConvNd {
  constructor(...args: Arguments) {
    super(2, args);
  }
}

/**
 * The correlation of volumes `[N, channels, D, H, W]` or `[channels, D, H, W]` with a weight `[outChannels, inChannels / groups, kernelD, kernelH, kernelW]`, plus a bias; both
 * begin uniform within ±1/√(inputs of an output).
 *
 * @param padding zeros (or what `paddingMode` says) on both sides, `"valid"` for none, or `"same"` for as many as keep
 * the size.
 * @example new nn.Conv3d(1, 4, [1, 3, 3])(torch.rand(2, 1, 5, 8, 8)).shape // [2, 4, 5, 6, 6]
 * @throws Error if sizes do not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Conv3d.html
 */
export class Conv3d extends ConvNd {
  constructor(...args: Arguments) {
    super(3, args);
  }
}

/**
 * A `Conv1d` that learns the number of its channels from the first input, and is an ordinary one from then on.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyConv1d.html
 */
export class LazyConv1d extends Conv1d {
  constructor(...args: LazyArguments) {
    super(0, ...args);
    awaitSizes(this);
  }

  /** Nothing to draw before the first call. */
  override resetParameters(): void {}

  override forward(input: Tensor): Tensor {
    this.becomeEager(input, Conv1d);
    return this.forward(input);
  }
}

/**
 * A `Conv2d` that learns the number of its channels from the first input, and is an ordinary one from then on.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyConv2d.html
 */
export class LazyConv2d extends Conv2d {
  constructor(...args: LazyArguments) {
    super(0, ...args);
    awaitSizes(this);
  }

  /** Nothing to draw before the first call. */
  override resetParameters(): void {}

  override forward(input: Tensor): Tensor {
    this.becomeEager(input, Conv2d);
    return this.forward(input);
  }
}

/**
 * A `Conv3d` that learns the number of its channels from the first input, and is an ordinary one from then on.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyConv3d.html
 */
export class LazyConv3d extends Conv3d {
  constructor(...args: LazyArguments) {
    super(0, ...args);
    awaitSizes(this);
  }

  /** Nothing to draw before the first call. */
  override resetParameters(): void {}

  override forward(input: Tensor): Tensor {
    this.becomeEager(input, Conv3d);
    return this.forward(input);
  }
}
