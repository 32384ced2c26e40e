/** Systems of equations with a triangular matrix. */
import { flag, flagOn, keyword, requiredFlag, tensor } from "../../arguments/params.js";
import { triangularSolve as triangularSolveKernel } from "../../backend/kernels.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp, Out } from "../types.js";
import { checkPrecise, checkSameDtypes, checkSystem } from "./checks.js";
import { batchOf, commonBatch, copyColumns, inColumns } from "./matrices.js";

interface Triangle {
  readonly upper: boolean;
  readonly unitriangular: boolean;
}

/** A X = B, where the batches of A and B broadcast. */
export const solveLeft: FunctionOp<(A: Tensor, B: Tensor, triangle: Triangle) => Tensor> = op({
  name: "solveTriangular",
  id: "linalg.solveTriangular.left",
  nodeName: "LinalgSolveTriangularBackward0",
  variants: "function",
  params: { A: tensor, B: tensor, upper: keyword(requiredFlag), unitriangular: flag },
  ownConjugation: true,
  forward: ({ A, B, upper, unitriangular }) => {
    const batch = commonBatch(A, B);
    const X = copyColumns(B, batch);
    // Rows that are contiguous are the columns of the transposed matrix.
    const isByRows = A.contiguousFlag && batch.length === batchOf(A).length;
    const triangle = inColumns(isByRows ? A.mT : A, batch);
    triangularSolveKernel(X, triangle, {
      upper: isByRows ? !upper : upper,
      unit: unitriangular,
      transposed: isByRows,
    });
    return X;
  },
  saves: ["A", "result"],
  backward: ([grad], { A, result, upper, unitriangular }, needs) => {
    if (grad === undefined) return {};
    const B = solveLeft(A.mH, grad, { upper: !upper, unitriangular });
    if (!needs.A) return { B };
    const full = B.matmul(result.mH).neg();
    const inside = unitriangular ? 1 : 0;
    return { A: upper ? full.triu(inside) : full.tril(-inside), B };
  },
});

/**
 * Solves A X = B, or X A = B, for a triangular A; the other triangle is not read.
 *
 * @param options.upper whether A is upper triangular; it has to be given.
 * @param options.left false for X A = B.
 * @param options.unitriangular whether the diagonal of A is of ones, and not read.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.solve_triangular.html
 */
export const solveTriangular: FunctionOp<
  (A: Tensor, B: Tensor, options: { upper: boolean; left?: boolean; unitriangular?: boolean } & Out) => Tensor
> = op({
  name: "solveTriangular",
  id: "linalg.solveTriangular",
  variants: "function",
  params: { A: tensor, B: tensor, upper: keyword(requiredFlag), left: flagOn, unitriangular: flag },
  out: true,
  overlap: "any",
  composite: ({ A, B, upper, left, unitriangular }) => {
    checkSameDtypes("linalg.solve_triangular", A, B);
    checkSystem("linalg.solve_triangular", A, B, left);
    checkPrecise("linalg.solve_triangular", A);
    if (left) return solveLeft(A, B, { upper, unitriangular });
    return solveLeft(A.mT, B.mT, { upper: !upper, unitriangular }).mT;
  },
});
