/** Sorting, selecting, searching and counting against their definitions, for every dtype and layout. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as kernels from "../../src/backend/cpu/sort.js";
import { bool, type DType, float32, float64, int32, int64, type TypedArray } from "../../src/core/dtype.js";
import type { ArrayView } from "../../src/core/view.js";
import { coordinates, type Element, layOut, layouts, positionOf, randomIntegers } from "../support/layouts.js";
import { numberTypes, viewOf } from "../support/views.js";

const special = [3, NaN, -0, 1, 0, -Infinity, Infinity, NaN];

/** Indices in the order in which a stable sort puts the elements: NaN is the greatest. */
function stableOrder(values: readonly Element[], descending: boolean): number[] {
  const compare = (a: Element, b: Element): number => {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return a < b ? -1 : Number(a > b);
  };
  const at = (i: number) => values[i] as Element;
  return values.map((_, i) => i).sort((i, j) => (descending ? compare(at(j), at(i)) : compare(at(i), at(j))) || i - j);
}

function empty(dtype: DType, sizes: readonly number[]): [TypedArray, ArrayView] {
  const array = new dtype.arrayType(sizes.reduce((a, b) => a * b, 1));
  return [array, viewOf(array, sizes, { dtype })];
}

function sorted(a: ArrayView, descending = false): [Element[], number[]] {
  const [values, valuesView] = empty(a.dtype, a.sizes);
  const [indices, indicesView] = empty(int64, a.sizes);
  kernels.sort(valuesView, indicesView, a, 0, descending);
  return [[...values], Array.from(indices, Number)];
}

test("sort puts NaN last, keeps zeros of either sign in order, and is stable both ways", () => {
  for (const dtype of [float32, float64]) {
    const a = layOut(special, [8], dtype, "contiguous").view;
    assert.deepEqual(sorted(a), [
      [-Infinity, -0, 0, 1, 3, Infinity, NaN, NaN],
      [5, 2, 4, 3, 0, 6, 1, 7],
    ]);
    assert.deepEqual(sorted(a, true), [
      [NaN, NaN, Infinity, 3, 1, -0, 0, -Infinity],
      [1, 7, 6, 0, 3, 2, 4, 5],
    ]);
  }
});

test("sort agrees with a stable sort for every dtype and length, from few or many different elements", () => {
  const random = randomIntegers(5);
  for (const dtype of numberTypes) {
    for (const length of [1, 2, 95, 500, 5000, 40_000]) {
      for (const limit of [5, 250, 2 ** 30]) {
        const bits = new Uint8Array(length * 8).map(() => random(256));
        const array = new dtype.arrayType(bits.buffer, 0, length) as TypedArray & { [i: number]: Element };
        if (dtype === bool || limit < 2 ** 30) {
          const most = dtype === bool ? 2 : limit;
          for (let i = 0; i < length; i++) array[i] = dtype === int64 ? BigInt(random(most)) - 2n ** 60n : random(most);
        }
        for (const descending of [false, true]) {
          const order = stableOrder([...array], descending);
          const [values, indices] = sorted(viewOf(array, [length], { dtype }), descending);
          assert.deepEqual(indices, order, `${dtype} ${length} ${limit} ${descending}`);
          assert.deepEqual(
            values,
            order.map((i) => array[i]),
          );
        }
      }
    }
  }
});

test("sort works along any dim of any layout", () => {
  const random = randomIntegers(7);
  const sizes = [3, 120, 2];
  const values = Array.from({ length: 720 }, () => random(50));
  for (const layout of layouts) {
    for (let dim = 0; dim < 3; dim++) {
      const a = layOut(values, sizes, float32, layout);
      const out = layOut(
        values.map(() => 0),
        sizes,
        float32,
        layout,
      );
      const indices = layOut(
        values.map(() => 0n),
        sizes,
        int64,
        layout,
      );
      kernels.sort(out.view, indices.view, a.view, dim);
      const [got, places] = [out.read(), indices.read()];
      for (const start of coordinates(sizes.map((size, d) => (d === dim ? 1 : size)))) {
        const line = Array.from({ length: sizes[dim] as number }, (_, i) =>
          positionOf(
            start.map((x, d) => (d === dim ? i : x)),
            sizes,
          ),
        );
        const order = stableOrder(
          line.map((place) => values[place] as number),
          false,
        );
        assert.deepEqual(
          line.map((place) => Number(places[place])),
          order,
          `${layout} ${dim}`,
        );
        assert.deepEqual(
          line.map((place) => got[place]),
          order.map((i) => values[line[i] as number]),
        );
      }
      assert.ok(out.isIntact() && indices.isIntact());
    }
  }
});

test("topk, kthvalue and median select what sorting puts there", () => {
  const random = randomIntegers(11);
  for (const dtype of numberTypes.filter((each) => each !== bool)) {
    for (const n of [1, 7, 300, 5000, 70_000]) {
      const numbers = Array.from({ length: n }, () => random(120));
      const elements: Element[] = dtype === int64 ? numbers.map(BigInt) : numbers;
      const a = layOut(elements, [n], dtype, n === 300 ? "gaps" : "contiguous").view;
      const ascending = stableOrder(elements, false);
      for (const k of new Set([1, Math.ceil(n / 50), Math.ceil(n / 3), n])) {
        for (const largest of [true, false]) {
          const [values, valuesView] = empty(dtype, [k]);
          const [indices, indicesView] = empty(int64, [k]);
          kernels.topk(valuesView, indicesView, a, k, 0, largest);
          const expected = (largest ? stableOrder(elements, true) : ascending).slice(0, k);
          assert.deepEqual(Array.from(indices, Number), expected, `topk ${dtype} ${n} ${k} ${largest}`);
          assert.deepEqual(
            [...values],
            expected.map((i) => elements[i]),
          );
        }
        const [value, valueView] = empty(dtype, []);
        const [index, indexView] = empty(int64, []);
        kernels.kthvalue(valueView, indexView, a, k, 0);
        assert.deepEqual([value[0], Number(index[0])], [elements[ascending[k - 1] as number], ascending[k - 1]]);
      }
      const [value, valueView] = empty(dtype, [1]);
      const [, indexView] = empty(int64, [1]);
      kernels.median(valueView, indexView, a, 0);
      assert.equal(value[0], elements[ascending[Math.floor((n - 1) / 2)] as number]);
    }
  }
});

test("topk and kthvalue of a slice so long that no entries are made of most elements", () => {
  // The place of every number from 0 to n - 1 is known: 3 has an inverse modulo n.
  const n = 2 ** 24 + 1;
  const inverse = (n + 1) / 3;
  const placeOf = (value: number): number => Number((BigInt(value) * BigInt(inverse)) % BigInt(n));
  const array = new Int32Array(n);
  for (let i = 0; i < n; i++) array[i] = (3 * i) % n;
  const [value, valueView] = empty(int32, []);
  const [index, indexView] = empty(int64, []);
  for (const k of [1, 5_000_000, n]) {
    kernels.kthvalue(valueView, indexView, viewOf(array), k, 0);
    assert.deepEqual([value[0], Number(index[0])], [k - 1, placeOf(k - 1)]);
  }
  // More than a sixteenth, in no order.
  const k = 1_100_000;
  const [values, valuesView] = empty(int32, [k]);
  const [, indicesView] = empty(int64, [k]);
  kernels.topk(valuesView, indicesView, viewOf(array), k, 0, true, false);
  assert.equal(new Set(values as Int32Array).size, k);
  assert.equal(
    (values as Int32Array).reduce((a, b) => Math.min(a, b)),
    n - k,
  );
  // Equal elements are told apart by their places.
  array.fill(7);
  kernels.kthvalue(valueView, indexView, viewOf(array), 12_345_678, 0);
  assert.deepEqual([value[0], Number(index[0])], [7, 12_345_677]);
});

test("topk of a rising slice, where every element beats those before it", () => {
  const rising = viewOf(Float64Array.from({ length: 50_000 }, (_, i) => i));
  const [values, valuesView] = empty(float64, [3]);
  const [, indicesView] = empty(int64, [3]);
  kernels.topk(valuesView, indicesView, rising, 3, 0);
  assert.deepEqual([...values], [49_999, 49_998, 49_997]);
});

test("NaN is the greatest for topk and kthvalue, and the median unless it is ignored", () => {
  const pick = (run: (values: ArrayView, indices: ArrayView) => void): [Element, number] => {
    const [values, valuesView] = empty(float32, [1]);
    const [indices, indicesView] = empty(int64, [1]);
    run(valuesView, indicesView);
    return [values[0] as Element, Number(indices[0])];
  };
  const a = viewOf(Float32Array.of(3, NaN, 1));
  assert.deepEqual(
    pick((v, i) => kernels.topk(v, i, a, 1, 0)),
    [NaN, 1],
  );
  assert.deepEqual(
    pick((v, i) => kernels.kthvalue(v, i, a, 3, 0)),
    [NaN, 1],
  );
  const b = viewOf(Float32Array.of(2, 1, 4, NaN, NaN, 3));
  assert.deepEqual(
    pick((v, i) => kernels.median(v, i, b, 0)),
    [NaN, 3],
  );
  assert.deepEqual(
    pick((v, i) => kernels.median(v, i, b, 0, true)),
    [2, 0],
  );
  const none = viewOf(Float32Array.of(NaN, NaN));
  assert.deepEqual(
    pick((v, i) => kernels.median(v, i, none, 0, true)),
    [NaN, 0],
  );
});

test("mode is the smallest of the most frequent elements, at its last occurrence; NaNs differ", () => {
  const [values, valuesView] = empty(float32, [2]);
  const [indices, indicesView] = empty(int64, [2]);
  const a = viewOf(Float32Array.of(3, 2, 2, 3, 1, NaN, NaN, NaN, 5, 4), [2, 5]);
  kernels.mode(valuesView, indicesView, a, 1);
  assert.deepEqual([...values], [2, 4]);
  assert.deepEqual([...indices], [2n, 4n]);
});

test("searchsorted finds the left or right place, through a sorter, in batches, and puts NaN at the end", () => {
  const sequence = viewOf(Float32Array.of(1, 3, 3, 5, 9));
  const values = Float32Array.of(3, 0, 9, 10, NaN, 4);
  const search = (right: boolean, dtype: DType, sorter?: ArrayView, seq = sequence): number[] => {
    const [out, view] = empty(dtype, [6]);
    kernels.searchsorted(view, seq, viewOf(values), right, sorter);
    return Array.from(out, Number);
  };
  assert.deepEqual(search(false, int64), [1, 0, 4, 5, 5, 3]);
  assert.deepEqual(search(true, int32), [3, 0, 5, 5, 5, 3]);
  const shuffled = viewOf(Float32Array.of(9, 3, 1, 5, 3));
  assert.deepEqual(search(false, int64, viewOf(BigInt64Array.of(2n, 1n, 4n, 3n, 0n)), shuffled), [1, 0, 4, 5, 5, 3]);
  assert.throws(() => search(false, int64, viewOf(BigInt64Array.of(0n, 1n, 2n, 3n, 5n))), {
    message: "torch.searchsorted(): sorter index out of range",
  });
  assert.deepEqual(search(false, int64, undefined, viewOf(new Float32Array(0))), [0, 0, 0, 0, 0, 0]);
  const batches = viewOf(Int32Array.of(1, 5, 2, 6), [2, 2], { strides: [1, 2] });
  const [out, outView] = empty(int64, [2, 1]);
  kernels.searchsorted(outView, batches, viewOf(Int32Array.of(2, 5), [2, 1]));
  assert.deepEqual([...out], [1n, 0n]);
});

test("runs describe unique elements and rows", () => {
  const a = viewOf(Float32Array.of(2, 1, 2, 2, 1));
  const [values, valuesView] = empty(float32, [5]);
  const [, order] = empty(int64, [5]);
  kernels.sort(valuesView, order, a, 0);
  const count = kernels.countRuns(valuesView);
  assert.equal(count, 2);
  assert.deepEqual([...values], [1, 1, 2, 2, 2]);
  const describe = (input: ArrayView, runs: number, rowOrder?: ArrayView): Element[][] => {
    const [first, firstView] = empty(input.dtype, [runs, ...input.sizes.slice(1)]);
    const [inverse, inverseView] = empty(int64, [input.sizes[0] as number]);
    const [counts, countsView] = empty(int64, [runs]);
    kernels.uniqueRuns({ values: firstView, inverse: inverseView, counts: countsView }, input, runs, rowOrder);
    return [[...first], Array.from(inverse, Number), Array.from(counts, Number)];
  };
  assert.deepEqual(describe(valuesView, 2, order), [
    [1, 2],
    [1, 0, 1, 1, 0],
    [2, 3],
  ]);
  assert.equal(kernels.countRuns(a), 4);
  assert.deepEqual(describe(a, 4), [
    [2, 1, 2, 1],
    [0, 1, 2, 2, 3],
    [1, 1, 2, 1],
  ]);
  assert.equal(kernels.countRuns(viewOf(new Float32Array(0))), 0);
  assert.equal(kernels.countRuns(viewOf(Float32Array.of(NaN, NaN))), 2);

  const rows = viewOf(Int32Array.of(1, 2, 0, 9, 1, 2), [3, 2]);
  const [rowOrder, rowOrderView] = empty(int64, [3]);
  kernels.sortRows(rowOrderView, rows);
  assert.deepEqual([...rowOrder], [1n, 0n, 2n]);
  const sortedRows = viewOf(Int32Array.of(0, 9, 1, 2, 1, 2), [3, 2]);
  assert.equal(kernels.countRuns(sortedRows), 2);
  assert.deepEqual(describe(sortedRows, 2, rowOrderView), [
    [0, 9, 1, 2],
    [1, 0, 1],
    [1, 2],
  ]);
});

test("histc keeps every bin within the bins, where places are NaN or rounded", () => {
  const countsOf = (a: TypedArray, bins: number, min: number, max: number): number[] => {
    const [out, outView] = empty(viewOf(a).dtype, [bins]);
    kernels.histc(outView, viewOf(a), min, max);
    return Array.from(out, Number);
  };
  // In float32 both limits are 1e8, and 0 / 0 is no place.
  assert.deepEqual(countsOf(new Float32Array(10).fill(1e8), 4, 1e8 - 1, 1e8 + 1), [10, 0, 0, 0]);
  assert.deepEqual(countsOf(new Float64Array(10).fill(1e8), 4, 1e8 - 1, 1e8 + 1), [0, 0, 10, 0]);
  // More bins than float32 counts exactly: the number of the last one is rounded up, to one beyond the end.
  const [out, outView] = empty(float32, [2 ** 24 + 4]);
  kernels.histc(outView, viewOf(Float32Array.of(0, 1, 1, 1)), 0, 1);
  assert.deepEqual([out[0], out[2 ** 24 + 3]], [1, 3]);
});

test("bincount counts and sums weights, histc ignores what is outside", () => {
  const [counts, countsView] = empty(int64, [5]);
  kernels.bincount(countsView, viewOf(Uint8Array.of(1, 3, 1, 0)));
  assert.deepEqual([...counts], [1n, 2n, 0n, 1n, 0n]);
  const [sums, sumsView] = empty(float64, [3]);
  kernels.bincount(sumsView, viewOf(BigInt64Array.of(2n, 0n, 2n)), viewOf(Float64Array.of(0.5, 1, 2)));
  assert.deepEqual([...sums], [1, 0, 2.5]);
  for (const bad of [-1, 5]) {
    assert.throws(() => kernels.bincount(countsView, viewOf(Int32Array.of(0, bad))), {
      message: "bincount only supports 1-d non-negative integral inputs.",
    });
  }
  const many = viewOf(Int32Array.from({ length: 200_000 }, (_, i) => i % 4));
  kernels.bincount(countsView, many);
  assert.deepEqual([...counts], [50_000n, 50_000n, 50_000n, 50_000n, 0n]);
  const [bins, binsView] = empty(float32, [3]);
  kernels.histc(binsView, viewOf(Float32Array.of(0, 1, 2, 3, 3, NaN, 5, -1)), 0, 3);
  assert.deepEqual([...bins], [1, 1, 3]);
});
