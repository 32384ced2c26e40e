/** The CPU as a device. */
import { int64, newTypedArray, type TypedArray } from "../../core/dtype.js";
import { contiguousStrides } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { DeviceBackend } from "../contract.js";
import { begin, kernel, launch, put, resultAt, resultBitsAt } from "./block.js";
import * as kernels from "./kernels.js";
import { putDType } from "./launch.js";
import { CpuStorage } from "./memory/storage.js";

const readElementKernel = kernel("readElement");

function readElement(tensor: Tensor, index: number): number | bigint {
  const list = begin();
  const dtype = putDType(tensor.dtype);
  put(CpuStorage.locate(tensor.storage, tensor.offset + index, 1, dtype.itemsize));
  launch(readElementKernel, list);
  return dtype === int64 ? resultBitsAt(2) : resultAt(2);
}

function readSync(tensor: Tensor): TypedArray {
  const array = newTypedArray<TypedArray>(tensor.dtype.arrayType, tensor.numel());
  if (array.length > 0) {
    const { sizes, dtype } = tensor;
    kernels.copy(new Tensor(CpuStorage.share(array), 0, sizes, contiguousStrides(sizes), dtype, true), tensor);
  }
  return array;
}

/** The device that is always there. */
export const cpu: DeviceBackend = {
  allocate: CpuStorage.allocate,
  kernels,
  readElement,
  readSync,
  read: async (tensor) => readSync(tensor),
  write: kernels.copy,
};
