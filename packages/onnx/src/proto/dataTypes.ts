/** The dtypes that tensors have here, by the numbers that ONNX gives them. */
import torch, { type DType } from "flambeau";
import { TensorProto_DataType as DataType } from "onnx-buf";

const pairs: readonly (readonly [DType, DataType])[] = [
  [torch.float32, DataType.FLOAT],
  [torch.float64, DataType.DOUBLE],
  [torch.float16, DataType.FLOAT16],
  [torch.bfloat16, DataType.BFLOAT16],
  [torch.int64, DataType.INT64],
  [torch.int32, DataType.INT32],
  [torch.int16, DataType.INT16],
  [torch.int8, DataType.INT8],
  [torch.uint8, DataType.UINT8],
  [torch.bool, DataType.BOOL],
];

const toOnnx = new Map(pairs);
const fromOnnx = new Map(pairs.map(([dtype, dataType]) => [dataType, dtype]));

/** ONNX's number of a dtype. */
export function dataTypeOf(dtype: DType): DataType {
  const dataType = toOnnx.get(dtype);
  if (dataType === undefined) throw new TypeError(`ONNX has no counterpart of ${dtype}`);
  return dataType;
}

/** The dtype with that number, or undefined where none is like it here (strings, complex numbers). */
export function dtypeOf(dataType: number): DType | undefined {
  return fromOnnx.get(dataType);
}
