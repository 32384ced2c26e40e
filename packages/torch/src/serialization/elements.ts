/** Elements of tensors as they stand in files, one after the other in row-major order. */
import { memoryOnDemand, share } from "../backend/arrays.js";
import { readBytes } from "../backend/reading.js";
import type { DType } from "../core/dtype.js";
import { isCount, isMap } from "../core/kinds.js";
import { contiguousStrides, isContiguous, maxDims, maxNumel, type Shape } from "../core/shape.js";
import type { Storage } from "../core/storage.js";
import { Tensor } from "../core/tensor.js";
import type { Put } from "./files/replaceFile.js";

/** Bytes that are copied out of memory at once. */
const piece = 2 ** 20;

const buffer = new Uint8Array(piece);

/** Puts memory into a file piece by piece, and leaves it where it is. */
export function putMemory(storage: Storage, start: number, nbytes: number, put: Put): void {
  for (let from = 0; from < nbytes; from += piece) {
    const part = buffer.subarray(0, Math.min(piece, nbytes - from));
    readBytes(part, storage, start + from);
    put(part);
  }
}

/** Puts the elements of a tensor into a file, in row-major order. */
export function putElements(tensor: Tensor, put: Put): void {
  const { storage, offset, dtype } = tensor.detach().contiguous();
  putMemory(storage, offset * dtype.itemsize, tensor.nbytes, put);
}

/**
 * The number of elements of a shape that a file tells; undefined for one that no tensor has.
 *
 * @param shape anything at all.
 */
export function countElements(shape: unknown): number | undefined {
  if (!Array.isArray(shape) || shape.length > maxDims) return undefined;
  let count = 1;
  for (const size of shape) {
    if (!isCount(size)) return undefined;
    count *= size;
  }
  return count <= maxNumel ? count : undefined;
}

/** How a tensor stands in a file. */
export interface Layout {
  readonly dtype: DType;
  readonly sizes: Shape;
  /** Row-major unless they are given. */
  readonly strides?: Shape;
}

/** A tensor of bytes that a function reads, at once or when they are first used. */
export function tensorOf(
  { dtype, sizes, strides = contiguousStrides(sizes) }: Layout,
  nbytes: number,
  onDemand: boolean,
  fetch: () => Uint8Array,
): Tensor {
  const storage = onDemand ? memoryOnDemand(nbytes, fetch) : share(fetch());
  return new Tensor(storage, 0, sizes, strides, dtype, isContiguous(sizes, strides));
}

/** Sets a property of an object's own: also `__proto__` is a key like any other. */
export function setOwn(object: object, key: string, value: unknown): void {
  if (key !== "__proto__") {
    (object as Record<string, unknown>)[key] = value;
    return;
  }
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

/** The entries of an object or a map, whose keys are texts and whose values tensors. */
export function tensorEntries(caller: string, tensors: unknown): [name: string, tensor: Tensor][] {
  const entries = isMap(tensors) ? [...tensors] : Object.entries((tensors ?? {}) as object);
  for (const [name, value] of entries) {
    if (typeof name !== "string") throw new TypeError(`${caller}(): the name of a tensor must be str`);
    if (!(value instanceof Tensor)) throw new TypeError(`${caller}(): '${name}' must be a Tensor`);
  }
  return entries as [string, Tensor][];
}
