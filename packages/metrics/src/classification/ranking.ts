/** Rankings of labels: whether those that are right have the greatest scores. */
import torch, { type Tensor } from "flambeau";
import { counter, divide, type Pair, pair } from "../inputs.js";
import { define, summed } from "../metric/define.js";
import { scoresOf } from "./curves/counts.js";
import { type CommonOptions, checkNumClasses, common, numLabels } from "./options.js";

type RankingArgs =
  | [numLabels: number, ignoreIndex?: number, options?: Pick<CommonOptions, "validateArgs">]
  | [numLabels: number, options?: CommonOptions];

/** A ranking metric: the mean of a value of each sample. */
function ranking(name: string, higherIsBetter: boolean, valuesOf: (scores: Tensor, relevant: Tensor) => Tensor) {
  return define<Pair, RankingArgs>()({
    name,
    inputs: pair,
    params: { numLabels, ...common },
    traits: { higherIsBetter, isDifferentiable: false, plotLowerBound: 0 },
    check: (options) => checkNumClasses(options.numLabels, "numLabels"),
    state: () => ({ measure: summed(torch.tensor(0)), total: summed(counter(0)) }),
    measure: (inputs, options) => {
      const [scores, target] = scoresOf("multilabel", inputs, { ...options, thresholds: null });
      return { measure: valuesOf(scores, target.eq(1)).sum(), total: counter(target.shape[0] as number) };
    },
    compute: ({ measure, total }) => measure.div(total),
  });
}

const coverage = ranking("multilabelCoverageError", false, (scores, relevant) => {
  const least = scores.maskedFill(relevant.logicalNot(), Number.POSITIVE_INFINITY).amin(1, { keepdim: true });
  return scores.ge(least).sum(1).float();
});

/**
 * How far down the ranking one has to go to cover all labels that are right, in the mean.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/coverage_error.html
 */
export const multilabelCoverageError = coverage.function;

/** The metric of `multilabelCoverageError`. */
export class MultilabelCoverageError extends coverage.Class {}

/** For each label of each sample, how many labels of a set have at least its score. */
function rankAmong(scores: Tensor, among: Tensor): Tensor {
  return scores.unsqueeze(1).ge(scores.unsqueeze(2)).logicalAnd(among.unsqueeze(1)).sum(2);
}

const rankingPrecision = ranking("multilabelRankingAveragePrecision", true, (scores, relevant) => {
  const share = divide(rankAmong(scores, relevant), rankAmong(scores, torch.onesLike(relevant)));
  const count = relevant.sum(1);
  const mean = divide(share.mul(relevant).sum(1), count);
  const isTrivial = count.eq(0).logicalOr(count.eq(relevant.shape[1] as number));
  return torch.where(isTrivial, 1, mean);
});

/**
 * The mean, over the labels that are right, of the share of right ones among those that are ranked at least as high.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/label_ranking_average_precision.html
 */
export const multilabelRankingAveragePrecision = rankingPrecision.function;

/** The metric of `multilabelRankingAveragePrecision`. */
export class MultilabelRankingAveragePrecision extends rankingPrecision.Class {}

const rankingLoss = ranking("multilabelRankingLoss", false, (scores, relevant) => {
  const labels = relevant.shape[1] as number;
  const count = relevant.sum(1);
  const position = torch.rsub(scores.argsort(1, { stable: true }).argsort(1, { stable: true }), labels);
  const sum = position.mul(relevant).sum(1).float();
  const least = count.mul(count.add(1)).div(2);
  return divide(sum.sub(least), count.mul(torch.rsub(count, labels)));
});

/**
 * The share of pairs of a right and a wrong label that are in the wrong order, in the mean over samples.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/label_ranking_loss.html
 */
export const multilabelRankingLoss = rankingLoss.function;

/** The metric of `multilabelRankingLoss`. */
export class MultilabelRankingLoss extends rankingLoss.Class {}
