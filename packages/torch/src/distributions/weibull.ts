import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import { onesLike } from "../ops/functions.js";
import * as constraints from "./constraints.js";
import { type Constraints, type Validated, validated } from "./distribution.js";
import { Exponential } from "./exponential.js";
import { TransformedDistribution } from "./transformedDistribution.js";
import { AffineTransform, PowerTransform } from "./transforms/elementwise.js";
import { broadcastAll, eulerConstant } from "./utils.js";

const signature = new Signature("Weibull", { scale: operand, concentration: operand, ...validated });

/**
 * The Weibull distribution, of times until something fails.
 *
 * @example new torch.distributions.Weibull(1, 1).sample()
 */
export class Weibull extends TransformedDistribution {
  static override readonly argConstraints: Constraints<"scale" | "concentration"> = {
    scale: constraints.positive,
    concentration: constraints.positive,
  };
  static override readonly support = constraints.positive;
  declare readonly scale: Tensor;
  declare readonly concentration: Tensor;

  constructor(...args: [scale: Operand, concentration: Operand, options?: Validated]) {
    const { validateArgs, ...given } = signature.parse(args);
    const [scale, concentration] = broadcastAll(given.scale, given.concentration);
    const base = new Exponential(onesLike(scale), { validateArgs });
    const transforms = [new PowerTransform(concentration.reciprocal()), new AffineTransform(0, scale)];
    super(base, transforms, { validateArgs, parameters: { scale, concentration } });
  }

  get concentrationReciprocal(): Tensor {
    return this.concentration.reciprocal();
  }

  override get mean(): Tensor {
    return this.scale.mul(this.concentrationReciprocal.add(1).lgamma().exp());
  }

  override get mode(): Tensor {
    const { concentration } = this;
    return this.scale.mul(concentration.sub(1).div(concentration).pow(concentration.reciprocal()));
  }

  override get variance(): Tensor {
    const inverse = this.concentrationReciprocal;
    const second = inverse.mul(2).add(1).lgamma().exp();
    const squared = inverse.add(1).lgamma().mul(2).exp();
    return this.scale.pow(2).mul(second.sub(squared));
  }

  override entropy(): Tensor {
    const inverse = this.concentrationReciprocal;
    return inverse.neg().add(1).mul(eulerConstant).add(this.scale.mul(inverse).log()).add(1);
  }
}
