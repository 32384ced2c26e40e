import { Signature } from "../arguments/parse.js";
import { noGrad } from "../autograd/modes.js";
import { finfo } from "../core/limits.js";
import type { Tensor } from "../core/tensor.js";
import { empty, zerosLike } from "../ops/functions.js";
import { binaryCrossEntropyWithLogits } from "../ops/loss/binaryCrossEntropy.js";
import * as constraints from "./constraints.js";
import { Distribution, described, type SampleArguments, sampleShapeOf } from "./distribution.js";
import {
  type EventArguments,
  eventConstraints,
  eventParameter,
  eventParams,
  logitsOf,
  probsOf,
} from "./probabilities.js";
import { broadcastAll, formatted, holdsEverywhere, kindOf } from "./utils.js";

const signature = new Signature("Geometric", eventParams);

/**
 * The number of failures before the first success; given is either the probability of a success, in (0, 1], or its logit.
 *
 * @example new torch.distributions.Geometric(torch.tensor([0.3])).sample()
 */
export class Geometric extends Distribution {
  static override readonly argConstraints = eventConstraints;
  static override readonly support = constraints.nonnegativeInteger;

  constructor(...args: EventArguments) {
    const { validateArgs, ...given } = signature.parse(args);
    const { shape, parameters } = eventParameter(given);
    super(shape, { validateArgs, parameters });
    if (!this._validateArgs || given.probs === undefined) return;
    const { probs } = this;
    if (holdsEverywhere(probs.gt(0))) return;
    throw new Error(
      `Expected parameter probs (${described(probs)}) of distribution ${this} to be positive but found invalid values:\n` +
        formatted(probs.at(probs.le(0))),
    );
  }

  get probs(): Tensor {
    return probsOf(this);
  }

  get logits(): Tensor {
    return logitsOf(this);
  }

  override get mean(): Tensor {
    return this.probs.reciprocal().sub(1);
  }

  override get mode(): Tensor {
    return zerosLike(this.probs);
  }

  override get variance(): Tensor {
    return this.mean.div(this.probs);
  }

  override sample(...args: SampleArguments): Tensor {
    const shape = this._extendedShape(sampleShapeOf(args));
    return noGrad(() => {
      const u = empty(shape, kindOf(this.probs)).uniform_(finfo(this.probs.dtype).tiny, 1);
      return u.log().div(this.probs.neg().log1p()).floor();
    });
  }

  override logProb(given: Tensor): Tensor {
    this._validateSample(given);
    const [value, probs] = broadcastAll(given, this.probs);
    const failures = probs.maskedFill(probs.eq(1).logicalAnd(value.eq(0)), 0);
    return value.mul(failures.neg().log1p()).add(this.probs.log());
  }

  override entropy(): Tensor {
    return binaryCrossEntropyWithLogits(this.logits, this.probs, { reduction: "none" }).div(this.probs);
  }
}
