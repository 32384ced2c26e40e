import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import type { Args } from "../ops/types.js";
import * as constraints from "./constraints.js";
import { Distribution, type SampleArguments, sampleShapeOf, type Validated } from "./distribution.js";
import { eventConstraints, eventParameter, eventParams, givenOf, logitsOf, probsOf } from "./probabilities.js";
import { TransformedDistribution } from "./transformedDistribution.js";
import { SigmoidTransform } from "./transforms/elementwise.js";
import { broadcastAll, clampProbs, uniform } from "./utils.js";

const params = { temperature: operand, ...eventParams };
const logitSignature = new Signature("LogitRelaxedBernoulli", params);
const signature = new Signature("RelaxedBernoulli", params);

type Arguments = Args<
  [temperature: Operand, probs?: Operand | null, logits?: Operand | null],
  ["probs", "logits"],
  Validated
>;

/** The logit of a number from a relaxed Bernoulli distribution. */
export class LogitRelaxedBernoulli extends Distribution {
  static override readonly argConstraints = eventConstraints;
  static override readonly support = constraints.real;
  declare readonly temperature: Tensor;

  constructor(...args: Arguments) {
    const { validateArgs, temperature: given, ...either } = logitSignature.parse(args);
    const [temperature] = broadcastAll(given);
    const { shape, parameters } = eventParameter(either);
    super(shape, { validateArgs, parameters: { temperature, ...parameters } });
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

  override rsample(...args: SampleArguments): Tensor {
    const shape = this._extendedShape(sampleShapeOf(args));
    const probs = clampProbs(this.probs.expand(shape));
    const u = clampProbs(uniform(shape, probs));
    return u.log().sub(u.neg().log1p()).add(probs.log()).sub(probs.neg().log1p()).div(this.temperature);
  }

  override logProb(given: Tensor): Tensor {
    this._validateSample(given);
    const [logits, value] = broadcastAll(this.logits, given);
    const difference = logits.sub(value.mul(this.temperature));
    return this.temperature.log().add(difference).sub(difference.exp().log1p().mul(2));
  }
}

/**
 * A Bernoulli distribution whose values lie between 0 and 1, and move with its parameter: the closer to 0 and 1, the lower the
 * temperature.
 *
 * Source: https://arxiv.org/abs/1611.00712
 *
 * @example new torch.distributions.RelaxedBernoulli(2.2, torch.tensor([0.1, 0.99])).rsample()
 */
export class RelaxedBernoulli extends TransformedDistribution {
  static override readonly argConstraints = eventConstraints;
  static override readonly support = constraints.unitInterval;
  static override readonly hasRsample = true;
  declare readonly baseDist: LogitRelaxedBernoulli;

  constructor(...args: Arguments) {
    const { validateArgs, temperature, probs, logits } = signature.parse(args);
    super(new LogitRelaxedBernoulli(temperature, { probs, logits }), new SigmoidTransform(), { validateArgs });
  }

  get temperature(): Tensor {
    return this.baseDist.temperature;
  }

  get probs(): Tensor {
    return this.baseDist.probs;
  }

  get logits(): Tensor {
    return this.baseDist.logits;
  }
}
