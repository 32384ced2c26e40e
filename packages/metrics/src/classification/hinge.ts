/** The hinge loss of support vector machines. */
import torch, { type Tensor } from "flambeau";
import { flag, optional, type Params, type ValuesOf, word } from "flambeau/arguments";
import { counter, type Pair, pair } from "../inputs.js";
import { define, summed } from "../metric/define.js";
import type { Metric } from "../metric/metric.js";
import { classByTask, functionByTask } from "./byTask.js";
import { scoresOf } from "./curves/counts.js";
import { type CommonOptions, checkNumClasses, common, numClasses } from "./options.js";

export interface HingeOptions extends CommonOptions {
  /** Whether the losses are squared. */
  squared?: boolean;
}

export interface MulticlassHingeOptions extends HingeOptions {
  /** The margin to the greatest score of another class, or a loss of each class against all others. */
  multiclassMode?: "crammer-singer" | "one-vs-all";
}

interface HingeValues extends Required<MulticlassHingeOptions> {
  readonly numClasses?: number;
}

/** How far the right scores are above the others. */
function margins(scores: Tensor, target: Tensor, options: HingeValues): Tensor {
  const isTarget = scores.ndim === 1 ? target.eq(1) : target.unsqueeze(1).eq(torch.arange(scores.shape[1] as number));
  if (scores.ndim === 1 || options.multiclassMode === "one-vs-all") return torch.where(isTarget, scores, scores.neg());
  const others = scores.maskedFill(isTarget, Number.NEGATIVE_INFINITY).amax(1);
  return scores.gather(1, target.unsqueeze(1)).squeeze(1).sub(others);
}

function rule<P extends Params>(task: "binary" | "multiclass", params: P) {
  return {
    name: `${task}HingeLoss`,
    inputs: pair,
    params,
    traits: { higherIsBetter: false, isDifferentiable: true, plotLowerBound: 0 },
    check: (options: ValuesOf<P>) => checkNumClasses((options as unknown as HingeValues).numClasses),
    state: (options: ValuesOf<P>) => {
      const { multiclassMode, numClasses: classes } = options as unknown as HingeValues;
      const start = multiclassMode === "one-vs-all" ? torch.zeros(classes as number) : torch.tensor(0);
      return { measures: summed(start), total: summed(counter(0)) };
    },
    measure: (inputs: Pair, options: ValuesOf<P>) => {
      const read = options as unknown as HingeValues;
      const [scores, target] = scoresOf(task, inputs, { ...read, thresholds: null });
      const losses = torch.rsub(margins(scores, target, read), 1).clamp(0);
      return {
        measures: (read.squared ? losses.square() : losses).sum(0),
        total: counter(target.shape[0] as number),
      };
    },
    compute: ({ measures, total }: Record<"measures" | "total", Tensor>) => measures.div(total),
  };
}

const multiclassMode = optional(word("crammer-singer", "one-vs-all"), "crammer-singer");
const binary = define<Pair, [options?: HingeOptions]>()(rule("binary", { squared: flag, ...common }));
const multiclass = define<Pair, [numClasses: number, options?: MulticlassHingeOptions]>()(
  rule("multiclass", { numClasses, squared: flag, multiclassMode, ...common }),
);

/** The mean hinge loss of two classes, `max(0, 1 - y ŷ)` for y of ±1; see `hingeLoss`. */
export const binaryHingeLoss = binary.function;
/** The mean hinge loss of several classes; see `hingeLoss`. */
export const multiclassHingeLoss = multiclass.function;

/** The metric of `binaryHingeLoss`. */
export class BinaryHingeLoss extends binary.Class {}
/** The metric of `multiclassHingeLoss`. */
export class MulticlassHingeLoss extends multiclass.Class {}

type HingeTasks =
  | ({ task: "binary" } & HingeOptions)
  | ({ task: "multiclass"; numClasses: number } & MulticlassHingeOptions);

/**
 * The mean hinge loss, `max(0, 1 - margin)`, where the margin is how far the score of the target is above the others.
 * Scores that are not all between 0 and 1 become probabilities first.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/hinge_loss.html
 */
export const hingeLoss = functionByTask<(preds: Tensor, target: Tensor, options: HingeTasks) => Tensor>("hingeLoss", {
  binary,
  multiclass,
});

/** The metric of `hingeLoss`: an instance of the class of its task. */
export const HingeLoss = classByTask<new (options: HingeTasks) => Metric<Pair, Tensor>>("HingeLoss", {
  binary: BinaryHingeLoss,
  multiclass: MulticlassHingeLoss,
});
