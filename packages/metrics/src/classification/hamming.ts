/** The Hamming distance: how many decisions are wrong. */
import torch from "flambeau";
import { classByTask, functionByTask } from "./byTask.js";
import { byMicro, type StatClass, type StatFunction, statFamily } from "./statFamily.js";
import { accuracyScore } from "./stats.js";

const hammingDistanceFamily = statFamily()({
  name: "hammingDistance",
  traits: { higherIsBetter: false, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 },
  score: (stats, _options, { task }) => torch.rsub(accuracyScore(stats, task), 1),
});

/** The share of wrong decisions of two classes; see `hammingDistance`. */
export const binaryHammingDistance = hammingDistanceFamily.binary.function;
/** The share of wrong decisions of each class, and by default their mean; see `hammingDistance`. */
export const multiclassHammingDistance = hammingDistanceFamily.multiclass.function;
/** The share of wrong decisions of each label, and by default their mean; see `hammingDistance`. */
export const multilabelHammingDistance = hammingDistanceFamily.multilabel.function;

/** The metric of `binaryHammingDistance`. */
export class BinaryHammingDistance extends hammingDistanceFamily.binary.Class {}
/** The metric of `multiclassHammingDistance`. */
export class MulticlassHammingDistance extends hammingDistanceFamily.multiclass.Class {}
/** The metric of `multilabelHammingDistance`. */
export class MultilabelHammingDistance extends hammingDistanceFamily.multilabel.Class {}

/**
 * The share of predictions that are wrong, the Hamming loss: `Σ 1(y ≠ ŷ) / n`, 1 - accuracy.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/hamming_distance.html
 */
export const hammingDistance = functionByTask<StatFunction>("hammingDistance", hammingDistanceFamily, byMicro);

/** The metric of `hammingDistance`: an instance of the class of its task. */
export const HammingDistance = classByTask<StatClass>(
  "HammingDistance",
  { binary: BinaryHammingDistance, multiclass: MulticlassHammingDistance, multilabel: MultilabelHammingDistance },
  byMicro,
);
