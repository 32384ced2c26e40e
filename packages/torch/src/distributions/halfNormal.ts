import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import { type Validated, validated } from "./distribution.js";
import { HalfDistribution } from "./halfDistribution.js";
import { Normal } from "./normal.js";

const signature = new Signature("HalfNormal", { scale: operand, ...validated });

/**
 * The distribution of |X| for X of a normal distribution around 0.
 *
 * @example new torch.distributions.HalfNormal(1).sample()
 */
export class HalfNormal extends HalfDistribution {
  declare readonly baseDist: Normal;

  constructor(...args: [scale: Operand, options?: Validated]) {
    const { scale, validateArgs } = signature.parse(args);
    super(new Normal(0, scale, { validateArgs: false }), { validateArgs });
  }

  override get mean(): Tensor {
    return this.scale.mul(Math.sqrt(2 / Math.PI));
  }

  override get variance(): Tensor {
    return this.scale.pow(2).mul(1 - 2 / Math.PI);
  }
}
