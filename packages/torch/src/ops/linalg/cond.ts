/** Condition numbers. */
import { optional, refusing, tensor } from "../../arguments/params.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { Args, FunctionOp, Out } from "../types.js";
import { checkMatrix, checkPrecise, checkSquare } from "./checks.js";
import { invEx } from "./inverse.js";
import { batchOf } from "./matrices.js";
import { matrixNorm } from "./norms.js";
import { type MatrixOrder, matrixOrder, svdvals } from "./svd.js";

/**
 * The condition numbers of matrices: the norm of the matrix times that of its inverse, infinite for a singular one.
 *
 * @param p the order of the norm, 2 by default.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.cond.html
 */
export const cond: FunctionOp<(A: Tensor, ...args: Args<[p?: MatrixOrder | null], ["p"], Out>) => Tensor> = op({
  name: "cond",
  id: "linalg.cond",
  variants: "function",
  params: {
    A: tensor,
    p: optional(refusing(matrixOrder, (given) => `linalg.cond got an invalid norm type: ${given}`)),
  },
  out: "cast",
  overlap: "any",
  composite: ({ A, p }) => {
    checkMatrix("linalg.cond", A);
    checkPrecise("linalg.cond", A);
    if (typeof p === "number" && ![1, 2, Infinity].includes(Math.abs(p))) {
      throw new Error(`linalg.cond got an invalid norm type: ${p}`);
    }
    if (p === undefined || p === 2 || p === -2) {
      const S = svdvals(A);
      if (S.sizes.at(-1) === 0) return S.newZeros(batchOf(A));
      const [most, least] = [S.select(-1, 0), S.select(-1, -1)];
      return p === -2 ? least.div(most) : most.div(least);
    }
    const isEmpty = A.numel() === 0;
    // As in PyTorch, matrices without elements need not be square for orders that are numbers.
    if (!(isEmpty && typeof p === "number"))
      checkSquare(`linalg.cond(ord=${p === "fro" || p === "nuc" ? p : String(p).replace("Infinity", "inf")})`, A);
    if (isEmpty) return A.newZeros(batchOf(A), { dtype: A.dtype.toReal() });
    if (p === "nuc") {
      const S = svdvals(A);
      return S.sum(-1).mul(S.reciprocal().sum(-1));
    }
    const { inverse, info } = invEx(A);
    const product = matrixNorm(A, p).mul(matrixNorm(inverse, p));
    return product.where(info.eq(0), Infinity);
  },
});
