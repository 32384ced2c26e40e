import { anything, instanceOf } from "../arguments/params.js";
import { Signature, show } from "../arguments/parse.js";
import { noGrad } from "../autograd/modes.js";
import { sameShape } from "../core/shape.js";
import type { Tensor } from "../core/tensor.js";
import type { Constraint } from "./constraints.js";
import {
  batchShapeOf,
  type Constraints,
  checkProbabilities,
  Distribution,
  type DistributionOptions,
  passedOn,
  type SampleArguments,
} from "./distribution.js";
import { Independent } from "./independent.js";
import { ComposeTransform, times, widened } from "./transforms/compose.js";
import { Transform } from "./transforms/transform.js";
import { setOwn, sizeText, sumRightmost } from "./utils.js";

const signature = new Signature("TransformedDistribution", {
  baseDistribution: instanceOf("Distribution", Distribution),
  transforms: anything,
  ...passedOn,
});

function listOfTransforms(transforms: unknown): readonly Transform[] {
  if (transforms instanceof Transform) return [transforms];
  if (!Array.isArray(transforms)) {
    throw new TypeError(`transforms must be a Transform or list, but was ${show(transforms)}`);
  }
  if (!transforms.every((transform) => transform instanceof Transform)) {
    throw new TypeError("transforms must be a Transform or a list of Transforms");
  }
  return transforms.slice();
}

/** A base distribution that has the batch and the events that transforms need, and the shapes of what they give. */
function fitted(base: Distribution, transforms: readonly Transform[]) {
  const transform = new ComposeTransform(transforms);
  const baseShape = [...base.batchShape, ...base.eventShape];
  const [inside, outside] = [transform.domain.eventDim, transform.codomain.eventDim];
  if (baseShape.length < inside) {
    throw new Error(
      `base_distribution needs to have shape with size at least ${inside}, but got ${sizeText(baseShape)}.`,
    );
  }
  const shape = transform.forwardShape(baseShape);
  const expandedShape = transform.inverseShape(shape);
  const baseDim = base.eventShape.length;
  const expanded = sameShape(baseShape, expandedShape)
    ? base
    : base.expand(expandedShape.slice(0, expandedShape.length - baseDim));
  const further = inside - baseDim;
  const baseDist = further > 0 ? new Independent(expanded, further) : expanded;
  const cut = shape.length - outside - Math.max(-further, 0);
  return { baseDist, batchShape: shape.slice(0, cut), eventShape: shape.slice(cut) };
}

/**
 * What transforms make of values of another distribution.
 *
 * @example
 * // The logistic distribution.
 * const { Uniform, SigmoidTransform, AffineTransform, TransformedDistribution } = torch.distributions;
 * new TransformedDistribution(new Uniform(0, 1), [new SigmoidTransform().inv, new AffineTransform(a, b)]);
 */
export class TransformedDistribution extends Distribution {
  static override readonly argConstraints: Constraints = {};
  declare readonly baseDist: Distribution;
  declare readonly transforms: readonly Transform[];

  constructor(
    ...args: [
      baseDistribution: Distribution,
      transforms: Transform | readonly Transform[],
      options?: DistributionOptions,
    ]
  ) {
    const { baseDistribution, transforms: given, validateArgs, parameters } = signature.parse(args);
    const transforms = listOfTransforms(given);
    const { baseDist, batchShape, eventShape } = fitted(baseDistribution, transforms);
    super(batchShape, eventShape, {
      validateArgs,
      parameters: { ...(parameters as object), baseDist, transforms },
    });
  }

  override get hasRsample(): boolean {
    return super.hasRsample || this.baseDist.hasRsample;
  }

  override get support(): Constraint {
    const known = (this.constructor as typeof Distribution).support;
    if (known !== undefined) return known;
    const last = this.transforms.at(-1);
    if (last === undefined) return this.baseDist.support;
    return widened(last.codomain, this.eventShape.length);
  }

  override expand(...args: [batchShape: readonly number[]]): this {
    const expanded = super.expand(...args);
    const shape = this.transforms.reduceRight<readonly number[]>(
      (after, transform) => transform.inverseShape(after),
      [...batchShapeOf(args), ...this.eventShape],
    );
    const batchShape = shape.slice(0, shape.length - this.baseDist.eventShape.length);
    setOwn(expanded, "baseDist", this.baseDist.expand(batchShape));
    return expanded;
  }

  override sample(...args: SampleArguments): Tensor {
    return noGrad(() => transformed(this.transforms, this.baseDist.sample(...args)));
  }

  override rsample(...args: SampleArguments): Tensor {
    return transformed(this.transforms, this.baseDist.rsample(...args));
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    let eventDim = this.eventShape.length;
    let y = value;
    let change: Tensor | undefined;
    for (const transform of this.transforms.toReversed()) {
      const x = transform.inv(y);
      const { domain, codomain } = transform;
      eventDim += domain.eventDim - codomain.eventDim;
      const log = sumRightmost(transform.logAbsDetJacobian(x, y), eventDim - domain.eventDim);
      change = change === undefined ? log.neg() : change.sub(log);
      y = x;
    }
    const density = sumRightmost(this.baseDist.logProb(y), eventDim - this.baseDist.eventShape.length);
    return change === undefined ? density : change.add(density);
  }

  override cdf(value: Tensor): Tensor {
    const base = this.transforms.reduceRight((y, transform) => transform.inv(y), value);
    if (this._validateArgs) this.baseDist._validateSample(base);
    return rising(this.transforms, this.baseDist.cdf(base));
  }

  override icdf(value: Tensor): Tensor {
    checkProbabilities(value);
    return transformed(this.transforms, this.baseDist.icdf(rising(this.transforms, value)));
  }
}

function transformed(transforms: readonly Transform[], value: Tensor): Tensor {
  return transforms.reduce((x, transform) => transform(x), value);
}

/** A probability of the base; where the transforms fall, what was above is below. */
function rising(transforms: readonly Transform[], probability: Tensor): Tensor {
  const sign = transforms.reduce<number | Tensor>((product, transform) => times(product, transform.sign), 1);
  return sign === 1 ? probability : probability.sub(0.5).mul(sign).add(0.5);
}
