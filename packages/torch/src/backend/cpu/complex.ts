/**
 * Complex numbers as kernels of real ones see them: two numbers each, side by side along a last dim, or one of the parts.
 *
 * What is the same for both parts (sums, differences, copies between dtypes, random numbers, places of indices) runs so,
 * and needs no kernel. Those of kernels/complex know complex numbers of float32 and float64.
 */
import { complex32, complex64, type DType, scalarTypeName } from "../../core/dtype.js";
import { isContiguous } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { ArrayView } from "../../core/view.js";

/** Both parts of each element, in a last dim. */
export function partsOf(view: ArrayView): Tensor {
  const { storage, offset, sizes, strides, dtype, contiguousFlag } = view;
  const doubled = strides.map((stride) => stride * 2);
  return new Tensor(storage, offset * 2, [...sizes, 2], [...doubled, 1], dtype.toReal(), contiguousFlag);
}

/** The real part (0) or the imaginary part (1) of each element. */
export function partOf(view: ArrayView, part: 0 | 1): Tensor {
  const { storage, offset, sizes, strides, dtype } = view;
  const doubled = strides.map((stride) => stride * 2);
  return new Tensor(storage, offset * 2 + part, sizes, doubled, dtype.toReal(), isContiguous(sizes, doubled));
}

/** An index beside both parts of each element: the same for both. */
export function forParts(index: ArrayView): ArrayView {
  return { ...index, sizes: [...index.sizes, 2], strides: [...index.strides, 0], contiguousFlag: false };
}

/** The error of a kernel, by PyTorch's name of it, that does not know a dtype. */
export function notImplemented(name: string, dtype: DType): TypeError {
  return new TypeError(`"${name}" not implemented for '${scalarTypeName(dtype)}'`);
}

/** A tensor of the same sizes with memory of its own. */
export function temporary(view: ArrayView, dtype: DType): Tensor {
  return Tensor.empty([...view.sizes], dtype);
}

/** Whether a dtype is complex but only stored: kernels compute with such numbers in complex64. */
export function isComplexHalf(dtype: DType): boolean {
  return dtype === complex32;
}

/** Runs a kernel on copies in complex64 of views that are complex32, and rounds the result. */
export function inComplex64(
  out: ArrayView,
  outType: DType,
  operands: readonly ArrayView[],
  copy: (to: ArrayView, from: ArrayView) => void,
  run: (out: ArrayView, operands: readonly ArrayView[]) => void,
): void {
  const copies = operands.map((operand) => {
    const widened = temporary(operand, complex64);
    copy(widened, operand);
    return widened;
  });
  const result = temporary(out, outType);
  run(result, copies);
  copy(out, result);
  for (const { storage } of [...copies, result]) storage.release();
}
