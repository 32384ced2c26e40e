/** Errors relative to the targets. */
import torch from "flambeau";
import { int, optional, word } from "flambeau/arguments";
import { checkSameShape, counter, type Pair, pair, tiny } from "../inputs.js";
import { define, summed } from "../metric/define.js";
import { checkNumOutputs, columns, errorTraits, zero } from "./outputs.js";

const wmape = define<Pair, []>()({
  name: "weightedMeanAbsolutePercentageError",
  inputs: pair,
  params: {},
  traits: errorTraits,
  state: () => ({ sumAbsError: zero(), sumScale: zero() }),
  measure: ([preds, target]) => {
    checkSameShape(preds, target);
    return { sumAbsError: preds.sub(target).abs().sum(), sumScale: target.abs().sum() };
  },
  compute: ({ sumAbsError, sumScale }) => sumAbsError.div(sumScale.clamp(tiny)),
});

/**
 * The sum of the absolute differences relative to that of the targets, `Σ |y - ŷ| / Σ |y|`.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/weighted_mean_absolute_percentage_error.html
 */
export const weightedMeanAbsolutePercentageError = wmape.function;

/** The metric of `weightedMeanAbsolutePercentageError`. */
export class WeightedMeanAbsolutePercentageError extends wmape.Class {}

/** What an error is compared with. */
export type Normalization = "mean" | "range" | "std" | "l2";

export interface NormalizedErrorOptions {
  normalization?: Normalization;
  numOutputs?: number;
}

const nrmse = define<Pair, [options?: NormalizedErrorOptions]>()({
  name: "normalizedRootMeanSquaredError",
  inputs: pair,
  params: { normalization: optional(word("mean", "range", "std", "l2"), "mean"), numOutputs: optional(int, 1) },
  traits: errorTraits,
  check: checkNumOutputs,
  state: () => ({
    sumSquaredError: zero(),
    total: summed(counter(0)),
    minVal: { start: torch.tensor(Number.POSITIVE_INFINITY), reduction: "min" as const },
    maxVal: { start: torch.tensor(Number.NEGATIVE_INFINITY), reduction: "max" as const },
    sumTarget: zero(),
    targetSquared: zero(),
  }),
  measure: ([preds, target], { numOutputs }) => {
    checkSameShape(preds, target);
    const [predicted, wanted] = [columns(preds, numOutputs), columns(target, numOutputs)];
    return {
      sumSquaredError: predicted.sub(wanted).square().sum(0),
      total: counter(wanted.shape[0] as number),
      minVal: wanted.amin(0),
      maxVal: wanted.amax(0),
      sumTarget: wanted.sum(0),
      targetSquared: wanted.square().sum(0),
    };
  },
  measured: ["numOutputs"],
  compute: ({ sumSquaredError, total, minVal, maxVal, sumTarget, targetSquared }, { normalization }) => {
    const mean = sumTarget.div(total);
    const scales = {
      mean: () => mean,
      range: () => maxVal.sub(minVal),
      std: () => targetSquared.div(total).sub(mean.square()).clamp(0).sqrt(),
      l2: () => targetSquared.sqrt(),
    };
    return sumSquaredError.div(total).sqrt().div(scales[normalization]());
  },
});

/**
 * The root of the mean squared error, divided by the mean, range, standard deviation or L2 norm of the targets.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/normalized_root_mean_squared_error.html
 */
export const normalizedRootMeanSquaredError = nrmse.function;

/** The metric of `normalizedRootMeanSquaredError`. */
export class NormalizedRootMeanSquaredError extends nrmse.Class {}
