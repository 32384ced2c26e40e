/** Correlations of predictions and targets. */
import torch, { type Tensor } from "flambeau";
import { flag, int, nullable, optional, word } from "flambeau/arguments";
import { type Pair, pair } from "../inputs.js";
import { define, kept, type StateStart } from "../metric/define.js";
import { warn } from "../warn.js";
import { checkColumns, checkNumOutputs, type NumOutputs } from "./outputs.js";

/** The number of columns of a batch. */
function outputsOf(preds: Tensor): number {
  return preds.ndim === 2 ? (preds.shape[1] as number) : 1;
}

type Moments = Record<"meanX" | "meanY" | "maxAbsDevX" | "maxAbsDevY" | "varX" | "varY" | "corrXy" | "nTotal", Tensor>;

const momentNames = ["meanX", "meanY", "maxAbsDevX", "maxAbsDevY", "varX", "varY", "corrXy", "nTotal"] as const;

/** The means of a batch, and the sums of squared and mixed distances from them. */
function moments([preds, target]: Pair, { numOutputs }: { numOutputs?: number }): Moments {
  checkColumns(preds, target, numOutputs);
  const [x, y] = [preds, target].map((tensor) => (tensor.dtype.isFloatingPoint ? tensor : tensor.float())) as Pair;
  const [meanX, meanY] = [x.mean(0), y.mean(0)];
  const [dx, dy] = [x.sub(meanX), y.sub(meanY)];
  return {
    meanX,
    meanY,
    maxAbsDevX: dx.abs().amax(0),
    maxAbsDevY: dy.abs().amax(0),
    varX: dx.square().sum(0),
    varY: dy.square().sum(0),
    corrXy: dx.mul(dy).sum(0),
    nTotal: torch.fullLike(meanX, x.shape[0] as number),
  };
}

/** The moments of two parts of the data together. */
function joinMoments(a: Moments, b: Moments): Moments {
  const nTotal = a.nTotal.add(b.nTotal);
  const share = b.nTotal.div(nTotal.clamp(1));
  const [deltaX, deltaY] = [b.meanX.sub(a.meanX), b.meanY.sub(a.meanY)];
  const correction = a.nTotal.mul(share);
  const [meanX, meanY] = [a.meanX.add(deltaX.mul(share)), a.meanY.add(deltaY.mul(share))];
  return {
    meanX,
    meanY,
    maxAbsDevX: torch.maximum(a.maxAbsDevX, b.maxAbsDevX),
    maxAbsDevY: torch.maximum(a.maxAbsDevY, b.maxAbsDevY),
    varX: a.varX.add(b.varX).add(deltaX.square().mul(correction)),
    varY: a.varY.add(b.varY).add(deltaY.square().mul(correction)),
    corrXy: a.corrXy.add(b.corrXy).add(deltaX.mul(deltaY).mul(correction)),
    nTotal,
  };
}

/** The correlation; NaN where one of the two hardly varies. */
function pearson({ maxAbsDevX, maxAbsDevY, varX, varY, corrXy, nTotal }: Moments): Tensor {
  const degrees = nTotal.sub(1);
  // Relative to the greatest distances, so that the scale of the data decides nothing.
  const x = varX.div(degrees).div(maxAbsDevX.square());
  const y = varY.div(degrees).div(maxAbsDevY.square());
  const both = corrXy.div(degrees).div(maxAbsDevX.mul(maxAbsDevY));
  const bound = Math.sqrt(torch.finfo(x.dtype).eps);
  const varies = (tensor: Tensor) => tensor.ge(bound).logicalAnd(tensor.isfinite());
  const isKnown = varies(x).logicalAnd(varies(y)).logicalAnd(both.isfinite());
  if (!isKnown.all().item()) {
    warn(
      "The variance of predictions or target is close to zero. This can cause instability in Pearson correlation coefficient, leading to wrong results. Setting the correlation coefficient to nan.",
    );
  }
  return torch.where(isKnown, both.div(x.mul(y).sqrt()).clamp(-1, 1), Number.NaN);
}

function momentState({ numOutputs = 1 }: { numOutputs?: number }): Record<(typeof momentNames)[number], StateStart> {
  const start = { start: numOutputs === 1 ? torch.tensor(0) : torch.zeros(numOutputs), reduction: null };
  return Object.fromEntries(momentNames.map((name) => [name, start])) as Record<
    (typeof momentNames)[number],
    StateStart
  >;
}

const correlationTraits = { higherIsBetter: true, isDifferentiable: true, plotLowerBound: -1, plotUpperBound: 1 };

/** A correlation that comes from the moments of all batches. */
function fromMoments(name: string, compute: (state: Moments) => Tensor) {
  return define<Pair, [], Tensor, [numOutputs?: number] | [options?: NumOutputs]>()({
    name,
    inputs: pair,
    params: { numOutputs: optional(int) },
    classParams: { numOutputs: optional<number | undefined>(int, 1) },
    traits: correlationTraits,
    check: ({ numOutputs }) => checkNumOutputs({ numOutputs: numOutputs ?? 1 }),
    state: momentState,
    measure: moments,
    measured: ["numOutputs"],
    join: joinMoments,
    compute,
  });
}

const pearsonRule = fromMoments("pearsonCorrcoef", pearson);

/**
 * Pearson's correlation, `Cov(x, y) / (σx σy)`, of vectors or of each column of matrices.
 *
 * @example pearsonCorrcoef(torch.tensor([2.5, 0, 2, 8]), torch.tensor([3, -0.5, 2, 7])) // tensor(0.9849)
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/pearson_corr_coef.html
 */
export const pearsonCorrcoef = pearsonRule.function;

/** The metric of `pearsonCorrcoef`; it needs no more memory for more batches. */
export class PearsonCorrCoef extends pearsonRule.Class {}

const concordance = fromMoments("concordanceCorrcoef", (state) => {
  const degrees = state.nTotal.sub(1);
  const [varX, varY] = [state.varX.div(degrees), state.varY.div(degrees)];
  const scale = varX.add(varY).add(state.meanX.sub(state.meanY).square());
  return pearson(state).mul(2).mul(varX.sqrt()).mul(varY.sqrt()).div(scale);
});

/**
 * Lin's concordance, `2 ρ σx σy / (σx² + σy² + (μx - μy)²)`: how near the pairs are to the line of equal values.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/concordance_corr_coef.html
 */
export const concordanceCorrcoef = concordance.function;

/** The metric of `concordanceCorrcoef`. */
export class ConcordanceCorrCoef extends concordance.Class {}

/** The data of all batches as matrices with a column for each output. */
function samples([preds, target]: Pair, { numOutputs }: { numOutputs?: number }) {
  checkColumns(preds, target, numOutputs);
  return { preds, target };
}

const keptPair = () => ({ preds: kept, target: kept });

/** The ranks of the elements along the first dim; equal ones share the mean of theirs. */
function ranks(data: Tensor): Tensor {
  const sorted = data.sort(0).values;
  const [columns, wanted] = [sorted, data].map((tensor) => tensor.t().contiguous()) as [Tensor, Tensor];
  const before = torch.searchsorted(columns, wanted);
  const upTo = torch.searchsorted(columns, wanted, { right: true });
  return before.add(upTo).add(1).div(2).t();
}

function spearman(preds: Tensor, target: Tensor): Tensor {
  const [x, y] = [preds, target].map((data) => {
    const rank = ranks(data.ndim === 1 ? data.unsqueeze(1) : data);
    return rank.sub(rank.mean(0));
  }) as Pair;
  const deviation = (centred: Tensor) => centred.square().mean(0).sqrt();
  return x
    .mul(y)
    .mean(0)
    .div(deviation(x).mul(deviation(y)).add(1e-6))
    .clamp(-1, 1);
}

const spearmanRule = define<Pair, [], Tensor, [numOutputs?: number] | [options?: NumOutputs]>()({
  name: "spearmanCorrcoef",
  inputs: pair,
  params: { numOutputs: optional(int) },
  classParams: { numOutputs: optional<number | undefined>(int, 1) },
  traits: { ...correlationTraits, isDifferentiable: false },
  check: ({ numOutputs }) => checkNumOutputs({ numOutputs: numOutputs ?? 1 }),
  state: keptPair,
  measure: (batch, options) => {
    for (const { dtype } of batch) {
      if (!dtype.isFloatingPoint) {
        throw new TypeError(
          `Expected \`preds\` and \`target\` both to be floating point tensors, but got ${batch[0].dtype} and ${batch[1].dtype}`,
        );
      }
    }
    return samples(batch, options);
  },
  compute: ({ preds, target }) => {
    const correlation = spearman(preds, target);
    return preds.ndim === 1 ? correlation.squeeze(0) : correlation;
  },
});

/**
 * Spearman's correlation: Pearson's of the ranks, where equal values share the mean of their ranks.
 *
 * @throws TypeError unless both are floating tensors.
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/spearman_corr_coef.html
 */
export const spearmanCorrcoef = spearmanRule.function;

/** The metric of `spearmanCorrcoef`; it keeps all batches. */
export class SpearmanCorrCoef extends spearmanRule.Class {}

/** How many pairs of samples are compared at once. */
const pairsAtOnce = 1 << 22;

/** Sums over the pairs of samples of one column: how many are in the same order in both, and in the opposite. */
function orderedPairs(x: Tensor, y: Tensor): { concordant: number; discordant: number } {
  const count = x.numel();
  const rows = Math.max(1, Math.floor(pairsAtOnce / Math.max(count, 1)));
  let [concordant, discordant] = [0, 0];
  for (let start = 0; start < count; start += rows) {
    const size = Math.min(rows, count - start);
    const [xs, ys] = [x, y].map((data) => data.narrow(0, start, size).unsqueeze(1)) as Pair;
    const isLess = xs.lt(x);
    concordant += isLess.logicalAnd(ys.lt(y)).sum().item();
    discordant += isLess.logicalAnd(ys.gt(y)).sum().item();
  }
  return { concordant, discordant };
}

/** Sums over groups of equal values, from which ties are corrected. */
function ties(x: Tensor): { pairs: number; p1: number; p2: number; unique: number } {
  const [, counts] = torch.unique(x, { returnInverse: false, returnCounts: true });
  const n = counts.double();
  const sum = (tensor: Tensor) => tensor.sum().item();
  return {
    pairs: sum(n.mul(n.sub(1)).div(2)),
    p1: sum(n.mul(n.sub(1)).mul(n.sub(2))),
    p2: sum(n.mul(n.sub(1)).mul(n.mul(2).add(5))),
    unique: counts.numel(),
  };
}

export type KendallVariant = "a" | "b" | "c";
export type Alternative = "two-sided" | "less" | "greater";

/** Kendall's tau of two vectors, and the p-value of no relation. */
function kendall(x: Tensor, y: Tensor, variant: KendallVariant, alternative: Alternative): [tau: number, p: number] {
  const n = x.numel();
  const { concordant, discordant } = orderedPairs(x, y);
  const excess = concordant - discordant;
  const none = { pairs: 0, p1: 0, p2: 0, unique: 0 };
  const [tx, ty] = variant === "a" ? [none, none] : [ties(x), ties(y)];
  const all = (n * (n - 1)) / 2;
  const classes = Math.min(tx.unique, ty.unique);
  const scale = {
    a: () => concordant + discordant,
    b: () => Math.sqrt((all - tx.pairs) * (all - ty.pairs)),
    c: () => ((classes - 1) / classes) * n ** 2 * 0.5,
  };
  const base = n * (n - 1) * (2 * n + 5);
  const m = n * (n - 1);
  const variance = (base - tx.p2 - ty.p2) / 18 + (2 * tx.pairs * ty.pairs) / m + (tx.p1 * ty.p1) / (9 * m * (n - 2));
  let t = variant === "a" ? (3 * excess) / Math.sqrt(base / 2) : excess / Math.sqrt(variance);
  if (alternative === "two-sided") t = Math.abs(t);
  if (alternative !== "less") t = -t;
  const p = torch.erfc(torch.tensor(-t / Math.SQRT2, { dtype: torch.float64 })).item() / 2;
  return [Math.max(-1, Math.min(1, excess / scale[variant]())), alternative === "two-sided" ? 2 * p : p];
}

export interface KendallOptions extends NumOutputs {
  /** Which of the three taus: they differ in how ties count; `"b"` by default. */
  variant?: KendallVariant;
  /** Whether the p-value of the hypothesis of no relation is given too. */
  tTest?: boolean;
  /** What the hypothesis is tested against. */
  alternative?: Alternative;
}

const kendallParams = {
  variant: optional(word("a", "b", "c"), "b"),
  tTest: flag,
  alternative: optional(nullable(word("two-sided", "less", "greater")), "two-sided"),
  numOutputs: optional(int),
};

const kendallRule = define<
  Pair,
  [options?: Omit<KendallOptions, "numOutputs">],
  Tensor | [tau: Tensor, pValue: Tensor],
  [options?: KendallOptions]
>()({
  name: "kendallRankCorrcoef",
  inputs: pair,
  params: kendallParams,
  classParams: { ...kendallParams, numOutputs: optional<number | undefined>(int, 1) },
  traits: { ...correlationTraits, isDifferentiable: false },
  check: ({ tTest, alternative, numOutputs }) => {
    if (tTest && alternative === null) {
      throw new TypeError("Argument `alternative` is required if `tTest: true` but got `null`.");
    }
    checkNumOutputs({ numOutputs: numOutputs ?? 1 });
  },
  state: keptPair,
  measure: samples,
  measured: ["numOutputs"],
  compute: ({ preds, target }, { variant, tTest, alternative }) => {
    const outputs = outputsOf(preds);
    const column = (data: Tensor, i: number) => (data.ndim === 1 ? data : data.select(1, i));
    const results = Array.from({ length: outputs }, (_, i) =>
      kendall(column(preds, i), column(target, i), variant, alternative ?? "two-sided"),
    );
    const dtype = preds.dtype.isFloatingPoint ? preds.dtype : torch.float32;
    const all = (at: 0 | 1) => {
      const values = torch.tensor(
        results.map((result) => result[at]),
        { dtype },
      );
      return outputs === 1 ? values.squeeze(0) : values;
    };
    return tTest ? [all(0), all(1)] : all(0);
  },
});

/**
 * Kendall's tau: the excess of pairs that are in the same order in both, relative to all pairs; with `tTest` also the
 * p-value, as `[tau, p]`.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/regression/kendall_rank_corr_coef.html
 */
export const kendallRankCorrcoef = kendallRule.function;

/** The metric of `kendallRankCorrcoef`; it keeps all batches. */
export class KendallRankCorrCoef extends kendallRule.Class {}
