/** Distances of vectors and of distributions: one value for each sample, put together at the end. */
import torch, { type Tensor } from "flambeau";
import { flag, tensor } from "flambeau/arguments";
import { checkSameShape, counter, type Pair, pair, safeXlogy } from "../inputs.js";
import { type Combination, combination, combine, combinedState, combinedValues } from "../metric/combination.js";
import { define, kept, summed } from "../metric/define.js";

export interface CosineSimilarityOptions {
  /** How the values of the samples are put together; their sum by default. */
  reduction?: Combination;
}

const cosine = define<Pair, [options?: CosineSimilarityOptions]>()({
  name: "cosineSimilarity",
  inputs: pair,
  params: { reduction: combination("sum") },
  traits: { higherIsBetter: true, isDifferentiable: true, plotLowerBound: 0, plotUpperBound: 1 },
  state: () => ({ preds: kept, target: kept }),
  measure: ([preds, target]) => {
    checkSameShape(preds, target);
    if (preds.ndim !== 2) {
      throw new Error(
        `Expected input to cosine similarity to be 2D tensors of shape \`[N,D]\` where \`N\` is the number of samples and \`D\` is the number of dimensions, but got tensor of shape [${preds.shape.join(", ")}]`,
      );
    }
    return { preds: preds.float(), target: target.float() };
  },
  measured: [],
  compute: ({ preds, target }, options) => {
    const lengths = preds.norm(2, -1).mul(target.norm(2, -1));
    return combine(preds.mul(target).sum(-1).div(lengths), options.reduction);
  },
});

/**
 * The cosine of the angle between predictions and targets, `x·y / (‖x‖ ‖y‖)`, of rows of shape [N, D], summed over them.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/cosine_similarity.html
 */
export const cosineSimilarity = cosine.function;

/** The metric of `cosineSimilarity`; it keeps all batches. */
export class CosineSimilarity extends cosine.Class {}

export interface DivergenceOptions {
  /** Whether the inputs are logarithms of probabilities. */
  logProb?: boolean;
  /** How the values of the samples are put together; their mean by default. */
  reduction?: Combination;
}

/** The divergence of each row. */
function kl(p: Tensor, q: Tensor, logProb: boolean): Tensor {
  if (logProb) return p.exp().mul(p.sub(q)).sum(-1);
  return safeXlogy(p, p.div(q)).sum(-1);
}

/** Rows that add up to 1, or logarithms as they are. */
function normalized(rows: Tensor, logProb: boolean): Tensor {
  return logProb ? rows : rows.div(rows.sum(-1, { keepdim: true }));
}

/** A divergence of rows of two tensors. */
function divergence(name: string, between: (p: Tensor, q: Tensor, logProb: boolean) => Tensor) {
  return define<[p: Tensor, q: Tensor], [options?: DivergenceOptions]>()({
    name,
    inputs: { p: tensor, q: tensor },
    params: { logProb: flag, reduction: combination("mean") },
    traits: { higherIsBetter: false, isDifferentiable: true, plotLowerBound: 0 },
    state: (options) => ({
      measures: combinedState(options.reduction),
      total: summed(counter(0)),
    }),
    measure: ([p, q], { logProb, reduction }) => {
      checkSameShape(p, q);
      if (p.ndim !== 2) {
        throw new Error(`Expected both p and q distribution to be 2D but got ${p.ndim} and ${q.ndim} respectively`);
      }
      const rows = between(normalized(p, logProb), normalized(q, logProb), logProb);
      return { measures: combinedValues(rows, reduction), total: counter(p.shape[0] as number) };
    },
    compute: ({ measures, total }, { reduction }) => (reduction === "mean" ? measures.div(total) : measures),
  });
}

const klRule = divergence("klDivergence", kl);

/**
 * The Kullback-Leibler divergence of rows of shape [N, D], `Σ p log(p / q)`, and its mean over them.
 *
 * @example klDivergence(torch.tensor([[0.36, 0.48, 0.16]]), torch.tensor([[1 / 3, 1 / 3, 1 / 3]])) // tensor(0.0853)
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/kl_divergence.html
 */
export const klDivergence = klRule.function;

/** The metric of `klDivergence`. */
export class KLDivergence extends klRule.Class {}

const jsRule = divergence("jensenShannonDivergence", (p, q, logProb) => {
  const middle = logProb ? torch.logaddexp(p, q).sub(Math.LN2) : p.add(q).div(2);
  return kl(p, middle, logProb)
    .add(kl(q, middle, logProb))
    .div(2);
});

/**
 * The Jensen-Shannon divergence: the mean of the divergences of both from their mean.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/js_divergence.html
 */
export const jensenShannonDivergence = jsRule.function;

/** The metric of `jensenShannonDivergence`. */
export class JensenShannonDivergence extends jsRule.Class {}
