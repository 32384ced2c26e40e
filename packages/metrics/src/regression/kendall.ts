/** Kendall's correlation: how many pairs are in the same order. */
import torch, { type Tensor } from "flambeau";
import { flag, int, nullable, optional, word } from "flambeau/arguments";
import { type Pair, pair } from "../inputs.js";
import { define } from "../metric/define.js";
import { correlationTraits, keptPair, outputsOf, samples } from "./correlations.js";
import { checkNumOutputs, type NumOutputs } from "./outputs.js";

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
