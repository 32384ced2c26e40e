import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import { full, where, zerosLike } from "../ops/functions.js";
import { Cauchy } from "./cauchy.js";
import * as constraints from "./constraints.js";
import { type Constraints, checkProbabilities, type Validated, validated } from "./distribution.js";
import { TransformedDistribution } from "./transformedDistribution.js";
import { AbsTransform } from "./transforms/elementwise.js";
import { kindOf, tensorLike } from "./utils.js";

const signature = new Signature("HalfCauchy", { scale: operand, ...validated });

/**
 * The distribution of |X| for X of a Cauchy distribution around 0.
 *
 * @example new torch.distributions.HalfCauchy(1).sample()
 */
export class HalfCauchy extends TransformedDistribution {
  static override readonly argConstraints: Constraints<"scale"> = { scale: constraints.positive };
  static override readonly support = constraints.nonnegative;
  static override readonly hasRsample = true;
  declare readonly baseDist: Cauchy;

  constructor(...args: [scale: Operand, options?: Validated]) {
    const { scale, validateArgs } = signature.parse(args);
    super(new Cauchy(0, scale, { validateArgs: false }), new AbsTransform(), { validateArgs });
  }

  get scale(): Tensor {
    return this.baseDist.scale;
  }

  override get mean(): Tensor {
    return full(this._extendedShape(), Infinity, kindOf(this.scale));
  }

  override get mode(): Tensor {
    return zerosLike(this.scale);
  }

  override get variance(): Tensor {
    return this.baseDist.variance;
  }

  override logProb(given: Operand): Tensor {
    const value = tensorLike(given, this.scale);
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
