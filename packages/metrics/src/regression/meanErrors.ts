/** Errors that are means over all elements: each sample adds its part to a sum, which is divided by their number. */
import torch, { type Tensor } from "flambeau";
import { flagOn, int, number, optional, type Params, Signature, type ValuesOf } from "flambeau/arguments";
import { checkSameShape, counter, type Pair, pair, safeXlogy, tiny } from "../inputs.js";
import { define, summed } from "../metric/define.js";
import { checkColumns, checkNumOutputs, columns, errorTraits, type NumOutputs } from "./outputs.js";

interface MeanError<P extends Params> {
  readonly name: string;
  /** The name of the state that has the sum. */
  readonly sum: string;
  readonly params: P;
  /** The error of each element. */
  error(preds: Tensor, target: Tensor, options: ValuesOf<P>): Tensor;
  check?(options: ValuesOf<P>): void;
  /** What is made of the mean. */
  finish?(mean: Tensor, options: ValuesOf<P>): Tensor;
}

/** A mean over all elements, or, with the option `numOutputs`, over those of each output. */
function meanError<A extends unknown[]>() {
  return <P extends Params>({ name, sum, params, error, check, finish }: MeanError<P>) => {
    const outputsOf = (options: object) => (options as { numOutputs?: number }).numOutputs ?? 1;
    return define<Pair, A>()({
      name,
      inputs: pair,
      params,
      traits: errorTraits,
      check: (options: ValuesOf<P>) => {
        checkNumOutputs({ numOutputs: outputsOf(options) });
        check?.(options);
      },
      state: (options: ValuesOf<P>): Record<string, ReturnType<typeof summed>> => ({
        [sum]: summed(outputsOf(options) === 1 ? torch.tensor(0) : torch.zeros(outputsOf(options))),
        total: summed(counter(0)),
      }),
      measure: ([preds, target], options): Record<string, Tensor> => {
        checkSameShape(preds, target);
        const outputs = outputsOf(options);
        if (outputs > 1) checkColumns(preds, target, outputs);
        const errors = columns(error(preds, target, options), outputs);
        return { [sum]: errors.sum(0), total: counter(errors.shape[0] as number) };
      },
      measured: Object.keys(params),
      compute: (state, options) => {
        const mean = (state[sum] as Tensor).div(state.total as Tensor);
        return finish?.(mean, options) ?? mean;
      },
    });
  };
}

export interface MeanSquaredErrorOptions extends NumOutputs {
  /** Whether the root is not taken; true by default. */
  squared?: boolean;
}

const mse = meanError<[options?: MeanSquaredErrorOptions]>()({
  name: "meanSquaredError",
  sum: "sumSquaredError",
  params: { squared: flagOn, numOutputs: optional(int, 1) },
  error: (preds, target) => preds.sub(target).square(),
  finish: (mean, { squared }) => (squared ? mean : mean.sqrt()),
});

/**
 * The mean of the squared differences, `Σ (y - ŷ)² / n`, or its root with `squared: false`.
 *
 * @example meanSquaredError(torch.tensor([0, 1, 2, 3]), torch.tensor([0, 1, 2, 2])) // tensor(0.2500)
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/mean_squared_error.html
 */
export const meanSquaredError = mse.function;

/** The metric of `meanSquaredError`. */
export class MeanSquaredError extends mse.Class {}

const mae = meanError<[numOutputs?: number] | [options?: NumOutputs]>()({
  name: "meanAbsoluteError",
  sum: "sumAbsError",
  params: { numOutputs: optional(int, 1) },
  error: (preds, target) => preds.sub(target).abs(),
});

/**
 * The mean of the absolute differences, `Σ |y - ŷ| / n`.
 *
 * @example meanAbsoluteError(torch.tensor([0, 1, 2, 3]), torch.tensor([0, 1, 2, 1])) // tensor(0.5000)
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/mean_absolute_error.html
 */
export const meanAbsoluteError = mae.function;

/** The metric of `meanAbsoluteError`. */
export class MeanAbsoluteError extends mae.Class {}

const msle = meanError<[]>()({
  name: "meanSquaredLogError",
  sum: "sumSquaredLogError",
  params: {},
  error: (preds, target) => preds.log1p().sub(target.log1p()).square(),
});

/**
 * The mean of the squared differences of logarithms, `Σ (log(1 + y) - log(1 + ŷ))² / n`.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/mean_squared_log_error.html
 */
export const meanSquaredLogError = msle.function;

/** The metric of `meanSquaredLogError`. */
export class MeanSquaredLogError extends msle.Class {}

const mape = meanError<[]>()({
  name: "meanAbsolutePercentageError",
  sum: "sumAbsPerError",
  params: {},
  error: (preds, target) => preds.sub(target).abs().div(target.abs().clamp(tiny)),
});

/**
 * The mean of the differences relative to the target, `Σ |y - ŷ| / max(ε, |y|) / n`.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/mean_absolute_percentage_error.html
 */
export const meanAbsolutePercentageError = mape.function;

/** The metric of `meanAbsolutePercentageError`. */
export class MeanAbsolutePercentageError extends mape.Class {}

const smape = meanError<[]>()({
  name: "symmetricMeanAbsolutePercentageError",
  sum: "sumAbsPerError",
  params: {},
  error: (preds, target) => {
    const scale = target.abs().add(preds.abs());
    return preds.sub(target).abs().mul(2).div(scale.clamp(tiny));
  },
});

/**
 * The mean of the differences relative to the mean of both, `2 Σ |y - ŷ| / max(ε, |y| + |ŷ|) / n`.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/symmetric_mean_absolute_percentage_error.html
 */
export const symmetricMeanAbsolutePercentageError = smape.function;

/** The metric of `symmetricMeanAbsolutePercentageError`. */
export class SymmetricMeanAbsolutePercentageError extends smape.Class {}

/** `log cosh x`, which does not overflow. */
function logCosh(x: Tensor): Tensor {
  const size = x.abs();
  return size.add(size.mul(-2).exp().log1p()).sub(Math.LN2);
}

const logCoshRule = meanError<[numOutputs?: number] | [options?: NumOutputs]>()({
  name: "logCoshError",
  sum: "sumLogCoshError",
  params: { numOutputs: optional(int, 1) },
  error: (preds, target) => logCosh(preds.sub(target)),
});

const logCoshSignature = new Signature("logCoshError", pair);

/**
 * The mean of `log cosh(ŷ - y)`, of each column for matrices.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/log_cosh_error.html
 */
export function logCoshError(...args: Pair): Tensor {
  const { preds, target } = logCoshSignature.parse(args);
  return logCoshRule.function(preds, target, preds.ndim === 2 ? (preds.shape[1] as number) : 1);
}

/** The metric of `logCoshError`; `numOutputs` says how many columns there are. */
export class LogCoshError extends logCoshRule.Class {}

/** What has to be positive for a power, in torchmetrics' words. */
function checkSigns(preds: Tensor, targets: Tensor, power: number): void {
  const hasOther = (tensor: Tensor, isZeroFine: boolean) =>
    (isZeroFine ? tensor.lt(0) : tensor.le(0)).any().item() !== 0;
  const isPoisson = power >= 1 && power < 2;
  if (power === 0) return;
  if (power < 0) {
    if (hasOther(preds, false)) throw new Error(`For power=${power}, 'preds' has to be strictly positive.`);
  } else if (isPoisson && (hasOther(preds, false) || hasOther(targets, true))) {
    throw new Error(`For power=${power}, 'preds' has to be strictly positive and 'targets' cannot be negative.`);
  } else if (!isPoisson && (hasOther(preds, false) || hasOther(targets, false))) {
    throw new Error(`For power=${power}, both 'preds' and 'targets' have to be strictly positive.`);
  }
}

function deviance(preds: Tensor, targets: Tensor, power: number): Tensor {
  if (power === 0) return targets.sub(preds).square();
  if (power === 1) return safeXlogy(targets, targets.div(preds)).add(preds).sub(targets).mul(2);
  if (power === 2) return preds.div(targets).log().add(targets.div(preds)).sub(1).mul(2);
  return targets
    .clamp(0)
    .pow(2 - power)
    .div((1 - power) * (2 - power))
    .sub(targets.mul(preds.pow(1 - power)).div(1 - power))
    .add(preds.pow(2 - power).div(2 - power))
    .mul(2);
}

const tweedie = meanError<[power?: number] | [options?: { power?: number }]>()({
  name: "tweedieDevianceScore",
  sum: "sumDevianceScore",
  params: { power: optional(number, 0) },
  check: ({ power }) => {
    if (power > 0 && power < 1) throw new RangeError(`Deviance Score is not defined for power=${power}.`);
  },
  error: (preds, targets, { power }) => {
    checkSigns(preds, targets, power);
    return deviance(preds, targets, power);
  },
});

/**
 * The mean deviance of a Tweedie distribution: of the normal one for `power` 0 (the mean squared error), Poisson's for
 * 1, the gamma distribution for 2.
 *
 * @throws RangeError for a power between 0 and 1; Error for values that such a distribution does not have.
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/tweedie_deviance_score.html
 */
export const tweedieDevianceScore = tweedie.function;

/** The metric of `tweedieDevianceScore`. */
export class TweedieDevianceScore extends tweedie.Class {}
