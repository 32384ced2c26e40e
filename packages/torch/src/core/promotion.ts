/**
 * The dtype in which operands of different dtypes meet.
 *
 * Tensors with dims decide first, then 0-d tensors, then plain numbers; a later group counts only if its
 * category (bool, integer, floating) is higher.
 *
 * Source: https://pytorch.org/docs/stable/tensor_attributes.html#type-promotion-doc
 */

import { bool, Category, type DType, float32, getDefaultDtype, int64, promoteTypes } from "./dtype.js";
import { isInt64 } from "./scalars.js";
import { Tensor } from "./tensor.js";
import type { Scalar } from "./view.js";

/** The dtype that a plain number stands for: a whole one counts as an integer if an int64 can be so large. */
export function dtypeOfScalar(value: Scalar): DType {
  if (typeof value === "number") return Number.isInteger(value) && isInt64(value) ? int64 : getDefaultDtype();
  if (typeof value === "boolean") return bool;
  return typeof value === "bigint" ? int64 : getDefaultDtype().toComplex();
}

function join(a: DType | undefined, b: DType): DType {
  return a === undefined ? b : promoteTypes(a, b);
}

/** Adds a group of lower priority, which counts only where its category is higher. */
function combine(higher: DType | undefined, lower: DType | undefined): DType | undefined {
  if (higher === undefined) return lower;
  if (lower === undefined || lower.category <= higher.category) return higher;
  if (lower.isComplex && higher.isFloatingPoint) return higher.toComplex();
  return promoteTypes(higher, lower);
}

/** The dtype in which the operands are computed with. */
export function resultType(...operands: readonly (Tensor | Scalar)[]): DType {
  const [a, b] = operands;
  if (operands.length === 2 && a instanceof Tensor && b instanceof Tensor && a.dtype === b.dtype) return a.dtype;
  let dimmed: DType | undefined;
  let zeroDim: DType | undefined;
  let plain: DType | undefined;
  for (const operand of operands) {
    if (!(operand instanceof Tensor)) plain = join(plain, dtypeOfScalar(operand));
    else if (operand.sizes.length > 0) dimmed = join(dimmed, operand.dtype);
    else zeroDim = join(zeroDim, operand.dtype);
  }
  return combine(combine(dimmed, zeroDim), plain) ?? float32;
}

/** The dtype in which a function is computed that has no whole results: floating and complex stay, all else becomes the default. */
export function floatingType(dtype: DType): DType {
  return dtype.category >= Category.Floating ? dtype : getDefaultDtype();
}
