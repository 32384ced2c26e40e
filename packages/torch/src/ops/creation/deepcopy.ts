/** Copies of whatever holds tensors, as Python's `copy.deepcopy` makes them. */

import { isStorage, share } from "../../backend/arrays.js";
import { backendOf } from "../../backend/devices.js";
import { Generator } from "../../backend/generator.js";
import type { TypedArray } from "../../core/dtype.js";
import { bufferOf, byteLengthOf, byteOffsetOf, bytesOver, kindOf, lengthOf } from "../../core/intrinsics.js";
import { isMap, isPlainObject, isSet } from "../../core/kinds.js";
import type { Storage } from "../../core/storage.js";
import { Tensor } from "../../core/tensor.js";

/** Copies a value; what was copied before is that copy again. */
export type Copy = <V>(value: V) => V;

/**
 * @internal The method with which an object copies itself: `remember` gets the copy before it is filled, since what it
 * holds may refer to it.
 */
export const duplicate: unique symbol = Symbol("duplicate");

interface Duplicable {
  [duplicate](copy: Copy, remember: (twin: unknown) => void): void;
}

/**
 * An independent copy: of modules, optimizers, tensors, generators, typed arrays, dates, arrays, maps, sets and plain
 * objects, with everything in them.
 *
 * What occurs twice occurs twice in the copy, and tensors and typed arrays that share memory share it there too: a
 * model and its optimizer are copied together with `deepcopy([model, optimizer])`. Anything else (functions, objects of
 * other classes) is not copied.
 *
 * A class of modules or optimizers that has private `#` fields cannot be copied: JavaScript lets nobody but the class
 * see them.
 *
 * @throws Error for a tensor that is not a leaf.
 * @example const average = torch.deepcopy(model);
 */
export function deepcopy<T>(value: T): T {
  return copyWith(copyOfStorage, value, checkLeaf);
}

/** The same copy without the elements: all its tensors are leaves on the device `meta`, and take no memory. */
export function shapeCopy<T>(value: T): T {
  return copyWith(({ nbytes }) => backendOf("meta").allocate(nbytes), value);
}

type CopyStorage = (storage: Storage, copy: Copy) => Storage;

function copyWith<T>(copyStorage: CopyStorage, value: T, check?: (tensor: Tensor) => void): T {
  const made = new Map<unknown, unknown>();
  const copy = <V>(original: V): V => {
    if (original instanceof Tensor) check?.(original);
    if (!made.has(original)) copyInto(made, original, copy, copyStorage);
    return made.get(original) as V;
  };
  return copy(value);
}

function copyInto(made: Map<unknown, unknown>, value: unknown, copy: Copy, copyStorage: CopyStorage): void {
  const remember = <V>(twin: V): V => {
    made.set(value, twin);
    return twin;
  };
  if (isDuplicable(value)) value[duplicate](copy, remember);
  else if (value instanceof Tensor) {
    const twin = remember(copyOfTensor(value, copy));
    if (value.isLeaf && value.grad !== null) twin.grad = copy(value.grad);
  } else if (isStorage(value)) {
    remember(value.origin === value ? copyStorage(value, copy) : copy(value.origin).alias());
  } else if (value instanceof Generator) remember(value.clone());
  else if (isBuffer(value)) remember(value.slice(0));
  else if (ArrayBuffer.isView(value)) remember(copyOfView(value, copy));
  else if (isDate(value)) remember(new Date(value));
  else if (Array.isArray(value)) copyProperties(remember([]), value, copy);
  else if (isMap(value)) {
    const twin = remember(new Map());
    for (const [key, item] of value) twin.set(copy(key), copy(item));
  } else if (isSet(value)) {
    const twin = remember(new Set());
    for (const item of value) twin.add(copy(item));
  } else if (isPlainObject(value)) {
    copyProperties(remember(Object.create(Object.getPrototypeOf(value))), value, copy);
  } else remember(value);
}

function isDuplicable(value: unknown): value is Duplicable {
  return typeof (value as Partial<Duplicable> | null | undefined)?.[duplicate] === "function";
}

/** The name that the language gives to the kind of an object, also of another realm. */
function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

function isBuffer(value: unknown): value is ArrayBuffer {
  return tagOf(value) === "ArrayBuffer" || tagOf(value) === "SharedArrayBuffer";
}

function isDate(value: unknown): value is Date {
  return tagOf(value) === "Date";
}

/** Gives an object the own properties of another one, but those of some names, with their values copied. */
export function copyProperties(twin: object, original: object, copy: Copy, except: readonly PropertyKey[] = []): void {
  for (const key of Reflect.ownKeys(original)) {
    if (except.includes(key)) continue;
    const descriptor = Object.getOwnPropertyDescriptor(original, key) as PropertyDescriptor;
    if ("value" in descriptor) descriptor.value = copy(descriptor.value);
    Object.defineProperty(twin, key, descriptor);
  }
}

function checkLeaf(tensor: Tensor): void {
  if (tensor.isLeaf) return;
  throw new Error(
    "Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment.",
  );
}

/** A leaf of the class of another one, on a copy of all its memory: other views of that follow. */
function copyOfTensor(tensor: Tensor, copy: Copy): Tensor {
  const { offset, sizes, strides, dtype, contiguousFlag } = tensor;
  const parts = [copy(tensor.storage), offset, sizes, strides, dtype, contiguousFlag];
  const twin: Tensor = Reflect.construct(Tensor, parts, tensor.constructor as typeof Tensor);
  return twin.requiresGrad_(tensor.requiresGrad);
}

function copyOfStorage(storage: Storage, copy: Copy): Storage {
  if (!storage.isInArray) return storage.clone();
  const { buffer, byteOffset, byteLength } = storage.bytes();
  return share(new Uint8Array(copy(buffer), byteOffset, byteLength));
}

function copyOfView(view: ArrayBufferView, copy: Copy): ArrayBufferView {
  const bytes = bytesOver(view) as Uint8Array;
  const [buffer, offset, nbytes] = [copy(bufferOf(bytes)), byteOffsetOf(bytes), byteLengthOf(bytes)];
  if (view instanceof Buffer) return Buffer.from(buffer as ArrayBuffer, offset, nbytes);
  const length = kindOf(view) === undefined ? nbytes : lengthOf(view as TypedArray);
  const View = view.constructor as new (buffer: ArrayBufferLike, byteOffset: number, length: number) => ArrayBufferView;
  return new View(buffer, offset, length);
}
