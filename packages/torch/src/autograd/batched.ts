/** Several gradients through one graph, in one pass. */
import { formatShape, sameShape } from "../core/shape.js";
import type { Tensor } from "../core/tensor.js";
import type { Grads } from "./node.js";

/** Runs a function with tensors whose first dim it does not see, and gives its results with that dim. */
export type MapOver = (tensors: readonly Tensor[], body: (entries: readonly Tensor[]) => Grads) => Grads;

let mapOver: MapOver | undefined;

/** Says how a function is run for all entries of a batch at once. */
export function mapBatchesBy(map: MapOver): void {
  mapOver = map;
}

/**
 * Runs a pass for all gradients of a batch at once; the results have the batch as their first dim.
 *
 * @param gradOutputs one for each output, with the batch as the first dim.
 * @throws Error if a shape does not fit, RangeError for batches that differ in size or are empty.
 */
export function inBatches(
  outputs: readonly Tensor[],
  gradOutputs: readonly (Tensor | null)[] | undefined,
  pass: (gradOutputs: readonly Tensor[]) => Grads,
): Grads {
  const batches = outputs.map((output, i) => checkBatch(output, gradOutputs?.[i], i));
  const sizes = [...new Set(batches.map((batch) => batch.sizes[0] as number))];
  if (sizes.length > 1) {
    throw new RangeError(
      `vmap: Expected all tensors to have the same size in the mapped dimension, got sizes ${formatShape(sizes)} for the mapped dimension`,
    );
  }
  if (sizes[0] === 0) throw new RangeError("isGradsBatched: expected a batch of at least one gradient, got none");
  return (mapOver as MapOver)(batches, pass);
}

function checkBatch(output: Tensor, batch: Tensor | null | undefined, index: number): Tensor {
  if (batch === null || batch === undefined) {
    throw new TypeError(`isGradsBatched: expected a tensor as grad_output[${index}], got none`);
  }
  if (batch.sizes.length === 0 || !sameShape(batch.sizes.slice(1), output.sizes)) {
    throw new Error(
      `If isGradsBatched: true, we interpret the first dimension of each grad_output as the batch dimension. The sizes of the remaining dimensions are expected to match the shape of corresponding output, but a mismatch was detected: grad_output[${index}] has a shape of ${formatShape(batch.sizes)} and output[${index}] has a shape of ${formatShape(output.sizes)}.`,
    );
  }
  return batch;
}
