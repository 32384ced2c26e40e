/** chrF: how many runs of characters and of words a translation shares with its reference. */
import torch, { type Tensor } from "flambeau";
import { flag, int, number, optional } from "flambeau/arguments";
import { define, kept, summed } from "../metric/define.js";
import {
  checkLengths,
  listsOf,
  ngrams,
  overlap,
  type References,
  references,
  type Texts,
  texts,
  totalOf,
  words,
} from "./tokens.js";

type Corpus = [preds: Texts, target: References];

export interface ChrfOptions {
  /** Whether capitals are as good as small letters. */
  lowercase?: boolean;
  /** Whether white space counts as characters. */
  whitespace?: boolean;
  /** Whether the score of each text is given too. */
  returnSentenceLevelScore?: boolean;
}

interface ChrfValues extends Required<ChrfOptions> {
  readonly nCharOrder: number;
  readonly nWordOrder: number;
  readonly beta: number;
}

/** A word with punctuation at its end, or else at its start, as two tokens. */
function separated(token: string): string[] {
  const isPunctuation = (character: string | undefined) => /[!-/:-@[-`{-~]/.test(character ?? "");
  const characters = [...token];
  if (characters.length === 1) return [token];
  if (isPunctuation(characters.at(-1))) return [characters.slice(0, -1).join(""), characters.at(-1) as string];
  if (isPunctuation(characters[0])) return [characters[0] as string, characters.slice(1).join("")];
  return [token];
}

/** The runs of a text: of characters by length, then of words by length. */
function runsOf(line: string, options: ChrfValues): Map<string, number>[] {
  const text = options.lowercase ? line.toLowerCase() : line;
  const characters = [...(options.whitespace ? text : text.trim().replaceAll(" ", ""))];
  const tokens = words(text).flatMap(separated);
  const upTo = (length: number, of: readonly string[]) => Array.from({ length }, (_, i) => ngrams(of, i + 1));
  return [...upTo(options.nCharOrder, characters), ...upTo(options.nWordOrder, tokens)];
}

/** The mean F-score of all lengths. */
function fScore(
  matching: readonly number[],
  preds: readonly number[],
  target: readonly number[],
  beta: number,
): number {
  const scores = matching.map((hits, i) => {
    const precision = (preds[i] as number) > 0 ? hits / (preds[i] as number) : 0;
    const recall = (target[i] as number) > 0 ? hits / (target[i] as number) : 0;
    return ((1 + beta ** 2) * precision * recall) / Math.max(beta ** 2 * precision + recall, 1e-16);
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
}

/** Counts of a text and of the reference that is most like it; of none where none is like it at all. */
function bestOf(pred: Map<string, number>[], targets: readonly string[], options: ChrfValues) {
  const own = pred.map(totalOf);
  let best = { score: 0, matching: own.map(() => 0), target: own.map(() => 0) };
  for (const line of targets) {
    const runs = runsOf(line, options);
    const matching = pred.map((counts, i) => overlap(counts, runs[i] as Map<string, number>));
    const target = runs.map(totalOf);
    const score = fScore(matching, own, target, options.beta);
    if (score > best.score) best = { score, matching, target };
  }
  return { ...best, preds: own };
}

const rule = define<
  Corpus,
  | [nCharOrder?: number, nWordOrder?: number, beta?: number, options?: ChrfOptions]
  | [nCharOrder?: number, nWordOrder?: number, options?: ChrfOptions & { beta?: number }]
  | [options?: ChrfOptions & { nCharOrder?: number; nWordOrder?: number; beta?: number }],
  Tensor | [score: Tensor, sentences: Tensor]
>()({
  name: "chrfScore",
  inputs: { preds: texts, target: references },
  params: {
    nCharOrder: optional(int, 6),
    nWordOrder: optional(int, 2),
    beta: optional(number, 2),
    lowercase: flag,
    whitespace: flag,
    returnSentenceLevelScore: flag,
  },
  traits: { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 },
  check: ({ nCharOrder, nWordOrder, beta }) => {
    if (nCharOrder < 1)
      throw new RangeError(`Expected argument \`nCharOrder\` to be at least 1, but got ${nCharOrder}`);
    if (nWordOrder < 0)
      throw new RangeError(`Expected argument \`nWordOrder\` to be at least 0, but got ${nWordOrder}`);
    if (beta < 0) throw new RangeError(`Expected argument \`beta\` to be greater than 0, but got ${beta}`);
  },
  state: ({ nCharOrder, nWordOrder }) => {
    const zeros = () => summed(torch.zeros(nCharOrder + nWordOrder));
    return { matching: zeros(), preds: zeros(), target: zeros(), sentences: kept };
  },
  measure: ([preds, target], options) => {
    const [given, wanted] = [preds as readonly string[], listsOf(target)];
    checkLengths(given, wanted);
    const all = given.map((line, i) => bestOf(runsOf(line, options), wanted[i] as readonly string[], options));
    const sum = (of: "matching" | "preds" | "target") => torch.tensor(all.map((one) => one[of])).sum(0);
    return {
      matching: sum("matching"),
      preds: sum("preds"),
      target: sum("target"),
      sentences: torch.tensor(all.map(({ score }) => score)),
    };
  },
  compute: (state, { beta, returnSentenceLevelScore }) => {
    const [matching, preds, target] = [state.matching, state.preds, state.target].map(
      (one) => one.tolist() as number[],
    ) as [number[], number[], number[]];
    const score = torch.tensor(fScore(matching, preds, target, beta));
    return returnSentenceLevelScore ? [score, state.sentences] : score;
  },
});

/**
 * chrF of a corpus, with words chrF++: the mean F-score of runs of 1 to 6 characters and of 1 to 2 words, in which recall
 * counts `beta` times as much as precision.
 *
 * @param target for each text one reference or several, of which the most similar one counts.
 * @see https://lightning.ai/docs/torchmetrics/stable/text/chrf_score.html
 */
export const chrfScore = rule.function;

/** The metric of `chrfScore`. */
export class CHRFScore extends rule.Class {}
