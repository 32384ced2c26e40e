/** The counts themselves. */
import torch, { type Tensor } from "flambeau";
import { divide } from "../inputs.js";
import { classByTask, functionByTask } from "./byTask.js";
import { byMicro, type StatClass, type StatFunction, statFamily } from "./statFamily.js";
import { type Reduction, type Stats, together } from "./stats.js";

/** The counts of each class, and its support, in the last dim. */
function stacked({ tp, fp, tn, fn }: Stats): Tensor {
  return torch.stack([tp, fp, tn, fn, tp.add(fn)], -1);
}

function reduceCounts(stats: Stats, { task, average }: Reduction): Tensor {
  if (task !== "binary" && average === "micro") return stacked(together(stats));
  const counts = stacked(stats);
  if (task === "binary" || average === "none" || average === null) return counts;
  if (average === "macro") return counts.float().mean(-2);
  const support = stats.tp.add(stats.fn);
  return counts.mul(divide(support, support.sum(-1, { keepdim: true })).unsqueeze(-1)).sum(-2);
}

const statScoresFamily = statFamily()({
  name: "statScores",
  traits: { isDifferentiable: false },
  reduce: reduceCounts,
});

/** The counts of two classes; see `statScores`. */
export const binaryStatScores = statScoresFamily.binary.function;
/** The counts of each class, and by default their mean; see `statScores`. */
export const multiclassStatScores = statScoresFamily.multiclass.function;
/** The counts of each label, and by default their mean; see `statScores`. */
export const multilabelStatScores = statScoresFamily.multilabel.function;

/** The metric of `binaryStatScores`. */
export class BinaryStatScores extends statScoresFamily.binary.Class {}
/** The metric of `multiclassStatScores`. */
export class MulticlassStatScores extends statScoresFamily.multiclass.Class {}
/** The metric of `multilabelStatScores`. */
export class MultilabelStatScores extends statScoresFamily.multilabel.Class {}

/**
 * True positives, false positives, true negatives, false negatives and the support (TP + FN), in this order in the
 * last dim.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/stat_scores.html
 */
export const statScores = functionByTask<StatFunction>("statScores", statScoresFamily, byMicro);

/** The metric of `statScores`: an instance of the class of its task. */
export const StatScores = classByTask<StatClass>(
  "StatScores",
  { binary: BinaryStatScores, multiclass: MulticlassStatScores, multilabel: MultilabelStatScores },
  byMicro,
);
