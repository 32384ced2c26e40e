/** Exact matches: samples of which everything is right. */
import torch, { type Tensor } from "flambeau";
import type { Params, ValuesOf } from "flambeau/arguments";
import { counter, divide, type Pair, pair } from "../inputs.js";
import { define, kept, summed } from "../metric/define.js";
import type { Metric } from "../metric/metric.js";
import { classByTask, functionByTask } from "./byTask.js";
import { type LabelOptions, multiclassLabels, multilabelLabels } from "./labels.js";
import {
  type CommonOptions,
  checkCommon,
  common,
  numClasses,
  numLabels,
  type ThresholdOption,
  threshold,
} from "./options.js";
import { type MultidimOption, multidimAverage, type ThresholdArgs } from "./statFamily.js";

interface MatchValues extends LabelOptions {
  readonly multidimAverage: "global" | "samplewise";
}

/** Right or ignored, for each element. */
function isRight(task: "multiclass" | "multilabel", inputs: Pair, options: MatchValues): Tensor {
  const { preds, target, valid } = (task === "multiclass" ? multiclassLabels : multilabelLabels)(inputs, options);
  const right = preds.eq(target);
  return valid === undefined ? right : right.logicalOr(valid.logicalNot());
}

/** How many match, and out of how many; for each sample where each has its own value. */
function matches(task: "multiclass" | "multilabel", inputs: Pair, options: MatchValues) {
  const right = isRight(task, inputs, options);
  const samples = right.shape[0] as number;
  const isSamplewise = options.multidimAverage === "samplewise";
  if (isSamplewise && right.ndim < (task === "multiclass" ? 2 : 3)) {
    throw new Error("Expected input to have one more dimension when multidimAverage is set to `samplewise`");
  }
  // Of labels all of one place have to be right, of classes all places of one sample.
  const hits = task === "multilabel" ? placesOf(right.all(1)) : placesOf(right).all(1).unsqueeze(1);
  if (!isSamplewise) return { correct: hits.sum(), total: counter(hits.numel()) };
  return { correct: hits.sum(1), total: torch.full([samples], hits.shape[1] as number, { dtype: torch.int64 }) };
}

/** Samples of shape [N, …] as [N, M]. */
function placesOf(right: Tensor): Tensor {
  return right.ndim < 2 ? right.unsqueeze(1) : right.flatten(1, -1);
}

function rule<P extends Params>(task: "multiclass" | "multilabel", params: P) {
  return {
    name: `${task}ExactMatch`,
    inputs: pair,
    params,
    traits: { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 },
    check: checkCommon,
    state: (options: ValuesOf<P>) => {
      const { multidimAverage: how } = options as unknown as MatchValues;
      const start = how === "samplewise" ? kept : summed(counter(0));
      return { correct: start, total: start };
    },
    measure: (inputs: Pair, options: ValuesOf<P>) => matches(task, inputs, options as unknown as MatchValues),
    compute: ({ correct, total }: Record<"correct" | "total", Tensor>) => divide(correct, total),
  };
}

type MatchOptions = CommonOptions & MultidimOption;

const multiclass = define<Pair, [numClasses: number, options?: MatchOptions]>()(
  rule("multiclass", { numClasses, multidimAverage, ...common }),
);
const multilabel = define<Pair, [numLabels: number, ...ThresholdArgs<MatchOptions & ThresholdOption>]>()(
  rule("multilabel", { numLabels, threshold, multidimAverage, ...common }),
);

/** The share of samples of which all elements have the right class; see `exactMatch`. */
export const multiclassExactMatch = multiclass.function;
/** The share of samples of which all labels are right; see `exactMatch`. */
export const multilabelExactMatch = multilabel.function;

/** The metric of `multiclassExactMatch`. */
export class MulticlassExactMatch extends multiclass.Class {}
/** The metric of `multilabelExactMatch`. */
export class MultilabelExactMatch extends multilabel.Class {}

type MatchTasks =
  | ({ task: "multiclass"; numClasses: number } & MatchOptions)
  | ({ task: "multilabel"; numLabels: number } & MatchOptions & ThresholdOption);

/**
 * The share of samples of which everything is right: all labels, or the classes of all elements. What is ignored counts
 * as right.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/exact_match.html
 */
export const exactMatch = functionByTask<(preds: Tensor, target: Tensor, options: MatchTasks) => Tensor>("exactMatch", {
  multiclass,
  multilabel,
});

/** The metric of `exactMatch`: an instance of the class of its task. */
export const ExactMatch = classByTask<new (options: MatchTasks) => Metric<Pair, Tensor>>("ExactMatch", {
  multiclass: MulticlassExactMatch,
  multilabel: MultilabelExactMatch,
});
