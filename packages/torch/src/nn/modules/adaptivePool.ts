/** Layers of pooling over as many even parts as are wanted, and over windows at random places. */
import { flag, keyword, nullable, optional, type Param, sizeOrSizes, tensor } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
  type OutputSize,
  outputSizeParam,
} from "../../ops/pool/adaptivePool.js";
import { fractionalMaxPool2d, fractionalMaxPool3d, fractionalParams } from "../../ops/pool/fractionalPool.js";
import type { Sizes } from "../../ops/pool/geometry.js";
import type { WithIndices } from "../../ops/pool/picking.js";
import type { Args } from "../../ops/types.js";
import { read } from "../arguments.js";
import { Module } from "../module.js";
import { py } from "../repr.js";

/** One size for all dims stays one number, as it is printed. */
const outputSize: Param<OutputSize> = {
  ...(outputSizeParam as Param<OutputSize>),
  read: (value) => (typeof value === "number" ? (sizeOrSizes.read(value) as OutputSize) : outputSizeParam.read(value)),
};

/** Averages of even parts. */
abstract class AdaptiveAveragePoolNd extends Module {
  outputSize: OutputSize;

  constructor(args: readonly unknown[]) {
    super();
    this.outputSize = read(this, { outputSize }, args).outputSize;
  }

  override extraRepr(): string {
    return `output_size=${py(this.outputSize)}`;
  }
}

/**
 * The averages of so many even parts of signals `[N, C, L]` or `[C, L]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool1d.html
 */
export class AdaptiveAvgPool1d extends AdaptiveAveragePoolNd {
  constructor(...args: [outputSize: OutputSize]) {
    super(args);
  }

  override forward(input: Tensor): Tensor {
    return adaptiveAvgPool1d(input, this.outputSize);
  }
}

/**
 * The averages of so many even parts of images `[N, C, H, W]` or `[C, H, W]`.
 *
 * @param outputSize one number for all dims, or one for each; null for a dim whose size stays.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool2d.html
 */
export class AdaptiveAvgPool2d extends AdaptiveAveragePoolNd {
  constructor(...args: [outputSize: OutputSize]) {
    super(args);
  }

  override forward(input: Tensor): Tensor {
    return adaptiveAvgPool2d(input, this.outputSize);
  }
}

/**
 * The averages of so many even parts of volumes `[N, C, D, H, W]` or `[C, D, H, W]`.
 *
 * @param outputSize one number for all dims, or one for each; null for a dim whose size stays.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveAvgPool3d.html
 */
export class AdaptiveAvgPool3d extends AdaptiveAveragePoolNd {
  constructor(...args: [outputSize: OutputSize]) {
    super(args);
  }

  override forward(input: Tensor): Tensor {
    return adaptiveAvgPool3d(input, this.outputSize);
  }
}

interface IndicesOption {
  /** Whether the places of the elements are returned too: `[output, indices]`. */
  returnIndices?: boolean;
}

/** The largest elements of even parts. */
abstract class AdaptiveMaxPoolNd extends Module {
  outputSize: OutputSize;
  returnIndices: boolean;

  constructor(args: readonly unknown[]) {
    super();
    const given = read(this, { outputSize, returnIndices: flag }, args);
    this.outputSize = given.outputSize;
    this.returnIndices = given.returnIndices;
  }

  /** @internal */
  protected pool(run: unknown, input: Tensor): Tensor | WithIndices {
    return (run as (...args: unknown[]) => Tensor)(input, this.outputSize, { returnIndices: this.returnIndices });
  }

  override extraRepr(): string {
    return `output_size=${py(this.outputSize)}`;
  }
}

/**
 * The largest element of each of so many even parts of signals `[N, C, L]` or `[C, L]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool1d.html
 */
export class AdaptiveMaxPool1d extends AdaptiveMaxPoolNd {
  constructor(...args: [outputSize: OutputSize, options?: IndicesOption]) {
    super(args);
  }

  // biome-ignore lint/suspicious/noExplicitAny: a tensor, or with returnIndices the places too
  override forward(input: Tensor): any {
    return this.pool(adaptiveMaxPool1d, input);
  }
}

/**
 * The largest element of each of so many even parts of images `[N, C, H, W]` or `[C, H, W]`.
 *
 * @param outputSize one number for all dims, or one for each; null for a dim whose size stays.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool2d.html
 */
export class AdaptiveMaxPool2d extends AdaptiveMaxPoolNd {
  constructor(...args: [outputSize: OutputSize, options?: IndicesOption]) {
    super(args);
  }

  // biome-ignore lint/suspicious/noExplicitAny: a tensor, or with returnIndices the places too
  override forward(input: Tensor): any {
    return this.pool(adaptiveMaxPool2d, input);
  }
}

/**
 * The largest element of each of so many even parts of volumes `[N, C, D, H, W]` or `[C, D, H, W]`.
 *
 * @param outputSize one number for all dims, or one for each; null for a dim whose size stays.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AdaptiveMaxPool3d.html
 */
export class AdaptiveMaxPool3d extends AdaptiveMaxPoolNd {
  constructor(...args: [outputSize: OutputSize, options?: IndicesOption]) {
    super(args);
  }

  // biome-ignore lint/suspicious/noExplicitAny: a tensor, or with returnIndices the places too
  override forward(input: Tensor): any {
    return this.pool(adaptiveMaxPool3d, input);
  }
}

type FractionalArguments = [
  kernelSize: Sizes,
  ...rest: Args<
    [outputSize?: Sizes | null, outputRatio?: Sizes | null],
    ["outputSize", "outputRatio"],
    IndicesOption & { _randomSamples?: Tensor | null }
  >,
];

/** The largest elements of windows at random places. */
abstract class FractionalMaxPoolNd extends Module {
  kernelSize: readonly number[];
  outputSize: readonly number[] | null;
  outputRatio: readonly number[] | null;
  returnIndices: boolean;
  declare _randomSamples: Tensor | null;

  constructor(args: readonly unknown[]) {
    super();
    const { kernelSize, outputSize, outputRatio, returnIndices, _randomSamples } = read(
      this,
      { ...fractionalParams, returnIndices: flag, _randomSamples: keyword(optional(nullable(tensor), null)) },
      args,
    );
    const { name } = this.constructor;
    if (outputSize === undefined && outputRatio === undefined) {
      throw new Error(`${name} requires specifying either an output size, or a pooling ratio`);
    }
    if (outputSize !== undefined && outputRatio !== undefined) {
      throw new Error("only one of output_size and output_ratio may be specified");
    }
    if (outputRatio?.some((ratio) => !(ratio > 0 && ratio < 1))) {
      throw new RangeError(
        `output_ratio must be between 0 and 1 (got ${outputRatio.length === 1 ? outputRatio[0] : py(outputRatio)})`,
      );
    }
    this.kernelSize = kernelSize;
    this.outputSize = outputSize ?? null;
    this.outputRatio = outputRatio ?? null;
    this.returnIndices = returnIndices;
    this.registerBuffer("_random_samples", _randomSamples);
  }

  /** @internal */
  protected pool(run: unknown, input: Tensor): Tensor | WithIndices {
    const { kernelSize, outputSize, outputRatio, returnIndices, _randomSamples } = this;
    const options = { returnIndices, _randomSamples };
    return (run as (...args: unknown[]) => Tensor)(input, kernelSize, outputSize, outputRatio, options);
  }
}

/**
 * The largest elements of windows at random places of images `[N, C, H, W]` or `[C, H, W]`.
 *
 * @param outputSize how many windows there are along each dim; or else
 * @param outputRatio their number as a part of the input's size.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool2d.html
 */
export class FractionalMaxPool2d extends FractionalMaxPoolNd {
  constructor(...args: FractionalArguments) {
    super(args);
  }

  // biome-ignore lint/suspicious/noExplicitAny: a tensor, or with returnIndices the places too
  override forward(input: Tensor): any {
    return this.pool(fractionalMaxPool2d, input);
  }
}

/**
 * The largest elements of windows at random places of volumes `[N, C, D, H, W]` or `[C, D, H, W]`.
 *
 * @param outputSize how many windows there are along each dim; or else
 * @param outputRatio their number as a part of the input's size.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.FractionalMaxPool3d.html
 */
export class FractionalMaxPool3d extends FractionalMaxPoolNd {
  constructor(...args: FractionalArguments) {
    super(args);
  }

  // biome-ignore lint/suspicious/noExplicitAny: a tensor, or with returnIndices the places too
  override forward(input: Tensor): any {
    return this.pool(fractionalMaxPool3d, input);
  }
}
