import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import { where, zerosLike } from "../ops/functions.js";
import * as constraints from "./constraints.js";
import { type Constraints, checkProbabilities, type Validated, validated } from "./distribution.js";
import { Normal } from "./normal.js";
import { TransformedDistribution } from "./transformedDistribution.js";
import { AbsTransform } from "./transforms/elementwise.js";

const signature = new Signature("HalfNormal", { scale: operand, ...validated });

/**
 * The distribution of |X| for X of a normal distribution around 0.
 *
 * @example new torch.distributions.HalfNormal(1).sample()
 */
export class HalfNormal extends TransformedDistribution {
  static override readonly argConstraints: Constraints<"scale"> = { scale: constraints.positive };
  static override readonly support = constraints.nonnegative;
  static override readonly hasRsample = true;
  declare readonly baseDist: Normal;

  constructor(...args: [scale: Operand, options?: Validated]) {
    const { scale, validateArgs } = signature.parse(args);
    super(new Normal(0, scale, { validateArgs: false }), new AbsTransform(), { validateArgs });
  }

  get scale(): Tensor {
    return this.baseDist.scale;
  }

  override get mean(): Tensor {
    return this.scale.mul(Math.sqrt(2 / Math.PI));
  }

  override get mode(): Tensor {
    return zerosLike(this.scale);
  }

  override get variance(): Tensor {
    return this.scale.pow(2).mul(1 - 2 / Math.PI);
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
