/**
 * What typed arrays and ArrayBuffers really are, whatever a program made of their properties and prototypes.
 *
 * Their length and place in memory decide which bytes kernels touch. Both are read with the language's own getters,
 * which look at the object itself: a property, a subclass or a prototype of the user's does not come between, and a
 * Proxy has none of this.
 */
import type { TypedArray } from "./dtype.js";

/** A getter that a prototype had when the library was loaded, as a function. */
function getter<T, V>(prototype: object, name: PropertyKey): (of: T) => V {
  const { get } = Object.getOwnPropertyDescriptor(prototype, name) as { get: () => V };
  return Function.prototype.call.bind(get) as (of: T) => V;
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object;

/** The name of a typed array's kind, such as `"Float32Array"`; undefined for everything else. */
export const kindOf: (value: unknown) => string | undefined = getter(typedArray, Symbol.toStringTag);

/** The number of a typed array's elements. */
export const lengthOf: (array: TypedArray) => number = getter(typedArray, "length");
export const bufferOf: (array: TypedArray) => ArrayBufferLike = getter(typedArray, "buffer");
export const byteOffsetOf: (array: TypedArray) => number = getter(typedArray, "byteOffset");
export const byteLengthOf: (array: TypedArray) => number = getter(typedArray, "byteLength");

const viewBuffer = getter<DataView, ArrayBufferLike>(DataView.prototype, "buffer");
const viewByteOffset = getter<DataView, number>(DataView.prototype, "byteOffset");
const viewByteLength = getter<DataView, number>(DataView.prototype, "byteLength");
const arrayBufferLength = getter<unknown, number>(ArrayBuffer.prototype, "byteLength");
const sharedBufferLength = getter<unknown, number>(SharedArrayBuffer.prototype, "byteLength");

/** Whether a buffer is one that several threads may see. */
export function isSharedBuffer(buffer: unknown): buffer is SharedArrayBuffer {
  return succeeds(() => sharedBufferLength(buffer));
}

/** The bytes of a typed array, a DataView or an ArrayBuffer, over the same memory; undefined for everything else. */
export function bytesOver(value: unknown): Uint8Array | undefined {
  if (kindOf(value) !== undefined) {
    const array = value as TypedArray;
    return new Uint8Array(bufferOf(array) as ArrayBuffer, byteOffsetOf(array), byteLengthOf(array));
  }
  if (succeeds(() => viewByteLength(value as DataView))) {
    const view = value as DataView;
    return new Uint8Array(viewBuffer(view) as ArrayBuffer, viewByteOffset(view), viewByteLength(view));
  }
  if (succeeds(() => arrayBufferLength(value))) {
    return new Uint8Array(value as ArrayBuffer, 0, arrayBufferLength(value));
  }
  if (isSharedBuffer(value)) return new Uint8Array(value as unknown as ArrayBuffer, 0, sharedBufferLength(value));
  return undefined;
}

/** Whether a getter finds what it is for. */
function succeeds(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch {
    return false;
  }
}
