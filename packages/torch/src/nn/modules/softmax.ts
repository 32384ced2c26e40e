/** Modules that turn numbers into probabilities. */
import { int, optional, tensor } from "../../arguments/params.js";
import { readArgument } from "../../arguments/parse.js";
import type { Tensor } from "../../core/tensor.js";
import { logSoftmax, softmax, softmin } from "../../ops/activation/softmax.js";
import type { Args } from "../../ops/types.js";
import { read } from "../arguments.js";
import { Module } from "../module.js";
import { py } from "../repr.js";
import { BareActivation } from "./activation.js";

/** A function along a dim. */
abstract class AlongDim extends Module {
  dim: number | undefined;

  constructor(...args: Args<[dim?: number | null], ["dim"]>) {
    super();
    this.dim = read(this, { dim: optional(int) }, args).dim;
  }

  override extraRepr(): string {
    return `dim=${py(this.dim)}`;
  }
}

/**
 * exp(x) over the sum of exp(x) along a dim: numbers from 0 to 1 that sum to 1.
 *
 * @example const probabilities = new nn.Softmax(1)(logits);
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softmax.html
 */
export class Softmax extends AlongDim {
  override forward(input: Tensor): Tensor {
    return softmax(input, this.dim);
  }
}

/**
 * `softmax(-x)` along a dim.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softmin.html
 */
export class Softmin extends AlongDim {
  override forward(input: Tensor): Tensor {
    return softmin(input, this.dim);
  }
}

/**
 * The logarithm of `softmax` along a dim, without overflow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html
 */
export class LogSoftmax extends AlongDim {
  override forward(input: Tensor): Tensor {
    return logSoftmax(input, this.dim);
  }
}

/**
 * `softmax` over the channels of images `[N, C, H, W]` or `[C, H, W]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softmax2d.html
 */
export class Softmax2d extends BareActivation {
  override forward(input: Tensor): Tensor {
    const ndim = readArgument("Softmax2d", "input", tensor, input).ndim;
    if (ndim !== 3 && ndim !== 4) throw new Error(`Softmax2d: expected input to be 3D or 4D, got ${ndim}D instead`);
    return softmax(input, -3);
  }
}
