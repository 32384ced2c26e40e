/** Metrics that come from curves over all thresholds: what they share for the three tasks. */
import torch, { type Tensor } from "flambeau";
import type { Params, ValuesOf } from "flambeau/arguments";
import { type Pair, pair } from "../../inputs.js";
import { define, kept, type StateStart, summed, type Traits } from "../../metric/define.js";
import type { Metric } from "../../metric/metric.js";
import type { Plot, PlotOptions } from "../../plot/plot.js";
import {
  type CommonOptions,
  checkCommon,
  checkThresholds,
  common,
  legendNames,
  nameOf,
  numClasses,
  numLabels,
  type Task,
  type Thresholds,
  thresholdTensor,
} from "../options.js";
import { binned, type CurveValues, classesOf, hasClasses, scoresOf } from "./counts.js";

/** The options of a metric that is told its task; `M` are the further ones with several classes, `N` with labels. */
export type CurveTasks<X, M = X, N = X> =
  | ({ task: "binary" } & CurveOptions & X)
  | ({ task: "multiclass"; numClasses: number } & CurveOptions & M)
  | ({ task: "multilabel"; numLabels: number } & CurveOptions & N);

export interface CurveOptions extends CommonOptions {
  /** How many thresholds, evenly spaced from 0 to 1, or which; by default all scores that occur, which are kept. */
  thresholds?: Thresholds;
}

/** All of it named; `O` are further options. */
export type Named<O = unknown> = [options?: CurveOptions & O];

/** Thresholds in their place, with what follows named, or all of it named; `O` are further options. */
export type ThresholdsFirst<O = unknown> =
  | [thresholds?: Thresholds, options?: Omit<CurveOptions, "thresholds"> & O]
  | Named<O>;

/** Thresholds and the ignored target in their places. */
export type ThresholdsAndIgnored =
  | [thresholds?: Thresholds, ignoreIndex?: number, options?: Pick<CurveOptions, "validateArgs">]
  | ThresholdsFirst;

interface CurveMetric<B extends Params, C extends Params, L extends Params, V> {
  /** The name without the task. */
  readonly name: string;
  readonly traits: Traits;
  /** What stands before the options of all, and after the number of classes. */
  readonly params: { readonly binary: B; readonly multiclass: C; readonly multilabel: L };
  check?(options: object): void;
  compute(task: Task, state: Record<string, Tensor>, options: CurveValues): V;
  draw?(value: V, options: PlotOptions, metric: Metric<Pair, V>): Plot;
}

const measures = {
  binary: measureOf("binary"),
  multiclass: measureOf("multiclass"),
  multilabel: measureOf("multilabel"),
};

function measureOf(task: Task) {
  return (inputs: Pair, options: CurveValues): Record<string, Tensor> => {
    const [preds, target] = scoresOf(task, inputs, options);
    if (options.thresholds === null) return { preds, target };
    return { confmat: binned(task, [preds, target], options) };
  };
}

/** All scores, or the matrices of given thresholds. */
function curveState(task: Task, options: CurveValues): Record<string, StateStart> {
  const given = thresholdTensor(options.thresholds);
  if (given === undefined) return { preds: kept, target: kept };
  const classes = hasClasses(task, options) ? [classesOf(task, options)] : [];
  return { confmat: summed(torch.zeros([given.numel(), ...classes, 2, 2], { dtype: torch.int64 })) };
}

/** What a batch becomes depends on these; on the average only where all classes are taken for one. */
const measuredOptions = ["thresholds", "numClasses", "numLabels", "average", "ignoreIndex", "validateArgs"];

/**
 * The metrics of the three tasks that curves give.
 *
 * @typeParam V the value for two classes, and `W` that for several.
 * @typeParam A the tuple of the arguments of each task: for two classes, for several (`M`) and for labels (`N`), of
 *   these two without the number.
 */
export function curveFamily<V, W, A extends unknown[], M extends unknown[], N extends unknown[]>() {
  return <B extends Params, C extends Params, L extends Params>(metric: CurveMetric<B, C, L, V | W>) => {
    const rule = <R>(task: Task, params: Params) => ({
      name: nameOf(task, metric.name),
      inputs: pair,
      params,
      traits: { plotLegendName: legendNames[task], ...metric.traits },
      check: (options: ValuesOf<Params>) => {
        checkThresholds((options as unknown as CurveValues).thresholds);
        checkCommon(options);
        metric.check?.(options);
      },
      state: (options: ValuesOf<Params>) => curveState(task, options as unknown as CurveValues),
      measure: measures[task] as unknown as (inputs: Pair, options: ValuesOf<Params>) => Record<string, Tensor>,
      measured: measuredOptions,
      compute: (state: Record<string, Tensor>, options: ValuesOf<Params>) =>
        metric.compute(task, state, options as unknown as CurveValues) as R,
      ...(metric.draw && { draw: metric.draw as unknown as (value: R, options: PlotOptions, own: object) => Plot }),
    });
    const { params } = metric;
    return {
      binary: define<Pair, A, V>()(rule<V>("binary", { ...params.binary, ...common })),
      multiclass: define<Pair, [numClasses: number, ...M], W>()(
        rule<W>("multiclass", { numClasses, ...params.multiclass, ...common }),
      ),
      multilabel: define<Pair, [numLabels: number, ...N], W>()(
        rule<W>("multilabel", { numLabels, ...params.multilabel, ...common }),
      ),
    };
  };
}

/** The function and the class that are told their task. */
export type CurveFunction<O, V> = (preds: Tensor, target: Tensor, options: O) => V;
export type CurveClass<O, V> = new (options: O) => Metric<Pair, V>;
