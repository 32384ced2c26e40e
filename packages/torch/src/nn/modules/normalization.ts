/** Layers that normalize each input on its own: layer norm, RMS norm, group norm, local response norm. */
import { flagOn, int, nullable, number, optional, sizeOrSizes, tensor } from "../../arguments/params.js";
import { readArgument } from "../../arguments/parse.js";
import type { Tensor } from "../../core/tensor.js";
import { groupNorm, layerNorm } from "../../ops/norm/functional.js";
import { crossMapLRN2d, localResponseNorm } from "../../ops/norm/localResponseNorm.js";
import { rmsNorm } from "../../ops/norm/rowNorm.js";
import type { Args } from "../../ops/types.js";
import { emptyParameter, type FactoryOptions, factoryParams, read } from "../arguments.js";
import { ones_, zeros_ } from "../init.js";
import { Module } from "../module.js";
import type { Parameter } from "../parameter.js";
import { py, pyFloat } from "../repr.js";

const sizesOf = (shape: number | readonly number[]) => (typeof shape === "number" ? [shape] : shape);

/**
 * The elements of the last dims with mean 0 and variance 1, each times a weight, plus a bias.
 *
 * @param normalizedShape the sizes of these dims, or that of the last one.
 * @example const output = new nn.LayerNorm(768)(hidden); // […, 768]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html
 */
export class LayerNorm extends Module {
  normalizedShape: readonly number[];
  eps: number;
  elementwiseAffine: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;

  constructor(
    ...args: [
      normalizedShape: number | readonly number[],
      ...rest: Args<[eps?: number], ["eps"], { elementwiseAffine?: boolean; bias?: boolean } & FactoryOptions>,
    ]
  ) {
    super();
    const params = {
      normalizedShape: sizeOrSizes,
      eps: optional(number, 1e-5),
      elementwiseAffine: flagOn,
      bias: flagOn,
      ...factoryParams,
    };
    const { normalizedShape, eps, elementwiseAffine, bias, ...factory } = read(this, params, args);
    this.normalizedShape = sizesOf(normalizedShape);
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    const parameter = () => emptyParameter(this.normalizedShape, factory);
    this.registerParameter("weight", elementwiseAffine ? parameter() : null);
    this.registerParameter("bias", elementwiseAffine && bias ? parameter() : null);
    this.resetParameters();
  }

  /** Sets weights to 1 and biases to 0. */
  resetParameters(): void {
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    return layerNorm(input, this.normalizedShape, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    const { normalizedShape, eps, elementwiseAffine } = this;
    return `${py(normalizedShape)}, eps=${pyFloat(eps)}, elementwise_affine=${py(elementwiseAffine)}`;
  }
}

/**
 * The elements of the last dims over the root of their mean square, each times a weight.
 *
 * @param normalizedShape the sizes of these dims, or that of the last one.
 * @param eps is added to the mean square; the `eps` of the dtype by default.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html
 */
export class RMSNorm extends Module {
  normalizedShape: readonly number[];
  eps: number | null;
  elementwiseAffine: boolean;
  declare weight: Parameter | null;

  constructor(
    ...args: [
      normalizedShape: number | readonly number[],
      ...rest: Args<[eps?: number | null], ["eps"], { elementwiseAffine?: boolean } & FactoryOptions>,
    ]
  ) {
    super();
    const params = {
      normalizedShape: sizeOrSizes,
      eps: optional(nullable(number)),
      elementwiseAffine: flagOn,
      ...factoryParams,
    };
    const { normalizedShape, eps = null, elementwiseAffine, ...factory } = read(this, params, args);
    this.normalizedShape = sizesOf(normalizedShape);
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.registerParameter("weight", elementwiseAffine ? emptyParameter(this.normalizedShape, factory) : null);
    this.resetParameters();
  }

  /** Sets weights to 1. */
  resetParameters(): void {
    if (this.weight !== null) ones_(this.weight);
  }

  override forward(input: Tensor): Tensor {
    return rmsNorm(input, this.normalizedShape, this.weight, this.eps);
  }

  override extraRepr(): string {
    const { normalizedShape, eps, elementwiseAffine } = this;
    const shown = eps === null ? "None" : pyFloat(eps);
    return `${py(normalizedShape)}, eps=${shown}, elementwise_affine=${py(elementwiseAffine)}`;
  }
}

/**
 * The channels in groups of neighbours, each group of each input with mean 0 and variance 1, times a weight of each
 * channel, plus a bias.
 *
 * @example const output = new nn.GroupNorm(8, 64)(images); // 8 channels in a group
 * @throws RangeError if the channels do not divide into so many groups.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GroupNorm.html
 */
export class GroupNorm extends Module {
  numGroups: number;
  numChannels: number;
  eps: number;
  affine: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;

  constructor(
    ...args: [
      numGroups: number,
      numChannels: number,
      ...rest: Args<[eps?: number], ["eps"], { affine?: boolean } & FactoryOptions>,
    ]
  ) {
    super();
    const params = {
      numGroups: int,
      numChannels: int,
      eps: optional(number, 1e-5),
      affine: flagOn,
      ...factoryParams,
    };
    const { numGroups, numChannels, eps, affine, ...factory } = read(this, params, args);
    if (numGroups === 0 || numChannels % numGroups !== 0) {
      throw new RangeError(`num_channels must be divisible by num_groups, got ${numChannels} and ${numGroups}`);
    }
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    this.affine = affine;
    this.registerParameter("weight", affine ? emptyParameter([numChannels], factory) : null);
    this.registerParameter("bias", affine ? emptyParameter([numChannels], factory) : null);
    this.resetParameters();
  }

  /** Sets weights to 1 and biases to 0. */
  resetParameters(): void {
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    return groupNorm(input, this.numGroups, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${pyFloat(this.eps)}, affine=${py(this.affine)}`;
  }
}

/** Normalization by neighbouring channels. */
abstract class ByNeighbours extends Module {
  size!: number;
  alpha!: number;
  beta!: number;
  k!: number;

  constructor(
    ...args: [size: number, ...rest: Args<[alpha?: number, beta?: number, k?: number], ["alpha", "beta", "k"]>]
  ) {
    super();
    const params = { size: int, alpha: optional(number, 1e-4), beta: optional(number, 0.75), k: optional(number, 1) };
    Object.assign(this, read(this, params, args));
  }

  /** @internal The printed form of `k`. */
  protected abstract get shownK(): string;

  override extraRepr(): string {
    return `${this.size}, alpha=${pyFloat(this.alpha)}, beta=${pyFloat(this.beta)}, k=${this.shownK}`;
  }
}

/**
 * Elements over `(k + alpha * mean)^beta`, where the mean is that of the squares in `size` neighbouring channels.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LocalResponseNorm.html
 */
export class LocalResponseNorm extends ByNeighbours {
  protected override get shownK(): string {
    return pyFloat(this.k);
  }

  override forward(input: Tensor): Tensor {
    const { size, alpha, beta, k } = this;
    return localResponseNorm(readArgument("LocalResponseNorm", "input", tensor, input), size, alpha, beta, k);
  }
}

/** The same for images `[N, C, H, W]`, as it was before `LocalResponseNorm`, whose windows differ at the ends. */
export class CrossMapLRN2d extends ByNeighbours {
  protected override get shownK(): string {
    return py(this.k);
  }

  override forward(input: Tensor): Tensor {
    const { size, alpha, beta, k } = this;
    return crossMapLRN2d(readArgument("CrossMapLRN2d", "input", tensor, input), size, alpha, beta, k);
  }
}
