/** `onnx.export`: a model as an ONNX file. */
import torch from "flambeau";
import { warn } from "flambeau/arguments";
import type { Path } from "flambeau/files";
import { assemble, type Port } from "./model.js";
import { type ExportOptions, readOptions, type Settings } from "./options.js";
import { axesOf, namesFor, type Program, type Recorded, record } from "./program.js";
import type { GraphValue, Value } from "./recording.js";
import { save, toBytes } from "./save.js";
import { Session } from "./session.js";
import { Size } from "./sizes.js";
import { translateAll } from "./translate.js";

/** The sizes of a tensor as the file has them. */
function portOf(value: Value, name: string, { dynamicAxes }: Settings, axes: Recorded["axes"]): Port {
  const declared = axesOf(dynamicAxes, name);
  const sizes = value.sizes.map((size, dim) => {
    const own = declared.get(dim) ?? declared.get(dim - value.rank);
    if (!(size instanceof Size)) return own !== undefined && !axes.has(own) ? own : size;
    const symbol = [...axes].find(([, values]) => values.join() === size.key)?.[0];
    return own ?? symbol ?? `${name}_dim_${dim}`;
  });
  return { name, dtype: value.dtype, sizes };
}

function checkAxes({ dynamicAxes }: Settings, names: readonly string[]): void {
  for (const name of Object.keys(dynamicAxes ?? {})) {
    if (!names.includes(name))
      throw new Error(
        `onnx.export(): dynamicAxes: there is no input or output '${name}' (there are ${names.join(", ")})`,
      );
  }
}

function checkReal({ dtype }: Value, what: string, cure: string): void {
  if (dtype.isComplex)
    throw new TypeError(`onnx.export(): ${what} is ${dtype}, and runtimes have no such tensors; ${cure}`);
}

/**
 * Writes a model as an ONNX file, for ONNX Runtime and all else that reads such files.
 *
 * The model is run on example arguments, and what it does is recorded: whatever it decides by looking at numbers is as in
 * that run. With dynamic axes it is run with other sizes, too, so that shapes which follow from them stay open.
 *
 * @param model a module, or a function of tensors. A module is in evaluation mode meanwhile, unless `training` says otherwise.
 * @param args the arguments of the call; a tensor that is the only one may stand alone.
 * @param path where the file is written, whole or not at all. Without one, the bytes of the file are returned.
 * @param options.dynamicAxes for each input or output, names of the sizes that may change, by dim.
 * @throws Error that names an operation that ONNX has not, with the line that called it, or a number that changes with the
 *   sizes and is not seen to follow from them.
 * @example
 * onnx.export(model, [torch.randn(1, 3, 224, 224)], "model.onnx", {
 *   inputNames: ["image"],
 *   outputNames: ["logits"],
 *   dynamicAxes: { image: { 0: "batch" }, logits: { 0: "batch" } },
 * });
 * @see https://pytorch.org/docs/stable/onnx_torchscript.html
 */
function exportModel(
  model: Program,
  args: torch.Tensor | readonly unknown[],
  path: Path,
  options?: ExportOptions,
): void;
function exportModel(
  model: Program,
  args: torch.Tensor | readonly unknown[],
  path?: undefined,
  options?: ExportOptions,
): Uint8Array;
function exportModel(
  model: Program,
  args: torch.Tensor | readonly unknown[],
  path?: Path,
  options: ExportOptions = {},
): Uint8Array | undefined {
  const settings = readOptions([model, args, path, options]);
  const list = args instanceof torch.Tensor ? [args] : args;
  if (!Array.isArray(list)) {
    throw new TypeError("onnx.export(): argument 'args' must be a Tensor or a list of the model's arguments");
  }
  const { recording, inputNames, axes } = record(model, list, settings);
  const { graphs } = recording;
  const [first] = graphs as [torch.fx.Graph];
  if (settings.verbose) console.log(String(first));
  if (first.reads > 0) {
    warn(
      `onnx.export: the program read numbers of tensors (item(), tolist(), …, ${first.reads} times); what it decided or computed by them is in the file as in this run`,
    );
  }
  if (first.outputs.length === 0) throw new Error("onnx.export(): the program gives no tensor");
  const outputNames = namesFor(first.outputs.length, settings.outputNames, "output");
  checkAxes(settings, [...inputNames, ...outputNames]);
  const { exportParams, doConstantFolding, keepInitializersAsInputs, opsetVersion } = settings;
  const session = new Session(recording, opsetVersion, exportParams && doConstantFolding);
  const { builder } = session;
  for (const name of [...inputNames, ...outputNames]) builder.reserve(name);

  const valuesOf = (pick: (graph: torch.fx.Graph) => readonly GraphValue[]) =>
    pick(first).map((_, i) => recording.value(graphs.map((graph) => pick(graph)[i] as GraphValue)));
  const inputs = valuesOf(({ inputs }) => inputs);
  inputs.forEach((value, i) => {
    checkReal(value, `input '${inputNames[i]}'`, "take torch.viewAsReal of it, and torch.viewAsComplex inside");
    session.define(value, inputNames[i] as string);
  });
  for (const pick of [(graph: torch.fx.Graph) => graph.parameters, (graph: torch.fx.Graph) => graph.buffers])
    valuesOf(pick);
  translateAll(
    session,
    graphs.map(({ nodes }) => nodes),
  );
  const outputs = valuesOf(({ outputs }) => outputs);
  outputs.forEach((value, i) => checkReal(value, `output '${outputNames[i]}'`, "give torch.viewAsReal of it"));
  const own = new Set([...first.parameters, ...first.buffers].map(({ name }) => name));
  const { model: proto, tensors } = assemble({
    builder,
    inputs: inputs.map((value, i) => portOf(value, inputNames[i] as string, settings, axes)),
    outputs: outputs.map((value, i) => portOf(value, outputNames[i] as string, settings, axes)),
    results: outputs.map((value) => session.nameOf(value)),
    isInput: (name) => keepInitializersAsInputs && own.has(name),
    holds: (name) => exportParams || !own.has(name),
  });
  if (path === undefined) return toBytes(proto, tensors);
  save(path, proto, tensors, settings.externalData);
}

export { exportModel };
