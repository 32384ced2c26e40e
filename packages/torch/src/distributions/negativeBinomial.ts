import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { noGrad } from "../autograd/modes.js";
import type { Tensor } from "../core/tensor.js";
import { logsigmoid } from "../ops/activation/smooth.js";
import { poisson } from "../ops/random/draws.js";
import type { Args } from "../ops/types.js";
import * as constraints from "./constraints.js";
import { type Constraints, Distribution, type SampleArguments, type Validated } from "./distribution.js";
import { Gamma } from "./gamma.js";
import { countedParameters, eventParams, givenOf, logitsOf, probsOf } from "./probabilities.js";

const signature = new Signature("NegativeBinomial", { totalCount: operand, ...eventParams });

/**
 * The number of successes until there are `totalCount` failures, which need be no whole number; given is either the
 * probability of a success or its logit.
 *
 * @example new torch.distributions.NegativeBinomial(10, torch.tensor([0.2, 0.8])).sample()
 */
export class NegativeBinomial extends Distribution {
  static override readonly argConstraints: Constraints = {
    totalCount: constraints.greaterThanEq(0),
    probs: constraints.halfOpenInterval(0, 1),
    logits: constraints.real,
  };
  static override readonly support = constraints.nonnegativeInteger;
  declare readonly totalCount: Tensor;

  constructor(
    ...args: Args<
      [totalCount: Operand, probs?: Operand | null, logits?: Operand | null],
      ["probs", "logits"],
      Validated
    >
  ) {
    const { totalCount, validateArgs, ...given } = signature.parse(args);
    const { shape, parameters } = countedParameters(totalCount, given);
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
    return this.totalCount.mul(this.logits.exp());
  }

  override get mode(): Tensor {
    return this.totalCount.sub(1).mul(this.logits.exp()).floor().clamp({ min: 0 });
  }

  override get variance(): Tensor {
    return this.mean.div(this.logits.neg().sigmoid());
  }

  /** Poisson numbers whose rates are gamma numbers. */
  override sample(...args: SampleArguments): Tensor {
    return noGrad(() => {
      const rates = new Gamma(this.totalCount, this.logits.neg().exp(), { validateArgs: false });
      return poisson(rates.sample(...args));
    });
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    const { totalCount, logits } = this;
    const both = totalCount.add(value);
    const norm = both.lgamma().neg().add(value.add(1).lgamma()).add(totalCount.lgamma()).maskedFill(both.eq(0), 0);
    return totalCount
      .mul(logsigmoid(logits.neg()))
      .add(value.mul(logsigmoid(logits)))
      .sub(norm);
  }
}
