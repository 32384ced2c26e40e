/** Eigenvalues and eigenvectors of symmetric and Hermitian matrices. */
import { keyword, optional, refusing, tensor, word } from "../../arguments/params.js";
import { symmetricEigen as symmetricEigenKernel } from "../../backend/kernels.js";
import { int32 } from "../../core/dtype.js";
import { Tensor } from "../../core/tensor.js";
import { zerosLike } from "../creation/filled.js";
import { type Named, named, op } from "../define.js";
import { isFollowed, isTransforming } from "../dispatch.js";
import { allclose } from "../pointwise/comparison.js";
import type { FunctionOp, Out } from "../types.js";
import { checkFailure, checkPrecise, checkSquare } from "./checks.js";
import { batchOf, copyColumns } from "./matrices.js";

export type Eigen = Named<{ readonly eigenvalues: Tensor; readonly eigenvectors: Tensor }>;
/** The triangle of a symmetric matrix that is read. */
export type Triangle = "L" | "U";
/** How a triangle may be named. */
export type TriangleWord = Triangle | "l" | "u";

/** What the iterations of decompositions say when they fail. */
export function notConverged(info: number): string {
  return info < 0
    ? "The algorithm failed to converge because the input matrix contained non-finite values."
    : `The algorithm failed to converge because the input matrix is ill-conditioned or has too many repeated eigenvalues (error code: ${info}).`;
}

/**
 * The differences of values by which derivatives of turned vectors are divided; infinite on the diagonal, where a turn
 * changes nothing, so that there is no gradient.
 */
export function differencesOf(values: Tensor): Tensor {
  return values.unsqueeze(-2).sub(values.unsqueeze(-1)).add(values.mul(0).add(Infinity).diagEmbed());
}

/**
 * Throws where a function of complex vectors changes when they are multiplied by a number of magnitude 1, which leaves them
 * what they are: then it has no derivative.
 *
 * @param along products of the vectors and their gradients, on the diagonals.
 */
export function checkPhases(vectors: string, depends: string, along: Tensor): void {
  if (!along.dtype.isComplex || isTransforming() || along.device === "meta") return;
  const turns = along.detach().diagonal(0, -2, -1).imag;
  if (allclose(turns, zerosLike(turns), 1e-2, 1e-2)) return;
  throw new Error(
    `${vectors} in the complex case are specified up to multiplication by e^{i phi}. The specified loss function depends on this ${depends} ill-defined.`,
  );
}

/** Eigenvalues and, in the place of a copy of the matrices, eigenvectors if they are wanted. Not recorded. */
function decomposed(A: Tensor, UPLO: Triangle, wantsVectors: boolean): { eigenvalues: Tensor; eigenvectors: Tensor } {
  const matrices = copyColumns(UPLO === "U" ? A.mH : A);
  const eigenvalues = Tensor.empty(A.sizes.slice(0, -1), A.dtype.toReal());
  const failure = symmetricEigenKernel(eigenvalues, matrices, Tensor.empty(batchOf(A), int32), wantsVectors);
  checkFailure("linalg.eigh", A, failure, notConverged);
  return { eigenvalues, eigenvectors: matrices };
}

const decomposeNode: FunctionOp<(A: Tensor, options: { UPLO: Triangle }) => Eigen> = op({
  name: "eigh",
  id: "linalg.eigh.node",
  nodeName: "LinalgEighBackward0",
  variants: "function",
  params: { A: tensor, UPLO: keyword(word("L", "U")) },
  ownConjugation: true,
  forward: ({ A, UPLO }) => named(decomposed(A, UPLO, true)),
  saves: ["results"],
  backward: ([gradValues, gradVectors], { results }) => {
    const [values, V] = results as [Tensor, Tensor];
    if (gradVectors === undefined) {
      if (gradValues === undefined) return {};
      return { A: V.mul(gradValues.unsqueeze(-2)).matmul(V.mH) };
    }
    const along = V.mH.matmul(gradVectors);
    checkPhases("linalg_eigh_backward: The eigenvectors", "quantity, so it is", along);
    const turned = along.div(differencesOf(values));
    const inner = gradValues === undefined ? turned : turned.add(gradValues.diagEmbed());
    return { A: V.matmul(inner).matmul(V.mH) };
  },
});

const valuesOnly: FunctionOp<(A: Tensor, options: { UPLO: Triangle }) => Tensor> = op({
  name: "eigvalsh",
  id: "linalg.eigvalsh.values",
  variants: "function",
  params: { A: tensor, UPLO: keyword(word("L", "U")) },
  differentiable: false,
  forward: ({ A, UPLO }) => decomposed(A, UPLO, false).eigenvalues,
});

const letter = word("L", "U");

/** A letter in either case, as PyTorch takes it. */
const triangle = optional(
  refusing(
    { ...letter, read: (value) => letter.read(typeof value === "string" ? value.toUpperCase() : value) },
    (given) => `Expected UPLO argument to be 'L' or 'U', but got ${given}`,
  ),
  "L",
);

/**
 * The eigenvalues of symmetric or Hermitian matrices in ascending order, and eigenvectors in the columns of matrices.
 *
 * @param options.UPLO which triangle of A is read, `"L"` by default.
 * @throws LinAlgError for elements that are not finite.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.eigh.html
 */
export const eigh: FunctionOp<
  (A: Tensor, options?: { UPLO?: TriangleWord; out?: readonly [Tensor, Tensor] }) => Eigen
> = op({
  name: "eigh",
  id: "linalg.eigh",
  variants: "function",
  params: { A: tensor, UPLO: triangle },
  out: 2,
  overlap: "any",
  composite: ({ A, UPLO }) => {
    checkSquare("linalg.eigh", A);
    checkPrecise("linalg.eigh", A);
    return decomposeNode(A, { UPLO });
  },
});

/**
 * The eigenvalues of symmetric or Hermitian matrices in ascending order.
 *
 * @param options.UPLO which triangle of A is read, `"L"` by default.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.eigvalsh.html
 */
export const eigvalsh: FunctionOp<(A: Tensor, options?: { UPLO?: TriangleWord } & Out) => Tensor> = op({
  name: "eigvalsh",
  id: "linalg.eigvalsh",
  variants: "function",
  params: { A: tensor, UPLO: triangle },
  out: true,
  overlap: "any",
  composite: ({ A, UPLO }) => {
    checkSquare("linalg.eigvalsh", A);
    checkPrecise("linalg.eigvalsh", A);
    return isFollowed(A) ? decomposeNode(A, { UPLO }).eigenvalues : valuesOnly(A, { UPLO });
  },
});
