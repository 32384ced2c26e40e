/** Modules of the activation functions made of exponentials. */
import { flag, int, number, optional } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import { sigmoid, tanh } from "../../ops/activation/activation.js";
import { approximateParam, type Inplace } from "../../ops/activation/define.js";
import * as F from "../../ops/activation/smooth.js";
import type { Args } from "../../ops/types.js";
import { read } from "../arguments.js";
import { Module } from "../module.js";
import { py, pyFloat } from "../repr.js";
import { BareActivation, inplaceText, PlainActivation } from "./activation.js";

/** A function with the parameter `alpha`. */
abstract class WithAlpha extends Module {
  alpha!: number;
  inplace!: boolean;

  constructor(...args: Args<[alpha?: number], ["alpha"], Inplace>) {
    super();
    Object.assign(this, read(this, { alpha: optional(number, 1), inplace: flag }, args));
  }

  override extraRepr(): string {
    return `alpha=${pyFloat(this.alpha)}${inplaceText(this.inplace)}`;
  }
}

/**
 * x where it is positive, `alpha * (exp(x) - 1)` elsewhere.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ELU.html
 */
export class ELU extends WithAlpha {
  override forward(input: Tensor): Tensor {
    return F.elu(input, this.alpha, { inplace: this.inplace });
  }
}

/**
 * x where it is positive, `alpha * (exp(x / alpha) - 1)` elsewhere.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CELU.html
 */
export class CELU extends WithAlpha {
  override forward(input: Tensor): Tensor {
    return F.celu(input, this.alpha, { inplace: this.inplace });
  }
}

/**
 * `scale * elu(x, alpha)` with the two constants that keep mean and variance from layer to layer.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.SELU.html
 */
export class SELU extends PlainActivation {
  override forward(input: Tensor): Tensor {
    return F.selu(input, { inplace: this.inplace });
  }
}

/**
 * `x * sigmoid(x)`, also known as swish.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.SiLU.html
 */
export class SiLU extends PlainActivation {
  override forward(input: Tensor): Tensor {
    return F.silu(input, { inplace: this.inplace });
  }
}

/**
 * `x * tanh(softplus(x))`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Mish.html
 */
export class Mish extends PlainActivation {
  override forward(input: Tensor): Tensor {
    return F.mish(input, { inplace: this.inplace });
  }
}

/**
 * `x / 6 + 1 / 2` between -3 and 3, 0 below and 1 above.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardsigmoid.html
 */
export class Hardsigmoid extends PlainActivation {
  override forward(input: Tensor): Tensor {
    return F.hardsigmoid(input, { inplace: this.inplace });
  }

  override extraRepr(): string {
    return "";
  }
}

/**
 * `x * hardsigmoid(x)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardswish.html
 */
export class Hardswish extends PlainActivation {
  override forward(input: Tensor): Tensor {
    return F.hardswish(input, { inplace: this.inplace });
  }

  override extraRepr(): string {
    return "";
  }
}

/**
 * `x * Φ(x)`, with the normal distribution's Φ; with `approximate: "tanh"` by the hyperbolic tangent.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GELU.html
 */
export class GELU extends Module {
  approximate: "none" | "tanh";

  constructor(...args: [options?: { approximate?: "none" | "tanh" }]) {
    super();
    this.approximate = read(this, { approximate: approximateParam }, args).approximate;
  }

  override forward(input: Tensor): Tensor {
    return F.gelu(input, { approximate: this.approximate });
  }

  override extraRepr(): string {
    return `approximate=${py(this.approximate)}`;
  }
}

/**
 * `log(1 + exp(beta * x)) / beta`, and x itself where `beta * x` is greater than `threshold`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softplus.html
 */
export class Softplus extends Module {
  beta!: number;
  threshold!: number;

  constructor(...args: Args<[beta?: number, threshold?: number], ["beta", "threshold"]>) {
    super();
    Object.assign(this, read(this, { beta: optional(number, 1), threshold: optional(number, 20) }, args));
  }

  override forward(input: Tensor): Tensor {
    return F.softplus(input, this.beta, this.threshold);
  }

  override extraRepr(): string {
    return `beta=${pyFloat(this.beta)}, threshold=${pyFloat(this.threshold)}`;
  }
}

/**
 * `1 / (1 + exp(-x))`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html
 */
export class Sigmoid extends BareActivation {
  override forward(input: Tensor): Tensor {
    return sigmoid(input);
  }
}

/**
 * The hyperbolic tangent.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Tanh.html
 */
export class Tanh extends BareActivation {
  override forward(input: Tensor): Tensor {
    return tanh(input);
  }
}

/**
 * `x - tanh(x)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Tanhshrink.html
 */
export class Tanhshrink extends BareActivation {
  override forward(input: Tensor): Tensor {
    return F.tanhshrink(input);
  }
}

/**
 * `x / (1 + |x|)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softsign.html
 */
export class Softsign extends BareActivation {
  override forward(input: Tensor): Tensor {
    return F.softsign(input);
  }
}

/**
 * `log(sigmoid(x))`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LogSigmoid.html
 */
export class LogSigmoid extends BareActivation {
  override forward(input: Tensor): Tensor {
    return F.logsigmoid(input);
  }
}

/**
 * `a * sigmoid(b)` for the two halves a and b of a dim.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GLU.html
 */
export class GLU extends Module {
  dim: number;

  constructor(...args: Args<[dim?: number], ["dim"]>) {
    super();
    this.dim = read(this, { dim: optional(int, -1) }, args).dim;
  }

  override forward(input: Tensor): Tensor {
    return F.glu(input, this.dim);
  }

  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}
