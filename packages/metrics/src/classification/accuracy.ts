/** Accuracy: how many predictions are right. */
import { classByTask, functionByTask } from "./byTask.js";
import { byMicro, type StatClass, type StatFunction, statFamily } from "./statFamily.js";
import { accuracyScore } from "./stats.js";

const family = statFamily()({
  name: "accuracy",
  traits: { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 },
  score: (stats, _options, { task }) => accuracyScore(stats, task),
});

/** The share of right decisions, `(TP + TN) / (TP + TN + FP + FN)`, for two classes; see `accuracy`. */
export const binaryAccuracy = family.binary.function;
/** The share of samples of each class that are found, `TP / (TP + FN)`, and by default its mean; see `accuracy`. */
export const multiclassAccuracy = family.multiclass.function;
/** The share of right decisions about each label, and by default its mean; see `accuracy`. */
export const multilabelAccuracy = family.multilabel.function;

/** The metric of `binaryAccuracy`. */
export class BinaryAccuracy extends family.binary.Class {}
/** The metric of `multiclassAccuracy`. */
export class MulticlassAccuracy extends family.multiclass.Class {}
/** The metric of `multilabelAccuracy`. */
export class MultilabelAccuracy extends family.multilabel.Class {}

/**
 * The share of predictions that are right, `Σ 1(y = ŷ) / n`; with `average: "macro"` the mean of that of each class.
 *
 * @param preds labels of the shape of the target, or probabilities or scores: for several classes of shape [N, C, …].
 * @param options the task, the number of classes or labels, and what the task's own function takes.
 * @throws Error where shapes or labels do not fit.
 * @example
 * accuracy(torch.tensor([0, 2, 1, 3]), torch.tensor([0, 1, 2, 3]), { task: "multiclass", numClasses: 4 }) // tensor(0.5000)
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/accuracy.html
 */
export const accuracy = functionByTask<StatFunction>("accuracy", family, byMicro);

/**
 * The metric of `accuracy`: an instance of the class of its task.
 *
 * @example new Accuracy({ task: "multiclass", numClasses: 10 })
 */
export const Accuracy = classByTask<StatClass>(
  "Accuracy",
  { binary: BinaryAccuracy, multiclass: MulticlassAccuracy, multilabel: MultilabelAccuracy },
  byMicro,
);
