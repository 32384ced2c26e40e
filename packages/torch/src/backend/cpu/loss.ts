/**
 * Losses over classes: negative log-likelihood and cross entropy.
 *
 * Targets are int64. Those equal to `ignoreIndex` count nothing; any other that is not a class throws before
 * anything is written. Floating operands have one dtype.
 */

import type { ArrayView } from "../../core/view.js";
import { kernel } from "../native.js";
import { begin, errorDetail, put, putAddress, status } from "./launch.js";

/** In the order of the codes in kernels/loss/loss.h. */
const reductions = ["none", "mean", "sum"] as const;
export type LossReduction = (typeof reductions)[number];

const runNll = kernel("nllLoss");

/**
 * out = the loss of logProbs (N, C, inner) for target (N, inner), weighted by `weight` (C): (N, inner) for
 * `"none"`, otherwise one element. `totalWeight`, of one element, takes the sum of the targets' weights.
 */
export function nllLoss(
  out: ArrayView,
  totalWeight: ArrayView,
  logProbs: ArrayView,
  target: ArrayView,
  weight: ArrayView | undefined,
  ignoreIndex: number,
  reduction: LossReduction,
): void {
  begin();
  put(logProbs.dtype.id);
  put(reductions.indexOf(reduction));
  put(ignoreIndex);
  for (const size of logProbs.sizes) put(size);
  putGrid(out, 2);
  putGrid(totalWeight, 0);
  putGrid(logProbs, 3);
  putGrid(target, 2);
  putGrid(weight, 1);
  runNll();
  checkTargets();
}

const runNllBackward = kernel("nllLossBackward");

/** The gradient of logProbs from that of the loss, which has the shape of the loss; writes all of `gradInput`. */
export function nllLossBackward(
  gradInput: ArrayView,
  gradOut: ArrayView,
  target: ArrayView,
  weight: ArrayView | undefined,
  totalWeight: ArrayView,
  ignoreIndex: number,
  reduction: LossReduction,
): void {
  begin();
  put(gradInput.dtype.id);
  put(reductions.indexOf(reduction));
  put(ignoreIndex);
  for (const size of gradInput.sizes) put(size);
  putGrid(gradInput, 3);
  putGrid(gradOut, 2);
  putGrid(totalWeight, 0);
  putGrid(target, 2);
  putGrid(weight, 1);
  runNllBackward();
  checkTargets();
}

const runCrossEntropy = kernel("crossEntropy");

/**
 * out = the cross entropy of logits (N, C) with target (N): (N) for `"none"`, otherwise one element.
 * `logProbs` (N, C), contiguous, takes log-softmax of the logits, which the gradient needs, and `totalWeight`
 * the sum of the targets' weights.
 */
export function crossEntropy(
  out: ArrayView,
  totalWeight: ArrayView,
  logProbs: ArrayView,
  logits: ArrayView,
  target: ArrayView,
  weight: ArrayView | undefined,
  ignoreIndex: number,
  reduction: LossReduction,
  labelSmoothing: number,
): void {
  beginCrossEntropy(logits, ignoreIndex, reduction, labelSmoothing);
  putGrid(out, 1);
  putGrid(totalWeight, 0);
  putGrid(logProbs, 2);
  putGrid(logits, 2);
  putGrid(target, 1);
  putGrid(weight, 1);
  runCrossEntropy();
  checkTargets();
}

const runCrossEntropyBackward = kernel("crossEntropyBackward");

/** The gradient of the logits (contiguous) from that of the loss, which has the shape of the loss. */
export function crossEntropyBackward(
  gradInput: ArrayView,
  gradOut: ArrayView,
  logProbs: ArrayView,
  target: ArrayView,
  weight: ArrayView | undefined,
  totalWeight: ArrayView,
  ignoreIndex: number,
  reduction: LossReduction,
  labelSmoothing: number,
): void {
  beginCrossEntropy(gradInput, ignoreIndex, reduction, labelSmoothing);
  putGrid(gradInput, 2);
  putGrid(gradOut, 1);
  putGrid(totalWeight, 0);
  putGrid(logProbs, 2);
  putGrid(target, 1);
  putGrid(weight, 1);
  runCrossEntropyBackward();
  checkTargets();
}

function beginCrossEntropy(
  logits: ArrayView,
  ignoreIndex: number,
  reduction: LossReduction,
  labelSmoothing: number,
): void {
  begin();
  put(logits.dtype.id);
  put(reductions.indexOf(reduction));
  put(ignoreIndex);
  put(labelSmoothing);
  for (const size of logits.sizes) put(size);
}

/** Appends the address and strides of a view of `ndim` dims; a single element stands at every index. */
function putGrid(view: ArrayView | undefined, ndim: number): void {
  if (view === undefined) put(0);
  else putAddress(view);
  const single = view === undefined || view.sizes.length !== ndim;
  for (let d = 0; d < ndim; d++) put(single ? 0 : (view.strides[d] as number));
}

function checkTargets(): void {
  if (status() !== 0) throw new RangeError(`Target ${errorDetail()} is out of bounds.`);
}
