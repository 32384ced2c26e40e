/** Least squares: the X for which A X is nearest to B. */
import { keyword, nullable, number, optional, refusing, tensor, word } from "../../arguments/params.js";
import { copy, fill, reflectionApply } from "../../backend/kernels.js";
import { int64, scalarTypeName } from "../../core/dtype.js";
import { finfo } from "../../core/limits.js";
import { Tensor } from "../../core/tensor.js";
import { type Named, named, op } from "../define.js";
import { differentiate } from "../differentiate.js";
import type { Args, FunctionOp } from "../types.js";
import { checkPrecise } from "./checks.js";
import { areVectors, batchOf, commonBatch, copyColumns, emptyColumns, matrixSizes } from "./matrices.js";
import { reflectionsOf } from "./qr.js";
import { pseudoinverse, singular } from "./svd.js";
import { solveTriangular } from "./triangular.js";

/** LAPACK's routine whose results are given: by QR for matrices of full rank, or by singular values. */
export type LstsqDriver = "gels" | "gelsy" | "gelsd" | "gelss";

export type LeastSquares = Named<{
  readonly solution: Tensor;
  readonly residuals: Tensor;
  readonly rank: Tensor;
  readonly singularValues: Tensor;
}>;

/** For matrices of full rank: by Q R of the matrix or, where it is wide, of its adjoint. */
function solvedByReflections(A: Tensor, B: Tensor): Tensor {
  const [rows, columns] = matrixSizes(A);
  if (rows >= columns) {
    const { a, tau } = reflectionsOf(A);
    const turned = copyColumns(B);
    reflectionApply(turned, a, tau, true);
    const R = a.narrow(-2, 0, columns);
    return solveTriangular(R, turned.narrow(-2, 0, columns), { upper: true });
  }
  const { a, tau } = reflectionsOf(A.mH);
  const R = a.narrow(-2, 0, rows);
  const inner = solveTriangular(R.mH, B, { upper: false });
  const solution = emptyColumns([...batchOf(A), columns, B.sizes.at(-1) as number], A.dtype);
  fill(solution, 0);
  copy(solution.narrow(-2, 0, rows), inner);
  reflectionApply(solution, a, tau, false);
  return solution;
}

const solveNode: FunctionOp<(A: Tensor, B: Tensor, options: { rcond?: number; driver: LstsqDriver }) => LeastSquares> =
  op({
    name: "lstsq",
    id: "linalg.lstsq.node",
    nodeName: "LinalgLstsqBackward0",
    variants: "function",
    params: {
      A: tensor,
      B: tensor,
      rcond: keyword(optional(number)),
      driver: keyword(word("gels", "gelsy", "gelsd", "gelss")),
    },
    ownConjugation: true,
    forward: ({ A, B, rcond, driver }) => {
      if (driver === "gels") {
        const nothing = Tensor.empty([0], int64);
        return named({
          solution: solvedByReflections(A, B),
          rank: nothing,
          singularValues: Tensor.empty([0], A.dtype.toReal()),
        });
      }
      const { U, S, Vh } = singular(A);
      const limit = rcond ?? finfo(A.dtype).eps * Math.max(...matrixSizes(A));
      const counts = S.gt(S.narrow(-1, 0, Math.min(1, S.sizes.at(-1) as number)).mul(limit));
      const inverted = S.reciprocal().where(counts, 0);
      const solution = Vh.mH.matmul(U.mH.matmul(B).mul(inverted.unsqueeze(-1)));
      return named({
        solution,
        rank: counts.sum(-1),
        singularValues: driver === "gelsy" ? Tensor.empty([0], A.dtype.toReal()) : S,
      });
    },
    saves: ["A", "B"],
    backward: ([grad], { A, B }, needs) => {
      const compose = ([a, b]: readonly (Tensor | null | undefined)[]) => [
        pseudoinverse(a as Tensor, {}, false).matmul(b as Tensor),
      ];
      const [gradA, gradB] = differentiate(compose, [A, B], [needs.A, needs.B], [grad]);
      return { A: gradA, B: gradB };
    },
  });

const driverOrWords = refusing(
  word("gels", "gelsy", "gelsd", "gelss"),
  () => "torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)",
);

/** Throws unless B has a row for each of A, and one dim less at most. */
function checkShapes(name: string, A: Tensor, B: Tensor): void {
  const less = A.sizes.length - B.sizes.length;
  if (less !== 0 && less !== 1) {
    throw new Error(
      `${name}: input.dim() must be greater or equal to other.dim() and (input.dim() - other.dim()) <= 1`,
    );
  }
  const dim = less === 1 ? -1 : -2;
  if (A.sizes.at(-2) !== B.sizes.at(dim)) {
    throw new Error(`${name}: input.size(-2) should match other.size(${dim})`);
  }
}

/**
 * Least squares: the X that makes the norm of A X - B smallest, and among several the smallest one.
 *
 * @param B matrices, or vectors: of one dim, or as many as A has matrices.
 * @param rcond singular values up to this times the largest count as 0; eps times the larger size by default.
 * @param options.driver `"gelsy"` by default; `"gels"` is faster, and for matrices of full rank; `"gelsd"` and `"gelss"`
 * also give singular values.
 * @returns the solution; the sums of squares of A X - B where there are more rows than columns and the rank is full,
 * else nothing; the rank, which `"gels"` does not tell; and singular values.
 * Gradients flow through the solution alone.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.lstsq.html
 */
export const lstsq: FunctionOp<
  (
    A: Tensor,
    B: Tensor,
    ...args: Args<[rcond?: number | null], ["rcond"], { driver?: LstsqDriver | null; out?: readonly Tensor[] }>
  ) => LeastSquares
> = op({
  name: "lstsq",
  id: "linalg.lstsq",
  variants: "function",
  params: {
    A: tensor,
    B: tensor,
    rcond: optional(number),
    driver: optional(nullable(driverOrWords)),
  },
  out: 4,
  overlap: "any",
  composite: ({ A, B, rcond, driver }) => {
    const name = "torch.linalg.lstsq";
    if (A.sizes.length < 2) throw new Error(`${name}: input must have at least 2 dimensions.`);
    if (B.sizes.length < 1) throw new Error(`${name}: other must have at least 1 dimension.`);
    if (A.dtype !== B.dtype) {
      throw new TypeError(
        `${name}: Expected input and other to have the same dtype, but got input's dtype ${scalarTypeName(A.dtype)} and other's dtype ${scalarTypeName(B.dtype)}`,
      );
    }
    checkPrecise(name, A);
    checkShapes(name, A, B);
    const isVector = areVectors(B, A);
    const right = isVector ? B.unsqueeze(-1) : B;
    const [rows, columns] = matrixSizes(A);
    const batch = commonBatch(A, right);
    const by = driver ?? "gelsy";
    // Singular values are those of each matrix, however many right-hand sides it has.
    const left = by === "gels" ? A.expand([...batch, rows, columns]) : A;
    const other = right.expand([...batch, rows, right.sizes.at(-1) as number]);
    const { solution, rank, singularValues } = solveNode(left, other, { rcond, driver: by });
    const isOver = rows > columns && by !== "gelsy" && (by === "gels" || rank.eq(columns).all().item() === 1);
    const found = solution.detach();
    const residuals = isOver
      ? left.detach().matmul(found).sub(other.detach()).abs().square().sum(-2)
      : A.newEmpty([0], { dtype: A.dtype.toReal() });
    return named({
      solution: isVector ? solution.squeeze(-1) : solution,
      residuals,
      rank,
      singularValues: singularValues.detach(),
    });
  },
});
