/**
 * Predictions and targets as labels: probabilities or scores become decisions, and targets that are ignored are marked.
 *
 * Targets may also be floating tensors of whole numbers, as the data loader makes of plain numbers.
 */
import torch, { type Tensor } from "flambeau";
import { checkSameShape, type Pair, sameShape, shapeText } from "../inputs.js";

/** Decisions, what is true, and which of the elements count (undefined if all do). */
export interface Labels {
  readonly preds: Tensor;
  readonly target: Tensor;
  readonly valid: Tensor | undefined;
}

export interface LabelOptions {
  readonly threshold?: number;
  readonly ignoreIndex?: number | undefined;
  readonly validateArgs?: boolean;
  readonly numClasses?: number;
  readonly numLabels?: number;
  readonly topK?: number;
}

/** Probabilities as they are, and scores, which are not all between 0 and 1, as the probabilities of these. */
export function probabilities(scores: Tensor, by: "sigmoid" | "softmax"): Tensor {
  if (scores.ge(0).logicalAnd(scores.le(1)).all().item()) return scores;
  return by === "sigmoid" ? scores.sigmoid() : scores.softmax(1);
}

/** Throws unless all elements are whole numbers from 0 to below `count`, or the ignored one. */
export function checkValues(labels: Tensor, name: string, count: number, ignoreIndex?: number): void {
  if (labels.numel() === 0) return;
  let isFine = labels.ge(0).logicalAnd(labels.lt(count));
  if (labels.dtype.isFloatingPoint) isFine = isFine.logicalAnd(labels.eq(labels.floor()));
  if (ignoreIndex !== undefined) isFine = isFine.logicalOr(labels.eq(ignoreIndex));
  if (isFine.all().item()) return;
  const found = torch.unique(labels);
  const expected = count === 2 ? "[0, 1]" : `0 to ${count - 1}`;
  const ignored = ignoreIndex === undefined ? "" : ` and ${ignoreIndex}, which is ignored`;
  const known = found.numel() > count ? "Detected more unique values in" : "Detected the following values in";
  throw new Error(`${known} \`${name}\`: ${found} but expected only the following values: ${expected}${ignored}.`);
}

/** Labels as int64. */
function integers(labels: Tensor): Tensor {
  return labels.to(torch.int64);
}

function validity(target: Tensor, ignoreIndex: number | undefined): Tensor | undefined {
  return ignoreIndex === undefined ? undefined : target.ne(ignoreIndex);
}

/** Yes or no for each element: bool tensors of the shape of the target. */
export function binaryLabels([preds, target]: Pair, options: LabelOptions): Labels {
  const { threshold = 0.5, ignoreIndex, validateArgs = true } = options;
  if (validateArgs) {
    checkSameShape(preds, target);
    checkValues(target, "target", 2, ignoreIndex);
    if (!preds.dtype.isFloatingPoint) checkValues(preds, "preds", 2);
  }
  const positive = preds.dtype.isFloatingPoint ? probabilities(preds, "sigmoid").gt(threshold) : preds.eq(1);
  return { preds: positive, target: target.eq(1), valid: validity(target, ignoreIndex) };
}

/** Yes or no for each label, which the second dim counts. */
export function multilabelLabels([preds, target]: Pair, options: LabelOptions): Labels {
  checkLabelDim(preds, options.numLabels);
  return binaryLabels([preds, target], options);
}

/** @throws Error unless the second dim counts the labels. */
export function checkLabelDim(preds: Tensor, numLabels: number | undefined): void {
  if (preds.ndim >= 2 && preds.shape[1] === numLabels) return;
  throw new Error(
    `Expected both \`target.shape[1]\` and \`preds.shape[1]\` to be equal to the number of labels but got ${preds.shape[1]} and expected ${numLabels}`,
  );
}

/** Throws unless predictions have the shape of the target, or one more dim for the classes, the second. */
function checkClassShapes(preds: Tensor, target: Tensor, numClasses: number): void {
  if (preds.ndim === target.ndim) {
    if (sameShape(preds, target)) return;
    throw new Error(
      `The \`preds\` and \`target\` should have the same shape, got \`preds\` with shape=${shapeText(preds)} and \`target\` with shape=${shapeText(target)}.`,
    );
  }
  if (preds.ndim !== target.ndim + 1) {
    throw new Error(
      `Either \`preds\` and \`target\` both should have the (same) shape (N, ...), or \`target\` should be (N, ...) and \`preds\` should be (N, C, ...), but got ${shapeText(preds)} and ${shapeText(target)}.`,
    );
  }
  checkScores(preds, target, numClasses);
}

/** Throws unless predictions are scores of all classes, shape [N, C, …], for targets of shape [N, …]. */
export function checkScores(preds: Tensor, target: Tensor, numClasses: number): void {
  if (preds.ndim !== target.ndim + 1) {
    throw new Error(
      `Expected \`preds\` to have one more dimension than \`target\` but got ${preds.ndim} and ${target.ndim}`,
    );
  }
  if (!preds.dtype.isFloatingPoint) {
    throw new TypeError("If `preds` have one dimension more than `target`, `preds` should be a float tensor.");
  }
  if (preds.shape[1] !== numClasses) {
    throw new Error(
      `If \`preds\` have one dimension more than \`target\`, \`preds.shape[1]\` should be equal to number of classes, but got ${preds.shape[1]} and ${numClasses}.`,
    );
  }
  if (!sameShape(preds.select(1, 0), target)) {
    throw new Error(
      `If \`preds\` have one dimension more than \`target\`, the shape of \`preds\` should be (N, C, ...), and the shape of \`target\` should be (N, ...), but got ${shapeText(preds)} and ${shapeText(target)}.`,
    );
  }
}

/**
 * The number of a class for each element: int64 tensors of the shape of the target.
 *
 * With `topK`, a prediction is right if the target is among the k classes with the greatest scores.
 */
export function multiclassLabels([preds, target]: Pair, options: LabelOptions): Labels {
  const { numClasses = 0, topK = 1, ignoreIndex, validateArgs = true } = options;
  const hasScores = preds.ndim === target.ndim + 1;
  if (topK > 1 && !hasScores) {
    throw new Error("`topK` is larger than 1, which takes the scores of all classes: `preds` should be (N, C, ...)");
  }
  if (validateArgs) {
    checkClassShapes(preds, target, numClasses);
    checkValues(target, "target", numClasses, ignoreIndex);
    if (!hasScores) checkValues(preds, "preds", numClasses, ignoreIndex);
  }
  const wanted = integers(target);
  const chosen = hasScores ? decisions(preds, wanted, topK) : integers(preds);
  return { preds: chosen, target: wanted, valid: validity(wanted, ignoreIndex) };
}

/** The class with the greatest score; the target where it is among the k greatest. */
function decisions(scores: Tensor, target: Tensor, topK: number): Tensor {
  if (topK === 1) return scores.argmax(1);
  const { indices } = scores.topk(topK, 1);
  const isAmong = indices.eq(target.unsqueeze(1)).any(1);
  return torch.where(isAmong, target, indices.select(1, 0));
}

/** The labels that a task asks for. */
export const labelsOf = { binary: binaryLabels, multiclass: multiclassLabels, multilabel: multilabelLabels };
