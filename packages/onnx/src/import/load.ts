/** `onnx.load`: an ONNX file as a module. */
import { dirname } from "node:path";
import type { Tensor } from "flambeau";
import { anything, callable, int, invalid, optional, type Param, Signature } from "flambeau/arguments";
import { type Path, pathOf } from "flambeau/files";
import { loadProto, parseProto } from "../proto/files.js";
import { externalReader } from "./externalData.js";
import { Compiler } from "./graph.js";
import { inputInfos } from "./interface.js";
import { mostIterations } from "./limits.js";
import { OnnxModule } from "./module.js";
import { modelText } from "./printing.js";
import { type IsParameter, parametersOf } from "./weights.js";

export interface LoadOptions {
  /**
   * Which floating initializers become parameters; the others are buffers. By default all are that have dims, and are
   * no running statistics: a single number is more often one of a formula than one that was trained.
   */
  parameters?: IsParameter;
  /** How many iterations all loops of a call may have together; 100,000 by default. */
  maxIterations?: number;
}

const readable: Param<Path | Uint8Array> = {
  ...(anything as Param<Path | Uint8Array>),
  expected: "path or Uint8Array",
  read: (value) => (typeof value === "string" || value instanceof URL || value instanceof Uint8Array ? value : invalid),
};

const signature = new Signature("onnx.load", {
  from: readable,
  parameters: optional(callable as unknown as Param<IsParameter>),
  maxIterations: optional(int, mostIterations),
});

/**
 * The model of an ONNX file, as a module that runs and can be trained further.
 *
 * Floating initializers become parameters, the others buffers, under the names that they have in the file; numbers such as
 * shapes are part of the program. The model does what the file says until `train()` or `eval()` is called.
 *
 * @param from a path, or the bytes of a file. Data in other files are only read from the model's own folder.
 * @throws Error for a file that is damaged, or has an operator or a type that does not exist here: it names the node.
 * @example
 * const model = onnx.load("model.onnx");
 * const logits = model(images);                            // or model({ images })
 * const { boxes, scores } = onnx.load<onnx.OnnxOutputs>("detector.onnx")(images);
 */
export function load<T = Tensor>(from: Path | Uint8Array, options: LoadOptions = {}): OnnxModule<T> {
  const { parameters, maxIterations, ...given } = signature.parse([from, options]);
  const isBytes = given.from instanceof Uint8Array;
  const name = isBytes ? "the data" : pathOf(given.from as Path);
  const model = isBytes ? parseProto(given.from as Uint8Array, name) : loadProto(name);
  const { graph } = model;
  try {
    if (graph === undefined) throw new Error("there is no graph in it");
    const compiler = new Compiler(model, externalReader(isBytes ? undefined : dirname(name)));
    const body = compiler.compile(graph);
    const isParameter = parameters ?? parametersOf(model.producerName);
    const program = {
      body,
      inputs: inputInfos(graph),
      outputNames: graph.output.map((output) => output.name),
      maxIterations,
      trains: compiler.trains,
      text: modelText(model, graph, "OnnxModule"),
    };
    return new OnnxModule<T>(program, (root, owners) => compiler.weights.giveTo(root, owners, isParameter));
  } catch (cause) {
    throw new Error(`${name}: ${(cause as Error).message}`, { cause });
  }
}
