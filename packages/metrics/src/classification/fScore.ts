/** F-scores: precision and recall in one number. */
import { number } from "flambeau/arguments";
import { divide } from "../inputs.js";
import { classByTask, functionByTask } from "./byTask.js";
import { type ZeroDivision, zeroDivision } from "./options.js";
import { byMicro, type StatClass, type StatFunction, statFamily } from "./statFamily.js";
import type { Stats } from "./stats.js";

function fScore({ tp, fp, fn }: Stats, beta: number, zero: number) {
  const weight = beta ** 2;
  const right = tp.mul(1 + weight);
  return divide(right, right.add(fn.mul(weight)).add(fp), zero);
}

const places = { binary: ["beta"], multiclass: ["beta", "numClasses"], multilabel: ["beta", "numLabels"] };
const byBeta = { ...byMicro, places, always: { beta: 1 } };

const fbetaScoreFamily = statFamily<[beta: number], ZeroDivision>()({
  name: "fbetaScore",
  traits: { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 },
  leading: { beta: number },
  further: { zeroDivision },
  check: ({ beta }) => {
    if (!(beta > 0)) throw new RangeError(`Expected argument \`beta\` to be a float larger than 0, but got ${beta}.`);
  },
  score: (stats, options) => fScore(stats, options.beta, options.zeroDivision),
});

/** The F-score of two classes; see `fbetaScore`. */
export const binaryFbetaScore = fbetaScoreFamily.binary.function;
/** The F-score of each class, and by default their mean; see `fbetaScore`. */
export const multiclassFbetaScore = fbetaScoreFamily.multiclass.function;
/** The F-score of each label, and by default their mean; see `fbetaScore`. */
export const multilabelFbetaScore = fbetaScoreFamily.multilabel.function;

/** The metric of `binaryFbetaScore`. */
export class BinaryFBetaScore extends fbetaScoreFamily.binary.Class {}
/** The metric of `multiclassFbetaScore`. */
export class MulticlassFBetaScore extends fbetaScoreFamily.multiclass.Class {}
/** The metric of `multilabelFbetaScore`. */
export class MultilabelFBetaScore extends fbetaScoreFamily.multilabel.Class {}

/**
 * The weighted harmonic mean of precision P and recall R, `(1 + β²) P R / (β² P + R)`: a β above 1 gives recall more
 * weight.
 *
 * @throws RangeError unless beta is positive.
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/fbeta_score.html
 */
export const fbetaScore = functionByTask<StatFunction<ZeroDivision & { beta?: number }>>(
  "fbetaScore",
  fbetaScoreFamily,
  byBeta,
);

/** The metric of `fbetaScore`: an instance of the class of its task. */
export const FBetaScore = classByTask<StatClass<ZeroDivision & { beta?: number }>>(
  "FBetaScore",
  { binary: BinaryFBetaScore, multiclass: MulticlassFBetaScore, multilabel: MultilabelFBetaScore },
  byBeta,
);

const f1ScoreFamily = statFamily<[], ZeroDivision>()({
  name: "f1Score",
  traits: { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 },
  further: { zeroDivision },
  score: (stats, options) => fScore(stats, 1, options.zeroDivision),
});

/** The F1-score of two classes; see `f1Score`. */
export const binaryF1Score = f1ScoreFamily.binary.function;
/** The F1-score of each class, and by default their mean; see `f1Score`. */
export const multiclassF1Score = f1ScoreFamily.multiclass.function;
/** The F1-score of each label, and by default their mean; see `f1Score`. */
export const multilabelF1Score = f1ScoreFamily.multilabel.function;

/** The metric of `binaryF1Score`. */
export class BinaryF1Score extends f1ScoreFamily.binary.Class {}
/** The metric of `multiclassF1Score`. */
export class MulticlassF1Score extends f1ScoreFamily.multiclass.Class {}
/** The metric of `multilabelF1Score`. */
export class MultilabelF1Score extends f1ScoreFamily.multilabel.Class {}

/**
 * The harmonic mean of precision and recall, `2 P R / (P + R)`.
 *
 * @example f1Score(preds, target, { task: "multiclass", numClasses: 10, average: "weighted" })
 * @see https://lightning.ai/docs/torchmetrics/stable/classification/f1_score.html
 */
export const f1Score = functionByTask<StatFunction<ZeroDivision>>("f1Score", f1ScoreFamily, byMicro);

/** The metric of `f1Score`: an instance of the class of its task. */
export const F1Score = classByTask<StatClass<ZeroDivision>>(
  "F1Score",
  { binary: BinaryF1Score, multiclass: MulticlassF1Score, multilabel: MultilabelF1Score },
  byMicro,
);
