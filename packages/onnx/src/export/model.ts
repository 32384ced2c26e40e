/** The message of a model: its graph with what comes in and out. */
import { create } from "@bufbuild/protobuf";
import type { DType, Tensor } from "flambeau";
import {
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { dataTypeOf } from "../proto/dataTypes.js";
import { tensorProto } from "../proto/tensors.js";
import type { Builder } from "./builder.js";

/** A tensor that comes in or out: a size is a number, or has a name. */
export interface Port {
  readonly name: string;
  readonly dtype: DType;
  readonly sizes: readonly (number | string)[];
}

/** The version of the format with which an opset came. */
const irVersions: Readonly<Record<number, number>> = { 13: 7, 14: 7, 15: 8, 16: 8, 17: 8, 18: 8, 19: 9, 20: 9 };

function valueInfo({ name, dtype, sizes }: Port): ValueInfoProto {
  const dim = sizes.map((size) =>
    typeof size === "string"
      ? { value: { case: "dimParam" as const, value: size } }
      : { value: { case: "dimValue" as const, value: BigInt(size) } },
  );
  const tensorType = { elemType: dataTypeOf(dtype), shape: { dim } };
  return create(ValueInfoProtoSchema, { name, type: { value: { case: "tensorType", value: tensorType } } });
}

/** The nodes on which the outputs depend. */
function used(nodes: readonly NodeProto[], outputs: readonly string[]): NodeProto[] {
  const wanted = new Set(outputs);
  const kept: NodeProto[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.output.some((name) => wanted.has(name))) continue;
    kept.push(node);
    for (const name of node.input) wanted.add(name);
  }
  return kept.reverse();
}

/** Gives the results the names of the outputs, with nodes that pass them on where they have another name already. */
function nameOutputs(nodes: readonly NodeProto[], results: readonly string[], outputs: readonly Port[]): NodeProto[] {
  const made = new Set(nodes.flatMap(({ output }) => output));
  const renamed = new Map<string, string>();
  const passed: NodeProto[] = [];
  results.forEach((result, i) => {
    const { name } = outputs[i] as Port;
    if (made.has(result) && !renamed.has(result)) renamed.set(result, name);
    else
      passed.push(
        create(NodeProtoSchema, { name: `Identity_${name}`, opType: "Identity", input: [result], output: [name] }),
      );
  });
  const now = (name: string) => renamed.get(name) ?? name;
  const all = [...nodes, ...passed];
  for (const node of all) {
    node.input = node.input.map(now);
    node.output = node.output.map(now);
  }
  return all;
}

export interface ModelParts {
  readonly builder: Builder;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** What the outputs are called where they are made. */
  readonly results: readonly string[];
  /** Tensors of the model that are inputs, too. */
  readonly isInput: (name: string) => boolean;
  /** Whether those are in the file. */
  readonly holds: (name: string) => boolean;
}

/** A model, and the tensors that belong into its file by name. */
export function assemble(parts: ModelParts): { model: ModelProto; tensors: Map<string, Tensor> } {
  const { builder, inputs, outputs, results, isInput, holds } = parts;
  const node = nameOutputs(used(builder.nodes, results), results, outputs);
  const wanted = new Set(node.flatMap(({ input }) => input));
  const needed = [...builder.initializers].filter(([name]) => wanted.has(name));
  const ports = needed
    .filter(([name]) => isInput(name) || !holds(name))
    .map(([name, { dtype, shape }]): Port => ({ name, dtype, sizes: shape }));
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(irVersions[builder.opset] as number),
    opsetImport: [{ domain: "", version: BigInt(builder.opset) }],
    producerName: "flambeau",
    producerVersion: "0.1.0",
    graph: {
      name: "main_graph",
      node,
      input: [...inputs, ...ports].map(valueInfo),
      output: outputs.map(valueInfo),
    },
  });
  return { model, tensors: new Map(needed.filter(([name]) => holds(name))) };
}

/** The model with its tensors inside. */
export function withTensors(model: ModelProto, tensors: ReadonlyMap<string, Tensor>): ModelProto {
  if (model.graph) model.graph.initializer = [...tensors].map(([name, tensor]) => tensorProto(tensor, name));
  return model;
}
