/** `@flambeau/onnx/inspect`: what is in a file, for the command `flambeau inspect`; nothing large is read. */
import { TensorProto_DataLocation as DataLocation, type GraphProto, type TensorProto } from "onnx-buf";
import { productOf } from "../lists.js";
import { dtypeOf } from "../proto/dataTypes.js";
import { loadProto } from "../proto/files.js";
import { modelFacts, signatureText } from "./printing.js";
import { dataTypeName } from "./tensors.js";
import { operatorName } from "./values.js";

/** What there is to say of a tensor. */
export interface TensorSummary {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
  readonly nbytes: number;
}

/** What there is to say of a file. */
export interface FileSummary {
  readonly facts: readonly string[];
  /** Inputs and outputs. */
  readonly signature: string;
  readonly tensors: readonly TensorSummary[];
  /** How many nodes there are of each operator, the most frequent first. */
  readonly operators: readonly (readonly [operator: string, count: number])[];
}

function summaryOf({ name, dataType, dims, rawData, dataLocation }: TensorProto): TensorSummary {
  const shape = dims.map(Number);
  const dtype = dtypeOf(dataType);
  return {
    name,
    type: `${dtype?.name ?? dataTypeName(dataType)}${dataLocation === DataLocation.EXTERNAL ? " (in another file)" : ""}`,
    shape,
    nbytes: dtype === undefined ? rawData.length : productOf(shape) * dtype.itemsize,
  };
}

/** Counts the nodes of a graph and of those inside of it. */
function countNodes({ node }: GraphProto, counts: Map<string, number>): Map<string, number> {
  for (const one of node) {
    const operator = operatorName(one);
    counts.set(operator, (counts.get(operator) ?? 0) + 1);
    for (const { g } of one.attribute) if (g !== undefined) countNodes(g, counts);
  }
  return counts;
}

/**
 * What is in an ONNX file, also if its operators do not exist here.
 *
 * @throws Error for what is no ONNX file.
 */
export function inspectFile(path: string): FileSummary {
  const model = loadProto(path);
  const { graph } = model;
  if (graph === undefined) throw new Error(`${path}: there is no graph in it`);
  return {
    facts: modelFacts(model, graph),
    signature: signatureText(graph),
    tensors: graph.initializer.map(summaryOf),
    operators: [...countNodes(graph, new Map())].sort(([, a], [, b]) => b - a),
  };
}
