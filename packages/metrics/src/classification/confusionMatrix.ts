/** Confusion matrices, and metrics that come from them: what was predicted for what. */
import torch, { type Tensor } from "flambeau";
import { nullable, optional, type Params, type ValuesOf, word } from "flambeau/arguments";
import { divide, type Pair, pair } from "../inputs.js";
import { define, summed, type Traits } from "../metric/define.js";
import type { Metric } from "../metric/metric.js";
import { type Plot, type PlotOptions, plotConfusionMatrix } from "../plot/plot.js";
import { classByTask, functionByTask } from "./byTask.js";
import { type Labels, labelsOf } from "./labels.js";
import {
  type Average,
  average,
  type CommonOptions,
  checkNumClasses,
  checkThreshold,
  common,
  numClasses,
  numLabels,
  type Task,
  type ThresholdOption,
  threshold,
  type ZeroDivision,
  zeroDivision,
} from "./options.js";
import type { AverageOption, TaskOptions, ThresholdArgs } from "./statFamily.js";
import { averaged } from "./stats.js";

/** Counts of pairs of labels: the row is the target, the column the prediction. */
function count({ preds, target, valid }: Labels, numClasses: number): Tensor {
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
  binary: (inputs: Pair, options: object) => ({ confmat: count(labelsOf.binary(inputs, options), 2) }),
  multiclass: (inputs: Pair, options: Sizes) => ({
    confmat: count(labelsOf.multiclass(inputs, options), options.numClasses ?? 0),
  }),
  multilabel: (inputs: Pair, options: Sizes) => ({
    confmat: countLabels(labelsOf.multilabel(inputs, options), options.numLabels ?? 0),
  }),
};

interface ConfusionMetric<B extends Params, C extends Params, L extends Params> {
  /** The name without the task. */
  readonly name: string;
  readonly traits: Traits;
  readonly params: { readonly binary: B; readonly multiclass: C; readonly multilabel: L };
  compute(confmat: Tensor, options: FurtherValues, task: Task): Tensor;
  draw?(confmat: Tensor, options: PlotOptions): Plot;
}

/** The options that the metrics of this file have beyond those of all. */
interface FurtherValues {
  readonly normalize: Normalize;
  readonly average: Average;
  readonly weights: KappaWeights;
  readonly zeroDivision: number;
  readonly ignoreIndex: number | undefined;
}

/** The metrics of the three tasks that a matrix gives; `X` are the further options of each. */
function confusionFamily<X, M = X, N = X>() {
  return <B extends Params, C extends Params, L extends Params>(metric: ConfusionMetric<B, C, L>) => {
    const rule = <P extends Params>(task: Task, params: P) => ({
      name: task + metric.name[0]?.toUpperCase() + metric.name.slice(1),
      inputs: pair,
      params,
      traits: metric.traits,
      check: (options: ValuesOf<P>) => {
        const read = options as { threshold?: number; numClasses?: number; numLabels?: number };
        checkThreshold(read.threshold);
        checkNumClasses(read.numClasses);
        checkNumClasses(read.numLabels, "numLabels");
      },
      state: (options: ValuesOf<P>) => ({
        confmat: summed(torch.zeros(shapes[task](options as Sizes), { dtype: torch.int64 })),
      }),
      measure: measures[task] as (inputs: Pair, options: ValuesOf<P>) => { confmat: Tensor },
      measured: Object.keys(params).filter((name) => measuredOptions.includes(name)),
      compute: ({ confmat }: { confmat: Tensor }, options: ValuesOf<P>) =>
        metric.compute(confmat, options as unknown as FurtherValues, task),
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

type ConfusionFunction<X, M = X, N = X> = (
  preds: Tensor,
  target: Tensor,
  options: TaskOptions<CommonOptions & ThresholdOption & X, CommonOptions & M, CommonOptions & ThresholdOption & N>,
) => Tensor;

type ConfusionClass<X, M = X, N = X> = new (
  options: TaskOptions<CommonOptions & ThresholdOption & X, CommonOptions & M, CommonOptions & ThresholdOption & N>,
) => Metric<Pair, Tensor>;

// ---- the matrix ----

/** What adds up to 1: each row (`"true"`), each column (`"pred"`) or all cells; nothing by default. */
export type Normalize = "true" | "pred" | "all" | "none" | null;

export interface NormalizeOption {
  normalize?: Normalize;
}

const normalize = optional(nullable(word("true", "pred", "all", "none")), null);

function normalized(confmat: Tensor, how: Normalize): Tensor {
  if (how === "none" || how === null) return confmat;
  const dims = { true: [-1], pred: [-2], all: [-2, -1] }[how];
  return divide(confmat, confmat.sum(dims, { keepdim: true }));
}

const matrix = confusionFamily<NormalizeOption>()({
  name: "confusionMatrix",
  traits: { isDifferentiable: false },
  params: { binary: { normalize }, multiclass: { normalize }, multilabel: { normalize } },
  compute: (confmat, options) => normalized(confmat, options.normalize),
  draw: plotConfusionMatrix,
});

/** The confusion matrix of two classes, `[[TN, FP], [FN, TP]]`; see `confusionMatrix`. */
export const binaryConfusionMatrix = matrix.binary.function;
/** The confusion matrix of several classes; see `confusionMatrix`. */
export const multiclassConfusionMatrix = matrix.multiclass.function;
/** The confusion matrices of several labels, of shape [labels, 2, 2]; see `confusionMatrix`. */
export const multilabelConfusionMatrix = matrix.multilabel.function;

/** The metric of `binaryConfusionMatrix`. */
export class BinaryConfusionMatrix extends matrix.binary.Class {}
/** The metric of `multiclassConfusionMatrix`. */
export class MulticlassConfusionMatrix extends matrix.multiclass.Class {}
/** The metric of `multilabelConfusionMatrix`. */
export class MultilabelConfusionMatrix extends matrix.multilabel.Class {}

/**
 * How often each class (column) was predicted for each class (row); of several labels one 2×2 matrix each.
 *
 * @returns int64 counts, or with `normalize` shares, where a row or column without samples is 0.
 * @example confusionMatrix(preds, target, { task: "multiclass", numClasses: 3 })
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/confusion_matrix.html
 */
export const confusionMatrix = functionByTask<ConfusionFunction<NormalizeOption>>("confusionMatrix", {
  binary: binaryConfusionMatrix,
  multiclass: multiclassConfusionMatrix,
  multilabel: multilabelConfusionMatrix,
});

/** The metric of `confusionMatrix`: an instance of the class of its task. */
export const ConfusionMatrix = classByTask<ConfusionClass<NormalizeOption>>("ConfusionMatrix", {
  binary: BinaryConfusionMatrix,
  multiclass: MulticlassConfusionMatrix,
  multilabel: MultilabelConfusionMatrix,
});

// ---- Jaccard's index ----

/** Hits, and the sizes of target, of prediction and of both together, for each class. */
function overlaps(confmat: Tensor): { hits: Tensor; support: Tensor; union: Tensor } {
  if (confmat.ndim === 3) {
    const hits = confmat.at(":", 1, 1);
    const missed = confmat.at(":", 1, 0);
    return { hits, support: hits.add(missed), union: hits.add(missed).add(confmat.at(":", 0, 1)) };
  }
  const hits = confmat.diag();
  const support = confmat.sum(1);
  return { hits, support, union: support.add(confmat.sum(0)).sub(hits) };
}

function jaccard(confmat: Tensor, options: FurtherValues, task: Task): Tensor {
  const { hits, support, union } = overlaps(confmat);
  if (task === "binary") return divide(hits.at(1), union.at(1), options.zeroDivision);
  // A class that is ignored counts for nothing, though it may have been predicted.
  const isCounted = torch.onesLike(union);
  const { ignoreIndex = -1 } = options;
  if (ignoreIndex >= 0 && ignoreIndex < isCounted.numel()) isCounted.setAt(ignoreIndex, 0);
  if (options.average === "micro") {
    return divide(hits.sum(), union.mul(isCounted).sum(), options.zeroDivision);
  }
  const scores = divide(hits, union, options.zeroDivision);
  if (options.average === "none" || options.average === null) return scores;
  if (options.average === "weighted") return averaged(scores, support);
  return averaged(scores, task === "multilabel" ? isCounted : isCounted.mul(union.ne(0)));
}

const jaccardFamily = confusionFamily<ZeroDivision, ZeroDivision & AverageOption>()({
  name: "jaccardIndex",
  traits: { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 },
  params: {
    binary: { zeroDivision },
    multiclass: { average: average("macro"), zeroDivision },
    multilabel: { average: average("macro"), zeroDivision },
  },
  compute: jaccard,
});

/** Jaccard's index of two classes; see `jaccardIndex`. */
export const binaryJaccardIndex = jaccardFamily.binary.function;
/** Jaccard's index of each class, and by default their mean; see `jaccardIndex`. */
export const multiclassJaccardIndex = jaccardFamily.multiclass.function;
/** Jaccard's index of each label, and by default their mean; see `jaccardIndex`. */
export const multilabelJaccardIndex = jaccardFamily.multilabel.function;

/** The metric of `binaryJaccardIndex`. */
export class BinaryJaccardIndex extends jaccardFamily.binary.Class {}
/** The metric of `multiclassJaccardIndex`. */
export class MulticlassJaccardIndex extends jaccardFamily.multiclass.Class {}
/** The metric of `multilabelJaccardIndex`. */
export class MultilabelJaccardIndex extends jaccardFamily.multilabel.Class {}

type JaccardOptions = ZeroDivision & AverageOption;

/**
 * Intersection over union of predictions and target, `TP / (TP + FP + FN)`, of each class, and by default their mean.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/jaccard_index.html
 */
export const jaccardIndex = functionByTask<ConfusionFunction<ZeroDivision, JaccardOptions, JaccardOptions>>(
  "jaccardIndex",
  { binary: binaryJaccardIndex, multiclass: multiclassJaccardIndex, multilabel: multilabelJaccardIndex },
);

/** The metric of `jaccardIndex`: an instance of the class of its task. */
export const JaccardIndex = classByTask<ConfusionClass<ZeroDivision, JaccardOptions, JaccardOptions>>("JaccardIndex", {
  binary: BinaryJaccardIndex,
  multiclass: MulticlassJaccardIndex,
  multilabel: MultilabelJaccardIndex,
});

// ---- Matthews' correlation ----

function matthews(confmat: Tensor): Tensor {
  const cells = (confmat.ndim === 3 ? confmat.sum(0) : confmat).double();
  const rows = cells.sum(1);
  const columns = cells.sum(0);
  const total = cells.sum();
  const covariance = (a: Tensor, b: Tensor) => total.square().sub(a.dot(b));
  const spread = covariance(rows, rows).mul(covariance(columns, columns));
  if (spread.item() === 0) return torch.tensor(cells.numel() === 4 ? matthewsLimit(cells) : 0);
  const both = cells.diag().sum().mul(total).sub(rows.dot(columns));
  return both.div(spread.sqrt()).float();
}

/** The value for two classes where a row or column is empty: the limit for samples that are added there. */
function matthewsLimit(cells: Tensor): number {
  const [[tn, fp], [fn, tp]] = cells.tolist() as [[number, number], [number, number]];
  const [right, wrong] = [tp + tn, fp + fn];
  if (wrong === 0) return right === 0 ? 0 : 1;
  if (right === 0) return -1;
  const { eps } = torch.finfo(torch.float32);
  const scale = (tp + fp + eps) * (tp + fn + eps) * (tn + fp + eps) * (tn + fn + eps);
  return (Math.sqrt(eps) * (right - wrong)) / Math.sqrt(scale);
}

const matthewsFamily = confusionFamily<unknown>()({
  name: "matthewsCorrcoef",
  traits: { higherIsBetter: true, isDifferentiable: false, plotLowerBound: -1, plotUpperBound: 1 },
  params: { binary: {}, multiclass: {}, multilabel: {} },
  compute: matthews,
});

/** Matthews' correlation of two classes; see `matthewsCorrcoef`. */
export const binaryMatthewsCorrcoef = matthewsFamily.binary.function;
/** Matthews' correlation of several classes; see `matthewsCorrcoef`. */
export const multiclassMatthewsCorrcoef = matthewsFamily.multiclass.function;
/** Matthews' correlation of all labels together; see `matthewsCorrcoef`. */
export const multilabelMatthewsCorrcoef = matthewsFamily.multilabel.function;

/** The metric of `binaryMatthewsCorrcoef`. */
export class BinaryMatthewsCorrCoef extends matthewsFamily.binary.Class {}
/** The metric of `multiclassMatthewsCorrcoef`. */
export class MulticlassMatthewsCorrCoef extends matthewsFamily.multiclass.Class {}
/** The metric of `multilabelMatthewsCorrcoef`. */
export class MultilabelMatthewsCorrCoef extends matthewsFamily.multilabel.Class {}

/**
 * Matthews' correlation of prediction and target: 1 for perfect predictions, 0 for random ones, also where classes have
 * very different sizes.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/matthews_corr_coef.html
 */
export const matthewsCorrcoef = functionByTask<ConfusionFunction<unknown>>("matthewsCorrcoef", {
  binary: binaryMatthewsCorrcoef,
  multiclass: multiclassMatthewsCorrcoef,
  multilabel: multilabelMatthewsCorrcoef,
});

/** The metric of `matthewsCorrcoef`: an instance of the class of its task. */
export const MatthewsCorrCoef = classByTask<ConfusionClass<unknown>>("MatthewsCorrCoef", {
  binary: BinaryMatthewsCorrCoef,
  multiclass: MulticlassMatthewsCorrCoef,
  multilabel: MultilabelMatthewsCorrCoef,
});

// ---- Cohen's kappa ----

/** How wrong it is to take one class for another: always equally, or more by their distance or its square. */
export type KappaWeights = "linear" | "quadratic" | "none" | null;

export interface KappaOptions {
  weights?: KappaWeights;
}

function kappa(confmat: Tensor, { weights }: FurtherValues): Tensor {
  const cells = confmat.float();
  const classes = torch.arange(cells.shape[0] as number).float();
  const distance = classes.sub(classes.unsqueeze(1)).abs();
  const cost = weights === "linear" ? distance : weights === "quadratic" ? distance.square() : distance.ne(0).float();
  const expected = cells.sum(1).outer(cells.sum(0)).div(cells.sum());
  return torch.rsub(cost.mul(cells).sum().div(cost.mul(expected).sum()), 1);
}

const weights = optional(nullable(word("linear", "quadratic", "none")), null);

const kappaFamily = confusionFamily<KappaOptions>()({
  name: "cohenKappa",
  traits: { higherIsBetter: true, isDifferentiable: false, plotUpperBound: 1 },
  params: { binary: { weights }, multiclass: { weights }, multilabel: {} },
  compute: kappa,
});

/** Cohen's kappa of two classes; see `cohenKappa`. */
export const binaryCohenKappa = kappaFamily.binary.function;
/** Cohen's kappa of several classes; see `cohenKappa`. */
export const multiclassCohenKappa = kappaFamily.multiclass.function;

/** The metric of `binaryCohenKappa`. */
export class BinaryCohenKappa extends kappaFamily.binary.Class {}
/** The metric of `multiclassCohenKappa`. */
export class MulticlassCohenKappa extends kappaFamily.multiclass.Class {}

type KappaTasks =
  | ({ task: "binary" } & CommonOptions & ThresholdOption & KappaOptions)
  | ({ task: "multiclass"; numClasses: number } & CommonOptions & KappaOptions);

/**
 * Cohen's kappa, `(p₀ - pₑ) / (1 - pₑ)`: agreement beyond that which is expected by chance.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/cohen_kappa.html
 */
export const cohenKappa = functionByTask<(preds: Tensor, target: Tensor, options: KappaTasks) => Tensor>("cohenKappa", {
  binary: binaryCohenKappa,
  multiclass: multiclassCohenKappa,
});

/** The metric of `cohenKappa`: an instance of the class of its task. */
export const CohenKappa = classByTask<new (options: KappaTasks) => Metric<Pair, Tensor>>("CohenKappa", {
  binary: BinaryCohenKappa,
  multiclass: MulticlassCohenKappa,
});
