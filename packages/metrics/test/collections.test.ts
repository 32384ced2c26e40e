/** Several metrics together, arithmetic of metrics, wrappers, and trackers. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BinaryAccuracy,
  BootStrapper,
  ClasswiseWrapper,
  CompositionalMetric,
  ExplainedVariance,
  MeanSquaredError,
  Metric,
  MetricCollection,
  MetricTracker,
  MinMaxMetric,
  MulticlassAccuracy,
  MulticlassConfusionMatrix,
  MulticlassPrecision,
  MulticlassRecall,
  MultioutputWrapper,
  MultitaskWrapper,
  R2Score,
  Running,
  RunningMean,
  RunningSum,
  SumMetric,
} from "@flambeau/metrics";
import torch, { type Tensor } from "flambeau";

const t = (...values: number[]) => torch.tensor(values);
const target = t(0, 2, 0, 2, 0, 1, 0, 2);
const preds = t(2, 1, 2, 0, 1, 2, 2, 2);
const rounded = (values: Record<string, Tensor>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Number(value.item().toFixed(4))]));

test("a collection gives the values by name, as torchmetrics documents them", () => {
  const metrics = new MetricCollection([
    new MulticlassAccuracy(3, { average: "micro" }),
    new MulticlassPrecision(3, { average: "macro" }),
    new MulticlassRecall(3, { average: "macro" }),
  ]);
  const expected = { MulticlassAccuracy: 0.125, MulticlassPrecision: 0.0667, MulticlassRecall: 0.1111 };
  assert.deepEqual(rounded(metrics(preds, target)), expected);
  assert.deepEqual(rounded(metrics.compute()), expected);
  metrics.update(preds, target);
  assert.deepEqual(rounded(metrics.compute()), expected);
  assert.equal(metrics.at("MulticlassRecall").updateCount, 2);
});

test("metrics that measure the same share it; the others do not", () => {
  const metrics = new MetricCollection({
    micro: new MulticlassAccuracy(3, { average: "micro" }),
    recall: new MulticlassRecall(3),
    top: new MulticlassRecall(3, { topK: 2 }),
    matrix: new MulticlassConfusionMatrix(3),
    shown: new MulticlassConfusionMatrix(3, { normalize: "true" }),
  });
  assert.deepEqual(metrics.computeGroups, { 0: ["matrix", "shown"], 1: ["micro", "recall"], 2: ["top"] });
  const scores = torch.nn.functional.oneHot(preds.long(), 3).float();
  for (let i = 0; i < 3; i++) metrics.update(scores, target);
  metrics(scores, target);
  const alone = new MulticlassRecall(3);
  for (let i = 0; i < 4; i++) alone.update(preds, target);
  assert.equal(metrics.compute().recall?.item(), alone.compute().item());
  assert.equal(metrics.at("recall").updateCount, 4);
  assert.equal(new MetricCollection([new BinaryAccuracy()], { computeGroups: false }).length, 1);
  const given = { computeGroups: [["a", "b"]] };
  const two = new MetricCollection({ a: new SumMetric(), b: new SumMetric() }, given);
  two.update(2);
  assert.deepEqual(rounded(two.compute()), { a: 2, b: 2 });
  assert.throws(() => new MetricCollection({ a: new SumMetric() }, given), /does not match a metric/);
});

test("names have what stands before and after them", () => {
  const metrics = new MetricCollection([new BinaryAccuracy()], { prefix: "val_", postfix: "_1" });
  assert.deepEqual(metrics.keys(), ["val_BinaryAccuracy_1"]);
  assert.deepEqual(metrics.keys({ keepBase: true }), ["BinaryAccuracy"]);
  const copy = metrics.clone({ prefix: "test_" });
  copy.update(t(1), t(1));
  assert.deepEqual(Object.keys(copy.compute()), ["test_BinaryAccuracy_1"]);
  assert.equal(metrics.at("val_BinaryAccuracy_1").updateCount, 0);
  assert.equal(
    `${metrics}`,
    "MetricCollection(\n  (BinaryAccuracy): BinaryAccuracy(),\n  prefix=val_,\n  postfix=_1\n)",
  );
  assert.throws(() => metrics.at("other"), /no key 'other'/);
});

test("collections take one metric, several, an object and other collections", () => {
  assert.deepEqual(new MetricCollection(new SumMetric()).keys(), ["SumMetric"]);
  assert.deepEqual(new MetricCollection(new SumMetric(), new BinaryAccuracy(), { prefix: "a_" }).keys(), [
    "a_SumMetric",
    "a_BinaryAccuracy",
  ]);
  const inner = new MetricCollection([new BinaryAccuracy()], { prefix: "in_" });
  assert.deepEqual(new MetricCollection({ b: new SumMetric(), a: inner }).keys(), ["a_in_BinaryAccuracy", "b"]);
  assert.throws(() => new MetricCollection([new SumMetric(), new SumMetric()]), /two metrics both named SumMetric/);
  assert.throws(() => new MetricCollection([3 as never]), TypeError);
  assert.throws(() => new MetricCollection([new SumMetric()], { prefx: "a" } as never), /unexpected option 'prefx'/);
});

test("the state of a collection can be saved and loaded", () => {
  const make = () => new MetricCollection([new MulticlassAccuracy(3), new MulticlassConfusionMatrix(3)]);
  const [metrics, other] = [make(), make()];
  metrics.update(preds, target);
  for (const one of [metrics, other]) one.persistent();
  other.loadStateDict(metrics.stateDict());
  assert.deepEqual(
    Object.values(other.compute()).map((one) => one.tolist()),
    Object.values(metrics.compute()).map((one) => one.tolist()),
  );
});

test("metrics can be added, multiplied and compared", () => {
  const [precision, recall] = [new MulticlassPrecision(3), new MulticlassRecall(3)];
  const f1 = precision.mul(recall).mul(2).div(precision.add(recall));
  f1.update(preds, target);
  const [p, r] = [precision.compute().item(), recall.compute().item()];
  assert.ok(Math.abs((f1.compute() as Tensor).item() - (2 * p * r) / (p + r)) < 1e-6);
  const error = new CompositionalMetric(torch.sub, 1, new BinaryAccuracy());
  assert.equal((error(t(1, 1), t(1, 0)) as Tensor).item(), 0.5);
  assert.equal((error(t(1, 1), t(1, 1)) as Tensor).item(), 0);
  assert.equal((error.compute() as Tensor).item(), 0.25);
  error.reset();
  const sum = new SumMetric();
  sum.update(-2);
  const cases = [sum.abs(), sum.neg(), sum.pow(2), sum.lt(0), sum.sub(t(1)), sum.remainder(3)];
  assert.deepEqual(
    cases.map((one) => (one.compute() as Tensor).item()),
    [2, 2, 4, 1, -3, 1],
  );
  const each = new MulticlassRecall(3, { average: null });
  each.update(preds, target);
  assert.equal((each.at(2).compute() as Tensor).item(), each.compute().at(2).item());
  assert.equal(`${sum.add(1)}`, "CompositionalMetric(\n  add(\n    SumMetric(),\n    1\n  )\n)");
  assert.ok(sum.add(1) instanceof Metric);
});

test("a value for each class has a name", () => {
  const metric = new ClasswiseWrapper(new MulticlassRecall(3, { average: null }), ["horse", "fish", "dog"]);
  const expected = { multiclassrecall_horse: 0, multiclassrecall_fish: 0, multiclassrecall_dog: 0.3333 };
  assert.deepEqual(rounded(metric(preds, target)), expected);
  assert.deepEqual(rounded(metric.compute()), expected);
  const named = new ClasswiseWrapper(new MulticlassRecall(3, { average: null }), { prefix: "recall-" });
  const both = new MetricCollection({ a: named, b: new MulticlassAccuracy(3) });
  assert.deepEqual(Object.keys(both(preds, target)), ["recall-0", "recall-1", "recall-2", "b"]);
});

test("the states of metrics in wrappers and trackers can be saved and loaded", () => {
  const make = () => new ClasswiseWrapper(new MulticlassRecall(3, { average: null }));
  const [metric, other] = [make(), make()];
  for (const one of [metric, other]) one.persistent(true);
  metric.update(preds, target);
  assert.ok("metric.tp" in metric.stateDict());
  other.loadStateDict(metric.stateDict());
  assert.deepEqual(rounded(other.compute()), rounded(metric.compute()));
  const tracker = new MetricTracker(new BinaryAccuracy());
  tracker.increment();
  for (const one of tracker) (one as unknown as Metric).persistent(true);
  assert.deepEqual(Object.keys(tracker.stateDict()), ["0.tp", "0.fp", "0.tn", "0.fn"]);
  assert.equal(tracker.parameters().length, 0);
});

test("the least and the greatest value are kept", () => {
  const metric = new MinMaxMetric(new BinaryAccuracy());
  const all = (value: object) => rounded(value as Record<string, Tensor>);
  assert.deepEqual(all(metric(t(1, 1), t(1, 0))), { raw: 0.5, max: 0.5, min: 0.5 });
  metric.update(t(1, 1), t(1, 1));
  assert.deepEqual(all(metric.compute()), { raw: 0.75, max: 0.75, min: 0.5 });
  metric.reset();
  metric.update(t(0), t(1));
  assert.deepEqual(all(metric.compute()), { raw: 0, max: 0.75, min: 0 });
  const several = new MinMaxMetric(new MulticlassRecall(3, { average: null }));
  several.update(preds, target);
  assert.throws(() => several.compute(), /should be a float or scalar tensor/);
});

test("outputs have a value each, without samples that are NaN", () => {
  const metric = new MultioutputWrapper(new R2Score(), 2);
  const truth = torch.tensor([
    [0.5, 1],
    [-1, 1],
    [7, -6],
  ]);
  const given = torch.tensor([
    [0, 2],
    [-1, 2],
    [8, -5],
  ]);
  assert.equal(`${metric(given, truth)}`, "tensor([0.9654, 0.9082])");
  const withNan = torch.cat([given, torch.tensor([[NaN, 3]])]);
  metric.reset();
  metric.update(withNan, torch.cat([truth, torch.tensor([[1, 3]])]));
  assert.equal(metric.compute().at(0).item().toFixed(4), "0.9654");
});

test("a bootstrapped metric gives a mean and a deviation", () => {
  torch.manualSeed(123);
  const metric = new BootStrapper(new MulticlassAccuracy(5, { average: "micro" }), 20, { raw: true, quantile: 0.5 });
  metric.update(torch.randint(0, 5, [20]), torch.randint(0, 5, [20]));
  const { mean, std, raw, quantile } = metric.compute() as Record<"mean" | "std" | "raw" | "quantile", Tensor>;
  assert.deepEqual([...raw.shape], [20]);
  assert.equal(mean.item(), raw.mean().item());
  assert.equal(std.item(), raw.std().item());
  assert.equal(quantile.item(), torch.quantile(raw, 0.5).item());
  // The numbers that torchmetrics documents for this seed.
  assert.deepEqual([mean.item().toFixed(4), std.item().toFixed(4)], ["0.2205", "0.0859"]);
});

test("a window has the last batches", () => {
  const [mean, sum] = [new RunningMean(3), new RunningSum({ window: 3 })];
  const values = [0, 1, 2, 3, 4, 5].map((i) => {
    assert.equal((mean(i) as Tensor).item(), i);
    sum.update(i);
    return [mean, sum].map((one) => (one.compute() as Tensor).item());
  });
  assert.deepEqual(values, [
    [0, 0],
    [0.5, 1],
    [1, 3],
    [2, 6],
    [3, 9],
    [4, 12],
  ]);
  const accuracy = new Running(new BinaryAccuracy(), 1);
  accuracy.update(t(1), t(0));
  accuracy.update(t(1), t(1));
  assert.equal((accuracy.compute() as Tensor).item(), 1);
  accuracy.reset();
  accuracy.update(t(1), t(0));
  assert.equal((accuracy.compute() as Tensor).item(), 0);
  assert.throws(() => new Running(new BinaryAccuracy(), 0), RangeError);
});

test("tasks have their own metrics", () => {
  const metric = new MultitaskWrapper({ kind: new BinaryAccuracy(), size: new MeanSquaredError() }, { prefix: "t_" });
  metric.update({ kind: t(0, 0, 1), size: t(3, 5, 2) }, { kind: t(0, 1, 0), size: t(2.5, 5, 4) });
  const values = metric.compute() as Record<string, Tensor>;
  assert.deepEqual(rounded(values), { t_kind: 0.3333, t_size: 1.4167 });
  assert.throws(() => metric.update({ kind: t(1) }, { kind: t(1) }), /same keys/);
});

test("a tracker has the best of all steps", () => {
  const tracker = new MetricTracker(new BinaryAccuracy());
  assert.throws(() => tracker.update(t(1), t(1)), /before `.increment\(\)`/);
  for (const right of [1, 3, 2]) {
    tracker.increment();
    tracker.update(t(1, 1, 1), torch.arange(3).lt(right).long());
  }
  assert.equal(tracker.nSteps, 3);
  assert.deepEqual(tracker.bestMetric({ returnStep: true }), [1, 1]);
  assert.equal(`${tracker.computeAll()}`, "tensor([0.3333, 1.0000, 0.6667])");
  const several = new MetricTracker(new MetricCollection([new MeanSquaredError(), new ExplainedVariance()]));
  assert.deepEqual(several.maximize, [false, true]);
  for (const step of [1, 2, 3]) {
    several.increment();
    several.update(t(1, 2, 3 + step), t(1, 2, 3));
  }
  const [best, steps] = several.bestMetric({ returnStep: true });
  assert.deepEqual(steps, { MeanSquaredError: 0, ExplainedVariance: 0 });
  assert.ok(Math.abs(best.MeanSquaredError - 1 / 3) < 1e-6);
  assert.throws(() => new MetricTracker(new SumMetric()), /'higherIsBetter'/);
  assert.throws(() => new MetricTracker({} as never), TypeError);
});
