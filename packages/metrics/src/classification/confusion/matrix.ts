/** Confusion matrices: what was predicted for what. */
import type { Tensor } from "flambeau";
import { nullable, optional, word } from "flambeau/arguments";
import { divide } from "../../inputs.js";
import { plotConfusionMatrix } from "../../plot/plot.js";
import { classByTask, functionByTask } from "../byTask.js";
import { type ConfusionClass, type ConfusionFunction, confusionFamily } from "./family.js";

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

const matrix = confusionFamily<Required<NormalizeOption>, NormalizeOption>()({
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
export const confusionMatrix = functionByTask<ConfusionFunction<NormalizeOption>>("confusionMatrix", matrix);

/** The metric of `confusionMatrix`: an instance of the class of its task. */
export const ConfusionMatrix = classByTask<ConfusionClass<NormalizeOption>>("ConfusionMatrix", {
  binary: BinaryConfusionMatrix,
  multiclass: MulticlassConfusionMatrix,
  multilabel: MultilabelConfusionMatrix,
});
