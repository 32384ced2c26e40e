/** How much of the variance of the targets is explained. */
import torch, { type Tensor } from "flambeau";
import { flagOn, int, optional, warn, word } from "flambeau/arguments";
import { checkSameShape, counter, divide, type Pair, pair } from "../inputs.js";
import { define, summed } from "../metric/define.js";
import { errorTraits, type Multioutput, multioutputs, overOutputs, zero } from "./outputs.js";

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
