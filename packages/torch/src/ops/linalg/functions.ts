/** Functions of square matrices, and systems of equations between tensors. */
import { int, ints, optional, tensor } from "../../arguments/params.js";
import { withoutRecording } from "../../autograd/modes.js";
import { float32 } from "../../core/dtype.js";
import { numelOf } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { cat } from "../shape/joining.js";
import type { Args, FunctionOp, Out } from "../types.js";
import { checkPrecise, checkSquare } from "./checks.js";
import { inv, solve } from "./inverse.js";
import { eyeLike } from "./matrices.js";

/**
 * Powers of square matrices; of the inverses for a negative power.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.matrix_power.html
 */
export const matrixPower: FunctionOp<(A: Tensor, n: number, options?: Out) => Tensor> = op({
  name: "matrixPower",
  id: "linalg.matrixPower",
  variants: "function",
  params: { A: tensor, n: int },
  out: "cast",
  overlap: "any",
  composite: ({ A, n }) => {
    checkSquare("linalg.matrix_power", A);
    if (n === 0) {
      // The identity, whatever A holds; its gradient is 0.
      const identity = eyeLike(A, A.sizes.at(-1) as number);
      return A.where(identity.ne(identity), identity);
    }
    let square = n < 0 ? inv(A) : A;
    let result: Tensor | undefined;
    for (let left = Math.abs(n); ; left = Math.floor(left / 2)) {
      if (left % 2 === 1) result = result === undefined ? square : result.matmul(square);
      if (left <= 1) return result === A ? A.clone() : (result as Tensor);
      square = square.matmul(square);
    }
  },
});

/** The last power of the series of e^x that is taken, and how many powers are at hand at a time. */
const terms = 18;
const stride = 4;

/** Up to which norm the series is as accurate as the dtype. */
function reachOf(A: Tensor): number {
  return A.dtype.toReal() === float32 ? 3 : 1.09;
}

/** The series of e^x of matrices with small norms: a polynomial in x⁴ whose coefficients are polynomials in x. */
function series(X: Tensor): Tensor {
  const powers = [eyeLike(X, X.sizes.at(-1) as number), X, X.matmul(X)];
  powers.push((powers[2] as Tensor).matmul(X), (powers[2] as Tensor).matmul(powers[2] as Tensor));
  const factorials = [1];
  for (let k = 1; k <= terms; k++) factorials.push((factorials[k - 1] as number) * k);
  let result: Tensor | undefined;
  for (let start = terms - (terms % stride); start >= 0; start -= stride) {
    let part: Tensor | undefined = result?.matmul(powers[stride] as Tensor);
    for (let k = start; k < Math.min(start + stride, terms + 1); k++) {
      const term = (powers[k - start] as Tensor).div(factorials[k] as number);
      part = part === undefined ? term.expand(X.sizes) : part.add(term);
    }
    result = part;
  }
  return result as Tensor;
}

function exponential(A: Tensor): Tensor {
  if (A.numel() === 0) return A.clone();
  const norm = A.abs().sum(-2).amax(-1);
  const halvings = norm.div(reachOf(A)).log2().ceil().clamp(0, 1100).nanToNum(0);
  const most = halvings.max().item();
  const each = halvings.unsqueeze(-1).unsqueeze(-1);
  let result = series(A.mul(each.neg().exp2()));
  // Matrices of smaller norms are squared less often.
  for (let i = 0; i < most; i++) result = result.matmul(result).where(each.gt(i), result);
  return result;
}

const exponentialNode: FunctionOp<(A: Tensor) => Tensor> = op({
  name: "matrixExp",
  id: "linalg.matrixExp.node",
  nodeName: "LinalgMatrixExpBackward0",
  variants: "function",
  params: { A: tensor },
  ownConjugation: true,
  forward: ({ A }) => withoutRecording(() => exponential(A)),
  saves: ["A"],
  derivative: {
    A: (grad, { A }) => {
      // The derivative stands beside the diagonal of the exponential of [A grad; 0 A].
      const own = A.mH;
      const above = cat([own, grad], -1);
      const below = cat([own.mul(0), own], -1);
      const n = A.sizes.at(-1) as number;
      return exponentialNode(cat([above, below], -2))
        .narrow(-2, 0, n)
        .narrow(-1, n, n);
    },
  },
});

/** The exponential, checked in the name of a function; that of half types is computed in float32. */
export function exponentialOf(name: string, A: Tensor): Tensor {
  if (!A.dtype.isHalf) checkPrecise(name, A);
  checkSquare("linalg.matrix_exp", A);
  return A.dtype.isHalf ? exponentialNode(A.to(float32)).to(A.dtype) : exponentialNode(A);
}

/**
 * The exponentials of square matrices: the sums of A^k / k!.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.matrix_exp.html
 */
export const matrixExp: FunctionOp<(A: Tensor) => Tensor> = op({
  name: "matrixExp",
  id: "linalg.matrixExp",
  variants: "function",
  params: { A: tensor },
  composite: ({ A }) => exponentialOf("linalg.matrix_exp", A),
});

/**
 * The inverse of `tensordot`: a tensor that takes B back which A took over its last dims.
 *
 * @param ind how many dims of A belong to the result of the equation, 2 by default.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.tensorinv.html
 */
export const tensorinv: FunctionOp<(A: Tensor, ...args: Args<[ind?: number], ["ind"], Out>) => Tensor> = op({
  name: "tensorinv",
  id: "linalg.tensorinv",
  variants: "function",
  params: { A: tensor, ind: optional(int, 2) },
  out: "cast",
  overlap: "any",
  composite: ({ A, ind }) => {
    if (ind <= 0) throw new RangeError(`Expected a strictly positive integer for 'ind', but got ${ind}`);
    const [first, last] = [A.sizes.slice(0, ind), A.sizes.slice(ind)];
    if (numelOf(first) !== numelOf(last)) {
      throw new Error(
        `Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got ${numelOf(last)} != ${numelOf(first)}`,
      );
    }
    return inv(A.reshape([numelOf(last), numelOf(first)])).reshape([...last, ...first]);
  },
});

/**
 * The tensor X for which `tensordot(A, X)` over all dims of X is B.
 *
 * @param dims dims of A that are moved to its end before.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.tensorsolve.html
 */
export const tensorsolve: FunctionOp<
  (A: Tensor, B: Tensor, ...args: Args<[dims?: readonly number[] | null], ["dims"], Out>) => Tensor
> = op({
  name: "tensorsolve",
  id: "linalg.tensorsolve",
  variants: "function",
  params: { A: tensor, B: tensor, dims: optional(ints) },
  out: "cast",
  overlap: "any",
  composite: ({ A, B, dims }) => {
    const ends = dims?.map((_, i) => A.sizes.length - dims.length + i);
    const moved = dims === undefined ? A : A.movedim(dims, ends as number[]);
    const [first, last] = [moved.sizes.slice(0, B.sizes.length), moved.sizes.slice(B.sizes.length)];
    const count = numelOf(last);
    for (const rows of [numelOf(first), B.numel()]) {
      if (count === rows) continue;
      throw new Error(
        `Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got ${count} != ${rows}`,
      );
    }
    return solve(moved.reshape([count, count]), B.flatten()).reshape(last);
  },
});
