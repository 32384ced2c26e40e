/** Jaccard's index: how far areas of classes overlap. */
import torch, { type Tensor } from "flambeau";
import { divide } from "../../inputs.js";
import { classByTask, functionByTask } from "../byTask.js";
import { average, type Task, type ZeroDivision, zeroDivision } from "../options.js";
import type { AverageOption } from "../statFamily.js";
import { averaged } from "../stats.js";
import { type ConfusionClass, type ConfusionFunction, confusionFamily } from "./family.js";

type JaccardOptions = ZeroDivision & AverageOption;

interface JaccardValues extends Required<JaccardOptions> {
  readonly ignoreIndex: number | undefined;
}

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

function jaccard(confmat: Tensor, options: JaccardValues, task: Task): Tensor {
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

const jaccardFamily = confusionFamily<JaccardValues, ZeroDivision, JaccardOptions>()({
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

/**
 * Intersection over union of predictions and target, `TP / (TP + FP + FN)`, of each class, and by default their mean.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/jaccard_index.html
 */
export const jaccardIndex = functionByTask<ConfusionFunction<ZeroDivision, JaccardOptions, JaccardOptions>>(
  "jaccardIndex",
  jaccardFamily,
);

/** The metric of `jaccardIndex`: an instance of the class of its task. */
export const JaccardIndex = classByTask<ConfusionClass<ZeroDivision, JaccardOptions, JaccardOptions>>("JaccardIndex", {
  binary: BinaryJaccardIndex,
  multiclass: MulticlassJaccardIndex,
  multilabel: MultilabelJaccardIndex,
});
