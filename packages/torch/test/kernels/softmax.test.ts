/** Softmax, log-softmax and their gradients against a plain reference in every layout that has code of its own. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { softmax, softmaxBackward } from "../../src/backend/cpu/softmax.js";
import { rowMajor, viewOf } from "../support/views.js";

type Floats = Float32Array | Float64Array;

const shapes: [number[], number][] = [
  [[], 0],
  [[1], 0],
  [[10], 0],
  [[3000], 0],
  [[7, 10], 1],
  [[300, 10], 1],
  [[5, 129], 1],
  [[33, 5], 0],
  [[40, 200], 0],
  [[3, 50, 17], 1],
  [[3, 0], 1],
  [[0, 3], 1],
];

/** The offsets of the elements of each lane along a dim. */
function lanes(sizes: readonly number[], strides: readonly number[], dim: number): number[][] {
  let starts = [0];
  sizes.forEach((size, d) => {
    const offsets = Array.from({ length: size }, (_, i) => i * (strides[d] as number));
    if (d !== dim) starts = starts.flatMap((at) => offsets.map((offset) => at + offset));
  });
  return starts.map((at) => Array.from({ length: sizes[dim] ?? 1 }, (_, i) => at + i * (strides[dim] ?? 1)));
}

function reference(x: number[], log: boolean): number[] {
  const top = Math.max(...x);
  const sum = x.reduce((total, v) => total + Math.exp(v - top), 0);
  return x.map((v) => (log ? v - top - Math.log(sum) : Math.exp(v - top) / sum));
}

/** Relative to the number, or to `scale` where it is smaller than that. */
function close(got: number, want: number, tolerance: number, scale = 1e-3): boolean {
  return Math.abs(got - want) <= tolerance * Math.max(Math.abs(want), scale);
}

test("values and gradients along any dim, contiguous, transposed and spread out", () => {
  for (const Floats of [Float32Array, Float64Array]) {
    const tolerance = Floats === Float32Array ? 2e-6 : 1e-14;
    for (const [sizes, dim] of shapes) {
      const reversed = rowMajor([...sizes].reverse()).reverse();
      for (const strides of [rowMajor(sizes), reversed, rowMajor(sizes).map((s) => 3 * s)]) {
        const count = sizes.reduce((n, size) => n * size, 1);
        const x: Floats = new Floats(Array.from({ length: 3 * count + 1 }, (_, i) => Math.sin(i * 12.9898) * 8));
        const grad: Floats = new Floats(Array.from({ length: 3 * count + 1 }, (_, i) => Math.cos(i * 78.233)));
        for (const log of [false, true]) {
          const out = new Floats(count),
            gradInput = new Floats(count);
          softmax(viewOf(out, sizes), viewOf(x, sizes, { strides }), dim, log);
          softmaxBackward(viewOf(gradInput, sizes), viewOf(grad, sizes, { strides }), viewOf(out, sizes), dim, log);
          const places = lanes(sizes, rowMajor(sizes), dim);
          lanes(sizes, strides, dim).forEach((lane, k) => {
            const place = places[k] as number[];
            const want = reference(
              lane.map((i) => x[i] as number),
              log,
            );
            const g = lane.map((i) => grad[i] as number);
            const sum = g.reduce((total, v, i) => total + (log ? v : v * (want[i] as number)), 0);
            want.forEach((y, i) => {
              const at = place[i] as number;
              const slope = log ? (g[i] as number) - Math.exp(y) * sum : y * ((g[i] as number) - sum);
              const where = `[${sizes}] strides [${strides}] dim ${dim} log ${log}`;
              assert.ok(close(out[at] as number, y, tolerance, log ? 1 : 1e-3), `${where}: ${out[at]} for ${y}`);
              const got = gradInput[at] as number;
              assert.ok(close(got, slope, 20 * tolerance, log ? 1 : 1e-3), `${where}: gradient ${got} for ${slope}`);
            });
          });
        }
      }
    }
  }
});

test("the exponential is good to two units in the last place, to the end of its range", () => {
  for (const [Floats, lowest, ulp] of [
    [Float32Array, -87, 2 ** -23],
    [Float64Array, -700, 2 ** -52],
  ] as const) {
    const x: Floats = new Floats(Array.from({ length: 20001 }, (_, i) => (lowest * i) / 20000));
    // A lane of (0, x) whose sum is split off again: exp(x) = out[1] / out[0].
    const out = new Floats(2);
    for (const value of x) {
      softmax(viewOf(out), viewOf(Floats.of(0, value)), 0, false);
      const ratio = (out[1] as number) / (out[0] as number);
      assert.ok(Math.abs(ratio / Math.exp(value) - 1) < 4 * ulp, `exp(${value}) is ${ratio}`);
    }
  }
});

test("masked and infinite elements", () => {
  for (const length of [4, 100]) {
    const x = new Float32Array(length).fill(-Infinity),
      out = new Float32Array(length);
    x[1] = x[3] = -1e30;
    softmax(viewOf(out), viewOf(x), 0, false);
    assert.deepEqual([...out.subarray(0, 4)], [0, 0.5, 0, 0.5]);
    softmax(viewOf(out), viewOf(x), 0, true);
    assert.equal(out[0], -Infinity);
    x[2] = NaN;
    softmax(viewOf(out), viewOf(x), 0, false);
    assert.ok(out.every(Number.isNaN));
    softmax(viewOf(out), viewOf(x.fill(-Infinity)), 0, false);
    assert.ok(out.every(Number.isNaN));
  }
});

test("in place", () => {
  const x = Float32Array.of(1, 2, 3, 1, 2, 3);
  softmax(viewOf(x, [2, 3]), viewOf(x, [2, 3]), 1, false);
  assert.ok(close(x[0] as number, 0.09003057, 1e-6) && close(x[5] as number, 0.66524096, 1e-6));
});
