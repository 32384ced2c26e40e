/** Losses over classes against values that PyTorch 1.13 gave. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  crossEntropy,
  crossEntropyBackward,
  type LossReduction,
  nllLoss,
  nllLossBackward,
} from "../../src/backend/cpu/loss.js";
import { softmax } from "../../src/backend/cpu/softmax.js";
import type { ArrayView } from "../../src/core/view.js";
import { viewOf } from "../support/views.js";

const longs = (...values: number[]) => BigInt64Array.from(values, BigInt);

function assertClose(got: ArrayLike<number>, want: readonly number[], tolerance: number, message?: string): void {
  assert.equal(got.length, want.length);
  want.forEach((value, i) => {
    assert.ok(Math.abs((got[i] as number) - value) <= tolerance, `${message}: ${got[i]} for ${value}`);
  });
}

const weights = Float32Array.of(1, 2, 0.5);
const logits = Float32Array.of(1, 2, 0.5, 0, -1, 3, 0.2, 0.2, 0.2, 4, 1, -2);

type Options = [weighted: boolean, ignore: number, reduction: LossReduction, smoothing: number];
type Row = [...options: Options, loss: number[], grad: number[]];

const crossEntropies: Row[] = [
  [
    false,
    -100,
    "mean",
    0,
    [1.1699526],
    [
      0.057806, -0.0928671, 0.0350611, 0.0116532, 0.004287, -0.0159401, -0.1666667, 0.0833333, 0.0833333, 0.2375826,
      -0.2381715, 0.0005889,
    ],
  ],
  [
    false,
    -100,
    "sum",
    0.1,
    [4.9964771],
    [
      0.1978905, -0.3048016, 0.106911, 0.0132793, -0.0161855, 0.0029062, -0.6, 0.3, 0.3, 0.9169969, -0.8860192,
      -0.0309777,
    ],
  ],
  [
    false,
    2,
    "mean",
    0.1,
    [1.5657535],
    [0.0659635, -0.1016005, 0.035637, 0, 0, 0, -0.2, 0.1, 0.1, 0.3056656, -0.2953397, -0.0103259],
  ],
  [
    false,
    2,
    "none",
    0,
    [0.4643688, 0, 1.0986123, 3.0509458],
    [0.2312239, -0.3714683, 0.1402444, 0, 0, 0, -0.6666667, 0.3333333, 0.3333333, 0.9503303, -0.9526858, 0.0023556],
  ],
  [
    true,
    -100,
    "mean",
    0.1,
    [1.5030804],
    [
      0.0745174, -0.1203602, 0.0458427, -0.0012581, -0.0103545, 0.0116126, -0.1080808, 0.0494949, 0.0585859, 0.3251151,
      -0.3229057, -0.0022094,
    ],
  ],
  [
    true,
    -100,
    "none",
    0.1,
    [0.9483736, 0.4040009, 1.1169225, 5.7976456],
    [
      0.4098458, -0.6619809, 0.2521351, -0.0069195, -0.0569496, 0.0638691, -0.5944445, 0.2722222, 0.3222222, 1.7881329,
      -1.7759812, -0.0121517,
    ],
  ],
  [
    true,
    2,
    "mean",
    0,
    [1.6258482],
    [0.0924896, -0.1485873, 0.0560978, 0, 0, 0, -0.1333333, 0.0666667, 0.0666667, 0.3801321, -0.3810743, 0.0009423],
  ],
];

test("cross entropy and its gradient, also of logits in column order", () => {
  const columns = Float32Array.from(logits, (_, i) => logits[(i % 4) * 3 + Math.floor(i / 4)] as number);
  const target = viewOf(longs(1, 2, 0, 1));
  for (const [weighted, ignore, reduction, smoothing, loss, grad] of crossEntropies) {
    const weight = weighted ? viewOf(weights) : undefined;
    for (const input of [viewOf(logits, [4, 3]), viewOf(columns, [4, 3], { strides: [1, 4] })]) {
      const out = new Float32Array(loss.length),
        total = viewOf(new Float32Array(1), []);
      const logProbs = new Float32Array(12),
        gradInput = new Float32Array(12);
      const outView = viewOf(out, reduction === "none" ? [4] : []);
      crossEntropy(outView, total, viewOf(logProbs, [4, 3]), input, target, weight, ignore, reduction, smoothing);
      assertClose(out, loss, 1e-6, "loss");
      const each = reduction === "none";
      const ones = viewOf(Float32Array.of(1), each ? [4] : [], { strides: each ? [0] : [] });
      crossEntropyBackward(
        viewOf(gradInput, [4, 3]),
        ones,
        viewOf(logProbs, [4, 3]),
        target,
        weight,
        total,
        ignore,
        reduction,
        smoothing,
      );
      assertClose(gradInput, grad, 1e-6, "gradient");
    }
  }
});

test("negative log-likelihood at positions, with weights and an ignored target", () => {
  const sizes = [2, 3, 4];
  const logProbs = viewOf(new Float32Array(24), sizes);
  softmax(
    logProbs,
    viewOf(
      Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)),
      sizes,
    ),
    1,
    true,
  );
  const target = viewOf(longs(0, 1, 2, 2, 1, 0, -100, 2), [2, 4]);
  const out = new Float32Array(1),
    total = new Float32Array(1),
    grad = new Float32Array(24);
  const run = (reduction: LossReduction) => {
    nllLoss(viewOf(out, []), viewOf(total, []), logProbs, target, viewOf(weights), -100, reduction);
    const one = viewOf(Float32Array.of(1), []);
    nllLossBackward(viewOf(grad, sizes), one, target, viewOf(weights), viewOf(total, []), -100, reduction);
  };
  const sums = [-1, 0, 0, 0, 0, -2, 0, 0, 0, 0, -0.5, -0.5, 0, -1, 0, 0, -2, 0, 0, 0, 0, 0, 0, -0.5];
  run("sum");
  assertClose(out, [13.6085148], 2e-6);
  assertClose(grad, sums, 0);
  assert.equal(total[0], 7.5);
  run("mean");
  assertClose(out, [1.8144686], 1e-6);
  assertClose(
    grad,
    sums.map((value) => value / 7.5),
    1e-7,
  );
});

test("one loss for each target", () => {
  const logProbs = viewOf(Float32Array.of(-1, -2, -3, -4, -5, -6), [2, 3, 1]);
  const out = new Float32Array(2).fill(9),
    total = new Float32Array(1),
    grad = new Float32Array(6).fill(9);
  const target = viewOf(longs(2, 0), [2, 1]);
  nllLoss(viewOf(out, [2, 1]), viewOf(total, []), logProbs, target, undefined, 0, "none");
  assert.deepEqual([...out], [3, 0]);
  const gradOut = viewOf(Float32Array.of(10, 20), [2, 1]);
  nllLossBackward(viewOf(grad, [2, 3, 1]), gradOut, target, undefined, viewOf(total, []), 0, "none");
  assertClose(grad, [0, 0, -10, 0, 0, 0], 0);
});

test("no sample, and none that counts, has the mean NaN", () => {
  for (const targets of [[], [0, 0]]) {
    const out = new Float32Array(1),
      total = new Float32Array(1),
      n = targets.length;
    const target = longs(...targets),
      logProbs = new Float32Array(n * 2);
    const input = viewOf(logProbs, [n, 2, 1]);
    nllLoss(viewOf(out, []), viewOf(total, []), input, viewOf(target, [n, 1]), undefined, 0, "mean");
    assert.equal(out[0], NaN);
  }
});

test("a target that is no class throws before anything is written", () => {
  for (const bad of [12, 3, -1]) {
    const target = longs(0, bad, 1, 0);
    const untouched: Float32Array[] = [];
    const fresh = (sizes: readonly number[]): ArrayView => {
      const array = new Float32Array(sizes.reduce((n, size) => n * size, 1)).fill(7);
      untouched.push(array);
      return viewOf(array, sizes);
    };
    const error = { name: "RangeError", message: `Target ${bad} is out of bounds. For 3 classes: 0 to 2` };
    const rows = viewOf(logits, [4, 3]),
      boxes = viewOf(logits, [4, 3, 1]);
    const flat = viewOf(target),
      tall = viewOf(target, [4, 1]),
      one = viewOf(Float32Array.of(1), []);
    assert.throws(() => nllLoss(fresh([4, 1]), fresh([]), boxes, tall, undefined, -100, "none"), error);
    assert.throws(() => nllLossBackward(fresh([4, 3, 1]), one, tall, undefined, one, -100, "mean"), error);
    const out = fresh([]),
      total = fresh([]),
      logProbs = fresh([4, 3]);
    assert.throws(() => crossEntropy(out, total, logProbs, rows, flat, undefined, -100, "mean", 0), error);
    assert.throws(() => crossEntropyBackward(fresh([4, 3]), one, rows, flat, undefined, one, -100, "mean", 0), error);
    assert.ok(untouched.every((array) => array.every((value) => value === 7)));
  }
});

test("many samples give what their parts add up to", () => {
  const n = 50000;
  const input = viewOf(
    Float32Array.from({ length: n * 3 }, (_, i) => Math.sin(i)),
    [n, 3],
  );
  const target = viewOf(BigInt64Array.from({ length: n }, (_, i) => BigInt(i % 3)));
  const losses = new Float32Array(n),
    sum = new Float32Array(1),
    total = new Float32Array(1);
  const logProbs = viewOf(new Float32Array(n * 3), [n, 3]);
  const run = (out: ArrayView, reduction: LossReduction) =>
    crossEntropy(out, viewOf(total, []), logProbs, input, target, undefined, -100, reduction, 0);
  run(viewOf(losses), "none");
  run(viewOf(sum, []), "sum");
  assert.ok(Math.abs((sum[0] as number) / losses.reduce((a, b) => a + b, 0) - 1) < 1e-6);
  assert.equal(total[0], n);
});
