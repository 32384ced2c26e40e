/**
 * How many positives and negatives reach a threshold: what all curves come from, for each threshold that makes a
 * difference (exact, all samples are kept) or for given ones (binned, in constant memory).
 */
import torch, { type Tensor } from "flambeau";
import { checkSameShape, type Pair } from "../../inputs.js";
import { checkLabelDim, checkScores, checkValues, probabilities } from "../labels.js";
import { type Task, type Thresholds, thresholdTensor } from "../options.js";

/** Counts at increasing thresholds. */
export interface Counts {
  readonly thresholds: Tensor;
  /** How many positives, and how many negatives, have at least this score. */
  readonly tps: Tensor;
  readonly fps: Tensor;
  /** How many there are of both. */
  readonly positives: Tensor;
  readonly negatives: Tensor;
  readonly isBinned: boolean;
}

export interface CurveValues {
  readonly thresholds: Thresholds;
  readonly ignoreIndex: number | undefined;
  readonly validateArgs: boolean;
  readonly numClasses?: number;
  readonly numLabels?: number;
  readonly average?: string | null;
}

/** Probabilities and targets in a row; of labels, or of several classes, in the rows of a matrix. */
export function scoresOf(task: Task, [preds, target]: Pair, options: CurveValues): Pair {
  const { ignoreIndex, numClasses = 0, numLabels, validateArgs } = options;
  if (validateArgs) checkInputs(task, [preds, target], options);
  const wanted = target.to(torch.int64);
  if (task === "multilabel") {
    const flat = (tensor: Tensor) => tensor.movedim(1, -1).reshape([-1, numLabels as number]);
    const labels = flat(wanted);
    const marked = ignoreIndex === undefined ? labels : labels.maskedFill(labels.eq(ignoreIndex), -1);
    return [probabilities(flat(preds), "sigmoid"), marked];
  }
  const isMulticlass = task === "multiclass";
  let scores = isMulticlass ? preds.movedim(1, -1).reshape([-1, numClasses]) : preds.flatten();
  let labels = wanted.flatten();
  if (ignoreIndex !== undefined) {
    const rows = labels.ne(ignoreIndex).nonzero().flatten();
    scores = scores.indexSelect(0, rows);
    labels = labels.indexSelect(0, rows);
  }
  if (!isMulticlass) return [probabilities(scores, "sigmoid"), labels];
  scores = probabilities(scores, "softmax");
  if (options.average !== "micro") return [scores, labels];
  return [scores.flatten(), torch.nn.functional.oneHot(labels, numClasses).flatten()];
}

function checkInputs(task: Task, [preds, target]: Pair, options: CurveValues): void {
  const { ignoreIndex, numClasses = 0, numLabels } = options;
  if (task === "multiclass") checkScores(preds, target, numClasses);
  else checkSameShape(preds, target);
  if (task === "multilabel") checkLabelDim(preds, numLabels);
  if (!preds.dtype.isFloatingPoint) {
    throw new TypeError(
      `Expected argument \`preds\` to be an floating tensor with probability/logit scores, but got tensor with dtype ${preds.dtype}`,
    );
  }
  checkValues(target, "target", task === "multiclass" ? numClasses : 2, ignoreIndex);
}

/** Whether the curves are those of several classes, of which each has its own. */
export function hasClasses(task: Task, options: CurveValues): boolean {
  return task !== "binary" && !(task === "multiclass" && options.average === "micro");
}

/** How many curves there are. */
export function classesOf(task: Task, options: CurveValues): number {
  if (!hasClasses(task, options)) return 1;
  return (task === "multiclass" ? options.numClasses : options.numLabels) ?? 1;
}

/** Which samples are of each class, and which count: matrices with a column for each, undefined where all count. */
function membership(task: Task, target: Tensor, classes: number): { positive: Tensor; valid: Tensor | undefined } {
  if (task === "multiclass" && classes > 1) {
    return { positive: target.unsqueeze(1).eq(torch.arange(classes)), valid: undefined };
  }
  const columns = target.ndim === 1 ? target.unsqueeze(1) : target;
  return { positive: columns.eq(1), valid: task === "multilabel" ? columns.ge(0) : undefined };
}

/**
 * The 2×2 matrix of each threshold and class, shape [thresholds, classes, 2, 2]: for two classes without the second dim.
 *
 * A sample falls in the bin between two thresholds; how many reach a threshold is the sum of the bins above it.
 */
export function binned(task: Task, [preds, target]: Pair, options: CurveValues): Tensor {
  const given = thresholdTensor(options.thresholds) as Tensor;
  const { values: sorted, indices } = given.sort();
  const count = given.numel();
  const classes = classesOf(task, options);
  const { positive, valid } = membership(task, target, classes);
  const level = torch.bucketize(preds.reshape(positive.shape), sorted.to(preds.dtype), { right: true });
  const group = torch.arange(classes).mul(2).add(positive.to(torch.int64));
  const cells = group.mul(count + 1).add(level);
  const counted = valid === undefined ? cells.flatten() : cells.maskedSelect(valid);
  const bins = torch.bincount(counted, { minlength: 2 * classes * (count + 1) }).view(classes, 2, count + 1);
  const reached = bins.flip(-1).cumsum(-1).flip(-1);
  const above = reached.narrow(-1, 1, count).indexSelect(-1, indices.argsort());
  const matrix = torch.stack([reached.narrow(-1, 0, 1).sub(above), above], -1).permute(2, 0, 1, 3);
  return hasClasses(task, options) ? matrix : matrix.squeeze(1);
}

/** The counts of each class. */
export function countsOf(task: Task, state: Record<string, Tensor>, options: CurveValues): Counts[] {
  const classes = classesOf(task, options);
  const { confmat, preds, target } = state;
  if (confmat !== undefined) {
    const matrix = confmat.ndim === 3 ? confmat.unsqueeze(1) : confmat;
    const thresholds = thresholdTensor(options.thresholds) as Tensor;
    return Array.from({ length: classes }, (_, i) => fromMatrix(matrix.select(1, i), thresholds));
  }
  const scores = preds as Tensor;
  const { positive, valid } = membership(task, target as Tensor, classes);
  return Array.from({ length: classes }, (_, i) => {
    const [column, isPositive] = [scores.ndim === 1 ? scores : scores.select(1, i), positive.select(1, i)];
    const isValid = valid?.select(1, i);
    if (isValid === undefined) return exact(column, isPositive);
    return exact(column.maskedSelect(isValid), isPositive.maskedSelect(isValid));
  });
}

/** The counts of all classes as if they were one. */
export function together(state: Record<string, Tensor>, options: CurveValues): Counts[] {
  const { confmat, preds, target } = state;
  if (confmat !== undefined) return countsOf("binary", { confmat: confmat.sum(1) }, options);
  const [scores, labels] = [preds, target].map((tensor) => (tensor as Tensor).flatten()) as Pair;
  const isValid = labels.ge(0);
  return [exact(scores.maskedSelect(isValid), labels.maskedSelect(isValid).eq(1))];
}

function fromMatrix(matrix: Tensor, thresholds: Tensor): Counts {
  const cell = (row: number, column: number) => matrix.at(":", row, column);
  const [tps, fps] = [cell(1, 1), cell(0, 1)];
  const total = (hits: Tensor, row: number) => hits.add(cell(row, 0)).at(0);
  return { thresholds, tps, fps, positives: total(tps, 1), negatives: total(fps, 0), isBinned: true };
}

/** The counts at every score that occurs. */
function exact(scores: Tensor, positive: Tensor): Counts {
  const { values, indices } = scores.detach().sort({ descending: true, stable: true });
  const size = values.numel();
  const hits = positive.indexSelect(0, indices).to(torch.int64).cumsum(0);
  // Equal scores belong to one threshold: the last of them has the count.
  const differs = size < 2 ? values.narrow(0, 0, 0) : values.narrow(0, 1, size - 1).sub(values.narrow(0, 0, size - 1));
  const isLast = torch.cat([differs.ne(0), torch.ones(Math.min(size, 1), { dtype: torch.bool })]);
  const at = (tensor: Tensor) => tensor.maskedSelect(isLast).flip(0);
  const tps = at(hits);
  const positives = positive.sum();
  return {
    thresholds: at(values),
    tps,
    fps: at(torch.arange(1, size + 1)).sub(tps),
    positives,
    negatives: torch.rsub(positives, size),
    isBinned: false,
  };
}
