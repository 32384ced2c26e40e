/**
 * The one door through which the host reads numbers of tensors. Whoever passes waits for the device, so passages are
 * counted: no derivative and no hot forward may need one.
 */
import type { Complex } from "../core/complex.js";
import { type TypedArray, uint8 } from "../core/dtype.js";
import type { Storage } from "../core/storage.js";
import { Tensor } from "../core/tensor.js";
import { checkReadable } from "../core/wrapper.js";
import { tensorOver } from "./arrays.js";
import type { DeviceBackend } from "./contract.js";
import { backendOf, runningOperation } from "./devices.js";

let passages = 0;

/** How often numbers were read so far. */
export function hostReads(): number {
  return passages;
}

/** @throws Error that names the operation that wants to know numbers which there are not. */
function pass(tensor: Tensor): DeviceBackend {
  passages++;
  checkReadable(tensor, ".item()");
  if (tensor.device === "meta" && runningOperation !== undefined) {
    throw new Error(
      `Could not run '${runningOperation}' with arguments from the 'Meta' backend: its result depends on their numbers`,
    );
  }
  return backendOf(tensor.device);
}

/** Reads the element at a distance from the first one; an int64 as a bigint, a complex number as a `Complex`. */
export function readElement(tensor: Tensor, index: number): number | bigint | Complex {
  return pass(tensor).readElement(tensor, index);
}

/** The elements in row-major order in an array of their own, as they are in memory: of a half type, the bits. */
export function toTypedArray(tensor: Tensor): TypedArray {
  return pass(tensor).readSync(tensor);
}

/** The same as soon as the device has them; what changes the tensor after the call does not change them. */
export async function read(tensor: Tensor): Promise<TypedArray> {
  return pass(tensor).read(tensor);
}

/** The number of elements that are not zero, and so the rows of `nonzero`. */
export function readCount(tensor: Tensor): number {
  return pass(tensor).kernels.countNonzeroElements(tensor);
}

/** The number of runs of equal elements, or of equal rows, of a contiguous tensor of one or two dims. */
export function readRunCount(rows: Tensor): number {
  return pass(rows).kernels.countRuns(rows);
}

/** Copies the elements of a tensor on one device to one on another; they broadcast and are converted. */
export function copyAcross(target: Tensor, source: Tensor): void {
  backendOf(target.device).write(target, source.device === "cpu" ? source : onHost(source));
}

/** Fills an array with bytes of some memory, from a place on. The memory stays where it is. */
export function readBytes(target: Uint8Array, storage: Storage, from: number): void {
  const bytes = new Tensor(storage, from, [target.length], [1], uint8, true);
  passages++;
  copyAcross(tensorOver(target, bytes.sizes, uint8), bytes);
}

function onHost(source: Tensor): Tensor {
  passages++;
  return tensorOver(backendOf(source.device).readSync(source), source.sizes, source.dtype);
}
