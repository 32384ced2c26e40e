/** How the host reads memory of the CPU. */
import { Complex } from "../../core/complex.js";
import { int64, newTypedArray, type TypedArray } from "../../core/dtype.js";
import { contiguousStrides } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { begin, kernel, launch, put, resultAt, resultBitsAt } from "./block.js";
import { copy } from "./elementwise.js";
import { putDType } from "./launch.js";
import { CpuStorage } from "./memory/storage.js";

const readElementKernel = kernel("readElement");

/** The element at a distance from the first one; an int64 as a bigint, a complex number as a `Complex`. */
export function readElement(tensor: Tensor, index: number): number | bigint | Complex {
  const list = begin();
  const dtype = putDType(tensor.dtype);
  put(CpuStorage.locate(tensor.storage, tensor.offset + index, 1, dtype.itemsize));
  launch(readElementKernel, list);
  if (dtype.isComplex) return new Complex(resultAt(2), resultAt(3));
  return dtype === int64 ? resultBitsAt(2) : resultAt(2);
}

/** The elements in row-major order in an array of their own; of complex numbers both parts side by side. */
export function readSync(tensor: Tensor): TypedArray {
  const array = newTypedArray<TypedArray>(tensor.dtype.arrayType, tensor.numel() * tensor.dtype.arrayElements);
  if (array.length > 0) {
    const { sizes, dtype } = tensor;
    copy(new Tensor(CpuStorage.share(array), 0, sizes, contiguousStrides(sizes), dtype, true), tensor);
  }
  return array;
}
