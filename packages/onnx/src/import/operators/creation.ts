/** Tensors that are made of numbers, and other dtypes. */
import torch, { type DType, type Tensor } from "flambeau";
import { TensorProto_DataType as DataType } from "onnx-buf";
import { checkedCount } from "../limits.js";
import { type NodeReader, numbersOf, tensorAt } from "../nodeReader.js";
import { checkedDtype } from "../tensors.js";
import type { Inputs } from "../values.js";
import { type Family, versions } from "./define.js";
import { along, dimOf, wrapped } from "./dims.js";

/** The dtype that an attribute names. */
export function dtypeIn(node: NodeReader, name: string): DType | undefined {
  const dataType = node.int(name);
  return dataType === undefined ? undefined : checkedDtype(dataType);
}

/** The tensor that a node carries. */
function constant(node: NodeReader) {
  node.refuse("sparse_value", "value_string", "value_strings");
  const tensor = node.tensor("value") ?? constantOfNumbers(node);
  return () => tensor;
}

function constantOfNumbers(node: NodeReader): Tensor {
  const { int64, float32 } = torch;
  const [int, float] = [node.int("value_int"), node.float("value_float")];
  if (int !== undefined) return torch.tensor(int, { dtype: int64 });
  if (float !== undefined) return torch.tensor(float, { dtype: float32 });
  const [ints, floats] = [node.ints("value_ints"), node.floats("value_floats")];
  if (ints !== undefined) return torch.tensor(ints, { dtype: int64 });
  if (floats !== undefined) return torch.tensor(floats, { dtype: float32 });
  throw new TypeError("attribute 'value' is missing");
}

function constantOfShape(node: NodeReader) {
  const value = node.tensor("value") ?? torch.zeros([1]);
  const sizes = node.numbersIn(0);
  return (inputs: Inputs) => {
    const shape = sizes(inputs) ?? [];
    checkedCount(shape, value.dtype, "a tensor");
    return value.reshape([]).expand(shape).clone();
  };
}

function eyeLike(node: NodeReader) {
  const [dtype, k] = [dtypeIn(node, "dtype"), node.int("k", 0)];
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    const [rows, columns] = x.shape as [number, number];
    const column = torch.arange(rows).add(k).unsqueeze(1);
    return torch
      .arange(columns)
      .eq(column)
      .to(dtype ?? x.dtype);
  };
}

function range() {
  return (inputs: Inputs) => {
    const { dtype } = tensorAt(inputs, 0);
    const [start, limit, delta] = [0, 1, 2].map((i) => numbersOf(tensorAt(inputs, i))[0]) as [number, number, number];
    const count = Math.max(0, Math.ceil((limit - start) / delta));
    checkedCount([count], dtype, "a range");
    return torch.arange(count).to(dtype).mul(delta).add(start).to(dtype);
  };
}

/** Where the index of each element is one value, and elsewhere another. */
function oneHot(node: NodeReader) {
  const [axis, depth] = [node.int("axis", -1), node.numberIn(1)];
  return (inputs: Inputs) => {
    const [indices, values] = [tensorAt(inputs, 0), tensorAt(inputs, 2)];
    const count = depth(inputs) ?? 0;
    const dim = dimOf(axis, indices.dim() + 1);
    checkedCount([...indices.shape, count], values.dtype, "a tensor");
    const places = wrapped(indices, count).unsqueeze(dim);
    const classes = along(torch.arange(count), dim, indices.dim() + 1);
    return torch.where(places.eq(classes), values.select(0, 1), values.select(0, 0));
  };
}

/** Before version 6 dtypes were words. */
const cast = versions({
  1: (node) => {
    const name = node.text("to") ?? "";
    const dtype = checkedDtype(DataType[name as keyof typeof DataType] ?? 0);
    return (inputs) => tensorAt(inputs, 0).to(dtype);
  },
  6: (node) => {
    const dtype = checkedDtype(node.requiredInt("to"));
    return (inputs) => tensorAt(inputs, 0).to(dtype);
  },
});

/** The same bytes as numbers of another dtype. */
function bitCast(node: NodeReader) {
  const dtype = checkedDtype(node.requiredInt("to"));
  return (inputs: Inputs) => {
    const x = tensorAt(inputs, 0);
    if (x.dtype.itemsize !== dtype.itemsize) throw new TypeError(`${x.dtype} and ${dtype} are not of the same size`);
    return x.contiguous().view(dtype);
  };
}

export const creation: Family = {
  BitCast: bitCast,
  Cast: cast,
  CastLike: () => (inputs) => tensorAt(inputs, 0).to(tensorAt(inputs, 1).dtype),
  Constant: constant,
  ConstantOfShape: constantOfShape,
  EyeLike: eyeLike,
  OneHot: oneHot,
  Range: range,
};
