/** The LU decomposition with partial pivoting. */
import { flag, flagOn, int, tensor } from "../../arguments/params.js";
import {
  luFactorAndSolve as luFactorAndSolveKernel,
  luFactor as luFactorKernel,
  luSolve as luSolveKernel,
  pivotsToOrder as pivotsToOrderKernel,
} from "../../backend/kernels.js";
import { int32, int64 } from "../../core/dtype.js";
import { sameShape, withDim } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { type Named, named, op } from "../define.js";
import { cat } from "../shape/joining.js";
import type { FunctionOp, Out } from "../types.js";
import { caller, checkFailure, checkPrecise, checkSameDtypes, checkSquare, checkSystem } from "./checks.js";
import {
  batchOf,
  commonBatch,
  copySquares,
  identityColumns,
  inColumns,
  matrixSizes,
  takeSquares,
  unitLower,
} from "./matrices.js";
import { solveTriangular } from "./triangular.js";

export type Factored = Named<{ readonly LU: Tensor; readonly pivots: Tensor }>;
export type FactoredWithInfo = Named<{ readonly LU: Tensor; readonly pivots: Tensor; readonly info: Tensor }>;
export type Triangles = Named<{ readonly P: Tensor; readonly L: Tensor; readonly U: Tensor }>;

type FactorOptions = { pivot?: boolean };
type Out2 = { out?: readonly [Tensor, Tensor] };
type Out3 = { out?: readonly [Tensor, Tensor, Tensor] };

/** Factors matrices, and throws for a failure in the name of a function that wants it. Not recorded. */
export function factored(A: Tensor, name?: string, words = noDivision): FactoredWithInfo {
  const batch = batchOf(A);
  const { copied: LU, byRows } = copySquares(A);
  const pivots = Tensor.empty([...batch, Math.min(...matrixSizes(A))], int32);
  const info = Tensor.empty(batch, int32);
  checkFailure(name, A, luFactorKernel(LU, pivots, info, byRows), words);
  return named({ LU, pivots, info });
}

function noDivision(info: number): string {
  return `U[${info},${info}] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)`;
}

const factorNode: FunctionOp<(A: Tensor, caller?: string) => FactoredWithInfo> = op({
  name: "luFactorEx",
  id: "linalg.luFactorEx.node",
  nodeName: "LinalgLuFactorExBackward0",
  variants: "function",
  params: { A: tensor, caller },
  ownConjugation: true,
  forward: ({ A, caller: name }) => factored(A, name),
  saves: ["results"],
  savedResults: [0, 1],
  backward: ([grad], { results }) => {
    if (grad === undefined) return {};
    const [LU, pivots] = results as [Tensor, Tensor];
    const steps = Math.min(...matrixSizes(LU));
    const { P, L, U } = unpacked(LU, pivots);
    return { A: triangleGradient(grad.narrow(-1, 0, steps), grad.narrow(-2, 0, steps), P, L, U) };
  },
});

/** The gradient of A = P L U from those of L and U. */
function triangleGradient(gradL: Tensor, gradU: Tensor, P: Tensor, L: Tensor, U: Tensor): Tensor {
  const [rows, steps] = matrixSizes(L);
  const columns = U.sizes.at(-1) as number;
  const [fromL, fromU] = [gradL.tril(-1), gradU.triu()];
  const inner = L.mH.matmul(fromL).sub(fromU.matmul(U.mH));
  const [squareL, squareU] = [L.narrow(-2, 0, steps), U.narrow(-1, 0, steps)];
  const throughU = (x: Tensor) => solveTriangular(squareU.mH, x, { upper: false, left: false });
  const throughL = (x: Tensor) => solveTriangular(squareL.mH, x, { upper: true, unitriangular: true });
  if (rows <= columns) {
    const lower = throughU(inner.tril(-1));
    return P.matmul(throughL(fromU.add(paddedBy(lower, columns - steps, -1))));
  }
  const upper = throughL(inner.triu().neg());
  return P.matmul(throughU(fromL.add(paddedBy(upper, rows - steps, -2))));
}

/** The tensor with so many zeros behind it along a dim. */
function paddedBy(x: Tensor, count: number, dim: number): Tensor {
  return count === 0 ? x : cat([x, x.newZeros(withDim(x.sizes, x.sizes.length + dim, count))], dim);
}

function checkFactor(name: string, A: Tensor, pivot: boolean, caller = "torch.lu_factor"): void {
  if (A.sizes.length < 2) {
    throw new Error(`${caller}: Expected tensor with 2 or more dimensions. Got size: [${A.sizes.join(", ")}] instead`);
  }
  checkPrecise(name, A);
  if (!pivot) throw new Error("linalg.lu_factor: LU without pivoting is not implemented on the CPU");
}

/**
 * The LU decomposition of matrices in its compact form, for `luSolve`.
 *
 * @throws LinAlgError if a diagonal element of U is 0.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.lu_factor.html
 */
export const luFactor: FunctionOp<(A: Tensor, options?: FactorOptions & Out2) => Factored> = op({
  name: "luFactor",
  id: "linalg.luFactor",
  variants: "function",
  params: { A: tensor, pivot: flagOn },
  out: 2,
  overlap: "any",
  composite: ({ A, pivot }) => {
    checkFactor("torch.lu_factor", A, pivot);
    const { LU, pivots } = factorNode(A, "torch.linalg.lu_factor");
    return named({ LU, pivots });
  },
});

/**
 * `luFactor` that does not throw: `info` is the first diagonal element of U that is 0, counted from 1, or 0.
 *
 * @param options.checkErrors whether to throw nevertheless.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.lu_factor_ex.html
 */
export const luFactorEx: FunctionOp<
  (A: Tensor, options?: FactorOptions & { checkErrors?: boolean } & Out3) => FactoredWithInfo
> = op({
  name: "luFactorEx",
  id: "linalg.luFactorEx",
  variants: "function",
  params: { A: tensor, pivot: flagOn, checkErrors: flag },
  out: 3,
  overlap: "any",
  composite: ({ A, pivot, checkErrors }) => {
    checkFactor("torch.lu_factor_ex", A, pivot);
    return factorNode(A, checkErrors ? "torch.linalg.lu_factor_ex" : undefined);
  },
});

/**
 * The LU decomposition of matrices: A = P L U with a permutation P, a unit lower triangle L and an upper triangle U.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.lu.html
 */
export const lu: FunctionOp<(A: Tensor, options?: FactorOptions & Out3) => Triangles> = op({
  name: "lu",
  id: "linalg.lu",
  variants: "function",
  params: { A: tensor, pivot: flagOn },
  out: 3,
  overlap: "any",
  composite: ({ A, pivot }) => {
    checkFactor("linalg.lu", A, pivot, "linalg.lu");
    const { LU, pivots } = factorNode(A);
    return unpacked(LU, pivots);
  },
});

/** Matrices that bring rows into the order in which they were before the exchanges. */
const permutation: FunctionOp<(pivots: Tensor, rows: number) => Tensor> = op({
  name: "luPermutation",
  variants: "function",
  params: { pivots: tensor, rows: int },
  differentiable: false,
  forward: ({ pivots, rows }) => {
    const order = Tensor.empty([...pivots.sizes.slice(0, -1), rows], int64);
    pivotsToOrderKernel(order, pivots.contiguous());
    return order;
  },
});

/** The matrices P, L and U of A = P L U from what `luFactor` gives. */
export function unpacked(LU: Tensor, pivots: Tensor): Triangles {
  const { L, U } = triangles(LU);
  return named({ P: permutationMatrix(pivots, LU.sizes.at(-2) as number, LU), L, U });
}

/** The unit lower and the upper triangle that `luFactor` gives in one matrix. */
export function triangles(LU: Tensor): { L: Tensor; U: Tensor } {
  const steps = Math.min(...matrixSizes(LU));
  return { L: unitLower(LU, steps), U: LU.narrow(-2, 0, steps).triu() };
}

/** The permutation P of A = P L U. */
export function permutationMatrix(pivots: Tensor, rows: number, like: Tensor): Tensor {
  const order = permutation(pivots, rows).unsqueeze(-2);
  return like.newZeros([...pivots.sizes.slice(0, -1), rows, rows]).scatter(-2, order, 1);
}

/** A X = B or Aᴴ X = B by the factors of A, where the batches broadcast. */
export const solveFactored: FunctionOp<
  (LU: Tensor, pivots: Tensor, B: Tensor, options: { adjoint: boolean }) => Tensor
> = op({
  name: "luSolve",
  id: "linalg.luSolve.left",
  nodeName: "LinalgLuSolveBackward0",
  variants: "function",
  params: { LU: tensor, pivots: tensor, B: tensor, adjoint: flag },
  ownConjugation: true,
  forward: ({ LU, pivots, B, adjoint }) => solved(LU, pivots, B, adjoint),
  saves: ["LU", "pivots", "result"],
  backward: ([grad], { LU, pivots, result: X, adjoint }, needs) => {
    if (grad === undefined) return {};
    const gradB = solveFactored(LU, pivots, grad, { adjoint: !adjoint });
    if (!needs.LU) return { B: gradB };
    const { P, L, U } = unpacked(LU, pivots);
    const [first, second] = adjoint ? [X, gradB] : [gradB, X];
    const ordered = P.mT.matmul(first);
    const lower = ordered.matmul(U.matmul(second).mH);
    const upper = L.mH.matmul(ordered).matmul(second.mH);
    return { LU: lower.tril(-1).add(upper.triu()).neg(), B: gradB };
  },
});

/** The same on tensors of which no gradient is wanted. */
export function solved(LU: Tensor, pivots: Tensor, B: Tensor, transposed: boolean): Tensor {
  const batch = commonBatch(LU, B);
  const { copied: X, byRows } = copySquares(B, batch);
  const exchanges = pivots.expand([...batch, LU.sizes.at(-1) as number]);
  luSolveKernel(X, inColumns(LU, batch), exchanges.contiguous(), transposed, byRows);
  return X;
}

interface Solved {
  readonly X: Tensor;
  readonly LU: Tensor;
  readonly pivots: Tensor;
  readonly info: Tensor;
}

/** `factored`, and A X = B solved by it, where the batches broadcast. */
export function factoredAndSolved(A: Tensor, B: Tensor, name?: string, words = noDivision): Solved {
  const batch = commonBatch(A, B);
  if (!sameShape(batchOf(A), batch)) {
    const { LU, pivots, info } = factored(A, name, words);
    return { LU, pivots, info, X: solved(LU, pivots, B, false) };
  }
  const [matrices, right] = [takeSquares(A, batch), takeSquares(B, batch)];
  const pivots = Tensor.empty(A.sizes.slice(0, -1), int32);
  const info = Tensor.empty(batch, int32);
  checkFailure(name, A, luFactorAndSolveKernel(matrices, right, pivots, info), words);
  return { LU: matrices.result, pivots, info, X: right.result };
}

/** The inverses of matrices by their factors. */
export function inverted({ LU, pivots }: Factored): Tensor {
  const X = identityColumns(LU.sizes, LU.dtype);
  luSolveKernel(X, LU, pivots, false, false);
  return X;
}

/**
 * Solves A X = B, or X A = B, by what `luFactor` made of A.
 *
 * @param options.left false for X A = B.
 * @param options.adjoint whether the adjoint of A stands in its place.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.lu_solve.html
 */
export const luSolve: FunctionOp<
  (LU: Tensor, pivots: Tensor, B: Tensor, options?: { left?: boolean; adjoint?: boolean } & Out) => Tensor
> = op({
  name: "luSolve",
  id: "linalg.luSolve",
  variants: "function",
  params: { LU: tensor, pivots: tensor, B: tensor, left: flagOn, adjoint: flag },
  out: true,
  overlap: "any",
  composite: ({ LU, pivots, B, left, adjoint }) => {
    checkPrecise("torch.linalg.lu_solve", LU);
    checkSameDtypes("linalg.lu_solve", LU, B);
    if (pivots.dtype !== int32) {
      throw new TypeError("linalg.lu_solve: pivots should be a Tensor of scalar type torch.int32");
    }
    checkSquare("torch.linalg.lu_solve", LU);
    checkSystem("linalg.lu_solve", LU, B, left);
    if (pivots.sizes.at(-1) !== LU.sizes.at(-1)) {
      throw new Error("linalg.lu_solve: Number of pivots per batch should be same as the dimension of the matrix");
    }
    if (!sameShape(pivots.sizes.slice(0, -1), batchOf(LU))) {
      throw new Error(
        "linalg.lu_solve: Expected LU.shape[:-1] and pivots.shape to be the same, but got pivots with shape " +
          `[${pivots.sizes.join(", ")}] instead`,
      );
    }
    if (left) return solveFactored(LU, pivots, B, { adjoint });
    return solveFactored(LU, pivots, B.mH, { adjoint: !adjoint }).mH;
  },
});
