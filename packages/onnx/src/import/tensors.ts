/** Tensors as a file holds them: as bytes, as numbers of a type, or in a file beside it. */
import torch, { type DType, type Tensor } from "flambeau";
import { TensorProto_DataLocation as DataLocation, TensorProto_DataType as DataType, type TensorProto } from "onnx-buf";
import { productOf } from "../lists.js";
import { dtypeOf } from "../proto/dataTypes.js";
import type { ExternalReader } from "./externalData.js";

/** The name of a number of a data type. */
export function dataTypeName(dataType: number): string {
  if (dataType === DataType.UNDEFINED) return "0, which is none";
  return DataType[dataType]?.toLowerCase() ?? `number ${dataType}`;
}

/** @throws Error for a type that tensors do not have here. */
export function checkedDtype(dataType: number): DType {
  const dtype = dtypeOf(dataType);
  if (dtype === undefined) throw new Error(`tensors of ONNX's type ${dataTypeName(dataType)} do not exist here`);
  return dtype;
}

/** A size that is in a file. */
function checkedSize(size: bigint): number {
  if (size < 0n || size > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error(`a dim of size ${size}`);
  return Number(size);
}

/**
 * The tensor that a message holds, with memory of its own.
 *
 * @throws Error if its bytes and its shape do not agree, or its type does not exist here.
 */
export function tensorOf(proto: TensorProto, readExternal: ExternalReader): Tensor {
  const name = `tensor '${proto.name}'`;
  let dtype: DType;
  let shape: number[];
  try {
    dtype = checkedDtype(proto.dataType);
    shape = proto.dims.map(checkedSize);
  } catch (cause) {
    throw new Error(`${name}: ${(cause as Error).message}`, { cause });
  }
  if (proto.segment !== undefined) throw new Error(`${name} is stored in segments, which nothing reads`);
  const count = productOf(shape);
  if (proto.dataLocation === DataLocation.EXTERNAL) {
    return overBuffer(readExternal(proto, count * dtype.itemsize).buffer, dtype, shape);
  }
  if (proto.rawData.length > 0) {
    const { length } = proto.rawData;
    if (length !== count * dtype.itemsize) {
      throw new Error(`${name} of shape [${shape}] and ${dtype} cannot have ${length} bytes`);
    }
    return fromBytes(proto.rawData, dtype, shape);
  }
  const numbers = numbersOf(proto);
  // Older writers say of a scalar that it has no numbers.
  if (numbers.length !== count) {
    throw new Error(`${name} of shape [${shape}] and ${dtype} cannot have ${numbers.length} elements`);
  }
  return fromNumbers(numbers, dtype, shape);
}

/** A tensor of bytes, which are copied. */
export function fromBytes(bytes: Uint8Array, dtype: DType, shape: readonly number[]): Tensor {
  // To fill new memory with zeros first takes longer than the copy.
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return overBuffer(own.buffer, dtype, shape);
}

/** A tensor of all bytes of a buffer, which becomes its memory. */
function overBuffer(buffer: ArrayBufferLike, dtype: DType, shape: readonly number[]): Tensor {
  if (buffer.byteLength === 0) return torch.empty([...shape], { dtype });
  // Any byte but 0 is true.
  const isBool = dtype === torch.bool;
  const flat = torch.frombuffer(buffer as ArrayBuffer, { dtype: isBool ? torch.uint8 : dtype });
  return (isBool ? flat.ne(0) : flat).view([...shape]);
}

/** The numbers of a tensor that is not stored as bytes. */
function numbersOf(proto: TensorProto): readonly number[] | readonly bigint[] {
  switch (proto.dataType) {
    case DataType.FLOAT:
      return proto.floatData;
    case DataType.DOUBLE:
      return proto.doubleData;
    case DataType.INT64:
      return proto.int64Data;
    default:
      return proto.int32Data;
  }
}

function fromNumbers(numbers: readonly number[] | readonly bigint[], dtype: DType, shape: readonly number[]): Tensor {
  if (dtype === torch.int64) return overBuffer(BigInt64Array.from(numbers as readonly bigint[]).buffer, dtype, shape);
  if (dtype === torch.float32) return overBuffer(Float32Array.from(numbers as readonly number[]).buffer, dtype, shape);
  if (dtype === torch.float64) return overBuffer(Float64Array.from(numbers as readonly number[]).buffer, dtype, shape);
  // The others stand in the low bits of 32: halves by their own bits.
  const whole = Int32Array.from(numbers as readonly number[]);
  const narrow = { 1: Uint8Array, 2: Uint16Array, 4: Int32Array }[dtype.itemsize as 1 | 2 | 4];
  return overBuffer(narrow.from(whole).buffer, dtype, shape);
}
