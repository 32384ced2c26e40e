import { type Operand, operand } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import { stack } from "../ops/functions.js";
import * as constraints from "./constraints.js";
import { Dirichlet } from "./dirichlet.js";
import { batchShapeOf, type Constraints, type SampleArguments, type Validated, validated } from "./distribution.js";
import { ExponentialFamily } from "./exponentialFamily.js";
import { broadcastAll, setOwn } from "./utils.js";

const signature = new Signature("Beta", { concentration1: operand, concentration0: operand, ...validated });

/**
 * The beta distribution of a share: the first of two shares of a Dirichlet distribution.
 *
 * @example new torch.distributions.Beta(0.5, 0.5).sample()
 */
export class Beta extends ExponentialFamily {
  static override readonly argConstraints: Constraints<"concentration1" | "concentration0"> = {
    concentration1: constraints.positive,
    concentration0: constraints.positive,
  };
  static override readonly support = constraints.unitInterval;
  static override readonly hasRsample = true;
  /** @internal */
  declare readonly dirichlet: Dirichlet;

  constructor(...args: [concentration1: Operand, concentration0: Operand, options?: Validated]) {
    const { concentration1, concentration0, validateArgs } = signature.parse(args);
    const both = stack(broadcastAll(concentration1, concentration0), -1);
    const dirichlet = new Dirichlet(both, { validateArgs });
    super(dirichlet.batchShape, { validateArgs, parameters: { dirichlet } });
  }

  get concentration1(): Tensor {
    return this.dirichlet.concentration.select(-1, 0);
  }

  get concentration0(): Tensor {
    return this.dirichlet.concentration.select(-1, 1);
  }

  override expand(...args: [batchShape: readonly number[]]): this {
    const expanded = super.expand(...args);
    setOwn(expanded, "dirichlet", this.dirichlet.expand(batchShapeOf(args)));
    return expanded;
  }

  override get mean(): Tensor {
    return this.concentration1.div(this.concentration1.add(this.concentration0));
  }

  override get mode(): Tensor {
    return this.dirichlet.mode.select(-1, 0);
  }

  override get variance(): Tensor {
    const total = this.concentration1.add(this.concentration0);
    return this.concentration1.mul(this.concentration0).div(total.pow(2).mul(total.add(1)));
  }

  override rsample(...args: SampleArguments): Tensor {
    return this.dirichlet.rsample(...args).select(-1, 0);
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    return this.dirichlet.logProb(stack([value, value.neg().add(1)], -1));
  }

  override entropy(): Tensor {
    return this.dirichlet.entropy();
  }

  override get _naturalParams(): readonly Tensor[] {
    return [this.concentration1, this.concentration0];
  }

  override _logNormalizer(x: Tensor, y: Tensor): Tensor {
    return x.lgamma().add(y.lgamma()).sub(x.add(y).lgamma());
  }
}
