/** Losses that ask for a margin: between classes, between rankings, between near and far. */

import { callable, flag, int, keyword, nullable, number, optional, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { releasingTemporaries } from "../../autograd/temporaries.js";
import { scalarTypeName } from "../../core/dtype.js";
import { floatingType } from "../../core/promotion.js";
import { formatShape, sameShape } from "../../core/shape.js";
import { keepingTemporaries } from "../../core/storage.js";
import type { Tensor } from "../../core/tensor.js";
import { logsigmoid } from "../activation/smooth.js";
import { LossSignature } from "../autocast.js";
import { where } from "../indexing/masks.js";
import { holdsAnywhere } from "../numbers.js";
import { minimum } from "../pointwise/extremes.js";
import { pairwiseDistance } from "../products/vectorDistances.js";
import type { Args } from "../types.js";
import { type ReductionOption, reduce, reductionParam } from "./reduction.js";

type WithMargin<T extends readonly unknown[]> = [...T, ...Args<[margin?: number], ["margin"], ReductionOption>];

const hingeSignature = new LossSignature("hingeEmbeddingLoss", {
  input: tensor,
  target: tensor,
  margin: optional(number, 1),
  reduction: reductionParam,
});

/**
 * The input where the target is 1, `max(0, margin - input)` where it is -1.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.hinge_embedding_loss.html
 */
export function hingeEmbeddingLoss(...args: WithMargin<[input: Tensor, target: Tensor]>): Tensor {
  return releasingTemporaries(({ input, target, margin, reduction }) => {
    const far = where(target.ne(1), input.neg().add(margin).clampMin(0), 0);
    return reduce(far.add(where(target.ne(-1), input, 0)), reduction);
  }, hingeSignature.parse(args));
}

const three = {
  input1: tensor,
  input2: tensor,
  target: tensor,
  margin: optional(number, 0),
  reduction: reductionParam,
};
const cosineSignature = new LossSignature("cosineEmbeddingLoss", three);
const rankingSignature = new LossSignature("marginRankingLoss", three);

/**
 * `1 - cos(input1, input2)` where the target is 1, `max(0, cos(input1, input2) - margin)` where it is -1.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.cosine_embedding_loss.html
 */
export function cosineEmbeddingLoss(...args: WithMargin<[input1: Tensor, input2: Tensor, target: Tensor]>): Tensor {
  return releasingTemporaries(({ input1, input2, target, margin, reduction }) => {
    if (target.sizes.length > 1) throw new Error("0D or 1D target tensor expected, multi-target not supported");
    for (const input of [input1, input2]) {
      if (input.sizes.length === target.sizes.length + 1) continue;
      throw new Error(
        `${target.sizes.length}D target tensor expects ${target.sizes.length + 1}D input tensors, but found inputs with sizes ${formatShape(input1.sizes)} and ${formatShape(input2.sizes)}.`,
      );
    }
    const squares = (x: Tensor) => x.mul(x).sum(-1).add(1e-12);
    const cosine = input1
      .mul(input2)
      .sum(-1)
      .div(squares(input1).mul(squares(input2)).sqrt());
    const near = where(target.eq(1), cosine.neg().add(1), 0);
    return reduce(near.add(where(target.eq(-1), cosine.sub(margin).clampMin(0), 0)), reduction);
  }, cosineSignature.parse(args));
}

/**
 * `max(0, margin - target * (input1 - input2))`: a target of 1 asks the first to be larger, -1 the second.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.margin_ranking_loss.html
 */
export function marginRankingLoss(...args: WithMargin<[input1: Tensor, input2: Tensor, target: Tensor]>): Tensor {
  return releasingTemporaries(({ input1, input2, target, margin, reduction }) => {
    if (input1.sizes.length !== input2.sizes.length || input1.sizes.length !== target.sizes.length) {
      throw new Error(
        `margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: torch.Size(${formatShape(input1.sizes)}), input2: torch.Size(${formatShape(input2.sizes)}), target: torch.Size(${formatShape(target.sizes)}) `,
      );
    }
    const gaps = target.neg().mul(input1.sub(input2));
    // The margin is a float, also where the rest is whole numbers.
    return reduce(gaps.to(floatingType(gaps.dtype)).add(margin).clampMin(0), reduction);
  }, rankingSignature.parse(args));
}

/** What is greater than 0, and 0 for the rest, NaN among it. */
function positive(x: Tensor): Tensor {
  return where(x.gt(0), x, 0);
}

/** The input as rows of scores for each class, a row for each sample. */
function scoresOf(input: Tensor): Tensor {
  const { sizes } = input;
  if (sizes.length > 2 || sizes.at(-1) === 0) {
    throw new Error(
      `Expected non-empty vector or matrix with optional 0-dim batch size, but got: ${formatShape(sizes)}`,
    );
  }
  return sizes.length === 2 ? input : input.reshape([1, -1]);
}

const multiMarginSignature = new LossSignature("multiMarginLoss", {
  input: tensor,
  target: tensor,
  p: optional(int, 1),
  margin: optional(number, 1),
  weight: optional(nullable(tensor)),
  reduction: reductionParam,
});

/**
 * The mean over classes c other than the target t of `weight[t] * max(0, margin - input[t] + input[c]) ** p`.
 *
 * @param input `[N, C]` or `[C]`.
 * @param target class indices `[N]`, or `[]` for one sample.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.multi_margin_loss.html
 */
export function multiMarginLoss(
  ...args: [
    input: Tensor,
    target: Tensor,
    ...rest: Args<[p?: number, margin?: number, weight?: Tensor | null], ["p", "margin", "weight"], ReductionOption>,
  ]
): Tensor {
  return releasingTemporaries(({ input, target, p, margin, weight, reduction }) => {
    if (p !== 1 && p !== 2) throw new Error("only p == 1 and p == 2 supported");
    const scores = scoresOf(input);
    const [samples, classes] = scores.sizes as [number, number];
    if (target.sizes.length > 1 || target.numel() !== samples) {
      throw new Error(`inconsistent target size, got: ${formatShape(target.sizes)}`);
    }
    if (holdsAnywhere(target.lt(0).logicalOr(target.ge(classes)))) throw new RangeError("target out of range");
    if (weight && (weight.sizes.length !== 1 || weight.sizes[0] !== classes)) {
      throw new Error(`inconsistent weight size, expected ${classes} but got ${formatShape(weight.sizes)}`);
    }
    if (weight && weight.dtype !== input.dtype) {
      throw new TypeError(
        `expected scalar type ${scalarTypeName(input.dtype)} but found ${scalarTypeName(weight.dtype)}`,
      );
    }
    const indices = target.reshape([-1, 1]);
    const excess = positive(scores.sub(scores.gather(1, indices)).add(margin));
    const losses = p === 2 ? excess.square() : excess;
    const weighted = weight ? losses.mul(weight.indexSelect(0, target.reshape(-1)).unsqueeze(1)) : losses;
    return reduce(weighted.scatter(1, indices, 0).sum(1).div(classes).reshape(target.sizes), reduction);
  }, multiMarginSignature.parse(args));
}

const multilabelSignature = new LossSignature("multilabelMarginLoss", {
  input: tensor,
  target: tensor,
  reduction: reductionParam,
});

/**
 * The sum over targets t and other classes c of `max(0, 1 - (input[t] - input[c]))`, over the number of classes.
 *
 * @param input `[N, C]` or `[C]`.
 * @param target class indices in the same shape; those from the first -1 on do not count.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_margin_loss.html
 */
export function multilabelMarginLoss(...args: [input: Tensor, target: Tensor, options?: ReductionOption]): Tensor {
  return releasingTemporaries(({ input, target, reduction }) => {
    const scores = scoresOf(input);
    const [samples, classes] = scores.sizes as [number, number];
    const isBatch = input.sizes.length === 2;
    const fits = isBatch
      ? sameShape(target.sizes, input.sizes)
      : target.sizes.length <= 1 && target.numel() === classes;
    if (!fits) throw new Error(`inconsistent size ${formatShape(target.sizes)} for argument #2 'target'`);
    if (holdsAnywhere(target.lt(-1).logicalOr(target.ge(classes))))
      throw new RangeError("argument #2 'target' is out of range");
    const classesOf = target.reshape([samples, classes]);
    const counts = classesOf.lt(0).cumsum(1).eq(0);
    const indices = classesOf.maskedFill(counts.logicalNot(), 0);
    const isTarget = counts
      .newZeros(counts.sizes, { dtype: target.dtype })
      .scatterAdd(1, indices, counts.to(target.dtype))
      .gt(0);
    const excess = positive(scores.unsqueeze(1).sub(scores.gather(1, indices).unsqueeze(2)).add(1));
    const counted = counts.unsqueeze(2).logicalAnd(isTarget.logicalNot().unsqueeze(1));
    const losses = where(counted, excess, 0).sum([1, 2]).div(classes);
    return reduce(isBatch ? losses : losses.squeeze(0), reduction);
  }, multilabelSignature.parse(args));
}

const softSignature = new Signature("multilabelSoftMarginLoss", {
  input: tensor,
  target: tensor,
  weight: optional(nullable(tensor)),
  reduction: reductionParam,
});

/**
 * Binary cross entropy of logits, as a mean over the classes (the last dim).
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.multilabel_soft_margin_loss.html
 */
export function multilabelSoftMarginLoss(
  ...args: [input: Tensor, target: Tensor, ...rest: Args<[weight?: Tensor | null], ["weight"], ReductionOption>]
): Tensor {
  return releasingTemporaries(({ input, target, weight, reduction }) => {
    const no = target.neg().add(1).mul(logsigmoid(input.neg()));
    const losses = target.mul(logsigmoid(input)).add(no).neg();
    const classDim = input.sizes.length - 1;
    return reduce((weight ? losses.mul(weight) : losses).sum(classDim).div(input.size(-1)), reduction);
  }, softSignature.parse(args));
}

const tripletSignature = new LossSignature("tripletMarginLoss", {
  anchor: tensor,
  positive: tensor,
  negative: tensor,
  margin: optional(number, 1),
  p: optional(number, 2),
  eps: optional(number, 1e-6),
  swap: flag,
  reduction: reductionParam,
});

type Triplet = [anchor: Tensor, positive: Tensor, negative: Tensor];

/**
 * `max(0, d(anchor, positive) - d(anchor, negative) + margin)` with the p-norm as distance.
 *
 * @param options.swap take the positive in place of the anchor where it is nearer to the negative.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_loss.html
 */
export function tripletMarginLoss(
  ...args: [
    ...Triplet,
    ...Args<[margin?: number, p?: number, eps?: number], ["margin", "p", "eps"], { swap?: boolean } & ReductionOption>,
  ]
): Tensor {
  const { p, eps, ...options } = tripletSignature.parse(args);
  const dims = [options.anchor, options.positive, options.negative].map(({ ndim }) => `${ndim}D`);
  if (new Set(dims).size > 1) {
    throw new Error(`All inputs should have same dimension but got ${dims[0]}, ${dims[1]} and ${dims[2]} inputs.`);
  }
  return releasingTemporaries(tripletLoss, { ...options, distance: (a, b) => pairwiseDistance(a, b, p, eps) });
}

const withDistanceSignature = new Signature("tripletMarginWithDistanceLoss", {
  anchor: tensor,
  positive: tensor,
  negative: tensor,
  distanceFunction: keyword(optional(callable)),
  margin: keyword(optional(number, 1)),
  swap: flag,
  reduction: reductionParam,
});

/** How far two tensors are apart, for each sample. */
export type DistanceFunction = (x1: Tensor, x2: Tensor) => Tensor;

/**
 * `tripletMarginLoss` with any distance.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.triplet_margin_with_distance_loss.html
 */
export function tripletMarginWithDistanceLoss(
  ...args: [
    ...Triplet,
    options?: { distanceFunction?: DistanceFunction | null; margin?: number; swap?: boolean } & ReductionOption,
  ]
): Tensor {
  const { distanceFunction, ...options } = withDistanceSignature.parse(args);
  const given = distanceFunction as DistanceFunction | undefined;
  const distance: DistanceFunction = given
    ? (a, b) => keepingTemporaries(() => given(a, b))
    : (a, b) => pairwiseDistance(a, b);
  return releasingTemporaries(tripletLoss, { ...options, distance });
}

interface TripletCall extends Required<ReductionOption> {
  anchor: Tensor;
  positive: Tensor;
  negative: Tensor;
  margin: number;
  swap: boolean;
  distance: DistanceFunction;
}

function tripletLoss({ anchor, positive, negative, margin, swap, distance, reduction }: TripletCall): Tensor {
  const near = distance(anchor, positive);
  const far = distance(anchor, negative);
  const farthest = swap ? minimum(far, distance(positive, negative)) : far;
  return reduce(near.sub(farthest).add(margin).clampMin(0), reduction);
}
