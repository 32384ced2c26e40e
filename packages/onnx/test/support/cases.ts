/** Test cases as ONNX publishes them: a model, and folders of inputs and outputs as messages of protobuf. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fromBinary } from "@bufbuild/protobuf";
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import { Tensor } from "flambeau";
import {
  TensorProto_DataType as DataType,
  type GraphProto,
  ModelProtoSchema,
  type TensorProto,
  TensorProtoSchema,
  type TypeProto,
  type ValueInfoProto,
} from "onnx-buf";
import { externalReader } from "../../src/import/externalData.js";
import { tensorOf } from "../../src/import/tensors.js";
import type { Value } from "../../src/import/values.js";

const nowhere = externalReader(undefined);

const read = (proto: TensorProto) => tensorOf(proto, nowhere);

/** The messages in some field of one that `onnx-buf` does not know. */
function fieldsOf(bytes: Uint8Array, wanted: number): Uint8Array[] {
  const reader = new BinaryReader(bytes);
  const found: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === wanted && wireType === WireType.LengthDelimited) found.push(reader.bytes());
    else reader.skip(wireType, field);
  }
  return found;
}

const tensorField = 3;
const sequenceField = 5;

const readAll = (bytes: Uint8Array) =>
  fieldsOf(bytes, tensorField).map((item) => read(fromBinary(TensorProtoSchema, item)));

/** The value that bytes stand for, by the type that the graph declares. */
function valueOf(bytes: Uint8Array, type: TypeProto | undefined): Value {
  switch (type?.value.case) {
    case "sequenceType":
      return readAll(bytes);
    case "optionalType": {
      const [sequence] = fieldsOf(bytes, sequenceField);
      return sequence === undefined ? (readAll(bytes)[0] ?? null) : readAll(sequence);
    }
    default: {
      const proto = fromBinary(TensorProtoSchema, bytes);
      // NumPy, with which the cases were made, has no bfloat16: their bits are written as whole numbers.
      const isBits = type?.value.case === "tensorType" && type.value.value.elemType === DataType.BFLOAT16;
      if (isBits && proto.dataType === DataType.UINT16) proto.dataType = DataType.BFLOAT16;
      return read(proto);
    }
  }
}

function valuesOf(folder: string, prefix: string, infos: readonly ValueInfoProto[]): Value[] {
  const count = readdirSync(folder).filter((name) => name.startsWith(prefix)).length;
  return Array.from({ length: count }, (_, i) =>
    valueOf(readFileSync(join(folder, `${prefix}_${i}.pb`)), infos[i]?.type),
  );
}

/** A model with what goes in and what comes out. */
export interface Case {
  readonly path: string;
  readonly graph: GraphProto;
  readonly sets: readonly { readonly inputs: readonly Value[]; readonly outputs: readonly Value[] }[];
}

/** The case in a folder; undefined where there is no model. */
export function readCase(folder: string): Case | undefined {
  const path = join(folder, "model.onnx");
  if (!existsSync(path)) return undefined;
  const { graph } = fromBinary(ModelProtoSchema, readFileSync(path));
  if (graph === undefined) return undefined;
  const initialized = new Set(graph.initializer.map(({ name }) => name));
  const given = graph.input.filter(({ name }) => !initialized.has(name));
  const sets = readdirSync(folder)
    .filter((name) => name.startsWith("test_data_set"))
    .map((name) => ({
      inputs: valuesOf(join(folder, name), "input", given),
      outputs: valuesOf(join(folder, name), "output", graph.output),
    }));
  return { path, graph, sets };
}

/** What is wrong with a value, or undefined. */
export function difference(actual: Value | undefined, expected: Value, rtol = 1e-3, atol = 1e-6): string | undefined {
  if (expected === null) return actual === null ? undefined : "should be absent";
  if (!(expected instanceof Tensor)) {
    if (!Array.isArray(actual)) return "should be a sequence";
    if (actual.length !== expected.length) return `has ${actual.length} items, not ${expected.length}`;
    return expected.map((item, i) => difference(actual[i], item, rtol, atol)).find((found) => found !== undefined);
  }
  if (!(actual instanceof Tensor)) return "should be a tensor";
  if (actual.dtype !== expected.dtype) return `is ${actual.dtype}, not ${expected.dtype}`;
  if (String(actual.shape) !== String(expected.shape)) return `has shape [${actual.shape}], not [${expected.shape}]`;
  if (!expected.dtype.isFloatingPoint) return actual.equal(expected) ? undefined : `is ${actual}, not ${expected}`;
  const [a, b] = [actual.detach().double(), expected.double()];
  if (a.allclose(b, rtol, atol, { equalNan: true })) return undefined;
  return `is off by ${a.sub(b).abs().max().item()}`;
}
