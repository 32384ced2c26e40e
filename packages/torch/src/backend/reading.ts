/** The one door through which the host reads the numbers of a tensor. */
import type { TypedArray } from "../core/dtype.js";
import type { Tensor } from "../core/tensor.js";
import { backendOf } from "./devices.js";

/** Reads the element at a distance from the first one; an int64 as a bigint. */
export function readElement(tensor: Tensor, index: number): number | bigint {
  return backendOf(tensor.device).readElement(tensor, index);
}

/** The elements in row-major order in an array of their own. */
export function toTypedArray(tensor: Tensor): TypedArray {
  return backendOf(tensor.device).readSync(tensor);
}
