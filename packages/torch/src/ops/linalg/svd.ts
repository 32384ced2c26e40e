/** The singular value decomposition, and what follows from it: ranks, condition numbers, pseudoinverses. */
import { flag, flagOn, keyword, nullable, number, optional, type Param, tensor } from "../../arguments/params.js";
import { singularValues as singularValuesKernel } from "../../backend/kernels.js";
import { int32, int64 } from "../../core/dtype.js";
import { finfo } from "../../core/limits.js";
import { Tensor } from "../../core/tensor.js";
import { type Named, named, op } from "../define.js";
import { isFollowed } from "../dispatch.js";
import type { NormOrder } from "../reductions/norms.js";
import type { FunctionOp, Out } from "../types.js";
import { checkFailure, checkMatrix, checkPrecise, checkSquare } from "./checks.js";
import { checkPhases, differencesOf, eigh, eigvalsh, notConverged } from "./eigen.js";
import { batchOf, copyColumns, emptyColumns, matrixSizes } from "./matrices.js";

export type Singular = Named<{ readonly U: Tensor; readonly S: Tensor; readonly Vh: Tensor }>;

/** Singular values, and vectors if they are wanted. Not recorded. */
function decomposed(A: Tensor, vectors: "none" | "reduced" | "full"): { U: Tensor; S: Tensor; Vh: Tensor } {
  const [rows, columns] = matrixSizes(A);
  // The kernel takes tall matrices: of a wide one it gets the adjoint, and U and V change places.
  const isWide = rows < columns;
  const [height, steps] = isWide ? [columns, rows] : [rows, columns];
  const matrices = copyColumns(isWide ? A.mH : A);
  const batch = batchOf(A);
  const S = Tensor.empty([...batch, steps], A.dtype.toReal());
  const width = vectors === "full" ? height : steps;
  const sought =
    vectors === "none"
      ? undefined
      : { u: emptyColumns([...batch, height, width], A.dtype), v: emptyColumns([...batch, steps, steps], A.dtype) };
  const failure = singularValuesKernel(S, matrices, Tensor.empty(batch, int32), sought);
  checkFailure("linalg.svd", A, failure, notConverged);
  if (sought === undefined) return { U: S, S, Vh: S };
  const { u, v } = sought;
  return isWide ? { U: v, S, Vh: u.mH } : { U: u, S, Vh: v.mH };
}

const decomposeNode: FunctionOp<(A: Tensor, options: { fullMatrices: boolean }) => Singular> = op({
  name: "svd",
  id: "linalg.svd.node",
  nodeName: "LinalgSvdBackward0",
  variants: "function",
  params: { A: tensor, fullMatrices: flag },
  ownConjugation: true,
  forward: ({ A, fullMatrices }) => named(decomposed(A, fullMatrices ? "full" : "reduced")),
  saves: ["results"],
  backward: ([gradU, gradS, gradVh], { results, A }) => {
    const [fullU, S, fullVh] = results as [Tensor, Tensor, Tensor];
    const [rows, columns] = A.sizes.slice(-2) as [number, number];
    const steps = Math.min(rows, columns);
    const [U, Vh] = [fullU.narrow(-1, 0, steps), fullVh.narrow(-2, 0, steps)];
    if (gradU === undefined && gradVh === undefined) {
      return gradS === undefined ? {} : { A: U.mul(gradS.unsqueeze(-2)).matmul(Vh) };
    }
    const [fromU, fromVh] = [gradU?.narrow(-1, 0, steps), gradVh?.narrow(-2, 0, steps)];
    const differences = differencesOf(S.square());
    const [ofU, ofV] = [fromU && U.mH.matmul(fromU), fromVh && Vh.matmul(fromVh.mH)];
    const skew = (x: Tensor) => x.sub(x.mH);
    const turns: Tensor[] = [];
    if (A.dtype.isComplex) {
      const along = ofU === undefined || ofV === undefined ? (ofU ?? (ofV as Tensor)) : ofU.add(ofV);
      checkPhases("svd_backward: The singular vectors", "phase term, making it", along);
      // A phase of U that one of V takes back.
      if (ofU !== undefined && ofV !== undefined) {
        turns.push(skew(ofU).diagonal(0, -2, -1).div(S.mul(2)).diagEmbed());
      }
    }
    if (ofU !== undefined) turns.push(skew(ofU).div(differences).mul(S.unsqueeze(-2)));
    if (ofV !== undefined) turns.push(skew(ofV).div(differences).mul(S.unsqueeze(-1)));
    if (gradS !== undefined) turns.push(gradS.diagEmbed());
    const inner = turns.reduce((sum, turn) => sum.add(turn));
    if (rows > steps && fromU !== undefined) {
      const scaled = fromU.div(S.unsqueeze(-2));
      return {
        A: U.matmul(inner)
          .add(scaled)
          .sub(U.matmul(U.mH.matmul(scaled)))
          .matmul(Vh),
      };
    }
    if (columns > steps && fromVh !== undefined) {
      const scaled = fromVh.div(S.unsqueeze(-1));
      return { A: U.matmul(inner.matmul(Vh).add(scaled).sub(scaled.matmul(Vh.mH).matmul(Vh))) };
    }
    return { A: U.matmul(inner).matmul(Vh) };
  },
});

/** The decomposition of matrices that were checked. */
export function singular(A: Tensor, fullMatrices = false): Singular {
  return decomposeNode(A, { fullMatrices });
}

/**
 * The singular value decomposition: A = U diag(S) Vh with orthonormal columns in U and rows in Vh, S descending.
 *
 * @param options.fullMatrices whether U and Vh are square, which is the default, or have as many columns and rows as there
 * are singular values.
 * @throws LinAlgError for elements that are not finite.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.svd.html
 */
export const svd: FunctionOp<
  (A: Tensor, options?: { fullMatrices?: boolean; out?: readonly [Tensor, Tensor, Tensor] }) => Singular
> = op({
  name: "svd",
  id: "linalg.svd",
  variants: "function",
  params: { A: tensor, fullMatrices: flagOn },
  out: 3,
  overlap: "any",
  composite: ({ A, fullMatrices }) => {
    checkMatrix("linalg.svd", A);
    checkPrecise("linalg.svd", A);
    return singular(A, fullMatrices);
  },
});

const valuesOnly: FunctionOp<(A: Tensor) => Tensor> = op({
  name: "svdvals",
  id: "linalg.svdvals.values",
  variants: "function",
  params: { A: tensor },
  differentiable: false,
  forward: ({ A }) => decomposed(A, "none").S,
});

/**
 * The singular values of matrices in descending order.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.svdvals.html
 */
export const svdvals: FunctionOp<(A: Tensor, options?: Out) => Tensor> = op({
  name: "svdvals",
  id: "linalg.svdvals",
  variants: "function",
  params: { A: tensor },
  out: true,
  overlap: "any",
  composite: ({ A }) => {
    checkMatrix("linalg.svd", A);
    checkPrecise("linalg.svd", A);
    return isFollowed(A) ? singular(A).S : valuesOnly(A);
  },
});

/** A bound for singular values: one number, or one for each matrix. */
export type Tolerance = number | Tensor;

const tolerance: Param<Tolerance> = {
  ...(number as Param<Tolerance>),
  expected: "float or Tensor",
  read: (value) => (value instanceof Tensor ? value : number.read(value)),
};

export interface Tolerances {
  /** Singular values up to this count as 0; 0 by default. */
  atol?: Tolerance | null;
  /** So do those up to this times the largest; by default eps times the larger size, or 0 if there is `atol`. */
  rtol?: Tolerance | null;
}

const tolerances = {
  atol: keyword(optional(nullable(tolerance))),
  rtol: keyword(optional(nullable(tolerance))),
};

/** Up to which value the singular values of each matrix count as 0, with one dim behind. */
function boundOf(A: Tensor, largest: Tensor, { atol, rtol }: Tolerances): Tensor {
  const byDefault = finfo(A.dtype).eps * Math.max(...matrixSizes(A));
  const asTensor = (value: Tolerance) => (value instanceof Tensor ? value : largest.newFull([], value));
  const absolute = asTensor(atol ?? 0).unsqueeze(-1);
  let relative = asTensor(rtol ?? byDefault).unsqueeze(-1);
  // With a bound of its own the relative one is for those that are 0.
  if (typeof atol === "number" && rtol == null && atol > 0) relative = relative.mul(0);
  if (atol instanceof Tensor && rtol == null) relative = relative.mul(absolute.le(0).to(relative.dtype));
  return absolute.maximum(largest.mul(relative).to(largest.dtype)).to(largest.dtype);
}

function sizesOfSpectrum(A: Tensor, hermitian: boolean): Tensor {
  return hermitian ? eigvalsh(A).abs() : svdvals(A);
}

/**
 * The ranks of matrices: how many singular values are larger than a bound.
 *
 * @param options.hermitian whether the matrices are symmetric or Hermitian; then eigenvalues are counted, which is faster.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.matrix_rank.html
 */
export const matrixRank: FunctionOp<(A: Tensor, options?: Tolerances & { hermitian?: boolean } & Out) => Tensor> = op({
  name: "matrixRank",
  id: "linalg.matrixRank",
  variants: "function",
  params: { A: tensor, ...tolerances, hermitian: flag },
  out: "cast",
  overlap: "any",
  differentiable: false,
  composite: ({ A, atol, rtol, hermitian }) => {
    checkMatrix("torch.linalg.matrix_rank", A, "input");
    checkPrecise("linalg.matrix_rank", A);
    if (A.numel() === 0) return A.newZeros(batchOf(A), { dtype: int64 });
    const sizes = sizesOfSpectrum(A.detach(), hermitian);
    return sizes.gt(boundOf(A, sizes.amax(-1, { keepdim: true }), { atol, rtol })).sum(-1);
  },
});

/** The pseudoinverse with its own derivative, which needs no differences of singular values. */
const pseudoinverseNode: FunctionOp<(A: Tensor, options: Tolerances & { hermitian: boolean }) => Tensor> = op({
  name: "pinv",
  id: "linalg.pinv.node",
  nodeName: "LinalgPinvBackward0",
  variants: "function",
  params: { A: tensor, ...tolerances, hermitian: flag },
  ownConjugation: true,
  forward: ({ A, atol, rtol, hermitian }) => {
    const [rows, columns] = matrixSizes(A);
    if (A.numel() === 0) return Tensor.empty([...batchOf(A), columns, rows], A.dtype);
    const inverted = (values: Tensor) => {
      const sizes = values.abs();
      const bound = boundOf(A, sizes.amax(-1, { keepdim: true }), { atol, rtol });
      return values.reciprocal().where(sizes.gt(bound), 0).unsqueeze(-2);
    };
    if (hermitian) {
      const { eigenvalues, eigenvectors: V } = eigh(A);
      return V.mul(inverted(eigenvalues)).matmul(V.mH);
    }
    const { U, S, Vh } = singular(A);
    return Vh.mH.mul(inverted(S)).matmul(U.mH);
  },
  saves: ["A", "result"],
  derivative: {
    A: (grad, { A, result: P }) => {
      const G = grad.mH;
      const [rows, columns] = matrixSizes(A);
      if (rows <= columns) {
        const K = G.matmul(P);
        const KP = K.matmul(P.mH);
        return KP.sub(P.matmul(K).mH)
          .sub(A.matmul(P).matmul(KP))
          .add(P.mH.matmul(P).matmul(G.sub(K.matmul(A))));
      }
      const K = P.matmul(G);
      const PK = P.mH.matmul(K);
      return PK.sub(K.matmul(P).mH)
        .add(G.sub(A.matmul(K)).matmul(P).matmul(P.mH))
        .sub(PK.matmul(P).matmul(A));
    },
  },
});

/** The pseudoinverse of matrices that were checked. */
export function pseudoinverse(A: Tensor, bounds: Tolerances, hermitian: boolean): Tensor {
  if (A.sizes.length < 2 || !(A.dtype.isFloatingPoint || A.dtype.isComplex)) {
    throw new Error(
      `linalg.pinv(${A.dtype}[${A.sizes.join(", ")}]): expected a tensor with 2 or more dimensions of float, double, cfloat or cdouble types`,
    );
  }
  checkPrecise("linalg.pinv", A);
  if (hermitian) checkSquare("linalg.eigh", A);
  return pseudoinverseNode(A, { ...bounds, hermitian });
}

/**
 * The pseudoinverse (Moore and Penrose) of matrices; singular values up to a bound count as 0.
 *
 * @param options.hermitian whether the matrices are symmetric or Hermitian.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.pinv.html
 */
export const pinv: FunctionOp<(A: Tensor, options?: Tolerances & { hermitian?: boolean } & Out) => Tensor> = op({
  name: "pinv",
  id: "linalg.pinv",
  variants: "function",
  params: { A: tensor, ...tolerances, hermitian: flag },
  out: "cast",
  overlap: "any",
  composite: ({ A, atol, rtol, hermitian }) => pseudoinverse(A, { atol, rtol }, hermitian),
});

/** The order of a matrix norm: `"fro"` for the root of the sum of squares, `"nuc"` for the sum of the singular values. */
export type MatrixOrder = NormOrder | "nuc";

export const matrixOrder: Param<MatrixOrder> = {
  ...(number as Param<MatrixOrder>),
  expected: 'float, "fro" or "nuc"',
  read: (value) => (value === "fro" || value === "nuc" ? value : number.read(value)),
};
