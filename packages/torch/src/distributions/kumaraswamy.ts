import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import { onesLike, zerosLike } from "../ops/functions.js";
import * as constraints from "./constraints.js";
import { type Constraints, type Validated, validated } from "./distribution.js";
import { TransformedDistribution } from "./transformedDistribution.js";
import { AffineTransform, PowerTransform } from "./transforms/elementwise.js";
import { Uniform } from "./uniform.js";
import { broadcastAll, eulerConstant } from "./utils.js";

const signature = new Signature("Kumaraswamy", { concentration1: operand, concentration0: operand, ...validated });

/**
 * The Kumaraswamy distribution of a share, whose distribution function is 1 - (1 - x^a)^b.
 *
 * @example new torch.distributions.Kumaraswamy(1, 1).sample()
 */
export class Kumaraswamy extends TransformedDistribution {
  static override readonly argConstraints: Constraints<"concentration1" | "concentration0"> = {
    concentration1: constraints.positive,
    concentration0: constraints.positive,
  };
  static override readonly support = constraints.unitInterval;
  static override readonly hasRsample = true;
  declare readonly concentration1: Tensor;
  declare readonly concentration0: Tensor;

  constructor(...args: [concentration1: Operand, concentration0: Operand, options?: Validated]) {
    const { validateArgs, ...given } = signature.parse(args);
    const [concentration1, concentration0] = broadcastAll(given.concentration1, given.concentration0);
    const base = new Uniform(zerosLike(concentration0), onesLike(concentration0), { validateArgs });
    const transforms = [
      new PowerTransform(concentration0.reciprocal()),
      new AffineTransform(1, -1),
      new PowerTransform(concentration1.reciprocal()),
    ];
    super(base, transforms, { validateArgs, parameters: { concentration1, concentration0 } });
  }

  override get mean(): Tensor {
    return moment(this, 1);
  }

  /** NaN where a parameter is below 1. */
  override get mode(): Tensor {
    const { concentration1: a, concentration0: b } = this;
    const log = b.reciprocal().mul(b.neg().log1p()).sub(b.neg().mul(a).log1p());
    return log.maskedFill(b.lt(1).logicalOr(a.lt(1)), NaN).exp();
  }

  override get variance(): Tensor {
    return moment(this, 2).sub(this.mean.pow(2));
  }

  override entropy(): Tensor {
    const { concentration1: a, concentration0: b } = this;
    const harmonic = b.add(1).digamma().add(eulerConstant);
    return b.reciprocal().neg().add(1).add(a.reciprocal().neg().add(1).mul(harmonic)).sub(a.log()).sub(b.log());
  }
}

/** The mean of x^n. */
function moment({ concentration1: a, concentration0: b }: Kumaraswamy, n: number): Tensor {
  const order = a.reciprocal().mul(n).add(1);
  return b.mul(order.lgamma().add(b.lgamma()).sub(order.add(b).lgamma()).exp());
}
