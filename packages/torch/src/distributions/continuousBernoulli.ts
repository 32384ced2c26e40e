import { number, numbers, type Operand, optional, tensor } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import { fullLike, onesLike, where, zerosLike } from "../ops/functions.js";
import { binaryCrossEntropyWithLogits } from "../ops/loss/binaryCrossEntropy.js";
import type { Args } from "../ops/types.js";
import * as constraints from "./constraints.js";
import { checkProbabilities, type SampleArguments, sampleShapeOf, type Validated } from "./distribution.js";
import { ExponentialFamily } from "./exponentialFamily.js";
import { eventConstraints, eventParameter, eventParams, givenOf, logitsOf } from "./probabilities.js";
import { readArguments } from "./readArguments.js";
import { broadcastAll, clampProbs, holdsEverywhere, lazily, logitsToProbs, uniform } from "./utils.js";

const { probs, logits, ...last } = eventParams;
const signature = new Signature("ContinuousBernoulli", {
  probs,
  logits,
  lims: optional(numbers, [0.499, 0.501]),
  ...last,
});

/**
 * The distribution of numbers in [0, 1] whose density is a multiple of p^x (1 - p)^(1 - x); given is either p or its logit.
 *
 * @param lims where p is close to 1/2, and the formulas are series.
 * @example new torch.distributions.ContinuousBernoulli(torch.tensor([0.3])).sample()
 */
export class ContinuousBernoulli extends ExponentialFamily {
  static override readonly argConstraints = eventConstraints;
  static override readonly support = constraints.unitInterval;
  static override readonly hasRsample = true;
  /** @internal */
  declare readonly lims: readonly [number, number];

  constructor(
    ...args: Args<
      [probs?: Operand | null, logits?: Operand | null, lims?: readonly number[]],
      ["probs", "logits", "lims"],
      Validated
    >
  ) {
    const { validateArgs, lims, ...given } = signature.parse(args);
    const { shape, parameters } = eventParameter(given);
    const { probs } = parameters;
    // They are clamped, and then valid.
    if (probs !== undefined && validateArgs !== undefined && !holdsEverywhere(constraints.unitInterval.check(probs))) {
      throw new Error("The parameter probs has invalid values");
    }
    super(shape, {
      validateArgs,
      parameters: { lims, ...(probs === undefined ? parameters : { probs: clampProbs(probs) }) },
    });
  }

  get probs(): Tensor {
    return lazily(this, "probs", () => clampProbs(logitsToProbs(this.logits, true)));
  }

  get logits(): Tensor {
    return logitsOf(this);
  }

  get paramShape(): readonly number[] {
    return givenOf(this).shape;
  }

  /** @internal Whether a parameter is not so close to the middle that the formulas lose their digits. */
  isStable(value = this.probs, shift = 0): Tensor {
    return value.le(this.lims[0] - shift).logicalOr(value.gt(this.lims[1] - shift));
  }

  /** @internal The probabilities, with others in place of those where a series is used. */
  cutProbs(): Tensor {
    return where(this.isStable(), this.probs, fullLike(this.probs, this.lims[0]));
  }

  /** @internal The logarithm of what the density is divided by. */
  logNorm(): Tensor {
    const cut = this.cutProbs();
    const isBelow = cut.le(0.5);
    const below = where(isBelow, cut, zerosLike(cut));
    const above = where(cut.ge(0.5), cut, onesLike(cut));
    const scale = where(isBelow, below.mul(-2).log1p(), above.mul(2).sub(1).log());
    const norm = cut.neg().log1p().sub(cut.log()).abs().log().sub(scale);
    const x = this.probs.sub(0.5).pow(2);
    const series = x
      .mul(104 / 45)
      .add(4 / 3)
      .mul(x)
      .add(Math.log(2));
    return where(this.isStable(), norm, series);
  }

  override get mean(): Tensor {
    const cut = this.cutProbs();
    const mean = cut.div(cut.mul(2).sub(1)).add(cut.neg().log1p().sub(cut.log()).reciprocal());
    const x = this.probs.sub(0.5);
    const series = x
      .pow(2)
      .mul(16 / 45)
      .add(1 / 3)
      .mul(x)
      .add(0.5);
    return where(this.isStable(), mean, series);
  }

  override get variance(): Tensor {
    const cut = this.cutProbs();
    const variance = cut
      .mul(cut.sub(1))
      .div(cut.mul(-2).add(1).pow(2))
      .add(cut.neg().log1p().sub(cut.log()).pow(2).reciprocal());
    const x = this.probs.sub(0.5).pow(2);
    const series = x
      .mul(-128 / 945)
      .add(1 / 15)
      .mul(x)
      .neg()
      .add(1 / 12);
    return where(this.isStable(), variance, series);
  }

  override rsample(...args: SampleArguments): Tensor {
    return this.icdf(uniform(this._extendedShape(sampleShapeOf(args)), this.probs));
  }

  override logProb(given: Tensor): Tensor {
    this._validateSample(given);
    const [logits, value] = broadcastAll(this.logits, given);
    return binaryCrossEntropyWithLogits(logits, value, { reduction: "none" }).neg().add(this.logNorm());
  }

  override cdf(value: Tensor): Tensor {
    this._validateSample(value);
    const cut = this.cutProbs();
    const other = cut.neg().add(1);
    const cdf = cut
      .pow(value)
      .mul(other.pow(value.neg().add(1)))
      .add(cut)
      .sub(1)
      .div(cut.mul(2).sub(1));
    const inside = where(this.isStable(), cdf, value);
    return where(value.le(0), zerosLike(value), where(value.ge(1), onesLike(value), inside));
  }

  override icdf(value: Tensor): Tensor {
    checkProbabilities(value);
    const cut = this.cutProbs();
    const other = cut.neg().log1p();
    const at = cut
      .neg()
      .add(value.mul(cut.mul(2).sub(1)))
      .log1p()
      .sub(other)
      .div(cut.log().sub(other));
    return where(this.isStable(), at, value);
  }

  override entropy(): Tensor {
    const other = this.probs.neg().log1p();
    return this.mean.mul(other.sub(this.probs.log())).sub(this.logNorm()).sub(other);
  }

  override get _naturalParams(): readonly Tensor[] {
    return [this.logits];
  }

  override _logNormalizer(x: Tensor): Tensor {
    const isStable = this.isStable(x, 0.5);
    const cut = where(isStable, x, fullLike(x, this.lims[0] - 0.5));
    const norm = cut.exp().sub(1).abs().log().sub(cut.abs().log());
    const series = x.mul(0.5).add(x.pow(2).div(24)).sub(x.pow(4).div(2880));
    return where(isStable, norm, series);
  }

  override get _meanCarrierMeasure(): number {
    return 0;
  }
}

readArguments({ isStable: { value: optional(tensor), shift: optional(number, 0) } }, ContinuousBernoulli);
