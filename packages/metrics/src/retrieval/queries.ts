/**
 * Metrics of searches: a value for each query, and an aggregate of all.
 *
 * Source: https://lightning.ai/docs/torchmetrics/stable/retrieval/map.html and its neighbours
 */
import torch, { type Tensor } from "flambeau";
import {
  callable,
  int,
  invalid,
  optional,
  type Param,
  type Params,
  Signature,
  type ValuesOf,
  word,
} from "flambeau/arguments";
import { type Pair, pair } from "../inputs.js";
import { Metric } from "../metric/metric.js";
import { concatenated } from "../metric/state.js";
import { checkRetrieval, type Ranked, ranked } from "./ranked.js";

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
export function retrieval<A extends unknown[], O>() {
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
