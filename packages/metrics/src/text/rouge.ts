/** ROUGE: how much of a reference a summary has. */
import torch, { type Tensor } from "flambeau";
import { callable, invalid, optional, type Param, word } from "flambeau/arguments";
import { define, kept, type StateStart } from "../metric/define.js";
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
} from "./tokens.js";

type Corpus = [preds: Texts, target: References];

/** What is compared: runs of n words, or the longest common sequence, of the whole text or of its sentences. */
export type RougeKey = `rouge${1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | "L" | "Lsum"}`;

const keys: readonly string[] = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "L", "Lsum"].map((end) => `rouge${end}`);
const usual: readonly RougeKey[] = ["rouge1", "rouge2", "rougeL", "rougeLsum"];

export interface RougeOptions {
  /** Which of several references counts: the one with the greatest F1-score, or the mean of all. */
  accumulate?: "avg" | "best";
  /** Makes texts alike before they are cut; by default small letters, and a space for all but letters and digits. */
  normalizer?: (text: string) => string;
  /** Cuts a text into words; by default at white space. */
  tokenizer?: (text: string) => readonly string[];
  /** What is compared: `rouge1`, `rouge2`, `rougeL` and `rougeLsum` by default. */
  rougeKeys?: RougeKey | readonly RougeKey[];
}

interface RougeValues {
  readonly accumulate: "avg" | "best";
  readonly normalizer: RougeOptions["normalizer"];
  readonly tokenizer: RougeOptions["tokenizer"];
  readonly rougeKeys: readonly RougeKey[];
}

interface Score {
  readonly fmeasure: number;
  readonly precision: number;
  readonly recall: number;
}

const measures = ["fmeasure", "precision", "recall"] as const;

function scoreOf(hits: number, predLength: number, targetLength: number): Score {
  if (hits === 0) return { fmeasure: 0, precision: 0, recall: 0 };
  const [precision, recall] = [hits / predLength, hits / targetLength];
  return { precision, recall, fmeasure: (2 * precision * recall) / (precision + recall) };
}

/** The lengths of the longest common sequences of all beginnings. */
function commonLengths(pred: readonly string[], target: readonly string[]): number[][] {
  const table = [Array<number>(pred.length + 1).fill(0)];
  for (const [i, token] of target.entries()) {
    const [above, row] = [table[i] as number[], [0]];
    for (let j = 0; j < pred.length; j++) {
      const isEqual = token === pred[j];
      row.push(isEqual ? (above[j] as number) + 1 : Math.max(above[j + 1] as number, row[j] as number));
    }
    table.push(row);
  }
  return table;
}

/** Which tokens of the target are in the longest common sequence. */
function commonPlaces(pred: readonly string[], target: readonly string[]): Set<number> {
  const table = commonLengths(pred, target);
  const places = new Set<number>();
  let [i, j] = [pred.length, target.length];
  while (i > 0 && j > 0) {
    if (pred[i - 1] === target[j - 1]) {
      places.add(j - 1);
      i--;
      j--;
    } else if ((table[j]?.[i - 1] as number) > (table[j - 1]?.[i] as number)) i--;
    else j--;
  }
  return places;
}

/** The score of sentences: for each of the target, what it has in common with any of the text. */
function sentenceScore(pred: readonly string[][], target: readonly string[][]): Score {
  const remaining = [pred, target].map((sentences) => ngrams(sentences.flat(), 1)) as [
    Map<string, number>,
    Map<string, number>,
  ];
  let hits = 0;
  for (const sentence of target) {
    const places = new Set(pred.flatMap((one) => [...commonPlaces(one, sentence)]));
    for (const place of [...places].sort((a, b) => a - b)) {
      const token = sentence[place] as string;
      if (remaining.some((counts) => (counts.get(token) ?? 0) === 0)) continue;
      hits++;
      for (const counts of remaining) counts.set(token, (counts.get(token) as number) - 1);
    }
  }
  return scoreOf(hits, pred.flat().length, target.flat().length);
}

/** A text cut into words, and into sentences of words. */
interface Cut {
  readonly tokens: string[];
  readonly sentences: string[][];
}

function cut(text: string, { normalizer, tokenizer }: RougeValues): Cut {
  const tokensOf = (part: string) => {
    const plain = normalizer?.(part) ?? part.toLowerCase().replace(/[^a-z0-9]+/g, " ");
    return [...(tokenizer?.(plain) ?? plain.split(/\s+/))].filter((token) => token !== "");
  };
  const sentences = text.split(/(?<=[.!?])\s+|\n+/).filter((sentence) => sentence.trim() !== "");
  return { tokens: tokensOf(text), sentences: sentences.map(tokensOf) };
}

function compare(pred: Cut, target: Cut, key: RougeKey): Score {
  if (key === "rougeLsum") return sentenceScore(pred.sentences, target.sentences);
  const [a, b] = [pred.tokens, target.tokens];
  if (key === "rougeL") return scoreOf(commonLengths(a, b)[b.length]?.[a.length] as number, a.length, b.length);
  const n = Number(key.slice("rouge".length));
  const [own, wanted] = [ngrams(a, n), ngrams(b, n)];
  return scoreOf(overlap(own, wanted), totalOf(own), totalOf(wanted));
}

/** The score of the best of several references, or the mean of those of all. */
function accumulated(scores: readonly Score[], how: "avg" | "best"): Score {
  if (how === "best") return scores.reduce((best, one) => (one.fmeasure > best.fmeasure ? one : best));
  const mean = (of: keyof Score) => scores.reduce((sum, one) => sum + one[of], 0) / scores.length;
  return { fmeasure: mean("fmeasure"), precision: mean("precision"), recall: mean("recall") };
}

/** The names of the results, and of the states that keep them. */
function namesOf(rougeKeys: readonly RougeKey[]): [key: RougeKey, measure: keyof Score, state: string][] {
  return rougeKeys.flatMap((key) =>
    measures.map((measure): [RougeKey, keyof Score, string] => [
      key,
      measure,
      `${key}${measure[0]?.toUpperCase()}${measure.slice(1)}`,
    ]),
  );
}

const rougeKeys: Param<readonly RougeKey[]> = {
  ...(callable as unknown as Param<readonly RougeKey[]>),
  expected: `one or several of ${keys.join(", ")}`,
  read: (value) => {
    const list = Array.isArray(value) ? value : [value];
    return list.every((one) => keys.includes(one)) ? list : invalid;
  },
};

/** A single text may have several references in one list. */
function listsFor(preds: readonly string[], target: References): readonly (readonly string[])[] {
  const isOneList = Array.isArray(target) && target.every((one) => typeof one === "string");
  return preds.length === 1 && isOneList && target.length > 1 ? [target as readonly string[]] : listsOf(target);
}

const rule = define<Corpus, [options?: RougeOptions], Record<string, Tensor>>()({
  name: "rougeScore",
  inputs: { preds: texts, target: references },
  params: {
    accumulate: optional(word("avg", "best"), "best"),
    normalizer: optional(callable as Param<(text: string) => string>),
    tokenizer: optional(callable as Param<(text: string) => readonly string[]>),
    rougeKeys: optional(rougeKeys, usual),
  },
  traits: { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 },
  state: (options): Record<string, StateStart> =>
    Object.fromEntries(namesOf(options.rougeKeys).map(([, , state]) => [state, kept])),
  measure: ([preds, target], options): Record<string, Tensor> => {
    const given = preds as readonly string[];
    const wanted = listsFor(given, target);
    checkLengths(given, wanted);
    const scores = given.map((line, i) => {
      const pred = cut(line, options);
      const targets = (wanted[i] as readonly string[]).map((one) => cut(one, options));
      return Object.fromEntries(
        options.rougeKeys.map((key) => [
          key,
          accumulated(
            targets.map((one) => compare(pred, one, key)),
            options.accumulate,
          ),
        ]),
      );
    });
    return Object.fromEntries(
      namesOf(options.rougeKeys).map(([key, measure, state]) => [
        state,
        torch.tensor(scores.map((one) => (one[key] as Score)[measure])),
      ]),
    );
  },
  compute: (state, options) =>
    Object.fromEntries(
      namesOf(options.rougeKeys).map(([key, measure, name]) => [`${key}_${measure}`, (state[name] as Tensor).mean()]),
    ),
});

/**
 * ROUGE of summaries: precision, recall and F1-score of runs of words and of the longest common sequence, each the mean
 * over the texts: `{ rouge1_fmeasure, rouge1_precision, rouge1_recall, … }`.
 *
 * Sentences, which `rougeLsum` needs, end at a line's end or after a full stop, question or exclamation mark.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/text/rouge_score.html
 */
export const rougeScore = rule.function;

/** The metric of `rougeScore`. */
export class ROUGEScore extends rule.Class {}
