/** What batch norm and instance norm share: weights and running statistics for each channel. */
import { flag, int, nullable, number, optional, tensor } from "../../arguments/params.js";
import { readArgument } from "../../arguments/parse.js";
import { withoutRecording } from "../../autograd/modes.js";
import { int64 } from "../../core/dtype.js";
import type { Tensor } from "../../core/tensor.js";
import { ones, zeros } from "../../ops/creation/filled.js";
import type { Args } from "../../ops/types.js";
import { emptyParameter, type FactoryOptions, factoryParams, read } from "../arguments.js";
import { ones_, zeros_ } from "../init.js";
import { initialize, unsized } from "../lazy.js";
import { Module } from "../module.js";
import type { Parameter } from "../parameter.js";
import { py, pyFloat } from "../repr.js";

export interface ChannelNormOptions extends FactoryOptions {
  /** Whether there are weights and biases. */
  affine?: boolean;
  /** Whether running statistics are kept, and used in evaluation mode. */
  trackRunningStats?: boolean;
}

/** The arguments behind the number of channels. */
export type ChannelNormRest = Args<[eps?: number, momentum?: number | null], ["eps", "momentum"], ChannelNormOptions>;

export type ChannelNormArguments = [numFeatures: number, ...rest: ChannelNormRest];

export abstract class ChannelNorm extends Module {
  numFeatures: number;
  eps: number;
  momentum: number | null;
  affine: boolean;
  trackRunningStats: boolean;
  declare weight: Parameter | null;
  declare bias: Parameter | null;
  declare runningMean: Tensor | null;
  declare runningVar: Tensor | null;
  declare numBatchesTracked: Tensor | null;

  constructor(...args: ChannelNormArguments) {
    super();
    const choice = { ...flag, defaultValue: this.isFull };
    const params = {
      numFeatures: int,
      eps: optional(number, 1e-5),
      momentum: optional(nullable(number), 0.1),
      affine: choice,
      trackRunningStats: choice,
      ...factoryParams,
    };
    const { numFeatures, eps, momentum, affine, trackRunningStats, ...factory } = read(this, params, args);
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    this.affine = affine;
    this.trackRunningStats = trackRunningStats;
    this.registerParameter("weight", affine ? emptyParameter([numFeatures], factory) : null);
    this.registerParameter("bias", affine ? emptyParameter([numFeatures], factory) : null);
    const options = factory as FactoryOptions;
    this.registerBuffer("running_mean", trackRunningStats ? zeros([numFeatures], options) : null);
    this.registerBuffer("running_var", trackRunningStats ? ones([numFeatures], options) : null);
    const { device } = options;
    const count = trackRunningStats ? zeros([], { dtype: int64, ...(device && { device }) }) : null;
    this.registerBuffer("num_batches_tracked", count);
    this.resetParameters();
  }

  /** @internal Whether there are weights, and running statistics, where the arguments do not say. */
  protected get isFull(): boolean {
    return true;
  }

  /** @internal How many dims an input may have, a batch included. */
  protected abstract get inputDims(): readonly number[];

  /** @internal Whether an input may have so many dims. */
  takes(ndim: number): boolean {
    return this.inputDims.includes(ndim);
  }

  /** @internal */
  protected checkInput(input: Tensor): void {
    const { inputDims: dims } = this;
    if (dims.includes(input.ndim)) return;
    throw new Error(`expected ${dims.map((n) => `${n}D`).join(" or ")} input (got ${input.ndim}D input)`);
  }

  /** Sets the running statistics to those of mean 0 and variance 1. */
  resetRunningStats(): void {
    withoutRecording(() => {
      this.runningMean?.zero_();
      this.runningVar?.fill_(1);
      this.numBatchesTracked?.zero_();
    });
  }

  /** Sets weights to 1 and biases to 0, and the running statistics anew. */
  resetParameters(): void {
    this.resetRunningStats();
    if (this.weight !== null) ones_(this.weight);
    if (this.bias !== null) zeros_(this.bias);
  }

  /** @internal The dim of the channels. */
  protected channelDim(_input: Tensor): number {
    return 1;
  }

  /** @internal Takes the number of channels from the first input or what was loaded, and is of the class from then on. */
  protected becomeEager(given: Tensor, Class: { readonly prototype: ChannelNorm }): void {
    const input = readArgument(this.constructor.name, "input", tensor, given);
    this.checkInput(input);
    const own = { weight: this.weight, bias: this.bias, running_mean: this.runningMean, running_var: this.runningVar };
    const loaded = Object.entries(own).find(([key, value]) => value !== null && !this[unsized]?.has(key));
    const channels = (loaded?.[1] ?? input).sizes[loaded === undefined ? this.channelDim(input) : 0] as number;
    this.numFeatures = channels;
    Object.setPrototypeOf(this, Class.prototype);
    initialize(this, () => [channels]);
  }

  override extraRepr(): string {
    const { momentum } = this;
    const rest = `affine=${py(this.affine)}, track_running_stats=${py(this.trackRunningStats)}`;
    return `${this.numFeatures}, eps=${pyFloat(this.eps)}, momentum=${momentum === null ? "None" : pyFloat(momentum)}, ${rest}`;
  }
}
