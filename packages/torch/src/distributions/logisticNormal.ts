import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import * as constraints from "./constraints.js";
import { type Constraints, type Validated, validated } from "./distribution.js";
import type { Independent } from "./independent.js";
import { Normal } from "./normal.js";
import { TransformedDistribution } from "./transformedDistribution.js";
import { StickBreakingTransform } from "./transforms/simplex.js";

const signature = new Signature("LogisticNormal", { loc: operand, scale: operand, ...validated });

/**
 * Shares whose sum is 1, made of normal numbers by breaking a stick: one share more than there are numbers.
 *
 * @example new torch.distributions.LogisticNormal(torch.zeros(3), torch.ones(3)).sample() // 4 shares
 */
export class LogisticNormal extends TransformedDistribution {
  static override readonly argConstraints: Constraints<"loc" | "scale"> = {
    loc: constraints.real,
    scale: constraints.positive,
  };
  static override readonly support = constraints.simplex;
  static override readonly hasRsample = true;
  declare readonly baseDist: Independent;

  constructor(...args: [loc: Operand, scale: Operand, options?: Validated]) {
    const { loc, scale, validateArgs } = signature.parse(args);
    const base = new Normal(loc, scale, { validateArgs });
    const batched = base.batchShape.length === 0 ? base.expand([1]) : base;
    super(batched, new StickBreakingTransform(), { validateArgs });
  }

  get loc(): Tensor {
    return (this.baseDist.baseDist as Normal).loc;
  }

  get scale(): Tensor {
    return (this.baseDist.baseDist as Normal).scale;
  }
}
