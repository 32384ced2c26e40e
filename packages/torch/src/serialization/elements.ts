/** Elements of tensors as they stand in files, one after the other in row-major order. */
import { memoryOnDemand } from "../backend/arrays.js";
import type { DType } from "../core/dtype.js";
import { isCount, isMap } from "../core/kinds.js";
import { contiguousStrides, isContiguous, maxDims, maxNumel, type Shape } from "../core/shape.js";
import type { Storage } from "../core/storage.js";
import { Tensor } from "../core/tensor.js";
import { checkReadable } from "../core/wrapper.js";
import type { Appender } from "./files/replaceFile.js";

/** Puts the elements of a tensor into a file, in row-major order. */
export function putElements(tensor: Tensor, to: Appender): void {
  const { storage, offset, dtype } = tensor.detach().contiguous();
  to.putMemory({ storage, start: offset * dtype.itemsize, nbytes: tensor.nbytes });
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

/** A tensor over memory that a function reads, at once or when it is first used. */
export function tensorOf(
  { dtype, sizes, strides = contiguousStrides(sizes) }: Layout,
  nbytes: number,
  onDemand: boolean,
  fetch: () => Storage,
): Tensor {
  const storage = onDemand ? memoryOnDemand(nbytes, fetch) : fetch();
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
    checkReadable(value, `${caller}()`);
  }
  return entries as [string, Tensor][];
}
