/** Small ONNX models, written out. */
import { create, toBinary } from "@bufbuild/protobuf";
import torch, { type Tensor } from "flambeau";
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { dataTypeOf } from "../../src/proto/dataTypes.js";

/** A whole number, where a plain one stands for a float. */
export type Attribute =
  | bigint
  | number
  | string
  | readonly bigint[]
  | readonly number[]
  | readonly string[]
  | Tensor
  | GraphProto;

const encoder = new TextEncoder();

export function tensorProto(name: string, tensor: Tensor): TensorProto {
  const plain = tensor.detach().contiguous().asTypedArray();
  const rawData = Uint8Array.from(new Uint8Array(plain.buffer, plain.byteOffset, plain.byteLength));
  return create(TensorProtoSchema, {
    name,
    dataType: dataTypeOf(tensor.dtype),
    dims: tensor.shape.map(BigInt),
    rawData,
  });
}

function attribute(name: string, value: Attribute): AttributeProto {
  if (value instanceof torch.Tensor)
    return create(AttributeProtoSchema, { name, type: Kind.TENSOR, t: tensorProto("", value) });
  if (typeof value === "bigint") return create(AttributeProtoSchema, { name, type: Kind.INT, i: value });
  if (typeof value === "number") return create(AttributeProtoSchema, { name, type: Kind.FLOAT, f: value });
  if (typeof value === "string")
    return create(AttributeProtoSchema, { name, type: Kind.STRING, s: encoder.encode(value) });
  if (!Array.isArray(value)) return create(AttributeProtoSchema, { name, type: Kind.GRAPH, g: value as GraphProto });
  const items = value as readonly unknown[];
  if (typeof items[0] === "string") {
    return create(AttributeProtoSchema, {
      name,
      type: Kind.STRINGS,
      strings: items.map((item) => encoder.encode(item as string)),
    });
  }
  if (typeof items[0] === "number")
    return create(AttributeProtoSchema, { name, type: Kind.FLOATS, floats: items as number[] });
  return create(AttributeProtoSchema, { name, type: Kind.INTS, ints: items as bigint[] });
}

/** A node: `node("Conv", ["x", "w"], ["y"], { strides: [2n, 2n] })`. */
export function node(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
  name = "",
): NodeProto {
  return create(NodeProtoSchema, {
    opType,
    name,
    input: [...input],
    output: [...output],
    attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
  });
}

/** A name with the type of a tensor; sizes that are texts stand for any. */
export function info(name: string, dtype = torch.float32, sizes?: readonly (number | string)[]): ValueInfoProto {
  const dim = sizes?.map((size) => ({
    value:
      typeof size === "number"
        ? { case: "dimValue" as const, value: BigInt(size) }
        : { case: "dimParam" as const, value: size },
  }));
  return create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: "tensorType",
        value: { elemType: dataTypeOf(dtype), ...(dim !== undefined && { shape: { dim } }) },
      },
    },
  });
}

export interface GraphParts {
  readonly nodes: readonly NodeProto[];
  readonly inputs?: readonly (string | ValueInfoProto)[];
  readonly outputs?: readonly (string | ValueInfoProto)[];
  readonly weights?: Readonly<Record<string, Tensor>>;
}

const infoOf = (one: string | ValueInfoProto) => (typeof one === "string" ? info(one) : one);

export function graph({ nodes, inputs = ["x"], outputs = ["y"], weights = {} }: GraphParts): GraphProto {
  return create(GraphProtoSchema, {
    name: "graph",
    node: [...nodes],
    input: inputs.map(infoOf),
    output: outputs.map(infoOf),
    initializer: Object.entries(weights).map(([name, tensor]) => tensorProto(name, tensor)),
  });
}

/** The bytes of a model. */
export function modelBytes(parts: GraphParts, version = 17): Uint8Array {
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 8n,
      producerName: "test",
      opsetImport: [{ domain: "", version: BigInt(version) }],
      graph: graph(parts),
    }),
  );
}
