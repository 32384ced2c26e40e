/** `torch.linalg`'s norms: of vectors, of matrices, and of either. */
import {
  dims as dimsParam,
  dtype as dtypeParam,
  flag,
  keyword,
  nullable,
  number,
  optional,
  refusing,
  tensor,
} from "../../arguments/params.js";
import { type DType, promoteTypes, scalarTypeName } from "../../core/dtype.js";
import { wrapDim } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { norm as normOf } from "../reductions/norms.js";
import type { Args, Dims, FunctionOp, Out } from "../types.js";
import { checkFloating, checkMatrix, checkPrecise } from "./checks.js";
import { type MatrixOrder, matrixOrder, svdvals } from "./svd.js";

type NormOptions = { keepdim?: boolean; dtype?: DType } & Out;

const options = { keepdim: flag, dtype: keyword(optional(dtypeParam)) };

/**
 * The norm of vectors, (sum |x|^ord)^(1/ord), of all elements or over dims.
 *
 * @param ord 2 by default; may be 0 (the number of elements that are not 0) or infinite (the largest magnitude).
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.vector_norm.html
 */
export const vectorNorm: FunctionOp<
  (x: Tensor, ...args: Args<[ord?: number, dim?: Dims | null], ["ord", "dim"], NormOptions>) => Tensor
> = op({
  name: "vectorNorm",
  variants: "function",
  params: { x: tensor, ord: optional(number, 2), dim: optional(nullable(dimsParam)), ...options },
  out: true,
  overlap: "any",
  composite: ({ x, ord, dim, keepdim, dtype }) => {
    checkComputed("linalg.vector_norm", x, dtype);
    checkIdentity(x, ord, dim);
    return normOf(x, ord, dim, { keepdim, dtype });
  },
});

/** Throws unless a norm of the input can be computed in a dtype: one of its kind that holds all of its numbers. */
function checkComputed(name: string, input: Tensor, dtype: DType | undefined): void {
  checkFloating(name, input);
  if (dtype === undefined) return;
  if (!dtype.isFloatingPoint && !dtype.isComplex) {
    throw new TypeError(`${name}: dtype should be floating point or complex, but got ${scalarTypeName(dtype)}`);
  }
  if (dtype.isComplex !== input.dtype.isComplex) {
    const kind = input.dtype.isComplex ? "complex" : "real";
    throw new TypeError(`${name}: dtype should be ${kind} for ${kind} inputs, but got ${scalarTypeName(dtype)}`);
  }
  if (promoteTypes(input.dtype, dtype) !== dtype) {
    throw new TypeError(
      `${name}: the dtype of the input (${scalarTypeName(input.dtype)}) should be convertible without narrowing to the specified dtype (${scalarTypeName(dtype)})`,
    );
  }
}

/** Throws for orders that have no value of no element, as an infinite one. */
function checkIdentity(x: Tensor, ord: number, dim: readonly number[] | null | undefined): void {
  if (x.numel() > 0 || (ord >= 0 && ord !== Infinity)) return;
  const of = `linalg.vector_norm cannot compute the ${String(ord).replace("Infinity", "inf")} norm on`;
  if (!dim?.length) {
    throw new Error(`${of} an empty tensor because the operation does not have an identity`);
  }
  const empty = dim.find((d) => x.sizes.at(d) === 0);
  if (empty !== undefined) {
    throw new Error(
      `${of} the dimension ${empty} because this dimension is empty and the operation does not have an identity`,
    );
  }
}

const orderOrWords = refusing(matrixOrder, (given) => `linalg.matrix_norm: Order ${given} not supported.`);

/**
 * The norm of matrices, which are the last two dims unless others are given.
 *
 * @param ord `"fro"` (the default): the root of the sum of squares; 1 or -1: the largest or smallest sum of magnitudes
 * of a column; Infinity or -Infinity: of a row; 2 or -2: the largest or smallest singular value; `"nuc"`: their sum.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.matrix_norm.html
 */
export const matrixNorm: FunctionOp<
  (
    A: Tensor,
    ...args: Args<[ord?: MatrixOrder, dim?: readonly [number, number]], ["ord", "dim"], NormOptions>
  ) => Tensor
> = op({
  name: "matrixNorm",
  variants: "function",
  params: { A: tensor, ord: optional(orderOrWords, "fro"), dim: optional(dimsParam, [-2, -1]), ...options },
  out: true,
  overlap: "any",
  composite: ({ A, ord, dim, keepdim, dtype }) => {
    checkMatrix("linalg.matrix_norm", A);
    checkComputed("linalg.matrix_norm", A, dtype);
    if (dim.length !== 2) throw new Error(`linalg.matrix_norm: dim must be a 2-tuple. Got ${dim.join(" ")}`);
    const places = dim.map((d) => wrapDim(d, A.sizes.length));
    const [row, column] = places as [number, number];
    if (row === column) throw new Error(`linalg.matrix_norm: dims must be different. Got (${dim.join(", ")})`);
    if (ord === "fro") return normOf(A, 2, [row, column], { keepdim, dtype });
    if (ord === "nuc" || Math.abs(ord) === 2) {
      const S = svdvals(singularInput(dtype === undefined ? A : A.to(dtype), row, column));
      const value = ord === "nuc" ? S.sum(-1) : ord > 0 ? S.amax(-1) : S.amin(-1);
      return keepdim ? restored(value, row, column) : value;
    }
    if (Math.abs(ord) !== 1 && Math.abs(ord) !== Infinity) {
      throw new Error(`linalg.matrix_norm: Order ${ord} not supported.`);
    }
    const [summed, kept] = Math.abs(ord) === 1 ? [row, column] : [column, row];
    const sums = normOf(A, 1, summed, { keepdim: true, dtype });
    const extreme = ord > 0 ? sums.amax(kept, { keepdim: true }) : sums.amin(kept, { keepdim: true });
    return keepdim ? extreme : extreme.squeeze([row, column]);
  },
});

/** The matrices in two dims as the last ones. */
function singularInput(A: Tensor, row: number, column: number): Tensor {
  checkPrecise("linalg.matrix_norm", A);
  return A.movedim([row, column], [-2, -1]);
}

/** Values for matrices with dims of size 1 where the dims of the matrices were. */
function restored(values: Tensor, row: number, column: number): Tensor {
  const [first, second] = [Math.min(row, column), Math.max(row, column)];
  return values.unsqueeze(first).unsqueeze(second);
}

/** Throws unless so many dims are those of vectors or matrices, where that matters. */
function checkCount(count: number, ord: MatrixOrder | undefined, dim: readonly number[] | undefined): void {
  if (count === 1 || count === 2) return;
  if (dim !== undefined) {
    throw new Error(`linalg.norm: If dim is specified, it must be of length 1 or 2. Got [${dim.join(", ")}]`);
  }
  if (ord !== undefined) {
    throw new Error(`linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got ${count}D.`);
  }
}

/**
 * The norm of vectors or matrices: of matrices if there are two dims and an order, else of vectors.
 *
 * @param ord without it the 2-norm of all elements, or over the dims.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.norm.html
 */
export const norm: FunctionOp<
  (A: Tensor, ...args: Args<[ord?: MatrixOrder | null, dim?: Dims | null], ["ord", "dim"], NormOptions>) => Tensor
> = op({
  name: "norm",
  id: "linalg.norm",
  variants: "function",
  params: { A: tensor, ord: optional(orderOrWords), dim: optional(dimsParam), ...options },
  out: true,
  overlap: "any",
  composite: ({ A, ord, dim, keepdim, dtype }) => {
    const given = { keepdim, dtype };
    const count = dim?.length ?? A.sizes.length;
    checkCount(count, ord, dim);
    if (ord === undefined) return vectorNorm(A, 2, dim, given);
    if (count === 2) return matrixNorm(A, ord, (dim ?? [0, 1]) as [number, number], given);
    if (typeof ord === "string") throw new Error(`linalg.norm: the order ${ord} is for matrices only`);
    return vectorNorm(A, ord, dim, given);
  },
});
