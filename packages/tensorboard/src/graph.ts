/** A recorded program as the graph that TensorBoard draws: nodes in the folders of their modules. */
import { create, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import torch, { type nn, type Tensor } from "flambeau";
import { DataType, GraphDefSchema, type NodeDefSchema, type TensorShapeSchema } from "./proto/tensorboard_pb.js";

type Program = ReturnType<typeof torch.fx.capture>;
type Value = Program["outputs"][number];
type Node = MessageInitShape<typeof NodeDefSchema>;

const dtypes: Readonly<Record<string, DataType>> = {
  float32: DataType.DT_FLOAT,
  float64: DataType.DT_DOUBLE,
  float16: DataType.DT_HALF,
  bfloat16: DataType.DT_BFLOAT16,
  int64: DataType.DT_INT64,
  int32: DataType.DT_INT32,
  int16: DataType.DT_INT16,
  int8: DataType.DT_INT8,
  uint8: DataType.DT_UINT8,
  bool: DataType.DT_BOOL,
};

function shapeOf(sizes: readonly number[]): MessageInitShape<typeof TensorShapeSchema> {
  return { dim: sizes.map((size) => ({ size: BigInt(size) })) };
}

function nodeOf(name: string, op: string, input: string[], value: Value | undefined, details = ""): Node {
  const attr: Node["attr"] = { attr: { value: { case: "s", value: new TextEncoder().encode(details) } } };
  if (value !== undefined) {
    attr._output_shapes = { value: { case: "list", value: { shape: [shapeOf(value.sizes)] } } };
    attr.dtype = { value: { case: "type", value: dtypes[value.dtype.name] ?? DataType.DT_INVALID } };
  }
  return { name, op, input, attr };
}

/** The values among arguments. */
function valuesIn(argument: unknown): Value[] {
  if (Array.isArray(argument)) return argument.flatMap(valuesIn);
  const isValue = typeof argument === "object" && argument !== null && "kind" in argument && "sizes" in argument;
  return isValue ? [argument as Value] : [];
}

/** What arguments are beside values, as text. */
function attributesOf(args: Readonly<Record<string, unknown>>): string {
  const shown = Object.entries(args).filter(([, value]) => value !== undefined && valuesIn(value).length === 0);
  return shown.map(([name, value]) => `${name}: ${value}`).join(", ");
}

/** The folder of a parameter's module: `layers/0` of `layers.0.weight`. */
function folderOf(parameter: string): string {
  return parameter.split(".").slice(0, -1).join("/");
}

/** The graph of a module and its inputs, as bytes. */
export function graphOf(model: nn.Module, inputs: readonly Tensor[]): Uint8Array {
  const program = torch.noGrad(() => torch.fx.capture(model, [...inputs]));
  const names = new Map<Value, string>();
  const nodes: Node[] = [];
  const add = (value: Value, name: string, op: string) => {
    names.set(value, name);
    nodes.push(nodeOf(name, op, [], value));
  };
  for (const value of program.inputs) add(value, `input/${value.name}`, "IO Node");
  for (const value of [...program.parameters, ...program.buffers]) {
    add(value, value.name.replaceAll(".", "/"), value.kind === "parameter" ? "Parameter" : "Buffer");
  }
  for (const value of program.constants) add(value, `constants/${value.name}`, "Constant");
  // What uses no parameter stands beside what came before it.
  let folder = "";
  program.nodes.forEach(({ operation, args, outputs }, i) => {
    const used = Object.values(args).flatMap(valuesIn);
    const own = used.find(({ kind }) => kind === "parameter");
    if (own !== undefined) folder = folderOf(own.name);
    const name = `${folder === "" ? "" : `${folder}/`}${operation}_${i}`;
    for (const output of outputs) names.set(output, name);
    const input = used.map((value) => names.get(value) as string);
    nodes.push(nodeOf(name, operation, input, outputs[0], attributesOf(args)));
  });
  program.outputs.forEach((value, i) => {
    nodes.push(nodeOf(`output/${i}`, "IO Node", [names.get(value) as string], value));
  });
  return toBinary(GraphDefSchema, create(GraphDefSchema, { node: nodes, versions: { producer: 22 } }));
}
