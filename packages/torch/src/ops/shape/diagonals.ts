/**
 * Diagonals and triangles of matrices.
 *
 * Source: https://pytorch.org/docs/stable/torch.html#other-operations
 */

import { int, optional, tensor } from "../../arguments/params.js";
import { deviceInForce, onDevice } from "../../backend/devices.js";
import { clearTriangle, copy, fill } from "../../backend/kernels.js";
import { type DType, int64 } from "../../core/dtype.js";
import { insertDim, type Shape, wrapDim } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { common } from "../creation/factory.js";
import { arange } from "../creation/ranges.js";
import { op } from "../define.js";
import { changed } from "../indexing/target.js";
import type { Args, FunctionOp, InplaceOp, Op, Out, TensorOptions } from "../types.js";
import { stack } from "./joining.js";
import { runsBetween } from "./runs.js";

type Diagonal = Args<[offset?: number, dim1?: number, dim2?: number], ["offset", "dim1", "dim2"]>;

function checkedPlane(ndim: number, dim1: number, dim2: number): [number, number] {
  const [a, b] = [wrapDim(dim1, ndim), wrapDim(dim2, ndim)];
  if (a === b) throw new Error(`diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
  return [a, b];
}

/**
 * The diagonal of the plane of two dims, as a view; it becomes the last dim.
 *
 * @param offset 0 for the main diagonal, positive for one above it, negative for one below.
 * @see https://pytorch.org/docs/stable/generated/torch.diagonal.html
 */
export const diagonal: Op<(input: Tensor, ...args: Diagonal) => Tensor> = op({
  name: "diagonal",
  params: { input: tensor, offset: optional(int, 0), dim1: optional(int, 0), dim2: optional(int, 1) },
  view: true,
  forward: ({ input, offset, dim1, dim2 }) => {
    const [a, b] = checkedPlane(input.sizes.length, dim1, dim2);
    const [rows, columns] = [input.sizes[a] as number, input.sizes[b] as number];
    const [rowStride, columnStride] = [input.strides[a] as number, input.strides[b] as number];
    const length = Math.max(0, Math.min(rows + Math.min(offset, 0), columns - Math.max(offset, 0)));
    const start = length === 0 ? 0 : offset >= 0 ? offset * columnStride : -offset * rowStride;
    const others = (values: Shape) => values.filter((_, d) => d !== a && d !== b);
    return input.viewOf(
      [...others(input.sizes), length],
      [...others(input.strides), rowStride + columnStride],
      input.offset + start,
    );
  },
  derivative: {
    input: (grad, { input, offset, dim1, dim2 }) => {
      const result = grad.newZeros(input.sizes);
      result.diagonal(offset, dim1, dim2).copy_(grad);
      return result;
    },
  },
});

/**
 * Matrices with the last dim of the input on their diagonal, and zeros elsewhere.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.diag_embed.html
 */
export const diagEmbed: Op<(input: Tensor, ...args: Diagonal) => Tensor> = op({
  name: "diagEmbed",
  params: { input: tensor, offset: optional(int, 0), dim1: optional(int, -2), dim2: optional(int, -1) },
  forward: ({ input, offset, dim1, dim2 }) => {
    const [a, b] = checkedPlane(input.sizes.length + 1, dim1, dim2);
    const size = (input.sizes.at(-1) as number) + Math.abs(offset);
    const shape = insertDim(insertDim(input.sizes.slice(0, -1), Math.min(a, b), size), Math.max(a, b), size);
    const result = Tensor.empty(shape, input.dtype);
    fill(result, 0);
    copy(result.diagonal(offset, a, b), input);
    return result;
  },
  derivative: { input: (grad, { offset, dim1, dim2 }) => grad.diagonal(offset, dim1, dim2) },
});

/**
 * The diagonal of a matrix, copied, or a matrix with a vector on its diagonal.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.diag.html
 */
export const diag: Op<(input: Tensor, ...args: Args<[diagonal?: number], ["diagonal"], Out>) => Tensor> = op({
  name: "diag",
  params: { input: tensor, diagonal: optional(int, 0) },
  out: true,
  overlap: "any",
  composite: ({ input, diagonal: offset }) => {
    const ndim = input.sizes.length;
    if (ndim !== 1 && ndim !== 2) throw new Error(`diag(): Supports 1D or 2D tensors. Got ${ndim}D`);
    return ndim === 1 ? diagEmbed(input, offset) : diagonal(input, offset).clone();
  },
});

/**
 * A matrix with the flattened input on its diagonal.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.diagflat.html
 */
export const diagflat: Op<(input: Tensor, ...args: Args<[offset?: number], ["offset"]>) => Tensor> = op({
  name: "diagflat",
  params: { input: tensor, offset: optional(int, 0) },
  composite: ({ input, offset }) => diagEmbed(input.reshape(-1), offset),
});

type Triangle = InplaceOp<(input: Tensor, ...args: Args<[diagonal?: number], ["diagonal"], Out>) => Tensor>;

function triangle(name: "tril" | "triu"): Triangle {
  return op({
    name,
    variants: "function, method, inplace",
    params: { input: tensor, diagonal: optional(int, 0) },
    out: true,
    overlap: "any",
    forward: ({ input, diagonal: offset }, out) => {
      if (input.sizes.length < 2) throw new Error(`${name}: input tensor must have at least 2 dimensions`);
      return changed(input, out, (target) => clearTriangle(target, offset, name === "tril"));
    },
    derivative: { input: (grad, { diagonal: offset }) => (name === "tril" ? grad.tril(offset) : grad.triu(offset)) },
  });
}

/**
 * The lower triangle of matrices, with zeros above a diagonal.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.tril.html
 */
export const tril: Triangle = triangle("tril");

/**
 * The upper triangle of matrices, with zeros below a diagonal.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.triu.html
 */
export const triu: Triangle = triangle("triu");

/**
 * The coordinates of a triangle, row by row: the row indices, then the column indices.
 *
 * @param columnsOf where the columns of each of the rows begin and end.
 */
function triangleIndices(
  name: string,
  rows: number,
  columns: number,
  columnsOf: (rows: Tensor) => [start: Tensor, end: Tensor],
  dtype: DType,
): Tensor {
  if (rows < 0) throw new RangeError(`row must be non-negative, got ${rows} in ${name}`);
  if (columns < 0) throw new RangeError(`col must be non-negative, got ${columns} in ${name}`);
  const device = deviceInForce();
  // How many there are is a number of the host's.
  return onDevice("cpu", () => {
    const { run, value } = runsBetween(...columnsOf(arange(rows)));
    return stack([run, value]).to(device, dtype);
  });
}

const trianglePlaces = { row: int, col: int, offset: optional(int, 0), ...common };

type TriangleIndices = FunctionOp<
  (row: number, col: number, ...args: Args<[offset?: number], ["offset"], TensorOptions>) => Tensor
>;

/**
 * The coordinates of the lower triangle of a matrix in a tensor of shape [2, n].
 *
 * @see https://pytorch.org/docs/stable/generated/torch.tril_indices.html
 */
export const trilIndices: TriangleIndices = op({
  name: "trilIndices",
  variants: "function",
  params: trianglePlaces,
  composite: ({ row, col, offset, dtype }) => {
    const columnsOf = (rows: Tensor): [Tensor, Tensor] => [rows.newZeros(row), rows.add(offset + 1).clamp(0, col)];
    return triangleIndices("tril_indices", row, col, columnsOf, dtype ?? int64);
  },
});

/**
 * The coordinates of the upper triangle of a matrix in a tensor of shape [2, n].
 *
 * @see https://pytorch.org/docs/stable/generated/torch.triu_indices.html
 */
export const triuIndices: TriangleIndices = op({
  name: "triuIndices",
  variants: "function",
  params: trianglePlaces,
  composite: ({ row, col, offset, dtype }) => {
    const columnsOf = (rows: Tensor): [Tensor, Tensor] => [rows.add(offset).clamp(0, col), rows.newFull([row], col)];
    return triangleIndices("triu_indices", row, col, columnsOf, dtype ?? int64);
  },
});
