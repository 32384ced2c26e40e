/** Correlations of predictions and targets. */
import torch, { type Tensor } from "flambeau";
import { int, optional, warn } from "flambeau/arguments";
import { type Pair, pair } from "../inputs.js";
import { define, kept, type StateStart } from "../metric/define.js";
import { checkColumns, checkNumOutputs, type NumOutputs } from "./outputs.js";

/** The number of columns of a batch. */
export function outputsOf(preds: Tensor): number {
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

export const correlationTraits = {
  higherIsBetter: true,
  isDifferentiable: true,
  plotLowerBound: -1,
  plotUpperBound: 1,
};

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
export function samples([preds, target]: Pair, { numOutputs }: { numOutputs?: number }) {
  checkColumns(preds, target, numOutputs);
  return { preds, target };
}

export const keptPair = () => ({ preds: kept, target: kept });

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
