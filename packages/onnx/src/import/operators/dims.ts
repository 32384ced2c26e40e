/** Dims and places as ONNX counts them. */
import torch, { type Tensor } from "flambeau";
import { productOf } from "../../lists.js";

/** An axis as a dim, counted from the front. */
export function dimOf(axis: number, dims: number): number {
  const dim = axis < 0 ? axis + dims : axis;
  if (Number.isInteger(dim) && dim >= 0 && dim < dims) return dim;
  throw new RangeError(`axis ${axis} is not among ${dims} dims`);
}

/** Axes as dims, each once. */
export function dimsOf(axes: readonly number[], dims: number): number[] {
  const found = axes.map((axis) => dimOf(axis, dims));
  if (new Set(found).size < found.length) throw new RangeError(`axes [${axes}] name a dim twice`);
  return found;
}

/** A tensor as a matrix: the dims before an axis, which may be behind them all, and those from it on. */
export function flattened(x: Tensor, axis: number): Tensor {
  const dim = axis === x.dim() ? axis : dimOf(axis, x.dim());
  return x.reshape([productOf(x.shape.slice(0, dim)), productOf(x.shape.slice(dim))]);
}

/** Indices in which negative ones count from the end. */
export function wrapped(indices: Tensor, size: number): Tensor {
  return torch.where(indices.lt(0), indices.add(size), indices);
}

/** Whole numbers of 64 bits in a row. */
export function int64(values: readonly number[]): Tensor {
  return torch.tensor([...values], { dtype: torch.int64 });
}

/** A tensor of one dim as it is multiplied along a dim of another. */
export function along(vector: Tensor, dim: number, dims: number): Tensor {
  const shape = new Array<number>(dims).fill(1);
  shape[dim] = vector.numel();
  return vector.reshape(shape);
}
