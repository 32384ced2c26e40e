/** What operations share that change some elements of a tensor: the copy that they change. */
import { copy } from "../../backend/kernels.js";
import { type Shape, sameShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { checkNoInternalOverlap } from "../overlap.js";
import { emptyResult } from "../pointwise/pointwise.js";

/** A copy of a tensor in memory of its own. Not recorded. */
export function copied(input: Tensor): Tensor {
  const result = emptyResult(input.sizes, input.dtype, [input]);
  copy(result, input);
  return result;
}

/** Runs a kernel that changes a tensor: on the input itself where that is the place of the result, else on a copy. */
export function changed(input: Tensor, out: Tensor | undefined, run: (target: Tensor) => void): Tensor {
  if (out === input) checkNoInternalOverlap(input);
  const target = out === input ? input : copied(input);
  run(target);
  return target;
}

/** A tensor as it broadcasts to a shape. Not recorded. */
export function broadcastView(input: Tensor, shape: Shape): Tensor {
  const missing = shape.length - input.sizes.length;
  const strides = shape.map((_, d) =>
    d < missing || input.sizes[d - missing] === 1 ? 0 : (input.strides[d - missing] as number),
  );
  return input.viewOf(shape, strides, input.offset);
}

/** A tensor with zeros after the end of each dim up to the given sizes. */
export function padded(input: Tensor, sizes: Shape): Tensor {
  if (sameShape(input.sizes, sizes)) return input;
  const result = input.newZeros(sizes);
  firstPart(result, input.sizes).copy_(input);
  return result;
}

/** The first elements of each dim. */
export function firstPart(input: Tensor, sizes: Shape): Tensor {
  return sizes.reduce((view, size, d) => (view.sizes[d] === size ? view : view.narrow(d, 0, size)), input);
}
