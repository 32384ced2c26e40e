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
