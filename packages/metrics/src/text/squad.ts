/** SQuAD: how good the answers to questions are. */
import torch, { type Tensor } from "flambeau";
import { anything, describe, warn } from "flambeau/arguments";
import { counter } from "../inputs.js";
import { define, summed } from "../metric/define.js";
import { ngrams, overlap, words } from "./tokens.js";

/** An answer, with the keys of the data set's files. */
export interface SquadPrediction {
  prediction_text: string;
  id: string;
}

/** The answers that are right, with the keys of the data set's files. */
export interface SquadTarget {
  answers: { text: readonly string[]; answer_start?: readonly number[] };
  id: string;
}

/** Small letters, no punctuation, no articles. */
function tokensOf(text: string): string[] {
  const plain = text.toLowerCase().replace(/[!-/:-@[-`{-~]/g, "");
  return words(plain.replace(/\b(a|an|the)\b/g, " "));
}

function f1(prediction: string, truth: string): number {
  const [p, t] = [tokensOf(prediction), tokensOf(truth)];
  if (p.length === 0 || t.length === 0) return p.length === t.length ? 1 : 0;
  return (2 * overlap(ngrams(p, 1), ngrams(t, 1))) / (p.length + t.length);
}

function isExact(prediction: string, truth: string): number {
  return tokensOf(prediction).join(" ") === tokensOf(truth).join(" ") ? 1 : 0;
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

function check(preds: readonly SquadPrediction[], target: readonly SquadTarget[]): void {
  for (const pred of preds) {
    if (typeof pred?.prediction_text !== "string" || typeof pred.id !== "string") {
      throw new TypeError(
        `Expected keys in a single prediction are 'prediction_text' and 'id', which map to strings, but got ${describe(pred)}`,
      );
    }
  }
  for (const one of target) {
    if (!Array.isArray(one?.answers?.text) || typeof one.id !== "string") {
      throw new TypeError("Expected keys in a single target are 'answers', with a list 'text', and 'id'.");
    }
  }
}

type Answers = [preds: SquadPrediction | readonly SquadPrediction[], target: SquadTarget | readonly SquadTarget[]];

const rule = define<Answers, [], Record<"exact_match" | "f1", Tensor>>()({
  name: "squad",
  inputs: { preds: anything, target: anything },
  params: {},
  traits: { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 100 },
  state: () => ({
    f1Score: summed(torch.tensor(0)),
    exactMatch: summed(torch.tensor(0)),
    total: summed(counter(0)),
  }),
  measure: ([preds, target]) => {
    const [given, wanted] = [listOf<SquadPrediction>(preds), listOf<SquadTarget>(target)];
    check(given, wanted);
    const answers = new Map(given.map((one) => [one.id, one.prediction_text]));
    const best = (compare: (prediction: string, truth: string) => number) =>
      wanted.reduce((sum, { id, answers: { text } }) => {
        const answer = answers.get(id);
        if (answer === undefined) warn(`Unanswered question ${id} will receive score 0.`);
        return answer === undefined ? sum : sum + Math.max(...text.map((truth) => compare(answer, truth)));
      }, 0);
    return {
      f1Score: torch.tensor(best(f1)),
      exactMatch: torch.tensor(best(isExact)),
      total: counter(wanted.length),
    };
  },
  compute: ({ f1Score, exactMatch, total }) => ({
    exact_match: exactMatch.mul(100).div(total),
    f1: f1Score.mul(100).div(total),
  }),
});

/**
 * The F1-score of the words of answers, and the share of exact ones, in percent, as the SQuAD data set defines them:
 * `{ exact_match, f1 }`.
 *
 * @example
 * squad([{ prediction_text: "1976", id: "a" }], [{ answers: { text: ["1976"] }, id: "a" }])
 * @see https://lightning.ai/docs/torchmetrics/stable/text/squad.html
 */
export const squad = rule.function;

/** The metric of `squad`. */
export class SQuAD extends rule.Class {}
