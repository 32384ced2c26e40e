/** The options of an export, read and checked. */
import {
  anything,
  callable,
  flag,
  flagOn,
  int,
  keyword,
  listOf,
  openFlag,
  optional,
  type Param,
  Signature,
  text,
  word,
} from "flambeau/arguments";
import { writablePath } from "flambeau/files";
import type { Program } from "./program.js";

/** In which mode the model is while it is exported. */
export const TrainingMode = { EVAL: "eval", PRESERVE: "preserve", TRAINING: "training" } as const;
export type TrainingMode = (typeof TrainingMode)[keyof typeof TrainingMode];

/** Dims whose size is open, by name of an input or output: names of the sizes by dim, or only the dims. */
export type DynamicAxes = Readonly<Record<string, Readonly<Record<number, string>> | readonly number[]>>;

export interface ExportOptions {
  /** Names of the tensors among the arguments, in their order; `input`, or `input0`, `input1`, … where there are several. */
  inputNames?: readonly string[] | null;
  /** Names of the tensors in the result; `output`, or `output0`, `output1`, … */
  outputNames?: readonly string[] | null;
  /** Which sizes may be other ones than in the example; all are fixed by default. */
  dynamicAxes?: DynamicAxes | null;
  /** The version of the operators, 13 to 20; 17 by default. */
  opsetVersion?: number | null;
  /** Whether the file holds parameters and buffers; otherwise they are inputs. True by default. */
  exportParams?: boolean;
  /** Whether what depends on parameters alone is computed now. True by default. */
  doConstantFolding?: boolean;
  /** The mode of the model meanwhile; `"eval"` by default. */
  training?: TrainingMode;
  /** Whether parameters in the file are inputs, too, that whoever runs it may replace. */
  keepInitializersAsInputs?: boolean | null;
  /** Whether the numbers of large tensors are in a file of their own; by default where all are more than a file can hold. */
  externalData?: boolean | null;
  /** Prints the recorded program. */
  verbose?: boolean;
}

const oldestOpset = 13;
const newestOpset = 20;

const names = keyword(optional(listOf("list of strings", text), []));

const signature = new Signature("onnx.export", {
  model: callable as unknown as Param<Program>,
  args: anything,
  path: optional(writablePath),
  inputNames: names,
  outputNames: names,
  dynamicAxes: keyword(optional(anything as Param<DynamicAxes>, {})),
  opsetVersion: keyword(optional(int, 17)),
  exportParams: flagOn,
  doConstantFolding: flagOn,
  training: optional(word("eval", "preserve", "training"), TrainingMode.EVAL),
  keepInitializersAsInputs: flag,
  externalData: openFlag,
  verbose: flag,
});

export type Settings = ReturnType<typeof signature.parse>;

/** @throws TypeError for an argument of the wrong kind, RangeError for an opset that is not known. */
export function readOptions(args: readonly unknown[]): Settings {
  const settings = signature.parse(args);
  const { opsetVersion } = settings;
  if (opsetVersion < oldestOpset || opsetVersion > newestOpset)
    throw new RangeError(`onnx.export(): opsets ${oldestOpset} to ${newestOpset} are known, got ${opsetVersion}`);
  return settings;
}
