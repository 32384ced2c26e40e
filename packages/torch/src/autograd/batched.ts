/** Several gradients through one graph: a pass for each, and their results side by side. */
import { formatShape, sameShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { withoutRecording } from "./modes.js";
import { type Edge, type Grads, gradEdge, Node, setHistory } from "./node.js";

/**
 * Runs a pass for each gradient of a batch, and stacks the results along a new first dim.
 *
 * @param gradOutputs one for each output, with the batch as the first dim.
 * @throws Error if a shape does not fit, RangeError for batches that differ in size or are empty.
 */
export function inBatches(
  outputs: readonly Tensor[],
  gradOutputs: readonly (Tensor | null)[] | undefined,
  pass: (gradOutputs: Tensor[], isLast: boolean) => Grads,
): Grads {
  const batches = outputs.map((output, i) => checkBatch(output, gradOutputs?.[i], i));
  const sizes = [...new Set(batches.map((batch) => batch.sizes[0] as number))];
  const [count] = sizes as [number];
  if (sizes.length > 1) {
    throw new RangeError(
      `Expected all tensors to have the same size in the mapped dimension, got sizes ${formatShape(sizes)} for the mapped dimension`,
    );
  }
  if (count === 0) throw new RangeError("isGradsBatched: expected a batch of at least one gradient, got none");
  const passes = Array.from({ length: count }, (_, b) =>
    pass(
      batches.map((batch) => batch.select(0, b)),
      b === count - 1,
    ),
  );
  return (passes[0] as Grads).map((_, i) => stacked(passes.map((results) => results[i])));
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

class StackBackward extends Node {
  override name(): string {
    return "StackBackward0";
  }

  override apply([grad]: Grads): Grads {
    return this.edges.map((_, i) => grad?.select(0, i));
  }
}

/** The results of passes along a new first dim; undefined where no pass had one. */
function stacked(results: Grads): Tensor | undefined {
  const first = results.find((result) => result !== undefined);
  if (first === undefined) return undefined;
  const all = Tensor.empty([results.length, ...first.sizes], first.dtype);
  withoutRecording(() => {
    results.forEach((result, b) => {
      if (result === undefined) all.select(0, b).zero_();
      else all.select(0, b).copy_(result);
    });
  });
  const edges: (Edge | undefined)[] = results.map((result) => result && gradEdge(result));
  if (edges.some((edge) => edge !== undefined)) setHistory(all, new StackBackward(edges));
  return all;
}
