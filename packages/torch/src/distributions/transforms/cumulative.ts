/** The transform by a distribution function. */
import { instanceOf, int, optional, type Param } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import type { Tensor } from "../../core/tensor.js";
import type { Args } from "../../ops/types.js";
import { type Constraint, unitInterval } from "../constraints.js";
import { Distribution } from "../distribution.js";
import { Transform } from "./transform.js";

const distributionParam: Param<Distribution> = instanceOf("Distribution", Distribution);
const signature = new Signature("CumulativeDistributionTransform", {
  distribution: distributionParam,
  cacheSize: optional(int, 0),
});

/** y is the probability of a value up to x. */
export class CumulativeDistributionTransform extends Transform {
  declare readonly distribution: Distribution;

  constructor(...args: Args<[distribution: Distribution, cacheSize?: number], ["cacheSize"]>) {
    const { distribution, cacheSize } = signature.parse(args);
    super(cacheSize);
    this.distribution = distribution;
  }

  override get bijective(): boolean {
    return true;
  }

  override get sign(): number {
    return 1;
  }

  override get domain(): Constraint {
    return this.distribution.support;
  }

  override get codomain(): Constraint {
    return unitInterval;
  }

  override withCache(cacheSize = 1): Transform {
    return this.cacheSize === cacheSize ? this : new CumulativeDistributionTransform(this.distribution, cacheSize);
  }

  override _call(x: Tensor): Tensor {
    return this.distribution.cdf(x);
  }

  override _inverse(y: Tensor): Tensor {
    return this.distribution.icdf(y);
  }

  override logAbsDetJacobian(x: Tensor, _y: Tensor): Tensor {
    return this.distribution.logProb(x);
  }
}
