import { Signature } from "../arguments/parse.js";
import { noGrad } from "../autograd/modes.js";
import type { Tensor } from "../core/tensor.js";
import { binaryCrossEntropyWithLogits } from "../ops/loss/binaryCrossEntropy.js";
import { bernoulli } from "../ops/random/draws.js";
import * as constraints from "./constraints.js";
import { type EnumerateArguments, isExpanded, type SampleArguments, sampleShapeOf } from "./distribution.js";
import { ExponentialFamily } from "./exponentialFamily.js";
import {
  type EventArguments,
  enumerated,
  eventConstraints,
  eventParameter,
  eventParams,
  givenOf,
  logitsOf,
  probsOf,
} from "./probabilities.js";
import { broadcastAll } from "./utils.js";

const signature = new Signature("Bernoulli", eventParams);

/**
 * 1 with a probability, else 0; given is either the probability or its logit.
 *
 * @example new torch.distributions.Bernoulli(torch.tensor([0.3])).sample() // 30% chance of 1
 */
export class Bernoulli extends ExponentialFamily {
  static override readonly argConstraints = eventConstraints;
  static override readonly support = constraints.boolean;
  static override readonly hasEnumerateSupport = true;

  constructor(...args: EventArguments) {
    const { validateArgs, ...given } = signature.parse(args);
    const { shape, parameters } = eventParameter(given);
    super(shape, { validateArgs, parameters });
  }

  get probs(): Tensor {
    return probsOf(this);
  }

  get logits(): Tensor {
    return logitsOf(this);
  }

  get paramShape(): readonly number[] {
    return givenOf(this).shape;
  }

  override get mean(): Tensor {
    return this.probs;
  }

  override get mode(): Tensor {
    const { probs } = this;
    return probs.ge(0.5).to(probs.dtype).maskedFill(probs.eq(0.5), NaN);
  }

  override get variance(): Tensor {
    return this.probs.mul(this.probs.neg().add(1));
  }

  override sample(...args: SampleArguments): Tensor {
    const shape = this._extendedShape(sampleShapeOf(args));
    return noGrad(() => bernoulli(this.probs.expand(shape)));
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    const [logits, target] = broadcastAll(this.logits, value);
    return binaryCrossEntropyWithLogits(logits, target, { reduction: "none" }).neg();
  }

  override entropy(): Tensor {
    return binaryCrossEntropyWithLogits(this.logits, this.probs, { reduction: "none" });
  }

  override enumerateSupport(...args: EnumerateArguments): Tensor {
    return enumerated(2, givenOf(this), this.batchShape, isExpanded(args));
  }

  override get _naturalParams(): readonly Tensor[] {
    return [this.probs.div(this.probs.neg().add(1)).log()];
  }

  override _logNormalizer(x: Tensor): Tensor {
    return x.exp().add(1).log();
  }

  override get _meanCarrierMeasure(): number {
    return 0;
  }
}
