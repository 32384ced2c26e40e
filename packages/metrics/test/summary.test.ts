/** The summary of a classifier has the numbers of the notes' test loop. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ClassificationSummary, functional } from "@flambeau/metrics";
import torch from "flambeau";

const preds = torch.tensor([0, 2, 2, 1, 0, 1, 3, 0, 2, 2], { dtype: torch.long });
const labels = torch.tensor([0, 1, 2, 2, 0, 2, 3, 1, 2, 0], { dtype: torch.long });

/** What the notes compute for one class, by counting. */
function byHand(cla: number): number[] {
  const [p, l] = [preds, labels].map((one) => one.tolist() as number[]) as [number[], number[]];
  const count = (isP: boolean, isL: boolean) =>
    p.filter((one, i) => (one === cla) === isP && (l[i] === cla) === isL).length;
  const [tp, fp, fn, tn] = [count(true, true), count(true, false), count(false, true), count(false, false)];
  const share = (a: number, b: number) => (a + b > 0 ? a / (a + b) : 0);
  const [precision, recall] = [share(tp, fp), share(tp, fn)];
  const f1 = precision + recall > 0 ? (2 * precision * recall) / (precision + recall) : 0;
  return [precision, recall, f1, share(fn, tp), share(tn, fp), share(fp, tn), tp + fn];
}

test("rates of each class and their weighted means are the notes'", () => {
  const summary = new ClassificationSummary(4, { classNames: ["a", "b", "c", "d"] });
  summary.update(preds.narrow(0, 0, 6), labels.narrow(0, 0, 6), 1.5);
  summary.update(preds.narrow(0, 6, 4), labels.narrow(0, 6, 4), torch.tensor(0.5));
  const { accuracy, loss, weighted, classes, confusionMatrix } = summary.compute();
  assert.equal(accuracy, 0.5);
  assert.equal(loss, 1);
  const rows = [0, 1, 2, 3].map(byHand);
  classes.forEach(({ name, support, ...rates }, i) => {
    assert.equal(name, "abcd"[i]);
    [...Object.values(rates), support].forEach((value, k) =>
      assert.ok(Math.abs(value - (rows[i]?.[k] as number)) < 1e-12),
    );
  });
  Object.values(weighted).forEach((value: number, k) => {
    const mean = rows.reduce((sum, row) => sum + (row[k] as number) * (row[6] as number), 0) / 10;
    assert.ok(Math.abs(value - mean) < 1e-12);
  });
  assert.equal(confusionMatrix.sum().item(), 10);
});

test("the summary is printed as a table", () => {
  const summary = new ClassificationSummary(2, { classNames: ["shirt", "coat"] });
  summary.update(torch.tensor([0, 1, 1, 1]), torch.tensor([0, 0, 1, 1]));
  assert.equal(
    `${summary.compute()}`,
    [
      "Accuracy: 75.0%",
      "Precision: 0.8333, Recall: 0.7500, F1-Score: 0.7333",
      "FNR: 0.2500, Specificity: 0.7500, FPR: 0.2500",
      "",
      "        precision      recall    f1-score         FNR specificity         FPR     support",
      "shirt      1.0000      0.5000      0.6667      0.5000      1.0000      0.0000           2",
      "coat       0.6667      1.0000      0.8000      0.0000      0.5000      0.5000           2",
    ].join("\n"),
  );
});

test("the false rates are what is missing to recall and specificity", () => {
  const options = { task: "multiclass", numClasses: 4, average: null } as const;
  const sum = (a: torch.Tensor, b: torch.Tensor) => a.add(b).tolist();
  const { falseNegativeRate, falsePositiveRate, recall, specificity } = functional;
  assert.deepEqual(sum(falseNegativeRate(preds, labels, options), recall(preds, labels, options)), [1, 1, 1, 1]);
  assert.deepEqual(sum(falsePositiveRate(preds, labels, options), specificity(preds, labels, options)), [1, 1, 1, 1]);
  const weighted = { ...options, average: "weighted" } as const;
  const total = falseNegativeRate(preds, labels, weighted).add(recall(preds, labels, weighted));
  assert.ok(Math.abs(total.item() - 1) < 1e-6);
});

test("wrong classes and names are refused before anything is counted", () => {
  assert.throws(() => new ClassificationSummary(1), RangeError);
  assert.throws(() => new ClassificationSummary(3, { classNames: ["a"] }), /as many classNames/);
  const summary = new ClassificationSummary(3);
  assert.throws(() => summary.update(torch.tensor([3]), torch.tensor([0])), /`preds`: tensor\(\[3\.\]\)/);
  assert.equal(summary.compute().accuracy, 0);
});
