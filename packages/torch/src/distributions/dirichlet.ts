import { tensor } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import { where } from "../ops/functions.js";
import { oneHot } from "../ops/indexing/embedding.js";
import { sampleDirichlet } from "../ops/random/dirichlet.js";
import * as constraints from "./constraints.js";
import { type Constraints, type SampleArguments, sampleShapeOf, type Validated, validated } from "./distribution.js";
import { ExponentialFamily } from "./exponentialFamily.js";

const signature = new Signature("Dirichlet", { concentration: tensor, ...validated });

/**
 * The Dirichlet distribution of shares whose sum is 1, which stand along the last dim as their concentrations do.
 *
 * @example new torch.distributions.Dirichlet(torch.tensor([0.5, 0.5])).sample()
 */
export class Dirichlet extends ExponentialFamily {
  static override readonly argConstraints: Constraints<"concentration"> = {
    concentration: constraints.independent(constraints.positive, 1),
  };
  static override readonly support = constraints.simplex;
  static override readonly hasRsample = true;
  declare readonly concentration: Tensor;

  constructor(...args: [concentration: Tensor, options?: Validated]) {
    const { concentration, validateArgs } = signature.parse(args);
    if (concentration.dim() < 1) throw new Error("`concentration` parameter must be at least one-dimensional.");
    const { shape } = concentration;
    super(shape.slice(0, -1), shape.slice(-1), { validateArgs, parameters: { concentration } });
  }

  override rsample(...args: SampleArguments): Tensor {
    return sampleDirichlet(this.concentration.expand(this._extendedShape(sampleShapeOf(args))));
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    const { concentration } = this;
    return value
      .log()
      .mul(concentration.sub(1))
      .sum(-1)
      .add(concentration.sum(-1).lgamma())
      .sub(concentration.lgamma().sum(-1));
  }

  /** The sum of the concentrations. */
  private get total(): Tensor {
    return this.concentration.sum(-1, { keepdim: true });
  }

  override get mean(): Tensor {
    return this.concentration.div(this.total);
  }

  /** A corner where all concentrations are below 1. */
  override get mode(): Tensor {
    const above = this.concentration.sub(1).clamp({ min: 0 });
    const mode = above.div(above.sum(-1, { keepdim: true }));
    const isCorner = this.concentration.lt(1).all(-1).unsqueeze(-1);
    const corner = oneHot(mode.argmax(-1), above.shape.at(-1) as number).to(mode.dtype);
    return where(isCorner, corner, mode);
  }

  override get variance(): Tensor {
    const total = this.total;
    return this.concentration.mul(total.sub(this.concentration)).div(total.pow(2).mul(total.add(1)));
  }

  override entropy(): Tensor {
    const { concentration } = this;
    const total = concentration.sum(-1);
    return concentration
      .lgamma()
      .sum(-1)
      .sub(total.lgamma())
      .sub(
        total
          .neg()
          .add(concentration.shape.at(-1) as number)
          .mul(total.digamma()),
      )
      .sub(concentration.sub(1).mul(concentration.digamma()).sum(-1));
  }

  override get _naturalParams(): readonly Tensor[] {
    return [this.concentration];
  }

  override _logNormalizer(x: Tensor): Tensor {
    return x.lgamma().sum(-1).sub(x.sum(-1).lgamma());
  }
}
