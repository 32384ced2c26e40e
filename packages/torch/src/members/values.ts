/** Reading the elements of a tensor as JavaScript values: `item`, `tolist`, typed arrays. */

import { read, readElement, toTypedArray } from "../backend/reading.js";
import { Complex } from "../core/complex.js";
import { bool, Category, type DType, type TypedArray } from "../core/dtype.js";
import { fromHalfBits } from "../core/halves.js";
import { installMembers } from "../core/installMembers.js";
import { bufferOf, byteOffsetOf } from "../core/intrinsics.js";
import { checkListLength, contiguousStrides } from "../core/shape.js";
import type { Tensor } from "../core/tensor.js";
import { checkReadable } from "../core/wrapper.js";

/** Nested arrays of a tensor's elements. */
export type NestedValues = number | boolean | bigint | Complex | NestedValues[];

function checkSingle(tensor: Tensor): void {
  if (tensor.numel() === 1) return;
  throw new Error(`a Tensor with ${tensor.numel()} elements cannot be converted to Scalar`);
}

function isSafe(value: bigint): boolean {
  return value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER;
}

/** The element at a place of a typed array over memory of a dtype. */
function elementAt(flat: TypedArray, at: number, dtype: DType): number | bigint | Complex {
  if (dtype.isComplex) {
    const part = dtype.toReal();
    return new Complex(Number(elementAt(flat, 2 * at, part)), Number(elementAt(flat, 2 * at + 1, part)));
  }
  const value = flat[at] as number | bigint;
  return dtype.isHalf && dtype.format ? fromHalfBits(value as number, dtype.format) : value;
}

/** @throws RangeError for an int64 beyond 2^53. */
function asNumber(value: number | bigint | Complex): number | Complex {
  if (typeof value !== "bigint") return value;
  if (!isSafe(value)) {
    throw new RangeError(`the int64 ${value} does not fit into a number; use itemBigInt() instead of item()`);
  }
  return Number(value);
}

/** Elements in row-major order as nested arrays. */
function nested(flat: TypedArray, sizes: readonly number[], dtype: DType): NestedValues {
  const read = (at: number): number | boolean | bigint | Complex => {
    const value = elementAt(flat, at, dtype);
    if (dtype === bool) return value !== 0;
    return typeof value === "bigint" && isSafe(value) ? Number(value) : value;
  };
  let lists = 1;
  for (const size of sizes.slice(0, -1)) checkListLength((lists *= size));
  const strides = contiguousStrides(sizes);
  const nest = (dim: number, at: number): NestedValues => {
    if (dim === sizes.length) return read(at);
    const step = strides[dim] as number;
    const list: NestedValues[] = [];
    for (let i = 0; i < (sizes[dim] as number); i++) list.push(nest(dim + 1, at + i * step));
    return list;
  };
  return nest(0, 0);
}

/**
 * Each way to read has a form that gives a promise (`itemAsync`), for a device that cannot answer at once. It tells the
 * elements as they are when it is called.
 */
export class ValueMembers {
  /**
   * The one element of a tensor, as a number; of a complex tensor as a `torch.Complex`, and then it is written
   * `x.item<torch.Complex>()`.
   *
   * @throws Error if there is not exactly one; RangeError for an int64 beyond 2^53, for which there is `itemBigInt`.
   */
  item(this: Tensor): number;
  item<T extends Complex>(this: Tensor): T;
  item(this: Tensor): number | Complex {
    checkSingle(this);
    return asNumber(readElement(this, 0));
  }

  /** As `item`, later. */
  itemAsync(this: Tensor): Promise<number>;
  itemAsync<T extends Complex>(this: Tensor): Promise<T>;
  async itemAsync(this: Tensor): Promise<number | Complex> {
    checkSingle(this);
    return asNumber(elementAt(await read(this), 0, this.dtype));
  }

  /** The one element of an integer tensor, as a bigint. */
  itemBigInt(this: Tensor): bigint {
    if (this.dtype.category >= Category.Floating)
      throw new TypeError(`itemBigInt() needs an integer tensor, got ${this.dtype}`);
    checkSingle(this);
    return BigInt(readElement(this, 0) as number | bigint);
  }

  /** The elements as nested arrays: booleans for bool, a bigint only where an int64 is no safe integer, a `torch.Complex` for complex. */
  tolist(this: Tensor): NestedValues {
    return nested(toTypedArray(this), this.sizes, this.dtype);
  }

  /** As `tolist`, later. */
  async tolistAsync(this: Tensor): Promise<NestedValues> {
    const { sizes, dtype } = this;
    return nested(await read(this), sizes, dtype);
  }

  /**
   * A typed array over the tensor's own memory: a change of one changes the other. Its buffer holds this memory and
   * nothing else, and keeps it alive. To give an array away to another thread, make a copy: `toTypedArray()`. Of float16
   * and bfloat16 it is a `Uint16Array` of the bits; of complex numbers it has both parts of each side by side.
   *
   * @throws Error if the tensor is not contiguous or requires a gradient.
   */
  asTypedArray(this: Tensor): TypedArray {
    checkReadable(this, ".asTypedArray()");
    if (this.requiresGrad) {
      throw new Error(
        "Can't call asTypedArray() on Tensor that requires grad. Use tensor.detach().asTypedArray() instead.",
      );
    }
    if (!this.contiguousFlag)
      throw new Error("asTypedArray() needs a contiguous tensor; call contiguous() first, or toTypedArray()");
    const bytes = this.storage.bytes();
    const numel = this.numel();
    // Where nothing is, a view may begin beyond the end.
    const start = byteOffsetOf(bytes) + (numel === 0 ? 0 : this.offset * this.itemsize);
    const { arrayType, arrayElements } = this.dtype;
    const size = arrayType.BYTES_PER_ELEMENT;
    if (start % size !== 0) {
      throw new Error(
        `asTypedArray() needs elements that begin at a multiple of their size (${size} bytes) in their ArrayBuffer, not at ${start}; see toTypedArray()`,
      );
    }
    return new arrayType(bufferOf(bytes) as ArrayBuffer, start, numel * arrayElements);
  }

  /**
   * The elements in row-major order, copied into a typed array. Of float16 and bfloat16 it is a `Uint16Array` of the
   * bits; `x.float().toTypedArray()` has the numbers. Of complex numbers both parts of each stand side by side.
   */
  toTypedArray(this: Tensor): TypedArray {
    return toTypedArray(this);
  }

  /** As `toTypedArray`, later. */
  async toTypedArrayAsync(this: Tensor): Promise<TypedArray> {
    return read(this);
  }

  /** The address of the first element. */
  dataPtr(this: Tensor): number {
    return this.numel() === 0 ? 0 : this.storage.pointer() + this.offset * this.itemsize;
  }
}

installMembers(ValueMembers);

declare module "../core/tensor.js" {
  interface Tensor extends ValueMembers {}
}
