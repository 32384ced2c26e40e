import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import { fullLike } from "../ops/functions.js";
import type { Args } from "../ops/types.js";
import { categoryConstraints, categoryParams } from "./categorical.js";
import * as constraints from "./constraints.js";
import { type SampleArguments, sampleShapeOf, type Validated } from "./distribution.js";
import { OverCategories } from "./overCategories.js";
import { TransformedDistribution } from "./transformedDistribution.js";
import { ExpTransform } from "./transforms/elementwise.js";
import { broadcastAll, clampProbs, uniform } from "./utils.js";

const params = { temperature: operand, ...categoryParams };
const expSignature = new Signature("ExpRelaxedCategorical", params);
const signature = new Signature("RelaxedOneHotCategorical", params);

type Arguments = Args<
  [temperature: Operand, probs?: Tensor | null, logits?: Tensor | null],
  ["probs", "logits"],
  Validated
>;

/** The logarithms of shares from a relaxed categorical distribution. */
export class ExpRelaxedCategorical extends OverCategories {
  static override readonly support = constraints.realVector;
  static override readonly hasRsample = true;
  declare readonly temperature: Tensor;

  constructor(...args: Arguments) {
    const { validateArgs, temperature: given, ...either } = expSignature.parse(args);
    const [temperature] = broadcastAll(given);
    super(either, { validateArgs, parameters: { temperature } });
  }

  override rsample(...args: SampleArguments): Tensor {
    const shape = this._extendedShape(sampleShapeOf(args));
    const u = clampProbs(uniform(shape, this.logits));
    const gumbels = u.log().neg().log().neg();
    const scores = this.logits.add(gumbels).div(this.temperature);
    return scores.sub(scores.logsumexp(-1, { keepdim: true }));
  }

  override logProb(given: Tensor): Tensor {
    this._validateSample(given);
    const { temperature } = this;
    const n = this.categorical.numEvents;
    const [logits, value] = broadcastAll(this.logits, given);
    const scale = fullLike(temperature, n)
      .lgamma()
      .sub(temperature.log().mul(1 - n));
    const score = logits.sub(value.mul(temperature));
    return score
      .sub(score.logsumexp(-1, { keepdim: true }))
      .sum(-1)
      .add(scale);
  }
}

/**
 * A one-hot categorical distribution whose values are shares that sum to 1, and move with its parameters: the closer to a 1
 * among zeros, the lower the temperature.
 *
 * Source: https://arxiv.org/abs/1611.00712
 *
 * @example new torch.distributions.RelaxedOneHotCategorical(2.2, torch.tensor([0.1, 0.2, 0.7])).rsample()
 */
export class RelaxedOneHotCategorical extends TransformedDistribution {
  static override readonly argConstraints = categoryConstraints;
  static override readonly support = constraints.simplex;
  static override readonly hasRsample = true;
  declare readonly baseDist: ExpRelaxedCategorical;

  constructor(...args: Arguments) {
    const { validateArgs, temperature, probs, logits } = signature.parse(args);
    super(new ExpRelaxedCategorical(temperature, { probs, logits, validateArgs }), new ExpTransform(), {
      validateArgs,
    });
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
