/**
 * How well the documents that a search gives are ordered: a value for each query, and an aggregate of all.
 *
 * Source: https://lightning.ai/docs/torchmetrics/stable/retrieval/map.html and its neighbours
 */
import torch, { type Tensor } from "flambeau";
import {
  callable,
  flag,
  int,
  invalid,
  optional,
  type Param,
  type Params,
  Signature,
  type ValuesOf,
  word,
} from "flambeau/arguments";
import { divide, type Pair, pair } from "../inputs.js";
import { Metric } from "../metric/metric.js";
import { concatenated } from "../metric/state.js";
import { checkRetrieval, perQuery, type Ranked, ranked, soFar } from "./ranked.js";

/** What the value of a query without relevant documents is: 0 (`"neg"`), 1 (`"pos"`), none, or an error. */
export type EmptyTargetAction = "error" | "skip" | "neg" | "pos";

/** How the values of all queries become one. */
export type Aggregation = "mean" | "median" | "min" | "max" | ((values: Tensor) => Tensor);

export interface RetrievalOptions {
  emptyTargetAction?: EmptyTargetAction;
  /** A target that does not count. */
  ignoreIndex?: number;
  aggregation?: Aggregation;
}

export interface FirstKOption {
  /** How many documents are looked at; all by default. */
  topK?: number;
}

const aggregation: Param<Aggregation> = {
  ...(word("mean", "median", "min", "max") as Param<Aggregation>),
  expected: "mean, median, min, max or a function",
  read: (value) => {
    const read = word("mean", "median", "min", "max").read(value);
    return read === invalid ? (callable.read(value) as Aggregation | typeof invalid) : read;
  },
};

const indexed = { ...pair, indexes: pair.target };

interface RetrievalRule<P extends Params> {
  readonly name: string;
  readonly params: P;
  readonly higherIsBetter?: boolean;
  /** Whether relevances may be any numbers. */
  readonly allowsGrades?: boolean;
  /** Whether a score has to be positive for a document to be found. */
  readonly needsPositiveScore?: boolean;
  /** Whether queries without irrelevant documents, instead of those without relevant ones, have no value. */
  readonly looksAtIrrelevant?: boolean;
  /** The value of each query. */
  values(documents: Ranked, options: ValuesOf<P>): Tensor;
}

type RetrievalInputs = [preds: Tensor, target: Tensor, indexes: Tensor];

/** A class whose constructor takes the options `O`. */
type RetrievalClass<O> = new (options?: RetrievalOptions & O) => RetrievalMetric;

/** @throws RangeError unless at least one document is looked at. */
function checkTopK(options: object): void {
  const { topK } = options as FirstKOption;
  if (topK !== undefined && topK < 1) throw new RangeError("`topK` has to be a positive integer or undefined");
}

/** The function of one query, and the class of many. */
function retrieval<A extends unknown[], O>() {
  return <P extends Params>(rule: RetrievalRule<P>) => {
    const signature = new Signature(`retrieval${rule.name}`, { ...pair, ...rule.params });
    const compute = (...args: [...Pair, ...A]): Tensor => {
      const options = signature.parse(args) as ValuesOf<P> & { preds: Tensor; target: Tensor };
      checkTopK(options);
      const { preds, target } = options;
      checkRetrieval([preds, target], rule.allowsGrades === true);
      const scores = preds.flatten();
      const found = foundOf(rule as unknown as AnyRule, scores, target.flatten());
      const query = torch.zeros(scores.numel(), { dtype: torch.int64 });
      return rule.values(ranked(scores, found, query), options).squeeze(0);
    };
    return { function: compute, Class: classOf(rule) as unknown as RetrievalClass<O> };
  };
}

type AnyRule = RetrievalRule<Params>;

/** The relevances of documents that count as found. */
function foundOf(rule: AnyRule, preds: Tensor, target: Tensor): Tensor {
  return rule.needsPositiveScore ? torch.where(preds.gt(0), target, 0) : target;
}

const updateSignature = new Signature("update", indexed);

/** A metric of queries: it keeps all documents, and `indexes` says to which query each belongs. */
export class RetrievalMetric extends Metric<RetrievalInputs, Tensor> {
  override fullStateUpdate = false;
  override isDifferentiable = false;
  override plotLowerBound = 0;
  override plotUpperBound = 1;
  declare indexes: Tensor[];
  declare preds: Tensor[];
  declare target: Tensor[];

  /** @internal */
  constructor(readonly options: Record<string, unknown>) {
    super();
    checkTopK(options);
    this.higherIsBetter = this.rule.higherIsBetter ?? true;
    for (const name of ["indexes", "preds", "target"]) this.addState(name, [], { distReduceFx: "cat" });
  }

  /** @internal */
  protected get rule(): AnyRule {
    throw new TypeError("a metric of this class is made by a rule");
  }

  override update(...args: RetrievalInputs): void {
    const { preds, target, indexes } = updateSignature.parse(args);
    checkRetrieval([preds, indexes], true);
    const { ignoreIndex } = this.options as { ignoreIndex?: number };
    const isValid = ignoreIndex === undefined ? torch.onesLike(target).ne(0) : target.ne(ignoreIndex);
    const [p, t, i] = [preds, target, indexes].map((one) => one.maskedSelect(isValid)) as RetrievalInputs;
    checkRetrieval([p, t], this.rule.allowsGrades === true);
    this.indexes = [...this.indexes, i.to(torch.int64)];
    this.preds = [...this.preds, p];
    this.target = [...this.target, t];
  }

  override compute(): Tensor {
    const { rule, options } = this;
    const [preds, target, indexes] = [this.preds, this.target, this.indexes].map(concatenated) as RetrievalInputs;
    const [, query] = torch.unique(indexes, { returnInverse: true, returnCounts: false });
    const wanted = rule.looksAtIrrelevant ? torch.rsub(target, 1) : target;
    const isEmpty = torch
      .zeros(query.amax().item() + 1)
      .indexAdd(0, query, wanted.float())
      .eq(0);
    const values = rule.values(ranked(preds, foundOf(rule, preds, target), query), options as ValuesOf<Params>);
    return aggregated(values, isEmpty, options as unknown as Required<RetrievalOptions>);
  }
}

function classOf<P extends Params>(rule: RetrievalRule<P>): new (...args: unknown[]) => RetrievalMetric {
  const params = {
    emptyTargetAction: optional(word("error", "skip", "neg", "pos"), rule.looksAtIrrelevant ? "pos" : "neg"),
    ignoreIndex: optional(int),
    ...rule.params,
    aggregation: optional(aggregation, "mean"),
  };
  return class extends RetrievalMetric {
    constructor(...args: unknown[]) {
      super(new Signature(new.target.name, params).parse(args));
    }

    protected override get rule(): AnyRule {
      return rule as unknown as AnyRule;
    }
  };
}

function aggregated(values: Tensor, isEmpty: Tensor, options: Required<RetrievalOptions>): Tensor {
  const { emptyTargetAction: action, aggregation: how } = options;
  if (action === "error" && isEmpty.any().item()) {
    throw new Error("`compute` method was provided with a query with no positive target.");
  }
  const filled =
    action === "skip"
      ? values.maskedSelect(isEmpty.logicalNot())
      : values.maskedFill(isEmpty, action === "pos" ? 1 : 0);
  if (filled.numel() === 0) return torch.tensor(0);
  if (typeof how === "function") return how(filled);
  if (how === "median") return filled.median();
  return how === "mean" ? filled.mean() : how === "min" ? filled.amin() : filled.amax();
}

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
