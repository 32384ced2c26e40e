/** Modules of the activation functions made of straight lines. */
import { flag, int, number, optional } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import { relu } from "../../ops/activation/activation.js";
import type { Inplace } from "../../ops/activation/define.js";
import * as F from "../../ops/activation/rectified.js";
import { hardshrink, prelu } from "../../ops/activation/shrink.js";
import type { Args } from "../../ops/types.js";
import { emptyParameter, type FactoryOptions, factoryParams, read } from "../arguments.js";
import { constant_ } from "../init.js";
import { Module } from "../module.js";
import type { Parameter } from "../parameter.js";
import { py, pyFloat } from "../repr.js";
import { inplaceText, PlainActivation } from "./activation.js";

/**
 * `max(0, x)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReLU.html
 */
export class ReLU extends PlainActivation {
  override forward(input: Tensor): Tensor {
    return this.inplace ? F.relu_(input) : relu(input);
  }
}

/**
 * `min(max(0, x), 6)`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.ReLU6.html
 */
export class ReLU6 extends PlainActivation {
  override forward(input: Tensor): Tensor {
    return F.relu6(input, { inplace: this.inplace });
  }
}

/**
 * x where it is positive, `negativeSlope * x` elsewhere.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LeakyReLU.html
 */
export class LeakyReLU extends Module {
  negativeSlope!: number;
  inplace!: boolean;

  constructor(...args: Args<[negativeSlope?: number], ["negativeSlope"], Inplace>) {
    super();
    Object.assign(this, read(this, { negativeSlope: optional(number, 0.01), inplace: flag }, args));
  }

  override forward(input: Tensor): Tensor {
    return F.leakyRelu(input, this.negativeSlope, { inplace: this.inplace });
  }

  override extraRepr(): string {
    return `negative_slope=${pyFloat(this.negativeSlope)}${inplaceText(this.inplace)}`;
  }
}

/**
 * x where it is positive, `weight * x` elsewhere, with a weight that is trained: one for all, or one for each
 * channel.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PReLU.html
 */
export class PReLU extends Module {
  numParameters: number;
  init: number;
  weight: Parameter;

  constructor(...args: Args<[numParameters?: number, init?: number], ["numParameters", "init"], FactoryOptions>) {
    super();
    const params = { numParameters: optional(int, 1), init: optional(number, 0.25), ...factoryParams };
    const { numParameters, init, ...factory } = read(this, params, args);
    this.numParameters = numParameters;
    this.init = init;
    this.weight = emptyParameter([numParameters], factory);
    this.resetParameters();
  }

  /** Sets the weight to where it began. */
  resetParameters(): void {
    constant_(this.weight, this.init);
  }

  override forward(input: Tensor): Tensor {
    return prelu(input, this.weight);
  }

  override extraRepr(): string {
    return `num_parameters=${this.numParameters}`;
  }
}

/**
 * x where it is positive, `slope * x` elsewhere, with a random slope in training and the mean one in evaluation.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.RReLU.html
 */
export class RReLU extends Module {
  lower!: number;
  upper!: number;
  inplace!: boolean;

  constructor(...args: Args<[lower?: number, upper?: number], ["lower", "upper"], Inplace>) {
    super();
    Object.assign(
      this,
      read(this, { lower: optional(number, 1 / 8), upper: optional(number, 1 / 3), inplace: flag }, args),
    );
  }

  override forward(input: Tensor): Tensor {
    const { training, inplace } = this;
    return F.rrelu(input, this.lower, this.upper, { training, inplace });
  }

  override extraRepr(): string {
    return `lower=${pyFloat(this.lower)}, upper=${pyFloat(this.upper)}${inplaceText(this.inplace)}`;
  }
}

/**
 * x between `minVal` and `maxVal`, and the nearer of the two outside.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardtanh.html
 */
export class Hardtanh extends Module {
  minVal!: number;
  maxVal!: number;
  inplace!: boolean;

  constructor(...args: Args<[minVal?: number, maxVal?: number], ["minVal", "maxVal"], Inplace>) {
    super();
    Object.assign(this, read(this, { minVal: optional(number, -1), maxVal: optional(number, 1), inplace: flag }, args));
    if (!(this.maxVal > this.minVal)) throw new RangeError("max_val must be larger than min_val");
  }

  override forward(input: Tensor): Tensor {
    return F.hardtanh(input, this.minVal, this.maxVal, { inplace: this.inplace });
  }

  override extraRepr(): string {
    return `min_val=${pyFloat(this.minVal)}, max_val=${pyFloat(this.maxVal)}${inplaceText(this.inplace)}`;
  }
}

/**
 * x where it is greater than `threshold`, `value` elsewhere.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Threshold.html
 */
export class Threshold extends Module {
  threshold!: number;
  value!: number;
  inplace!: boolean;

  constructor(...args: [threshold: number, value: number, options?: Inplace]) {
    super();
    Object.assign(this, read(this, { threshold: number, value: number, inplace: flag }, args));
  }

  override forward(input: Tensor): Tensor {
    return F.threshold(input, this.threshold, this.value, { inplace: this.inplace });
  }

  override extraRepr(): string {
    return `threshold=${py(this.threshold)}, value=${py(this.value)}${inplaceText(this.inplace)}`;
  }
}

/** A function with a threshold around 0. */
abstract class Shrink extends Module {
  lambd: number;

  constructor(...args: Args<[lambd?: number], ["lambd"]>) {
    super();
    this.lambd = read(this, { lambd: optional(number, 0.5) }, args).lambd;
  }

  override extraRepr(): string {
    return pyFloat(this.lambd);
  }
}

/**
 * x where its distance from 0 is greater than `lambd`, 0 elsewhere.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Hardshrink.html
 */
export class Hardshrink extends Shrink {
  override forward(input: Tensor): Tensor {
    return hardshrink(input, this.lambd);
  }
}

/**
 * x moved towards 0 by `lambd`, and 0 where its distance from 0 is less.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Softshrink.html
 */
export class Softshrink extends Shrink {
  override forward(input: Tensor): Tensor {
    return F.softshrink(input, this.lambd);
  }
}
