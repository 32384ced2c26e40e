/** The printed form of a model: what it takes and gives, and its nodes. */
import { type AttributeProto, type GraphProto, AttributeProto_AttributeType as Kind, type ModelProto } from "onnx-buf";
import { dtypeOf } from "../proto/dataTypes.js";
import { inputInfos, valueText } from "./interface.js";
import { dataTypeName } from "./tensors.js";
import { domainOf, operatorName } from "./values.js";

/** The longest list of numbers that is shown. */
const longestList = 16;

const decoder = new TextDecoder();

function listText(items: readonly unknown[]): string {
  const shown = items.slice(0, longestList).join(", ");
  return `[${shown}${items.length > longestList ? `, … ${items.length} items` : ""}]`;
}

/** A float as it was before it was rounded to 32 bits. */
function floatText(value: number): string {
  return String(Number(value.toPrecision(7)));
}

function attributeText(attribute: AttributeProto): string {
  const { name, refAttrName, type, t, g } = attribute;
  if (refAttrName !== "") return `${name}=${refAttrName}`;
  switch (type) {
    case Kind.FLOAT:
      return `${name}=${floatText(attribute.f)}`;
    case Kind.INT:
      return `${name}=${attribute.i}`;
    case Kind.STRING:
      return `${name}='${decoder.decode(attribute.s)}'`;
    case Kind.FLOATS:
      return `${name}=${listText(attribute.floats.map(floatText))}`;
    case Kind.INTS:
      return `${name}=${listText(attribute.ints)}`;
    case Kind.TENSOR:
      return `${name}=${dtypeOf(t?.dataType ?? 0)?.name ?? dataTypeName(t?.dataType ?? 0)} [${t?.dims.join(", ") ?? ""}]`;
    case Kind.GRAPH:
      return `${name}={${g?.node.length ?? 0} nodes}`;
    default:
      return `${name}=…`;
  }
}

/** The nodes of a graph, a line each: `y = Conv(x, conv1.weight, kernel_shape=[3, 3])`. */
function nodeLines(graph: GraphProto): string[] {
  return graph.node.map((node) => {
    const { input, output, attribute } = node;
    const parts = [...input.map((name) => name || "None"), ...attribute.map(attributeText)];
    return `${output.filter((name) => name !== "").join(", ")} = ${operatorName(node)}(${parts.join(", ")})`;
  });
}

/** The name of a graph, the version of its operators, and what wrote it. */
export function modelFacts(model: ModelProto, graph: GraphProto): string[] {
  const version = model.opsetImport.find((one) => domainOf(one) === "")?.version;
  return [graph.name, version === undefined ? "" : `opset ${version}`, model.producerName].filter(
    (fact) => fact !== "",
  );
}

/** What a graph takes and gives: `(x: float32 [batch, 3]) -> (y: float32 [batch, 10])`. */
export function signatureText(graph: GraphProto): string {
  const inputs = inputInfos(graph)
    .filter(({ isOptional }) => !isOptional)
    .map(({ text }) => text);
  return `(${inputs.join(", ")}) -> (${graph.output.map(valueText).join(", ")})`;
}

export function modelText(model: ModelProto, graph: GraphProto, name: string): string {
  const lines = [modelFacts(model, graph).join(", "), signatureText(graph), ...nodeLines(graph)];
  return `${name}(\n  ${lines.join("\n  ")}\n)`;
}
