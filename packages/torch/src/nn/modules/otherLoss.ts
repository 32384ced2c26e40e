/** Modules of the losses of distributions and margins, and of distances. */
import {
  callable,
  flag,
  flagOn,
  int,
  keyword,
  nullable,
  number,
  optional,
  tensor,
  word,
} from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import type { Args } from "../../ops/types.js";
import { read } from "../arguments.js";
import { cosineSimilarity, pairwiseDistance } from "../functional/distance.js";
import * as likelihood from "../functional/likelihoodLoss.js";
import * as margins from "../functional/marginLoss.js";
import { type ReductionOption, reductionParam } from "../functional/reduction.js";
import { Module } from "../module.js";
import { Loss, PlainLoss } from "./loss.js";

/**
 * The Kullback-Leibler divergence of log-probabilities from probabilities.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html
 */
export class KLDivLoss extends Module {
  reduction!: "none" | "mean" | "sum" | "batchmean";
  logTarget!: boolean;

  constructor(...args: [options?: { reduction?: "none" | "mean" | "sum" | "batchmean"; logTarget?: boolean }]) {
    super();
    Object.assign(
      this,
      read(this, { reduction: optional(word("none", "mean", "sum", "batchmean"), "mean"), logTarget: flag }, args),
    );
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return likelihood.klDiv(input, target, { reduction: this.reduction, logTarget: this.logTarget });
  }
}

/**
 * The negative log-likelihood of counts under Poisson distributions.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PoissonNLLLoss.html
 */
export class PoissonNLLLoss extends Loss {
  logInput!: boolean;
  full!: boolean;
  eps!: number;

  constructor(...args: [options?: { logInput?: boolean; full?: boolean; eps?: number } & ReductionOption]) {
    super();
    const params = { logInput: flagOn, full: flag, eps: keyword(optional(number, 1e-8)), reduction: reductionParam };
    Object.assign(this, read(this, params, args));
  }

  override forward(logInput: Tensor, target: Tensor): Tensor {
    const { full, eps, reduction } = this;
    return likelihood.poissonNllLoss(logInput, target, { logInput: this.logInput, full, eps, reduction });
  }
}

/**
 * The negative log-likelihood of targets under normal distributions.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.GaussianNLLLoss.html
 */
export class GaussianNLLLoss extends Loss {
  full!: boolean;
  eps!: number;

  constructor(...args: [options?: { full?: boolean; eps?: number } & ReductionOption]) {
    super();
    Object.assign(
      this,
      read(this, { full: flag, eps: keyword(optional(number, 1e-6)), reduction: reductionParam }, args),
    );
  }

  override forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    const { full, eps, reduction } = this;
    return likelihood.gaussianNllLoss(input, target, variance, { full, eps, reduction });
  }
}

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
    return margins.hingeEmbeddingLoss(input, target, this.margin, { reduction: this.reduction });
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
    return margins.cosineEmbeddingLoss(input1, input2, target, this.margin, { reduction: this.reduction });
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
    return margins.marginRankingLoss(input1, input2, target, this.margin, { reduction: this.reduction });
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
    return margins.multiMarginLoss(input, target, this.p, this.margin, this.weight, { reduction: this.reduction });
  }
}

/**
 * A margin of 1 between the inputs of several targets' classes and those of the others.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.MultiLabelMarginLoss.html
 */
export class MultiLabelMarginLoss extends PlainLoss {
  override forward(input: Tensor, target: Tensor): Tensor {
    return margins.multilabelMarginLoss(input, target, { reduction: this.reduction });
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
    return margins.multilabelSoftMarginLoss(input, target, this.weight, { reduction: this.reduction });
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
    return margins.tripletMarginLoss(anchor, positive, negative, margin, p, eps, { swap, reduction });
  }
}

/**
 * `TripletMarginLoss` with any distance.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.TripletMarginWithDistanceLoss.html
 */
export class TripletMarginWithDistanceLoss extends Loss {
  distanceFunction: margins.DistanceFunction | undefined;
  margin: number;
  swap: boolean;

  constructor(
    ...args: [
      options?: {
        distanceFunction?: margins.DistanceFunction | null;
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
    this.distanceFunction = distanceFunction as margins.DistanceFunction | undefined;
    this.margin = margin;
    this.swap = swap;
    this.reduction = reduction;
  }

  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { distanceFunction, margin, swap, reduction } = this;
    return margins.tripletMarginWithDistanceLoss(anchor, positive, negative, {
      distanceFunction,
      margin,
      swap,
      reduction,
    });
  }
}

/**
 * The p-norm of `x1 - x2 + eps` over the last dim.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.PairwiseDistance.html
 */
export class PairwiseDistance extends Module {
  norm!: number;
  eps!: number;
  keepdim!: boolean;

  constructor(...args: Args<[p?: number, eps?: number], ["p", "eps"], { keepdim?: boolean }>) {
    super();
    const { p, eps, keepdim } = read(
      this,
      { p: optional(number, 2), eps: optional(number, 1e-6), keepdim: flag },
      args,
    );
    Object.assign(this, { norm: p, eps, keepdim });
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return pairwiseDistance(x1, x2, this.norm, this.eps, { keepdim: this.keepdim });
  }
}

/**
 * The cosine of the angle between vectors along a dim.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.CosineSimilarity.html
 */
export class CosineSimilarity extends Module {
  dim!: number;
  eps!: number;

  constructor(...args: Args<[dim?: number, eps?: number], ["dim", "eps"]>) {
    super();
    Object.assign(this, read(this, { dim: optional(int, 1), eps: optional(number, 1e-8) }, args));
  }

  override forward(x1: Tensor, x2: Tensor): Tensor {
    return cosineSimilarity(x1, x2, this.dim, this.eps);
  }
}
