/**
 * Connectionist temporal classification: how likely target sequences are under all their alignments with the inputs.
 *
 * Log-probabilities `[times, batch, classes]` and all other floating operands are row-major and of one dtype.
 */
import { int64 } from "../../core/dtype.js";
import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import { begin, checkedSize, errorDetail, launch, put, putAddress, putDType, status } from "./launch.js";

/** Target sequences: int64 labels of all of them, and of each of the batch where it begins and how long it is. */
export interface CtcTargets {
  readonly blank: number;
  readonly labels: ArrayView;
  readonly starts: readonly number[];
  readonly lengths: readonly number[];
  /** How many times of the input count, which are no more than there are. */
  readonly inputLengths: readonly number[];
}

function putTargets(logProbs: ArrayView, targets: CtcTargets): void {
  const { blank, labels, starts, lengths, inputLengths } = targets;
  const [times, batch, classes] = logProbs.sizes.map(checkedSize) as [number, number, number];
  for (const size of [times, batch, classes, Math.min(blank, classes - 1)]) put(size);
  put(longest(targets));
  let end = 0;
  for (let b = 0; b < batch; b++)
    end = Math.max(end, checkedSize(starts[b] as number) + checkedSize(lengths[b] as number));
  putAddress(labels, int64, end);
  for (let b = 0; b < batch; b++) {
    put(Math.min(times, checkedSize(inputLengths[b] as number)));
    put(lengths[b] as number);
    put(starts[b] as number);
  }
}

function longest({ lengths }: CtcTargets): number {
  return lengths.reduce((most, length) => Math.max(most, length), 0);
}

/** Elements of α for the log-probabilities of a shape. */
function alphaSize(logProbs: ArrayView, targets: CtcTargets): number {
  const [times, batch] = logProbs.sizes as [number, number];
  return batch * times * (2 * longest(targets) + 1);
}

function checkLabels(): void {
  if (status() !== 0) throw new RangeError(`Target ${errorDetail()} is out of bounds.`);
}

const runCtcLoss = kernel("ctcLoss");

/**
 * `losses` takes the negative log-likelihood of each target, and `alpha`, of `[batch, times, 2 S + 1]` for the longest
 * target's S labels, what the gradient needs.
 */
export function ctcLoss(losses: ArrayView, alpha: ArrayView, logProbs: ArrayView, targets: CtcTargets): void {
  const [times, batch, classes] = logProbs.sizes as [number, number, number];
  const list = begin();
  const dtype = putDType(logProbs.dtype);
  putTargets(logProbs, targets);
  putAddress(logProbs, dtype, times * batch * classes);
  putAddress(losses, dtype, batch);
  putAddress(alpha, dtype, alphaSize(logProbs, targets));
  launch(runCtcLoss, list);
  checkLabels();
}

const runCtcLossBackward = kernel("ctcLossBackward");

/** The gradient of the log-probabilities from that of the losses. With `zeroInfinity`, infinite losses have none. */
export function ctcLossBackward(
  gradInput: ArrayView,
  gradOut: ArrayView,
  logProbs: ArrayView,
  targets: CtcTargets,
  losses: ArrayView,
  alpha: ArrayView,
  zeroInfinity: boolean,
): void {
  const [times, batch, classes] = logProbs.sizes as [number, number, number];
  const list = begin();
  const dtype = putDType(logProbs.dtype);
  putTargets(logProbs, targets);
  putAddress(logProbs, dtype, times * batch * classes);
  putAddress(losses, dtype, batch);
  putAddress(alpha, dtype, alphaSize(logProbs, targets));
  put(zeroInfinity ? 1 : 0);
  putAddress(gradOut, dtype, batch);
  putAddress(gradInput, dtype, times * batch * classes);
  launch(runCtcLossBackward, list);
  checkLabels();
}
