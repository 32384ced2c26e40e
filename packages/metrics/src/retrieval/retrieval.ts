/** How well the documents that a search gives are ordered. */
import torch, { type Tensor } from "flambeau";
import { flag, int, optional } from "flambeau/arguments";
import { divide } from "../inputs.js";
import { type FirstKOption, retrieval } from "./queries.js";
import { perQuery, type Ranked, ranked, soFar } from "./ranked.js";

const topK = optional(int);

/** Whether each document is among the first k of its query. */
function isAmong({ rank }: Ranked, k: number | undefined): Tensor {
  return k === undefined ? torch.onesLike(rank).ne(0) : rank.le(k);
}

/** The relevances of the first k documents. */
function firstOf(documents: Ranked, k: number | undefined): Tensor {
  return documents.target.mul(isAmong(documents, k));
}

type TopKArgs = [topK?: number] | [options?: FirstKOption];

const map = retrieval<TopKArgs, FirstKOption>()({
  name: "AveragePrecision",
  params: { topK },
  needsPositiveScore: true,
  values: (documents, options) => {
    const hits = firstOf(documents, options.topK).gt(0).float();
    const precision = soFar(documents, hits).div(documents.rank);
    return divide(perQuery(documents, precision.mul(hits)), perQuery(documents, hits));
  },
});

/**
 * The mean, over the relevant documents of a query, of the precision up to each.
 *
 * @param preds scores.
 * @param target whether each document is relevant.
 * @param topK how many documents are looked at.
 * @see https://lightning.ai/docs/torchmetrics/stable/retrieval/map.html
 */
export const retrievalAveragePrecision = map.function;

/** The mean average precision of queries, which `indexes` tells apart. */
export class RetrievalMAP extends map.Class {}

const mrr = retrieval<TopKArgs, FirstKOption>()({
  name: "ReciprocalRank",
  params: { topK },
  needsPositiveScore: true,
  values: (documents, options) => {
    const hits = firstOf(documents, options.topK).gt(0).float();
    const isFirst = hits.mul(soFar(documents, hits).eq(1));
    return perQuery(documents, isFirst.div(documents.rank));
  },
});

/**
 * One over the place of the first relevant document.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/retrieval/mrr.html
 */
export const retrievalReciprocalRank = mrr.function;

/** The mean reciprocal rank of queries. */
export class RetrievalMRR extends mrr.Class {}

export interface PrecisionOptions extends FirstKOption {
  /** Whether `topK` is the number of documents where there are less. */
  adaptiveK?: boolean;
}

const precision = retrieval<
  [topK?: number, options?: Omit<PrecisionOptions, "topK">] | [options?: PrecisionOptions],
  PrecisionOptions
>()({
  name: "Precision",
  params: { topK, adaptiveK: flag },
  needsPositiveScore: true,
  values: (documents, options) => {
    const { size } = documents;
    const { topK: k, adaptiveK } = options;
    const looked = k === undefined ? size : adaptiveK ? size.clamp({ max: k }) : torch.fullLike(size, k);
    return perQuery(documents, firstOf(documents, k)).div(looked);
  },
});

/**
 * The share of the first k documents that is relevant.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/retrieval/precision.html
 */
export const retrievalPrecision = precision.function;

/** The precision of queries. */
export class RetrievalPrecision extends precision.Class {}

const recall = retrieval<TopKArgs, FirstKOption>()({
  name: "Recall",
  params: { topK },
  values: (documents, options) => {
    const isFound = documents.preds.gt(0);
    return divide(
      perQuery(documents, firstOf(documents, options.topK).mul(isFound)),
      perQuery(documents, documents.target),
    );
  },
});

/**
 * The share of the relevant documents that is among the first k.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/retrieval/recall.html
 */
export const retrievalRecall = recall.function;

/** The recall of queries. */
export class RetrievalRecall extends recall.Class {}

const fallOut = retrieval<TopKArgs, FirstKOption>()({
  name: "FallOut",
  params: { topK },
  higherIsBetter: false,
  looksAtIrrelevant: true,
  values: (documents, options) => {
    const irrelevant = torch.rsub(documents.target, 1);
    const first = irrelevant.mul(isAmong(documents, options.topK));
    return divide(perQuery(documents, first), perQuery(documents, irrelevant));
  },
});

/**
 * The share of the irrelevant documents that is among the first k.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/retrieval/fall_out.html
 */
export const retrievalFallOut = fallOut.function;

/** The fall-out of queries. */
export class RetrievalFallOut extends fallOut.Class {}

const hitRate = retrieval<TopKArgs, FirstKOption>()({
  name: "HitRate",
  params: { topK },
  values: (documents, options) => perQuery(documents, firstOf(documents, options.topK)).gt(0).float(),
});

/**
 * 1 if any of the first k documents is relevant, otherwise 0.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/retrieval/hit_rate.html
 */
export const retrievalHitRate = hitRate.function;

/** The hit rate of queries. */
export class RetrievalHitRate extends hitRate.Class {}

const rPrecision = retrieval<[], unknown>()({
  name: "RPrecision",
  params: {},
  values: (documents) => {
    const relevant = perQuery(documents, documents.target);
    const first = documents.target.mul(documents.rank.le(relevant.indexSelect(0, documents.query)));
    return divide(perQuery(documents, first), relevant);
  },
});

/**
 * The share of relevant ones among as many documents as there are relevant ones.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/retrieval/r_precision.html
 */
export const retrievalRPrecision = rPrecision.function;

/** The R-precision of queries. */
export class RetrievalRPrecision extends rPrecision.Class {}

/** The gains of the first k documents, each divided by the logarithm of its place. */
function discounted(documents: Ranked, gains: Tensor, k: number | undefined): Tensor {
  return perQuery(documents, gains.mul(isAmong(documents, k)).div(documents.rank.add(1).log2()));
}

/** The mean relevance of all documents of a query that have the same score. */
function sharedByTies({ target, preds, query }: Ranked): Tensor {
  const size = preds.numel();
  const isNew = (values: Tensor) => values.narrow(0, 1, size - 1).ne(values.narrow(0, 0, size - 1));
  const starts = isNew(preds).logicalOr(isNew(query)).to(torch.int64);
  const group = torch.cat([torch.zeros(1, { dtype: torch.int64 }), starts]).cumsum(0);
  const sums = torch.zeros(size).indexAdd(0, group, target);
  return sums.div(torch.bincount(group, { minlength: size })).indexSelect(0, group);
}

const ndcg = retrieval<TopKArgs, FirstKOption>()({
  name: "NormalizedDcg",
  params: { topK },
  allowsGrades: true,
  values: (documents, options) => {
    const best = ranked(documents.target, documents.target, documents.query);
    const gain = discounted(documents, sharedByTies(documents), options.topK);
    return divide(gain, discounted(best, best.target, options.topK));
  },
});

/**
 * The discounted cumulative gain, `Σ relevance / log₂(place + 1)`, relative to that of the best order. Documents with the
 * same score share their gains.
 *
 * @param target how relevant each document is: any numbers.
 * @see https://lightning.ai/docs/torchmetrics/stable/retrieval/normalized_dcg.html
 */
export const retrievalNormalizedDcg = ndcg.function;

/** The normalized discounted cumulative gain of queries. */
export class RetrievalNormalizedDCG extends ndcg.Class {}
