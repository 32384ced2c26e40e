/** Precision and recall. */
import { divide } from "../inputs.js";
import { classByTask, functionByTask } from "./byTask.js";
import { type ZeroDivision, zeroDivision } from "./options.js";
import { byMicro, type StatClass, type StatFunction, statFamily } from "./statFamily.js";

const precisionFamily = statFamily<[], ZeroDivision>()({
  name: "precision",
  traits: { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 },
  further: { zeroDivision },
  score: ({ tp, fp }, options) => divide(tp, tp.add(fp), options.zeroDivision),
});

/** The precision of two classes; see `precision`. */
export const binaryPrecision = precisionFamily.binary.function;
/** The precision of each class, and by default their mean; see `precision`. */
export const multiclassPrecision = precisionFamily.multiclass.function;
/** The precision of each label, and by default their mean; see `precision`. */
export const multilabelPrecision = precisionFamily.multilabel.function;

/** The metric of `binaryPrecision`. */
export class BinaryPrecision extends precisionFamily.binary.Class {}
/** The metric of `multiclassPrecision`. */
export class MulticlassPrecision extends precisionFamily.multiclass.Class {}
/** The metric of `multilabelPrecision`. */
export class MultilabelPrecision extends precisionFamily.multilabel.Class {}

/**
 * Of those predicted to be of a class, the share that is: `TP / (TP + FP)`.
 *
 * @example precision(preds, target, { task: "multiclass", numClasses: 10, average: "macro" })
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/precision.html
 */
export const precision = functionByTask<StatFunction<ZeroDivision>>("precision", precisionFamily, byMicro);

/** The metric of `precision`: an instance of the class of its task. */
export const Precision = classByTask<StatClass<ZeroDivision>>(
  "Precision",
  { binary: BinaryPrecision, multiclass: MulticlassPrecision, multilabel: MultilabelPrecision },
  byMicro,
);

const recallFamily = statFamily<[], ZeroDivision>()({
  name: "recall",
  traits: { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 },
  further: { zeroDivision },
  score: ({ tp, fn }, options) => divide(tp, tp.add(fn), options.zeroDivision),
});

/** The recall of two classes; see `recall`. */
export const binaryRecall = recallFamily.binary.function;
/** The recall of each class, and by default their mean; see `recall`. */
export const multiclassRecall = recallFamily.multiclass.function;
/** The recall of each label, and by default their mean; see `recall`. */
export const multilabelRecall = recallFamily.multilabel.function;

/** The metric of `binaryRecall`. */
export class BinaryRecall extends recallFamily.binary.Class {}
/** The metric of `multiclassRecall`. */
export class MulticlassRecall extends recallFamily.multiclass.Class {}
/** The metric of `multilabelRecall`. */
export class MultilabelRecall extends recallFamily.multilabel.Class {}

/**
 * Of those that are of a class, the share that is found, the true positive rate: `TP / (TP + FN)`.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/recall.html
 */
export const recall = functionByTask<StatFunction<ZeroDivision>>("recall", recallFamily, byMicro);

/** The metric of `recall`: an instance of the class of its task. */
export const Recall = classByTask<StatClass<ZeroDivision>>(
  "Recall",
  { binary: BinaryRecall, multiclass: MulticlassRecall, multilabel: MultilabelRecall },
  byMicro,
);
