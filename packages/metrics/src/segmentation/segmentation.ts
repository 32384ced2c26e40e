/**
 * How well areas of images are found.
 *
 * Source: https://lightning.ai/docs/torchmetrics/stable/segmentation/dice.html and its neighbours
 */
import torch, { type Tensor } from "flambeau";
import { flag, flagOn, int, optional, type Param, word } from "flambeau/arguments";
import { type Average, average } from "../classification/options.js";
import { checkSameShape, counter, divide, type Pair, pair, shapeText } from "../inputs.js";
import { define, kept, summed } from "../metric/define.js";

/** Whether classes have a dim of their own, the second, in both, in none, or in one of predictions and target. */
export type InputFormat = "one-hot" | "index" | "mixed";

export interface AreaOptions {
  /** Whether the first class, the background, counts; true by default. */
  includeBackground?: boolean;
  /** How classes are told; `"one-hot"` by default. */
  inputFormat?: InputFormat;
}

interface AreaValues {
  readonly numClasses: number | undefined;
  readonly includeBackground: boolean;
  readonly inputFormat: InputFormat;
}

const inputFormat = optional(word("one-hot", "index", "mixed"), "one-hot") as Param<InputFormat>;

/** Whether each place is of each class, of shape [N, C, …]; of scores the greatest counts. */
function membership(labels: Tensor, hasClasses: boolean, numClasses: number): Tensor {
  if (hasClasses && !labels.dtype.isFloatingPoint) return labels.ne(0);
  const numbers = hasClasses ? labels.argmax(1) : labels.to(torch.int64);
  return torch.nn.functional.oneHot(numbers, numClasses).movedim(-1, 1).ne(0);
}

/** How much of each class is in both, in the predictions, and in the target, for each sample: shape [N, C]. */
function areas([preds, target]: Pair, options: AreaValues) {
  const { inputFormat: format, includeBackground } = options;
  const predsHave = format === "one-hot" || (format === "mixed" && preds.ndim > target.ndim);
  const targetHas = format === "one-hot" || (format === "mixed" && target.ndim > preds.ndim);
  if (format === "mixed") {
    const [wide, narrow] = predsHave ? [preds, target] : [target, preds];
    if (predsHave === targetHas || wide.ndim < 2 || shapeText(wide.select(1, 0)) !== shapeText(narrow)) {
      throw new Error(
        `Predictions and targets are expected to have the same shape, got ${shapeText(preds)} and ${shapeText(target)}.`,
      );
    }
  } else checkSameShape(preds, target);
  const classes = options.numClasses ?? ((predsHave ? preds : target).shape[1] as number);
  if (options.numClasses === undefined && format === "index") {
    throw new TypeError("Argument `numClasses` must be provided when `inputFormat` is 'index'.");
  }
  const [p, t] = [membership(preds, predsHave, classes), membership(target, targetHas, classes)];
  if (p.ndim < 3)
    throw new Error(`Expected both \`preds\` and \`target\` to have at least 3 dimensions, but got ${p.ndim}.`);
  const first = includeBackground || classes === 1 ? 0 : 1;
  const count = (places: Tensor) =>
    places
      .flatten(2, -1)
      .sum(2)
      .narrow(1, first, classes - first);
  return { both: count(p.logicalAnd(t)), preds: count(p), target: count(t) };
}

const traits = { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 };

/** @throws RangeError for less than one class. */
function checkClasses({ numClasses }: { numClasses: number | undefined }): void {
  if (numClasses !== undefined && numClasses < 1) {
    throw new RangeError(`Expected argument \`numClasses\` must be a positive integer, but got ${numClasses}.`);
  }
}

export interface DiceOptions extends AreaOptions {
  /** How the scores of the classes become one; their mean by default. */
  average?: Average;
  /** Whether each sample has a score, or areas of all are added first. */
  aggregationLevel?: "samplewise" | "global";
}

/** The scores of samples from their areas, NaN where there is nothing. */
function dice(
  state: Record<"numerator" | "denominator" | "support", Tensor>,
  options: { average: Average; aggregationLevel: string },
): Tensor {
  const together = (one: Tensor) => (options.aggregationLevel === "global" ? one.sum(0, { keepdim: true }) : one);
  const [numerator, denominator, support] = [state.numerator, state.denominator, state.support].map(together) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  if (options.average === "micro") return numerator.sum(-1).div(denominator.sum(-1));
  const scores = numerator.div(denominator);
  if (options.average === "none" || options.average === null) return scores;
  if (options.average === "macro") return scores.nanmean(-1);
  const weights = support.div(support.sum(-1, { keepdim: true }));
  return scores.mul(weights).nansum(-1).maskedFill(scores.isnan().all(-1), Number.NaN);
}

const aggregationLevel = optional(word("samplewise", "global"), "samplewise");

/** The function gives the scores of samples, the class their mean; both are made of the same areas. */
function diceRule(compute: typeof dice) {
  return define<Pair, [numClasses: number, options?: DiceOptions]>()({
    name: "diceScore",
    inputs: pair,
    params: { numClasses: int, includeBackground: flagOn, average: average("macro"), inputFormat, aggregationLevel },
    traits,
    check: checkClasses,
    state: () => ({ numerator: kept, denominator: kept, support: kept }),
    measure: (inputs, options) => {
      const { both, preds, target } = areas(inputs, options);
      return { numerator: both.mul(2), denominator: preds.add(target), support: target };
    },
    compute,
  });
}

/**
 * The Dice score of areas, `2 |A ∩ B| / (|A| + |B|)`, of each sample.
 *
 * @param numClasses how many classes there are.
 * @returns shape [N], with `average: "none"` [N, C]; NaN where neither has any of a class.
 * @see https://lightning.ai/docs/torchmetrics/stable/segmentation/dice.html
 */
export const diceScore = diceRule(dice).function;

/** The mean Dice score of samples; those that are NaN are left out. */
export class DiceScore extends diceRule((state, options) => dice(state, options).nanmean(0)).Class {}

export interface MeanIouOptions extends AreaOptions {
  /** Whether each class has a value. */
  perClass?: boolean;
}

const iouParams = { numClasses: optional(int), includeBackground: flagOn, perClass: flag, inputFormat };

type IouArgs = [numClasses?: number, options?: MeanIouOptions] | [options?: MeanIouOptions & { numClasses?: number }];

const iouFunction = define<Pair, IouArgs>()({
  name: "meanIou",
  inputs: pair,
  params: iouParams,
  traits,
  check: checkClasses,
  state: () => ({ intersection: kept, union: kept }),
  measure: (inputs, options) => {
    const { both, preds, target } = areas(inputs, options);
    return { intersection: both, union: preds.add(target).sub(both) };
  },
  compute: ({ intersection, union }, { perClass }) => {
    const scores = intersection.div(union);
    return perClass ? scores.nanToNum(-1) : scores.nanmean(-1);
  },
});

const iouClass = define<Pair, IouArgs>()({
  name: "meanIou",
  inputs: pair,
  params: iouParams,
  traits,
  check: checkClasses,
  state: ({ numClasses, includeBackground, perClass }) => {
    const classes = (numClasses ?? 1) - (includeBackground || numClasses === undefined ? 0 : 1);
    const start = perClass ? torch.zeros(classes) : torch.tensor(0);
    return { score: summed(start), numBatches: summed(start) };
  },
  measure: (inputs, options) => {
    const { both, preds, target } = areas(inputs, options);
    const union = preds.add(target).sub(both);
    const [scores, isThere] = [divide(both, union), union.gt(0)];
    const sum = (values: Tensor) => (options.perClass ? values.sum(0) : values.sum());
    return { score: sum(scores), numBatches: sum(isThere) };
  },
  compute: ({ score, numBatches }) => score.div(numBatches).nanToNum(-1),
});

/**
 * The intersection over union of areas, `|A ∩ B| / |A ∪ B|`, of each sample, in the mean over the classes that are there.
 *
 * @returns shape [N], with `perClass` [N, C], where -1 stands for a class that is not there.
 * @see https://lightning.ai/docs/torchmetrics/stable/segmentation/mean_iou.html
 */
export const meanIou = iouFunction.function;

/** The mean intersection over union of all samples and classes. */
export class MeanIoU extends iouClass.Class {}

export interface GeneralizedDiceOptions extends AreaOptions {
  /** Whether each class has a value. */
  perClass?: boolean;
  /** How much a class counts: by the inverse of its area, of its square, or all equally. */
  weightType?: "square" | "simple" | "linear";
}

/** The weights of the classes of each sample; a class without area has the greatest of all samples. */
function classWeights(target: Tensor, type: "square" | "simple" | "linear"): Tensor {
  if (type === "linear") return torch.onesLike(target).float();
  const size = target.float();
  const weights = (type === "square" ? size.square() : size).reciprocal();
  const isInfinite = weights.isinf();
  const finite = weights.maskedFill(isInfinite, 0);
  return torch.where(isInfinite, finite.amax(0).expandAs(finite), finite);
}

function generalizedScores(
  inputs: Pair,
  options: AreaValues & { perClass: boolean; weightType: "square" | "simple" | "linear" },
): Tensor {
  const { both, preds, target } = areas(inputs, options);
  const weights = classWeights(target, options.weightType);
  const [numerator, denominator] = [both.mul(2).mul(weights), preds.add(target).mul(weights)];
  return options.perClass ? divide(numerator, denominator) : divide(numerator.sum(1), denominator.sum(1));
}

const generalizedParams = {
  numClasses: int,
  includeBackground: flagOn,
  perClass: flag,
  weightType: optional(word("square", "simple", "linear"), "square"),
  inputFormat,
};

type GeneralizedArgs = [numClasses: number, options?: GeneralizedDiceOptions];

const generalizedFunction = define<Pair, GeneralizedArgs>()({
  name: "generalizedDiceScore",
  inputs: pair,
  params: generalizedParams,
  traits,
  check: checkClasses,
  state: () => ({ scores: kept }),
  measure: (inputs, options) => ({ scores: generalizedScores(inputs, options) }),
  compute: ({ scores }) => scores,
});

const generalizedClass = define<Pair, GeneralizedArgs>()({
  name: "generalizedDiceScore",
  inputs: pair,
  params: generalizedParams,
  traits,
  check: checkClasses,
  state: ({ numClasses, includeBackground, perClass }) => ({
    score: summed(perClass ? torch.zeros(numClasses - (includeBackground ? 0 : 1)) : torch.tensor(0)),
    samples: summed(counter(0)),
  }),
  measure: (inputs, options) => ({
    score: generalizedScores(inputs, options).sum(0),
    samples: counter(inputs[0].shape[0] as number),
  }),
  compute: ({ score, samples }) => score.div(samples),
});

/**
 * The Dice score of each sample, in which classes count by the inverse of their area.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/segmentation/generalized_dice.html
 */
export const generalizedDiceScore = generalizedFunction.function;

/** The mean of `generalizedDiceScore` over samples. */
export class GeneralizedDiceScore extends generalizedClass.Class {}
