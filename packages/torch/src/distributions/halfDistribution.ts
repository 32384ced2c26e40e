import type { Tensor } from "../core/tensor.js";
import { where, zerosLike } from "../ops/functions.js";
import type { Cauchy } from "./cauchy.js";
import * as constraints from "./constraints.js";
import { type Constraints, checkProbabilities, type Validated } from "./distribution.js";
import type { Normal } from "./normal.js";
import { TransformedDistribution } from "./transformedDistribution.js";
import { AbsTransform } from "./transforms/elementwise.js";

/** The distribution of |X| for X of a distribution that is symmetric around 0. */
export abstract class HalfDistribution extends TransformedDistribution {
  static override readonly argConstraints: Constraints<"scale"> = { scale: constraints.positive };
  static override readonly support = constraints.nonnegative;
  static override readonly hasRsample = true;
  declare readonly baseDist: Normal | Cauchy;

  constructor(base: Normal | Cauchy, options: Validated) {
    super(base, new AbsTransform(), options);
  }

  get scale(): Tensor {
    return this.baseDist.scale;
  }

  override get mode(): Tensor {
    return zerosLike(this.scale);
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    return where(value.ge(0), this.baseDist.logProb(value).add(Math.LN2), -Infinity);
  }

  override cdf(value: Tensor): Tensor {
    this._validateSample(value);
    return this.baseDist.cdf(value).mul(2).sub(1);
  }

  override icdf(value: Tensor): Tensor {
    checkProbabilities(value);
    return this.baseDist.icdf(value.add(1).div(2));
  }

  override entropy(): Tensor {
    return this.baseDist.entropy().sub(Math.LN2);
  }
}
