import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { finfo } from "../core/limits.js";
import type { Tensor } from "../core/tensor.js";
import { empty } from "../ops/functions.js";
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
import { kindOf } from "./utils.js";

const signature = new Signature("Laplace", { loc: operand, scale: operand, ...validated });

/**
 * The Laplace distribution: exponential to both sides of `loc`, with mean distance `scale`.
 *
 * @example new torch.distributions.Laplace(0, 1).sample()
 */
export class Laplace extends Distribution {
  static override readonly argConstraints: Constraints<"loc" | "scale"> = {
    loc: constraints.real,
    scale: constraints.positive,
  };
  static override readonly support = constraints.real;
  static override readonly hasRsample = true;
  declare readonly loc: Tensor;
  declare readonly scale: Tensor;

  constructor(...args: [loc: Operand, scale: Operand, options?: Validated]) {
    super(...broadcastParameters(signature.parse(args)));
  }

  override get mean(): Tensor {
    return this.loc;
  }

  override get mode(): Tensor {
    return this.loc;
  }

  override get variance(): Tensor {
    return this.scale.pow(2).mul(2);
  }

  override get stddev(): Tensor {
    return this.scale.mul(Math.SQRT2);
  }

  override rsample(...args: SampleArguments): Tensor {
    const shape = this._extendedShape(sampleShapeOf(args));
    const side = empty(shape, kindOf(this.loc)).uniform_(finfo(this.loc.dtype).eps - 1, 1);
    return this.loc.sub(this.scale.mul(side.sign()).mul(side.abs().neg().log1p()));
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    return this.scale.mul(2).log().neg().sub(value.sub(this.loc).abs().div(this.scale));
  }

  override cdf(value: Tensor): Tensor {
    this._validateSample(value);
    const distance = value.sub(this.loc);
    const below = distance.abs().neg().div(this.scale).expm1();
    return distance.sign().mul(0.5).mul(below).neg().add(0.5);
  }

  override icdf(value: Tensor): Tensor {
    checkProbabilities(value);
    const side = value.sub(0.5);
    return this.loc.sub(this.scale.mul(side.sign()).mul(side.abs().mul(-2).log1p()));
  }

  override entropy(): Tensor {
    return this.scale.mul(2).log().add(1);
  }
}
