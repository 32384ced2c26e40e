/** Orthonormal bases. */
import type { Tensor } from "../core/tensor.js";
import { geqrf, orgqr } from "../ops/functions.js";

/** Columns of length 1, each orthogonal to those before it and spanning the same space with them, for each matrix. */
export function orthonormalColumns(matrix: Tensor): Tensor {
  const { a, tau } = geqrf(matrix);
  return orgqr(a, tau).mul(a.diagonal(0, -2, -1).sign().unsqueeze(-2));
}
