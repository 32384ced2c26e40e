/** Pictures of metrics: what is drawn, and in which axes. */
import assert from "node:assert/strict";
import { afterEach, test } from "node:test";
import {
  BinaryAccuracy,
  BinaryROC,
  ClassificationSummary,
  MeanSquaredError,
  MetricCollection,
  MetricTracker,
  MulticlassConfusionMatrix,
  MulticlassRecall,
  MulticlassROC,
  MultilabelConfusionMatrix,
} from "@flambeau/metrics";
import plt, { type Axes, type Figure } from "@flambeau/pyplot";
import torch from "flambeau";

const target = torch.tensor([0, 1, 2, 1, 0, 2]);
const preds = torch.tensor([0, 1, 1, 1, 2, 2]);
const scores = torch.nn.functional.oneHot(preds.long(), 3).float();

afterEach(() => plt.close("all"));

test("a value is a point between its bounds, several are points with a legend", () => {
  const metric = new BinaryAccuracy();
  metric.update(torch.tensor([1, 1]), torch.tensor([1, 0]));
  const [figure, ax] = metric.plot() as [Figure, Axes];
  assert.equal(figure.axes[0], ax);
  assert.equal(ax.getYlabel(), "BinaryAccuracy");
  assert.deepEqual(
    ax.getYlim().map((one) => Number(one.toFixed(6))),
    [-0.1, 1.1],
  );
  const recall = new MulticlassRecall(3, { average: null });
  recall.update(preds, target);
  const [, several] = recall.plot() as [Figure, Axes];
  assert.deepEqual(several.getLegendHandlesLabels()[1], ["Class 0", "Class 1", "Class 2"]);
});

test("several values are a line over the steps, in the given axes", () => {
  const [, grid] = plt.subplots(1, 2) as [Figure, Axes[]];
  const ax = grid[1] as Axes;
  const metric = new MeanSquaredError();
  const values = [1, 2, 3].map((i) => metric(torch.tensor([0]), torch.tensor([i])));
  const [figure, drawn] = metric.plot(values, ax);
  assert.equal(figure, null);
  assert.equal(drawn, ax);
  assert.equal(ax.getXlabel(), "Step");
  assert.deepEqual(ax.getXticks(), [0, 1, 2]);
  assert.ok(ax.getYlim()[1] > 9);
  assert.throws(() => metric.plot("no value"), TypeError);
  assert.throws(() => metric.plot(values, { ax: 3 as never }), /argument 'ax' must be Axes/);
});

test("a confusion matrix has the names of the classes, and a picture for each label", () => {
  const metric = new MulticlassConfusionMatrix(3);
  metric.update(preds, target);
  const [figure, ax] = metric.plot(undefined, { labels: ["horse", "fish", "dog"] }) as [Figure, Axes];
  assert.deepEqual(ax.getXticklabels(), ["horse", "fish", "dog"]);
  assert.equal(ax.getXlabel(), "Predicted class");
  assert.equal(ax.getYlabel(), "True class");
  assert.equal(figure.axes.length, 1);
  assert.throws(() => metric.plot(undefined, { labels: ["a"] }), /match number of labels/);
  const labels = new MultilabelConfusionMatrix(3);
  labels.update(scores, scores.long());
  const [, all] = labels.plot() as [Figure, Axes[]];
  assert.deepEqual(
    all.map((one) => one.getTitle()),
    ["Label 0", "Label 1", "Label 2"],
  );
  const summary = new ClassificationSummary(3, { classNames: ["a", "b", "c"] });
  summary.update(preds, target);
  const [, named] = summary.plot() as [Figure, Axes];
  assert.deepEqual(named.getYticklabels(), ["a", "b", "c"]);
});

test("curves have their areas in the legend if they are asked for", () => {
  const metric = new BinaryROC();
  metric.update(torch.tensor([0.1, 0.4, 0.35, 0.8]), torch.tensor([0, 0, 1, 1]));
  const [, ax] = metric.plot(undefined, { score: true }) as [Figure, Axes];
  assert.deepEqual(ax.getLegendHandlesLabels()[1], ["AUC=0.750"]);
  assert.equal(ax.getXlabel(), "False positive rate");
  const several = new MulticlassROC(3);
  several.update(scores, target);
  const [, drawn] = several.plot(undefined, { labels: ["a", "b", "c"] }) as [Figure, Axes];
  assert.deepEqual(drawn.getLegendHandlesLabels()[1], ["a", "b", "c"]);
});

test("collections and trackers are drawn", () => {
  const metrics = new MetricCollection({ recall: new MulticlassRecall(3), matrix: new MulticlassConfusionMatrix(3) });
  metrics.update(preds, target);
  const plots = metrics.plot();
  assert.equal(plots.length, 2);
  const both = new MetricCollection({ a: new MulticlassRecall(3), b: new MulticlassRecall(3, { average: "micro" }) });
  const steps = [0, 1].map(() => both(preds, target));
  const [[, ax]] = both.plot(steps, { together: true }) as [[Figure, Axes]];
  assert.deepEqual(ax.getLegendHandlesLabels()[1], ["a", "b"]);
  const tracker = new MetricTracker(new MulticlassRecall(3));
  for (let i = 0; i < 3; i++) {
    tracker.increment();
    tracker.update(preds, target);
  }
  const [, line] = tracker.plot() as [Figure, Axes];
  assert.deepEqual(line.getXticks(), [0, 1, 2]);
});
