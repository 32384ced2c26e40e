import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { noGrad } from "../autograd/modes.js";
import type { Tensor } from "../core/tensor.js";
import { poisson } from "../ops/random/draws.js";
import * as constraints from "./constraints.js";
import {
  broadcastParameters,
  type Constraints,
  type SampleArguments,
  sampleShapeOf,
  type Validated,
  validated,
} from "./distribution.js";
import { ExponentialFamily } from "./exponentialFamily.js";
import { broadcastAll } from "./utils.js";

const signature = new Signature("Poisson", { rate: operand, ...validated });

/**
 * The Poisson distribution of a count whose mean is `rate`.
 *
 * @example new torch.distributions.Poisson(4).sample()
 */
export class Poisson extends ExponentialFamily {
  static override readonly argConstraints: Constraints<"rate"> = { rate: constraints.nonnegative };
  static override readonly support = constraints.nonnegativeInteger;
  declare readonly rate: Tensor;

  constructor(...args: [rate: Operand, options?: Validated]) {
    super(...broadcastParameters(signature.parse(args)));
  }

  override get mean(): Tensor {
    return this.rate;
  }

  override get mode(): Tensor {
    return this.rate.floor();
  }

  override get variance(): Tensor {
    return this.rate;
  }

  override sample(...args: SampleArguments): Tensor {
    const shape = this._extendedShape(sampleShapeOf(args));
    return noGrad(() => poisson(this.rate.expand(shape)));
  }

  override logProb(given: Tensor): Tensor {
    this._validateSample(given);
    const [rate, value] = broadcastAll(this.rate, given);
    return value.xlogy(rate).sub(rate).sub(value.add(1).lgamma());
  }

  override get _naturalParams(): readonly Tensor[] {
    return [this.rate.log()];
  }

  override _logNormalizer(x: Tensor): Tensor {
    return x.exp();
  }
}
