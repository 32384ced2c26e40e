/** Tables of numbers: a row for each sample, a column for each feature. */
import torch, { type Tensor } from "flambeau";
import { describe } from "flambeau/arguments";

/** A table of numbers: a tensor of two dims, or rows in an array. */
export type Matrix = Tensor | readonly (readonly number[])[];

/**
 * A table as a tensor; numbers that are in no tensor get the default dtype, and whole ones in a tensor float64.
 *
 * @param estimator whose class messages name.
 * @throws TypeError for anything but numbers; Error unless there are rows and columns, or if a number is infinite.
 */
export function readMatrix(x: unknown, { constructor: { name } }: object): Tensor {
  if (!(x instanceof torch.Tensor) && !Array.isArray(x))
    throw new TypeError(`${name} expects a tensor or an array of rows, got ${describe(x)}`);
  const given = x instanceof torch.Tensor ? x.detach() : torch.tensor(x as number[][]);
  const matrix = given.dtype.isFloatingPoint ? given : given.to(torch.float64);
  const { shape } = matrix;
  if (shape.length === 1 || shape.length === 0) {
    const text = JSON.stringify(matrix.tolist()).replaceAll(",", ", ");
    throw new Error(
      `Expected 2D array, got ${shape.length}D array instead:\narray=${text}.\nReshape your data either using array.reshape(-1, 1) ` +
        "if your data has a single feature or array.reshape(1, -1) if it contains a single sample.",
    );
  }
  if (shape.length > 2) throw new Error(`Found array with dim ${shape.length}. ${name} expected <= 2.`);
  for (const [dim, what] of ["sample", "feature"].entries()) {
    if (shape[dim] !== 0) continue;
    throw new Error(
      `Found array with 0 ${what}(s) (shape=(${shape.join(", ")})) while a minimum of 1 is required by ${name}.`,
    );
  }
  if (matrix.isinf().any().item())
    throw new Error(`Input X contains infinity or a value too large for dtype('${matrix.dtype.name}').`);
  return matrix;
}

/** @throws Error unless a table has as many columns as what was learned from. */
export function checkFeatures(count: number, expected: number, { constructor: { name } }: object): void {
  if (count === expected) return;
  throw new Error(`X has ${count} features, but ${name} is expecting ${expected} features as input.`);
}

/** Scales with 1 where there is nothing to divide by. */
export function withoutZeros(scale: Tensor, isConstant: Tensor): Tensor {
  return scale.maskedFill(isConstant, 1);
}
