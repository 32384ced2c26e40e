/** Tensors over memory that somebody else has: `asarray`, `frombuffer`. */

import {
  anything,
  dtype as dtypeParam,
  flag,
  int,
  invalid,
  keyword,
  openFlag,
  optional,
  type Param,
} from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { share } from "../../backend/arrays.js";
import { type DType, dtypeOfTypedArray, scalarTypeName, type TypedArray } from "../../core/dtype.js";
import { bufferOf, byteOffsetOf, bytesOver, lengthOf } from "../../core/intrinsics.js";
import { Tensor } from "../../core/tensor.js";
import { fromTypedArray, type TensorData, tensor } from "./data.js";
import { common, finish } from "./factory.js";

const asarraySignature = new Signature("asarray", {
  obj: anything as Param<TensorData>,
  dtype: common.dtype,
  device: common.device,
  // Neither yes nor no: a copy where there has to be one.
  copy: openFlag,
  requiresGrad: flag,
});

/**
 * The data as a tensor, over the same memory where that is possible: a tensor or a typed array of that dtype.
 *
 * @param options.copy `true` for memory of its own, `false` to throw where a copy would be needed.
 * @param options.requiresGrad whether the result stays in the graph, or becomes a leaf; else it is detached.
 * @see https://pytorch.org/docs/stable/generated/torch.asarray.html
 */
export function asarray(
  obj: TensorData,
  options?: { dtype?: DType; device?: string; copy?: boolean | null; requiresGrad?: boolean },
): Tensor {
  const given = asarraySignature.parse(options === undefined ? [obj] : [obj, options]);
  const { copy, dtype, requiresGrad } = given;
  const shared = memoryOf(given.obj);
  if (shared === undefined) {
    if (copy === false) throw new Error("can't alias arbitrary sequence into a tensor.");
    return tensor(given.obj, { ...(dtype && { dtype }), requiresGrad });
  }
  if (dtype !== undefined && dtype !== shared.dtype && copy === false) {
    throw new Error(
      `can't alias tensor with dtype '${scalarTypeName(shared.dtype)}' into dtype '${scalarTypeName(dtype)}'.`,
    );
  }
  const result = shared.to(dtype ?? shared.dtype, { copy: copy === true });
  if (!requiresGrad) return result.requiresGrad ? result.detach() : result;
  return result.requiresGrad ? result : result.requiresGrad_();
}

/** A tensor over the memory of the data, if it has any. */
function memoryOf(data: TensorData): Tensor | undefined {
  if (data instanceof Tensor) return data;
  return dtypeOfTypedArray(data) ? fromTypedArray(data as TypedArray) : undefined;
}

/** Reads a buffer as the bytes in it. */
const bufferParam: Param<Uint8Array> = {
  ...(anything as Param<unknown> as Param<Uint8Array>),
  expected: "ArrayBuffer or a view of one",
  read: (value) => bytesOver(value) ?? invalid,
};

const frombufferSignature = new Signature("frombuffer", {
  buffer: bufferParam,
  dtype: keyword(dtypeParam),
  count: keyword(optional(int, -1)),
  offset: keyword(optional(int, 0)),
  requiresGrad: flag,
});

/**
 * A tensor of one dim over the bytes of a buffer: a change of one changes the other.
 *
 * @param buffer an `ArrayBuffer`, Node's `Buffer`, or another view.
 * @param options.count how many elements; all that follow if it is negative.
 * @param options.offset where they begin, in bytes; a multiple of the size of an element.
 * @example torch.frombuffer(new Uint8Array([0, 0, 128, 63]), { dtype: torch.float32 }) // tensor([1.])
 * @see https://pytorch.org/docs/stable/generated/torch.frombuffer.html
 */
export function frombuffer(
  ...args: [
    buffer: ArrayBuffer | ArrayBufferView,
    options: { dtype: DType; count?: number; offset?: number; requiresGrad?: boolean },
  ]
): Tensor {
  const { buffer, dtype, count, offset, requiresGrad } = frombufferSignature.parse(args);
  const byteLength = lengthOf(buffer);
  const size = dtype.itemsize;
  if (byteLength === 0 || count === 0)
    throw new Error(`both buffer length (${byteLength}) and count (${count}) must not be 0`);
  if (offset < 0 || offset >= byteLength) {
    throw new RangeError(
      `offset (${offset} bytes) must be non-negative and no greater than buffer length (${byteLength} bytes) minus 1`,
    );
  }
  if (count > 0 && offset + count * size > byteLength) {
    throw new RangeError(
      `requested buffer length (${count} * ${size} bytes) after offset (${offset} bytes) must not be greater than actual buffer length (${byteLength} bytes)`,
    );
  }
  if (count < 0 && (byteLength - offset) % size !== 0) {
    throw new Error(
      `buffer length (${byteLength - offset} bytes) after offset (${offset} bytes) must be a multiple of element size (${size})`,
    );
  }
  const elements = count < 0 ? (byteLength - offset) / size : count;
  const start = byteOffsetOf(buffer) + offset;
  if (start % size !== 0) {
    throw new Error(`the elements must begin at a multiple of their size (${size} bytes), not at ${start}`);
  }
  const bytes = new Uint8Array(bufferOf(buffer) as ArrayBuffer, start, elements * size);
  return finish(new Tensor(share(bytes), 0, [elements], [1], dtype, true), requiresGrad);
}
