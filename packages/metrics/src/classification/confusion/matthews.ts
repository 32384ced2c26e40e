/** Matthews' correlation. */
import torch, { type Tensor } from "flambeau";
import { classByTask, functionByTask } from "../byTask.js";
import { type ConfusionClass, type ConfusionFunction, confusionFamily } from "./family.js";

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

const matthewsFamily = confusionFamily<unknown, unknown>()({
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
export const matthewsCorrcoef = functionByTask<ConfusionFunction<unknown>>("matthewsCorrcoef", matthewsFamily);

/** The metric of `matthewsCorrcoef`: an instance of the class of its task. */
export const MatthewsCorrCoef = classByTask<ConfusionClass<unknown>>("MatthewsCorrCoef", {
  binary: BinaryMatthewsCorrCoef,
  multiclass: MulticlassMatthewsCorrCoef,
  multilabel: MultilabelMatthewsCorrCoef,
});
