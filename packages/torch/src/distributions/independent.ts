import { instanceOf, int } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import type { Constraint } from "./constraints.js";
import { independent } from "./constraints.js";
import {
  batchShapeOf,
  type Constraints,
  Distribution,
  type EnumerateArguments,
  type SampleArguments,
  type Validated,
  validated,
} from "./distribution.js";
import { setOwn, sumRightmost } from "./utils.js";

const signature = new Signature("Independent", {
  baseDistribution: instanceOf("Distribution", Distribution),
  reinterpretedBatchNdims: int,
  ...validated,
});

/**
 * Another distribution, with so many of the last dims of its batch taken as dims of one value: densities are multiplied
 * along them.
 *
 * @example new torch.distributions.Independent(new Normal(torch.zeros(3), torch.ones(3)), 1).eventShape // [3]
 */
export class Independent extends Distribution {
  static override readonly argConstraints: Constraints = {};
  declare readonly baseDist: Distribution;
  declare readonly reinterpretedBatchNdims: number;

  constructor(...args: [baseDistribution: Distribution, reinterpretedBatchNdims: number, options?: Validated]) {
    const { baseDistribution: baseDist, reinterpretedBatchNdims, validateArgs } = signature.parse(args);
    const { batchShape, eventShape } = baseDist;
    if (reinterpretedBatchNdims > batchShape.length) {
      throw new Error(
        "Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), " +
          `actual ${reinterpretedBatchNdims} vs ${batchShape.length}`,
      );
    }
    const shape = [...batchShape, ...eventShape];
    const cut = batchShape.length - reinterpretedBatchNdims;
    super(shape.slice(0, cut), shape.slice(cut), { validateArgs, parameters: { baseDist, reinterpretedBatchNdims } });
  }

  override get hasRsample(): boolean {
    return this.baseDist.hasRsample;
  }

  override get hasEnumerateSupport(): boolean {
    return this.reinterpretedBatchNdims === 0 && this.baseDist.hasEnumerateSupport;
  }

  override get support(): Constraint {
    const { support } = this.baseDist;
    return this.reinterpretedBatchNdims === 0 ? support : independent(support, this.reinterpretedBatchNdims);
  }

  override expand(...args: [batchShape: readonly number[]]): this {
    const expanded = super.expand(...args);
    const inner = this.eventShape.slice(0, this.reinterpretedBatchNdims);
    setOwn(expanded, "baseDist", this.baseDist.expand([...batchShapeOf(args), ...inner]));
    return expanded;
  }

  override get mean(): Tensor {
    return this.baseDist.mean;
  }

  override get mode(): Tensor {
    return this.baseDist.mode;
  }

  override get variance(): Tensor {
    return this.baseDist.variance;
  }

  override sample(...args: SampleArguments): Tensor {
    return this.baseDist.sample(...args);
  }

  override rsample(...args: SampleArguments): Tensor {
    return this.baseDist.rsample(...args);
  }

  override logProb(value: Tensor): Tensor {
    return sumRightmost(this.baseDist.logProb(value), this.reinterpretedBatchNdims);
  }

  override entropy(): Tensor {
    return sumRightmost(this.baseDist.entropy(), this.reinterpretedBatchNdims);
  }

  override enumerateSupport(...args: EnumerateArguments): Tensor {
    if (this.reinterpretedBatchNdims > 0) throw new Error("Enumeration over cartesian product is not implemented");
    return this.baseDist.enumerateSupport(...args);
  }

  override toString(): string {
    return `${this.constructor.name}(${this.baseDist}, ${this.reinterpretedBatchNdims})`;
  }
}
