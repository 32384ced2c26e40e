/** Scans against a plain reference, by rows, by columns and over several segments. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { scan, scanWithIndex } from "../../src/backend/cpu/scan.js";
import { boolViewOf, viewOf } from "../support/views.js";

const running = (x: readonly number[], op: (a: number, b: number) => number) => {
  let acc: number | undefined;
  return x.map((value) => (acc = acc === undefined ? value : op(acc, value)));
};

test("running sums along either dim and along strided lanes", () => {
  for (const [rows, columns] of [
    [1, 1],
    [3, 7],
    [200, 5],
    [5, 200],
    [2, 2500],
    [0, 3],
    [3, 0],
  ] as const) {
    for (const transposed of [false, true]) {
      for (const dim of [0, 1]) {
        const strides = transposed ? [1, rows] : [columns, 1];
        const x = Float32Array.from({ length: rows * columns }, (_, i) => ((i * 31) % 11) - 5);
        const out = new Float32Array(rows * columns);
        scan("cumsum", viewOf(out, [rows, columns]), viewOf(x, [rows, columns], { strides }), dim);
        for (let i = 0; i < rows; i++) {
          for (let j = 0; j < columns; j++) {
            let sum = 0;
            for (let k = 0; k <= (dim === 0 ? i : j); k++) {
              const [row, column] = dim === 0 ? [k, j] : [i, k];
              sum += x[row * (strides[0] as number) + column * (strides[1] as number)] as number;
            }
            assert.equal(out[i * columns + j], sum, `[${rows}, ${columns}] transposed ${transposed} dim ${dim}`);
          }
        }
      }
    }
  }
});

test("in place, over several segments", () => {
  const x = Float64Array.from({ length: 5001 }, (_, i) => (i % 13) - 6);
  const expected = running([...x], (a, b) => a + b);
  scan("cumsum", viewOf(x), viewOf(x), 0);
  assert.deepEqual([...x], expected);
});

test("lanes of every length up to several vectors, in every dtype", () => {
  const arrays = [Float32Array, Float64Array, Int32Array, Int16Array, Int8Array, Uint8Array, BigInt64Array] as const;
  for (const type of arrays) {
    const exact = type === Float32Array || type === Float64Array;
    for (let n = 1; n <= 140; n++) {
      const whole = Array.from({ length: n }, (_, i) => ((i * 7) % 5) + 1);
      const sums = running(whole, (a, b) => a + b);
      const x =
        type === BigInt64Array ? BigInt64Array.from(whole, BigInt) : (type as Float64ArrayConstructor).from(whole);
      const out = exact ? new type(n) : new BigInt64Array(n);
      scan("cumsum", viewOf(out), viewOf(x), 0);
      assert.deepEqual(Array.from(out, Number), sums, `${type.name} of ${n}`);
      if (!exact) continue;
      // Powers of two, whose products are exact.
      const factors = whole.map((value) => [2, -0.5, 1, 4, -0.25][value - 1] as number);
      scan("cumprod", viewOf(out), viewOf((type as Float64ArrayConstructor).from(factors)), 0);
      assert.deepEqual(
        [...out],
        running(factors, (a, b) => a * b),
        `products, ${type.name} of ${n}`,
      );
    }
  }
});

test("NaN and infinities reach what follows, and nothing before", () => {
  for (const at of [0, 5, 17, 31, 32, 63]) {
    const x = new Float32Array(64).fill(1);
    x[at] = Infinity;
    x[at + 1] = NaN;
    const out = new Float32Array(64);
    scan("cumsum", viewOf(out), viewOf(x.subarray(0, 64)), 0);
    const expected = Array.from(out, (_, i) => (i < at ? i + 1 : i === at ? Infinity : NaN));
    assert.deepEqual([...out], expected, `at ${at}`);
  }
});

test("integers and bools give int64, which wraps around", () => {
  const out = new BigInt64Array(4);
  scan("cumsum", viewOf(out), viewOf(Uint8Array.of(250, 250, 1, 0)), 0);
  assert.deepEqual([...out], [250n, 500n, 501n, 501n]);
  scan("cumsum", viewOf(out), boolViewOf([1, 0, 1, 1]), 0);
  assert.deepEqual([...out], [1n, 1n, 2n, 3n]);
  scan("cumprod", viewOf(out), viewOf(Int16Array.of(-300, 300, -300, 2)), 0);
  assert.deepEqual([...out], [-300n, -90000n, 27000000n, 54000000n]);
  scan("cumsum", viewOf(out), viewOf(BigInt64Array.of(2n ** 63n - 1n, 1n, 0n, 0n)), 0);
  assert.equal(out[1], -(2n ** 63n));
});

test("running log-sum-exps", () => {
  const out = new Float64Array(5);
  scan("logcumsumexp", viewOf(out), viewOf(Float64Array.of(-Infinity, 1000, 1000, -Infinity, Infinity)), 0);
  assert.deepEqual([...out], [-Infinity, 1000, 1000 + Math.log(2), 1000 + Math.log(2), Infinity]);
  scan("logcumsumexp", viewOf(out), viewOf(Float64Array.of(0, NaN, 1, Infinity, 0)), 0);
  assert.deepEqual([...out], [0, NaN, NaN, NaN, NaN]);
});

test("a scan of one number", () => {
  const out = new Float32Array(1);
  scan("cumprod", viewOf(out, []), viewOf(Float32Array.of(3), []), 0);
  assert.equal(out[0], 3);
});

test("the largest and smallest so far: the last of equal ones, NaN to the end", () => {
  const x = Float32Array.of(1, 3, 3, 2, NaN, 5, NaN, 9);
  const values = new Float32Array(8),
    places = new BigInt64Array(8);
  scanWithIndex("cummax", viewOf(values), viewOf(places), viewOf(x), 0);
  assert.deepEqual([...values], [1, 3, 3, 3, NaN, NaN, NaN, NaN]);
  assert.deepEqual([...places], [0n, 1n, 2n, 2n, 4n, 4n, 6n, 6n]);
  const y = Int32Array.of(4, 1, 7, 1, 0, 7);
  const low = new Int32Array(6),
    where = new BigInt64Array(6);
  scanWithIndex("cummin", viewOf(low, [2, 3]), viewOf(where, [2, 3]), viewOf(y, [2, 3]), 0);
  assert.deepEqual([...low], [4, 1, 7, 1, 0, 7]);
  assert.deepEqual([...where], [0n, 0n, 0n, 1n, 1n, 1n]);
  scanWithIndex("cummin", viewOf(low, [2, 3]), viewOf(where, [2, 3]), viewOf(y, [2, 3]), 1);
  assert.deepEqual([...low], [4, 1, 1, 1, 0, 0]);
  assert.deepEqual([...where], [0n, 1n, 1n, 0n, 1n, 1n]);
});

test("lanes that are neighbours, strided", () => {
  const rows = 40,
    columns = 300;
  const x = Float64Array.from({ length: rows * columns }, (_, i) => (i * 7919) % 1009);
  const values = new Float64Array(x.length),
    places = new BigInt64Array(x.length);
  const sizes = [rows, columns];
  scanWithIndex("cummax", viewOf(values, sizes), viewOf(places, sizes), viewOf(x, sizes), 0);
  for (let j = 0; j < columns; j++) {
    const lane = Array.from({ length: rows }, (_, i) => x[i * columns + j] as number);
    running(lane, Math.max).forEach((want, i) => {
      assert.equal(values[i * columns + j], want);
      assert.equal(Number(places[i * columns + j]), lane.lastIndexOf(want, i));
    });
  }
});
