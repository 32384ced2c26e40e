/** Wrong calls are compile errors (each expected below), and errors at run time before anything is counted. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Accuracy,
  accuracy,
  BinaryAccuracy,
  fbetaScore,
  functional,
  MeanSquaredError,
  Metric,
  MetricCollection,
  MulticlassAccuracy,
  MultioutputWrapper,
  meanSquaredError,
  RunningMean,
} from "@flambeau/metrics";
import torch, { type Tensor } from "flambeau";

const labels = torch.tensor([0, 1, 2]);

test("options of another task, wrong words and missing ones are refused", () => {
  // @ts-expect-error the number of classes is missing
  assert.throws(() => accuracy(labels, labels, { task: "multiclass" }), /missing 1 required argument: 'numClasses'/);
  // @ts-expect-error several classes have no threshold
  const other = () => accuracy(labels, labels, { task: "multiclass", numClasses: 3, threshold: 0.5 });
  assert.throws(other, /unexpected option 'threshold'/);
  // @ts-expect-error no such average
  assert.throws(() => accuracy(labels, labels, { task: "multiclass", numClasses: 3, average: "mean" }), TypeError);
  // @ts-expect-error the task is missing
  assert.throws(() => accuracy(labels, labels, { numClasses: 3 }), /missing 1 required argument: 'task'/);
  // @ts-expect-error no such task
  assert.throws(() => new Accuracy({ task: "many", numClasses: 3 }), /must be one of "binary", "multiclass", "multi/);
  // @ts-expect-error a switch is named
  assert.throws(() => meanSquaredError(labels, labels, false), /'squared' is a named option/);
  // @ts-expect-error a switch is named
  assert.throws(() => new MeanSquaredError(false), /'squared' is a named option/);
  // @ts-expect-error both are needed
  assert.throws(() => new BinaryAccuracy()(labels), /missing 1 required argument: 'target'/);
});

test("places and names are the same", () => {
  const value: Tensor = new MulticlassAccuracy(3, 2, { average: "micro" })(torch.eye(3), labels);
  const named: Tensor = new MulticlassAccuracy(3, { topK: 2, average: "micro" })(torch.eye(3), labels);
  assert.equal(value.item(), named.item());
  const preds = torch.tensor([0, 0, 2]);
  const micro = accuracy(preds, labels, { task: "multiclass", numClasses: 3 }).item();
  assert.equal(accuracy(preds, labels, { task: "multiclass", numClasses: 3, average: undefined }).item(), micro);
  assert.equal(new BinaryAccuracy(0.2).threshold, new BinaryAccuracy({ threshold: 0.2 }).threshold);
  assert.equal(fbetaScore(labels.gt(0), labels.gt(0), { task: "binary", beta: 2 }).item(), 1);
});

test("numbers out of range are RangeErrors", () => {
  const call = (options: object) => () => accuracy(labels, labels, options as never);
  assert.throws(call({ task: "binary", threshold: 2 }), RangeError);
  assert.throws(call({ task: "multiclass", numClasses: 1 }), RangeError);
  assert.throws(call({ task: "multiclass", numClasses: 3, topK: 4 }), RangeError);
  assert.throws(call({ task: "multiclass", numClasses: 3, topK: 2 }), /scores of all classes/);
});

test("what does not fit is an error with the shapes and labels", () => {
  const call = (preds: Tensor, target: Tensor) => () => accuracy(preds, target, { task: "multiclass", numClasses: 3 });
  assert.throws(call(torch.zeros(3, 4), labels), /equal to number of classes, but got 4 and 3/);
  assert.throws(call(torch.zeros(2), labels), /torch.Size\(\[2\]\) and `target` with shape=torch.Size\(\[3\]\)/);
  assert.throws(call(labels.add(1), labels), /unique values|following values in `preds`: tensor\(\[1., 2., 3.\]\)/);
  assert.throws(call(labels, labels.add(0.5)), /in `target`: tensor\(\[0.5000, 1.5000, 2.5000\]\)/);
});

test("no call reads something of nothing", () => {
  const odd = [undefined, null, 3, "text", ["text"], torch.zeros(0), torch.tensor(1), torch.rand(2, 3)];
  const isSaid = (error: unknown) =>
    error instanceof Error && !/undefined|not a function|Cannot read|not iterable/.test(error.message);
  for (const call of Object.values(functional) as ((...args: unknown[]) => unknown)[]) {
    for (const a of odd) {
      for (const b of odd) {
        try {
          call(a, b, { task: "binary" });
        } catch (error) {
          assert.ok(isSaid(error), String(error));
        }
      }
    }
  }
  assert.throws(() => new MultioutputWrapper(new MeanSquaredError(), 2).update(null, 3), /must be list of Tensors/);
  assert.equal(new RunningMean(null as never).window, 5);
});

test("no samples at all give 0", () => {
  const none = torch.zeros(0);
  assert.equal(accuracy(none, none, { task: "binary" }).item(), 0);
  assert.equal(accuracy(none, none, { task: "multiclass", numClasses: 3 }).item(), 0);
  assert.equal(accuracy(torch.zeros(0, 3), none, { task: "multiclass", numClasses: 3, average: "macro" }).item(), 0);
  assert.equal(accuracy(torch.zeros(0, 3), torch.zeros(0, 3), { task: "multilabel", numLabels: 3 }).item(), 0);
});

test("the types of values, collections and classes of one's own hold", () => {
  const metrics = new MetricCollection<Tensor>({ a: new BinaryAccuracy(), b: new MeanSquaredError() });
  const value: Tensor | undefined = metrics(torch.ones(1), torch.ones(1)).a;
  assert.equal(value?.item(), 1);
  class Last extends Metric<[x: Tensor], Tensor> {
    value = torch.tensor(0);
    update(x: Tensor) {
      this.value = x;
    }
    compute(): Tensor {
      return this.value;
    }
  }
  const last: Tensor = new Last()(torch.tensor(3));
  assert.equal(last.item(), 3);
});
