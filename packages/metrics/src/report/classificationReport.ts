/**
 * The report of scikit-learn: precision, recall and F1-score of each class, as text or object.
 *
 * Source: https://scikit-learn.org/stable/modules/generated/sklearn.metrics.classification_report.html
 */
import torch, { type Tensor } from "flambeau";
import { flag, int, keyword, listOf, number, optional, type Param, Signature, tensor, text } from "flambeau/arguments";
import { checkSameShape } from "../inputs.js";
import { fixed } from "./format.js";

export interface ClassificationReportOptions {
  /** Which labels there are, in which order; by default all that occur. */
  labels?: readonly number[];
  /** The names of the labels. */
  targetNames?: readonly string[];
  /** How many digits are printed after the point; 2 by default. */
  digits?: number;
  /** Whether the report is an object instead of text. */
  outputDict?: boolean;
  /** The value where nothing can be divided: 0 (by default) or 1. */
  zeroDivision?: number;
}

/** The row of a class or of an average. */
export interface ReportRow {
  precision: number;
  recall: number;
  "f1-score": number;
  support: number;
}

/** The report as an object: rows by name, and the accuracy. */
export interface ReportDict {
  [name: string]: ReportRow | number;
}

const signature = new Signature("classificationReport", {
  yTrue: tensor,
  yPred: tensor,
  labels: keyword(optional(listOf("list of ints", int))),
  targetNames: optional(listOf("list of strings", text)),
  digits: optional(int, 2),
  outputDict: flag,
  zeroDivision: optional(number, 0) as Param<number>,
});

/** Counts of each label, in float64. */
interface LabelCounts {
  readonly hits: Tensor;
  readonly predicted: Tensor;
  readonly support: Tensor;
}

/** The labels of two vectors: those given, or all that occur. */
function labelsOf(yTrue: Tensor, yPred: Tensor, given: readonly number[] | undefined): Tensor {
  if (given !== undefined) return torch.tensor([...given], { dtype: torch.int64 });
  return torch.unique(torch.cat([yTrue.flatten(), yPred.flatten()]));
}

/** The counts of classes, of which each sample has one. */
function countClasses(yTrue: Tensor, yPred: Tensor, labels: Tensor): LabelCounts {
  const has = (values: Tensor) => values.flatten().unsqueeze(1).eq(labels);
  const [t, p] = [has(yTrue), has(yPred)];
  return { hits: count(t.logicalAnd(p)), predicted: count(p), support: count(t) };
}

function count(rows: Tensor): Tensor {
  return rows.sum(0).double();
}

/** Precision, recall and F1-score of counts. */
function scores({ hits, predicted, support }: LabelCounts, zeroDivision: number): Tensor[] {
  const divide = (a: Tensor, b: Tensor) => torch.where(b.ne(0), a.div(b), zeroDivision);
  const [precision, recall] = [divide(hits, predicted), divide(hits, support)];
  return [precision, recall, divide(hits.mul(2), predicted.add(support))];
}

function asRow(values: readonly Tensor[], support: Tensor): ReportRow {
  const [precision, recall, f1] = values.map((one) => one.item()) as [number, number, number];
  return { precision, recall, "f1-score": f1, support: support.item() };
}

/** The averages over all labels. */
function averages(counts: LabelCounts, zeroDivision: number): Record<string, ReportRow> {
  const { support } = counts;
  const all = scores(counts, zeroDivision);
  const total = support.sum();
  const sum = (one: Tensor) => one.sum();
  const together = { hits: sum(counts.hits), predicted: sum(counts.predicted), support: total };
  const weight = (one: Tensor) => (total.item() === 0 ? torch.tensor(zeroDivision) : one.mul(support).sum().div(total));
  return {
    "micro avg": asRow(scores(together, zeroDivision), total),
    "macro avg": asRow(
      all.map((one) => one.mean()),
      total,
    ),
    "weighted avg": asRow(all.map(weight), total),
  };
}

/** The mean over samples of the scores of their labels. */
function samplesAverage(yTrue: Tensor, yPred: Tensor, support: Tensor, zeroDivision: number): ReportRow {
  const perSample = (rows: Tensor) => rows.sum(1).double();
  const counts = {
    hits: perSample(yTrue.logicalAnd(yPred)),
    predicted: perSample(yPred),
    support: perSample(yTrue),
  };
  return asRow(
    scores(counts, zeroDivision).map((one) => one.mean()),
    support.sum(),
  );
}

interface Report {
  readonly rows: readonly (readonly [name: string, row: ReportRow])[];
  readonly averages: Record<string, ReportRow>;
  /** Stands in the place of the micro average, which it is where all labels are looked at. */
  readonly accuracy: number | undefined;
}

function makeReport(
  yTrue: Tensor,
  yPred: Tensor,
  given: readonly number[] | undefined,
  names: readonly string[] | undefined,
  zeroDivision: number,
): Report {
  const isMultilabel = yTrue.ndim === 2;
  const columns = yTrue.shape[1] ?? 0;
  const labels = isMultilabel ? torch.tensor([...(given ?? Array(columns).keys())]) : labelsOf(yTrue, yPred, given);
  const numbers = labels.tolist() as number[];
  if (names !== undefined && names.length !== numbers.length) {
    throw new Error(
      `Number of classes, ${numbers.length}, does not match size of targetNames, ${names.length}. Try specifying the labels parameter`,
    );
  }
  const chosen = (rows: Tensor) => rows.indexSelect(1, labels.to(torch.int64)).ne(0);
  const [t, p] = isMultilabel ? [chosen(yTrue), chosen(yPred)] : [yTrue, yPred];
  const counts = isMultilabel
    ? { hits: count(t.logicalAnd(p)), predicted: count(p), support: count(t) }
    : countClasses(t, p, labels);
  const each = scores(counts, zeroDivision);
  const rows = numbers.map((label, i) => {
    const own = each.map((one) => one.at(i));
    return [names?.[i] ?? `${label}`, asRow(own, counts.support.at(i))] as const;
  });
  const all = averages(counts, zeroDivision);
  if (isMultilabel) {
    return {
      rows,
      averages: { ...all, "samples avg": samplesAverage(t, p, counts.support, zeroDivision) },
      accuracy: undefined,
    };
  }
  const present = labelsOf(yTrue, yPred, undefined).tolist() as number[];
  const hasAll = present.length === numbers.length && present.every((label) => numbers.includes(label));
  if (!hasAll) return { rows, averages: all, accuracy: undefined };
  const { "micro avg": micro, ...rest } = all;
  return { rows, averages: rest, accuracy: micro?.["f1-score"] };
}

function asText({ rows, averages: means, accuracy }: Report, digits: number): string {
  const width = Math.max(...rows.map(([name]) => name.length), "weighted avg".length, digits);
  const line = (name: string, cells: readonly string[]) =>
    `${name.padStart(width)} ${cells.map((cell) => ` ${cell.padStart(9)}`).join("")}\n`;
  const row = (name: string, values: ReportRow) =>
    line(name, [
      ...[values.precision, values.recall, values["f1-score"]].map((value) => fixed(value, digits)),
      `${values.support}`,
    ]);
  const support = `${means["macro avg"]?.support}`;
  return [
    line("", ["precision", "recall", "f1-score", "support"]),
    "\n",
    ...rows.map(([name, values]) => row(name, values)),
    "\n",
    accuracy === undefined ? "" : line("accuracy", ["", "", fixed(accuracy, digits), support]),
    ...Object.entries(means).map(([name, values]) => row(name, values)),
  ].join("");
}

/** What the target and the predictions are, in scikit-learn's order, which is not that of the metrics. */
type ReportInputs = [yTrue: Tensor, yPred: Tensor];

/**
 * Precision, recall, F1-score and support of each class, and their averages, as scikit-learn prints them.
 *
 * The order of the arguments is scikit-learn's: **the target comes first**. Of several labels, which are matrices of
 * shape [N, labels], there is a row for each, and averages over samples too.
 *
 * @param yTrue the labels: whole numbers.
 * @param yPred what was predicted: labels too, no scores.
 * @returns text, or with `outputDict` an object of rows.
 * @throws Error where shapes, or the number of names, do not fit.
 * @example
 * console.log(classificationReport(target, logits.argmax(1), { targetNames: classes }));
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.metrics.classification_report.html
 */
export function classificationReport(
  ...args: [...ReportInputs, options: ClassificationReportOptions & { outputDict: true }]
): ReportDict;
export function classificationReport(
  ...args: [...ReportInputs, options?: ClassificationReportOptions & { outputDict?: false }]
): string;
export function classificationReport(
  ...args: [...ReportInputs, options?: ClassificationReportOptions]
): string | ReportDict {
  const { yTrue, yPred, labels, targetNames, digits, outputDict, zeroDivision } = signature.parse(args);
  checkSameShape(yTrue, yPred);
  const report = makeReport(yTrue, yPred, labels, targetNames, zeroDivision);
  if (!outputDict) return asText(report, digits);
  const all: ReportDict = Object.fromEntries(report.rows);
  if (report.accuracy !== undefined) all.accuracy = report.accuracy;
  return Object.assign(all, report.averages);
}
