import { instanceOf } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { noGrad } from "../autograd/modes.js";
import type { Tensor } from "../core/tensor.js";
import { Categorical } from "./categorical.js";
import { Constraint } from "./constraints.js";
import {
  batchShapeOf,
  type Constraints,
  Distribution,
  type SampleArguments,
  sampleShapeOf,
  type Validated,
  validated,
} from "./distribution.js";
import { isBroadcastable, setOwn, sizeText } from "./utils.js";

/** Values that are valid for all components, along the dim of which the bounds of the region may differ. */
class MixedConstraint extends Constraint {
  constructor(readonly baseConstraint: Constraint) {
    super();
  }

  override get isDiscrete(): boolean {
    return this.baseConstraint.isDiscrete;
  }

  override get eventDim(): number {
    return this.baseConstraint.eventDim;
  }

  override check(value: Tensor): Tensor {
    const result = this.baseConstraint.check(value.unsqueeze(-1 - this.eventDim));
    return result.all(-1);
  }

  override toString(): string {
    return String(this.baseConstraint);
  }
}

const signature = new Signature("MixtureSameFamily", {
  mixtureDistribution: instanceOf("Categorical", Categorical),
  componentDistribution: instanceOf("Distribution", Distribution),
  ...validated,
});

/**
 * A mixture of distributions of one family: a categorical distribution chooses among the last dim of the batch of another.
 *
 * @example
 * // Five normal distributions.
 * new MixtureSameFamily(new Categorical(torch.ones(5)), new Normal(torch.randn(5), torch.rand(5)));
 */
export class MixtureSameFamily extends Distribution {
  static override readonly argConstraints: Constraints = {};
  declare readonly mixtureDistribution: Categorical;
  declare readonly componentDistribution: Distribution;

  constructor(...args: [mixtureDistribution: Categorical, componentDistribution: Distribution, options?: Validated]) {
    const { mixtureDistribution, componentDistribution, validateArgs } = signature.parse(args);
    const mixed = mixtureDistribution.batchShape;
    const batchShape = componentDistribution.batchShape.slice(0, -1);
    if (!isBroadcastable(mixed, batchShape)) {
      const sizes = `\`component_distribution.batch_shape\`(${sizeText(batchShape)})`;
      throw new Error(`\`mixture_distribution.batch_shape\` (${sizeText(mixed)}) is not compatible with ${sizes}`);
    }
    const [chosen, count] = [mixtureDistribution.logits.shape.at(-1), componentDistribution.batchShape.at(-1)];
    if (count !== chosen) {
      const size = `\`component_distribution.batch_shape[-1]\` (${count})`;
      throw new Error(`\`mixture_distribution component\` (${chosen}) does not equal ${size}`);
    }
    super(batchShape, componentDistribution.eventShape, {
      validateArgs,
      parameters: { mixtureDistribution, componentDistribution },
    });
  }

  override get support(): Constraint {
    return new MixedConstraint(this.componentDistribution.support);
  }

  override expand(...args: [batchShape: readonly number[]]): this {
    const batchShape = batchShapeOf(args);
    const expanded = super.expand(batchShape);
    const { mixtureDistribution, componentDistribution } = this;
    setOwn(expanded, "mixtureDistribution", mixtureDistribution.expand(batchShape));
    const components = [...batchShape, mixtureDistribution.numEvents];
    setOwn(expanded, "componentDistribution", componentDistribution.expand(components));
    return expanded;
  }

  override get mean(): Tensor {
    return averaged(this, this.componentDistribution.mean);
  }

  /** The mean of the variances, and the variance of the means. */
  override get variance(): Tensor {
    const { mean, variance } = this.componentDistribution;
    const apart = mean.sub(padded(this, this.mean)).pow(2);
    return averaged(this, variance).add(averaged(this, apart));
  }

  override cdf(value: Tensor): Tensor {
    this._validateSample(value);
    const probabilities = this.componentDistribution.cdf(padded(this, value));
    return probabilities.mul(this.mixtureDistribution.probs).sum(-1);
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    const logs = this.componentDistribution.logProb(padded(this, value));
    return logs.add(this.mixtureDistribution.logits.logSoftmax(-1)).logsumexp(-1);
  }

  override sample(...args: SampleArguments): Tensor {
    const sampleShape = sampleShapeOf(args);
    const { batchShape, eventShape } = this;
    return noGrad(() => {
      const dim = sampleShape.length + batchShape.length;
      // Each place of the batch chooses for itself.
      const chosen = this.mixtureDistribution.expand(batchShape).sample(sampleShape);
      const samples = this.componentDistribution.sample(sampleShape);
      const shape = [...samples.shape.slice(0, dim), 1, ...eventShape];
      const indices = chosen.reshape([...chosen.shape, 1, ...eventShape.map(() => 1)]).expand(shape);
      return samples.gather(dim, indices).squeeze(dim);
    });
  }

  override toString(): string {
    return `MixtureSameFamily(\n  ${this.mixtureDistribution},\n  ${this.componentDistribution})`;
  }
}

/** Values with a dim for the components. */
function padded({ eventShape }: MixtureSameFamily, value: Tensor): Tensor {
  return value.unsqueeze(-1 - eventShape.length);
}

/** The mean over the components, weighted by their probabilities. */
function averaged({ mixtureDistribution, eventShape }: MixtureSameFamily, values: Tensor): Tensor {
  const { probs } = mixtureDistribution;
  const weights = probs.reshape([...probs.shape, ...eventShape.map(() => 1)]);
  return weights.mul(values).sum(-1 - eventShape.length);
}
