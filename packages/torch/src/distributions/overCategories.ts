/** Distributions of vectors that have an element for each of several events. */
import type { Shape } from "../core/shape.js";
import type { Tensor } from "../core/tensor.js";
import { Categorical, categoryConstraints } from "./categorical.js";
import { batchShapeOf, Distribution, type DistributionOptions } from "./distribution.js";
import { setOwn } from "./utils.js";

/** What they have of the categorical distribution of the events. */
export abstract class OverCategories extends Distribution {
  static override readonly argConstraints = categoryConstraints;
  /** @internal */
  declare readonly categorical: Categorical;

  constructor(
    given: { readonly probs: Tensor | undefined; readonly logits: Tensor | undefined },
    { validateArgs, parameters }: DistributionOptions,
  ) {
    const categorical = new Categorical(given);
    super(categorical.batchShape, [categorical.numEvents], {
      validateArgs,
      parameters: { ...parameters, categorical },
    });
  }

  get probs(): Tensor {
    return this.categorical.probs;
  }

  get logits(): Tensor {
    return this.categorical.logits;
  }

  get paramShape(): Shape {
    return this.categorical.paramShape;
  }

  override expand(...args: [batchShape: readonly number[]]): this {
    const expanded = super.expand(...args);
    setOwn(expanded, "categorical", this.categorical.expand(batchShapeOf(args)));
    return expanded;
  }
}
