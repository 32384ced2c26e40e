/** Singular values of large matrices, as far as a few random directions tell of them. */
import { flagOn, int, optional, tensor } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import { named, op } from "../define.js";
import { randn } from "../random/randomTensors.js";
import type { Args, FunctionOp } from "../types.js";
import { matrixSizes } from "./matrices.js";
import type { SingularVectors } from "./older.js";
import { qr } from "./qr.js";
import { singular } from "./svd.js";

/** A - M, or A alone, times x. */
function times(A: Tensor, M: Tensor | undefined, x: Tensor): Tensor {
  return M === undefined ? A.matmul(x) : A.matmul(x).sub(M.matmul(x));
}

/** Columns that span, nearly, what the first singular vectors of A - M do. */
function basisOf(A: Tensor, M: Tensor | undefined, count: number, rounds: number): Tensor {
  const start = randn([A.sizes.at(-1) as number, count], { dtype: A.dtype, device: A.device });
  let { Q } = qr(times(A, M, start));
  for (let i = 0; i < rounds; i++) {
    Q = qr(times(A.mH, M?.mH, Q)).Q;
    Q = qr(times(A, M, Q)).Q;
  }
  return Q;
}

function decomposed(A: Tensor, count: number, rounds: number, M?: Tensor): SingularVectors {
  const [rows, columns] = matrixSizes(A);
  if (rows < columns || columns > count) {
    const Q = basisOf(A.mH, M?.mH, count, rounds);
    const { U, S, Vh } = singular(times(A, M, Q));
    return named({ U, S, V: Q.matmul(Vh.mH) });
  }
  const Q = basisOf(A, M, count, rounds);
  const { U, S, Vh } = singular(times(A.mH, M?.mH, Q).mH);
  return named({ U: Q.matmul(U), S, V: Vh.mH });
}

/**
 * The largest singular values of a matrix and their vectors, nearly: input - M is about U diag(S) Vᴴ.
 *
 * @param q how many, 6 by default.
 * @param niter how often the random directions are turned towards the singular vectors, 2 by default.
 * @param M a matrix, such as a mean, that is subtracted.
 * @see https://pytorch.org/docs/stable/generated/torch.svd_lowrank.html
 */
export const svdLowrank: FunctionOp<
  (
    A: Tensor,
    ...args: Args<[q?: number | null, niter?: number | null, M?: Tensor | null], ["q", "niter", "M"]>
  ) => SingularVectors
> = op({
  name: "svdLowrank",
  variants: "function",
  params: { A: tensor, q: optional(int, 6), niter: optional(int, 2), M: optional(tensor) },
  composite: ({ A, q, niter, M }) => decomposed(A, q, niter, M?.expand(A.sizes)),
});

/**
 * The principal components of rows of numbers, nearly: `svdLowrank` of what is left without the mean row.
 *
 * @param q how many; 6 by default, or fewer for a smaller matrix.
 * @param options.center false where the mean is 0 already.
 * @param options.niter how often the random directions are turned towards the singular vectors, 2 by default.
 * @see https://pytorch.org/docs/stable/generated/torch.pca_lowrank.html
 */
export const pcaLowrank: FunctionOp<
  (A: Tensor, ...args: Args<[q?: number | null], ["q"], { center?: boolean; niter?: number }>) => SingularVectors
> = op({
  name: "pcaLowrank",
  variants: "function",
  params: { A: tensor, q: optional(int), center: flagOn, niter: optional(int, 2) },
  composite: ({ A, q, center, niter }) => {
    const [rows, columns] = matrixSizes(A);
    const count = q ?? Math.min(6, rows, columns);
    if (!(count >= 0 && count <= Math.min(rows, columns))) {
      throw new RangeError(
        `q(=${count}) must be non-negative integer and not greater than min(m, n)=${Math.min(rows, columns)}`,
      );
    }
    if (niter < 0) throw new RangeError(`niter(=${niter}) must be non-negative integer`);
    return decomposed(center ? A.sub(A.mean(-2, { keepdim: true })) : A, count, niter);
  },
});
