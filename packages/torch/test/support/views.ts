/** Array views over typed arrays, for tests of kernels below the level of tensors. */

import { CpuStorage } from "../../src/backend/cpu/memory/storage.js";
import { bool, type DType, dtypeOfTypedArray, dtypes, type TypedArray } from "../../src/core/dtype.js";
import type { ArrayView } from "../../src/core/view.js";

/**
 * The dtypes whose elements are the numbers of their typed arrays: neither the half types, of which these are the bits,
 * nor complex numbers, which are pairs of them.
 */
export const numberTypes = dtypes.filter(({ isHalf, isComplex }) => !isHalf && !isComplex);

export interface ViewOptions {
  strides?: readonly number[];
  offset?: number;
  /** Only needed for bool, which has no typed array of its own. */
  dtype?: DType;
}

export function rowMajor(sizes: readonly number[]): number[] {
  const strides = new Array<number>(sizes.length);
  let step = 1;
  for (let d = sizes.length - 1; d >= 0; d--) {
    strides[d] = step;
    step *= Math.max(1, sizes[d] as number);
  }
  return strides;
}

/** A view that shares the memory of `array`. */
export function viewOf(
  array: TypedArray,
  sizes: readonly number[] = [array.length],
  options: ViewOptions = {},
): ArrayView {
  const dtype = options.dtype ?? (dtypeOfTypedArray(array) as DType);
  const strides = options.strides ?? rowMajor(sizes);
  const contiguousFlag = options.strides === undefined || `${strides}` === `${rowMajor(sizes)}`;
  return { storage: CpuStorage.share(array), offset: options.offset ?? 0, sizes, strides, dtype, contiguousFlag };
}

/** A bool view over 0s and 1s. */
export function boolViewOf(values: readonly (boolean | number)[], sizes?: readonly number[]): ArrayView {
  return viewOf(Uint8Array.from(values, Number), sizes, { dtype: bool });
}
