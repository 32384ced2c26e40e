/** Memory that is not the library's alone: arrays of the program's, and memory of other threads. */
import type { DType, TypedArray } from "../core/dtype.js";
import { contiguousStrides } from "../core/shape.js";
import type { Storage } from "../core/storage.js";
import { Tensor } from "../core/tensor.js";
import { largestInSlab } from "./cpu/memory/slab.js";
import { CpuStorage } from "./cpu/memory/storage.js";
import { MetaStorage } from "./meta/storage.js";

export { crc32, type MemoryPart, readFile, writeFile } from "./cpu/bytes.js";
export { releaseUnused } from "./cpu/memory/buffers.js";

/** Whether a value is the memory of tensors. */
export function isStorage(value: unknown): value is Storage {
  return value instanceof CpuStorage || value instanceof MetaStorage;
}

/** The memory of a typed array, shared. */
export function share(array: TypedArray): Storage {
  return CpuStorage.share(array);
}

/** Memory of the host that is about to be filled from a file. */
export function memoryForFile(nbytes: number): Storage {
  return CpuStorage.allocateForFile(nbytes);
}

/** A row-major tensor over the memory of a typed array. */
export function tensorOver(array: TypedArray, sizes: readonly number[], dtype: DType): Tensor {
  return new Tensor(CpuStorage.share(array), 0, sizes, contiguousStrides(sizes), dtype, true);
}

/** Memory that is asked for when it is first used, and is nobody else's then; of as many bytes as it was said to have. */
export function memoryOnDemand(nbytes: number, fetch: () => Storage): Storage {
  return CpuStorage.onDemand(nbytes, fetch);
}

/** How memory gets to another thread: lent under a token, or as bytes that are copied or shared on the way. */
export type Parcel = { readonly token: number } | { readonly bytes: Uint8Array };

/** Makes memory ready for so many other threads, each of which takes it over once. */
export function send(storage: Storage, receivers: number): Parcel {
  if (!(storage instanceof CpuStorage)) throw new Error(`memory of the device ${storage.device} stays in its thread`);
  const token = storage.lend(receivers);
  if (token !== undefined) return { token };
  const shared = storage.sharedBytes();
  if (shared !== undefined) return { bytes: shared };
  const copy = storage.clone();
  if (storage.nbytes <= largestInSlab) return { bytes: copy.bytes() };
  return { token: copy.lend(receivers) as number };
}

/**
 * The memory that another thread lent under a token.
 *
 * @throws Error if nothing was lent under it, or it was taken over already.
 */
export function adopt(token: number): Storage {
  return CpuStorage.adopt(token);
}

/** The memory of bytes that came from another thread: over them where threads share them, else a copy. */
export function received(bytes: Uint8Array): Storage {
  const shared = CpuStorage.share(bytes);
  return shared.sharedBytes() === undefined ? shared.clone() : shared;
}
