/** What operations share that change some elements of a tensor: the copy that they change, and sources in it. */
import { copy } from "../../backend/cpu/elementwise.js";
import { extentOf, isNonOverlappingAndDense, type Shape, sameShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { checkNoInternalOverlap } from "../copyInto.js";
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

/**
 * A source from which is read while a tensor is changed in place.
 *
 * @returns a copy where both may share memory.
 * @throws Error if they surely do.
 */
export function withoutOverlap(input: Tensor, source: Tensor, out: Tensor | undefined): Tensor {
  if (out !== input || source.storage !== input.storage) return source;
  const dense = [input, source].every(({ sizes, strides }) => isNonOverlappingAndDense(sizes, strides));
  const end = ({ offset, sizes, strides }: Tensor) => offset + extentOf(sizes, strides);
  const apart = input.offset >= end(source) || source.offset >= end(input);
  if (dense && !apart) {
    throw new Error(
      "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation.",
    );
  }
  return apart ? source : copied(source);
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
