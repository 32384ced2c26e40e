/** Loops over the dims of a shape other than one, along which the kernel goes itself. */
import type { DType } from "../../core/dtype.js";
import type { Shape } from "../../core/shape.js";
import type { ArrayView } from "../../core/view.js";
import { checkedSize, checkedStride, put, putShape, putStrided } from "./launch.js";

/** An operand of lanes, the dtype as which the kernel sees its elements, and how many there are in a lane if not all. */
export type LaneOperand = readonly [view: ArrayView, dtype: DType, length?: number];

/**
 * Appends what `LaneLoop` of kernels/reduce/lanes.h reads: a loop over the dims of a shape other than `dim`, and then
 * the size and the strides along `dim`.
 */
export function putLanes(dim: number, shape: Shape, ...operands: readonly LaneOperand[]): void {
  const all = shape.length === 0 ? 1 : checkedSize(shape[dim] as number);
  const steps: number[] = [];
  putShape(shape, dim);
  for (let i = 0; i < operands.length; i++) {
    const [view, dtype, length = all] = operands[i] as LaneOperand;
    const step = checkedStride(length, view.strides[dim] as number);
    steps.push(step);
    putStrided(view, dtype, view.strides, all === 0 ? Number.NEGATIVE_INFINITY : (length - 1) * step, dim);
  }
  put(all);
  for (let i = 0; i < steps.length; i++) put(steps[i] as number);
}
