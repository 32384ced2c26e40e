/** Metrics that come from true and false positives and negatives: what they share for the three tasks. */
import torch, { type Tensor } from "flambeau";
import { int, optional, type Param, type Params, type ValuesOf, word } from "flambeau/arguments";
import { type Pair, pair } from "../inputs.js";
import { define, kept, summed, type Traits } from "../metric/define.js";
import type { Metric } from "../metric/metric.js";
import type { Reading } from "./byTask.js";
import { labelsOf } from "./labels.js";
import {
  type Average,
  average,
  type CommonOptions,
  checkCommon,
  common,
  legendNames,
  nameOf,
  numClasses,
  numLabels,
  type Task,
  type ThresholdOption,
  threshold,
} from "./options.js";
import { type MultidimAverage, type Reduction, reduceStats, type Stats, statsOf } from "./stats.js";

export interface AverageOption {
  /** How the values of the classes become one. */
  average?: Average;
}

export interface MultidimOption {
  /**
   * Whether dims beyond the first (and that of the classes) are as good as more samples (`"global"`), or each sample
   * has a value of its own (`"samplewise"`).
   */
  multidimAverage?: MultidimAverage;
}

export interface TopKOption {
  /** How many of the greatest scores may be the target's for a prediction to be right; 1 by default. */
  topK?: number;
}

export interface BinaryStatOptions extends CommonOptions, ThresholdOption, MultidimOption {}
export interface MulticlassStatOptions extends CommonOptions, AverageOption, TopKOption, MultidimOption {}
export interface MultilabelStatOptions extends CommonOptions, ThresholdOption, AverageOption, MultidimOption {}

/** How a metric that is told its task averages by default: over all samples, whatever their class. */
export const byMicro: Reading = { defaults: { average: "micro" } };

/** The options of a metric that is told its task. */
export type TaskOptions<B, C, L> =
  | ({ task: "binary" } & B)
  | ({ task: "multiclass"; numClasses: number } & C)
  | ({ task: "multilabel"; numLabels: number } & L);

/** A threshold in its place, or among the options. */
export type ThresholdArgs<O> = [threshold?: number, options?: Omit<O, "threshold">] | [options?: O];

type TopKArgs<O> = [topK?: number, options?: Omit<O, "topK">] | [options?: O];

/** The function of a metric that is told its task; `X` are further options. */
export type StatFunction<X = unknown> = (
  preds: Tensor,
  target: Tensor,
  options: TaskOptions<BinaryStatOptions & X, MulticlassStatOptions & X, MultilabelStatOptions & X>,
) => Tensor;

/** The class of a metric that is told its task; `X` are further options. */
export type StatClass<X = unknown> = new (
  options: TaskOptions<BinaryStatOptions & X, MulticlassStatOptions & X, MultilabelStatOptions & X>,
) => Metric<Pair, Tensor>;

/** The options that every metric of the family has read. */
interface StatValues {
  readonly average: Average;
  readonly topK: number;
  readonly multidimAverage: MultidimAverage;
  readonly numClasses?: number;
  readonly numLabels?: number;
}

type NoParams = Record<never, Param<unknown>>;

interface StatMetric<L extends Params, X extends Params> {
  /** The name without the task, as a function: `"precision"`. */
  readonly name: string;
  readonly traits: Traits;
  /** Required arguments before the number of classes; none by default. */
  readonly leading?: L;
  /** Further options; none by default. */
  readonly further?: X;
  /** The value of one class, or of all together, from their counts. */
  score?(stats: Stats, options: ValuesOf<L> & ValuesOf<X>, reduction: Reduction): Tensor;
  /** The value of all counts, where it is no average of scores. */
  reduce?(stats: Stats, reduction: Reduction): Tensor;
  check?(options: ValuesOf<L> & ValuesOf<X>): void;
}

export const multidimAverage = optional(word("global", "samplewise"), "global");
const topK = optional(int, 1);
const statNames = ["tp", "fp", "tn", "fn"] as const;

const macro = average("macro");

/** Counts of all batches: sums, or a list where each sample has its own. */
function statState({ multidimAverage: multidim, numClasses, numLabels }: StatValues) {
  const classes = numClasses ?? numLabels;
  const zeros = torch.zeros(classes === undefined ? [] : [classes], { dtype: torch.int64 });
  const start = multidim === "samplewise" ? kept : summed(zeros);
  return { tp: start, fp: start, tn: start, fn: start };
}

/** What is counted in a batch; one function for all metrics of a task, so that those in a collection share counts. */
const measures = {
  binary: countIn("binary"),
  multiclass: countIn("multiclass"),
  multilabel: countIn("multilabel"),
};

function countIn(task: Task) {
  return (inputs: Pair, options: object): Stats => {
    const { multidimAverage: multidim, numClasses = 0 } = options as StatValues;
    return statsOf(task, labelsOf[task](inputs, options), multidim, numClasses);
  };
}

/**
 * The three metrics of one score: for two classes, for one of several, and for any of several.
 *
 * @typeParam A the tuple of the leading arguments.
 * @typeParam X the further options.
 */
export function statFamily<A extends unknown[] = [], X = unknown>() {
  return <L extends Params = NoParams, F extends Params = NoParams>(metric: StatMetric<L, F>) => {
    const { name, traits, leading = {} as L, further = {} as F, check, reduce } = metric;
    const rule = <P extends Params>(
      task: Task,
      params: P,
      classParams: P,
      measured: readonly (keyof P & string)[],
    ) => ({
      name: nameOf(task, name),
      inputs: pair,
      params,
      classParams,
      traits: { plotLegendName: legendNames[task], ...traits },
      check: (options: ValuesOf<P>) => {
        checkCommon(options);
        checkTopK(options as TopKOption & { numClasses?: number });
        check?.(options as unknown as ValuesOf<L> & ValuesOf<F>);
      },
      state: (options: ValuesOf<P>) => statState(options as unknown as StatValues),
      measure: measures[task],
      measured,
      compute: (stats: Record<(typeof statNames)[number], Tensor>, options: ValuesOf<P>) => {
        const { average: how = null, topK: k = 1 } = options as unknown as Partial<StatValues>;
        const reduction = { task, average: how, topK: k };
        if (reduce !== undefined) return reduce(stats, reduction);
        const own = options as unknown as ValuesOf<L> & ValuesOf<F>;
        return reduceStats(stats, reduction, (counts) => metric.score?.(counts, own, reduction) as Tensor);
      },
    });
    const binary = { ...leading, threshold, multidimAverage, ...common, ...further };
    const multiclass = { ...leading, numClasses, average: macro, topK, multidimAverage, ...common, ...further };
    const topKFirst = { ...leading, numClasses, topK, average: macro, multidimAverage, ...common, ...further };
    const multilabel = { ...leading, numLabels, threshold, average: macro, multidimAverage, ...common, ...further };
    const always = ["multidimAverage", "ignoreIndex", "validateArgs"] as const;
    return {
      binary: define<Pair, [...A, ...ThresholdArgs<BinaryStatOptions & X>]>()(
        rule("binary", binary, binary, ["threshold", ...always]),
      ),
      multiclass: define<
        Pair,
        [...A, numClasses: number, options?: MulticlassStatOptions & X],
        Tensor,
        [...A, numClasses: number, ...TopKArgs<MulticlassStatOptions & X>]
      >()(rule("multiclass", multiclass, topKFirst, ["numClasses", "topK", ...always])),
      multilabel: define<Pair, [...A, numLabels: number, ...ThresholdArgs<MultilabelStatOptions & X>]>()(
        rule("multilabel", multilabel, multilabel, ["numLabels", "threshold", ...always]),
      ),
    };
  };
}

/** @throws RangeError unless there are as many classes. */
function checkTopK({ topK: k, numClasses: classes }: TopKOption & { numClasses?: number }): void {
  if (k === undefined) return;
  if (k < 1)
    throw new RangeError(`Expected argument \`topK\` to be an integer larger than or equal to 1, but got ${k}`);
  if (classes !== undefined && k > classes) {
    throw new RangeError(
      `Expected argument \`topK\` to be smaller or equal to \`numClasses\` but got ${k} and ${classes}`,
    );
  }
}
