import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { finfo } from "../core/limits.js";
import type { Tensor } from "../core/tensor.js";
import { igamma, xlogy } from "../ops/functions.js";
import { standardGamma } from "../ops/random/gamma.js";
import * as constraints from "./constraints.js";
import {
  broadcastParameters,
  type Constraints,
  type SampleArguments,
  sampleShapeOf,
  type Validated,
  validated,
} from "./distribution.js";
import { ExponentialFamily } from "./exponentialFamily.js";
import { tensorLike } from "./utils.js";

const signature = new Signature("Gamma", { concentration: operand, rate: operand, ...validated });

/**
 * The gamma distribution with shape `concentration` and scale 1 / `rate`. Gradients flow through samples into both.
 *
 * @example new torch.distributions.Gamma(1, 1).sample()
 */
export class Gamma extends ExponentialFamily {
  static override readonly argConstraints: Constraints = {
    concentration: constraints.positive,
    rate: constraints.positive,
  };
  static override readonly support = constraints.nonnegative;
  static override readonly hasRsample = true;
  declare readonly concentration: Tensor;
  declare readonly rate: Tensor;

  constructor(...args: [concentration: Operand, rate: Operand, options?: Validated]) {
    super(...broadcastParameters(signature.parse(args)));
  }

  override get mean(): Tensor {
    return this.concentration.div(this.rate);
  }

  override get mode(): Tensor {
    return this.concentration.sub(1).div(this.rate).clamp({ min: 0 });
  }

  override get variance(): Tensor {
    return this.concentration.div(this.rate.pow(2));
  }

  override rsample(...args: SampleArguments): Tensor {
    const shape = this._extendedShape(sampleShapeOf(args));
    const value = standardGamma(this.concentration.expand(shape)).div(this.rate.expand(shape));
    // No sample is 0; the graph does not see that.
    value.detach().clamp_({ min: finfo(value.dtype).tiny });
    return value;
  }

  override logProb(given: Operand): Tensor {
    const { concentration, rate } = this;
    const value = tensorLike(given, rate);
    this._validateSample(value);
    return xlogy(concentration, rate)
      .add(xlogy(concentration.sub(1), value))
      .sub(rate.mul(value))
      .sub(concentration.lgamma());
  }

  override cdf(given: Operand): Tensor {
    const { concentration, rate } = this;
    const value = tensorLike(given, rate);
    this._validateSample(value);
    return igamma(concentration, rate.mul(value));
  }

  override entropy(): Tensor {
    const { concentration, rate } = this;
    return concentration
      .sub(rate.log())
      .add(concentration.lgamma())
      .add(concentration.neg().add(1).mul(concentration.digamma()));
  }

  override get _naturalParams(): readonly Tensor[] {
    return [this.concentration.sub(1), this.rate.neg()];
  }

  override _logNormalizer(x: Tensor, y: Tensor): Tensor {
    const shape = x.add(1);
    return shape.lgamma().add(shape.mul(y.reciprocal().neg().log()));
  }

  override get _meanCarrierMeasure(): number {
    return 0;
  }
}
