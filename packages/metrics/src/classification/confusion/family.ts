/** Metrics that come from confusion matrices: what they share for the three tasks. */
import torch, { type Tensor } from "flambeau";
import type { Params, ValuesOf } from "flambeau/arguments";
import { type Pair, pair } from "../../inputs.js";
import { define, summed, type Traits } from "../../metric/define.js";
import type { Metric } from "../../metric/metric.js";
import type { Plot, PlotOptions } from "../../plot/plot.js";
import { type Labels, labelsOf } from "../labels.js";
import {
  type CommonOptions,
  checkCommon,
  common,
  nameOf,
  numClasses,
  numLabels,
  type Task,
  type ThresholdOption,
  threshold,
} from "../options.js";
import type { TaskOptions, ThresholdArgs } from "../statFamily.js";

/** Counts of pairs of labels: the row is the target, the column the prediction. */
export function countPairs({ preds, target, valid }: Labels, numClasses: number): Tensor {
  const [p, t] = [preds, target].map((labels) => labels.to(torch.int64)) as Pair;
  const cells = t.mul(numClasses).add(p);
  const counted = valid === undefined ? cells.flatten() : cells.maskedSelect(valid);
  return torch.bincount(counted, { minlength: numClasses ** 2 }).view(numClasses, numClasses);
}

/** A 2×2 matrix for each label, which the second dim counts. */
function countLabels({ preds, target, valid }: Labels, numLabels: number): Tensor {
  const shape = [1, numLabels, ...preds.shape.slice(2).map(() => 1)];
  const offset = torch.arange(numLabels).mul(4).view(shape);
  const cells = target.to(torch.int64).mul(2).add(preds.to(torch.int64)).add(offset);
  const counted = valid === undefined ? cells.flatten() : cells.maskedSelect(valid);
  return torch.bincount(counted, { minlength: 4 * numLabels }).view(numLabels, 2, 2);
}

const shapes = {
  binary: () => [2, 2],
  multiclass: ({ numClasses = 0 }: Sizes) => [numClasses, numClasses],
  multilabel: ({ numLabels = 0 }: Sizes) => [numLabels, 2, 2],
};

interface Sizes {
  readonly numClasses?: number;
  readonly numLabels?: number;
}

const measures = {
  binary: (inputs: Pair, options: object) => ({ confmat: countPairs(labelsOf.binary(inputs, options), 2) }),
  multiclass: (inputs: Pair, options: Sizes) => ({
    confmat: countPairs(labelsOf.multiclass(inputs, options), options.numClasses ?? 0),
  }),
  multilabel: (inputs: Pair, options: Sizes) => ({
    confmat: countLabels(labelsOf.multilabel(inputs, options), options.numLabels ?? 0),
  }),
};

interface ConfusionMetric<F, B extends Params, C extends Params, L extends Params> {
  /** The name without the task. */
  readonly name: string;
  readonly traits: Traits;
  readonly params: { readonly binary: B; readonly multiclass: C; readonly multilabel: L };
  compute(confmat: Tensor, options: F, task: Task): Tensor;
  draw?(confmat: Tensor, options: PlotOptions): Plot;
}

/**
 * The metrics of the three tasks that a matrix gives.
 *
 * @typeParam F what `compute` reads of the options.
 * @typeParam X the further options for two classes, for several (`M`) and for labels (`N`).
 */
export function confusionFamily<F, X, M = X, N = X>() {
  return <B extends Params, C extends Params, L extends Params>(metric: ConfusionMetric<F, B, C, L>) => {
    const rule = <P extends Params>(task: Task, params: P) => ({
      name: nameOf(task, metric.name),
      inputs: pair,
      params,
      traits: metric.traits,
      check: checkCommon,
      state: (options: ValuesOf<P>) => ({
        confmat: summed(torch.zeros(shapes[task](options as Sizes), { dtype: torch.int64 })),
      }),
      measure: measures[task] as (inputs: Pair, options: ValuesOf<P>) => { confmat: Tensor },
      measured: Object.keys(params).filter((name) => measuredOptions.includes(name)),
      compute: ({ confmat }: { confmat: Tensor }, options: ValuesOf<P>) =>
        metric.compute(confmat, options as unknown as F, task),
      ...(metric.draw && { draw: metric.draw }),
    });
    const { params } = metric;
    return {
      binary: define<Pair, ThresholdArgs<CommonOptions & ThresholdOption & X>>()(
        rule("binary", { threshold, ...params.binary, ...common }),
      ),
      multiclass: define<Pair, [numClasses: number, options?: CommonOptions & M]>()(
        rule("multiclass", { numClasses, ...params.multiclass, ...common }),
      ),
      multilabel: define<Pair, [numLabels: number, ...ThresholdArgs<CommonOptions & ThresholdOption & N>]>()(
        rule("multilabel", { numLabels, threshold, ...params.multilabel, ...common }),
      ),
    };
  };
}

const measuredOptions = ["threshold", "numClasses", "numLabels", "ignoreIndex", "validateArgs"];

/** The function of a metric that is told its task. */
export type ConfusionFunction<X, M = X, N = X> = (
  preds: Tensor,
  target: Tensor,
  options: TaskOptions<CommonOptions & ThresholdOption & X, CommonOptions & M, CommonOptions & ThresholdOption & N>,
) => Tensor;

/** The class of a metric that is told its task. */
export type ConfusionClass<X, M = X, N = X> = new (
  options: TaskOptions<CommonOptions & ThresholdOption & X, CommonOptions & M, CommonOptions & ThresholdOption & N>,
) => Metric<Pair, Tensor>;
