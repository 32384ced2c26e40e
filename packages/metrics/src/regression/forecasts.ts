/** How good forecasts are. */
import type { Tensor } from "flambeau";
import { int, number, optional } from "flambeau/arguments";
import { checkSameShape, counter, divide, type Pair, pair } from "../inputs.js";
import { define, kept, summed } from "../metric/define.js";
import { errorTraits, zero } from "./outputs.js";

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
