/** The best value of one end of a curve, where the other has at least a given one. */
import torch, { type Tensor } from "flambeau";
import { number } from "flambeau/arguments";
import { classByTask, functionByTask, type Places } from "../byTask.js";
import { type Task, thresholds } from "../options.js";
import { type Counts, countsOf } from "./counts.js";
import {
  type CurveClass,
  type CurveFunction,
  type CurveTasks,
  curveFamily,
  type ThresholdsAndIgnored,
} from "./curveFamily.js";
import { precisionRecallOf, rocOf } from "./curves.js";

/** The best value, and the threshold at which it is reached. */
export type AtThreshold = [value: Tensor, threshold: Tensor];

/**
 * The greatest value, of equal ones that with the greatest constraint, and of these that with the greatest threshold;
 * 0 at NaN where there is none.
 */
function greatest(values: Tensor, constraint: Tensor, thresholds: Tensor, least: number): AtThreshold {
  const isFine = constraint.ge(least);
  if (!values.maskedSelect(isFine).gt(0).any().item()) return none(values, thresholds, Number.NaN);
  const best = values.maskedSelect(isFine).amax();
  const isBest = isFine.logicalAnd(values.eq(best));
  const firm = constraint.maskedSelect(isBest).amax();
  return [best, thresholds.maskedSelect(isBest.logicalAnd(constraint.eq(firm))).amax()];
}

/** The first of the greatest values; 0 at 1e6 where there is none. */
function first(values: Tensor, constraint: Tensor, thresholds: Tensor, least: number): AtThreshold {
  const isFine = constraint.ge(least);
  if (!isFine.any().item()) return none(values, thresholds, 1e6);
  const allowed = values.maskedSelect(isFine);
  const best = allowed.amax();
  const at = allowed.eq(best).nonzero().at(0, 0).item();
  return [best, thresholds.maskedSelect(isFine).at(at)];
}

function none(values: Tensor, thresholds: Tensor, nowhere: number): AtThreshold {
  return [torch.tensor(0, { dtype: values.dtype }), torch.tensor(nowhere, { dtype: thresholds.dtype })];
}

/** Metrics of a value at a least one of another, whose name is `least`. */
function atFixed(name: string, least: string, find: (counts: Counts, least: number, task: Task) => AtThreshold) {
  type Arguments = [least: number, ...ThresholdsAndIgnored];
  const params = { [least]: number, thresholds };
  return curveFamily<AtThreshold, AtThreshold, Arguments, Arguments, Arguments>()({
    name,
    traits: { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 },
    params: { binary: params, multiclass: params, multilabel: params },
    check: (options) => {
      const value = (options as Record<string, number>)[least] as number;
      if (!(value >= 0 && value <= 1)) {
        throw new RangeError(`Expected argument \`${least}\` to be an float in the [0,1] range, but got ${value}`);
      }
    },
    compute: (task, state, options) => {
      const value = (options as unknown as Record<string, number>)[least] as number;
      const found = countsOf(task, state, options).map((counts) => find(counts, value, task));
      if (task === "binary") return found[0] as AtThreshold;
      return [0, 1].map((at) => torch.stack(found.map((one) => one[at] as Tensor))) as unknown as AtThreshold;
    },
  });
}

/** Where the required arguments stand. */
function byLeast(least: string): { places: Places } {
  return { places: { binary: [least], multiclass: ["numClasses", least], multilabel: ["numLabels", least] } };
}

/** Precision, recall and thresholds of the same length. */
function pointsOf(counts: Counts, task: Task): { precision: Tensor; recall: Tensor; thresholds: Tensor } {
  const [precision, recall, thresholds] = precisionRecallOf(counts, task);
  const at = (values: Tensor) => values.narrow(0, 0, thresholds.numel());
  return { precision: at(precision), recall: at(recall), thresholds };
}

const recallFamily = atFixed("recallAtFixedPrecision", "minPrecision", (counts, least, task) => {
  const { precision, recall, thresholds } = pointsOf(counts, task);
  return greatest(recall, precision, thresholds, least);
});

/** The greatest recall of two classes at a least precision; see `recallAtFixedPrecision`. */
export const binaryRecallAtFixedPrecision = recallFamily.binary.function;
/** The greatest recall of each class at a least precision; see `recallAtFixedPrecision`. */
export const multiclassRecallAtFixedPrecision = recallFamily.multiclass.function;
/** The greatest recall of each label at a least precision; see `recallAtFixedPrecision`. */
export const multilabelRecallAtFixedPrecision = recallFamily.multilabel.function;

/** The metric of `binaryRecallAtFixedPrecision`. */
export class BinaryRecallAtFixedPrecision extends recallFamily.binary.Class {}
/** The metric of `multiclassRecallAtFixedPrecision`. */
export class MulticlassRecallAtFixedPrecision extends recallFamily.multiclass.Class {}
/** The metric of `multilabelRecallAtFixedPrecision`. */
export class MultilabelRecallAtFixedPrecision extends recallFamily.multilabel.Class {}

type RecallOptions = CurveTasks<{ minPrecision: number }>;

/**
 * The greatest recall where the precision is at least `minPrecision`, and the threshold of it: `[recall, threshold]`; `[0, NaN]`
 * where no precision is as great.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/recall_at_fixed_precision.html
 */
export const recallAtFixedPrecision = functionByTask<CurveFunction<RecallOptions, AtThreshold>>(
  "recallAtFixedPrecision",
  recallFamily,
  byLeast("minPrecision"),
);

/** The metric of `recallAtFixedPrecision`: an instance of the class of its task. */
export const RecallAtFixedPrecision = classByTask<CurveClass<RecallOptions, AtThreshold>>(
  "RecallAtFixedPrecision",
  {
    binary: BinaryRecallAtFixedPrecision,
    multiclass: MulticlassRecallAtFixedPrecision,
    multilabel: MultilabelRecallAtFixedPrecision,
  },
  byLeast("minPrecision"),
);

const precisionFamily = atFixed("precisionAtFixedRecall", "minRecall", (counts, least, task) => {
  const { precision, recall, thresholds } = pointsOf(counts, task);
  return greatest(precision, recall, thresholds, least);
});

/** The greatest precision of two classes at a least recall; see `precisionAtFixedRecall`. */
export const binaryPrecisionAtFixedRecall = precisionFamily.binary.function;
/** The greatest precision of each class at a least recall; see `precisionAtFixedRecall`. */
export const multiclassPrecisionAtFixedRecall = precisionFamily.multiclass.function;
/** The greatest precision of each label at a least recall; see `precisionAtFixedRecall`. */
export const multilabelPrecisionAtFixedRecall = precisionFamily.multilabel.function;

/** The metric of `binaryPrecisionAtFixedRecall`. */
export class BinaryPrecisionAtFixedRecall extends precisionFamily.binary.Class {}
/** The metric of `multiclassPrecisionAtFixedRecall`. */
export class MulticlassPrecisionAtFixedRecall extends precisionFamily.multiclass.Class {}
/** The metric of `multilabelPrecisionAtFixedRecall`. */
export class MultilabelPrecisionAtFixedRecall extends precisionFamily.multilabel.Class {}

type PrecisionOptions = CurveTasks<{ minRecall: number }>;

/**
 * The greatest precision where the recall is at least `minRecall`, and the threshold of it: `[precision,
 * threshold]`; `[0, NaN]` where there is none.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/precision_at_fixed_recall.html
 */
export const precisionAtFixedRecall = functionByTask<CurveFunction<PrecisionOptions, AtThreshold>>(
  "precisionAtFixedRecall",
  precisionFamily,
  byLeast("minRecall"),
);

/** The metric of `precisionAtFixedRecall`: an instance of the class of its task. */
export const PrecisionAtFixedRecall = classByTask<CurveClass<PrecisionOptions, AtThreshold>>(
  "PrecisionAtFixedRecall",
  {
    binary: BinaryPrecisionAtFixedRecall,
    multiclass: MulticlassPrecisionAtFixedRecall,
    multilabel: MultilabelPrecisionAtFixedRecall,
  },
  byLeast("minRecall"),
);

const sensitivityFamily = atFixed("sensitivityAtSpecificity", "minSpecificity", (counts, least) => {
  const [fpr, tpr, thresholds] = rocOf(counts);
  return first(tpr, torch.rsub(fpr, 1), thresholds, least);
});

/** The greatest sensitivity of two classes at a least specificity; see `sensitivityAtSpecificity`. */
export const binarySensitivityAtSpecificity = sensitivityFamily.binary.function;
/** The greatest sensitivity of each class at a least specificity; see `sensitivityAtSpecificity`. */
export const multiclassSensitivityAtSpecificity = sensitivityFamily.multiclass.function;
/** The greatest sensitivity of each label at a least specificity; see `sensitivityAtSpecificity`. */
export const multilabelSensitivityAtSpecificity = sensitivityFamily.multilabel.function;

/** The metric of `binarySensitivityAtSpecificity`. */
export class BinarySensitivityAtSpecificity extends sensitivityFamily.binary.Class {}
/** The metric of `multiclassSensitivityAtSpecificity`. */
export class MulticlassSensitivityAtSpecificity extends sensitivityFamily.multiclass.Class {}
/** The metric of `multilabelSensitivityAtSpecificity`. */
export class MultilabelSensitivityAtSpecificity extends sensitivityFamily.multilabel.Class {}

type SensitivityOptions = CurveTasks<{ minSpecificity: number }>;

/**
 * The greatest sensitivity (recall) where the specificity is at least `minSpecificity`, and the threshold of it;
 * `[0, 1e6]` where there is none.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/sensitivity_at_specificity.html
 */
export const sensitivityAtSpecificity = functionByTask<CurveFunction<SensitivityOptions, AtThreshold>>(
  "sensitivityAtSpecificity",
  sensitivityFamily,
  byLeast("minSpecificity"),
);

/** The metric of `sensitivityAtSpecificity`: an instance of the class of its task. */
export const SensitivityAtSpecificity = classByTask<CurveClass<SensitivityOptions, AtThreshold>>(
  "SensitivityAtSpecificity",
  {
    binary: BinarySensitivityAtSpecificity,
    multiclass: MulticlassSensitivityAtSpecificity,
    multilabel: MultilabelSensitivityAtSpecificity,
  },
  byLeast("minSpecificity"),
);

const specificityFamily = atFixed("specificityAtSensitivity", "minSensitivity", (counts, least) => {
  const [fpr, tpr, thresholds] = rocOf(counts);
  return first(torch.rsub(fpr, 1), tpr, thresholds, least);
});

/** The greatest specificity of two classes at a least sensitivity; see `specificityAtSensitivity`. */
export const binarySpecificityAtSensitivity = specificityFamily.binary.function;
/** The greatest specificity of each class at a least sensitivity; see `specificityAtSensitivity`. */
export const multiclassSpecificityAtSensitivity = specificityFamily.multiclass.function;
/** The greatest specificity of each label at a least sensitivity; see `specificityAtSensitivity`. */
export const multilabelSpecificityAtSensitivity = specificityFamily.multilabel.function;

/** The metric of `binarySpecificityAtSensitivity`. */
export class BinarySpecificityAtSensitivity extends specificityFamily.binary.Class {}
/** The metric of `multiclassSpecificityAtSensitivity`. */
export class MulticlassSpecificityAtSensitivity extends specificityFamily.multiclass.Class {}
/** The metric of `multilabelSpecificityAtSensitivity`. */
export class MultilabelSpecificityAtSensitivity extends specificityFamily.multilabel.Class {}

type SpecificityOptions = CurveTasks<{ minSensitivity: number }>;

/**
 * The greatest specificity where the sensitivity (recall) is at least `minSensitivity`, and the threshold of it;
 * `[0, 1e6]` where there is none.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/specificity_at_sensitivity.html
 */
export const specificityAtSensitivity = functionByTask<CurveFunction<SpecificityOptions, AtThreshold>>(
  "specificityAtSensitivity",
  specificityFamily,
  byLeast("minSensitivity"),
);

/** The metric of `specificityAtSensitivity`: an instance of the class of its task. */
export const SpecificityAtSensitivity = classByTask<CurveClass<SpecificityOptions, AtThreshold>>(
  "SpecificityAtSensitivity",
  {
    binary: BinarySpecificityAtSensitivity,
    multiclass: MulticlassSpecificityAtSensitivity,
    multilabel: MultilabelSpecificityAtSensitivity,
  },
  byLeast("minSensitivity"),
);
