/** Comparisons of two groupings of the same samples, whatever the numbers of the groups. */
import torch, { type Tensor } from "flambeau";
import { number, optional, word } from "flambeau/arguments";
import { checkSameShape, type Pair, pair } from "../inputs.js";
import { define, kept } from "../metric/define.js";

/** Two groupings, each sample's group in a vector. */
function measure([preds, target]: Pair): Record<"preds" | "target", Tensor> {
  checkSameShape(preds, target);
  if (preds.ndim !== 1) throw new Error(`Expected 1d \`preds\` and \`target\`, but got ${preds.ndim} dims.`);
  return { preds, target };
}

/** How many samples are in each pair of groups, of the target in the rows and of the predictions in the columns. */
function contingency({ preds, target }: Record<"preds" | "target", Tensor>): Tensor {
  const numbered = (labels: Tensor) => torch.unique(labels, { returnInverse: true, returnCounts: false });
  const [groups, group] = numbered(target);
  const [columns, column] = numbered(preds);
  const [height, width] = [groups.numel(), columns.numel()];
  const cells = group.mul(width).add(column);
  return torch
    .bincount(cells, { minlength: height * width })
    .view(height, width)
    .double();
}

/** The entropy of groups with so many samples. */
function entropy(counts: Tensor): Tensor {
  const shares = counts.div(counts.sum());
  return torch.xlogy(shares, shares).sum().neg();
}

function mutualInformation(cells: Tensor): Tensor {
  const shares = cells.div(cells.sum());
  const expected = shares.sum(1).outer(shares.sum(0));
  return torch.xlogy(shares, shares.div(expected).maskedFill(shares.eq(0), 1)).sum();
}

const comparisonTraits = { higherIsBetter: true, isDifferentiable: false, plotLowerBound: 0, plotUpperBound: 1 };

/** A comparison that depends on the table of both groupings only. */
function comparison(name: string, compare: (cells: Tensor) => Tensor) {
  return define<Pair, []>()({
    name,
    inputs: pair,
    params: {},
    traits: comparisonTraits,
    state: () => ({ preds: kept, target: kept }),
    measure,
    measured: [],
    compute: (state) => compare(contingency(state)).float(),
  });
}

const mi = comparison("mutualInfoScore", mutualInformation);

/**
 * The mutual information of two groupings, `Σ p(i, j) log(p(i, j) / (p(i) p(j)))`.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/clustering/mutual_info_score.html
 */
export const mutualInfoScore = mi.function;

/** The metric of `mutualInfoScore`. */
export class MutualInfoScore extends mi.Class {}

/** Which mean of the two entropies mutual information is compared with. */
export type AverageMethod = "min" | "geometric" | "arithmetic" | "max";

export interface AverageMethodOption {
  averageMethod?: AverageMethod;
}

function meanOf(a: Tensor, b: Tensor, method: AverageMethod): Tensor {
  if (method === "min") return torch.minimum(a, b);
  if (method === "max") return torch.maximum(a, b);
  return method === "geometric" ? a.mul(b).sqrt() : a.add(b).div(2);
}

const nmi = define<Pair, [options?: AverageMethodOption]>()({
  name: "normalizedMutualInfoScore",
  inputs: pair,
  params: { averageMethod: optional(word("min", "geometric", "arithmetic", "max"), "arithmetic") },
  traits: comparisonTraits,
  state: () => ({ preds: kept, target: kept }),
  measure,
  measured: [],
  compute: (state, { averageMethod }) => {
    const cells = contingency(state);
    const information = mutualInformation(cells);
    if (information.item() <= torch.finfo(torch.float32).eps) return torch.tensor(0);
    const [a, b] = [entropy(cells.sum(1)), entropy(cells.sum(0))];
    return information.div(meanOf(a, b, averageMethod)).float();
  },
});

/**
 * The mutual information of two groupings relative to the mean of their entropies: 1 if they are the same.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/clustering/normalized_mutual_info_score.html
 */
export const normalizedMutualInfoScore = nmi.function;

/** The metric of `normalizedMutualInfoScore`. */
export class NormalizedMutualInfoScore extends nmi.Class {}

/** The mutual information that random groupings of the same sizes have in the mean. */
function expectedInformation(cells: Tensor): Tensor {
  const n = cells.sum().item();
  const [rows, columns] = [cells.sum(1), cells.sum(0)];
  const factorial = (values: Tensor) => values.add(1).lgamma();
  // For each pair of groups: how probable it is that so many samples are in both, a hypergeometric distribution.
  const inBoth = torch.arange(1, Math.min(rows.amax().item(), columns.amax().item()) + 1).double();
  const b = columns.unsqueeze(1);
  const parts = rows.unbind(0).map((a) => {
    const rest = b.neg().sub(a).add(n).add(inBoth);
    const isPossible = inBoth.le(a).logicalAnd(inBoth.le(b)).logicalAnd(rest.ge(0));
    const log = factorial(a)
      .add(factorial(b))
      .add(factorial(torch.rsub(a, n)))
      .add(factorial(torch.rsub(b, n)))
      .sub(factorial(inBoth))
      .sub(factorial(torch.tensor(n, { dtype: torch.float64 })))
      .sub(factorial(torch.rsub(inBoth, a).clamp(0)))
      .sub(factorial(b.sub(inBoth).clamp(0)))
      .sub(factorial(rest.clamp(0)));
    const information = inBoth.div(n).mul(inBoth.mul(n).div(b.mul(a)).log());
    return torch.where(isPossible, log.exp().mul(information), 0).sum();
  });
  return torch.stack(parts).sum();
}

const ami = define<Pair, [options?: AverageMethodOption]>()({
  name: "adjustedMutualInfoScore",
  inputs: pair,
  params: { averageMethod: optional(word("min", "geometric", "arithmetic", "max"), "arithmetic") },
  traits: { ...comparisonTraits, plotLowerBound: -1 },
  state: () => ({ preds: kept, target: kept }),
  measure,
  measured: [],
  compute: (state, { averageMethod }) => {
    const cells = contingency(state);
    const [height, width] = cells.shape as [number, number];
    if (height === width && (height === 1 || height === cells.sum().item())) return torch.tensor(1);
    const expected = expectedInformation(cells);
    const most = meanOf(entropy(cells.sum(1)), entropy(cells.sum(0)), averageMethod);
    const room = most.sub(expected);
    const { eps } = torch.finfo(torch.float64);
    const divisor = room.item() < 0 ? room.clamp({ max: -eps }) : room.clamp(eps);
    return mutualInformation(cells).sub(expected).div(divisor).float();
  },
});

/**
 * The mutual information of two groupings, corrected for chance: 0 for random ones, 1 for the same.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/clustering/adjusted_mutual_info_score.html
 */
export const adjustedMutualInfoScore = ami.function;

/** The metric of `adjustedMutualInfoScore`. */
export class AdjustedMutualInfoScore extends ami.Class {}

/** How many ordered pairs of samples are together in both, in the one, in the other, and in none. */
function pairsOf(cells: Tensor): { both: number; target: number; preds: number; none: number } {
  const n = cells.sum().item();
  const squares = (counts: Tensor) => counts.square().sum().item();
  const [all, rows, columns] = [squares(cells), squares(cells.sum(1)), squares(cells.sum(0))];
  return { both: all - n, target: rows - all, preds: columns - all, none: n ** 2 - rows - columns + all };
}

const rand = comparison("randScore", (cells) => {
  const { both, target, preds, none } = pairsOf(cells);
  const total = both + target + preds + none;
  return torch.tensor(total === 0 || target + preds === 0 ? 1 : (both + none) / total);
});

/**
 * Rand's index: the share of pairs of samples about which both groupings agree whether they belong together.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/clustering/rand_score.html
 */
export const randScore = rand.function;

/** The metric of `randScore`. */
export class RandScore extends rand.Class {}

const adjustedRand = comparison("adjustedRandScore", (cells) => {
  const { both: tp, target: fn, preds: fp, none: tn } = pairsOf(cells);
  if (fn === 0 && fp === 0) return torch.tensor(1);
  return torch.tensor((2 * (tp * tn - fn * fp)) / ((tp + fn) * (fn + tn) + (tp + fp) * (fp + tn)));
});

/**
 * Rand's index, corrected for chance: 0 for random groupings, 1 for the same.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/clustering/adjusted_rand_score.html
 */
export const adjustedRandScore = adjustedRand.function;

/** The metric of `adjustedRandScore`. */
export class AdjustedRandScore extends adjustedRand.Class {}

/** Mutual information relative to the entropy of one grouping; 1 where that is 0. */
function known(cells: Tensor, counts: Tensor): Tensor {
  const total = entropy(counts);
  return total.item() === 0 ? torch.tensor(1, { dtype: torch.float64 }) : mutualInformation(cells).div(total);
}

const homogeneityOf = (cells: Tensor) => known(cells, cells.sum(1));
const completenessOf = (cells: Tensor) => known(cells, cells.sum(0));

const homogeneity = comparison("homogeneityScore", homogeneityOf);

/**
 * How far each predicted group has samples of one true group only.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/clustering/homogeneity_score.html
 */
export const homogeneityScore = homogeneity.function;

/** The metric of `homogeneityScore`. */
export class HomogeneityScore extends homogeneity.Class {}

const completeness = comparison("completenessScore", completenessOf);

/**
 * How far the samples of each true group are in one predicted group.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/clustering/completeness_score.html
 */
export const completenessScore = completeness.function;

/** The metric of `completenessScore`. */
export class CompletenessScore extends completeness.Class {}

const vMeasure = define<Pair, [beta?: number] | [options?: { beta?: number }]>()({
  name: "vMeasureScore",
  inputs: pair,
  params: { beta: optional(number, 1) },
  traits: comparisonTraits,
  check: ({ beta }) => {
    if (!(beta > 0)) throw new RangeError(`Argument \`beta\` should be a positive float. Got ${beta}.`);
  },
  state: () => ({ preds: kept, target: kept }),
  measure,
  measured: [],
  compute: (state, { beta }) => {
    const cells = contingency(state);
    const [h, c] = [homogeneityOf(cells).item(), completenessOf(cells).item()];
    return torch.tensor(h + c === 0 ? 1 : ((1 + beta) * h * c) / (beta * h + c));
  },
});

/**
 * The harmonic mean of homogeneity and completeness; with `beta` above 1 completeness has more weight.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/clustering/v_measure_score.html
 */
export const vMeasureScore = vMeasure.function;

/** The metric of `vMeasureScore`. */
export class VMeasureScore extends vMeasure.Class {}

const fowlkesMallows = comparison("fowlkesMallowsIndex", (cells) => {
  const { both, target, preds } = pairsOf(cells);
  return torch.tensor(both === 0 ? 0 : both / Math.sqrt((both + target) * (both + preds)));
});

/**
 * The geometric mean of precision and recall of pairs of samples that belong together.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/clustering/fowlkes_mallows_index.html
 */
export const fowlkesMallowsIndex = fowlkesMallows.function;

/** The metric of `fowlkesMallowsIndex`. */
export class FowlkesMallowsIndex extends fowlkesMallows.Class {}
