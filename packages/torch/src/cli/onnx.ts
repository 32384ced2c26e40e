/** `flambeau inspect model.onnx`: what `@flambeau/onnx`, which is a package of its own, tells of a file. */
import { formatShape } from "../core/shape.js";
import { describeCount, formatBytes } from "./describe.js";
import { loadPackage } from "./packages.js";

interface InspectModule {
  inspectFile(path: string): {
    readonly facts: readonly string[];
    readonly signature: string;
    readonly tensors: readonly { name: string; type: string; shape: readonly number[]; nbytes: number }[];
    /** How many nodes there are of each operator. */
    readonly operators: readonly (readonly [operator: string, count: number])[];
  };
}

/** What is in a file, as lines of text. */
export async function inspectOnnx(path: string): Promise<string[]> {
  const { inspectFile } = await loadPackage<InspectModule>("@flambeau/onnx/inspect", "ONNX files are read");
  const { facts, signature, tensors, operators } = inspectFile(path);
  const width = Math.min(40, Math.max(0, ...tensors.map(({ name }) => name.length)));
  return [
    `${path}: ${["ONNX", ...facts, describeCount(tensors)].join(", ")}`,
    signature,
    ...tensors.map(
      ({ name, type, shape, nbytes }) => `${name.padEnd(width)}  ${type} ${formatShape(shape)}  ${formatBytes(nbytes)}`,
    ),
    `nodes: ${operators.map(([operator, count]) => (count === 1 ? operator : `${count} ${operator}`)).join(", ")}`,
  ];
}
