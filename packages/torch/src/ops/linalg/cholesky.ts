/** The Cholesky decomposition of positive definite matrices, and LDLᵀ of symmetric ones. */
import { flag, keyword, requiredFlag, tensor } from "../../arguments/params.js";
import {
  choleskyFactor as choleskyKernel,
  clearTriangle,
  ldlFactor as ldlFactorKernel,
  ldlSolve as ldlSolveKernel,
} from "../../backend/kernels.js";
import { int32, scalarTypeName } from "../../core/dtype.js";
import { sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { type Named, named, op } from "../define.js";
import type { FunctionOp, Out } from "../types.js";
import { caller, checkFailure, checkPrecise, checkSameDtypes, checkSquare, checkSystem } from "./checks.js";
import { batchOf, commonBatch, copyColumns, copySquares, inColumns } from "./matrices.js";
import { solveTriangular } from "./triangular.js";

type Factor = Named<{ readonly L: Tensor; readonly info: Tensor }>;
type SymmetricFactor = Named<{ readonly LD: Tensor; readonly pivots: Tensor }>;
type SymmetricFactorWithInfo = Named<{ readonly LD: Tensor; readonly pivots: Tensor; readonly info: Tensor }>;

function isIndefinite(info: number): string {
  return `The factorization could not be completed because the input is not positive-definite (the leading minor of order ${info} is not positive-definite).`;
}

const factorNode: FunctionOp<(A: Tensor, upper: boolean, caller?: string) => Factor> = op({
  name: "choleskyEx",
  id: "linalg.choleskyEx.node",
  nodeName: "LinalgCholeskyExBackward0",
  variants: "function",
  params: {
    A: tensor,
    upper: { ...flag, endsPositional: false },
    caller,
  },
  ownConjugation: true,
  forward: ({ A, upper, caller: name }) => {
    // The upper triangle is the lower one of the adjoint matrix.
    const { copied: L, byRows } = copySquares(upper ? A.mH : A);
    const info = Tensor.empty(batchOf(A), int32);
    const failure = choleskyKernel(L, info, byRows);
    checkFailure(name, A, failure, isIndefinite);
    return named({ L: upper ? L.mH : L, info });
  },
  saves: ["results"],
  savedResults: [0],
  backward: ([grad], { results, upper }) => {
    if (grad === undefined) return {};
    const factor = results[0] as Tensor;
    const [L, fromL] = upper ? [factor.mH, grad.mH] : [factor, grad];
    const inner = L.mH.matmul(fromL).tril();
    const symmetric = inner.add(inner.tril(-1).mH).mul(0.5);
    const half = solveTriangular(L.mH, symmetric, { upper: true });
    return { A: solveTriangular(L, half, { upper: false, left: false }) };
  },
});

/** The factor of positive definite matrices, checked in the name of a function. */
export function choleskyOf(name: string, A: Tensor, upper: boolean): Tensor {
  checkSquare(name, A);
  checkPrecise(name, A);
  return factorNode(A, upper, name).L;
}

/**
 * The Cholesky decomposition of positive definite matrices: A = L Lᴴ with a lower triangle L.
 *
 * @param options.upper whether the upper triangle Lᴴ is given, and that of A is read.
 * @throws LinAlgError if a matrix is not positive definite.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.cholesky.html
 */
export const cholesky: FunctionOp<(A: Tensor, options?: { upper?: boolean } & Out) => Tensor> = op({
  name: "cholesky",
  id: "linalg.cholesky",
  variants: "function",
  params: { A: tensor, upper: flag },
  out: true,
  overlap: "any",
  composite: ({ A, upper }) => choleskyOf("linalg.cholesky", A, upper),
});

/**
 * `cholesky` that does not throw: `info` is the order of the first leading minor that is not positive, or 0.
 *
 * @param options.checkErrors whether to throw nevertheless.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.cholesky_ex.html
 */
export const choleskyEx: FunctionOp<
  (A: Tensor, options?: { upper?: boolean; checkErrors?: boolean; out?: readonly [Tensor, Tensor] }) => Factor
> = op({
  name: "choleskyEx",
  id: "linalg.choleskyEx",
  variants: "function",
  params: { A: tensor, upper: flag, checkErrors: flag },
  out: 2,
  overlap: "any",
  composite: ({ A, upper, checkErrors }) => {
    checkSquare("torch.linalg.cholesky_ex", A);
    checkPrecise("linalg.cholesky_ex", A);
    return factorNode(A, upper, checkErrors ? "linalg.cholesky_ex" : undefined);
  },
});

const symmetricNode: FunctionOp<(A: Tensor, hermitian: boolean, caller?: string) => SymmetricFactorWithInfo> = op({
  name: "ldlFactorEx",
  id: "linalg.ldlFactorEx.node",
  variants: "function",
  params: { A: tensor, hermitian: requiredFlag, caller },
  forward: ({ A, hermitian, caller: name }) => {
    const LD = copyColumns(A);
    const pivots = Tensor.empty(A.sizes.slice(0, -1), int32);
    const info = Tensor.empty(batchOf(A), int32);
    const failure = ldlFactorKernel(LD, pivots, info, hermitian);
    checkFailure(name, A, failure, (at) => `The factorization could not be completed: D[${at},${at}] is zero.`);
    clearTriangle(LD, 0, true);
    return named({ LD, pivots, info });
  },
  backward: () => {
    throw new Error("derivative for aten::linalg_ldl_factor_ex is not implemented");
  },
});

function checkSymmetric(name: string, A: Tensor): void {
  checkSquare(name, A);
  checkPrecise(name, A);
}

type Hermitian = { hermitian?: boolean };

/**
 * A decomposition of symmetric matrices that need not be positive definite, for `ldlSolve`: A = L D Lᵀ, or L D Lᴴ.
 *
 * @param options.hermitian for complex matrices whether they are Hermitian rather than symmetric.
 * @throws LinAlgError if a diagonal block of D is 0.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.ldl_factor.html
 */
export const ldlFactor: FunctionOp<
  (A: Tensor, options?: Hermitian & { out?: readonly [Tensor, Tensor] }) => SymmetricFactor
> = op({
  name: "ldlFactor",
  variants: "function",
  params: { A: tensor, hermitian: flag },
  out: 2,
  overlap: "any",
  composite: ({ A, hermitian }) => {
    checkSymmetric("torch.linalg.ldl_factor", A);
    const { LD, pivots } = symmetricNode(A, hermitian, "torch.linalg.ldl_factor");
    return named({ LD, pivots });
  },
});

/**
 * `ldlFactor` that does not throw: `info` is the first diagonal block of D that is 0, from 1, or 0.
 *
 * @param options.checkErrors whether to throw nevertheless.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.ldl_factor_ex.html
 */
export const ldlFactorEx: FunctionOp<
  (
    A: Tensor,
    options?: Hermitian & { checkErrors?: boolean; out?: readonly [Tensor, Tensor, Tensor] },
  ) => SymmetricFactorWithInfo
> = op({
  name: "ldlFactorEx",
  variants: "function",
  params: { A: tensor, hermitian: flag, checkErrors: flag },
  out: 3,
  overlap: "any",
  composite: ({ A, hermitian, checkErrors }) => {
    checkSymmetric("torch.linalg.ldl_factor_ex", A);
    return symmetricNode(A, hermitian, checkErrors ? "torch.linalg.ldl_factor_ex" : undefined);
  },
});

const symmetricSolveNode: FunctionOp<
  (LD: Tensor, pivots: Tensor, B: Tensor, options: { hermitian: boolean }) => Tensor
> = op({
  name: "ldlSolve",
  id: "linalg.ldlSolve.node",
  nodeName: "LinalgLdlSolveBackward0",
  variants: "function",
  params: { LD: tensor, pivots: tensor, B: tensor, hermitian: keyword(requiredFlag) },
  ownConjugation: true,
  forward: ({ LD, pivots, B, hermitian }) => {
    const batch = commonBatch(LD, B);
    const X = copyColumns(B, batch);
    const exchanges = pivots.to(int32).expand([...batch, LD.sizes.at(-1) as number]);
    ldlSolveKernel(X, inColumns(LD, batch), exchanges.contiguous(), hermitian);
    return X;
  },
  saves: ["LD", "pivots"],
  derivative: {
    B: (grad, { LD, pivots, hermitian }) => {
      if (hermitian) return symmetricSolveNode(LD, pivots, grad, { hermitian });
      // The adjoint of a symmetric matrix is its conjugate.
      return symmetricSolveNode(LD, pivots, grad.conj(), { hermitian }).conj();
    },
  },
});

/**
 * Solves A X = B by what `ldlFactor` made of A.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.ldl_solve.html
 */
export const ldlSolve: FunctionOp<(LD: Tensor, pivots: Tensor, B: Tensor, options?: Hermitian & Out) => Tensor> = op({
  name: "ldlSolve",
  id: "linalg.ldlSolve",
  variants: "function",
  params: { LD: tensor, pivots: tensor, B: tensor, hermitian: flag },
  out: true,
  overlap: "any",
  composite: ({ LD, pivots, B, hermitian }) => {
    const name = "torch.linalg.ldl_solve";
    checkPrecise(name, LD);
    checkSameDtypes(name, LD, B);
    checkSystem(name, LD, B);
    if (!sameShape(pivots.sizes, LD.sizes.slice(0, -1))) {
      throw new Error(
        `${name}: Expected LD.shape[:-1] and pivots.shape to be the same, but got pivots with shape [${pivots.sizes.join(", ")}] instead`,
      );
    }
    if (pivots.dtype.isFloatingPoint) {
      throw new TypeError(`${name}: Expected pivots to be integers. Got ${scalarTypeName(pivots.dtype)}`);
    }
    return symmetricSolveNode(LD, pivots, B, { hermitian });
  },
});
