/** Perplexity: how surprised a language model is. */
import torch from "flambeau";
import { int, optional } from "flambeau/arguments";
import { type Pair, pair, shapeText } from "../inputs.js";
import { define, summed } from "../metric/define.js";

function check([preds, target]: Pair): void {
  if (preds.ndim !== 3) {
    throw new Error(
      `Input tensor \`preds\` is expected to have 3 dimensions, [batch_size, seq_len, vocab_size], but got ${preds.ndim}.`,
    );
  }
  if (target.ndim !== 2 || target.shape[0] !== preds.shape[0] || target.shape[1] !== preds.shape[1]) {
    throw new Error(
      `Input tensors \`preds\` and \`target\` are expected to have equaling first two dimensions, [batch_size, seq_len], but got ${shapeText(preds)} and ${shapeText(target)}.`,
    );
  }
  if (!preds.dtype.isFloatingPoint) {
    throw new TypeError(`Input tensor \`preds\` is expected to be of floating point type but got ${preds.dtype}.`);
  }
}

const rule = define<Pair, [ignoreIndex?: number] | [options?: { ignoreIndex?: number }]>()({
  name: "perplexity",
  inputs: pair,
  params: { ignoreIndex: optional(int) },
  traits: { higherIsBetter: false, isDifferentiable: true, plotLowerBound: 0 },
  state: () => ({ totalLogProbs: summed(torch.tensor(0)), count: summed(torch.tensor(0)) }),
  measure: ([preds, target], { ignoreIndex }) => {
    check([preds, target]);
    const logs = preds.reshape([-1, preds.shape[2] as number]).logSoftmax(1);
    const wanted = target.flatten().to(torch.int64);
    const isValid = ignoreIndex === undefined ? torch.onesLike(wanted).ne(0) : wanted.ne(ignoreIndex);
    const of = logs.gather(1, wanted.where(isValid, 0).unsqueeze(1)).squeeze(1);
    return { totalLogProbs: torch.where(isValid, of, 0).sum().neg(), count: isValid.sum() };
  },
  compute: ({ totalLogProbs, count }) => totalLogProbs.div(count).exp(),
});

/**
 * The perplexity of a language model, `exp(-Σ log p(token) / n)`.
 *
 * @param preds the scores of all tokens, of shape [batch, sequence, vocabulary].
 * @param target the tokens, of shape [batch, sequence].
 * @param ignoreIndex a token that does not count.
 * @see https://lightning.ai/docs/torchmetrics/stable/text/perplexity.html
 */
export const perplexity = rule.function;

/** The metric of `perplexity`. */
export class Perplexity extends rule.Class {}
