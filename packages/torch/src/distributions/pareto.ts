import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import * as constraints from "./constraints.js";
import { type Constraints, type Validated, validated } from "./distribution.js";
import { Exponential } from "./exponential.js";
import { TransformedDistribution } from "./transformedDistribution.js";
import { AffineTransform, ExpTransform } from "./transforms/elementwise.js";
import { broadcastAll } from "./utils.js";

const signature = new Signature("Pareto", { scale: operand, alpha: operand, ...validated });

/**
 * The Pareto distribution (type 1) of numbers from `scale` on, whose density falls as x^(-alpha - 1).
 *
 * @example new torch.distributions.Pareto(1, 1).sample()
 */
export class Pareto extends TransformedDistribution {
  static override readonly argConstraints: Constraints<"alpha" | "scale"> = {
    alpha: constraints.positive,
    scale: constraints.positive,
  };
  declare readonly scale: Tensor;
  declare readonly alpha: Tensor;

  constructor(...args: [scale: Operand, alpha: Operand, options?: Validated]) {
    const { validateArgs, ...given } = signature.parse(args);
    const [scale, alpha] = broadcastAll(given.scale, given.alpha);
    const base = new Exponential(alpha, { validateArgs });
    super(base, [new ExpTransform(), new AffineTransform(0, scale)], { validateArgs, parameters: { scale, alpha } });
  }

  override get support(): constraints.Constraint {
    return constraints.greaterThanEq(this.scale);
  }

  /** Infinite for alpha up to 1. */
  override get mean(): Tensor {
    const alpha = this.alpha.clamp({ min: 1 });
    return alpha.mul(this.scale).div(alpha.sub(1));
  }

  override get mode(): Tensor {
    return this.scale;
  }

  /** Infinite for alpha up to 2. */
  override get variance(): Tensor {
    const alpha = this.alpha.clamp({ min: 2 });
    return this.scale
      .pow(2)
      .mul(alpha)
      .div(alpha.sub(1).pow(2).mul(alpha.sub(2)));
  }

  override entropy(): Tensor {
    return this.scale.div(this.alpha).log().add(this.alpha.reciprocal().add(1));
  }
}
