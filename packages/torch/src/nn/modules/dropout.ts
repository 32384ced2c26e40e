/** Modules of dropout: active in training, nothing in evaluation. */
import { flag, number, optional } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import type { Inplace } from "../../ops/activation/define.js";
import * as F from "../../ops/random/dropout.js";
import type { Args } from "../../ops/types.js";
import { read } from "../arguments.js";
import { Module } from "../module.js";
import { py, pyFloat } from "../repr.js";

abstract class AnyDropout extends Module {
  p!: number;
  inplace!: boolean;

  constructor(...args: Args<[p?: number], ["p"], Inplace>) {
    super();
    Object.assign(this, read(this, { p: optional(number, 0.5), inplace: flag }, args));
    if (!(this.p >= 0 && this.p <= 1))
      throw new RangeError(`dropout probability has to be between 0 and 1, but got ${this.p}`);
  }

  override extraRepr(): string {
    return `p=${pyFloat(this.p)}, inplace=${py(this.inplace)}`;
  }
}

/**
 * Sets elements to 0 with probability `p` in training, and divides the others by `1 - p`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout.html
 */
export class Dropout extends AnyDropout {
  override forward(input: Tensor): Tensor {
    return F.dropout(input, this.p, { training: this.training, inplace: this.inplace });
  }
}

/**
 * Dropout of whole channels, for inputs `[N, C, L]` or `[C, L]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout1d.html
 */
export class Dropout1d extends AnyDropout {
  override forward(input: Tensor): Tensor {
    return F.dropout1d(input, this.p, { training: this.training, inplace: this.inplace });
  }
}

/**
 * Dropout of whole channels, for inputs `[N, C, H, W]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout2d.html
 */
export class Dropout2d extends AnyDropout {
  override forward(input: Tensor): Tensor {
    return F.dropout2d(input, this.p, { training: this.training, inplace: this.inplace });
  }
}

/**
 * Dropout of whole channels, for inputs `[N, C, D, H, W]` or `[C, D, H, W]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Dropout3d.html
 */
export class Dropout3d extends AnyDropout {
  override forward(input: Tensor): Tensor {
    return F.dropout3d(input, this.p, { training: this.training, inplace: this.inplace });
  }
}

/**
 * Dropout that keeps mean and variance of inputs that have those of `SELU`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.AlphaDropout.html
 */
export class AlphaDropout extends AnyDropout {
  override forward(input: Tensor): Tensor {
    // Never in place, as in PyTorch.
    return F.alphaDropout(input, this.p, { training: this.training });
  }
}

/**
 * `AlphaDropout` of whole channels.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.FeatureAlphaDropout.html
 */
export class FeatureAlphaDropout extends AnyDropout {
  override forward(input: Tensor): Tensor {
    // Never in place, as in PyTorch.
    return F.featureAlphaDropout(input, this.p, { training: this.training });
  }
}
