import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import { eye } from "../ops/functions.js";
import { oneHot } from "../ops/indexing/embedding.js";
import { type CategoryArguments, categoryParams } from "./categorical.js";
import * as constraints from "./constraints.js";
import { type EnumerateArguments, isExpanded, type SampleArguments } from "./distribution.js";
import { OverCategories } from "./overCategories.js";
import { givenOf } from "./probabilities.js";
import { kindOf } from "./utils.js";

const signature = new Signature("OneHotCategorical", categoryParams);

/**
 * One of several events, as a vector with a 1 at its place among zeros; given are either the probabilities, along the last
 * dim, or their logits.
 *
 * @example new torch.distributions.OneHotCategorical(torch.tensor([0.25, 0.25, 0.5])).sample()
 */
export class OneHotCategorical extends OverCategories {
  static override readonly support = constraints.oneHot;
  static override readonly hasEnumerateSupport = true;

  constructor(...args: CategoryArguments) {
    const { validateArgs, ...given } = signature.parse(args);
    super(given, { validateArgs });
  }

  override get mean(): Tensor {
    return this.probs;
  }

  override get mode(): Tensor {
    return vectors(this, this.probs.argmax(-1));
  }

  override get variance(): Tensor {
    return this.probs.mul(this.probs.neg().add(1));
  }

  override sample(...args: SampleArguments): Tensor {
    return vectors(this, this.categorical.sample(...args));
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    return this.categorical.logProb(value.argmax(-1));
  }

  override entropy(): Tensor {
    return this.categorical.entropy();
  }

  override enumerateSupport(...args: EnumerateArguments): Tensor {
    const { batchShape } = this;
    const [n] = this.eventShape as [number];
    const values = eye(n, kindOf(givenOf(this.categorical))).view([n, ...batchShape.map(() => 1), n]);
    return isExpanded(args) ? values.expand([n, ...batchShape, n]) : values;
  }
}

/** The vectors of events by their numbers. */
function vectors({ probs, categorical }: OneHotCategorical, indices: Tensor): Tensor {
  return oneHot(indices, categorical.numEvents).to(probs.dtype);
}

/**
 * The same, with gradients: samples move with the probabilities as if they were those themselves.
 *
 * Source: https://arxiv.org/abs/1308.3432
 */
export class OneHotCategoricalStraightThrough extends OneHotCategorical {
  static override readonly hasRsample = true;

  override rsample(...args: SampleArguments): Tensor {
    const samples = this.sample(...args);
    return samples.add(this.probs.sub(this.probs.detach()));
  }
}
