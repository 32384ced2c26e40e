/** How much has to be changed to make the reference of a text. */
import torch, { type Tensor } from "flambeau";
import { int, optional } from "flambeau/arguments";
import { counter } from "../inputs.js";
import { type Combination, combination, combinedState, combinedValues } from "../metric/combination.js";
import { define, summed } from "../metric/define.js";
import { checkLengths, editDistance as distanceOf, type Texts, texts, words } from "./tokens.js";

type TextPair = [preds: Texts, target: Texts];
const inputs = { preds: texts, target: texts };

/** The tokens of each text and of its reference; the inputs have been read as lists. */
function tokenPairs([preds, target]: TextPair, cut: (line: string) => string[]): [string[], string[]][] {
  const [given, wanted] = [preds, target] as [readonly string[], readonly string[]];
  checkLengths(given, wanted);
  return given.map((line, i) => [cut(line), cut(wanted[i] as string)]);
}

const traits = { higherIsBetter: false, isDifferentiable: false, plotLowerBound: 0 };

/** An error rate: edits relative to a number of tokens. */
function errorRate(
  name: string,
  cut: (line: string) => string[],
  length: (pred: readonly string[], target: readonly string[]) => number,
) {
  return define<TextPair, []>()({
    name,
    inputs,
    params: {},
    traits: { ...traits, plotUpperBound: 1 },
    state: () => ({ errors: summed(torch.tensor(0)), total: summed(torch.tensor(0)) }),
    measure: (given) => {
      const pairs = tokenPairs(given, cut);
      const sum = (of: (a: string[], b: string[]) => number) =>
        torch.tensor(pairs.reduce((total, [pred, target]) => total + of(pred, target), 0));
      return { errors: sum(distanceOf), total: sum(length) };
    },
    compute: ({ errors, total }) => errors.div(total),
  });
}

const wer = errorRate("wordErrorRate", words, (_, target) => target.length);

/**
 * The word error rate: words that have to be changed, left out or added, relative to the words of the reference.
 *
 * @example wordErrorRate(["this is the prediction"], ["this is the reference"]) // tensor(0.2500)
 * @see https://lightning.ai/docs/torchmetrics/stable/text/word_error_rate.html
 */
export const wordErrorRate = wer.function;

/** The metric of `wordErrorRate`. */
export class WordErrorRate extends wer.Class {}

const cer = errorRate(
  "charErrorRate",
  (line) => [...line],
  (_, target) => target.length,
);

/**
 * The character error rate: as the word error rate, of characters.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/text/char_error_rate.html
 */
export const charErrorRate = cer.function;

/** The metric of `charErrorRate`. */
export class CharErrorRate extends cer.Class {}

const mer = errorRate("matchErrorRate", words, (pred, target) => Math.max(pred.length, target.length));

/**
 * The match error rate: edits relative to the longer of text and reference.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/text/match_error_rate.html
 */
export const matchErrorRate = mer.function;

/** The metric of `matchErrorRate`. */
export class MatchErrorRate extends mer.Class {}

/** A metric of how many words are right, relative to those of the reference and of the text. */
function wordInformation(name: string, higherIsBetter: boolean, finish: (preserved: Tensor) => Tensor) {
  const zero = () => summed(torch.tensor(0));
  return define<TextPair, []>()({
    name,
    inputs,
    params: {},
    traits: { ...traits, higherIsBetter, plotUpperBound: 1 },
    state: () => ({ hits: zero(), targetTotal: zero(), predsTotal: zero() }),
    measure: (given) => {
      const pairs = tokenPairs(given, words);
      const sum = (of: (a: string[], b: string[]) => number) =>
        torch.tensor(pairs.reduce((total, [pred, target]) => total + of(pred, target), 0));
      return {
        hits: sum((pred, target) => Math.max(pred.length, target.length) - distanceOf(pred, target)),
        targetTotal: sum((_, target) => target.length),
        predsTotal: sum((pred) => pred.length),
      };
    },
    compute: ({ hits, targetTotal, predsTotal }) => finish(hits.div(targetTotal).mul(hits.div(predsTotal))),
  });
}

const preserved = wordInformation("wordInformationPreserved", true, (value) => value);

/**
 * The word information preserved: `C / N · C / P`, for C right words of N in the reference and P in the text.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/text/word_info_preserved.html
 */
export const wordInformationPreserved = preserved.function;

/** The metric of `wordInformationPreserved`. */
export class WordInfoPreserved extends preserved.Class {}

const lost = wordInformation("wordInformationLost", false, (value) => torch.rsub(value, 1));

/**
 * The word information lost: 1 - that which is preserved.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/text/word_info_lost.html
 */
export const wordInformationLost = lost.function;

/** The metric of `wordInformationLost`. */
export class WordInfoLost extends lost.Class {}

export interface EditDistanceOptions {
  /** What the change of a character costs; 1 by default. */
  substitutionCost?: number;
  /** How the distances of the texts become one; their mean by default. */
  reduction?: Combination;
}

const edit = define<
  TextPair,
  [substitutionCost?: number, options?: Omit<EditDistanceOptions, "substitutionCost">] | [options?: EditDistanceOptions]
>()({
  name: "editDistance",
  inputs,
  params: {
    substitutionCost: optional(int, 1),
    reduction: combination("mean"),
  },
  traits,
  check: ({ substitutionCost }) => {
    if (substitutionCost < 0) {
      throw new RangeError(
        `Expected argument \`substitutionCost\` to be a positive integer, but got ${substitutionCost}`,
      );
    }
  },
  state: ({ reduction }) => ({
    editScores: combinedState(reduction),
    numElements: summed(counter(0)),
  }),
  measure: (given, { substitutionCost, reduction }) => {
    const pairs = tokenPairs(given, (line) => [...line]);
    const all = torch.tensor(pairs.map(([pred, target]) => distanceOf(pred, target, substitutionCost)));
    return { editScores: combinedValues(all, reduction), numElements: counter(pairs.length) };
  },
  compute: ({ editScores, numElements }, { reduction }) =>
    reduction === "mean" ? editScores.div(numElements) : editScores,
});

/**
 * Levenshtein's distance of texts: how many characters have to be changed, left out or added.
 *
 * @example editDistance(["rain"], ["shine"]) // tensor(3.)
 * @see https://lightning.ai/docs/torchmetrics/stable/text/edit.html
 */
export const editDistance = edit.function;

/** The metric of `editDistance`. */
export class EditDistance extends edit.Class {}
