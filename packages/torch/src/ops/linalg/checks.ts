/** What functions of linear algebra demand of their arguments, in PyTorch's words. */
import { optional, text } from "../../arguments/params.js";
import type { Failure } from "../../backend/kernels.js";
import { scalarTypeName } from "../../core/dtype.js";
import type { Tensor } from "../../core/tensor.js";

/** Thrown for matrices that a function of linear algebra cannot work with: singular, not positive definite, … */
export class LinAlgError extends Error {
  override readonly name = "LinAlgError";
}

/** Throws unless a tensor is of a floating or complex dtype. */
export function checkFloating(name: string, input: Tensor): void {
  if (input.dtype.isFloatingPoint || input.dtype.isComplex) return;
  throw new TypeError(
    `${name}: Expected a floating point or complex tensor as input. Got ${scalarTypeName(input.dtype)}`,
  );
}

/** Throws unless a tensor is of a floating or complex dtype in which matrices are decomposed, which are not the half types. */
export function checkPrecise(name: string, input: Tensor): void {
  checkFloating(name, input);
  if (input.dtype.toReal().isHalf) {
    throw new TypeError(`${name}: Low precision dtypes not supported. Got ${scalarTypeName(input.dtype)}`);
  }
}

/** Throws unless a tensor has the dims of matrices. */
export function checkMatrix(name: string, input: Tensor, argument = "A"): void {
  if (input.sizes.length >= 2) return;
  throw new Error(`${name}: The input tensor ${argument} must have at least 2 dimensions.`);
}

/** Throws unless a tensor is a batch of square matrices. */
export function checkSquare(name: string, input: Tensor, argument = "A"): void {
  checkMatrix(name, input, argument);
  const [rows, columns] = input.sizes.slice(-2) as [number, number];
  if (rows !== columns) {
    throw new Error(
      `${name}: ${argument} must be batches of square matrices, but they are ${rows} by ${columns} matrices`,
    );
  }
}

/** Throws unless A and B are of one dtype. */
export function checkSameDtypes(name: string, A: Tensor, B: Tensor): void {
  if (A.dtype === B.dtype) return;
  throw new TypeError(
    `${name}: Expected A and B to have the same dtype, but found A of type ${scalarTypeName(A.dtype)} and B of type ${scalarTypeName(B.dtype)} instead`,
  );
}

/** Throws unless A X = B, or X A = B, is a system of equations. */
export function checkSystem(name: string, A: Tensor, B: Tensor, left = true): void {
  checkSquare(name, A);
  checkMatrix(name, B, "B");
  const [rows, columns] = B.sizes.slice(-2) as [number, number];
  if ((left ? rows : columns) === A.sizes.at(-1)) return;
  throw new Error(
    `${name}: Incompatible shapes of A and B for the equation ${left ? "AX = B" : "XA = B"} (${A.sizes.slice(-2).join("x")} and ${rows}x${columns})`,
  );
}

/** The name of the function in which `checkFailure` throws; without one nothing is thrown. */
export const caller = optional({ ...text, endsPositional: false });

/**
 * Throws where a kernel failed.
 *
 * @param name of the function that was called, or undefined where nothing has to be thrown.
 * @param words what a failure with this `info` means.
 */
export function checkFailure(
  name: string | undefined,
  matrices: Tensor,
  failure: Failure | undefined,
  words: (info: number) => string,
): void {
  if (failure === undefined || name === undefined) return;
  const which = matrices.sizes.length > 2 ? `(Batch element ${failure.index}): ` : "";
  throw new LinAlgError(`${name}: ${which}${words(failure.info)}`);
}
