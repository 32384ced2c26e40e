/** `torch.linalg`'s products of vectors and matrices: `cross`, `vecdot`, `multiDot`, `vander`, and `diagonal`. */
import { int, keyword, optional, tensor, tensors } from "../../arguments/params.js";
import { bool, scalarTypeName } from "../../core/dtype.js";
import { broadcastShapes, formatShape, wrapDim } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { crossAlong, multiplyChain } from "../products/parts.js";
import { diagonal as diagonalOf } from "../shape/diagonals.js";
import { cat } from "../shape/joining.js";
import type { FunctionOp, Out } from "../types.js";
import { checkFloating } from "./checks.js";

/**
 * The vector product of vectors of three elements along a dim; the tensors broadcast.
 *
 * @param options.dim the last by default.
 * @throws Error unless both have size 3 there.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.cross.html
 */
export const cross: FunctionOp<(input: Tensor, other: Tensor, options?: { dim?: number } & Out) => Tensor> = op({
  name: "cross",
  id: "linalg.cross",
  variants: "function",
  params: { input: tensor, other: tensor, dim: keyword(optional(int, -1)) },
  out: true,
  overlap: "any",
  composite: ({ input, other, dim }) => {
    const ndim = input.sizes.length;
    if (ndim !== other.sizes.length) {
      throw new Error("linalg.cross: inputs must have the same number of dimensions.");
    }
    if (ndim === 0) throw new RangeError(`Dimension specified as ${dim} but tensor has no dimensions`);
    const d = wrapDim(dim, ndim);
    if (input.sizes[d] !== 3 || other.sizes[d] !== 3) {
      throw new Error(
        `linalg.cross: inputs dimension ${dim} must have length 3. Got ${input.sizes[d]} and ${other.sizes[d]}`,
      );
    }
    const shape = broadcastShapes(input.sizes, other.sizes);
    return crossAlong(input.expand(shape), other.expand(shape), d);
  },
});

/**
 * The sums of products of two tensors' elements along a dim, of which complex ones of the first are conjugated.
 *
 * @param options.dim the last by default.
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.vecdot.html
 */
export const vecdot: FunctionOp<(x: Tensor, y: Tensor, options?: { dim?: number } & Out) => Tensor> = op({
  name: "vecdot",
  variants: "function",
  params: { x: tensor, y: tensor, dim: keyword(optional(int, -1)) },
  out: true,
  overlap: "any",
  composite: ({ x, y, dim }) => {
    checkFloating("linalg.vecdot", x);
    if (x.dtype !== y.dtype) {
      throw new TypeError(
        `linalg.vecdot: Expected x and y to have the same dtype, but found x of type ${scalarTypeName(x.dtype)} and y of type ${scalarTypeName(y.dtype)} instead`,
      );
    }
    return x.conj().mul(y).sum(dim);
  },
});

/**
 * The product of two or more matrices, multiplied in the order that takes the fewest multiplications.
 *
 * The first and the last tensor may be vectors: a row before all others, a column behind them.
 *
 * @example torch.linalg.multiDot([torch.rand(10, 100), torch.rand(100, 5), torch.rand(5, 50)]).shape // [10, 50]
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.multi_dot.html
 */
export const multiDot: FunctionOp<(tensors: readonly Tensor[], options?: Out) => Tensor> = op({
  name: "multiDot",
  variants: "function",
  params: { tensors },
  out: true,
  overlap: "any",
  composite: ({ tensors: factors }) => {
    const matrices = checkedFactors(factors);
    const [first, last] = [factors[0] as Tensor, factors.at(-1) as Tensor];
    const product = multiplyChain(matrices);
    const shape = [
      ...(first.sizes.length === 1 ? [] : [product.sizes[0] as number]),
      ...(last.sizes.length === 1 ? [] : [product.sizes[1] as number]),
    ];
    return shape.length === 2 ? product : product.view(shape);
  },
});

/** The factors of `multiDot` as matrices. */
function checkedFactors(factors: readonly Tensor[]): readonly Tensor[] {
  const count = factors.length;
  if (count < 2) throw new Error(`multi_dot(): expected at least 2 tensors but got ${count}`);
  const matrices = factors.map((factor, i) => {
    const ndim = factor.sizes.length;
    if (factor.dtype !== factors[0]?.dtype) {
      throw new TypeError(
        `multi_dot(): all tensors must have be the same dtype but tensor 0 is ${scalarTypeName((factors[0] as Tensor).dtype)} and tensor ${i} ${scalarTypeName(factor.dtype)}`,
      );
    }
    if (i > 0 && i < count - 1) {
      if (ndim !== 2) throw new Error(`multi_dot(): tensor ${i} must be 2D but got ${ndim}D`);
      return factor;
    }
    const which = i === 0 ? "first" : "last";
    if (ndim !== 1 && ndim !== 2) {
      throw new Error(`multi_dot(): the ${which} tensor must be 1D or 2D but got ${ndim}D`);
    }
    return ndim === 2 ? factor : factor.unsqueeze(i === 0 ? 0 : 1);
  });
  for (const [i, left] of matrices.slice(0, -1).entries()) {
    const right = matrices[i + 1] as Tensor;
    if (left.sizes[1] === right.sizes[0]) continue;
    throw new Error(
      `multi_dot(): tensors ${i} and ${i + 1} with shapes ${formatShape((factors[i] as Tensor).sizes)} and ${formatShape((factors[i + 1] as Tensor).sizes)} cannot be multiplied`,
    );
  }
  return matrices;
}

/**
 * Vandermonde matrices: the powers 0 to N - 1 of each element, in a new last dim.
 *
 * @param options.N how many powers; as many as there are elements by default.
 * @example torch.linalg.vander(torch.tensor([2, 3, 5])) // [[1, 2, 4], [1, 3, 9], [1, 5, 25]]
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.vander.html
 */
export const vander: FunctionOp<(x: Tensor, options?: { N?: number }) => Tensor> = op({
  name: "vander",
  id: "linalg.vander",
  variants: "function",
  params: { x: tensor, N: keyword(optional(int)) },
  composite: ({ x, N }) => {
    if (x.dtype.isHalf || x.dtype === bool) {
      throw new TypeError(
        `linalg.vander supports floating point, complex, and integer tensors, but got ${scalarTypeName(x.dtype)}`,
      );
    }
    const vectors = x.sizes.length === 0 ? x.unsqueeze(-1) : x;
    const count = N ?? (vectors.sizes.at(-1) as number);
    if (count <= 1) throw new Error("N must be greater than 1.");
    const powers = vectors
      .unsqueeze(-1)
      .expand([...vectors.sizes, count - 1])
      .cumprod(-1);
    return cat([powers.newOnes([...vectors.sizes, 1]), powers], -1);
  },
});

/**
 * The diagonals of matrices in the last two dims, as a view; `torch.diagonal` takes the first two.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.linalg.diagonal.html
 */
export const diagonal: FunctionOp<(A: Tensor, options?: { offset?: number; dim1?: number; dim2?: number }) => Tensor> =
  op({
    name: "diagonal",
    id: "linalg.diagonal",
    variants: "function",
    params: {
      A: tensor,
      offset: keyword(optional(int, 0)),
      dim1: keyword(optional(int, -2)),
      dim2: keyword(optional(int, -1)),
    },
    composite: ({ A, offset, dim1, dim2 }) => diagonalOf(A, offset, dim1, dim2),
  });
