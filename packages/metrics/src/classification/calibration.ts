/** Calibration: whether predictions of 70% are right in 70% of all cases. */
import torch, { type Tensor } from "flambeau";
import { int, optional, type Params, type ValuesOf, word } from "flambeau/arguments";
import { divide, type Pair, pair } from "../inputs.js";
import { define, kept } from "../metric/define.js";
import type { Metric } from "../metric/metric.js";
import { classByTask, functionByTask } from "./byTask.js";
import { scoresOf } from "./curves/counts.js";
import { type CommonOptions, checkNumClasses, common, numClasses } from "./options.js";

/** How the differences of all bins become one: their weighted mean, the root of that of the squares, the greatest. */
export type CalibrationNorm = "l1" | "l2" | "max";

export interface CalibrationOptions extends CommonOptions {
  /** How many bins of confidence there are, all equally wide; 15 by default. */
  nBins?: number;
  norm?: CalibrationNorm;
}

interface CalibrationValues {
  readonly nBins: number;
  readonly norm: CalibrationNorm;
  readonly ignoreIndex: number | undefined;
  readonly validateArgs: boolean;
  readonly numClasses?: number;
}

/** How sure each prediction is, and whether it is right. */
function confidences(task: "binary" | "multiclass", inputs: Pair, options: CalibrationValues) {
  const [scores, target] = scoresOf(task, inputs, { ...options, thresholds: null });
  if (task === "binary") return { confidences: scores, accuracies: target.to(scores.dtype) };
  const { values, indices } = scores.max(1);
  return { confidences: values.float(), accuracies: indices.eq(target).float() };
}

function calibration(confidence: Tensor, accuracy: Tensor, { nBins, norm }: CalibrationValues): Tensor {
  const edges = torch.linspace(0, 1, nBins + 1, { dtype: confidence.dtype });
  const bin = torch.bucketize(confidence.detach(), edges, { right: true }).sub(1);
  const sums = (values: Tensor) => torch.zeros(nBins + 1, { dtype: values.dtype }).indexAdd(0, bin, values);
  const counts = sums(torch.onesLike(confidence));
  const gap = divide(sums(accuracy), counts)
    .sub(divide(sums(confidence), counts))
    .abs();
  const share = counts.div(counts.sum());
  if (norm === "l1") return gap.mul(share).sum();
  return norm === "max" ? gap.amax() : gap.square().mul(share).sum().sqrt();
}

const params = { nBins: optional(int, 15), norm: optional(word("l1", "l2", "max"), "l1"), ...common };

function rule<P extends Params>(task: "binary" | "multiclass", all: P) {
  return {
    name: `${task}CalibrationError`,
    inputs: pair,
    params: all,
    traits: { higherIsBetter: false, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 },
    check: (options: ValuesOf<P>) => {
      const { nBins, numClasses: classes } = options as unknown as CalibrationValues;
      checkNumClasses(classes);
      if (nBins < 1)
        throw new RangeError(`Expected argument \`nBins\` to be an integer larger than 0, but got ${nBins}`);
    },
    state: () => ({ confidences: kept, accuracies: kept }),
    measure: (inputs: Pair, options: ValuesOf<P>) => confidences(task, inputs, options as unknown as CalibrationValues),
    compute: (state: Record<"confidences" | "accuracies", Tensor>, options: ValuesOf<P>) =>
      calibration(state.confidences, state.accuracies, options as unknown as CalibrationValues),
  };
}

type BinsFirst = [nBins?: number, options?: Omit<CalibrationOptions, "nBins">] | [options?: CalibrationOptions];

const binary = define<Pair, BinsFirst>()(rule("binary", params));
const multiclass = define<Pair, [numClasses: number, ...BinsFirst]>()(rule("multiclass", { numClasses, ...params }));

/** The calibration error of two classes; see `calibrationError`. */
export const binaryCalibrationError = binary.function;
/** The calibration error of the most probable class; see `calibrationError`. */
export const multiclassCalibrationError = multiclass.function;

/** The metric of `binaryCalibrationError`. */
export class BinaryCalibrationError extends binary.Class {}
/** The metric of `multiclassCalibrationError`. */
export class MulticlassCalibrationError extends multiclass.Class {}

type CalibrationTasks =
  | ({ task: "binary" } & CalibrationOptions)
  | ({ task: "multiclass"; numClasses: number } & CalibrationOptions);

/**
 * The expected calibration error: in bins of confidence, how far the share of right predictions is from the mean
 * confidence, weighted by how many fall in each.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/calibration_error.html
 */
export const calibrationError = functionByTask<(preds: Tensor, target: Tensor, options: CalibrationTasks) => Tensor>(
  "calibrationError",
  { binary, multiclass },
);

/** The metric of `calibrationError`: an instance of the class of its task. */
export const CalibrationError = classByTask<new (options: CalibrationTasks) => Metric<Pair, Tensor>>(
  "CalibrationError",
  { binary: BinaryCalibrationError, multiclass: MulticlassCalibrationError },
);
