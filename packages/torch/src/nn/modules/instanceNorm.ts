/** Instance norm: each channel of each input normalized over all positions. */
import { tensor } from "../../arguments/params.js";
import { readArgument } from "../../arguments/parse.js";
import { warn } from "../../arguments/warn.js";
import type { Tensor } from "../../core/tensor.js";
import { instanceNorm } from "../../ops/norm/functional.js";
import { awaitSizes } from "../lazy.js";
import { ChannelNorm, type ChannelNormRest } from "./channelNorm.js";

function normalized(module: InstanceNorm, input: Tensor): Tensor {
  const { runningMean, runningVar, weight, bias, training, trackRunningStats, eps } = module;
  return instanceNorm(input, runningMean, runningVar, weight, bias, {
    useInputStats: training || !trackRunningStats,
    momentum: module.momentum ?? 0,
    eps,
  });
}

abstract class InstanceNorm extends ChannelNorm {
  protected override get isFull(): boolean {
    return false;
  }

  /** @internal An input may have no batch. */
  protected override channelDim(input: Tensor): number {
    return input.ndim === this.inputDims[0] ? 0 : 1;
  }

  override forward(input: Tensor): Tensor {
    this.checkInput(readArgument(this.constructor.name, "input", tensor, input));
    const dim = this.channelDim(input);
    const channels = input.sizes[dim];
    if (channels !== this.numFeatures) {
      if (this.affine)
        throw new Error(
          `expected input's size at dim=${dim} to match num_features (${this.numFeatures}), but got: ${channels}.`,
        );
      warn(
        `input's size at dim=${dim} does not match num_features. You can silence this warning by not passing in num_features, which is not used because affine=False`,
      );
    }
    return dim === 0 ? normalized(this, input.unsqueeze(0)).squeeze(0) : normalized(this, input);
  }
}

/**
 * Each channel of each input of a batch `[N, C, L]` or `[C, L]` with mean 0 and variance 1, and, with `affine`, times a weight, plus a bias.
 *
 * @param options.trackRunningStats whether running statistics are kept, and used in evaluation; false by default.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm1d.html
 */
export class InstanceNorm1d extends InstanceNorm {
  protected override get inputDims(): readonly number[] {
    return [2, 3];
  }
}

/**
 * An `InstanceNorm1d`, with weights and running statistics unless they are switched off, that learns the number of
 * channels from the first input, and is an ordinary one from then on.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm1d.html
 */
export class LazyInstanceNorm1d extends InstanceNorm1d {
  constructor(...args: ChannelNormRest) {
    super(0, ...args);
    awaitSizes(this);
  }

  protected override get isFull(): boolean {
    return true;
  }

  override forward(input: Tensor): Tensor {
    this.becomeEager(input, InstanceNorm1d);
    return this.forward(input);
  }
}

/**
 * Each channel of each input of a batch `[N, C, H, W]` or `[C, H, W]` with mean 0 and variance 1, and, with `affine`, times a weight, plus a bias.
 *
 * @param options.trackRunningStats whether running statistics are kept, and used in evaluation; false by default.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html
 */
export class InstanceNorm2d extends InstanceNorm {
  protected override get inputDims(): readonly number[] {
    return [3, 4];
  }
}

/**
 * An `InstanceNorm2d`, with weights and running statistics unless they are switched off, that learns the number of
 * channels from the first input, and is an ordinary one from then on.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm2d.html
 */
export class LazyInstanceNorm2d extends InstanceNorm2d {
  constructor(...args: ChannelNormRest) {
    super(0, ...args);
    awaitSizes(this);
  }

  protected override get isFull(): boolean {
    return true;
  }

  override forward(input: Tensor): Tensor {
    this.becomeEager(input, InstanceNorm2d);
    return this.forward(input);
  }
}

/**
 * Each channel of each input of a batch `[N, C, D, H, W]` or `[C, D, H, W]` with mean 0 and variance 1, and, with `affine`, times a weight, plus a bias.
 *
 * @param options.trackRunningStats whether running statistics are kept, and used in evaluation; false by default.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.InstanceNorm3d.html
 */
export class InstanceNorm3d extends InstanceNorm {
  protected override get inputDims(): readonly number[] {
    return [4, 5];
  }
}

/**
 * An `InstanceNorm3d`, with weights and running statistics unless they are switched off, that learns the number of
 * channels from the first input, and is an ordinary one from then on.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyInstanceNorm3d.html
 */
export class LazyInstanceNorm3d extends InstanceNorm3d {
  constructor(...args: ChannelNormRest) {
    super(0, ...args);
    awaitSizes(this);
  }

  protected override get isFull(): boolean {
    return true;
  }

  override forward(input: Tensor): Tensor {
    this.becomeEager(input, InstanceNorm3d);
    return this.forward(input);
  }
}
