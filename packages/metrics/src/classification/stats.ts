/** True and false positives and negatives of each class, from which many metrics come. */
import torch, { type Tensor } from "flambeau";
import { divide } from "../inputs.js";
import type { Labels } from "./labels.js";
import type { Average, Task } from "./options.js";

/** Counts of one class, or of each in the last dim. */
export type Stats = Record<"tp" | "fp" | "tn" | "fn", Tensor>;

/** Whether dims beyond the first belong to the samples, which then have counts of their own. */
export type MultidimAverage = "global" | "samplewise";

/** Labels of shape [N, …] as [N, M]. */
function rowsOf(labels: Tensor): Tensor {
  if (labels.ndim < 2) return labels.reshape([labels.numel(), 1]);
  return labels.flatten(1, -1);
}

/** The counts of yes and no; with `hasLabelDim`, of each index of the second dim. */
function booleanStats({ preds, target, valid }: Labels, isSamplewise: boolean, hasLabelDim: boolean): Stats {
  const flat = (tensor: Tensor) => {
    if (!hasLabelDim) return rowsOf(tensor).unsqueeze(1);
    return tensor.ndim === 2 ? tensor.unsqueeze(2) : tensor.flatten(2, -1);
  };
  const [p, t] = [flat(preds), flat(target)];
  const mask = valid === undefined ? undefined : flat(valid);
  const count = (hits: Tensor) => {
    const sums = (mask === undefined ? hits : hits.logicalAnd(mask)).sum(isSamplewise ? [2] : [0, 2]);
    return hasLabelDim ? sums : sums.squeeze(-1);
  };
  const [notP, notT] = [p.logicalNot(), t.logicalNot()];
  return {
    tp: count(p.logicalAnd(t)),
    fp: count(p.logicalAnd(notT)),
    tn: count(notP.logicalAnd(notT)),
    fn: count(notP.logicalAnd(t)),
  };
}

/** The counts of each class, by histograms of the labels. */
function classStats({ preds, target, valid }: Labels, isSamplewise: boolean, numClasses: number): Stats {
  const [p, t] = [rowsOf(preds), rowsOf(target)];
  const samples = p.shape[0] as number;
  // The samples' classes follow each other in one histogram.
  const offset = isSamplewise ? torch.arange(samples).mul(numClasses).unsqueeze(1) : 0;
  const isValid = valid === undefined ? undefined : rowsOf(valid);
  const histogram = (labels: Tensor, mask: Tensor | undefined) => {
    const numbered = labels.add(offset);
    const counted = mask === undefined ? numbered.flatten() : numbered.maskedSelect(mask);
    const counts = torch.bincount(counted, { minlength: (isSamplewise ? samples : 1) * numClasses });
    return isSamplewise ? counts.view(samples, numClasses) : counts;
  };
  const hits = p.eq(t);
  const tp = histogram(t, isValid === undefined ? hits : hits.logicalAnd(isValid));
  const fp = histogram(p, isValid).sub(tp);
  const support = histogram(t, isValid);
  const fn = support.sub(tp);
  return { tp, fp, fn, tn: support.sum(-1, { keepdim: true }).sub(tp).sub(fp).sub(fn) };
}

/** The counts of labels: a number, one for each sample, or for each class (and sample). */
export function statsOf(task: Task, labels: Labels, multidimAverage: MultidimAverage, numClasses: number): Stats {
  const isSamplewise = multidimAverage === "samplewise";
  if (isSamplewise && labels.target.ndim < (task === "multilabel" ? 3 : 2)) {
    throw new Error(
      `Expected input to be at least ${task === "multilabel" ? 3 : 2}D when multidimAverage is set to \`samplewise\``,
    );
  }
  if (task === "multiclass") return classStats(labels, isSamplewise, numClasses);
  return booleanStats(labels, isSamplewise, task === "multilabel");
}

/** What decides how counts become one value. */
export interface Reduction {
  readonly task: Task;
  readonly average: Average;
  readonly topK: number;
}

/** The counts of all classes together. */
export function together({ tp, fp, tn, fn }: Stats): Stats {
  const sum = (counts: Tensor) => counts.sum(-1);
  return { tp: sum(tp), fp: sum(fp), tn: sum(tn), fn: sum(fn) };
}

/** A value of each class from its counts, and one of all by an average. */
export function reduceStats(stats: Stats, { task, average, topK }: Reduction, score: (stats: Stats) => Tensor): Tensor {
  if (task === "binary") return score(stats);
  if (average === "micro") return score(together(stats));
  const scores = score(stats);
  if (average === "none" || average === null) return scores;
  return averaged(scores, classWeights(stats, average, task, topK));
}

/** How much each class counts. */
function classWeights({ tp, fp, fn }: Stats, average: "macro" | "weighted", task: Task, topK: number): Tensor {
  const support = tp.add(fn);
  if (average === "weighted") return support;
  if (task === "multilabel") return torch.onesLike(tp);
  return (topK === 1 ? support.add(fp) : support).ne(0).to(torch.int64);
}

/** The weighted mean over the last dim. */
export function averaged(scores: Tensor, weights: Tensor): Tensor {
  return divide(scores.mul(weights), weights.sum(-1, { keepdim: true })).sum(-1);
}

/** The share of all decisions, of yes and of no, that are right. */
function rightDecisions({ tp, fp, tn, fn }: Stats): Tensor {
  const right = tp.add(tn);
  return divide(right, right.add(fp).add(fn));
}

/** The share of right decisions; of several classes, of which only one is right, the share of those found. */
export function accuracyScore(stats: Stats, task: Task): Tensor {
  return task === "multiclass" ? divide(stats.tp, stats.tp.add(stats.fn)) : rightDecisions(stats);
}
