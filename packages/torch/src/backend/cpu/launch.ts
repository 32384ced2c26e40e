/** Writes the arguments of a kernel into the block from which it reads them. */
import { type DType, int64 } from "../../core/dtype.js";
import { checkedScalar } from "../../core/scalars.js";
import { numelOf, sameShape } from "../../core/shape.js";
import type { ArrayView, Scalar } from "../../core/view.js";
import { firstScalarSlot, paramBits, params, slotAddress } from "../native.js";

let cursor = 1;

/** Starts a new argument list. */
export function begin(): void {
  cursor = 1;
}

/** Appends a number, a dtype id, a flag (0 or 1) or a code. */
export function put(value: number): void {
  // Anything else would be converted here, by code of its own that may call kernels in between.
  if (typeof value !== "number") throw new TypeError(`a kernel takes numbers, got ${typeof value}`);
  params[cursor++] = value;
}

export function putList(values: readonly number[]): void {
  for (let i = 0; i < values.length; i++) params[cursor++] = values[i] as number;
}

/**
 * Appends a number that stands for elements of a dtype, in the form in which a kernel reads one.
 *
 * @throws RangeError if the dtype has no such value.
 */
export function putScalar(value: Scalar, dtype: DType): void {
  const element = checkedScalar(value, dtype);
  if (dtype === int64) paramBits[cursor++] = toBigInt(element);
  else params[cursor++] = Number(element);
}

/** Appends the address of a view's first element. */
export function putAddress(view: ArrayView): void {
  params[cursor++] = view.storage.pointer() + view.offset * view.dtype.itemsize;
}

/** Appends address and strides of a view as it broadcasts to a shape (missing and size-1 dims get stride 0). */
export function putBroadcast(view: ArrayView, shape: readonly number[]): void {
  putAddress(view);
  const { sizes, strides } = view;
  const missing = shape.length - sizes.length;
  for (let d = 0; d < missing; d++) params[cursor++] = 0;
  for (let d = 0; d < sizes.length; d++) {
    params[cursor++] = sizes[d] === 1 ? 0 : (strides[d] as number);
  }
}

/**
 * Appends what `StridedLoop` of kernels/iterator.h reads: the shape of the output, then the address and strides
 * of the output and the operands as they broadcast to that shape.
 */
export function putLoop(out: ArrayView, a?: ArrayView, b?: ArrayView, c?: ArrayView): void {
  const shape = out.sizes;
  if (out.contiguousFlag && isFlat(a, shape) && isFlat(b, shape) && isFlat(c, shape)) {
    params[cursor++] = 1;
    params[cursor++] = numelOf(shape);
    putFlat(out);
    if (a !== undefined) putFlat(a);
    if (b !== undefined) putFlat(b);
    if (c !== undefined) putFlat(c);
    return;
  }
  params[cursor++] = shape.length;
  putList(shape);
  putBroadcast(out, shape);
  if (a !== undefined) putBroadcast(a, shape);
  if (b !== undefined) putBroadcast(b, shape);
  if (c !== undefined) putBroadcast(c, shape);
}

/** Whether an operand can be walked as one run beside a contiguous output of the shape: it is like it, or a scalar. */
function isFlat(view: ArrayView | undefined, shape: readonly number[]): boolean {
  if (view === undefined || view.sizes.length === 0) return true;
  return view.contiguousFlag && sameShape(view.sizes, shape);
}

function putFlat(view: ArrayView): void {
  putAddress(view);
  params[cursor++] = view.sizes.length === 0 ? 0 : 1;
}

/** The status of the kernel that just ran: 0, or the code of an error whose detail is in `errorDetail`. */
export function status(): number {
  return params[0] as number;
}

export function errorDetail(): number {
  return params[1] as number;
}

/** A result that a kernel left behind with `Params::result`. */
export function resultAt(index: number): number {
  return params[index + 1] as number;
}

/** Writes a scalar where kernels can read it as an operand of the given dtype, in which it wraps; returns its address. */
export function scalarAddress(value: Scalar, dtype: DType, place = 0): number {
  const slot = firstScalarSlot + place;
  const bytes = scalarViews[dtype.id] as { [index: number]: number | bigint };
  const index = slot * (8 / dtype.itemsize);
  if (dtype === int64) bytes[index] = toBigInt(value);
  else if (dtype.name === "bool") bytes[index] = Number(value) === 0 ? 0 : 1;
  else bytes[index] = typeof value === "bigint" ? Number(BigInt.asIntN(64, value)) : Number(value);
  return slotAddress(slot);
}

const scalarViews = [
  new Float32Array(params.buffer),
  params,
  paramBits,
  new Int32Array(params.buffer),
  new Int16Array(params.buffer),
  new Int8Array(params.buffer),
  new Uint8Array(params.buffer),
  new Uint8Array(params.buffer),
];

function toBigInt(value: Scalar): bigint {
  if (typeof value === "bigint") return value;
  return Number.isFinite(Number(value)) ? BigInt(Math.trunc(Number(value))) : -(2n ** 63n);
}
