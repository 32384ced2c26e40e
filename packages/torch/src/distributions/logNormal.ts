import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import * as constraints from "./constraints.js";
import { type Constraints, type Validated, validated } from "./distribution.js";
import { Normal } from "./normal.js";
import { TransformedDistribution } from "./transformedDistribution.js";
import { ExpTransform } from "./transforms/elementwise.js";

const signature = new Signature("LogNormal", { loc: operand, scale: operand, ...validated });

/**
 * The distribution of numbers whose logarithm is normal with mean `loc` and standard deviation `scale`.
 *
 * @example new torch.distributions.LogNormal(0, 1).sample()
 */
export class LogNormal extends TransformedDistribution {
  static override readonly argConstraints: Constraints<"loc" | "scale"> = {
    loc: constraints.real,
    scale: constraints.positive,
  };
  static override readonly support = constraints.positive;
  static override readonly hasRsample = true;
  declare readonly baseDist: Normal;

  constructor(...args: [loc: Operand, scale: Operand, options?: Validated]) {
    const { loc, scale, validateArgs } = signature.parse(args);
    super(new Normal(loc, scale, { validateArgs }), new ExpTransform(), { validateArgs });
  }

  get loc(): Tensor {
    return this.baseDist.loc;
  }

  get scale(): Tensor {
    return this.baseDist.scale;
  }

  override get mean(): Tensor {
    return this.loc.add(this.scale.pow(2).div(2)).exp();
  }

  override get mode(): Tensor {
    return this.loc.sub(this.scale.pow(2)).exp();
  }

  override get variance(): Tensor {
    const squares = this.scale.pow(2);
    return squares.exp().sub(1).mul(this.loc.mul(2).add(squares).exp());
  }

  override entropy(): Tensor {
    return this.baseDist.entropy().add(this.loc);
  }
}
