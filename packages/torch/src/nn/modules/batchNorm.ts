/** Batch norm: each channel normalized over the batch and all positions. */
import { tensor } from "../../arguments/params.js";
import { readArgument } from "../../arguments/parse.js";
import type { Tensor } from "../../core/tensor.js";
import { batchNorm } from "../../ops/norm/functional.js";
import { awaitSizes } from "../lazy.js";
import type { Module } from "../module.js";
import { members } from "../moduleMembers.js";
import { checkDict, type StateDict } from "../stateDict.js";
import { ChannelNorm, type ChannelNormRest } from "./channelNorm.js";

export abstract class BatchNorm extends ChannelNorm {
  /** States that are older than the counter of batches do not have it; it stays as it is then. */
  override _loadFromStateDict(stateDict: StateDict, prefix: string): void {
    checkDict(stateDict);
    const key = `${prefix}num_batches_tracked`;
    if (this.numBatchesTracked !== null && !Object.hasOwn(stateDict, key)) stateDict[key] = this.numBatchesTracked;
  }

  override forward(input: Tensor): Tensor {
    this.checkInput(readArgument(this.constructor.name, "input", tensor, input));
    const { training, trackRunningStats, numBatchesTracked, runningMean, runningVar } = this;
    let momentum = this.momentum ?? 0;
    if (training && trackRunningStats && numBatchesTracked !== null) {
      numBatchesTracked.add_(1);
      if (this.momentum === null) momentum = 1 / numBatchesTracked.item();
    }
    // What is not tracked stays as it is in training.
    const isUsed = !training || trackRunningStats;
    return batchNorm(input, isUsed ? runningMean : null, isUsed ? runningVar : null, this.weight, this.bias, {
      training: training || (runningMean === null && runningVar === null),
      momentum,
      eps: this.eps,
    });
  }
}

/**
 * Each channel of an input `[N, C]` or `[N, C, L]` with mean 0 and variance 1, times a weight, plus a bias: over the batch in training, which
 * moves running statistics, and by these in evaluation.
 *
 * @param momentum how much of a batch the running statistics take over; with null they are the mean of all batches.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html
 */
export class BatchNorm1d extends BatchNorm {
  protected override get inputDims(): readonly number[] {
    return [2, 3];
  }
}

/**
 * A `BatchNorm1d` that learns the number of channels from the first input, and is an ordinary one from then on.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm1d.html
 */
export class LazyBatchNorm1d extends BatchNorm1d {
  constructor(...args: ChannelNormRest) {
    super(0, ...args);
    awaitSizes(this);
  }

  override forward(input: Tensor): Tensor {
    this.becomeEager(input, BatchNorm1d);
    return this.forward(input);
  }
}

/**
 * Each channel of an input `[N, C, H, W]` with mean 0 and variance 1, times a weight, plus a bias: over the batch in training, which
 * moves running statistics, and by these in evaluation.
 *
 * @param momentum how much of a batch the running statistics take over; with null they are the mean of all batches.
 * @example const block = new nn.Sequential(new nn.Conv2d(3, 64, 3, { bias: false }), new nn.BatchNorm2d(64), new nn.ReLU());
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html
 */
export class BatchNorm2d extends BatchNorm {
  protected override get inputDims(): readonly number[] {
    return [4];
  }
}

/**
 * A `BatchNorm2d` that learns the number of channels from the first input, and is an ordinary one from then on.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm2d.html
 */
export class LazyBatchNorm2d extends BatchNorm2d {
  constructor(...args: ChannelNormRest) {
    super(0, ...args);
    awaitSizes(this);
  }

  override forward(input: Tensor): Tensor {
    this.becomeEager(input, BatchNorm2d);
    return this.forward(input);
  }
}

/**
 * Each channel of an input `[N, C, D, H, W]` with mean 0 and variance 1, times a weight, plus a bias: over the batch in training, which
 * moves running statistics, and by these in evaluation.
 *
 * @param momentum how much of a batch the running statistics take over; with null they are the mean of all batches.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.BatchNorm3d.html
 */
export class BatchNorm3d extends BatchNorm {
  protected override get inputDims(): readonly number[] {
    return [5];
  }
}

/**
 * A `BatchNorm3d` that learns the number of channels from the first input, and is an ordinary one from then on.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyBatchNorm3d.html
 */
export class LazyBatchNorm3d extends BatchNorm3d {
  constructor(...args: ChannelNormRest) {
    super(0, ...args);
    awaitSizes(this);
  }

  override forward(input: Tensor): Tensor {
    this.becomeEager(input, BatchNorm3d);
    return this.forward(input);
  }
}

/**
 * Batch norm over the processes of a group. There is one process here, so that it is batch norm, for inputs `[N, C, …]` of
 * any dims.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.SyncBatchNorm.html
 */
export class SyncBatchNorm extends BatchNorm {
  protected override get inputDims(): readonly number[] {
    return [];
  }

  protected override checkInput(input: Tensor): void {
    if (input.ndim < 2) throw new Error(`expected at least 2D input (got ${input.ndim}D input)`);
    if (input.shape[1] === 0) throw new Error("SyncBatchNorm number of input channels should be non-zero");
  }

  /**
   * Puts layers of this class in the places of all batch norms of a module, with their parameters and buffers.
   *
   * @returns the module itself, or the layer in its place if it is a batch norm.
   */
  static convertSyncBatchnorm(module: Module): Module {
    for (const { kind, value, replace } of module[members]()) {
      if (kind === "module") replace(SyncBatchNorm.convertSyncBatchnorm(value as Module));
    }
    if (!(module instanceof BatchNorm) || module instanceof SyncBatchNorm) return module;
    const { numFeatures, eps, momentum, affine, trackRunningStats } = module;
    const converted = new SyncBatchNorm(numFeatures, eps, { momentum, affine, trackRunningStats });
    const { weight, bias, runningMean, runningVar, numBatchesTracked, training } = module;
    return Object.assign(converted, { weight, bias, runningMean, runningVar, numBatchesTracked, training });
  }
}
