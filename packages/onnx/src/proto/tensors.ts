/** Tensors as messages. */
import { create } from "@bufbuild/protobuf";
import type { Tensor } from "flambeau";
import { type TensorProto, TensorProtoSchema } from "onnx-buf";
import { dataTypeOf } from "./dataTypes.js";

/** The bytes of a tensor's elements in order, little-endian as in ONNX files. */
export function bytesOf(tensor: Tensor): Uint8Array<ArrayBuffer> {
  const { buffer, byteOffset, byteLength } = tensor.detach().toTypedArray();
  return new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength);
}

/** A tensor as a message that holds its elements. */
export function tensorProto(tensor: Tensor, name = ""): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType: dataTypeOf(tensor.dtype),
    dims: tensor.shape.map(BigInt),
    rawData: bytesOf(tensor),
  });
}
