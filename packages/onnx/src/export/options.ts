/** The options of an export, read and checked. */

/** In which mode the model is while it is exported. */
export const TrainingMode = { EVAL: "eval", PRESERVE: "preserve", TRAINING: "training" } as const;
export type TrainingMode = (typeof TrainingMode)[keyof typeof TrainingMode];

/** Dims whose size is open, by name of an input or output: names of the sizes by dim, or only the dims. */
export type DynamicAxes = Readonly<Record<string, Readonly<Record<number, string>> | readonly number[]>>;

export interface ExportOptions {
  /** Names of the tensors among the arguments, in their order; `input`, or `input0`, `input1`, … where there are several. */
  inputNames?: readonly string[];
  /** Names of the tensors in the result; `output`, or `output0`, `output1`, … */
  outputNames?: readonly string[];
  /** Which sizes may be other ones than in the example; all are fixed by default. */
  dynamicAxes?: DynamicAxes | null;
  /** The version of the operators, 13 to 20; 17 by default. */
  opsetVersion?: number;
  /** Whether the file holds parameters and buffers; otherwise they are inputs. True by default. */
  exportParams?: boolean;
  /** Whether what depends on parameters alone is computed now. True by default. */
  doConstantFolding?: boolean;
  /** The mode of the model meanwhile; `"eval"` by default. */
  training?: TrainingMode;
  /** Whether parameters in the file are inputs, too, that whoever runs it may replace. */
  keepInitializersAsInputs?: boolean;
  /** Whether the numbers of large tensors are in a file of their own; by default where all are more than a file can hold. */
  externalData?: boolean;
  /** Prints the recorded program. */
  verbose?: boolean;
}

export type Settings = Required<Omit<ExportOptions, "externalData">> & Pick<ExportOptions, "externalData">;

export const oldestOpset = 13;
export const newestOpset = 20;

const defaults: Settings = {
  inputNames: [],
  outputNames: [],
  dynamicAxes: {},
  opsetVersion: 17,
  exportParams: true,
  doConstantFolding: true,
  training: TrainingMode.EVAL,
  keepInitializersAsInputs: false,
  externalData: undefined,
  verbose: false,
};

/** @throws TypeError for an option of the wrong kind, RangeError for an opset that is not known. */
export function readOptions(given: ExportOptions): Settings {
  for (const [name, value] of Object.entries(given)) {
    if (!(name in defaults)) {
      throw new TypeError(`export() got an unexpected option '${name}' (options: ${Object.keys(defaults).join(", ")})`);
    }
    const wanted = typeof (name === "externalData" ? true : defaults[name as keyof Settings]);
    if (value !== undefined && value !== null && typeof value !== wanted)
      throw new TypeError(`export(): option '${name}' must be ${wanted}, not ${typeof value}`);
  }
  const known = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null));
  const settings = { ...defaults, ...known };
  const { opsetVersion, training } = settings;
  if (!Number.isInteger(opsetVersion) || opsetVersion < oldestOpset || opsetVersion > newestOpset)
    throw new RangeError(`export(): opsets ${oldestOpset} to ${newestOpset} are known, got ${opsetVersion}`);
  if (!Object.values(TrainingMode).includes(training))
    throw new TypeError(`export(): option 'training' must be "eval", "preserve" or "training", not "${training}"`);
  return settings;
}
