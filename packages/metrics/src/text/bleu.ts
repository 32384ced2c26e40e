/** BLEU: how many runs of words a translation shares with its references. */
import torch, { type Tensor } from "flambeau";
import { flag, int, numbers, optional, word } from "flambeau/arguments";
import { define, summed } from "../metric/define.js";
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
const inputs = { preds: texts, target: references };

export interface BleuOptions {
  /** Whether one is added to the counts of all runs longer than one word. */
  smooth?: boolean;
  /** How much the runs of each length count; all equally by default. */
  weights?: readonly number[];
}

interface BleuValues {
  readonly nGram: number;
  readonly smooth: boolean;
  readonly weights: readonly number[] | undefined;
}

/** The most of each run that any of several references has. */
function mostOf(targets: readonly string[][], n: number): Map<string, number> {
  const most = new Map<string, number>();
  for (const target of targets) {
    for (const [key, count] of ngrams(target, n)) most.set(key, Math.max(count, most.get(key) ?? 0));
  }
  return most;
}

/** Shared and all runs of each length, and the lengths of texts and of the nearest references. */
function measure([preds, target]: Corpus, nGram: number, cut: (line: string) => string[]) {
  const [given, wanted] = [preds as readonly string[], listsOf(target)];
  checkLengths(given, wanted);
  const lengths = Array.from({ length: nGram }, (_, i) => i + 1);
  const numerator = lengths.map(() => 0);
  const denominator = lengths.map(() => 0);
  let [predsLen, targetLen] = [0, 0];
  given.forEach((line, i) => {
    const pred = cut(line);
    const targets = (wanted[i] as readonly string[]).map(cut);
    predsLen += pred.length;
    targetLen += nearestLength(pred.length, targets);
    for (const [at, n] of lengths.entries()) {
      const own = ngrams(pred, n);
      (numerator[at] as number) += overlap(own, mostOf(targets, n));
      (denominator[at] as number) += totalOf(own);
    }
  });
  return {
    predsLen: torch.tensor(predsLen),
    targetLen: torch.tensor(targetLen),
    numerator: torch.tensor(numerator),
    denominator: torch.tensor(denominator),
  };
}

/** The length of the reference that is as long as a text, or nearly so; the first of several. */
function nearestLength(length: number, targets: readonly string[][]): number {
  const [best = 0] = targets.map((target) => target.length).sort((a, b) => Math.abs(a - length) - Math.abs(b - length));
  return best;
}

function bleu(state: ReturnType<typeof measure>, { nGram, smooth, weights }: BleuValues): Tensor {
  const { predsLen, targetLen, numerator, denominator } = state;
  if (numerator.amin().item() === 0) return torch.tensor(0);
  let precision = numerator.div(denominator);
  if (smooth) {
    const smoothed = numerator.add(1).div(denominator.add(1));
    precision = torch.cat([precision.narrow(0, 0, 1), smoothed.narrow(0, 1, nGram - 1)]);
  }
  const weight = torch.tensor(weights === undefined ? Array(nGram).fill(1 / nGram) : [...weights]);
  const penalty = predsLen.item() > targetLen.item() ? 1 : Math.exp(1 - targetLen.item() / predsLen.item());
  return weight.mul(precision.log()).sum().exp().mul(penalty);
}

function check({ nGram, weights }: BleuValues): void {
  if (nGram < 1) throw new RangeError(`Expected argument \`nGram\` to be at least 1, but got ${nGram}`);
  if (weights !== undefined && weights.length !== nGram) {
    throw new Error(`List of weights has different weights than \`nGram\`: ${weights.length} != ${nGram}`);
  }
}

function state({ nGram }: BleuValues) {
  const zeros = () => summed(torch.zeros(nGram));
  const zero = () => summed(torch.tensor(0));
  return { predsLen: zero(), targetLen: zero(), numerator: zeros(), denominator: zeros() };
}

const traits = { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 };

const bleuRule = define<
  Corpus,
  [nGram?: number, options?: BleuOptions] | [options?: BleuOptions & { nGram?: number }]
>()({
  name: "bleuScore",
  inputs,
  params: { nGram: optional(int, 4), smooth: flag, weights: optional(numbers) },
  traits,
  check,
  state,
  measure: (given, { nGram }) => measure(given, nGram, words),
  compute: bleu,
});

/**
 * BLEU of a corpus: the geometric mean of the shares of runs of 1 to n words that occur in a reference too, made smaller
 * where the texts are shorter than the references.
 *
 * @param preds one text or several.
 * @param target for each text one reference or several.
 * @param nGram the longest runs that are compared; 4 by default.
 * @throws Error unless there are as many texts as references.
 * @example
 * bleuScore(["the cat is on the mat"], [["there is a cat on the mat", "a cat is on the mat"]]) // tensor(0.7598)
 * @see https://lightning.ai/docs/torchmetrics/stable/text/bleu_score.html
 */
export const bleuScore = bleuRule.function;

/** The metric of `bleuScore`. */
export class BLEUScore extends bleuRule.Class {}

/** How sacreBLEU cuts texts into words. */
export type SacreTokenizer = "none" | "13a" | "intl" | "char";

const entities: readonly [entity: string, character: string][] = [
  ["&quot;", '"'],
  ["&amp;", "&"],
  ["&lt;", "<"],
  ["&gt;", ">"],
];

/** What the Workshop on Machine Translation's script does: punctuation stands alone, but for that within numbers. */
function cut13a(line: string): string[] {
  let plain = line.replaceAll("<skipped>", "").replaceAll("-\n", "").replaceAll("\n", " ");
  for (const [entity, character] of entities) plain = plain.replaceAll(entity, character);
  return words(
    ` ${plain} `
      .replace(/([{-~[-` -&(-+:-@/])/g, " $1 ")
      .replace(/([^0-9])([.,])/g, "$1 $2 ")
      .replace(/([.,])([^0-9])/g, " $1 $2")
      .replace(/([0-9])(-)/g, "$1 $2 "),
  );
}

/** All punctuation and symbols of Unicode stand alone, but for punctuation within numbers. */
function cutInternational(line: string): string[] {
  return words(
    line
      .replace(/(\P{N})(\p{P})/gu, "$1 $2 ")
      .replace(/(\p{P})(\P{N})/gu, " $1 $2")
      .replace(/(\p{S})/gu, " $1 "),
  );
}

const cutters: Record<SacreTokenizer, (line: string) => string[]> = {
  none: words,
  "13a": cut13a,
  intl: cutInternational,
  char: (line) => [...line].filter((character) => character.trim() !== ""),
};

export interface SacreBleuOptions extends BleuOptions {
  /** How texts are cut into words; `"13a"` by default. */
  tokenize?: SacreTokenizer;
  /** Whether capitals are as good as small letters. */
  lowercase?: boolean;
}

const sacre = define<
  Corpus,
  [nGram?: number, options?: SacreBleuOptions] | [options?: SacreBleuOptions & { nGram?: number }]
>()({
  name: "sacreBleuScore",
  inputs,
  params: {
    nGram: optional(int, 4),
    smooth: flag,
    tokenize: optional(word("none", "13a", "intl", "char"), "13a"),
    lowercase: flag,
    weights: optional(numbers),
  },
  traits,
  check,
  state,
  measure: (given, { nGram, tokenize, lowercase }) => {
    const cut = cutters[tokenize];
    return measure(given, nGram, lowercase ? (line) => cut(line.toLowerCase()) : cut);
  },
  compute: bleu,
});

/**
 * BLEU with the ways of sacreBLEU to cut texts into words, so that values can be compared.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/text/sacre_bleu_score.html
 */
export const sacreBleuScore = sacre.function;

/** The metric of `sacreBleuScore`. */
export class SacreBLEUScore extends sacre.Class {}
