/** Non-maximum suppression. */
import { number, tensor } from "../../arguments/params.js";
import { suppressBoxes } from "../../backend/kernels.js";
import { bool, scalarTypeName } from "../../core/dtype.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { maskedSelect } from "../indexing/masks.js";
import { sort } from "../sorting/sorting.js";
import type { FunctionOp } from "../types.js";

/** Which of the boxes, in an order of theirs, stay; arguments were checked. */
const keptBoxes: FunctionOp<(boxes: Tensor, order: Tensor, iouThreshold: number) => Tensor> = op({
  name: "nms",
  id: "torchvision.nms.mask",
  variants: "function",
  differentiable: false,
  params: { boxes: tensor, order: tensor, iouThreshold: number },
  forward: ({ boxes, order, iouThreshold }) => {
    const kept = Tensor.empty(order.sizes, bool);
    suppressBoxes(kept, boxes.contiguous(), order.contiguous(), iouThreshold);
    return kept;
  },
});

/**
 * The indices of the boxes `[N, 4]` that stay when of those that overlap by more than a threshold the one with the
 * highest score does: int64, by falling score.
 *
 * @throws Error unless there are N scores of the dtype of the boxes.
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.nms.html
 */
export const nms: FunctionOp<(dets: Tensor, scores: Tensor, iouThreshold: number) => Tensor> = op({
  name: "nms",
  id: "torchvision.nms",
  variants: "function",
  params: { dets: tensor, scores: tensor, iouThreshold: number },
  composite: ({ dets, scores, iouThreshold }) => {
    checkBoxes(dets, scores);
    const { indices } = sort(scores.detach(), -1, { descending: true, stable: true });
    return maskedSelect(indices, keptBoxes(dets.detach(), indices, iouThreshold));
  },
});

function checkBoxes({ sizes, dtype }: Tensor, scores: Tensor): void {
  if (sizes.length !== 2) throw new Error(`boxes should be a 2d tensor, got ${sizes.length}D`);
  if (sizes[1] !== 4) throw new Error(`boxes should have 4 elements in dimension 1, got ${sizes[1]}`);
  if (scores.sizes.length !== 1) throw new Error(`scores should be a 1d tensor, got ${scores.sizes.length}D`);
  if (sizes[0] !== scores.sizes[0]) {
    throw new Error(
      `boxes and scores should have same number of elements in dimension 0, got ${sizes[0]} and ${scores.sizes[0]}`,
    );
  }
  if (dtype !== scores.dtype)
    throw new TypeError(`dets should have the same type as scores, got ${dtype} and ${scores.dtype}`);
  if (!dtype.isFloatingPoint) throw new TypeError(`"nms_kernel" not implemented for '${scalarTypeName(dtype)}'`);
}
