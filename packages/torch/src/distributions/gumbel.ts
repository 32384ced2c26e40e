import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { finfo } from "../core/limits.js";
import type { Tensor } from "../core/tensor.js";
import { fullLike, onesLike } from "../ops/functions.js";
import * as constraints from "./constraints.js";
import { type Constraints, type Validated, validated } from "./distribution.js";
import { TransformedDistribution } from "./transformedDistribution.js";
import { AffineTransform, ExpTransform } from "./transforms/elementwise.js";
import { Uniform } from "./uniform.js";
import { broadcastAll, eulerConstant } from "./utils.js";

const signature = new Signature("Gumbel", { loc: operand, scale: operand, ...validated });

/**
 * The Gumbel distribution, of the greatest of many numbers.
 *
 * @example new torch.distributions.Gumbel(1, 2).sample()
 */
export class Gumbel extends TransformedDistribution {
  static override readonly argConstraints: Constraints<"loc" | "scale"> = {
    loc: constraints.real,
    scale: constraints.positive,
  };
  static override readonly support = constraints.real;
  declare readonly loc: Tensor;
  declare readonly scale: Tensor;

  constructor(...args: [loc: Operand, scale: Operand, options?: Validated]) {
    const { validateArgs, ...given } = signature.parse(args);
    const [loc, scale] = broadcastAll(given.loc, given.scale);
    const { tiny, eps } = finfo(loc.dtype);
    const base = new Uniform(fullLike(loc, tiny), fullLike(loc, 1 - eps), { validateArgs });
    const transforms = [
      new ExpTransform().inv,
      new AffineTransform(0, onesLike(scale).neg()),
      new ExpTransform().inv,
      new AffineTransform(loc, scale.neg()),
    ];
    super(base, transforms, { validateArgs, parameters: { loc, scale } });
  }

  // Without the transforms, which lose digits.
  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    const y = this.loc.sub(value).div(this.scale);
    return y.sub(y.exp()).sub(this.scale.log());
  }

  override get mean(): Tensor {
    return this.loc.add(this.scale.mul(eulerConstant));
  }

  override get mode(): Tensor {
    return this.loc;
  }

  override get stddev(): Tensor {
    return this.scale.mul(Math.PI / Math.sqrt(6));
  }

  override get variance(): Tensor {
    return this.stddev.pow(2);
  }

  override entropy(): Tensor {
    return this.scale.log().add(1 + eulerConstant);
  }
}
