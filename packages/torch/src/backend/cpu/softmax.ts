/** Softmax and log-softmax, and their gradients. All operands have one shape and one floating dtype. */

import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import { putLanes } from "./lanes.js";
import { begin, launch, put, putDType } from "./launch.js";

const runSoftmax = kernel("softmax");

/** out = softmax(a) along `dim`, or its logarithm. `out` may be `a`. */
export function softmax(out: ArrayView, a: ArrayView, dim: number, log: boolean): void {
  const list = begin();
  const dtype = putDType(a.dtype);
  put(log ? 1 : 0);
  putLanes(dim, a.sizes, [out, dtype], [a, dtype]);
  launch(runSoftmax, list);
}

const runSoftmaxBackward = kernel("softmaxBackward");

/** The gradient of the input from that of `output = softmax(input)`. `gradInput` may be `grad`. */
export function softmaxBackward(
  gradInput: ArrayView,
  grad: ArrayView,
  output: ArrayView,
  dim: number,
  log: boolean,
): void {
  const list = begin();
  const dtype = putDType(grad.dtype);
  put(log ? 1 : 0);
  putLanes(dim, grad.sizes, [gradInput, dtype], [grad, dtype], [output, dtype]);
  launch(runSoftmaxBackward, list);
}
