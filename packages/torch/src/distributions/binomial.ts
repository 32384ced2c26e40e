import { type Operand, operand, optional } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { noGrad } from "../autograd/modes.js";
import type { Tensor } from "../core/tensor.js";
import { binomial } from "../ops/random/draws.js";
import type { Args } from "../ops/types.js";
import * as constraints from "./constraints.js";
import {
  type Constraints,
  Distribution,
  type EnumerateArguments,
  isExpanded,
  type SampleArguments,
  sampleShapeOf,
  type Validated,
} from "./distribution.js";
import {
  countedParameters,
  enumerated,
  eventConstraints,
  eventParams,
  givenOf,
  logitsOf,
  probsOf,
} from "./probabilities.js";

const signature = new Signature("Binomial", { totalCount: optional(operand, 1), ...eventParams });

/**
 * The number of successes in `totalCount` trials; given is either the probability of one or its logit.
 *
 * @example new torch.distributions.Binomial(100, torch.tensor([0, 0.2, 0.8, 1])).sample()
 */
export class Binomial extends Distribution {
  static override readonly argConstraints: Constraints = {
    totalCount: constraints.nonnegativeInteger,
    ...eventConstraints,
  };
  static override readonly support = constraints.dependent({ isDiscrete: true, eventDim: 0 });
  static override readonly hasEnumerateSupport = true;
  declare readonly totalCount: Tensor;

  constructor(
    ...args: Args<
      [totalCount?: Operand, probs?: Operand | null, logits?: Operand | null],
      ["totalCount", "probs", "logits"],
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

  override get support(): constraints.Constraint {
    return constraints.integerInterval(0, this.totalCount);
  }

  override get mean(): Tensor {
    return this.totalCount.mul(this.probs);
  }

  override get mode(): Tensor {
    return this.totalCount.add(1).mul(this.probs).floor().minimum(this.totalCount);
  }

  override get variance(): Tensor {
    return this.mean.mul(this.probs.neg().add(1));
  }

  override sample(...args: SampleArguments): Tensor {
    const shape = this._extendedShape(sampleShapeOf(args));
    return noGrad(() => binomial(this.totalCount.expand(shape), this.probs.expand(shape)));
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    const { totalCount, logits } = this;
    // k log p + (n - k) log(1 - p) = k logit - n max(logit, 0) - n log1p(exp(-|logit|)). The slope of max is 1/2 at 0.
    const above = logits
      .clamp({ min: 0 })
      .add(logits)
      .sub(logits.clamp({ max: 0 }))
      .div(2);
    const norm = totalCount
      .mul(above)
      .add(totalCount.mul(logits.abs().neg().exp().log1p()))
      .sub(totalCount.add(1).lgamma());
    return value.mul(logits).sub(value.add(1).lgamma()).sub(totalCount.sub(value).add(1).lgamma()).sub(norm);
  }

  override entropy(): Tensor {
    commonCount(this, "entropy");
    const logs = this.logProb(this.enumerateSupport({ expand: false }));
    return logs.exp().mul(logs).sum(0).neg();
  }

  override enumerateSupport(...args: EnumerateArguments): Tensor {
    const count = commonCount(this, "enumerate_support");
    return enumerated(count + 1, givenOf(this), this.batchShape, isExpanded(args));
  }
}

/** The count, where it is the same in the whole batch. */
function commonCount({ totalCount }: Binomial, method: string): number {
  const most = totalCount.max().item();
  if (totalCount.min().item() === most) return most;
  throw new Error(`Inhomogeneous total count not supported by \`${method}\`.`);
}
