/** Batches of matrices as the kernels of decompositions want them: without gaps, and with contiguous columns. */
import { copy, fill, type Taken } from "../../backend/kernels.js";
import type { DType } from "../../core/dtype.js";
import { broadcastShapes, contiguousStrides, numelOf, sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { eye } from "../creation/ranges.js";

/** The strides of matrices of a shape with contiguous columns. */
function columnStrides(shape: readonly number[]): number[] {
  const [rows, columns] = shape.slice(-2) as [number, number];
  const strides = contiguousStrides([...shape.slice(0, -2), columns, rows]);
  const [last, before] = [strides.pop() as number, strides.pop() as number];
  return [...strides, last, before];
}

/** Matrices over fresh memory with undefined content. */
export function emptyColumns(shape: readonly number[], dtype: DType): Tensor {
  return Tensor.emptyStrided(shape, columnStrides(shape), dtype, numelOf(shape));
}

/** A copy of matrices, which may broadcast to a batch of other dims. */
export function copyColumns(matrices: Tensor, batch = batchOf(matrices)): Tensor {
  const result = emptyColumns([...batch, ...matrixSizes(matrices)], matrices.dtype);
  copy(result, matrices);
  return result;
}

/** Rows up to which a kernel turns square matrices itself, as it reads them. */
const mostTurned = 16;

/** Whether a kernel can be told that matrices, which are square, lie by rows. */
function lieByRows(matrices: Tensor): boolean {
  const [rows, columns] = matrixSizes(matrices);
  return rows === columns && rows <= mostTurned && matrices.contiguousFlag;
}

/**
 * The same for kernels that can be told that square matrices lie by rows: so small ones are copied as they lie. The
 * strides are those of contiguous columns nevertheless.
 */
export function copySquares(matrices: Tensor, batch = batchOf(matrices)): { copied: Tensor; byRows: boolean } {
  const byRows = lieByRows(matrices);
  if (!byRows) return { copied: copyColumns(matrices, batch), byRows };
  const copied = emptyColumns([...batch, ...matrixSizes(matrices)], matrices.dtype);
  copy(copied.mT, matrices);
  return { copied, byRows };
}

/**
 * Matrices for kernels that read them in one place and leave what becomes of them in another: themselves where they are
 * small squares that lie by rows, else a copy that is both.
 */
export function takeSquares(matrices: Tensor, batch: readonly number[]): Taken<Tensor> {
  if (lieByRows(matrices) && sameShape(batchOf(matrices), batch)) {
    return { source: matrices, result: emptyColumns(matrices.sizes, matrices.dtype), byRows: true };
  }
  const { copied, byRows } = copySquares(matrices, batch);
  return { source: copied, result: copied, byRows };
}

/** Matrices, broadcast to a batch, as kernels read them: themselves where they are so already. */
export function inColumns(matrices: Tensor, batch = batchOf(matrices)): Tensor {
  const isSo = sameShape(batchOf(matrices), batch) && sameShape(matrices.strides, columnStrides(matrices.sizes));
  return isSo ? matrices : copyColumns(matrices, batch);
}

/** Identity matrices. */
export function identityColumns(shape: readonly number[], dtype: DType): Tensor {
  const result = emptyColumns(shape, dtype);
  fill(result, 0);
  const [rows, columns] = shape.slice(-2) as [number, number];
  const [rowStride, columnStride] = result.strides.slice(-2) as [number, number];
  const diagonal = [...shape.slice(0, -2), Math.min(rows, columns)];
  fill(result.viewOf(diagonal, [...result.strides.slice(0, -2), rowStride + columnStride], 0), 1);
  return result;
}

/** An identity matrix in the dtype of a tensor, or the first columns of one. */
export function eyeLike({ dtype, device }: Tensor, rows: number, columns = rows): Tensor {
  return eye(rows, columns, { dtype, device });
}

/** The first columns of lower triangles, with ones on their diagonals. */
export function unitLower(matrices: Tensor, columns: number): Tensor {
  const below = matrices.narrow(-1, 0, columns).tril(-1);
  return below.add(eyeLike(matrices, matrices.sizes.at(-2) as number, columns));
}

/** Whether the right-hand sides of equations are vectors: of one dim, or as many as there are matrices. */
export function areVectors(B: Tensor, A: Tensor): boolean {
  return B.sizes.length === 1 || sameShape(B.sizes, A.sizes.slice(0, -1));
}

/** The dims of a tensor before those of its matrices. */
export function batchOf({ sizes }: Tensor): readonly number[] {
  return sizes.slice(0, -2);
}

/** The dims before those of the matrices to which two tensors broadcast. */
export function commonBatch(a: Tensor, b: Tensor): readonly number[] {
  return broadcastShapes(batchOf(a), batchOf(b));
}

/** Rows and columns of matrices. */
export function matrixSizes({ sizes }: Tensor): [rows: number, columns: number] {
  return [sizes.at(-2) as number, sizes.at(-1) as number];
}
