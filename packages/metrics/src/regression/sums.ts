/** Other errors that come from a few sums over all batches. */
import torch, { type Tensor } from "flambeau";
import { flagOn, int, number, optional, word } from "flambeau/arguments";
import { checkSameShape, counter, divide, type Pair, pair, tiny } from "../inputs.js";
import { define, kept, summed } from "../metric/define.js";
import { warn } from "../warn.js";
import { checkNumOutputs, columns, type Multioutput, multioutputs, overOutputs } from "./outputs.js";

const errorTraits = { higherIsBetter: false, isDifferentiable: true, plotLowerBound: 0 };
const zero = () => summed(torch.tensor(0));

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

const minkowski = define<[preds: Tensor, targets: Tensor], [p: number]>()({
  name: "minkowskiDistance",
  inputs: { preds: pair.preds, targets: pair.target },
  params: { p: number },
  traits: errorTraits,
  check: ({ p }) => {
    if (!(p >= 1)) throw new RangeError(`Argument \`p\` must be a float or int greater than 1, but got ${p}`);
  },
  state: () => ({ minkowskiDistSum: zero() }),
  measure: ([preds, targets], { p }) => {
    checkSameShape(preds, targets);
    return { minkowskiDistSum: preds.sub(targets).abs().pow(p).sum() };
  },
  compute: ({ minkowskiDistSum }, { p }) => minkowskiDistSum.pow(1 / p),
});

/**
 * Minkowski's distance, `(Σ |y - ŷ|ᵖ)^(1/p)`.
 *
 * @throws RangeError if p is less than 1.
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/minkowski_distance.html
 */
export const minkowskiDistance = minkowski.function;

/** The metric of `minkowskiDistance`. */
export class MinkowskiDistance extends minkowski.Class {}

/** The sums from which the share of the variance that is explained can be told, of each output. */
function squares([preds, target]: Pair) {
  checkSameShape(preds, target);
  if (target.ndim === 0 || target.ndim > 2) {
    throw new Error(
      `Expected both prediction and target to be 1D or 2D tensors, but received tensors with dimension ${preds.ndim}`,
    );
  }
  return {
    sumSquaredError: target.square().sum(0),
    sumError: target.sum(0),
    residual: target.sub(preds).square().sum(0),
    total: counter(target.shape[0] as number),
  };
}

/** The squared distance of the targets from their mean. */
function totalSquares(sumSquaredError: Tensor, sumError: Tensor, total: Tensor): Tensor {
  return sumSquaredError.sub(sumError.square().div(total));
}

export interface R2Options {
  /** How many independent variables there are, to adjust for; 0 by default. */
  adjusted?: number;
  /** How several outputs are put together; their mean by default. */
  multioutput?: Multioutput;
}

const multioutput = optional(word(...multioutputs), "uniform_average");

const r2 = define<Pair, [adjusted?: number, options?: Omit<R2Options, "adjusted">] | [options?: R2Options]>()({
  name: "r2Score",
  inputs: pair,
  params: { adjusted: optional(int, 0), multioutput },
  traits: { higherIsBetter: true, isDifferentiable: true, plotUpperBound: 1 },
  check: ({ adjusted }) => {
    if (adjusted < 0) throw new RangeError("`adjusted` parameter should be an integer larger or equal to 0.");
  },
  state: () => ({ sumSquaredError: zero(), sumError: zero(), residual: zero(), total: summed(counter(0)) }),
  measure: squares,
  measured: [],
  compute: ({ sumSquaredError, sumError, residual, total }, options) => {
    const count = total.item();
    if (count < 2) throw new Error("Needs at least two samples to calculate r2 score.");
    const squaresOfTotal = totalSquares(sumSquaredError, sumError, total);
    const isZero = (tensor: Tensor) => tensor.isclose(torch.zerosLike(tensor), { atol: 1e-4 });
    const quotient = torch.rsub(residual.div(squaresOfTotal), 1);
    const constant = torch.where(isZero(squaresOfTotal), 0, quotient);
    const scores = torch.where(isZero(residual), 1, constant);
    return adjust(overOutputs(scores, squaresOfTotal, options.multioutput), count, options.adjusted);
  },
});

/** The score, made smaller by what as many variables explain by chance. */
function adjust(score: Tensor, count: number, adjusted: number): Tensor {
  if (adjusted === 0) return score;
  if (adjusted > count - 1) {
    warn("More independent regressions than data points in adjusted r2 score. Falls back to standard r2 score.");
    return score;
  }
  if (adjusted === count - 1) {
    warn("Division by zero in adjusted r2 score. Falls back to standard r2 score.");
    return score;
  }
  const scale = (count - 1) / (count - adjusted - 1);
  return torch.rsub(torch.rsub(score, 1).mul(scale), 1);
}

/**
 * The coefficient of determination, `1 - Σ (y - ŷ)² / Σ (y - ȳ)²`: 1 for perfect predictions, 0 for those that are no
 * better than the mean.
 *
 * @throws Error for less than two samples.
 * @example r2Score(torch.tensor([2.5, 0, 2, 8]), torch.tensor([3, -0.5, 2, 7])) // tensor(0.9486)
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/r2_score.html
 */
export const r2Score = r2.function;

/** The metric of `r2Score`. */
export class R2Score extends r2.Class {}

export interface RelativeSquaredErrorOptions {
  /** Whether the root is not taken; true by default. */
  squared?: boolean;
}

const rse = define<
  Pair,
  [options?: RelativeSquaredErrorOptions],
  Tensor,
  | [numOutputs?: number, options?: RelativeSquaredErrorOptions]
  | [options?: RelativeSquaredErrorOptions & { numOutputs?: number }]
>()({
  name: "relativeSquaredError",
  inputs: pair,
  params: { squared: flagOn, numOutputs: optional(int, 1) },
  classParams: { numOutputs: optional(int, 1), squared: flagOn },
  traits: errorTraits,
  state: () => ({ sumSquaredError: zero(), sumError: zero(), residual: zero(), total: summed(counter(0)) }),
  measure: squares,
  measured: [],
  compute: ({ sumSquaredError, sumError, residual, total }, { squared }) => {
    const { eps } = torch.finfo(residual.dtype.isFloatingPoint ? residual.dtype : torch.float32);
    const error = residual.div(totalSquares(sumSquaredError, sumError, total).clamp(eps));
    return (squared ? error : error.sqrt()).mean();
  },
});

/**
 * The squared error relative to that of the mean as prediction, `Σ (y - ŷ)² / Σ (y - ȳ)²`; its root with
 * `squared: false`.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/rse.html
 */
export const relativeSquaredError = rse.function;

/** The metric of `relativeSquaredError`. */
export class RelativeSquaredError extends rse.Class {}

export interface MultioutputOptions {
  /** How several outputs are put together; their mean by default. */
  multioutput?: Multioutput;
}

const explained = define<Pair, [options?: MultioutputOptions]>()({
  name: "explainedVariance",
  inputs: pair,
  params: { multioutput },
  traits: { higherIsBetter: true, isDifferentiable: true, plotUpperBound: 1 },
  state: () => ({
    numObs: summed(counter(0)),
    sumError: zero(),
    sumSquaredError: zero(),
    sumTarget: zero(),
    sumSquaredTarget: zero(),
  }),
  measure: ([preds, target]) => {
    checkSameShape(preds, target);
    const error = target.sub(preds);
    return {
      numObs: counter(target.shape[0] ?? 1),
      sumError: error.sum(0),
      sumSquaredError: error.square().sum(0),
      sumTarget: target.sum(0),
      sumSquaredTarget: target.square().sum(0),
    };
  },
  measured: [],
  compute: ({ numObs, sumError, sumSquaredError, sumTarget, sumSquaredTarget }, options) => {
    const variance = (sum: Tensor, ofSquares: Tensor) => ofSquares.div(numObs).sub(sum.div(numObs).square());
    const unexplained = variance(sumError, sumSquaredError);
    const total = variance(sumTarget, sumSquaredTarget);
    const scores = torch.where(unexplained.eq(0), 1, torch.rsub(divide(unexplained, total, 1), 1));
    return overOutputs(scores, total, options.multioutput);
  },
});

/**
 * The share of the variance of the targets that the predictions explain, `1 - Var(y - ŷ) / Var(y)`.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/explained_variance.html
 */
export const explainedVariance = explained.function;

/** The metric of `explainedVariance`. */
export class ExplainedVariance extends explained.Class {}

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

export interface KeepSequenceDim {
  /** A dim that keeps values of its own. */
  keepSequenceDim?: number;
}

const csi = define<
  Pair,
  [threshold: number, keepSequenceDim?: number] | [threshold: number, options?: KeepSequenceDim]
>()({
  name: "criticalSuccessIndex",
  inputs: pair,
  params: { threshold: number, keepSequenceDim: optional(int) },
  traits: { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 },
  state: ({ keepSequenceDim }) => {
    const start = keepSequenceDim === undefined ? zero() : kept;
    return { hits: start, misses: start, falseAlarms: start };
  },
  measure: ([preds, target], { threshold, keepSequenceDim }) => {
    checkSameShape(preds, target);
    if (keepSequenceDim !== undefined && !(keepSequenceDim >= 0 && keepSequenceDim < preds.ndim)) {
      throw new RangeError(`Expected keepSequenceDim to be in range [0, ${preds.ndim}] but got ${keepSequenceDim}`);
    }
    const dims = preds.shape.map((_, i) => i).filter((i) => i !== keepSequenceDim);
    const count = (mask: Tensor) => mask.sum(dims);
    const [predicted, actual] = [preds.ge(threshold), target.ge(threshold)];
    return {
      hits: count(predicted.logicalAnd(actual)),
      misses: count(actual.logicalAnd(predicted.logicalNot())),
      falseAlarms: count(predicted.logicalAnd(actual.logicalNot())),
    };
  },
  compute: ({ hits, misses, falseAlarms }) => divide(hits, hits.add(misses).add(falseAlarms)),
});

/**
 * The critical success index (threat score) of values that reach a threshold: `hits / (hits + misses + false alarms)`.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/critical_success_index.html
 */
export const criticalSuccessIndex = csi.function;

/** The metric of `criticalSuccessIndex`. */
export class CriticalSuccessIndex extends csi.Class {}

const crps = define<Pair, []>()({
  name: "continuousRankedProbabilityScore",
  inputs: pair,
  params: {},
  traits: errorTraits,
  state: () => ({ score: zero(), total: summed(counter(0)) }),
  measure: ([preds, target]) => {
    const [samples, members = 0] = preds.shape;
    if (preds.ndim !== 2 || target.ndim !== 1 || target.shape[0] !== samples) {
      throw new Error(
        `Predictions and targets are expected to have the shapes [N, members] and [N], but got [${preds.shape.join(", ")}] and [${target.shape.join(", ")}]`,
      );
    }
    if (members < 2) throw new Error(`CRPS requires at least 2 ensemble members, but you provided ${members}.`);
    const distance = preds.sub(target.unsqueeze(1)).abs().mean(1);
    const spread = preds.unsqueeze(2).sub(preds.unsqueeze(1)).abs().mean([1, 2]).div(2);
    return { score: distance.sub(spread).sum(), total: counter(samples as number) };
  },
  compute: ({ score, total }) => score.div(total),
});

/**
 * How well an ensemble of predictions, shape [N, members], fits observations, shape [N]:
 * `E |X - y| - E |X - X'| / 2`.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/continuous_ranked_probability_score.html
 */
export const continuousRankedProbabilityScore = crps.function;

/** The metric of `continuousRankedProbabilityScore`. */
export class ContinuousRankedProbabilityScore extends crps.Class {}
