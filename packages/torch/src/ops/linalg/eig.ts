/** Eigenvalues and eigenvectors of matrices of any kind, which are complex numbers. */
import { tensor } from "../../arguments/params.js";
import { generalEigen as generalEigenKernel } from "../../backend/kernels.js";
import { int32 } from "../../core/dtype.js";
import { Tensor } from "../../core/tensor.js";
import { named, op } from "../define.js";
import type { FunctionOp, Out } from "../types.js";
import { checkFailure, checkPrecise, checkSquare } from "./checks.js";
import type { Eigen } from "./eigen.js";
import { batchOf, copyColumns, emptyColumns } from "./matrices.js";

/** Eigenvalues and, if they are wanted, eigenvectors. Not recorded. */
function decomposed(name: string, A: Tensor, wantsVectors: boolean): { values: Tensor; vectors: Tensor | undefined } {
  checkSquare(name, A);
  checkPrecise(name, A);
  const dtype = A.dtype.toComplex();
  const values = Tensor.empty(A.sizes.slice(0, -1), dtype);
  const vectors = wantsVectors ? emptyColumns(A.sizes, dtype) : undefined;
  const info = Tensor.empty(batchOf(A), int32);
  const failure = generalEigenKernel(values, copyColumns(A), info, vectors);
  checkFailure(name, A, failure, (at) =>
    at < 0
      ? "input tensor should not contain infs or NaNs."
      : `The algorithm failed to converge because the input matrix is ill-conditioned (error code: ${at}).`,
  );
  return { values, vectors };
}

/** There is no derivative yet: it takes products of complex matrices. */
function noDerivative(name: string): never {
  throw new Error(`derivative for ${name} is not implemented`);
}

/**
 * The eigenvalues of square matrices and their eigenvectors, of length 1, in the columns of matrices; both are complex.
 * Gradients do not flow through them.
 *
 * @throws LinAlgError for elements that are not finite.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.eig.html
 */
export const eig: FunctionOp<(A: Tensor, options?: { out?: readonly [Tensor, Tensor] }) => Eigen> = op({
  name: "eig",
  id: "linalg.eig",
  nodeName: "LinalgEigBackward0",
  variants: "function",
  params: { A: tensor },
  out: 2,
  overlap: "any",
  forward: ({ A }) => {
    const { values, vectors } = decomposed("linalg.eig", A, true);
    return named({ eigenvalues: values, eigenvectors: vectors as Tensor });
  },
  backward: () => noDerivative("linalg.eig"),
});

/**
 * The eigenvalues of square matrices, which are complex. Gradients do not flow through them.
 *
 * @throws LinAlgError for elements that are not finite.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.eigvals.html
 */
export const eigvals: FunctionOp<(A: Tensor, options?: Out) => Tensor> = op({
  name: "eigvals",
  id: "linalg.eigvals",
  nodeName: "LinalgEigvalsBackward0",
  variants: "function",
  params: { A: tensor },
  out: true,
  overlap: "any",
  forward: ({ A }) => decomposed("linalg.eigvals", A, false).values,
  backward: () => noDerivative("linalg.eigvals"),
});
