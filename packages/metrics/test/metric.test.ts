/** The base of metrics: states, calls, caching, copies, state dicts, gradients, and what goes wrong. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  BinaryAccuracy,
  BinaryAUROC,
  CatMetric,
  MaxMetric,
  MeanMetric,
  MeanSquaredError,
  Metric,
  MinMetric,
  PearsonCorrCoef,
  SumMetric,
} from "@flambeau/metrics";
import torch, { nn, type Tensor } from "flambeau";

const t = (...values: number[]) => torch.tensor(values);

/** How many are equal, and the values themselves. */
class Matches extends Metric<[preds: Tensor, target: Tensor], Tensor> {
  declare correct: Tensor;
  declare seen: Tensor[];
  computed = 0;

  constructor(override readonly fullStateUpdate?: boolean) {
    super();
    this.addState("correct", torch.tensor(0), { distReduceFx: "sum" });
    this.addState("seen", [], { distReduceFx: "cat" });
  }

  update(preds: Tensor, target: Tensor): void {
    this.correct = this.correct.add(preds.eq(target).sum());
    this.seen.push(preds);
  }

  compute(): Tensor {
    this.computed++;
    return this.correct;
  }
}

for (const full of [undefined, true, false]) {
  test(`a call gives the value of the batch and adds it to the state (fullStateUpdate ${full})`, () => {
    const metric = new Matches(full);
    assert.equal(metric(t(1, 2), t(1, 3)).item(), 1);
    assert.equal(metric(t(1, 2), t(1, 2)).item(), 2);
    assert.equal(metric.compute().item(), 3);
    assert.deepEqual(
      metric.seen.map((one) => one.tolist()),
      [
        [1, 2],
        [1, 2],
      ],
    );
    assert.equal(metric.updateCount, 2);
    metric.reset();
    assert.equal(metric.updateCalled, false);
    assert.equal(metric.correct.item(), 0);
    assert.deepEqual(metric.seen, []);
  });
}

test("the value is computed once until the next update, and is a copy", () => {
  const metric = new Matches(false);
  metric.update(t(1), t(1));
  metric.compute().add_(5);
  assert.equal(metric.correct.item(), 1);
  assert.equal(metric.computed, 1);
  metric.compute();
  assert.equal(metric.computed, 1);
  metric.update(t(1), t(1));
  assert.equal(metric.compute().item(), 2);
  metric.computeWithCache = false;
  metric.update(t(1), t(1));
  metric.compute();
  metric.compute();
  assert.equal(metric.computed, 4);
});

test("a batch that does not fit leaves the state as it was", () => {
  for (const metric of [new MeanSquaredError(), new Matches(false), new Matches(true)]) {
    metric.update(t(1, 2), t(1, 4));
    const before = metric.compute().item();
    assert.throws(() => metric(t(1, 2), t(1, 2, 3)));
    assert.throws(() => metric.update(t(1, 2), t(1, 2, 3)));
    assert.equal(metric.updateCount, 1);
    assert.equal(metric.compute().item(), before);
  }
});

test("a call has gradients, and what is kept has none", () => {
  const preds = t(1, 2, 3).requiresGrad_();
  const metric = new MeanSquaredError();
  metric(preds, t(1, 1, 1)).backward();
  assert.deepEqual((preds.grad as Tensor).mul(3).tolist(), [0, 2, 4]);
  assert.equal(metric.compute().requiresGrad, false);
  metric.update(preds, t(1, 1, 1));
  assert.ok(Object.values(metric.metricState).every((state) => !(state as Tensor).requiresGrad));
  const kept = new CatMetric();
  kept.update(preds);
  kept(preds);
  assert.equal(kept.compute().requiresGrad, false);
});

test("a subclass of a metric may compute something else, also when it is called", () => {
  class Percent extends BinaryAccuracy {
    override compute(): Tensor {
      return super.compute().mul(100);
    }
  }
  const metric = new Percent();
  assert.equal(metric(t(1, 0), t(1, 1)).item(), 50);
  assert.equal(metric(t(1), t(1)).item(), 100);
  assert.equal(metric.compute().toString(), "tensor(66.6667)");
  assert.equal(`${metric}`, "Percent()");
});

test("copies have a state of their own", () => {
  const metric = new PearsonCorrCoef();
  metric.update(t(1, 2, 3), t(1, 2, 4));
  const copy = metric.clone();
  assert.ok(copy instanceof PearsonCorrCoef);
  const before = metric.compute().item();
  copy.update(t(5, 1), t(0, 9));
  assert.notEqual(copy.compute().item(), before);
  metric(t(4), t(4));
  assert.equal(copy.updateCount, 2);
});

test("states are in the state dict where they are persistent, under torchmetrics' keys", () => {
  const metric = new MeanSquaredError();
  metric.update(t(1, 2), t(1, 4));
  assert.deepEqual(metric.stateDict(), {});
  metric.persistent(true);
  const state = metric.stateDict();
  assert.deepEqual(Object.keys(state), ["sum_squared_error", "total"]);
  const other = new MeanSquaredError();
  other.persistent(true);
  other.loadStateDict(state);
  assert.equal(other.compute().item(), 2);
  other.update(t(0, 0), t(2, 2));
  assert.equal(other.compute().item(), 3);
  const model = new (class extends nn.Module {
    layer = new nn.Linear(1, 1);
    metric = metric;
  })();
  assert.ok("metric.sum_squared_error" in model.stateDict());
});

test("list states are arrays in the state dict", () => {
  const metric = new BinaryAUROC();
  metric.persistent(true);
  metric.update(t(0.1, 0.2, 0.8), t(0, 1, 1));
  metric.update(t(0.3), t(0));
  const state = metric.stateDict() as Record<string, unknown>;
  assert.equal((state.preds as Tensor[]).length, 2);
  const other = new BinaryAUROC();
  other.persistent(true);
  other.loadStateDict(metric.stateDict());
  assert.equal(other.compute().item(), 0.75);
  assert.throws(() => other.loadStateDict({ ...metric.stateDict(), preds: t(1) }), /array of tensors/);
});

test("a metric in a model keeps its dtype; setDtype changes it", () => {
  const metric = new MeanSquaredError();
  metric.update(t(1), t(2));
  assert.equal(metric.double(), metric);
  assert.equal((metric.metricState.sumSquaredError as Tensor).dtype, torch.float32);
  metric.setDtype(torch.float64);
  assert.equal((metric.metricState.sumSquaredError as Tensor).dtype, torch.float64);
  assert.equal((metric.metricState.total as Tensor).dtype, torch.int64);
});

test("mergeState adds what another metric has seen", () => {
  const [a, b] = [new SumMetric(), new SumMetric()];
  a.update(1);
  b.update(2);
  a.mergeState(b);
  assert.equal(a.compute().item(), 3);
  a.mergeState({ sumValue: torch.tensor(4) });
  assert.equal(a.compute().item(), 7);
  assert.throws(() => a.mergeState(new MaxMetric() as never), /instance of SumMetric but got MaxMetric/);
  assert.throws(() => a.mergeState({ other: torch.tensor(4) }), /Expected state variable sumValue/);
  assert.throws(() => new Matches().mergeState(new Matches()), /fullStateUpdate/);
  assert.equal(a.compute().item(), 7);
});

test("what is no state, or no reduction, is refused", () => {
  const metric = new Matches();
  assert.throws(() => metric.addState("x", 3 as never), /tensor or any empty list/);
  assert.throws(() => metric.addState("x", [t(1)] as never), /tensor or any empty list/);
  assert.throws(() => metric.addState("x", [], { distReduceFx: "prod" as never }), /must be callable or one of/);
});

test("values are aggregated", () => {
  const make = [new SumMetric(), new MeanMetric(), new MaxMetric(), new MinMetric(), new CatMetric()];
  for (const metric of make) {
    metric.update(1);
    metric.update(t(2, 3));
  }
  assert.deepEqual(
    make.map((metric) => metric.compute().tolist()),
    [6, 2, 3, 1, [1, 2, 3]],
  );
  const mean = new MeanMetric();
  mean.update(t(1, 3), t(3, 1));
  mean.update(6, 4);
  assert.equal(mean.compute().item(), 30 / 8);
  assert.deepEqual([...new CatMetric().compute().shape], [0]);
  const greatest = new MaxMetric();
  greatest.update(torch.zeros(0));
  assert.equal(greatest.compute().item(), Number.NEGATIVE_INFINITY);
});

test("NaN is dropped, refused, or replaced", () => {
  const given = t(1, NaN, 3);
  const sum = (strategy: "error" | "warn" | "ignore" | "disable" | number) => {
    const metric = new SumMetric({ nanStrategy: strategy });
    metric.update(given);
    return metric.compute().item();
  };
  assert.equal(sum("ignore"), 4);
  assert.equal(sum("warn"), 4);
  assert.equal(sum(2), 6);
  assert.ok(Number.isNaN(sum("disable")));
  assert.throws(() => sum("error"), /Encountered `nan` values in tensor/);
  assert.throws(() => new SumMetric("never" as never), TypeError);
  const mean = new MeanMetric("ignore");
  mean.update(t(1, 2, 3), t(1, NaN, 1));
  assert.equal(mean.compute().item(), 2);
});

test("wrong arguments are errors that name them", () => {
  assert.throws(() => new MeanSquaredError({ square: false } as never), /unexpected option 'square'.*'squared'/);
  assert.throws(() => new MeanSquaredError({ numOutputs: 0 }), RangeError);
  assert.throws(() => new MeanSquaredError().update(t(1), [1] as never), /argument 'target' must be Tensor/);
  assert.throws(() => (new MeanSquaredError() as Metric).update(t(1)), /missing 1 required argument: 'target'/);
});
