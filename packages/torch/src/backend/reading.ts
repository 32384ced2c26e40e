/** The one door through which the host reads the numbers of a tensor. */
import { int64, newTypedArray, type TypedArray } from "../core/dtype.js";
import { contiguousStrides } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { begin, kernel, launch, put, resultAt, resultBitsAt } from "./cpu/block.js";
import { copy } from "./cpu/elementwise.js";
import { putDType } from "./cpu/launch.js";
import { CpuStorage } from "./cpu/memory/storage.js";

const readElementKernel = kernel("readElement");

/** Reads the element at a distance from the first one; an int64 as a bigint. */
export function readElement(tensor: Tensor, index: number): number | bigint {
  const list = begin();
  const dtype = putDType(tensor.dtype);
  put(CpuStorage.locate(tensor.storage, tensor.offset + index, 1, dtype.itemsize));
  launch(readElementKernel, list);
  return dtype === int64 ? resultBitsAt(2) : resultAt(2);
}

/** The elements in row-major order in an array of their own. */
export function toTypedArray(tensor: Tensor): TypedArray {
  const array = newTypedArray<TypedArray>(tensor.dtype.arrayType, tensor.numel());
  if (array.length > 0) {
    const { sizes, dtype } = tensor;
    copy(new Tensor(CpuStorage.share(array), 0, sizes, contiguousStrides(sizes), dtype, true), tensor);
  }
  return array;
}
