import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { finfo } from "../core/limits.js";
import type { Tensor } from "../core/tensor.js";
import * as constraints from "./constraints.js";
import {
  broadcastParameters,
  type Constraints,
  Distribution,
  type SampleArguments,
  type Validated,
  validated,
} from "./distribution.js";
import { Gamma } from "./gamma.js";

const signature = new Signature("FisherSnedecor", { df1: operand, df2: operand, ...validated });

/**
 * The F distribution, of the ratio of two mean squares with `df1` and `df2` degrees of freedom.
 *
 * @example new torch.distributions.FisherSnedecor(1, 2).sample()
 */
export class FisherSnedecor extends Distribution {
  static override readonly argConstraints: Constraints<"df1" | "df2"> = {
    df1: constraints.positive,
    df2: constraints.positive,
  };
  static override readonly support = constraints.positive;
  static override readonly hasRsample = true;
  declare readonly df1: Tensor;
  declare readonly df2: Tensor;

  constructor(...args: [df1: Operand, df2: Operand, options?: Validated]) {
    super(...broadcastParameters(signature.parse(args)));
  }

  override get mean(): Tensor {
    const df2 = this.df2.maskedFill(this.df2.le(2), NaN);
    return df2.div(df2.sub(2));
  }

  override get mode(): Tensor {
    const { df1, df2 } = this;
    return df1.sub(2).div(df1).mul(df2).div(df2.add(2)).maskedFill(df1.le(2), NaN);
  }

  override get variance(): Tensor {
    const df2 = this.df2.maskedFill(this.df2.le(4), NaN);
    return df2
      .pow(2)
      .mul(2)
      .mul(this.df1.add(df2).sub(2))
      .div(this.df1.mul(df2.sub(2).pow(2)).mul(df2.sub(4)));
  }

  override rsample(...args: SampleArguments): Tensor {
    const [top, bottom] = [this.df1, this.df2].map((df) =>
      new Gamma(df.mul(0.5), df, { validateArgs: false }).rsample(...args),
    ) as [Tensor, Tensor];
    const { tiny } = finfo(bottom.dtype);
    return top.div(bottom.clamp({ min: tiny })).clamp({ min: tiny });
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    const [half1, half2, ratio] = [this.df1.mul(0.5), this.df2.mul(0.5), this.df1.div(this.df2)];
    const both = half1.add(half2);
    return both
      .lgamma()
      .sub(half1.lgamma())
      .sub(half2.lgamma())
      .add(half1.mul(ratio.log()).add(half1.sub(1).mul(value.log())))
      .sub(both.mul(ratio.mul(value).log1p()));
  }
}
