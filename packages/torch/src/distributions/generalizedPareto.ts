import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import { fullLike, isclose, where, zerosLike } from "../ops/functions.js";
import * as constraints from "./constraints.js";
import {
  broadcastParameters,
  type Constraints,
  checkProbabilities,
  Distribution,
  type SampleArguments,
  sampleShapeOf,
  type Validated,
  validated,
} from "./distribution.js";
import { uniform } from "./utils.js";

const signature = new Signature("GeneralizedPareto", {
  loc: operand,
  scale: operand,
  concentration: operand,
  ...validated,
});

/**
 * The generalized Pareto distribution of what exceeds `loc`: exponential for a concentration of 0, with a heavy tail above, and
 * with an upper limit below.
 *
 * @example new torch.distributions.GeneralizedPareto(0, 1, 0.5).sample()
 */
export class GeneralizedPareto extends Distribution {
  static override readonly argConstraints: Constraints<"loc" | "scale" | "concentration"> = {
    loc: constraints.real,
    scale: constraints.positive,
    concentration: constraints.real,
  };
  static override readonly support = constraints.dependent({ isDiscrete: false, eventDim: 0 });
  static override readonly hasRsample = true;
  declare readonly loc: Tensor;
  declare readonly scale: Tensor;
  declare readonly concentration: Tensor;

  constructor(...args: [loc: Operand, scale: Operand, concentration: Operand, options?: Validated]) {
    super(...broadcastParameters(signature.parse(args)));
  }

  override get support(): constraints.Constraint {
    const { loc, scale, concentration } = this;
    const upper = where(concentration.lt(0), loc.sub(scale.div(concentration)), fullLike(loc, Infinity));
    return constraints.interval(loc, upper);
  }

  /** Infinite for a concentration of 1 and above. */
  override get mean(): Tensor {
    const { loc, scale, concentration } = this;
    return loc.add(scale.div(concentration.neg().add(1))).maskedFill(concentration.ge(1), Infinity);
  }

  override get mode(): Tensor {
    return this.loc;
  }

  /** Infinite for a concentration of 1/2 and above. */
  override get variance(): Tensor {
    const { scale, concentration } = this;
    const rest = concentration.neg().add(1);
    const variance = scale.pow(2).div(rest.pow(2).mul(concentration.mul(-2).add(1)));
    return variance.maskedFill(concentration.ge(0.5), Infinity);
  }

  override rsample(...args: SampleArguments): Tensor {
    return this.icdf(uniform(this._extendedShape(sampleShapeOf(args)), this.loc));
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    const { scale } = this;
    const z = value.sub(this.loc).div(scale);
    const { isZero, concentration } = shaped(this);
    const power = concentration.reciprocal().add(1).mul(concentration.mul(z).log1p());
    return where(isZero, z, power).neg().sub(scale.log());
  }

  override cdf(value: Tensor): Tensor {
    this._validateSample(value);
    const z = value.sub(this.loc).div(this.scale);
    const { isZero, concentration } = shaped(this);
    const log = concentration.mul(z).log1p().div(concentration);
    return where(isZero, z, log).neg().expm1().neg();
  }

  override icdf(value: Tensor): Tensor {
    checkProbabilities(value);
    const { isZero, concentration } = shaped(this);
    const log = value.neg().log1p().neg();
    const z = where(isZero, log, concentration.mul(log).expm1().div(concentration));
    return this.loc.add(this.scale.mul(z));
  }

  override entropy(): Tensor {
    return this.scale.log().add(this.concentration).add(1);
  }
}

/** Where the concentration is 0, and the concentration with another number in its place there. */
function shaped({ concentration }: GeneralizedPareto): { isZero: Tensor; concentration: Tensor } {
  const isZero = isclose(concentration, zerosLike(concentration));
  return { isZero, concentration: concentration.maskedFill(isZero, 1) };
}
