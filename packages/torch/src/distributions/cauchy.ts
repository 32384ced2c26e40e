import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import { empty, full } from "../ops/functions.js";
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

const signature = new Signature("Cauchy", { loc: operand, scale: operand, ...validated });

/**
 * The Cauchy distribution with median `loc` and half width at half maximum `scale`. It has no mean, and no finite variance.
 *
 * @example new torch.distributions.Cauchy(0, 1).sample()
 */
export class Cauchy extends Distribution {
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
    return full(this._extendedShape(), NaN, kindOf(this.loc));
  }

  override get mode(): Tensor {
    return this.loc;
  }

  override get variance(): Tensor {
    return full(this._extendedShape(), Infinity, kindOf(this.loc));
  }

  override rsample(...args: SampleArguments): Tensor {
    const shape = this._extendedShape(sampleShapeOf(args));
    return this.loc.add(empty(shape, kindOf(this.loc)).cauchy_().mul(this.scale));
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    const squares = value.sub(this.loc).div(this.scale).pow(2);
    return this.scale.log().neg().sub(Math.log(Math.PI)).sub(squares.add(1).log());
  }

  override cdf(value: Tensor): Tensor {
    this._validateSample(value);
    return value.sub(this.loc).div(this.scale).atan().div(Math.PI).add(0.5);
  }

  override icdf(value: Tensor): Tensor {
    checkProbabilities(value);
    return value.sub(0.5).mul(Math.PI).tan().mul(this.scale).add(this.loc);
  }

  override entropy(): Tensor {
    return this.scale.log().add(Math.log(4 * Math.PI));
  }
}
