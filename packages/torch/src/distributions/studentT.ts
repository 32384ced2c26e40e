import { type Operand, operand, optional } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import type { Args } from "../ops/types.js";
import { Chi2 } from "./chi2.js";
import * as constraints from "./constraints.js";
import {
  broadcastParameters,
  type Constraints,
  Distribution,
  type SampleArguments,
  sampleShapeOf,
  type Validated,
  validated,
} from "./distribution.js";
import { standardNormal } from "./utils.js";

const signature = new Signature("StudentT", {
  df: operand,
  loc: optional(operand, 0),
  scale: optional(operand, 1),
  ...validated,
});

/** The logarithm of the gamma function at 1/2. */
const logGammaOfHalf = 0.5 * Math.log(Math.PI);

/**
 * Student's t-distribution with `df` degrees of freedom, moved to `loc` and stretched by `scale`.
 *
 * @example new torch.distributions.StudentT(2).sample()
 */
export class StudentT extends Distribution {
  static override readonly argConstraints: Constraints<"df" | "loc" | "scale"> = {
    df: constraints.positive,
    loc: constraints.real,
    scale: constraints.positive,
  };
  static override readonly support = constraints.real;
  static override readonly hasRsample = true;
  declare readonly df: Tensor;
  declare readonly loc: Tensor;
  declare readonly scale: Tensor;

  constructor(...args: Args<[df: Operand, loc?: Operand, scale?: Operand], ["loc", "scale"], Validated>) {
    super(...broadcastParameters(signature.parse(args)));
  }

  /** NaN up to one degree of freedom. */
  override get mean(): Tensor {
    return this.loc.maskedFill(this.df.le(1), NaN);
  }

  override get mode(): Tensor {
    return this.loc;
  }

  /** Infinite up to two degrees of freedom, and NaN up to one. */
  override get variance(): Tensor {
    const { df, scale } = this;
    const isFinite = df.gt(2);
    const enough = df.maskedFill(isFinite.logicalNot(), 3);
    const variance = scale.pow(2).mul(enough).div(enough.sub(2));
    return variance.maskedFill(df.le(2), Infinity).maskedFill(df.le(1), NaN);
  }

  override rsample(...args: SampleArguments): Tensor {
    const normal = standardNormal(this._extendedShape(sampleShapeOf(args)), this.df);
    const squares = new Chi2(this.df, { validateArgs: false }).rsample(...args);
    return this.loc.add(this.scale.mul(normal.mul(squares.div(this.df).rsqrt())));
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    const { df, loc, scale } = this;
    const norm = scale
      .log()
      .add(df.log().mul(0.5))
      .add(0.5 * Math.log(Math.PI))
      .add(df.mul(0.5).lgamma())
      .sub(df.add(1).mul(0.5).lgamma());
    const y = value.sub(loc).div(scale);
    return df.add(1).mul(-0.5).mul(y.pow(2).div(df).log1p()).sub(norm);
  }

  override entropy(): Tensor {
    const { df, scale } = this;
    const [half, more] = [df.mul(0.5), df.add(1).mul(0.5)];
    const beta = half.lgamma().add(logGammaOfHalf).sub(more.lgamma());
    return scale
      .log()
      .add(more.mul(more.digamma().sub(half.digamma())))
      .add(df.log().mul(0.5))
      .add(beta);
  }
}
