import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import { full } from "../ops/functions.js";
import { Cauchy } from "./cauchy.js";
import { type Validated, validated } from "./distribution.js";
import { HalfDistribution } from "./halfDistribution.js";
import { kindOf, tensorLike } from "./utils.js";

const signature = new Signature("HalfCauchy", { scale: operand, ...validated });

/**
 * The distribution of |X| for X of a Cauchy distribution around 0.
 *
 * @example new torch.distributions.HalfCauchy(1).sample()
 */
export class HalfCauchy extends HalfDistribution {
  declare readonly baseDist: Cauchy;

  constructor(...args: [scale: Operand, options?: Validated]) {
    const { scale, validateArgs } = signature.parse(args);
    super(new Cauchy(0, scale, { validateArgs: false }), { validateArgs });
  }

  override get mean(): Tensor {
    return full(this._extendedShape(), Infinity, kindOf(this.scale));
  }

  override get variance(): Tensor {
    return this.baseDist.variance;
  }

  override logProb(value: Operand): Tensor {
    return super.logProb(tensorLike(value, this.scale));
  }
}
