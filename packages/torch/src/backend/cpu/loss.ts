/**
 * Losses over classes: negative log-likelihood and cross entropy.
 *
 * Targets are int64. Those equal to `ignoreIndex` count nothing; any other that is not a class throws before
 * anything is written. Floating operands have one dtype.
 */
import { type DType, int64 } from "../../core/dtype.js";
import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import {
  begin,
  checkedSize,
  errorDetail,
  launch,
  put,
  putAddress,
  putDType,
  putStride,
  reachOf,
  status,
} from "./launch.js";

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
  const list = begin();
  const dtype = putDType(logProbs.dtype);
  put(reductions.indexOf(reduction));
  put(ignoreIndex);
  const [n, classes, inner] = putSizes(logProbs, 3) as [number, number, number];
  putGrid(out, dtype, [n, inner]);
  putGrid(totalWeight, dtype, []);
  putGrid(logProbs, dtype, [n, classes, inner]);
  putGrid(target, int64, [n, inner]);
  putGrid(weight, dtype, [classes]);
  launch(runNll, list);
  checkTargets(classes);
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
  const list = begin();
  const dtype = putDType(gradInput.dtype);
  put(reductions.indexOf(reduction));
  put(ignoreIndex);
  const [n, classes, inner] = putSizes(gradInput, 3) as [number, number, number];
  putGrid(gradInput, dtype, [n, classes, inner]);
  putGrid(gradOut, dtype, [n, inner]);
  putGrid(totalWeight, dtype, []);
  putGrid(target, int64, [n, inner]);
  putGrid(weight, dtype, [classes]);
  launch(runNllBackward, list);
  checkTargets(classes);
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
  const list = begin();
  const dtype = putDType(logits.dtype);
  const [n, classes] = putCrossEntropy(logits, ignoreIndex, reduction, labelSmoothing);
  putGrid(out, dtype, [n]);
  putGrid(totalWeight, dtype, []);
  putRows(logProbs, dtype, n, classes);
  putGrid(logits, dtype, [n, classes]);
  putGrid(target, int64, [n]);
  putGrid(weight, dtype, [classes]);
  launch(runCrossEntropy, list);
  checkTargets(classes);
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
  const list = begin();
  const dtype = putDType(gradInput.dtype);
  const [n, classes] = putCrossEntropy(gradInput, ignoreIndex, reduction, labelSmoothing);
  putRows(gradInput, dtype, n, classes);
  putGrid(gradOut, dtype, [n]);
  putGrid(totalWeight, dtype, []);
  putRows(logProbs, dtype, n, classes);
  putGrid(target, int64, [n]);
  putGrid(weight, dtype, [classes]);
  launch(runCrossEntropyBackward, list);
  checkTargets(classes);
}

function putCrossEntropy(
  logits: ArrayView,
  ignoreIndex: number,
  reduction: LossReduction,
  labelSmoothing: number,
): [n: number, classes: number] {
  put(reductions.indexOf(reduction));
  put(ignoreIndex);
  put(labelSmoothing);
  return putSizes(logits, 2) as [number, number];
}

/** Appends the sizes of a view of `ndim` dims, and returns them. */
function putSizes(view: ArrayView, ndim: number): number[] {
  const sizes = view.sizes.slice(0, ndim).map(checkedSize);
  for (let d = 0; d < ndim; d++) put(sizes[d] as number);
  return sizes;
}

/** Appends the address and strides of a view of some sizes; a single element stands at every index. */
function putGrid(view: ArrayView | undefined, dtype: DType, sizes: readonly number[]): void {
  const single = view === undefined || view.sizes.length !== sizes.length;
  const strides = single ? sizes.map(() => 0) : [...view.strides];
  // One that holds a sum is written even where there is nothing to add up.
  if (view === undefined) put(0);
  else putAddress(view, dtype, single ? 1 : reachOf(sizes, strides) + 1);
  for (let d = 0; d < sizes.length; d++) putStride(sizes[d] as number, strides[d] as number);
}

/** The same for one of two dims whose rows the kernel takes to have no gaps. */
function putRows(view: ArrayView, dtype: DType, n: number, classes: number): void {
  const strides = [view.strides[0] as number, 1];
  putAddress(view, dtype, reachOf([n, classes], strides) + 1);
  putStride(n, strides[0] as number);
  put(1);
}

function checkTargets(classes: number): void {
  if (status() === 0) return;
  const range = classes === 1 ? "1 class: 0" : `${classes} classes: 0 to ${classes - 1}`;
  throw new RangeError(`Target ${errorDetail()} is out of bounds. For ${range}`);
}
