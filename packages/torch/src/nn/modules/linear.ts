/** Linear and bilinear layers. */
import { flagOn, int, tensor } from "../../arguments/params.js";
import { readArgument } from "../../arguments/parse.js";
import type { Tensor } from "../../core/tensor.js";
import { bilinear, linear } from "../../ops/linear/linear.js";
import { emptyParameter, type FactoryOptions, factoryParams, read } from "../arguments.js";
import { expected } from "../failure.js";
import { calculateFanInAndFanOut, kaimingUniform_, uniform_ } from "../init.js";
import { awaitSizes, initialize, unsized } from "../lazy.js";
import { Module } from "../module.js";
import type { Parameter } from "../parameter.js";
import { py } from "../repr.js";

export interface LinearOptions extends FactoryOptions {
  /** Whether a bias is added; true by default. */
  bias?: boolean;
}

/**
 * Returns its input. Takes any arguments, which have no effect.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Identity.html
 */
export class Identity<T = Tensor> extends Module {
  constructor(..._unused: unknown[]) {
    super();
  }

  override forward(input: T): T {
    return input;
  }
}

/**
 * `x @ weight.T + bias`, with a weight `[outFeatures, inFeatures]` and a bias `[outFeatures]` that begin uniform
 * within ±1/√inFeatures.
 *
 * @example const logits = new nn.Linear(784, 10)(images); // [64, 784] becomes [64, 10]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Linear.html
 */
export class Linear extends Module {
  inFeatures: number;
  outFeatures: number;
  weight: Parameter;
  declare bias: Parameter | null;

  constructor(...args: [inFeatures: number, outFeatures: number, options?: LinearOptions]) {
    super();
    const { inFeatures, outFeatures, bias, ...factory } = read(
      this,
      { inFeatures: int, outFeatures: int, bias: flagOn, ...factoryParams },
      args,
    );
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = emptyParameter([outFeatures, inFeatures], factory);
    this.registerParameter("bias", bias ? emptyParameter([outFeatures], factory) : null);
    this.resetParameters();
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    kaimingUniform_(this.weight, Math.sqrt(5));
    if (this.bias === null) return;
    const [fanIn] = calculateFanInAndFanOut(this.weight);
    const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
    uniform_(this.bias, -bound, bound);
  }

  override forward(input: Tensor): Tensor {
    return linear(input, this.weight, this.bias);
  }

  /** @internal */
  [expected](): string {
    return `last dim ${this.inFeatures}`;
  }

  override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${py(this.bias !== null)}`;
  }
}

/**
 * `x1 @ weight[k] @ x2 + bias[k]` for each output k.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.Bilinear.html
 */
export class Bilinear extends Module {
  in1Features: number;
  in2Features: number;
  outFeatures: number;
  weight: Parameter;
  declare bias: Parameter | null;

  constructor(...args: [in1Features: number, in2Features: number, outFeatures: number, options?: LinearOptions]) {
    super();
    const { in1Features, in2Features, outFeatures, bias, ...factory } = read(
      this,
      { in1Features: int, in2Features: int, outFeatures: int, bias: flagOn, ...factoryParams },
      args,
    );
    if (in1Features <= 0) throw new RangeError(`in1_features must be > 0, but got ${in1Features}`);
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    this.weight = emptyParameter([outFeatures, in1Features, in2Features], factory);
    this.registerParameter("bias", bias ? emptyParameter([outFeatures], factory) : null);
    this.resetParameters();
  }

  /** Draws weight and bias anew. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.in1Features);
    uniform_(this.weight, -bound, bound);
    if (this.bias !== null) uniform_(this.bias, -bound, bound);
  }

  override forward(input1: Tensor, input2: Tensor): Tensor {
    return bilinear(input1, input2, this.weight, this.bias);
  }

  override extraRepr(): string {
    const { in1Features, in2Features, outFeatures } = this;
    return `in1_features=${in1Features}, in2_features=${in2Features}, out_features=${outFeatures}, bias=${py(this.bias !== null)}`;
  }
}

/**
 * A linear layer that learns the number of its inputs from the first input, or from a state that is loaded before, and
 * is an ordinary `Linear` from the first call on.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.LazyLinear.html
 */
export class LazyLinear extends Linear {
  constructor(...args: [outFeatures: number, options?: LinearOptions]) {
    super(0, ...args);
    awaitSizes(this);
  }

  /** Nothing to draw before the first call. */
  override resetParameters(): void {}

  override forward(input: Tensor): Tensor {
    const size = readArgument("LazyLinear", "input", tensor, input).sizes.at(-1);
    if (size === undefined) throw new Error("LazyLinear: expected an input of at least one dim, got a 0-d tensor");
    const { weight, outFeatures } = this;
    this.inFeatures = this[unsized]?.has("weight") ? size : (weight.sizes[1] as number);
    Object.setPrototypeOf(this, Linear.prototype);
    initialize(this, (key) => (key === "weight" ? [outFeatures, size] : [outFeatures]));
    return this.forward(input);
  }
}
