import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import * as constraints from "./constraints.js";
import {
  broadcastParameters,
  type Constraints,
  checkProbabilities,
  Distribution,
  type SampleArguments,
  sampleShapeOf,
  type Validated,
  validated,
} from "./distribution.js";
import { holdsEverywhere, uniform } from "./utils.js";

const signature = new Signature("Uniform", { low: operand, high: operand, ...validated });

/**
 * The uniform distribution over [low, high).
 *
 * @throws Error if `low` is not below `high`.
 * @example new torch.distributions.Uniform(0, 5).sample()
 */
export class Uniform extends Distribution {
  static override readonly argConstraints: Constraints<"low" | "high"> = {
    low: constraints.dependent({ isDiscrete: false, eventDim: 0 }),
    high: constraints.dependent({ isDiscrete: false, eventDim: 0 }),
  };
  static override readonly support = constraints.dependent({ isDiscrete: false, eventDim: 0 });
  static override readonly hasRsample = true;
  declare readonly low: Tensor;
  declare readonly high: Tensor;

  constructor(...args: [low: Operand, high: Operand, options?: Validated]) {
    super(...broadcastParameters(signature.parse(args)));
    if (this._validateArgs && !holdsEverywhere(this.low.lt(this.high)))
      throw new Error("Uniform is not defined when low>= high");
  }

  override get support(): constraints.Constraint {
    return constraints.interval(this.low, this.high);
  }

  override get mean(): Tensor {
    return this.high.add(this.low).div(2);
  }

  /** NaN: no value is more likely than another. */
  override get mode(): Tensor {
    return this.high.mul(NaN);
  }

  override get stddev(): Tensor {
    return this.high.sub(this.low).div(Math.sqrt(12));
  }

  override get variance(): Tensor {
    return this.high.sub(this.low).pow(2).div(12);
  }

  override rsample(...args: SampleArguments): Tensor {
    const shape = this._extendedShape(sampleShapeOf(args));
    return this.low.add(uniform(shape, this.low).mul(this.high.sub(this.low)));
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    const inside = this.low.le(value).logicalAnd(this.high.gt(value)).to(this.low.dtype);
    return inside.log().sub(this.high.sub(this.low).log());
  }

  override cdf(value: Tensor): Tensor {
    this._validateSample(value);
    return value.sub(this.low).div(this.high.sub(this.low)).clamp(0, 1);
  }

  override icdf(value: Tensor): Tensor {
    checkProbabilities(value);
    return value.mul(this.high.sub(this.low)).add(this.low);
  }

  override entropy(): Tensor {
    return this.high.sub(this.low).log();
  }
}
