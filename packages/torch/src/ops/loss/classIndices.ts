/** Targets that are class indices, and the checks of what goes with them. */

import { int64, scalarTypeName, uint8 } from "../../core/dtype.js";
import { formatShape, sameShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { holdsAnywhere } from "../numbers.js";

/**
 * The class indices in int64. Floating ones are accepted where all of them are whole: labels that come from plain
 * numbers are such.
 *
 * @throws TypeError for fractions, and for the other dtypes.
 */
export function classIndices(target: Tensor): Tensor {
  if (target.dtype === int64) return target;
  const { dtype } = target;
  if (dtype !== uint8 && !dtype.isFloatingPoint) {
    throw new TypeError(
      `expected scalar type Long but found ${scalarTypeName(dtype)}; convert the class indices with target.to(torch.long)`,
    );
  }
  const floating = target.detach();
  const indices = floating.to(int64);
  if (dtype.isFloatingPoint && holdsAnywhere(indices.ne(floating))) {
    throw new TypeError("expected class indices, which are whole numbers, but the target has fractions");
  }
  return indices;
}

/** Throws unless input `[N, C, …]` or `[C]` and class indices `[N, …]` or `[]` fit. */
export function checkShapes(input: Tensor, target: Tensor): void {
  const [n] = input.sizes;
  const ndim = input.sizes.length;
  if (ndim === 0) throw new Error("Expected 1 or more dimensions (got 0)");
  if (ndim > 1 && n !== (target.sizes[0] ?? 1)) {
    throw new Error(`Expected input batch_size (${n}) to match target batch_size (${target.sizes[0] ?? 1}).`);
  }
  if (ndim === 1) {
    if (target.sizes.length > 1 || (target.sizes.length === 1 && (n !== 1 || target.sizes[0] !== 1))) {
      throw new Error(`size mismatch (got input: ${formatShape(input.sizes)}, target: ${formatShape(target.sizes)})`);
    }
    return;
  }
  if (ndim === 2 && target.sizes.length > 1)
    throw new Error(
      `0D or 1D target tensor expected, multi-target not supported; got a target of shape ${formatShape(target.sizes)}${target.numel() === n ? ": write target.reshape(-1)" : ""}`,
    );
  if (ndim === 2 && target.numel() === n) return;
  const expected = [n as number, ...input.sizes.slice(2)];
  if (!sameShape(target.sizes, expected)) {
    throw new Error(
      ndim === 4
        ? `size mismatch (got input: ${formatShape(input.sizes)} , target: ${formatShape(target.sizes)}; expected a target of size ${formatShape(expected)})`
        : `Expected target size ${formatShape(expected)}, got ${formatShape(target.sizes)}`,
    );
  }
}

/** Throws unless there is a weight of the input's dtype for each class, or none. */
export function checkWeight(input: Tensor, weight: Tensor | null | undefined): void {
  if (!weight) return;
  const classes = input.sizes[input.sizes.length === 1 ? 0 : 1] as number;
  if (weight.sizes.length !== 1 || weight.sizes[0] !== classes) {
    throw new Error(
      `weight tensor should be defined either for all ${classes} classes or no classes but got weight tensor of shape: ${formatShape(weight.sizes)}`,
    );
  }
  if (weight.dtype !== input.dtype) {
    throw new TypeError(
      `expected scalar type ${scalarTypeName(input.dtype)} but found ${scalarTypeName(weight.dtype)}`,
    );
  }
}
