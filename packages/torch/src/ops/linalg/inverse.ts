/** Systems of equations, inverses and determinants, by the LU decomposition. */
import { flag, flagOn, tensor } from "../../arguments/params.js";
import { isGradEnabled, withoutRecording } from "../../autograd/modes.js";
import { luDeterminant } from "../../backend/kernels.js";
import { Complex } from "../../core/complex.js";
import { finfo } from "../../core/limits.js";
import { Tensor } from "../../core/tensor.js";
import { arange } from "../creation/ranges.js";
import { type Named, named, op } from "../define.js";
import type { FunctionOp, Out } from "../types.js";
import { caller, checkPrecise, checkSameDtypes, checkSquare, checkSystem } from "./checks.js";
import { factored, factoredAndSolved, inverted, solveFactored, unpacked } from "./lu.js";
import { areVectors, batchOf } from "./matrices.js";

type Solution = Named<{ readonly result: Tensor; readonly info: Tensor }>;
type Inverse = Named<{ readonly inverse: Tensor; readonly info: Tensor }>;
export type LogDeterminant = Named<{ readonly sign: Tensor; readonly logabsdet: Tensor }>;
type Out2 = { out?: readonly [Tensor, Tensor] };

const singularSystem = "The solver failed because the input matrix is singular.";

/** A X = B, where the batches of A and B broadcast, with the factors of A. */
const solveNode: FunctionOp<(A: Tensor, B: Tensor, caller?: string) => { result: Tensor; info: Tensor }> = op({
  name: "solve",
  id: "linalg.solve.node",
  nodeName: "LinalgSolveExBackward0",
  variants: "function",
  params: { A: tensor, B: tensor, caller },
  ownConjugation: true,
  forward: ({ A, B, caller: name }) => {
    const { X, LU, pivots, info } = factoredAndSolved(A, B, name, () => singularSystem);
    return named({ result: X, LU, pivots, info });
  },
  saves: ["A", "results"],
  savedResults: [0, 1, 2],
  backward: ([grad], { A, results }, needs) => {
    if (grad === undefined) return {};
    const [X, LU, pivots] = results as [Tensor, Tensor, Tensor];
    const B = solveAgain(A, LU, pivots, grad);
    return needs.A ? { A: B.matmul(X.mH).neg(), B } : { B };
  },
});

/** Aᴴ X = B: by the factors of A where nothing is recorded, else so that the derivative with respect to A is had too. */
function solveAgain(A: Tensor, LU: Tensor, pivots: Tensor, B: Tensor): Tensor {
  return isGradEnabled() ? solveNode(A.mH, B).result : solveFactored(LU, pivots, B, { adjoint: true });
}

function solveBy(name: string, A: Tensor, B: Tensor, left: boolean, throws: boolean): Solution {
  checkPrecise(name, A);
  checkSquare(name, A);
  checkSameDtypes(name, A, B);
  const isVector = areVectors(B, A);
  if (isVector && !left) {
    throw new Error(
      `${name}: Vector broadcasting of the left hand side is not supported for left=False. In this case linalg.solve is equivalent to B / A.squeeze(-1)`,
    );
  }
  const matrix = isVector ? B.unsqueeze(-1) : B;
  checkSystem(name, A, matrix, left);
  const fails = throws ? `torch.${name}` : undefined;
  const { result, info } = left ? solveNode(A, matrix, fails) : solveNode(A.mT, matrix.mT, fails);
  return named({ result: isVector ? result.squeeze(-1) : left ? result : result.mT, info });
}

/**
 * Solves A X = B, or X A = B, for square matrices.
 *
 * @param B matrices, or vectors: of one dim, or as many as A has matrices.
 * @param options.left false for X A = B.
 * @throws LinAlgError if a matrix is singular.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.solve.html
 */
export const solve: FunctionOp<(A: Tensor, B: Tensor, options?: { left?: boolean } & Out) => Tensor> = op({
  name: "solve",
  id: "linalg.solve",
  variants: "function",
  params: { A: tensor, B: tensor, left: flagOn },
  out: true,
  overlap: "any",
  composite: ({ A, B, left }) => solveBy("linalg.solve", A, B, left, true).result,
});

/**
 * `solve` that does not throw for singular matrices: `info` is the first diagonal element of U that is 0, from 1, or 0.
 *
 * @param options.checkErrors whether to throw nevertheless.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.solve_ex.html
 */
export const solveEx: FunctionOp<
  (A: Tensor, B: Tensor, options?: { left?: boolean; checkErrors?: boolean } & Out2) => Solution
> = op({
  name: "solveEx",
  variants: "function",
  params: { A: tensor, B: tensor, left: flagOn, checkErrors: flag },
  out: 2,
  overlap: "any",
  composite: ({ A, B, left, checkErrors }) => solveBy("linalg.solve_ex", A, B, left, checkErrors),
});

const inverseNode: FunctionOp<(A: Tensor, caller?: string) => Inverse> = op({
  name: "inv",
  id: "linalg.inv.node",
  nodeName: "LinalgInvExBackward0",
  variants: "function",
  params: { A: tensor, caller },
  ownConjugation: true,
  forward: ({ A, caller: name }) => {
    const factors = factored(A, name, isSingular);
    return named({ inverse: inverted(factors), info: factors.info });
  },
  saves: ["results"],
  savedResults: [0],
  backward: ([grad], { results }) => {
    if (grad === undefined) return {};
    const adjoint = (results[0] as Tensor).mH;
    return { A: adjoint.matmul(grad).matmul(adjoint).neg() };
  },
});

function isSingular(info: number): string {
  return `The diagonal element ${info} is zero, the inversion could not be completed because the input matrix is singular.`;
}

/**
 * The inverses of square matrices; to solve equations `solve` is faster and more accurate.
 *
 * @throws LinAlgError if a matrix is singular.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.inv.html
 */
export const inv: FunctionOp<(A: Tensor, options?: Out) => Tensor> = op({
  name: "inv",
  id: "linalg.inv",
  variants: "function",
  params: { A: tensor },
  out: true,
  overlap: "any",
  composite: ({ A }) => {
    checkPrecise("linalg.inv", A);
    checkSquare("linalg.inv", A);
    return inverseNode(A, "linalg.inv").inverse;
  },
});

/**
 * `inv` that does not throw for singular matrices: `info` is the first diagonal element of U that is 0, from 1, or 0.
 *
 * @param options.checkErrors whether to throw nevertheless.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.inv_ex.html
 */
export const invEx: FunctionOp<(A: Tensor, options?: { checkErrors?: boolean } & Out2) => Inverse> = op({
  name: "invEx",
  id: "linalg.invEx",
  variants: "function",
  params: { A: tensor, checkErrors: flag },
  out: 2,
  overlap: "any",
  composite: ({ A, checkErrors }) => {
    checkPrecise("linalg.inv_ex", A);
    checkSquare("linalg.inv_ex", A);
    return inverseNode(A, checkErrors ? "linalg.inv_ex" : undefined);
  },
});

/** The sign of the permutations that pivots describe, in the dtype of the matrices. */
function signOf(LU: Tensor, pivots: Tensor): Tensor {
  const own = arange(1, (LU.sizes.at(-1) as number) + 1, { device: LU.device });
  const odd = pivots.ne(own).sum(-1).remainder(2);
  return odd.mul(-2).add(1).to(LU.dtype);
}

/** Matrices with one number for each on the whole diagonal. */
function diagonalOf(values: Tensor, like: Tensor): Tensor {
  return values.unsqueeze(-1).expand(like.sizes.slice(0, -1)).diagEmbed();
}

const determinantNode: FunctionOp<(A: Tensor) => { result: Tensor }> = op({
  name: "det",
  id: "linalg.det.node",
  nodeName: "LinalgDetBackward0",
  variants: "function",
  params: { A: tensor },
  ownConjugation: true,
  forward: ({ A }) => {
    const { LU, pivots } = factored(A);
    const result = Tensor.empty(batchOf(A), A.dtype);
    luDeterminant(result, LU, pivots);
    return named({ result, LU, pivots });
  },
  saves: ["A", "results"],
  backward: ([grad], { A, results }) => {
    if (grad === undefined) return {};
    const [, LU, pivots] = results as [Tensor, Tensor, Tensor];
    return { A: cofactors(A, LU, pivots).mul(grad.unsqueeze(-1).unsqueeze(-1)) };
  },
});

/**
 * The derivative of the determinant, that is A⁻ᴴ times its conjugate. A singular matrix has one too, since the determinant is a polynomial: it is
 * that of a regular matrix beside it, with a small number in the place of each 0 on the diagonal of U.
 */
function cofactors(A: Tensor, LU: Tensor, pivots: Tensor): Tensor {
  if (A.numel() === 0) return A;
  const diagonal = LU.detach().diagonal(0, -2, -1);
  const largest = diagonal.abs().amax(-1, { keepdim: true });
  const { eps } = finfo(A.dtype);
  // Of what is differentiated again, quotients of small numbers are taken; theirs are large enough to leave digits.
  const size = largest.mul(isGradEnabled() ? Math.cbrt(eps) : eps);
  const small = diagonal
    .eq(0)
    .to(A.dtype)
    .mul(size.add(largest.eq(0).to(size.dtype).mul(eps)));
  if (!isGradEnabled()) {
    const det = diagonal.add(small).prod(-1).mul(signOf(LU, pivots)).conj();
    return solveFactored(LU.add(small.diagEmbed()), pivots, diagonalOf(det, A), { adjoint: true });
  }
  const { P, L } = withoutRecording(() => unpacked(LU.detach(), pivots));
  const regular = A.add(P.matmul(L.mul(small.unsqueeze(-2))));
  return solveNode(regular.mH, diagonalOf(determinantNode(regular).result.conj(), A)).result;
}

/**
 * The determinants of square matrices.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.det.html
 */
export const det: FunctionOp<(A: Tensor, options?: Out) => Tensor> = op({
  name: "det",
  id: "linalg.det",
  variants: "function",
  params: { A: tensor },
  out: true,
  overlap: "any",
  composite: ({ A }) => {
    checkPrecise("linalg.det", A);
    checkSquare("linalg.det", A);
    return determinantNode(A).result;
  },
});

const logDeterminantNode: FunctionOp<(A: Tensor) => LogDeterminant> = op({
  name: "slogdet",
  id: "linalg.slogdet.node",
  nodeName: "LinalgSlogdetBackward0",
  variants: "function",
  params: { A: tensor },
  ownConjugation: true,
  forward: ({ A }) => {
    const { LU, pivots } = factored(A);
    const diagonal = LU.diagonal(0, -2, -1);
    const sign = diagonal.sgn().prod(-1).mul(signOf(LU, pivots));
    return named({ sign, logabsdet: diagonal.abs().log().sum(-1), LU, pivots });
  },
  saves: ["A", "results"],
  savedResults: [0, 2, 3],
  backward: ([gradSign, gradLog], { A, results }) => {
    const [sign, , LU, pivots] = results as [Tensor, Tensor, Tensor, Tensor];
    // The sign of a real determinant does not change.
    const turn = A.dtype.isComplex ? gradSign?.conj().mul(sign).imag.mul(new Complex(0, -1)) : undefined;
    const grad = gradLog === undefined ? turn : turn === undefined ? gradLog : turn.add(gradLog);
    return grad === undefined ? {} : { A: solveAgain(A, LU, pivots, diagonalOf(grad.to(A.dtype), A)) };
  },
});

/**
 * The signs of the determinants of square matrices, of complex ones their directions, and the logarithms of their
 * magnitudes, which do not overflow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.slogdet.html
 */
export const slogdet: FunctionOp<(A: Tensor, options?: Out2) => LogDeterminant> = op({
  name: "slogdet",
  id: "linalg.slogdet",
  variants: "function",
  params: { A: tensor },
  out: 2,
  overlap: "any",
  composite: ({ A }) => {
    checkPrecise("linalg.slogdet", A);
    checkSquare("linalg.slogdet", A);
    const { sign, logabsdet } = logDeterminantNode(A);
    return named({ sign, logabsdet });
  },
});
