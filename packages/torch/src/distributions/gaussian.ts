/** What multivariate normal distributions, and Wishart's, compute with factors of their covariances. */
import type { Tensor } from "../core/tensor.js";
import { eye } from "../ops/functions.js";
import { cholesky } from "../ops/linalg/cholesky.js";
import { solveTriangular } from "../ops/linalg/triangular.js";
import type { Distribution } from "./distribution.js";
import { kindOf } from "./utils.js";

/** Products of matrices with vectors, whose batches broadcast. */
export function timesVector(matrices: Tensor, vectors: Tensor): Tensor {
  return matrices.matmul(vectors.unsqueeze(-1)).squeeze(-1);
}

/**
 * xᵀ (L Lᵀ)⁻¹ x for lower triangles L. What stands before the batch of L, samples mostly, are right sides of one and the
 * same matrix, which then is not copied.
 */
export function mahalanobis(L: Tensor, x: Tensor): Tensor {
  const outer = Math.max(x.dim() + 1 - L.dim(), 0);
  const batch = x.shape.slice(outer);
  const columns = x.reshape([-1, ...batch]).movedim(0, -1);
  const squares = solveTriangular(L, columns, { upper: false }).pow(2).sum(-2);
  return squares.movedim(-1, 0).reshape([...x.shape.slice(0, outer), ...squares.shape.slice(0, -1)]);
}

/** The logarithm of the determinant of L. */
export function logDiagonal(L: Tensor): Tensor {
  return L.diagonal(0, -2, -1).log().sum(-1);
}

/** The lower triangle L with L Lᵀ = P⁻¹: that of P, turned around, is inverted. */
export function factorOfInverse(P: Tensor): Tensor {
  const turned = cholesky(P.flip(-2, -1)).flip(-2, -1).mT;
  return solveTriangular(turned, eye(P.shape.at(-1) as number, kindOf(P)), { upper: false });
}

/** Sums of the squares of the elements of matrices. */
export function squareSum(matrices: Tensor): Tensor {
  return matrices.pow(2).sum([-2, -1]);
}

/** Matrices plus the identity. */
export function plusIdentity(matrices: Tensor): Tensor {
  return matrices.add(eye(matrices.shape.at(-1) as number, kindOf(matrices)));
}

/** Matrices for the whole batch of a distribution of vectors. */
export function batched({ batchShape, eventShape }: Distribution, matrices: Tensor): Tensor {
  return matrices.expand([...batchShape, ...eventShape, ...eventShape]);
}

/** The one of several matrices that was given, by its name. */
export function givenMatrix<N extends string>(
  given: { readonly [name in N]: Tensor | undefined },
): { readonly name: N; readonly matrix: Tensor } {
  const [first, ...others] = Object.entries(given).filter(([, matrix]) => matrix !== undefined) as [N, Tensor][];
  if (first === undefined || others.length > 0) {
    throw new Error("Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.");
  }
  const [name, matrix] = first;
  return { name, matrix };
}

/** The factor of a covariance that was given in one of three ways. */
export function factorOf(name: string, matrix: Tensor): Tensor {
  if (name === "scaleTril") return matrix;
  return name === "covarianceMatrix" ? cholesky(matrix) : factorOfInverse(matrix);
}
