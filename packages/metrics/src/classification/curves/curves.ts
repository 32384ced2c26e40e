/** Curves: precision and recall, or the rates of true and false positives, at all thresholds. */
import torch, { type Tensor } from "flambeau";
import { nullable, optional, warn, word } from "flambeau/arguments";
import { divide } from "../../inputs.js";
import type { Metric } from "../../metric/metric.js";
import { type Plot, type PlotOptions, plotCurve } from "../../plot/plot.js";
import { classByTask, functionByTask } from "../byTask.js";
import { type Task, thresholds } from "../options.js";
import { type Counts, type CurveValues, countsOf, hasClasses } from "./counts.js";
import {
  type CurveClass,
  type CurveFunction,
  type CurveTasks,
  curveFamily,
  type ThresholdsAndIgnored,
  type ThresholdsFirst,
} from "./curveFamily.js";

/** A curve: the two values, and the thresholds at which they are so. */
export type Curve = [x: Tensor, y: Tensor, thresholds: Tensor];

/** The curves of several classes: lists of tensors, or for given thresholds matrices with a row for each class. */
export type Curves<T> = T | { [K in keyof T]: Tensor[] };

export type PrecisionRecall = [precision: Tensor, recall: Tensor, thresholds: Tensor];
export type Roc = [fpr: Tensor, tpr: Tensor, thresholds: Tensor];

export interface CurveAverage {
  /** `"micro"` takes all classes for one, `"macro"` averages their curves; by default each class has its own. */
  average?: "micro" | "macro" | null;
}

/** Several classes' curves, one array for each of the three values. */
function transposed<T extends Curve>(curves: readonly Curve[], isBinned: boolean): Curves<T> {
  const [xs, ys, thresholds] = [0, 1, 2].map((at) => curves.map((curve) => curve[at] as Tensor));
  if (!isBinned) return [xs, ys, thresholds] as unknown as Curves<T>;
  return [torch.stack(xs as Tensor[]), torch.stack(ys as Tensor[]), (thresholds as Tensor[])[0]] as unknown as T;
}

/** A point at the end of a curve. */
function withLast(values: Tensor, last: number): Tensor {
  return torch.cat([values, torch.full([1], last, { dtype: values.dtype })]);
}

/** Precision and recall at increasing thresholds, and (1, 0) at the end. */
export function precisionRecallOf(counts: Counts, task: Task): PrecisionRecall {
  const { tps, fps, positives, thresholds, isBinned } = counts;
  let recall = tps.div(positives);
  if (!isBinned && task !== "multiclass" && positives.item() === 0) {
    warn("No positive samples found in target, recall is undefined. Setting recall to one for all thresholds.");
    recall = torch.onesLike(recall);
  }
  return [withLast(tps.div(tps.add(fps)), 1), withLast(recall, 0), thresholds];
}

/** The rates of false and of true positives at decreasing thresholds; exact ones start at (0, 0). */
export function rocOf({ tps, fps, positives, negatives, thresholds, isBinned }: Counts): Roc {
  if (positives.item() === 0) {
    warn(
      "No positive samples in targets, true positive value should be meaningless. Returning zero tensor in true positive score",
    );
  }
  if (negatives.item() === 0) {
    warn(
      "No negative samples in targets, false positive value should be meaningless. Returning zero tensor in false positive score",
    );
  }
  const first = (values: Tensor, value: number) =>
    isBinned ? values.flip(0) : torch.cat([torch.full([1], value, { dtype: values.dtype }), values.flip(0)]);
  return [first(divide(fps, negatives), 0), first(divide(tps, positives), 0), first(thresholds, 1)];
}

/** Linear interpolation between points, of which as many are before a place as have an x up to it. */
export function interpolate(x: Tensor, xp: Tensor, fp: Tensor): Tensor {
  const steps = xp.numel() - 1;
  const [x0, y0] = [xp.narrow(0, 0, steps), fp.narrow(0, 0, steps)];
  const slope = divide(fp.narrow(0, 1, steps).sub(y0), xp.narrow(0, 1, steps).sub(x0));
  const at = torch
    .searchsorted(xp.sort().values, x, { right: true })
    .sub(1)
    .clamp(0, steps - 1);
  return slope
    .indexSelect(0, at)
    .mul(x)
    .add(y0.sub(slope.mul(x0)).indexSelect(0, at));
}

/** The mean of curves, each interpolated where any of them has a point. */
function meanCurve(curves: readonly Curve[], isBinned: boolean, decreasing: boolean): Curve {
  const all = torch.cat(curves.map(([x]) => x)).sort().values;
  const values = curves.map(([x, y]) => interpolate(all, x, y));
  const sum = values.slice(1).reduce((total, one) => total.add(one), values[0] as Tensor);
  const [first] = curves as [Curve];
  const thresholds = isBinned ? first[2].repeat(curves.length) : torch.cat(curves.map((curve) => curve[2]));
  return [all, sum.div(curves.length), thresholds.sort({ descending: decreasing }).values];
}

/** The curves of all classes, by an average one, or that of the only class. */
export function curvesOf<T extends Curve>(
  task: Task,
  state: Record<string, Tensor>,
  options: CurveValues,
  curve: (counts: Counts) => Curve,
  decreasing: boolean,
): Curves<T> {
  const counts = countsOf(task, state, options);
  const curves = counts.map(curve);
  if (!hasClasses(task, options)) return curves[0] as T;
  const isBinned = counts[0]?.isBinned === true;
  if (options.average === "macro") return meanCurve(curves, isBinned, decreasing) as T;
  return transposed(curves, isBinned);
}

export const curveAverage = optional(nullable(word("micro", "macro")), null);
const params = {
  binary: { thresholds },
  multiclass: { thresholds, average: curveAverage },
  multilabel: { thresholds },
};
const traits = { isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 };

/** Draws curves; their areas are the trapezoids below them. */
function draw(
  curve: readonly unknown[],
  options: PlotOptions,
  metric: Metric,
  ends: { xlabel: string; ylabel: string; isSwapped: boolean },
): Plot {
  const [x, y] = ends.isSwapped ? [curve[1], curve[0]] : curve;
  const area = (a: Tensor, b: Tensor) => torch.trapz(b, a).abs();
  const areas = () =>
    Array.isArray(x)
      ? torch.stack(x.map((one, i) => area(one, (y as Tensor[])[i] as Tensor)))
      : area(x as Tensor, y as Tensor);
  const score = options.score === true ? areas() : options.score;
  const { plotLegendName } = metric;
  return plotCurve([x, y], { ...options, score }, { ...ends, plotLegendName, name: metric.constructor.name });
}

const prCurve = curveFamily<
  PrecisionRecall,
  Curves<PrecisionRecall>,
  ThresholdsAndIgnored,
  ThresholdsFirst<CurveAverage>,
  ThresholdsAndIgnored
>()({
  name: "precisionRecallCurve",
  traits,
  params,
  compute: (task, state, options) =>
    curvesOf<PrecisionRecall>(task, state, options, (counts) => precisionRecallOf(counts, task), false),
  draw: (curve, options, metric) =>
    draw(curve, options, metric, { xlabel: "Recall", ylabel: "Precision", isSwapped: true }),
});

/** Precision and recall of two classes at increasing thresholds; see `precisionRecallCurve`. */
export const binaryPrecisionRecallCurve = prCurve.binary.function;
/** Precision and recall of each class; see `precisionRecallCurve`. */
export const multiclassPrecisionRecallCurve = prCurve.multiclass.function;
/** Precision and recall of each label; see `precisionRecallCurve`. */
export const multilabelPrecisionRecallCurve = prCurve.multilabel.function;

/** The metric of `binaryPrecisionRecallCurve`. */
export class BinaryPrecisionRecallCurve extends prCurve.binary.Class {}
/** The metric of `multiclassPrecisionRecallCurve`. */
export class MulticlassPrecisionRecallCurve extends prCurve.multiclass.Class {}
/** The metric of `multilabelPrecisionRecallCurve`. */
export class MultilabelPrecisionRecallCurve extends prCurve.multilabel.Class {}

type CurveResult<T> = T | Curves<T>;

/**
 * Precision and recall at increasing thresholds: `[precision, recall, thresholds]`, of which the first two end with a
 * point (1, 0) of no threshold. For several classes lists of such tensors, or matrices for given thresholds.
 *
 * @param options.thresholds by default every score that occurs, which keeps all samples.
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/precision_recall_curve.html
 */
export const precisionRecallCurve = functionByTask<
  CurveFunction<CurveTasks<unknown, CurveAverage, unknown>, CurveResult<PrecisionRecall>>
>("precisionRecallCurve", prCurve);

/** The metric of `precisionRecallCurve`: an instance of the class of its task. */
export const PrecisionRecallCurve = classByTask<
  CurveClass<CurveTasks<unknown, CurveAverage, unknown>, CurveResult<PrecisionRecall>>
>("PrecisionRecallCurve", {
  binary: BinaryPrecisionRecallCurve,
  multiclass: MulticlassPrecisionRecallCurve,
  multilabel: MultilabelPrecisionRecallCurve,
});

const rocFamily = curveFamily<
  Roc,
  Curves<Roc>,
  ThresholdsAndIgnored,
  ThresholdsFirst<CurveAverage>,
  ThresholdsAndIgnored
>()({
  name: "roc",
  traits,
  params,
  compute: (task, state, options) => curvesOf<Roc>(task, state, options, rocOf, true),
  draw: (curve, options, metric) =>
    draw(curve, options, metric, { xlabel: "False positive rate", ylabel: "True positive rate", isSwapped: false }),
});

/** The rates of false and true positives of two classes; see `roc`. */
export const binaryRoc = rocFamily.binary.function;
/** The rates of false and true positives of each class; see `roc`. */
export const multiclassRoc = rocFamily.multiclass.function;
/** The rates of false and true positives of each label; see `roc`. */
export const multilabelRoc = rocFamily.multilabel.function;

/** The metric of `binaryRoc`. */
export class BinaryROC extends rocFamily.binary.Class {}
/** The metric of `multiclassRoc`. */
export class MulticlassROC extends rocFamily.multiclass.Class {}
/** The metric of `multilabelRoc`. */
export class MultilabelROC extends rocFamily.multilabel.Class {}

/**
 * The receiver operating characteristic: the rates of false and of true positives at decreasing thresholds,
 * `[fpr, tpr, thresholds]`. A rate of which there are no samples is 0.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/roc.html
 */
export const roc = functionByTask<CurveFunction<CurveTasks<unknown, CurveAverage, unknown>, CurveResult<Roc>>>(
  "roc",
  rocFamily,
);

/** The metric of `roc`: an instance of the class of its task. */
export const ROC = classByTask<CurveClass<CurveTasks<unknown, CurveAverage, unknown>, CurveResult<Roc>>>("ROC", {
  binary: BinaryROC,
  multiclass: MulticlassROC,
  multilabel: MultilabelROC,
});
