import { optional, tensor } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { int64 } from "../core/dtype.js";
import { finfo } from "../core/limits.js";
import { numelOf } from "../core/shape.js";
import type { Tensor } from "../core/tensor.js";
import { broadcastTensors, full } from "../ops/functions.js";
import { multinomial } from "../ops/random/draws.js";
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
  validated,
} from "./distribution.js";
import { eitherOf, enumerated, givenOf, logitsOf, probsOf } from "./probabilities.js";
import { kindOf } from "./utils.js";

/** The parameters of one of several events. */
export const categoryParams = { probs: optional(tensor), logits: optional(tensor), ...validated };
export type CategoryArguments = Args<[probs?: Tensor | null, logits?: Tensor | null], ["probs", "logits"], Validated>;

/** What the parameters of one of several events have to satisfy. */
export const categoryConstraints: Constraints<"probs" | "logits"> = {
  probs: constraints.simplex,
  logits: constraints.realVector,
};

const signature = new Signature("Categorical", categoryParams);

/**
 * One of several numbers 0, 1, …, with probabilities that stand along the last dim of `probs`, or their logits. Neither
 * need be normalized; the properties are.
 *
 * @example new torch.distributions.Categorical(torch.tensor([0.25, 0.25, 0.5])).sample() // 0, 1 or 2
 */
export class Categorical extends Distribution {
  static override readonly argConstraints = categoryConstraints;
  static override readonly support = constraints.dependent({ isDiscrete: true, eventDim: 0 });
  static override readonly hasEnumerateSupport = true;

  constructor(...args: CategoryArguments) {
    const { validateArgs, ...given } = signature.parse(args);
    const { name, value } = eitherOf(given);
    if (value.dim() < 1) throw new Error(`\`${name}\` parameter must be at least one-dimensional.`);
    const parameter =
      name === "probs"
        ? value.div(value.sum(-1, { keepdim: true }))
        : value.sub(value.logsumexp(-1, { keepdim: true }));
    super(value.shape.slice(0, -1), { validateArgs, parameters: { [name]: parameter } });
  }

  get probs(): Tensor {
    return probsOf(this, false);
  }

  get logits(): Tensor {
    return logitsOf(this, false);
  }

  get paramShape(): readonly number[] {
    return givenOf(this).shape;
  }

  /** @internal How many numbers there are. */
  get numEvents(): number {
    return this.paramShape.at(-1) as number;
  }

  override get support(): constraints.Constraint {
    return constraints.integerInterval(0, this.numEvents - 1);
  }

  /** NaN: categories have no mean. */
  override get mean(): Tensor {
    return full(this._extendedShape(), NaN, kindOf(this.probs));
  }

  override get mode(): Tensor {
    return this.probs.argmax(-1);
  }

  /** NaN: categories have no variance. */
  override get variance(): Tensor {
    return full(this._extendedShape(), NaN, kindOf(this.probs));
  }

  override sample(...args: SampleArguments): Tensor {
    const sampleShape = sampleShapeOf(args);
    const rows = this.probs.detach().reshape([-1, this.numEvents]);
    const samples = multinomial(rows, numelOf(sampleShape), { replacement: true });
    return samples.t().reshape(this._extendedShape(sampleShape));
  }

  override logProb(value: Tensor): Tensor {
    this._validateSample(value);
    const [indices, logits] = broadcastTensors([value.long().unsqueeze(-1), this.logits]) as [Tensor, Tensor];
    return logits.gather(-1, indices.at("...", ":1")).squeeze(-1);
  }

  override entropy(): Tensor {
    const logits = this.logits.clamp({ min: finfo(this.logits.dtype).min });
    return logits.mul(this.probs).sum(-1).neg();
  }

  override enumerateSupport(...args: EnumerateArguments): Tensor {
    return enumerated(
      this.numEvents,
      { dtype: int64, device: givenOf(this).device },
      this.batchShape,
      isExpanded(args),
    );
  }
}
