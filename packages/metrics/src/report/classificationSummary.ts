/** All that is usually asked about a classifier, from one pass over the data. */
import torch, { type Tensor } from "flambeau";
import { int, invalid, keyword, listOf, optional, type Param, Signature, tensor, text } from "flambeau/arguments";
import { countPairs } from "../classification/confusion/family.js";
import { multiclassLabels } from "../classification/labels.js";
import { checkNumClasses } from "../classification/options.js";
import type { Pair } from "../inputs.js";
import { Metric } from "../metric/metric.js";
import { type Plot, type PlotOptions, plotConfusionMatrix } from "../plot/plot.js";
import { fixed } from "./format.js";

/** The rates of a class, or their means over all classes, weighted by the numbers of their samples. */
export interface Rates {
  /** Of those predicted to be of the class, the share that is. */
  readonly precision: number;
  /** Of those of the class, the share that is found: the true positive rate. */
  readonly recall: number;
  readonly f1Score: number;
  /** Of those of the class, the share that is missed. */
  readonly falseNegativeRate: number;
  /** Of those not of the class, the share that is not predicted to be: the true negative rate. */
  readonly specificity: number;
  /** Of those not of the class, the share that is taken for one. */
  readonly falsePositiveRate: number;
}

/** The rates of one class. */
export interface ClassRates extends Rates {
  readonly name: string;
  /** How many samples are of the class. */
  readonly support: number;
}

const headings = ["precision", "recall", "f1-score", "FNR", "specificity", "FPR"];

function ratesInOrder(rates: Rates): number[] {
  const { precision, recall, f1Score, falseNegativeRate, specificity, falsePositiveRate } = rates;
  return [precision, recall, f1Score, falseNegativeRate, specificity, falsePositiveRate];
}

/** What a `ClassificationSummary` computes; printed, it is a table. */
export class ClassificationResult {
  constructor(
    /** The share of predictions that are right. */
    readonly accuracy: number,
    /** The mean of the losses of the batches; undefined if none were given. */
    readonly loss: number | undefined,
    /** The means over the classes, weighted by their support. */
    readonly weighted: Rates,
    /** The rates of each class. */
    readonly classes: readonly ClassRates[],
    /** How often each class (column) was predicted for each class (row). */
    readonly confusionMatrix: Tensor,
  ) {}

  toString(): string {
    const { accuracy, loss, weighted, classes } = this;
    const [precision, recall, f1, fnr, specificity, fpr] = ratesInOrder(weighted).map((rate) => fixed(rate, 4));
    const width = Math.max(...classes.map(({ name }) => name.length));
    const line = (name: string, cells: readonly string[]) =>
      `${name.padEnd(width)}${cells.map((cell) => ` ${cell.padStart(11)}`).join("")}`;
    return [
      `Accuracy: ${fixed(100 * accuracy, 1)}%${loss === undefined ? "" : `, Avg loss: ${fixed(loss, 6)}`}`,
      `Precision: ${precision}, Recall: ${recall}, F1-Score: ${f1}`,
      `FNR: ${fnr}, Specificity: ${specificity}, FPR: ${fpr}`,
      "",
      line("", [...headings, "support"]),
      ...classes.map((one) => line(one.name, [...ratesInOrder(one).map((rate) => fixed(rate, 4)), `${one.support}`])),
    ].join("\n");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

const signature = new Signature("ClassificationSummary", {
  numClasses: int,
  classNames: keyword(optional(listOf("list of strings", text))),
  ignoreIndex: optional(int),
});

const loss: Param<Tensor | number> = {
  ...(tensor as Param<Tensor | number>),
  expected: "Tensor or float",
  read: (value) => (typeof value === "number" ? value : (tensor.read(value) ?? invalid)),
};

const inputs = new Signature("update", { preds: tensor, target: tensor, loss: optional(loss) });

/**
 * Accuracy, loss, and for each class and weighted over all of them precision, recall, F1-score, false negative rate,
 * specificity and false positive rate: a whole test loop in one metric, which keeps a confusion matrix only. What cannot
 * be divided is 0.
 *
 * @example
 * const summary = new ClassificationSummary(10, { classNames: FashionMNIST.classes });
 * for (const [images, labels] of testLoader) {
 *   const logits = model(images);
 *   summary.update(logits, labels, lossFn(logits, labels));
 * }
 * console.log(summary.compute());
 */
export class ClassificationSummary extends Metric<
  [preds: Tensor, target: Tensor, loss?: Tensor | number],
  ClassificationResult
> {
  override fullStateUpdate = false;
  override isDifferentiable = false;
  readonly numClasses: number;
  readonly classNames: readonly string[];
  readonly ignoreIndex: number | undefined;
  declare confmat: Tensor;
  declare totalLoss: Tensor;
  declare numBatches: Tensor;

  /**
   * @param options.classNames by default their numbers.
   * @param options.ignoreIndex a target that does not count.
   * @throws RangeError for less than two classes; Error for another number of names.
   */
  constructor(...args: [numClasses: number, options?: { classNames?: readonly string[]; ignoreIndex?: number }]) {
    super();
    const { numClasses, classNames, ignoreIndex } = signature.parse(args);
    checkNumClasses(numClasses);
    if (classNames !== undefined && classNames.length !== numClasses) {
      throw new Error(`Expected as many classNames as classes, but got ${classNames.length} and ${numClasses}`);
    }
    this.numClasses = numClasses;
    this.classNames = classNames ?? Array.from({ length: numClasses }, (_, i) => `${i}`);
    this.ignoreIndex = ignoreIndex;
    this.addState("confmat", torch.zeros(numClasses, numClasses, { dtype: torch.int64 }), { distReduceFx: "sum" });
    this.addState("totalLoss", torch.zeros([], { dtype: torch.float64 }), { distReduceFx: "sum" });
    this.addState("numBatches", torch.zeros([], { dtype: torch.int64 }), { distReduceFx: "sum" });
  }

  /**
   * @param preds classes of the shape of the target, or scores of shape [N, C, …].
   * @param loss of this batch.
   */
  override update(...args: [preds: Tensor, target: Tensor, loss?: Tensor | number]): void {
    const { preds, target, loss: value } = inputs.parse(args);
    const { numClasses, ignoreIndex } = this;
    const labels = multiclassLabels([preds, target] as Pair, { numClasses, ignoreIndex });
    this.confmat = this.confmat.add(countPairs(labels, numClasses));
    if (value === undefined) return;
    this.totalLoss = this.totalLoss.add(value);
    this.numBatches = this.numBatches.add(1);
  }

  override compute(): ClassificationResult {
    const cells = this.confmat.double();
    const tp = cells.diag();
    const [fp, fn] = [cells.sum(0).sub(tp), cells.sum(1).sub(tp)];
    const total = cells.sum();
    const tn = total.sub(tp).sub(fp).sub(fn);
    const share = (a: Tensor, b: Tensor) => torch.where(a.add(b).ne(0), a.div(a.add(b)), 0);
    const all = [
      share(tp, fp),
      share(tp, fn),
      share(tp.mul(2), fp.add(fn)),
      share(fn, tp),
      share(tn, fp),
      share(fp, tn),
    ];
    const support = tp.add(fn);
    const weighted = all.map((rates) => share(rates.mul(support).sum(), total.sub(rates.mul(support).sum())).item());
    const perClass = torch.stack([...all, support], 1).tolist() as number[][];
    const batches = this.numBatches.item();
    return new ClassificationResult(
      total.item() === 0 ? 0 : tp.sum().div(total).item(),
      batches === 0 ? undefined : this.totalLoss.item() / batches,
      named(weighted),
      perClass.map((row, i) => ({ name: this.classNames[i] as string, ...named(row), support: row[6] as number })),
      this.confmat,
    );
  }

  /** Draws the confusion matrix, with the names of the classes. */
  protected override draw(value: unknown, options: PlotOptions): Plot {
    const { confusionMatrix } = value as ClassificationResult;
    return plotConfusionMatrix(confusionMatrix, { labels: this.classNames, ...options });
  }
}

function named(rates: readonly number[]): Rates {
  const [precision, recall, f1Score, falseNegativeRate, specificity, falsePositiveRate] = rates as number[] & {
    length: 6;
  };
  return { precision, recall, f1Score, falseNegativeRate, specificity, falsePositiveRate } as Rates;
}
