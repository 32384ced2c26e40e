/**
 * `torch.utils.summary`: the layers of a model with their shapes, parameters and multiply-adds, as the Python package
 * torchinfo shows them.
 *
 * The model is copied to the device `meta`, and runs there: nothing is computed, and the model itself is not touched.
 *
 * Source: https://github.com/TylerYep/torchinfo
 */
import {
  anything,
  dtype as dtypeParam,
  int,
  ints,
  invalid,
  keyword,
  listOf,
  optional,
  word,
} from "../arguments/params.js";
import { describe, readArgument, Signature } from "../arguments/parse.js";
import { noGrad } from "../autograd/modes.js";
import { type DType, getDefaultDtype } from "../core/dtype.js";
import type { Shape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { Module } from "../nn/module.js";
import { moduleWatch } from "../nn/observe.js";
import { shapeCopy } from "../ops/creation/deepcopy.js";
import { device } from "../ops/devices.js";
import { type LayerInfo, LayerRecorder, placesOf } from "./layerInfo.js";
import {
  columnTitles,
  formatCount,
  formatMegabytes,
  formatScaled,
  rowSettings,
  type SummaryColumn,
  type SummaryFormat,
  type SummaryRowSetting,
  SummaryTable,
} from "./summaryTable.js";

/** The sizes of the only input, or those of each. */
export type SummaryInputSize = readonly number[] | readonly (readonly number[])[];

/** What a summary can be told. */
export interface SummaryOptions {
  /** The sizes of the inputs; without inputs, the modules are listed as they stand in the model. */
  inputSize?: SummaryInputSize | null;
  /** In place of sizes: the input, or an array of all arguments. Only shapes and dtypes count. */
  inputData?: unknown;
  /** The columns; `["output_size", "num_params"]` unless said. */
  colNames?: readonly SummaryColumn[];
  /** The width of each column; 25 unless said. */
  colWidth?: number;
  /** How deep the modules that are shown are nested at most; 3 unless said. */
  depth?: number;
  /** The dtypes of the inputs whose sizes are given; the default dtype unless said. */
  dtypes?: readonly DType[];
  /** The mode in which the model runs; `"same"` leaves each module in its own. `"eval"` unless said. */
  mode?: "train" | "eval" | "same";
  /** What the rows show; `["depth"]` unless said. */
  rowSettings?: readonly SummaryRowSetting[];
  /** 0 prints nothing, 1 the summary, 2 the parameters of each layer too; 1 unless said. */
  verbose?: number;
}

const columns = word(...(Object.keys(columnTitles) as SummaryColumn[]));

const signature = new Signature("summary", {
  model: anything,
  inputSize: optional(anything),
  inputData: optional(anything),
  colNames: keyword(optional(listOf("list of columns", columns))),
  colWidth: keyword(optional(int, 25)),
  depth: keyword(optional(int, 3)),
  dtypes: keyword(optional(listOf("list of torch.dtype", dtypeParam))),
  mode: keyword(optional(word("train", "eval", "same"), "eval")),
  rowSettings: keyword(optional(listOf("list of row settings", word(...rowSettings)), ["depth"])),
  verbose: keyword(optional(int, 1)),
});

/** The numbers of a summary; as a text, its table. */
export class ModelStatistics {
  readonly totalParams: number;
  readonly trainableParams: number;
  readonly totalMultAdds: number;
  /** Bytes of all parameters; torchinfo leaves out those of modules that have others in them. */
  readonly totalParamBytes: number;
  /** Bytes of the outputs of all layers with parameters, and of the gradients of these. */
  readonly totalOutputBytes: number;
  readonly #format: SummaryFormat;

  /**
   * @param summaryList the rows, those that are too deep to be shown among them
   * @param inputSize the sizes of the inputs that are tensors
   * @param totalInput bytes of the inputs
   */
  constructor(
    model: Module,
    readonly summaryList: readonly LayerInfo[],
    readonly inputSize: readonly Shape[],
    readonly totalInput: number,
    format: SummaryFormat,
  ) {
    const sum = <T>(items: readonly T[], value: (item: T) => number) =>
      items.reduce((total, item) => total + value(item), 0);
    const parameters = [...model.parameters()];
    const leaves = summaryList.filter(({ isLeafLayer }) => isLeafLayer);
    this.totalParams = sum(parameters, (parameter) => parameter.numel());
    this.trainableParams = sum(parameters, (parameter) => (parameter.requiresGrad ? parameter.numel() : 0));
    this.totalParamBytes = sum(parameters, (parameter) => parameter.nbytes);
    this.totalMultAdds = sum(leaves, ({ multAdds }) => multAdds);
    this.totalOutputBytes = sum(leaves, ({ numParams, outputBytes }) => (numParams > 0 ? 2 * outputBytes : 0));
    this.#format = format;
  }

  toString(): string {
    const { totalParams, trainableParams, totalInput, totalOutputBytes, totalParamBytes } = this;
    const table = new SummaryTable(this.summaryList, totalParams, this.#format);
    const lines = [
      String(table),
      `Total params: ${formatCount(totalParams)}`,
      `Trainable params: ${formatCount(trainableParams)}`,
      `Non-trainable params: ${formatCount(totalParams - trainableParams)}`,
    ];
    if (this.inputSize.length > 0) {
      lines.push(
        `Total mult-adds${formatScaled(this.totalMultAdds)}`,
        table.rule,
        `Input size (MB): ${formatMegabytes(totalInput)}`,
        `Forward/backward pass size (MB): ${formatMegabytes(totalOutputBytes)}`,
        `Params size (MB): ${formatMegabytes(totalParamBytes)}`,
        `Estimated Total Size (MB): ${formatMegabytes(totalInput + totalOutputBytes + totalParamBytes)}`,
      );
    }
    return [...lines, table.rule].join("\n");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/**
 * The layers of a model in the order in which they are called, with the shapes of their outputs and the numbers of
 * their parameters, and what the whole needs of multiply-adds and memory. Prints it unless `verbose` is 0.
 *
 * The model runs without gradients as a copy on the device `meta`: it takes no memory, computes nothing, and stays as
 * it is. A model that looks at the numbers of its tensors (`item`), or has private `#` fields, cannot run there.
 *
 * Multiply-adds are counted by torchinfo's rule: each element of a parameter once for each item of the batch, in
 * convolutions once for each place of the output.
 *
 * @example
 * torch.utils.summary(model, [64, 1, 28, 28]);
 * const { totalParams } = torch.utils.summary(model, { inputData: x, verbose: 0 });
 * @throws TypeError for what is no model, and for arguments of a wrong kind; RangeError for sizes, widths and depths
 * that cannot be; Error for both sizes and data, and where the model fails.
 */
export function summary(model: Module, options?: SummaryOptions): ModelStatistics;
export function summary(
  model: Module,
  inputSize: SummaryInputSize | null | undefined,
  options?: Omit<SummaryOptions, "inputSize">,
): ModelStatistics;
export function summary(
  model: Module,
  inputSize: SummaryInputSize | null | undefined,
  inputData: unknown,
  options?: Omit<SummaryOptions, "inputSize" | "inputData">,
): ModelStatistics;
export function summary(...args: unknown[]): ModelStatistics {
  const given = signature.parse(args);
  const { model, inputSize, inputData, dtypes, colWidth, depth, verbose } = given;
  if (!(model instanceof Module)) throw new TypeError(`${describe(model)} is not a Module subclass`);
  if (inputSize !== undefined && inputData !== undefined) {
    throw new Error("Only one of (inputData, inputSize) should be specified.");
  }
  if (![0, 1, 2].includes(verbose)) {
    throw new RangeError(`Verbose must be either 0 (quiet), 1 (default), or 2 (verbose), got ${verbose}`);
  }
  if (colWidth <= 0) throw new RangeError(`summary(): colWidth must be greater than 0, got ${colWidth}`);
  if (depth < 0) throw new RangeError(`summary(): depth must not be negative, got ${depth}`);
  const hasInputs = inputSize !== undefined || inputData !== undefined;
  const colNames = given.colNames ?? (hasInputs ? ["output_size", "num_params"] : ["num_params"]);
  checkColumns(colNames, hasInputs);

  const inputs = inputSize === undefined ? argumentsIn(inputData) : inputsOf(sizesIn(inputSize), dtypes);
  const layers = hasInputs ? layersCalled(model, inputs, given.mode) : layersOf(model);
  const tensors = inputs.filter((input) => input instanceof Tensor);
  const format = { depth, colNames, colWidth, rowSettings: given.rowSettings, showsParameters: verbose === 2 };
  const statistics = new ModelStatistics(
    model,
    layers,
    tensors.map(({ shape }) => shape),
    tensors.reduce((sum, { nbytes }) => sum + nbytes, 0),
    format,
  );
  if (verbose > 0) console.log(String(statistics));
  return statistics;
}

const columnsOfModel: readonly SummaryColumn[] = ["num_params", "params_percent", "kernel_size", "groups", "trainable"];

function checkColumns(colNames: readonly SummaryColumn[], hasInputs: boolean): void {
  const missing = hasInputs ? undefined : colNames.find((column) => !columnsOfModel.includes(column));
  if (missing !== undefined) {
    throw new Error(`You must pass inputData or inputSize in order to use column ${missing}`);
  }
}

/** The sizes of each input. */
function sizesIn(inputSize: unknown): readonly Shape[] {
  const one = ints.read(inputSize);
  const sizes =
    one === invalid ? readArgument("summary", "inputSize", listOf("tuple of sizes", ints), inputSize) : [one];
  if (sizes.flat().length === 0) throw new RangeError("summary(): inputSize has no sizes");
  const wrong = sizes.flat().find((size) => size <= 0);
  if (wrong !== undefined) throw new RangeError(`summary(): sizes of inputs must be greater than 0, got ${wrong}`);
  return sizes;
}

function inputsOf(sizes: readonly Shape[], dtypes: readonly DType[] | undefined): Tensor[] {
  if (dtypes !== undefined && dtypes.length !== sizes.length) {
    throw new Error(`summary(): got ${dtypes.length} dtypes for ${sizes.length} inputs`);
  }
  return device("meta", () => sizes.map((size, i) => Tensor.empty(size, dtypes?.[i] ?? getDefaultDtype())));
}

/** The arguments of a call of the model. */
function argumentsIn(inputData: unknown): readonly unknown[] {
  if (inputData === undefined) return [];
  return Array.isArray(inputData) ? inputData : [inputData];
}

/** A row for each module, in the order in which they stand in the model. */
function layersOf(model: Module): readonly LayerInfo[] {
  const recorder = new LayerRecorder();
  for (const place of placesOf(model)) recorder.add(place);
  return recorder.layers;
}

/** A row for each call of a module, in the order of the calls. */
function layersCalled(
  model: Module,
  inputs: readonly unknown[],
  mode: "train" | "eval" | "same",
): readonly LayerInfo[] {
  const [twin, twinInputs] = shapeCopy([model, inputs] as const);
  const originals = placesOf(model);
  const places = new Map(placesOf(twin).map(({ module }, i) => [module, originals[i]]));
  const recorder = new LayerRecorder();
  if (mode !== "same") twin.train(mode === "train");
  using _ = moduleWatch.observe((module, run, given) => {
    const place = places.get(module);
    const layer = place && recorder.add(place);
    const output = run();
    layer?.finish(given, output);
    return output;
  });
  try {
    noGrad(() => device("meta", () => twin(...twinInputs)));
  } catch (error) {
    const done = recorder.layers.filter(({ executed }) => executed).join(", ");
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`summary(): the model failed on the device meta: ${why}. Executed layers up to: [${done}]`, {
      cause: error,
    });
  }
  return recorder.layers;
}
