/** Orthonormal bases. */
import { float64 } from "../core/dtype.js";
import type { Tensor } from "../core/tensor.js";

/** Columns of length 1, each orthogonal to those before it and spanning the same space with them. */
export function orthonormalColumns(matrix: Tensor): Tensor {
  const basis = matrix.to(float64, { copy: true });
  for (let i = 0; i < (matrix.sizes[1] as number); i++) {
    const column = basis.select(1, i);
    const done = basis.narrow(1, 0, i);
    // Twice, as the first time leaves an error where the column is almost a combination of those before.
    for (let round = 0; round < 2; round++) column.sub_(done.matmul(done.t().matmul(column)));
    column.div_(column.norm());
  }
  return basis.to(matrix.dtype);
}
