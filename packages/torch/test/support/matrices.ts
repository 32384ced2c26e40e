/** What tests of decompositions share: residuals in roundings, and matrices that are difficult. */
import assert from "node:assert/strict";
import torch, { type DType, type Tensor } from "../../src/index.js";

export function norm(x: Tensor): number {
  return x.norm().item();
}

/** Asserts that tensors agree to so many roundings of numbers as large as `scale`. */
export function near(actual: Tensor, expected: Tensor, scale: number, roundings: number, what: string): void {
  const error = norm(actual.sub(expected));
  const allowed = roundings * torch.finfo(expected.dtype).eps * scale;
  assert.ok(error <= allowed, `${what}: ${error} instead of at most ${allowed}`);
}

export function isProduct(product: Tensor, matrix: Tensor, what: string, roundings = 20): void {
  near(product, matrix, norm(matrix), roundings, what);
}

/** Asserts that a x = b as well as a backward stable method has it. */
export function solves(a: Tensor, x: Tensor, b: Tensor, what: string, roundings = 20): void {
  near(a.matmul(x), b, norm(a) * norm(x) + norm(b), roundings, what);
}

/** Asserts that columns are orthogonal to each other, and of length 1. */
export function isOrthonormal(columns: Tensor, what: string, roundings = 30): void {
  const [rows, count] = columns.shape as [number, number];
  near(columns.mH.matmul(columns), torch.eye(count, { dtype: columns.dtype }), Math.sqrt(rows), roundings, what);
}

/** Scales that fall from 1 to 1e-5, or 1e-12 in float64. */
export function scalesOf(n: number, dtype: DType): Tensor {
  return torch.logspace(0, torch.finfo(dtype).eps > 1e-10 ? -5 : -12, n, { dtype: dtype.toReal() });
}

/** Matrices of rows and columns that are scaled, from 1e-12 to 1, and ones that are singular to the last digits. */
export function difficult(n: number, dtype: DType): Record<"random" | "rows" | "columns" | "nearly", Tensor> {
  const scales = scalesOf(n, dtype);
  const random = torch.randn(n, n, { dtype });
  const nearly = random.clone();
  // Each element of the last row by digits of its own: of rows that are multiples of each other, nothing may be left.
  const digits = torch
    .randn(n, { dtype })
    .mul(16 * torch.finfo(dtype).eps)
    .add(1);
  if (n > 1) nearly.select(0, n - 1).copy_(nearly.select(0, 0).mul(digits));
  return { random, rows: random.mul(scales.unsqueeze(1)), columns: random.mul(scales), nearly };
}
