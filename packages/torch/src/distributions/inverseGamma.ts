import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import * as constraints from "./constraints.js";
import { type Constraints, type Validated, validated } from "./distribution.js";
import { Gamma } from "./gamma.js";
import { TransformedDistribution } from "./transformedDistribution.js";
import { PowerTransform } from "./transforms/elementwise.js";

const signature = new Signature("InverseGamma", { concentration: operand, rate: operand, ...validated });

/**
 * The distribution of 1 / X for X of a gamma distribution with such a shape and rate.
 *
 * @example new torch.distributions.InverseGamma(2, 3).sample()
 */
export class InverseGamma extends TransformedDistribution {
  static override readonly argConstraints: Constraints<"concentration" | "rate"> = {
    concentration: constraints.positive,
    rate: constraints.positive,
  };
  static override readonly support = constraints.positive;
  static override readonly hasRsample = true;
  declare readonly baseDist: Gamma;

  constructor(...args: [concentration: Operand, rate: Operand, options?: Validated]) {
    const { concentration, rate, validateArgs } = signature.parse(args);
    const base = new Gamma(concentration, rate, { validateArgs });
    super(base, new PowerTransform(-1), { validateArgs });
  }

  get concentration(): Tensor {
    return this.baseDist.concentration;
  }

  get rate(): Tensor {
    return this.baseDist.rate;
  }

  /** Infinite for a concentration up to 1. */
  override get mean(): Tensor {
    const result = this.rate.div(this.concentration.sub(1));
    return result.maskedFill(this.concentration.le(1), Infinity);
  }

  override get mode(): Tensor {
    return this.rate.div(this.concentration.add(1));
  }

  /** Infinite for a concentration up to 2. */
  override get variance(): Tensor {
    const { concentration, rate } = this;
    const result = rate.pow(2).div(concentration.sub(1).pow(2).mul(concentration.sub(2)));
    return result.maskedFill(concentration.le(2), Infinity);
  }

  override entropy(): Tensor {
    const { concentration, rate } = this;
    return concentration
      .add(rate.log())
      .add(concentration.lgamma())
      .sub(concentration.add(1).mul(concentration.digamma()));
  }
}
