/** Transposed convolution layers over one, two or three dims. */
import { flagOn, int, intOrInts, ints, nullable, optional, sizeOrSizes, tensor, text } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { formatShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { convTranspose1d, convTranspose2d, convTranspose3d } from "../../ops/conv/functions.js";
import type { Args } from "../../ops/types.js";
import { factoryParams, read } from "../arguments.js";
import { awaitSizes } from "../lazy.js";
import type { ConvOptions } from "./conv.js";
import { ConvBase, type Sizes } from "./convBase.js";

export interface ConvTransposeOptions extends Omit<ConvOptions, "paddingMode"> {
  /** Steps between the places of the kernel; 1 by default. */
  dilation?: Sizes;
  /** There is no other than zeros. */
  paddingMode?: "zeros";
}

type LazyArguments = [
  outChannels: number,
  kernelSize: Sizes,
  ...rest: Args<
    [stride?: Sizes, padding?: Sizes, outputPadding?: Sizes, groups?: number],
    ["stride", "padding", "outputPadding", "groups"],
    ConvTransposeOptions
  >,
];
type Arguments = [inChannels: number, ...rest: LazyArguments];

const params = {
  inChannels: int,
  outChannels: int,
  kernelSize: sizeOrSizes,
  stride: optional(sizeOrSizes, 1),
  padding: optional(intOrInts, [0]),
  outputPadding: optional(sizeOrSizes, 0),
  groups: optional(int, 1),
  bias: flagOn,
  dilation: optional(sizeOrSizes, 1),
  paddingMode: optional(text, "zeros"),
  ...factoryParams,
};

const functions = [convTranspose1d, convTranspose2d, convTranspose3d] as const;

type ForwardArguments = [input: Tensor, ...rest: Args<[outputSize?: readonly number[] | null], ["outputSize"]>];

const forwardArgs = new Signature("forward", { input: tensor, outputSize: optional(nullable(ints), null) });

/** A transposed convolution over so many dims. */
abstract class ConvTransposeNd extends ConvBase {
  declare padding: readonly number[];

  constructor(ndim: number, args: readonly unknown[]) {
    super(ndim, true, (module) => {
      const settings = read(module, params, args);
      if (settings.paddingMode !== "zeros") {
        throw new Error(`Only "zeros" padding mode is supported for ${module.constructor.name}`);
      }
      return settings;
    });
  }

  /** @param outputSize the inner sizes of the result, where several are possible, or all of its sizes. */
  override forward(...args: ForwardArguments): Tensor {
    const { input, outputSize } = forwardArgs.parse(args);
    const { weight, bias, stride, padding, dilation, groups } = this;
    const convolve = functions[this.kernelSize.length - 1] as typeof convTranspose2d;
    const outputPadding = outputSize === null ? this.outputPadding : paddingFor(this, input.shape, outputSize);
    return convolve(input, weight, bias, stride, padding, outputPadding, groups, dilation);
  }
}

/** The padding of the output that gives it a size. */
function paddingFor(layer: ConvTransposeNd, input: readonly number[], outputSize: readonly number[]): number[] {
  const ndim = layer.kernelSize.length;
  const outer = input.length === ndim + 2 ? 2 : 1;
  const wanted = outputSize.length === outer + ndim ? outputSize.slice(outer) : outputSize;
  if (wanted.length !== ndim) {
    throw new Error(
      `ConvTranspose${ndim}D: for ${input.length}D input, output_size must have ${ndim} or ${outer + ndim} elements (got ${wanted.length})`,
    );
  }
  const inner = input.slice(outer);
  const least = inner.map((size, d) => {
    const reach = (layer.dilation[d] as number) * ((layer.kernelSize[d] as number) - 1);
    return (size - 1) * (layer.stride[d] as number) - 2 * (layer.padding[d] as number) + reach + 1;
  });
  const greatest = least.map((size, d) => size + (layer.stride[d] as number) - 1);
  if (wanted.some((size, d) => size < (least[d] as number) || size > (greatest[d] as number))) {
    throw new Error(
      `requested an output size of ${formatShape(wanted)}, but valid sizes range from ${formatShape(least)} to ${formatShape(greatest)} (for an input of ${formatShape(inner)})`,
    );
  }
  return wanted.map((size, d) => size - (least[d] as number));
}

/**
 * The transposed operation of a convolution (the gradient of its input) for signals `[N, channels, L]` or `[channels, L]`
 * with a weight `[inChannels, outChannels / groups, kernel]`.
 *
 * @param outputPadding how much larger the result is on one side: which of several sizes whose convolution would have the
 * size of the input.
 * @example new nn.ConvTranspose1d(4, 8, 3, 2)(torch.rand(2, 4, 10)).shape // [2, 8, 21]
 * @throws Error if sizes do not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose1d.html
 */
export class ConvTranspose1d extends ConvTransposeNd {
  constructor(...args: Arguments) {
    super(1, args);
  }
}

/**
 * The transposed operation of a convolution (the gradient of its input) for images `[N, channels, H, W]` or `[channels, H, W]`
 * with a weight `[inChannels, outChannels / groups, kernelH, kernelW]`.
 *
 * @param outputPadding how much larger the result is on one side: which of several sizes whose convolution would have the
 * size of the input.
 * @example new nn.ConvTranspose2d(16, 3, 4, 2, 1)(torch.rand(8, 16, 8, 8)).shape // [8, 3, 16, 16]
 * @throws Error if sizes do not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose2d.html
 */
export class ConvTranspose2d extends ConvTransposeNd {
  constructor(...args: Arguments) {
    super(2, args);
  }
}

/**
 * The transposed operation of a convolution (the gradient of its input) for volumes `[N, channels, D, H, W]` or `[channels, D, H, W]`
 * with a weight `[inChannels, outChannels / groups, kernelD, kernelH, kernelW]`.
 *
 * @param outputPadding how much larger the result is on one side: which of several sizes whose convolution would have the
 * size of the input.
 * @example new nn.ConvTranspose3d(4, 1, 2, 2)(torch.rand(2, 4, 3, 8, 8)).shape // [2, 1, 6, 16, 16]
 * @throws Error if sizes do not fit.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ConvTranspose3d.html
 */
export class ConvTranspose3d extends ConvTransposeNd {
  constructor(...args: Arguments) {
    super(3, args);
  }
}

/**
 * A `ConvTranspose1d` that learns the number of its channels from the first input, and is an ordinary one from then on.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose1d.html
 */
export class LazyConvTranspose1d extends ConvTranspose1d {
  constructor(...args: LazyArguments) {
    super(0, ...args);
    awaitSizes(this);
  }

  /** Nothing to draw before the first call. */
  override resetParameters(): void {}

  override forward(...args: ForwardArguments): Tensor {
    this.becomeEager(forwardArgs.parse(args).input, ConvTranspose1d);
    return this.forward(...args);
  }
}

/**
 * A `ConvTranspose2d` that learns the number of its channels from the first input, and is an ordinary one from then on.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose2d.html
 */
export class LazyConvTranspose2d extends ConvTranspose2d {
  constructor(...args: LazyArguments) {
    super(0, ...args);
    awaitSizes(this);
  }

  /** Nothing to draw before the first call. */
  override resetParameters(): void {}

  override forward(...args: ForwardArguments): Tensor {
    this.becomeEager(forwardArgs.parse(args).input, ConvTranspose2d);
    return this.forward(...args);
  }
}

/**
 * A `ConvTranspose3d` that learns the number of its channels from the first input, and is an ordinary one from then on.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyConvTranspose3d.html
 */
export class LazyConvTranspose3d extends ConvTranspose3d {
  constructor(...args: LazyArguments) {
    super(0, ...args);
    awaitSizes(this);
  }

  /** Nothing to draw before the first call. */
  override resetParameters(): void {}

  override forward(...args: ForwardArguments): Tensor {
    this.becomeEager(forwardArgs.parse(args).input, ConvTranspose3d);
    return this.forward(...args);
  }
}
