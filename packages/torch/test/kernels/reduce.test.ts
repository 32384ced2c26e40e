/** Reductions against a plain reference over strided, expanded and empty inputs, and PyTorch's special cases. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  argReduce,
  type ReduceOp,
  reduce,
  reduceNorm,
  reduceVar,
  reduceWithIndex,
} from "../../src/backend/cpu/reduce.js";
import { bool, type DType, float32, float64, int64 } from "../../src/core/dtype.js";
import type { ArrayView } from "../../src/core/view.js";
import { numberTypes, rowMajor, viewOf } from "../support/views.js";

type Numbers = { [index: number]: number | bigint; length: number };

interface Case {
  view: ArrayView;
  array: Numbers;
}

function make(dtype: DType, sizes: readonly number[], strides = rowMajor(sizes), offset = 0): Case {
  const last = sizes.reduce((at, size, d) => at + (size - 1) * (strides[d] as number), offset);
  const array = new dtype.arrayType(Math.max(0, last) + 1);
  return { view: viewOf(array, sizes, { strides, offset, dtype }), array: array as Numbers };
}

/** Whole numbers from -3 to 3, so that every sum is exact. */
function fill({ view, array }: Case): void {
  for (let i = 0; i < array.length; i++) {
    const value = (i * 7919) % 7;
    const number = view.dtype === bool ? value % 2 : view.dtype.isSigned ? value - 3 : value;
    array[i] = view.dtype === int64 ? BigInt(number) : number;
  }
}

const at = (view: ArrayView, index: readonly number[]): number =>
  index.reduce((sum, i, d) => sum + i * (view.strides[d] as number), view.offset);

function* indices(sizes: readonly number[]): Generator<number[]> {
  if (sizes.length === 0) return yield [];
  for (let i = 0; i < (sizes[0] as number); i++) {
    for (const rest of indices(sizes.slice(1))) yield [i, ...rest];
  }
}

const keepdim = (sizes: readonly number[], dims: readonly number[]) => sizes.map((n, d) => (dims.includes(d) ? 1 : n));

/** For the index of every output the numbers that it is made from, in row-major order. */
function groups(a: Case, dims: readonly number[]): { index: number[]; numbers: number[] }[] {
  const byKey = new Map<string, { index: number[]; numbers: number[] }>();
  for (const index of indices(keepdim(a.view.sizes, dims))) byKey.set(`${index}`, { index, numbers: [] });
  for (const index of indices(a.view.sizes)) {
    const key = `${index.map((i, d) => (dims.includes(d) ? 0 : i))}`;
    byKey.get(key)?.numbers.push(Number(a.array[at(a.view, index)]));
  }
  return [...byKey.values()];
}

function layouts(dtype: DType): Case[] {
  const cases = [
    make(dtype, []),
    make(dtype, [1]),
    make(dtype, [0, 3]),
    make(dtype, [3, 0]),
    make(dtype, [37]),
    make(dtype, [5, 130]),
    make(dtype, [130, 5]),
    make(dtype, [700, 2]),
    make(dtype, [40, 70], [1, 40]),
    make(dtype, [40, 70], [200, 2], 3),
    make(dtype, [6, 5, 4], [0, 4, 1]),
    make(dtype, [6, 5, 4], [1, 0, 6]),
    make(dtype, [3, 17, 4, 9], [1, 108, 27, 3]),
  ];
  for (const item of cases) fill(item);
  return cases;
}

function dimSets(ndim: number): number[][] {
  return Array.from({ length: 1 << ndim }, (_, mask) => [...Array(ndim).keys()].filter((d) => mask & (1 << d)));
}

const references: Record<string, (x: number[]) => number> = {
  sum: (x) => x.reduce((a, b) => a + b, 0),
  nansum: (x) => x.reduce((a, b) => a + b, 0),
  any: (x) => Number(x.some((v) => v !== 0)),
  all: (x) => Number(x.every((v) => v !== 0)),
  countNonzero: (x) => x.filter((v) => v !== 0).length,
  amax: (x) => Math.max(...x),
  amin: (x) => Math.min(...x),
};

function outType(op: string, dtype: DType): DType {
  if (op === "any" || op === "all") return bool;
  if (op === "amax" || op === "amin" || (op !== "countNonzero" && dtype.isFloatingPoint)) return dtype;
  return int64;
}

test("every op, dtype, layout and set of dims agrees with the reference", () => {
  for (const dtype of numberTypes) {
    for (const a of layouts(dtype)) {
      for (const dims of dimSets(a.view.sizes.length)) {
        const expected = groups(a, dims);
        for (const [op, reference] of Object.entries(references)) {
          if (op.startsWith("am") && expected.some(({ numbers }) => numbers.length === 0)) continue;
          const sizes = keepdim(a.view.sizes, dims);
          const out = make(outType(op, dtype), sizes, rowMajor([...sizes].reverse()).reverse(), 1);
          reduce(op as ReduceOp, out.view, a.view, dims);
          for (const { index, numbers } of expected) {
            const got = Number(out.array[at(out.view, index)]);
            const where = `${op} ${dtype} [${a.view.sizes}] strides [${a.view.strides}] over [${dims}]`;
            assert.equal(got, reference(numbers), where);
          }
        }
      }
    }
  }
});

function single(op: ReduceOp, values: Float32Array | Float64Array): number {
  const out = values instanceof Float32Array ? new Float32Array(1) : new Float64Array(1);
  reduce(op, viewOf(out), viewOf(values), [0]);
  return out[0] as number;
}

test("products of integers are int64, those of floats do not leave their range on the way", () => {
  const out = new BigInt64Array(1);
  reduce("prod", viewOf(out), viewOf(Int8Array.of(-128, 127, 3, 5)), [0]);
  assert.equal(out[0], -243840n);
  const extreme = Float32Array.from({ length: 200 }, (_, i) => (i < 100 ? 2 ** -10 : 2 ** 10));
  assert.equal(single("prod", extreme), 1);
});

test("empty reductions", () => {
  const none = new Float32Array(0);
  assert.equal(single("sum", none), 0);
  assert.equal(single("prod", none), 1);
  assert.equal(single("mean", none), NaN);
  assert.equal(single("logsumexp", none), -Infinity);
});

test("NaN and infinity come through", () => {
  for (const length of [5, 100, 5000]) {
    for (const place of [0, 2, length - 1]) {
      const x = new Float32Array(length).fill(1);
      x[place] = NaN;
      for (const op of ["amax", "amin", "sum", "mean", "logsumexp"] as const) assert.equal(single(op, x), NaN, op);
      assert.equal(single("nansum", x), length - 1);
      x[place] = Infinity;
      assert.equal(single("mean", x), Infinity);
      assert.equal(single("logsumexp", x), Infinity);
      x.fill(-Infinity);
      assert.equal(single("logsumexp", x), -Infinity);
      assert.equal(single("amax", x), -Infinity);
    }
  }
});

test("a long sum is exact to 1e-6, by rows, by columns and of everything", () => {
  const n = 2 ** 22;
  const x = Float32Array.from({ length: n }, (_, i) => 0.1 + (i % 1000) / 1000);
  const exact = x.reduce((sum, value) => sum + value, 0);
  assert.ok(Math.abs(single("sum", x) / exact - 1) < 1e-7);
  for (const dim of [0, 1]) {
    const out = new Float32Array(4);
    reduce("sum", viewOf(out, dim === 0 ? [1, 4] : [4, 1]), viewOf(x, dim === 0 ? [n / 4, 4] : [4, n / 4]), [dim]);
    assert.ok(Math.abs(out.reduce((sum, value) => sum + value, 0) / exact - 1) < 1e-6);
  }
  const double = new Float64Array(1);
  reduce("sum", viewOf(double), viewOf(x), [0]);
  assert.ok(Math.abs((double[0] as number) / exact - 1) < 1e-13);
});

test("variance and mean lose no precision to a large mean", () => {
  const cases: [number[], number[]][] = [
    [[3000], [0]],
    [[700, 3], [0]],
    [[3, 700], [1]],
    [
      [20, 5, 30],
      [0, 2],
    ],
  ];
  for (const [sizes, dims] of cases) {
    const a = make(float64, sizes);
    for (let i = 0; i < a.array.length; i++) a.array[i] = 1e6 + ((i * 7919) % 101) / 101;
    const variance = make(float64, keepdim(sizes, dims)),
      mean = make(float64, keepdim(sizes, dims));
    for (const correction of [0, 1]) {
      reduceVar(variance.view, mean.view, a.view, dims, correction, false);
      for (const { index, numbers } of groups(a, dims)) {
        const average = numbers.reduce((sum, v) => sum + (v - 1e6), 0) / numbers.length;
        const squares = numbers.reduce((sum, v) => sum + (v - 1e6 - average) ** 2, 0);
        const place = at(mean.view, index);
        assert.ok(Math.abs(Number(mean.array[place]) - 1e6 - average) < 1e-9);
        assert.ok(Math.abs(Number(variance.array[place]) / (squares / (numbers.length - correction)) - 1) < 1e-9);
      }
    }
  }
});

test("standard deviation, and the variance of too few elements", () => {
  const out = new Float32Array(1);
  reduceVar(viewOf(out), undefined, viewOf(Float32Array.of(1, 2, 4)), [0], 1, true);
  assert.ok(Math.abs((out[0] as number) - 1.5275252) < 1e-6);
  reduceVar(viewOf(out), undefined, viewOf(Float32Array.of(1)), [0], 1, false);
  assert.equal(out[0], NaN);
});

test("norms", () => {
  const expected = new Map([
    [0, 3],
    [1, 15],
    [2, Math.sqrt(89)],
    [3, 603 ** (1 / 3)],
    [Infinity, 8],
    [-Infinity, 0],
  ]);
  for (const [p, want] of expected) {
    const out = new Float32Array(1);
    reduceNorm(viewOf(out), viewOf(Float32Array.of(3, -8, 0, -4)), [0], p);
    assert.ok(Math.abs((out[0] as number) - want) < 1e-5, `p = ${p}`);
  }
});

test("logsumexp does not overflow", () => {
  assert.ok(Math.abs(single("logsumexp", Float64Array.of(1000, 1000)) - (1000 + Math.log(2))) < 1e-12);
  assert.ok(Math.abs(single("logsumexp", Float32Array.of(-1000, -Infinity)) + 1000) < 1e-4);
  const long = new Float32Array(5000).fill(-2000);
  long[4999] = 50;
  assert.equal(single("logsumexp", long), 50);
});

test("the largest and smallest along a dim, and the place of the first of them", () => {
  for (const dtype of numberTypes) {
    for (const a of layouts(dtype)) {
      for (let dim = 0; dim < a.view.sizes.length; dim++) {
        if (a.view.sizes[dim] === 0) continue;
        const sizes = keepdim(a.view.sizes, [dim]);
        const values = make(dtype, sizes),
          places = make(int64, sizes),
          alone = make(int64, sizes);
        for (const op of ["max", "min"] as const) {
          reduceWithIndex(op, values.view, places.view, a.view, dim);
          argReduce(`arg${op}`, alone.view, a.view, dim);
          for (const { index, numbers } of groups(a, [dim])) {
            const place = at(values.view, index);
            assert.equal(Number(values.array[place]), Math[op](...numbers));
            assert.equal(Number(places.array[place]), numbers.indexOf(Math[op](...numbers)));
            assert.equal(alone.array[place], places.array[place]);
          }
        }
      }
    }
  }
});

test("the first NaN is the largest and the smallest", () => {
  const place = new BigInt64Array(1);
  for (const length of [6, 100, 3000]) {
    const x = Float32Array.from({ length }, (_, i) => i);
    x[3] = x[5] = NaN;
    for (const dim of [0, undefined]) {
      argReduce("argmax", viewOf(place), viewOf(x), dim);
      assert.equal(place[0], 3n);
      argReduce("argmin", viewOf(place), viewOf(x), dim);
      assert.equal(place[0], 3n);
    }
  }
});

test("the place in a whole tensor is counted in row-major order", () => {
  const out = new BigInt64Array(1);
  for (const a of layouts(float32)) {
    if (a.view.sizes.includes(0)) continue;
    const all = [...indices(a.view.sizes)].map((index) => Number(a.array[at(a.view, index)]));
    argReduce("argmin", viewOf(out), a.view, undefined);
    assert.equal(Number(out[0]), all.indexOf(Math.min(...all)));
  }
  const large = new Float32Array(300000);
  large[200001] = large[299999] = 1;
  argReduce("argmax", viewOf(out), viewOf(large, [3, 100000]), undefined);
  assert.equal(out[0], 200001n);
});
