/** What operations share that change some elements of a tensor: the copy that they change, and sources in it. */
import { copy } from "../backend/cpu/elementwise.js";
import { extentOf, isNonOverlappingAndDense } from "../core/shape.js";
import type { Tensor } from "../core/tensor.js";
import { checkNoInternalOverlap } from "./copyInto.js";
import { emptyResult } from "./pointwise.js";

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
