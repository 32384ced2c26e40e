/** Modules of the losses that ask for a margin. */
import { callable, flag, int, keyword, nullable, number, optional, tensor } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import * as F from "../../ops/loss/margin.js";
import { type ReductionOption, reductionParam } from "../../ops/loss/reduction.js";
import type { Args } from "../../ops/types.js";
import { read } from "../arguments.js";
import { PairwiseDistance } from "./distance.js";
import { Loss, PlainLoss } from "./lossBase.js";

/** A loss with a margin. */
abstract class MarginLoss extends Loss {
  margin!: number;

  constructor(defaultMargin: number, args: readonly unknown[]) {
    super();
    Object.assign(this, read(this, { margin: optional(number, defaultMargin), reduction: reductionParam }, args));
  }
}

type MarginArguments = Args<[margin?: number], ["margin"], ReductionOption>;

/**
 * The input where the target is 1, `max(0, margin - input)` where it is -1.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.HingeEmbeddingLoss.html
 */
export class HingeEmbeddingLoss extends MarginLoss {
  constructor(...args: MarginArguments) {
    super(1, args);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.hingeEmbeddingLoss(input, target, this.margin, { reduction: this.reduction });
  }
}

/**
 * `1 - cos(input1, input2)` where the target is 1, `max(0, cos(input1, input2) - margin)` where it is -1.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CosineEmbeddingLoss.html
 */
export class CosineEmbeddingLoss extends MarginLoss {
  constructor(...args: MarginArguments) {
    super(0, args);
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return F.cosineEmbeddingLoss(input1, input2, target, this.margin, { reduction: this.reduction });
  }
}

/**
 * `max(0, margin - target * (input1 - input2))`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MarginRankingLoss.html
 */
export class MarginRankingLoss extends MarginLoss {
  constructor(...args: MarginArguments) {
    super(0, args);
  }

  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return F.marginRankingLoss(input1, input2, target, this.margin, { reduction: this.reduction });
  }
}

/**
 * A margin between the input of the target's class and those of the others.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html
 */
export class MultiMarginLoss extends Loss {
  p: number;
  margin: number;
  declare weight: Tensor | null;

  constructor(
    ...args: Args<[p?: number, margin?: number, weight?: Tensor | null], ["p", "margin", "weight"], ReductionOption>
  ) {
    super();
    const params = {
      p: optional(int, 1),
      margin: optional(number, 1),
      weight: optional(nullable(tensor)),
      reduction: reductionParam,
    };
    const { p, margin, weight, reduction } = read(this, params, args);
    if (p !== 1 && p !== 2) throw new Error("only p == 1 and p == 2 supported");
    this.registerBuffer("weight", weight ?? null);
    this.p = p;
    this.margin = margin;
    this.reduction = reduction;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.multiMarginLoss(input, target, this.p, this.margin, this.weight, { reduction: this.reduction });
  }
}

/**
 * A margin of 1 between the inputs of several targets' classes and those of the others.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiLabelMarginLoss.html
 */
export class MultiLabelMarginLoss extends PlainLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.multilabelMarginLoss(input, target, { reduction: this.reduction });
  }
}

/**
 * Binary cross entropy of logits, as a mean over the classes.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiLabelSoftMarginLoss.html
 */
export class MultiLabelSoftMarginLoss extends Loss {
  declare weight: Tensor | null;

  constructor(...args: Args<[weight?: Tensor | null], ["weight"], ReductionOption>) {
    super();
    const { weight, reduction } = read(this, { weight: optional(nullable(tensor)), reduction: reductionParam }, args);
    this.registerBuffer("weight", weight ?? null);
    this.reduction = reduction;
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return F.multilabelSoftMarginLoss(input, target, this.weight, { reduction: this.reduction });
  }
}

/**
 * `max(0, d(anchor, positive) - d(anchor, negative) + margin)` with the p-norm as distance.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TripletMarginLoss.html
 */
export class TripletMarginLoss extends Loss {
  margin!: number;
  p!: number;
  eps!: number;
  swap!: boolean;

  constructor(
    ...args: Args<
      [margin?: number, p?: number, eps?: number],
      ["margin", "p", "eps"],
      { swap?: boolean } & ReductionOption
    >
  ) {
    super();
    const params = {
      margin: optional(number, 1),
      p: optional(number, 2),
      eps: optional(number, 1e-6),
      swap: flag,
      reduction: reductionParam,
    };
    Object.assign(this, read(this, params, args));
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { margin, p, eps, swap, reduction } = this;
    return F.tripletMarginLoss(anchor, positive, negative, margin, p, eps, { swap, reduction });
  }
}

/**
 * `TripletMarginLoss` with any distance.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TripletMarginWithDistanceLoss.html
 */
export class TripletMarginWithDistanceLoss extends Loss {
  distanceFunction: F.DistanceFunction;
  margin: number;
  swap: boolean;

  constructor(
    ...args: [
      options?: {
        distanceFunction?: F.DistanceFunction | null;
        margin?: number;
        swap?: boolean;
      } & ReductionOption,
    ]
  ) {
    super();
    const params = {
      distanceFunction: keyword(optional(callable)),
      margin: keyword(optional(number, 1)),
      swap: flag,
      reduction: reductionParam,
    };
    const { distanceFunction, margin, swap, reduction } = read(this, params, args);
    this.distanceFunction = (distanceFunction as F.DistanceFunction | undefined) ?? new PairwiseDistance();
    this.margin = margin;
    this.swap = swap;
    this.reduction = reduction;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { distanceFunction, margin, swap, reduction } = this;
    return F.tripletMarginWithDistanceLoss(anchor, positive, negative, {
      distanceFunction,
      margin,
      swap,
      reduction,
    });
  }
}
