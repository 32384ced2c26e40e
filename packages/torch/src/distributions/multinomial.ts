import { int, optional, type Param, tensor as tensorParam } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { int64 } from "../core/dtype.js";
import type { Tensor } from "../core/tensor.js";
import { onesLike, zeros } from "../ops/functions.js";
import type { Args } from "../ops/types.js";
import { Binomial } from "./binomial.js";
import { categoryParams } from "./categorical.js";
import * as constraints from "./constraints.js";
import { type SampleArguments, sampleShapeOf, type Validated } from "./distribution.js";
import { OverCategories } from "./overCategories.js";
import { broadcastAll } from "./utils.js";

const count: Param<number> = {
  ...int,
  read: (value) => {
    if (tensorParam.read(value) === value) throw new Error("inhomogeneous total_count is not supported");
    return int.read(value);
  },
};
const signature = new Signature("Multinomial", { totalCount: optional(count, 1), ...categoryParams });

/**
 * How often each of several events happens in `totalCount` trials; given are either the probabilities, along the last dim,
 * or their logits.
 *
 * @example new torch.distributions.Multinomial(100, torch.ones(4)).sample()
 */
export class Multinomial extends OverCategories {
  static override readonly support = constraints.dependent({ isDiscrete: true, eventDim: 1 });
  declare readonly totalCount: number;

  constructor(
    ...args: Args<
      [totalCount?: number, probs?: Tensor | null, logits?: Tensor | null],
      ["totalCount", "probs", "logits"],
      Validated
    >
  ) {
    const { totalCount, validateArgs, ...given } = signature.parse(args);
    super(given, { validateArgs, parameters: { totalCount } });
  }

  override get support(): constraints.Constraint {
    return constraints.multinomial(this.totalCount);
  }

  override get mean(): Tensor {
    return this.probs.mul(this.totalCount);
  }

  override get variance(): Tensor {
    return this.probs.mul(this.totalCount).mul(this.probs.neg().add(1));
  }

  override sample(...args: SampleArguments): Tensor {
    const sampleShape = sampleShapeOf(args);
    const drawn = this.categorical.sample([this.totalCount, ...sampleShape]).movedim(0, -1);
    const counts = zeros(this._extendedShape(sampleShape), { dtype: int64, device: drawn.device });
    return counts.scatterAdd_(-1, drawn, onesLike(drawn)).to(this.probs.dtype);
  }

  override entropy(): Tensor {
    const n = this.totalCount;
    const binomial = new Binomial(n, this.probs);
    const counts = binomial.enumerateSupport({ expand: false }).at("1:");
    const orders = binomial.logProb(counts).exp().mul(counts.add(1).lgamma());
    const [size] = broadcastAll(n + 1);
    return this.categorical
      .entropy()
      .mul(n)
      .sub(size.lgamma())
      .add(orders.sum([0, -1]));
  }

  override logProb(given: Tensor): Tensor {
    this._validateSample(given);
    const [all, value] = broadcastAll(this.logits, given);
    const logits = all.maskedFill(value.eq(0).logicalAnd(all.eq(-Infinity)), 0);
    return value.sum(-1).add(1).lgamma().sub(value.add(1).lgamma().sum(-1)).add(logits.mul(value).sum(-1));
  }
}
