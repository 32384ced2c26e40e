/** The unit vectors of the space that several tensors span, along which Jacobians are computed. */
import type { Tensor } from "../core/tensor.js";

/**
 * For each tensor, its part of the rows of an identity matrix as large as all of them together: of shape
 * `[total, ...shape]`.
 */
export function standardBasis(tensors: readonly Tensor[]): Tensor[] {
  const total = tensors.reduce((sum, tensor) => sum + tensor.numel(), 0);
  let start = 0;
  return tensors.map((tensor) => {
    const count = tensor.numel();
    const basis = tensor.newZeros([total, count]);
    basis.diagonal(-start).fill_(1);
    start += count;
    return basis.view([total, ...tensor.sizes]);
  });
}

/** What belongs to each tensor, along a dim that goes as the rows of `standardBasis`. */
export function partsFor(rows: Tensor, dim: number, tensors: readonly Tensor[]): Tensor[] {
  let from = 0;
  return tensors.map((tensor) => {
    const count = tensor.numel();
    const part = rows.narrow(dim, from, count);
    from += count;
    return part;
  });
}

/** Rows of all outputs, which there are for each input, as a block for each output and input, with the dims of both. */
export function blocksOf(rows: readonly Tensor[], outputs: readonly Tensor[], inputs: readonly Tensor[]): Tensor[][] {
  const byInput = rows.map((all) => partsFor(all, 0, outputs));
  return outputs.map(({ sizes }, o) =>
    byInput.map((parts, k) => (parts[o] as Tensor).reshape([...sizes, ...(inputs[k] as Tensor).sizes])),
  );
}
