/** Eigenvalues and eigenvectors of matrices of any kind, which are complex numbers. */
import { tensor } from "../../arguments/params.js";
import { generalEigen as generalEigenKernel } from "../../backend/kernels.js";
import { int32 } from "../../core/dtype.js";
import { Tensor } from "../../core/tensor.js";
import { named, op } from "../define.js";
import { isFollowed } from "../dispatch.js";
import type { FunctionOp, Out } from "../types.js";
import { checkFailure, checkPrecise, checkSquare } from "./checks.js";
import { checkPhases, differencesOf, type Eigen } from "./eigen.js";
import { solve } from "./inverse.js";
import { batchOf, copyColumns, emptyColumns } from "./matrices.js";

/** Eigenvalues and, if they are wanted, eigenvectors. Not recorded. */
function decomposed(name: string, A: Tensor, wantsVectors: boolean): { values: Tensor; vectors: Tensor | undefined } {
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

const decomposeNode: FunctionOp<(A: Tensor) => Eigen> = op({
  name: "eig",
  id: "linalg.eig.node",
  nodeName: "LinalgEigBackward0",
  variants: "function",
  params: { A: tensor },
  ownConjugation: true,
  forward: ({ A }) => {
    const { values, vectors } = decomposed("linalg.eig", A, true);
    return named({ eigenvalues: values, eigenvectors: vectors as Tensor });
  },
  saves: ["A", "results"],
  backward: ([gradValues, gradVectors], { A, results }) => {
    const [values, V] = results as [Tensor, Tensor];
    if (gradVectors === undefined && gradValues === undefined) return {};
    let inner = gradValues?.diagEmbed();
    if (gradVectors !== undefined) {
      const along = V.mH.matmul(gradVectors);
      checkPhases("linalg_eig_backward: The eigenvectors", "quantity, so it is", along);
      // Their length is 1, so that what would change it has no effect.
      const lengths = along.diagonal(0, -2, -1).real.unsqueeze(-2);
      const turned = along.sub(V.mH.matmul(V).mul(lengths)).div(differencesOf(values).conj());
      inner = inner === undefined ? turned : turned.add(inner);
    }
    const grad = solve(V.mH, (inner as Tensor).matmul(V.mH));
    return { A: A.dtype.isComplex ? grad : grad.real };
  },
});

const valuesOnly: FunctionOp<(A: Tensor) => Tensor> = op({
  name: "eigvals",
  id: "linalg.eigvals.values",
  variants: "function",
  params: { A: tensor },
  differentiable: false,
  forward: ({ A }) => decomposed("linalg.eigvals", A, false).values,
});

/**
 * The eigenvalues of square matrices and their eigenvectors, of length 1, in the columns of matrices; both are complex.
 *
 * Gradients flow where the eigenvalues differ, and where the result does not depend on the phases of the eigenvectors.
 *
 * @throws LinAlgError for elements that are not finite.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.eig.html
 */
export const eig: FunctionOp<(A: Tensor, options?: { out?: readonly [Tensor, Tensor] }) => Eigen> = op({
  name: "eig",
  id: "linalg.eig",
  variants: "function",
  params: { A: tensor },
  out: 2,
  overlap: "any",
  composite: ({ A }) => {
    checkSquare("linalg.eig", A);
    checkPrecise("linalg.eig", A);
    return decomposeNode(A);
  },
});

/**
 * The eigenvalues of square matrices, which are complex.
 *
 * @throws LinAlgError for elements that are not finite.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.eigvals.html
 */
export const eigvals: FunctionOp<(A: Tensor, options?: Out) => Tensor> = op({
  name: "eigvals",
  id: "linalg.eigvals",
  variants: "function",
  params: { A: tensor },
  out: true,
  overlap: "any",
  composite: ({ A }) => {
    checkSquare("linalg.eigvals", A);
    checkPrecise("linalg.eigvals", A);
    return isFollowed(A) ? decomposeNode(A).eigenvalues : valuesOnly(A);
  },
});
