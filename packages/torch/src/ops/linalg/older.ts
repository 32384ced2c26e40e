/** Functions of matrices that stand in `torch` itself, many of them under older names of those of `torch.linalg`. */
import { flag, flagOn, int, number, optional, tensor } from "../../arguments/params.js";
import { int32 } from "../../core/dtype.js";
import type { Tensor } from "../../core/tensor.js";
import { type Named, named, op } from "../define.js";
import type { Args, FunctionOp, Op, Out } from "../types.js";
import { checkMatrix, checkPrecise, checkSameDtypes, checkSquare } from "./checks.js";
import { choleskyOf } from "./cholesky.js";
import * as symmetric from "./eigen.js";
import * as ofMatrices from "./functions.js";
import * as inverses from "./inverse.js";
import * as decompositions from "./lu.js";
import { batchOf, commonBatch, eyeLike, matrixSizes } from "./matrices.js";
import * as reflections from "./qr.js";
import * as spectra from "./svd.js";
import { solveLeft } from "./triangular.js";

type OfMatrices = Op<(input: Tensor) => Tensor>;

/** `torch.linalg.det` under its older name. */
export const det: OfMatrices = op({
  name: "det",
  params: { input: tensor },
  composite: ({ input }) => inverses.det(input),
});

/** `torch.linalg.inv` under its older name. */
export const inverse: Op<(input: Tensor, options?: Out) => Tensor> = op({
  name: "inverse",
  params: { input: tensor },
  out: true,
  overlap: "any",
  composite: ({ input }) => inverses.inv(input),
});

/** `torch.linalg.slogdet` under its older name. */
export const slogdet: Op<(input: Tensor, options?: { out?: readonly [Tensor, Tensor] }) => inverses.LogDeterminant> =
  op({
    name: "slogdet",
    params: { input: tensor },
    out: 2,
    overlap: "any",
    composite: ({ input }) => inverses.slogdet(input),
  });

/**
 * The logarithm of the determinant: NaN for one that is real and negative.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.logdet.html
 */
export const logdet: OfMatrices = op({
  name: "logdet",
  params: { input: tensor },
  composite: ({ input }) => {
    checkSquare("logdet", input);
    checkPrecise("logdet", input);
    const { sign, logabsdet } = inverses.slogdet(input);
    if (input.dtype.isComplex) return sign.log().add(logabsdet);
    return logabsdet.where(sign.ne(-1), Number.NaN);
  },
});

/** What `lu` gives; `info` where it is asked for. */
export type CompactFactors = Named<{ readonly LU: Tensor; readonly pivots: Tensor; readonly info?: Tensor }>;

/**
 * `torch.linalg.luFactorEx` under its older name; it does not throw for singular matrices.
 *
 * @param options.getInfos whether to give `info`, too.
 * @see https://pytorch.org/docs/stable/generated/torch.lu.html
 */
export const lu: Op<(A: Tensor, options?: { pivot?: boolean; getInfos?: boolean }) => CompactFactors> = op({
  name: "lu",
  params: { A: tensor, pivot: flagOn, getInfos: flag },
  composite: ({ A, pivot, getInfos }) => {
    const { LU, pivots, info } = decompositions.luFactorEx(A, { pivot });
    return getInfos ? named({ LU, pivots, info }) : named({ LU, pivots });
  },
});

/**
 * `torch.linalg.luSolve` with the right-hand sides first.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.lu_solve.html
 */
export const luSolve: Op<(b: Tensor, LUData: Tensor, LUPivots: Tensor, options?: Out) => Tensor> = op({
  name: "luSolve",
  params: { b: tensor, LUData: tensor, LUPivots: tensor },
  out: true,
  overlap: "any",
  composite: ({ b, LUData, LUPivots }) => decompositions.luSolve(LUData, LUPivots, b),
});

/**
 * What `luFactor` gives as matrices of their own: A = P L U.
 *
 * @param options.unpackData false for L and U without elements.
 * @param options.unpackPivots false for P without elements.
 * @see https://pytorch.org/docs/stable/generated/torch.lu_unpack.html
 */
export const luUnpack: FunctionOp<
  (
    LUData: Tensor,
    LUPivots: Tensor,
    options?: { unpackData?: boolean; unpackPivots?: boolean; out?: readonly [Tensor, Tensor, Tensor] },
  ) => decompositions.Triangles
> = op({
  name: "luUnpack",
  variants: "function",
  params: { LUData: tensor, LUPivots: tensor, unpackData: flagOn, unpackPivots: flagOn },
  out: 3,
  overlap: "any",
  composite: ({ LUData, LUPivots, unpackData, unpackPivots }) => {
    checkMatrix("torch.lu_unpack", LUData, "LU_data");
    if (unpackPivots && LUPivots.dtype !== int32) {
      throw new TypeError("torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.");
    }
    const nothing = () => LUData.newEmpty([0]);
    const P = unpackPivots
      ? decompositions.permutationMatrix(LUPivots, LUData.sizes.at(-2) as number, LUData)
      : nothing();
    if (!unpackData) return named({ P, L: nothing(), U: nothing() });
    const { L, U } = decompositions.triangles(LUData);
    return named({ P, L, U });
  },
});

/** Throws unless A X = b is a system of equations between matrices that can be solved. */
function checkEquations(name: string, A: Tensor, b: Tensor): void {
  checkSquare(name, A);
  if (b.sizes.at(-2) !== A.sizes.at(-1)) {
    throw new Error(
      `Incompatible matrix sizes for ${name}: each A matrix is ${A.sizes.slice(-2).join(" by ")} but each b matrix is ${b.sizes.slice(-2).join(" by ")}`,
    );
  }
  checkSameDtypes(name, A, b);
  checkPrecise(name, A);
}

/** What `triangularSolve` gives. */
export type TriangularSolution = Named<{ readonly solution: Tensor; readonly clonedCoefficient: Tensor }>;

/**
 * Solves A X = b for a triangular A; `torch.linalg.solveTriangular` does the same.
 *
 * @param options.upper true by default.
 * @param options.transpose whether Aᵀ X = b is solved.
 * @see https://pytorch.org/docs/stable/generated/torch.triangular_solve.html
 */
export const triangularSolve: Op<
  (
    b: Tensor,
    A: Tensor,
    options?: { upper?: boolean; transpose?: boolean; unitriangular?: boolean; out?: readonly [Tensor, Tensor] },
  ) => TriangularSolution
> = op({
  name: "triangularSolve",
  params: { b: tensor, A: tensor, upper: flagOn, transpose: flag, unitriangular: flag },
  out: 2,
  overlap: "any",
  composite: ({ b, A, upper, transpose, unitriangular }) => {
    for (const [name, input] of [["b", b] as const, ["A", A] as const]) {
      if (input.sizes.length >= 2) continue;
      throw new Error(
        `torch.triangular_solve: Expected ${name} to have at least 2 dimensions, but it has ${input.sizes.length} dimensions instead`,
      );
    }
    checkEquations("triangular_solve", A, b);
    const batch = commonBatch(A, b);
    const matrix = transpose ? A.mT : A;
    const solution = solveLeft(matrix, b, { upper: upper !== transpose, unitriangular });
    return named({ solution, clonedCoefficient: A.expand([...batch, ...A.sizes.slice(-2)]).clone() });
  },
});

type Upper = { upper?: boolean } & Out;

/**
 * `torch.linalg.cholesky` under its older name.
 *
 * @param options.upper whether the upper triangle is given, and that of the input is read.
 * @see https://pytorch.org/docs/stable/generated/torch.cholesky.html
 */
export const cholesky: Op<(input: Tensor, options?: Upper) => Tensor> = op({
  name: "cholesky",
  params: { input: tensor, upper: flag },
  out: "cast",
  overlap: "any",
  composite: ({ input, upper }) => choleskyOf("cholesky", input, upper),
});

/**
 * Solves A X = B by the Cholesky factor of A.
 *
 * @param input2 the lower factor.
 * @param options.upper whether it is the upper one.
 * @see https://pytorch.org/docs/stable/generated/torch.cholesky_solve.html
 */
export const choleskySolve: Op<(input: Tensor, input2: Tensor, options?: Upper) => Tensor> = op({
  name: "choleskySolve",
  params: { input: tensor, input2: tensor, upper: flag },
  out: "cast",
  overlap: "any",
  composite: ({ input: B, input2: factor, upper }) => {
    for (const [which, matrix] of [["b", B] as const, ["u", factor] as const]) {
      if (matrix.sizes.length >= 2) continue;
      throw new Error(`${which} should have at least 2 dimensions, but has ${matrix.sizes.length} dimensions instead`);
    }
    checkEquations("cholesky_solve", factor, B);
    return solveByCholesky(B, factor, upper);
  },
});

function solveByCholesky(B: Tensor, factor: Tensor, upper: boolean): Tensor {
  const [first, second] = upper ? [factor.mH, factor] : [factor, factor.mH];
  const half = solveLeft(first, B, { upper: false, unitriangular: false });
  return solveLeft(second, half, { upper: true, unitriangular: false });
}

/**
 * The inverse of a matrix by its Cholesky factor.
 *
 * @param options.upper whether it is the upper factor.
 * @see https://pytorch.org/docs/stable/generated/torch.cholesky_inverse.html
 */
export const choleskyInverse: Op<(input: Tensor, options?: Upper) => Tensor> = op({
  name: "choleskyInverse",
  params: { input: tensor, upper: flag },
  out: "cast",
  overlap: "any",
  composite: ({ input, upper }) => {
    checkSquare("cholesky_inverse", input);
    checkPrecise("cholesky_inverse", input);
    return solveByCholesky(eyeLike(input, input.sizes.at(-1) as number), input, upper);
  },
});

type Of<R> = Op<(input: Tensor, options?: { some?: boolean; out?: readonly [Tensor, Tensor] }) => R>;

/**
 * `torch.linalg.qr` under its older name.
 *
 * @param options.some false for a square Q.
 * @see https://pytorch.org/docs/stable/generated/torch.qr.html
 */
export const qr: Of<reflections.Orthogonal> = op({
  name: "qr",
  params: { input: tensor, some: flagOn },
  out: 2,
  overlap: "any",
  composite: ({ input, some }) => reflections.qr(input, { mode: some ? "reduced" : "complete" }),
});

/**
 * The QR decomposition as LAPACK gives it: R from the diagonal on, and below it reflections, to which `tau` belongs.
 * Of it there are no gradients, as in PyTorch: `backward` throws.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.geqrf.html
 */
export const geqrf: Op<(input: Tensor, options?: { out?: readonly [Tensor, Tensor] }) => reflections.Reflections> = op({
  name: "geqrf",
  params: { input: tensor },
  out: 2,
  overlap: "any",
  forward: ({ input }) => {
    if (input.sizes.length < 2) throw new Error("torch.geqrf: input must have at least 2 dimensions.");
    checkPrecise("geqrf", input);
    return named(reflections.reflectionsOf(input));
  },
  backward: () => {
    throw new Error("the derivative for 'geqrf' is not implemented.");
  },
});

/**
 * `torch.linalg.householderProduct` under its older name.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.orgqr.html
 */
export const orgqr: Op<(input: Tensor, tau: Tensor, options?: Out) => Tensor> = op({
  name: "orgqr",
  params: { input: tensor, tau: tensor },
  out: "cast",
  overlap: "any",
  composite: ({ input, tau }) => reflections.householderProduct(input, tau),
});

/**
 * The product of a matrix and the Q of which `geqrf` gives the reflections.
 *
 * @param other the matrix.
 * @param options.left whether Q stands on the left, as it does by default.
 * @param options.transpose whether Q is transposed, and conjugated if complex.
 * @see https://pytorch.org/docs/stable/generated/torch.ormqr.html
 */
export const ormqr: Op<
  (input: Tensor, tau: Tensor, other: Tensor, options?: { left?: boolean; transpose?: boolean } & Out) => Tensor
> = op({
  name: "ormqr",
  params: { input: tensor, tau: tensor, other: tensor, left: flagOn, transpose: flag },
  out: true,
  overlap: "any",
  composite: ({ input, tau, other, left, transpose }) => reflections.multiplied(input, tau, other, left, transpose),
});

export type SingularVectors = Named<{ readonly U: Tensor; readonly S: Tensor; readonly V: Tensor }>;

/**
 * The singular value decomposition, input = U diag(S) Vᴴ; `torch.linalg.svd` gives Vᴴ rather than V.
 *
 * @param options.some false for square U and V.
 * @param options.computeUv false for zeros in the place of U and V.
 * @see https://pytorch.org/docs/stable/generated/torch.svd.html
 */
export const svd: Op<
  (
    input: Tensor,
    options?: { some?: boolean; computeUv?: boolean; out?: readonly [Tensor, Tensor, Tensor] },
  ) => SingularVectors
> = op({
  name: "svd",
  params: { input: tensor, some: flagOn, computeUv: flagOn },
  out: 3,
  overlap: "any",
  composite: ({ input, some, computeUv }) => {
    if (input.sizes.length < 2) {
      throw new Error(
        `linalg.svd: input should have at least 2 dimensions, but has ${input.sizes.length} dimensions instead`,
      );
    }
    checkPrecise("linalg.svd", input);
    if (computeUv) {
      const { U, S, Vh } = spectra.singular(input, !some);
      return named({ U, S, V: Vh.mH });
    }
    const [rows, columns] = matrixSizes(input);
    const zeros = (n: number) => input.newZeros([...batchOf(input), n, n]);
    return named({ U: zeros(rows), S: spectra.svdvals(input), V: zeros(columns) });
  },
});

/**
 * The pseudoinverse; singular values up to `rcond` times the largest count as 0.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.pinverse.html
 */
export const pinverse: Op<(input: Tensor, ...args: Args<[rcond?: number], ["rcond"]>) => Tensor> = op({
  name: "pinverse",
  params: { input: tensor, rcond: optional(number, 1e-15) },
  composite: ({ input, rcond }) => spectra.pseudoinverse(input, { atol: 0, rtol: rcond }, false),
});

/**
 * `torch.linalg.matrixPower` under its older name.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.matrix_power.html
 */
export const matrixPower: Op<(input: Tensor, n: number, options?: Out) => Tensor> = op({
  name: "matrixPower",
  params: { input: tensor, n: int },
  out: "cast",
  overlap: "any",
  composite: ({ input, n }) => ofMatrices.matrixPower(input, n),
});

/**
 * `torch.linalg.matrixExp` under its older name.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.matrix_exp.html
 */
export const matrixExp: Op<(A: Tensor) => Tensor> = op({
  name: "matrixExp",
  params: { A: tensor },
  composite: ({ A }) => ofMatrices.exponentialOf("matrix_exp", A),
});

/**
 * Eigenvalues, and eigenvectors where they are asked for, of symmetric or Hermitian matrices: `torch.linalg.eigh` under its
 * older name, which reads the upper triangle by default.
 *
 * @param options.eigenvectors false for a tensor without elements in their place.
 */
export const symeig: Op<
  (
    input: Tensor,
    options?: { eigenvectors?: boolean; upper?: boolean; out?: readonly [Tensor, Tensor] },
  ) => symmetric.Eigen
> = op({
  name: "symeig",
  params: { input: tensor, eigenvectors: flag, upper: flagOn },
  out: 2,
  overlap: "any",
  composite: ({ input, eigenvectors, upper }) => {
    checkSquare("linalg.symeig", input);
    checkPrecise("symeig", input);
    const UPLO = upper ? "U" : "L";
    if (eigenvectors) return symmetric.eigh(input, { UPLO });
    const none = input.newEmpty(input.numel() === 0 ? input.sizes : [0]);
    return named({ eigenvalues: symmetric.eigvalsh(input, { UPLO }), eigenvectors: none });
  },
});
