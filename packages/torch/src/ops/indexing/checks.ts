/** What operations along a dim ask of their indices and values. */

import type { Operand } from "../../arguments/params.js";
import { bool, type DType, int32, int64, scalarTypeName, uint8 } from "../../core/dtype.js";
import { formatShape, sameShape, withoutDim } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { numberOf } from "../numbers.js";
import { cast } from "../pointwise/pointwise.js";

/** Throws unless a tensor lists indices of one dim. */
export function checkIndexVector(name: string, index: Tensor): void {
  if (index.sizes.length > 1) throw new Error(`${name}(): Index is supposed to be a vector`);
  if (index.dtype !== int64 && index.dtype !== int32) {
    throw new TypeError(
      `${name}(): Expected dtype int32 or int64 for index, got ${index.dtype}; make it with { dtype: torch.long }`,
    );
  }
}

/** Throws unless a source has as many entries along a dim as there are indices, and the sizes of the input elsewhere. */
export function checkSource(name: string, input: Tensor, dim: number, index: Tensor, source: Tensor): void {
  checkIndexVector(name, index);
  if (source.dtype !== input.dtype) {
    throw new TypeError(
      `${name}(): self (${scalarTypeName(input.dtype)}) and source (${scalarTypeName(source.dtype)}) must have the same scalar type`,
    );
  }
  const [own, theirs] = [withoutDim(input.sizes, dim), withoutDim(source.sizes, source.sizes.length === 0 ? -1 : dim)];
  const fits = source.sizes.length === 0 ? own.every((size) => size === 1) : sameShape(own, theirs);
  if (!fits) {
    throw new Error(
      `${name}(): source tensor shape must match self tensor shape, excluding the specified dimension. Got self.shape = ${formatShape(input.sizes)} source.shape = ${formatShape(source.sizes)}`,
    );
  }
  const count = source.sizes[dim] ?? 1;
  if (index.numel() !== count) {
    throw new Error(
      `${name}(): Number of indices (${index.numel()}) should be equal to source.size(dim): (${count}), for dim: ${dim}`,
    );
  }
}

/** What fills: a number, or a 0-d tensor of the dtype; the number in one of another dtype is read and checked. */
export function fillValue(name: string, value: Operand, dtype: DType): Tensor | Scalar {
  if (!(value instanceof Tensor)) return value;
  if (value.sizes.length > 0) {
    throw new Error(
      `${name} only supports a 0-dimensional value tensor, but got tensor with ${value.sizes.length} dimension(s).`,
    );
  }
  return value.dtype === dtype ? value : numberOf(value);
}

/** Throws unless elements of a source can be put at places of a tensor. */
export function checkPut(input: Tensor, index: Tensor, source: Tensor): void {
  checkLong("put_", index);
  if (source.dtype !== input.dtype) {
    throw new TypeError(
      `put_(): self and source expected to have the same dtype, but got self.dtype = ${scalarTypeName(input.dtype)} and source.dtype = ${scalarTypeName(source.dtype)}`,
    );
  }
  if (source.numel() !== index.numel()) {
    throw new Error(
      `put_(): Expected source and index to have the same number of elements, but got source.numel() = ${source.numel()}, index.numel() = ${index.numel()}`,
    );
  }
  if (input.numel() === 0 && index.numel() > 0) throw new RangeError("put_(): the tensor has no elements");
}

/** A mask by which elements of a source replace those of a tensor; throws for others. */
export function checkedScatter(input: Tensor, mask: Tensor, source: Tensor): Tensor {
  if (source.dtype !== input.dtype) {
    throw new TypeError(
      `masked_scatter: expected self and source to have same dtypes but got ${scalarTypeName(input.dtype)} and ${scalarTypeName(source.dtype)}`,
    );
  }
  return checkedMask("masked_scatter", mask);
}

/** Throws unless indices are int64. */
export function checkLong(name: string, index: Tensor): void {
  if (index.dtype === int64) return;
  throw new TypeError(
    `${name}(): Expected a long tensor for index, but got ${scalarTypeName(index.dtype)}; make it with { dtype: torch.long }`,
  );
}

/** The mask in dtype bool. */
export function checkedMask(name: string, mask: Tensor): Tensor {
  if (mask.dtype === bool) return mask;
  if (mask.dtype === uint8) return cast(mask, bool);
  throw new TypeError(`${name}: expected BoolTensor or ByteTensor for mask, got ${mask.dtype}`);
}
