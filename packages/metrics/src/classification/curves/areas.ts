/** Areas under curves. */
import torch, { type Tensor } from "flambeau";
import { flag, nullable, number, optional, Signature, tensor, warn, word } from "flambeau/arguments";
import { divide } from "../../inputs.js";
import { classByTask, functionByTask } from "../byTask.js";
import { type Task, type Thresholds, thresholds } from "../options.js";
import { type Counts, type CurveValues, countsOf, together } from "./counts.js";
import {
  type CurveClass,
  type CurveFunction,
  type CurveOptions,
  type CurveTasks,
  curveFamily,
  type Named,
  type ThresholdsAndIgnored,
} from "./curveFamily.js";
import { precisionRecallOf, rocOf } from "./curves.js";

export interface AreaAverage {
  /** How the areas of the classes become one; their mean by default. */
  average?: "macro" | "weighted" | "none" | null;
}

export interface LabelAreaAverage {
  /** How the areas of the labels become one; their mean by default. */
  average?: "micro" | "macro" | "weighted" | "none" | null;
}

export const areaAverage = optional(nullable(word("macro", "weighted", "none")), "macro");
const labelAverage = optional(nullable(word("micro", "macro", "weighted", "none")), "macro");

/** The areas of all classes as one; those that are NaN are left out. */
export function reduceAreas(areas: readonly Tensor[], counts: readonly Counts[], how: CurveValues["average"]): Tensor {
  const all = torch.stack([...areas]);
  if (how === "none" || how === null) return all;
  const isKnown = all.isnan().logicalNot();
  if (!isKnown.all().item()) {
    warn(`The score for one or more classes was \`nan\`. Ignoring these classes in ${how}-average`);
  }
  const known = all.maskedSelect(isKnown);
  if (how !== "weighted") return known.mean();
  const support = torch.stack(counts.map(({ positives }) => positives)).maskedSelect(isKnown);
  return known.mul(divide(support, support.sum())).sum();
}

/** The area of two classes, of all labels together, or of each class and by an average of all. */
function areaOf(
  task: Task,
  state: Record<string, Tensor>,
  options: CurveValues,
  area: (counts: Counts, task: Task) => Tensor,
): Tensor {
  if (task === "multilabel" && options.average === "micro")
    return area(together(state, options)[0] as Counts, "binary");
  const counts = countsOf(task, state, options);
  if (task === "binary") return area(counts[0] as Counts, task);
  return reduceAreas(
    counts.map((one) => area(one, task)),
    counts,
    options.average,
  );
}

export interface MaxFprOption {
  /** Takes only the part of the curve up to this false positive rate, scaled so that chance gives 0.5. */
  maxFpr?: number;
}

type AurocArgs =
  | [maxFpr?: number, thresholds?: Thresholds, options?: Omit<CurveOptions, "thresholds">]
  | [maxFpr?: number, options?: CurveOptions]
  | Named<MaxFprOption>;

/** The area under the ROC curve, up to a rate of false positives. */
function rocArea(counts: Counts, maxFpr?: number): Tensor {
  const [fpr, tpr] = rocOf(counts);
  if (maxFpr === undefined || maxFpr === 1 || fpr.sum().item() === 0 || tpr.sum().item() === 0) {
    return torch.trapz(tpr, fpr);
  }
  const stop = torch.bucketize(torch.tensor([maxFpr]), fpr.contiguous(), { right: true }).item();
  const [x0, x1, y0, y1] = [fpr.at(stop - 1), fpr.at(stop), tpr.at(stop - 1), tpr.at(stop)];
  const end = torch.lerp(y0, y1, torch.rsub(x0, maxFpr).div(x1.sub(x0)));
  const y = torch.cat([tpr.narrow(0, 0, stop), end.view(1)]);
  const x = torch.cat([fpr.narrow(0, 0, stop), torch.full([1], maxFpr, { dtype: fpr.dtype })]);
  // McClish's correction: 0.5 for chance, 1 for the greatest area.
  const least = maxFpr ** 2 / 2;
  return torch
    .trapz(y, x)
    .sub(least)
    .div(maxFpr - least)
    .add(1)
    .div(2);
}

const traits = { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 };

const aurocFamily = curveFamily<Tensor, Tensor, AurocArgs, Named<AreaAverage>, Named<LabelAreaAverage>>()({
  name: "auroc",
  traits,
  params: {
    binary: { maxFpr: optional(number), thresholds },
    multiclass: { average: areaAverage, thresholds },
    multilabel: { average: labelAverage, thresholds },
  },
  check: (options) => {
    const { maxFpr } = options as MaxFprOption;
    if (maxFpr !== undefined && !(maxFpr > 0 && maxFpr <= 1)) {
      throw new RangeError(`Arguments \`maxFpr\` should be a float in range (0, 1], but got: ${maxFpr}`);
    }
  },
  compute: (task, state, options) =>
    areaOf(task, state, options, (counts) => rocArea(counts, (options as MaxFprOption).maxFpr)),
});

/** The area under the ROC curve of two classes; see `auroc`. */
export const binaryAuroc = aurocFamily.binary.function;
/** The area under the ROC curve of each class, and by default their mean; see `auroc`. */
export const multiclassAuroc = aurocFamily.multiclass.function;
/** The area under the ROC curve of each label, and by default their mean; see `auroc`. */
export const multilabelAuroc = aurocFamily.multilabel.function;

/** The metric of `binaryAuroc`. */
export class BinaryAUROC extends aurocFamily.binary.Class {}
/** The metric of `multiclassAuroc`. */
export class MulticlassAUROC extends aurocFamily.multiclass.Class {}
/** The metric of `multilabelAuroc`. */
export class MultilabelAUROC extends aurocFamily.multilabel.Class {}

type AurocOptions = CurveTasks<MaxFprOption, AreaAverage, LabelAreaAverage>;

/**
 * The area under the ROC curve: how probable it is that a positive has a greater score than a negative.
 *
 * @example auroc(torch.tensor([0, 0.5, 0.7, 0.8]), torch.tensor([0, 1, 1, 0]), { task: "binary" }) // tensor(0.5000)
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/auroc.html
 */
export const auroc = functionByTask<CurveFunction<AurocOptions, Tensor>>("auroc", aurocFamily);

/** The metric of `auroc`: an instance of the class of its task. */
export const AUROC = classByTask<CurveClass<AurocOptions, Tensor>>("AUROC", {
  binary: BinaryAUROC,
  multiclass: MulticlassAUROC,
  multilabel: MultilabelAUROC,
});

/** The sum of precisions, each weighted by the step in recall. */
function precisionArea(counts: Counts, task: Task): Tensor {
  const curve = precisionRecallOf(counts, task);
  const isWhole = task === "multiclass" && !counts.isBinned;
  const [precision, recall] = curve.slice(0, 2).map((one) => (isWhole ? one : one.nanToNum(0))) as [Tensor, Tensor];
  const steps = recall.numel() - 1;
  return recall
    .narrow(0, 0, steps)
    .sub(recall.narrow(0, 1, steps))
    .mul(precision.narrow(0, 0, steps))
    .sum();
}

const apFamily = curveFamily<Tensor, Tensor, ThresholdsAndIgnored, Named<AreaAverage>, Named<LabelAreaAverage>>()({
  name: "averagePrecision",
  traits,
  params: {
    binary: { thresholds },
    multiclass: { average: areaAverage, thresholds },
    multilabel: { average: labelAverage, thresholds },
  },
  compute: (task, state, options) => areaOf(task, state, options, precisionArea),
});

/** The average precision of two classes; see `averagePrecision`. */
export const binaryAveragePrecision = apFamily.binary.function;
/** The average precision of each class, and by default their mean; see `averagePrecision`. */
export const multiclassAveragePrecision = apFamily.multiclass.function;
/** The average precision of each label, and by default their mean; see `averagePrecision`. */
export const multilabelAveragePrecision = apFamily.multilabel.function;

/** The metric of `binaryAveragePrecision`. */
export class BinaryAveragePrecision extends apFamily.binary.Class {}
/** The metric of `multiclassAveragePrecision`. */
export class MulticlassAveragePrecision extends apFamily.multiclass.Class {}
/** The metric of `multilabelAveragePrecision`. */
export class MultilabelAveragePrecision extends apFamily.multilabel.Class {}

type ApOptions = CurveTasks<unknown, AreaAverage, LabelAreaAverage>;

/**
 * The average precision, `Σ (Rₙ - Rₙ₋₁) Pₙ`: the area under the curve of precision over recall. A class without samples
 * is left out of averages over classes.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/average_precision.html
 */
export const averagePrecision = functionByTask<CurveFunction<ApOptions, Tensor>>("averagePrecision", apFamily);

/** The metric of `averagePrecision`: an instance of the class of its task. */
export const AveragePrecision = classByTask<CurveClass<ApOptions, Tensor>>("AveragePrecision", {
  binary: BinaryAveragePrecision,
  multiclass: MulticlassAveragePrecision,
  multilabel: MultilabelAveragePrecision,
});

const aucSignature = new Signature("auc", { x: tensor, y: tensor, reorder: flag });

/**
 * The area under a curve by the trapezoidal rule.
 *
 * @param options.reorder sorts the points by x first.
 * @throws Error unless x increases, or decreases, throughout.
 */
export function auc(...args: [x: Tensor, y: Tensor, options?: { reorder?: boolean }]): Tensor {
  const { x, y, reorder } = aucSignature.parse(args);
  if (x.squeeze().ndim > 1 || x.numel() !== y.numel()) {
    throw new Error(
      `Expected the same number of elements in \`x\` and \`y\` tensor but received ${x.numel()} and ${y.numel()}`,
    );
  }
  if (reorder) {
    const { values, indices } = x.flatten().sort({ stable: true });
    return torch.trapz(y.flatten().indexSelect(0, indices), values);
  }
  const steps = x.flatten().diff();
  const area = torch.trapz(y.flatten(), x.flatten());
  if (!steps.lt(0).any().item()) return area;
  if (steps.le(0).all().item()) return area.neg();
  throw new Error("The `x` tensor is neither increasing or decreasing. Try setting the reorder argument to `true`.");
}
