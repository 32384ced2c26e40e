/** Single points and regions of ROC curves: the equal error rate, and the area over a logarithmic axis. */
import torch, { type Tensor } from "flambeau";
import { numbers, optional, warn } from "flambeau/arguments";
import { divide } from "../../inputs.js";
import { classByTask, functionByTask } from "../byTask.js";
import { type Task, type Thresholds, thresholds } from "../options.js";
import { type AreaAverage, areaAverage, reduceAreas } from "./areas.js";
import { type Counts, type CurveValues, countsOf } from "./counts.js";
import {
  type CurveClass,
  type CurveFunction,
  type CurveOptions,
  type CurveTasks,
  curveFamily,
  type Named,
  type ThresholdsAndIgnored,
  type ThresholdsFirst,
} from "./curveFamily.js";
import { type CurveAverage, curveAverage, curvesOf, interpolate, rocOf } from "./curves.js";

const traits = { isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 };

/** The error rate where those of positives and of negatives are nearest to each other. */
function equalErrorRate(fpr: Tensor, tpr: Tensor): Tensor {
  const missed = torch.rsub(tpr, 1);
  const at = fpr.sub(missed).abs().argmin().item();
  return fpr.at(at).add(missed.at(at)).div(2);
}

function eerOf(task: Task, state: Record<string, Tensor>, options: CurveValues): Tensor {
  const [fpr, tpr] = curvesOf(task, state, options, rocOf, true);
  const rows = (rates: Tensor | Tensor[]) => (Array.isArray(rates) || rates.ndim === 1 ? rates : rates.unbind(0));
  const [x, y] = [rows(fpr), rows(tpr)] as [Tensor, Tensor] | [Tensor[], Tensor[]];
  if (!Array.isArray(x)) return equalErrorRate(x, y as Tensor);
  return torch.stack(x.map((one, i) => equalErrorRate(one, (y as Tensor[])[i] as Tensor)));
}

const eerFamily = curveFamily<
  Tensor,
  Tensor,
  ThresholdsAndIgnored,
  ThresholdsFirst<CurveAverage>,
  ThresholdsAndIgnored
>()({
  name: "eer",
  traits: { ...traits, higherIsBetter: false },
  params: { binary: { thresholds }, multiclass: { thresholds, average: curveAverage }, multilabel: { thresholds } },
  compute: eerOf,
});

/** The equal error rate of two classes; see `eer`. */
export const binaryEer = eerFamily.binary.function;
/** The equal error rate of each class; see `eer`. */
export const multiclassEer = eerFamily.multiclass.function;
/** The equal error rate of each label; see `eer`. */
export const multilabelEer = eerFamily.multilabel.function;

/** The metric of `binaryEer`. */
export class BinaryEER extends eerFamily.binary.Class {}
/** The metric of `multiclassEer`. */
export class MulticlassEER extends eerFamily.multiclass.Class {}
/** The metric of `multilabelEer`. */
export class MultilabelEER extends eerFamily.multilabel.Class {}

type EerTasks = CurveTasks<unknown, CurveAverage, unknown>;

/**
 * The equal error rate: that at the threshold where as large a share of positives as of negatives is taken for the other.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/eer.html
 */
export const eer = functionByTask<CurveFunction<EerTasks, Tensor>>("eer", eerFamily);

/** The metric of `eer`: an instance of the class of its task. */
export const EER = classByTask<CurveClass<EerTasks, Tensor>>("EER", {
  binary: BinaryEER,
  multiclass: MulticlassEER,
  multilabel: MultilabelEER,
});

export interface FprRange {
  /** The rates of false positives between which the area is taken; from 0.001 to 0.1 by default. */
  fprRange?: readonly number[];
}

/** The area under the ROC curve over the logarithm of the false positive rate, relative to the width of the range. */
function logArea(counts: Counts, fprRange: readonly number[]): Tensor {
  const [fpr, tpr] = rocOf(counts);
  if (fpr.numel() < 2) {
    warn("At least two values on for the fpr and tpr are required to compute the log AUC. Returns 0 score.");
    return torch.tensor(0);
  }
  const range = torch.tensor([...fprRange], { dtype: fpr.dtype });
  const x = torch.cat([fpr, range]).sort().values;
  const y = torch.cat([tpr, interpolate(range, fpr, tpr)]).sort().values;
  const last = (bound: Tensor) => torch.searchsorted(x, bound.view(1), { right: true }).item() - 1;
  const [start, end] = [last(range.at(0)), last(range.at(1))];
  const part = (values: Tensor) => values.narrow(0, start, end - start + 1);
  const width = Math.log10(fprRange[1] as number) - Math.log10(fprRange[0] as number);
  return divide(torch.trapz(part(y), part(x).log10()), torch.tensor(width));
}

type RangeFirst<O> = [fprRange?: readonly number[], options?: CurveOptions & O] | Named<FprRange & O>;

type RangeAndThresholds =
  | [fprRange?: readonly number[], thresholds?: Thresholds, options?: Omit<CurveOptions, "thresholds">]
  | RangeFirst<unknown>;

const fprRange = optional(numbers, [0.001, 0.1]);

const logaucFamily = curveFamily<
  Tensor,
  Tensor,
  RangeAndThresholds,
  RangeFirst<AreaAverage>,
  RangeFirst<AreaAverage>
>()({
  name: "logauc",
  traits: { ...traits, higherIsBetter: true },
  params: {
    binary: { fprRange, thresholds },
    multiclass: { fprRange, average: areaAverage, thresholds },
    multilabel: { fprRange, average: areaAverage, thresholds },
  },
  check: (options) => {
    const [low = NaN, high = NaN] = (options as FprRange).fprRange ?? [];
    if (!(low >= 0 && low < high && high <= 1)) {
      throw new RangeError(
        `The \`fprRange\` should be a tuple of two floats in the range [0, 1], but got [${low}, ${high}].`,
      );
    }
  },
  compute: (task, state, options) => {
    const { fprRange: range } = options as unknown as Required<FprRange>;
    const counts = countsOf(task, state, options);
    const areas = counts.map((one) => logArea(one, range));
    return task === "binary" ? (areas[0] as Tensor) : reduceAreas(areas, counts, options.average);
  },
});

/** The area under the ROC curve of two classes over a logarithmic axis; see `logauc`. */
export const binaryLogauc = logaucFamily.binary.function;
/** The area under the ROC curve of each class over a logarithmic axis; see `logauc`. */
export const multiclassLogauc = logaucFamily.multiclass.function;
/** The area under the ROC curve of each label over a logarithmic axis; see `logauc`. */
export const multilabelLogauc = logaucFamily.multilabel.function;

/** The metric of `binaryLogauc`. */
export class BinaryLogAUC extends logaucFamily.binary.Class {}
/** The metric of `multiclassLogauc`. */
export class MulticlassLogAUC extends logaucFamily.multiclass.Class {}
/** The metric of `multilabelLogauc`. */
export class MultilabelLogAUC extends logaucFamily.multilabel.Class {}

type LogaucTasks = CurveTasks<FprRange, FprRange & AreaAverage>;

/**
 * The area under the ROC curve over the logarithm of the false positive rate, in a range of it: how well the few best
 * are found early.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/logauc.html
 */
export const logauc = functionByTask<CurveFunction<LogaucTasks, Tensor>>("logauc", logaucFamily);

/** The metric of `logauc`: an instance of the class of its task. */
export const LogAUC = classByTask<CurveClass<LogaucTasks, Tensor>>("LogAUC", {
  binary: BinaryLogAUC,
  multiclass: MulticlassLogAUC,
  multilabel: MultilabelLogAUC,
});
