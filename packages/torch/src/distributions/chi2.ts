import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { Tensor } from "../core/tensor.js";
import * as constraints from "./constraints.js";
import { type Constraints, type Validated, validated } from "./distribution.js";
import { Gamma } from "./gamma.js";
import { setOwn } from "./utils.js";

const signature = new Signature("Chi2", { df: operand, ...validated });

/**
 * The chi-squared distribution with `df` degrees of freedom: a gamma distribution of shape df / 2 and rate 1/2.
 *
 * @example new torch.distributions.Chi2(1).sample()
 */
export class Chi2 extends Gamma {
  static override readonly argConstraints: Constraints<"df"> = { df: constraints.positive };

  constructor(...args: [df: Operand, options?: Validated]) {
    const { df, validateArgs } = signature.parse(args);
    super(df instanceof Tensor ? df.mul(0.5) : Number(df) / 2, 0.5, { validateArgs });
  }

  get df(): Tensor {
    return this.concentration.mul(2);
  }

  override expand(...args: [batchShape: readonly number[]]): this {
    const expanded = super.expand(...args);
    const { batchShape } = expanded;
    setOwn(expanded, "concentration", this.concentration.expand(batchShape));
    setOwn(expanded, "rate", this.rate.expand(batchShape));
    return expanded;
  }
}
