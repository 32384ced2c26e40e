import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import { empty, zerosLike } from "../ops/functions.js";
import * as constraints from "./constraints.js";
import {
  broadcastParameters,
  type Constraints,
  checkProbabilities,
  type SampleArguments,
  sampleShapeOf,
  type Validated,
  validated,
} from "./distribution.js";
import { ExponentialFamily } from "./exponentialFamily.js";
import { kindOf } from "./utils.js";

const signature = new Signature("Exponential", { rate: operand, ...validated });

/**
 * The exponential distribution with mean 1 / `rate`.
 *
 * @example new torch.distributions.Exponential(1).sample()
 */
export class Exponential extends ExponentialFamily {
  static override readonly argConstraints: Constraints<"rate"> = { rate: constraints.positive };
  static override readonly support = constraints.nonnegative;
  static override readonly hasRsample = true;
  declare readonly rate: Tensor;

  constructor(...args: [rate: Operand, options?: Validated]) {
    super(...broadcastParameters(signature.parse(args)));
  }

  override get mean(): Tensor {
    return this.rate.reciprocal();
  }

  override get mode(): Tensor {
    return zerosLike(this.rate);
  }

  override get stddev(): Tensor {
    return this.rate.reciprocal();
  }

  override get variance(): Tensor {
    return this.rate.pow(-2);
  }

  override rsample(...args: SampleArguments): Tensor {
    const shape = this._extendedShape(sampleShapeOf(args));
    return empty(shape, kindOf(this.rate)).exponential_().div(this.rate);
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    return this.rate.log().sub(this.rate.mul(value));
  }

  override cdf(value: Tensor): Tensor {
    this._validateSample(value);
    return this.rate.neg().mul(value).exp().neg().add(1);
  }

  override icdf(value: Tensor): Tensor {
    checkProbabilities(value);
    return value.neg().add(1).log().neg().div(this.rate);
  }

  override entropy(): Tensor {
    return this.rate.log().neg().add(1);
  }

  override get _naturalParams(): readonly Tensor[] {
    return [this.rate.neg()];
  }

  override _logNormalizer(x: Tensor): Tensor {
    return x.neg().log().neg();
  }

  override get _meanCarrierMeasure(): number {
    return 0;
  }
}
