/** Gather, scatter, masks and advanced indexing against their definitions, in every layout. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as indexing from "../../src/backend/cpu/indexing.js";
import { bool, dtypes, float32, int64, uint8 } from "../../src/core/dtype.js";
import type { ArrayView } from "../../src/core/view.js";
import { coordinates, type Element, layOut, layouts, positionOf, randomIntegers } from "../support/layouts.js";
import { boolViewOf, viewOf } from "../support/views.js";

/** The dtypes whose elements are those of their typed arrays. */
const moved = dtypes.filter(({ isComplex }) => !isComplex);

const longs = (values: readonly number[], sizes?: readonly number[]): ArrayView =>
  viewOf(BigInt64Array.from(values, BigInt), sizes);
const floats = (values: readonly number[], sizes?: readonly number[]): [Float32Array, ArrayView] => {
  const array = Float32Array.from(values);
  return [array, viewOf(array, sizes)];
};
const elementsFor = (isBigInt: boolean, values: number[]): Element[] => (isBigInt ? values.map(BigInt) : values);

test("gather and scatter agree with their definition in every layout, dim and dtype", () => {
  const random = randomIntegers(1);
  const sizes = [4, 3, 5];
  for (const dtype of moved) {
    for (const layout of layouts) {
      for (let dim = 0; dim < 3; dim++) {
        const limit = dtype === bool ? 2 : 100;
        const values = elementsFor(
          dtype === int64,
          Array.from({ length: 60 }, () => random(limit)),
        );
        const indexSizes = sizes.map((size, d) => (d === dim ? 6 : size - 1));
        const index = [...coordinates(indexSizes)].map(() => random(sizes[dim] as number));
        const target = (at: number[], i: number): number =>
          positionOf(
            at.map((x, d) => (d === dim ? (index[i] as number) : x)),
            sizes,
          );

        const a = layOut(values, sizes, dtype, layout);
        const at = layOut(index.map(BigInt), indexSizes, int64, layout);
        const out = layOut(
          index.map(() => (dtype === int64 ? 0n : 0)),
          indexSizes,
          dtype,
          layout,
        );
        indexing.gather(out.view, a.view, dim, at.view);
        const expected = [...coordinates(indexSizes)].map((place, i) => values[target(place, i)]);
        assert.deepEqual(out.read(), expected, `gather ${dtype} ${layout} ${dim}`);
        assert.ok(out.isIntact());

        const source = elementsFor(
          dtype === int64,
          index.map(() => random(limit)),
        );
        const written = [...values];
        for (const [i, place] of [...coordinates(indexSizes)].entries()) {
          written[target(place, i)] = source[i] as Element;
        }
        indexing.scatter(a.view, dim, at.view, layOut(source, indexSizes, dtype, layout).view);
        assert.deepEqual(a.read(), written, `scatter ${dtype} ${layout} ${dim}`);
        assert.ok(a.isIntact());
      }
    }
  }
});

test("scatter combines duplicates in every mode, with and without self", () => {
  const index = longs([0, 0, 2, 0]);
  const src = viewOf(Float32Array.of(2, 5, 3, -1));
  const expected: [indexing.ScatterMode, number[], number[]][] = [
    ["sum", [16, 20, 33], [6, 20, 3]],
    ["add", [16, 20, 33], [6, 20, 3]],
    ["prod", [-100, 20, 90], [-10, 20, 3]],
    ["mean", [4, 20, 16.5], [2, 20, 3]],
    ["amax", [10, 20, 30], [5, 20, 3]],
    ["amin", [-1, 20, 3], [-1, 20, 3]],
  ];
  for (const [mode, withSelf, withoutSelf] of expected) {
    const [a, self] = floats([10, 20, 30]);
    indexing.scatter(self, 0, index, src, mode);
    assert.deepEqual([...a], withSelf, mode);
    const [b, other] = floats([10, 20, 30]);
    indexing.scatter(other, 0, index, src, mode, { includeSelf: false });
    assert.deepEqual([...b], withoutSelf, `${mode} without self`);
  }
});

test("scatter means of integers round down, NaN wins a maximum, bools add as or and multiply as and", () => {
  const ints = Int32Array.of(0, 1, 2);
  indexing.scatter(viewOf(ints), 0, longs([0, 0, 1]), viewOf(Int32Array.of(-1, 4, -8)), "mean");
  assert.deepEqual([...ints], [1, -4, 2]);
  const [a, self] = floats([1, 2, NaN]);
  indexing.scatter(self, 0, longs([0, 0, 1, 2]), viewOf(Float32Array.of(NaN, 2, 3, 1)), "amax");
  assert.deepEqual([...a], [NaN, 3, NaN]);
  for (const [mode, expected] of [
    ["sum", [1, 1]],
    ["prod", [0, 0]],
  ] as const) {
    const bytes = Uint8Array.of(1, 0);
    const view = viewOf(bytes, [2], { dtype: bool });
    indexing.scatter(view, 0, longs([0, 0, 1]), boolViewOf([1, 0, 1]), mode);
    assert.deepEqual([...bytes], expected, mode);
  }
  const wrapped = BigInt64Array.of(2n ** 62n);
  indexing.scatter(viewOf(wrapped), 0, longs([0]), 2n ** 62n, "sum");
  assert.deepEqual([...wrapped], [-(2n ** 63n)]);
});

test("indexSelect takes rows, columns, int32 and repeated indices", () => {
  const a = viewOf(
    Float32Array.from({ length: 6 }, (_, i) => i),
    [2, 3],
  );
  const [rows, rowsView] = floats(new Array(9).fill(0), [3, 3]);
  indexing.indexSelect(rowsView, a, 0, viewOf(Int32Array.of(1, 0, 1)));
  assert.deepEqual([...rows], [3, 4, 5, 0, 1, 2, 3, 4, 5]);
  const [columns, columnsView] = floats(new Array(4).fill(0), [2, 2]);
  indexing.indexSelect(columnsView, a, 1, longs([2, 0]));
  assert.deepEqual([...columns], [2, 0, 5, 3]);
  const [scalar, scalarView] = floats([0], []);
  indexing.indexSelect(scalarView, viewOf(Float32Array.of(7), []), 0, longs([0]));
  assert.deepEqual([...scalar], [7]);
});

test("indexAdd, indexCopy, indexReduce and indexFill write along one dim", () => {
  const src = viewOf(Float32Array.of(1, 2, 3, 4), [2, 2]);
  const run = (body: (self: ArrayView) => void): number[] => {
    const [a, self] = floats([10, 20, 30, 40], [2, 2]);
    body(self);
    return [...a];
  };
  assert.deepEqual(
    run((self) => indexing.indexAdd(self, 0, longs([1, 1]), src)),
    [10, 20, 34, 46],
  );
  assert.deepEqual(
    run((self) => indexing.indexAdd(self, 1, longs([0, 0]), src, 2)),
    [16, 20, 44, 40],
  );
  assert.deepEqual(
    run((self) => indexing.indexCopy(self, 0, longs([1, 0]), src)),
    [3, 4, 1, 2],
  );
  assert.deepEqual(
    run((self) => indexing.indexReduce(self, 0, longs([0, 0]), src, "mean", { includeSelf: false })),
    [2, 3, 30, 40],
  );
  assert.deepEqual(
    run((self) => indexing.indexFill(self, 1, longs([-1]), 5)),
    [10, 5, 30, 5],
  );
  const ints = BigInt64Array.of(10n, 20n);
  indexing.indexAdd(viewOf(ints), 0, longs([0, 0, 1]), longs([1, 2, 3]), 3);
  assert.deepEqual([...ints], [19n, 29n]);
});

test("indexGet broadcasts indices, wraps negative ones and takes other dims whole", () => {
  const sizes = [3, 2, 4];
  const values = Array.from({ length: 24 }, (_, i) => i);
  for (const layout of layouts) {
    const a = layOut(values, sizes, float32, layout).view;
    const out = layOut(new Array(12).fill(0), [2, 3, 2], float32, layout);
    indexing.indexGet(out.view, a, [longs([2, -3], [2, 1]), undefined, longs([0, 3, -1])]);
    const expected = [2, 0].flatMap((i) => [0, 3, 3].flatMap((k) => [0, 1].map((j) => i * 8 + j * 4 + k)));
    assert.deepEqual(out.read(), expected, layout);
    assert.ok(out.isIntact());
    const rows = layOut(new Array(16).fill(0), [2, 2, 4], float32, layout);
    indexing.indexGet(rows.view, a, [longs([1, 0])]);
    assert.deepEqual(rows.read(), [...values.slice(8, 16), ...values.slice(0, 8)], layout);
  }
});

test("indexPut assigns or accumulates broadcast values in the order of the indices", () => {
  for (const layout of layouts) {
    const zeros = () => layOut(new Array(6).fill(0), [3, 2], float32, layout);
    const self = zeros();
    indexing.indexPut(self.view, [longs([0, -1, 0])], viewOf(Float32Array.of(1, 2, 3), [3, 1]));
    assert.deepEqual(self.read(), [3, 3, 0, 0, 2, 2], layout);
    const sum = zeros();
    const values = layOut([1, 2, 3, 4], [2, 2], float32, layout).view;
    indexing.indexPut(sum.view, [longs([0, 2], [2, 1]), longs([1, 1])], values, true);
    assert.deepEqual(sum.read(), [0, 3, 0, 0, 0, 7], layout);
    const filled = zeros();
    indexing.indexPut(filled.view, [undefined, longs([1])], 5);
    assert.deepEqual(filled.read(), [0, 5, 0, 5, 0, 5], layout);
    assert.ok(self.isIntact() && sum.isIntact() && filled.isIntact());
  }
});

test("take and putFlat walk a view in row-major order", () => {
  for (const layout of layouts) {
    const a = layOut([0, 1, 2, 3, 4, 5], [2, 3], float32, layout);
    const [out, outView] = floats([0, 0, 0, 0], [2, 2]);
    indexing.take(outView, a.view, longs([5, 0, -2, 1], [2, 2]));
    assert.deepEqual([...out], [5, 0, 4, 1], layout);
    indexing.putFlat(a.view, longs([1, -1, 1]), viewOf(Float32Array.of(10, 20, 30)));
    assert.deepEqual(a.read(), [0, 30, 2, 3, 4, 20], layout);
    indexing.putFlat(a.view, longs([1, 1]), viewOf(Float32Array.of(1, 2)), true);
    assert.deepEqual(a.read(), [0, 33, 2, 3, 4, 20], layout);
  }
});

test("a bad index is reported as in PyTorch, and nothing is written", () => {
  const [a, self] = floats([1, 2, 3]);
  const src = viewOf(Float32Array.of(9, 9));
  const outOfBounds = (index: number) => new RangeError(`index ${index} is out of bounds for dimension 0 with size 3`);
  const outOfRange = (index: number) =>
    new RangeError(`out of range: tried to access index ${index} on a tensor of 3 elements.`);
  for (const bad of [3, 7, -1]) {
    const index = longs([0, bad]);
    assert.throws(() => indexing.gather(src, self, 0, index), outOfBounds(bad));
    assert.throws(() => indexing.indexSelect(src, self, 0, viewOf(Int32Array.of(0, bad))), outOfBounds(bad));
    assert.throws(() => indexing.scatter(self, 0, index, src), outOfBounds(bad));
    assert.throws(() => indexing.scatter(self, 0, index, src, "mean", { includeSelf: false }), outOfBounds(bad));
    assert.throws(() => indexing.indexAdd(self, 0, index, src), outOfBounds(bad));
  }
  for (const bad of [3, -4]) {
    const index = longs([0, bad]);
    assert.throws(() => indexing.indexGet(src, self, [index]), outOfBounds(bad));
    assert.throws(() => indexing.indexPut(self, [index], src), outOfBounds(bad));
    assert.throws(() => indexing.take(src, self, index), outOfRange(bad));
    assert.throws(() => indexing.putFlat(self, index, src), outOfRange(bad));
  }
  const extremes = viewOf(BigInt64Array.of(0n, 2n ** 63n - 1n));
  assert.throws(() => indexing.gather(src, self, 0, extremes), RangeError);
  assert.throws(() => indexing.indexGet(src, self, [viewOf(BigInt64Array.of(-(2n ** 63n), 0n))]), RangeError);
  const grid = viewOf(new Float32Array(6), [2, 3]);
  const second = new RangeError("index 4 is out of bounds for dimension 1 with size 3");
  assert.throws(() => indexing.indexGet(src, grid, [longs([0, 1]), longs([0, 4])]), second);
  assert.throws(
    () => indexing.indexGet(viewOf(new Float32Array(1)), viewOf(new Float32Array(0)), [longs([0])]),
    new RangeError("index is out of bounds for dimension with size 0"),
  );
  assert.deepEqual([...a], [1, 2, 3]);
});

test("nonzero finds elements of every dtype, in order", () => {
  for (const dtype of moved) {
    for (const layout of layouts) {
      const values = elementsFor(dtype === int64, [0, 1, 0, 1, 1, 0]);
      const a = layOut(values, [2, 3], dtype, layout).view;
      assert.equal(indexing.countNonzeroElements(a), 3);
      const out = layOut(new Array(6).fill(0n), [3, 2], int64, layout);
      indexing.nonzero(out.view, a);
      assert.deepEqual(out.read(), [0n, 1n, 1n, 0n, 1n, 1n], `${dtype} ${layout}`);
    }
  }
  assert.equal(indexing.countNonzeroElements(viewOf(Float32Array.of(-0, NaN, 0))), 1);
  assert.equal(indexing.countNonzeroElements(viewOf(new Float32Array(0))), 0);
});

test("masks select, fill and scatter in every layout, also broadcast", () => {
  for (const layout of layouts) {
    const a = layOut([0, 1, 2, 3, 4, 5], [2, 3], float32, layout);
    const mask = layOut([1, 0, 1, 0, 0, 1], [2, 3], bool, layout).view;
    const [out, outView] = floats([0, 0, 0]);
    indexing.maskedSelect(outView, a.view, mask);
    assert.deepEqual([...out], [0, 2, 5], layout);
    indexing.maskedScatter(a.view, mask, viewOf(Float32Array.of(7, 8, 9, 10)));
    assert.deepEqual(a.read(), [7, 1, 8, 3, 4, 9], layout);
    indexing.maskedFill(a.view, boolViewOf([0, 1, 0]), -1);
    assert.deepEqual(a.read(), [7, -1, 8, 3, -1, 9], layout);
    assert.ok(a.isIntact());
  }
  const [grid, gridView] = floats(new Array(4).fill(0));
  indexing.maskedSelect(gridView, viewOf(Float32Array.of(1, 2)), boolViewOf([1, 1, 1, 1], [2, 2]), [2, 2]);
  assert.deepEqual([...grid], [1, 2, 1, 2]);
  const [short, shortView] = floats([1, 2]);
  const message = "Number of elements of source < number of ones in mask";
  assert.throws(() => indexing.maskedScatter(shortView, boolViewOf([1, 1]), viewOf(Float32Array.of(9))), { message });
  assert.deepEqual([...short], [1, 2]);
});

test("large masks and gathers agree with plain loops across thread boundaries", () => {
  const n = 150_001;
  const random = randomIntegers(3);
  const values = Float32Array.from({ length: n }, () => random(1000));
  const bits = Uint8Array.from({ length: n }, () => random(2));
  const mask = viewOf(bits, [n], { dtype: bool });
  const expected = values.filter((_, i) => bits[i] === 1);
  const count = indexing.countNonzeroElements(mask);
  assert.equal(count, expected.length);
  const selected = new Float32Array(count);
  indexing.maskedSelect(viewOf(selected), viewOf(values), mask);
  assert.deepEqual(selected, expected);
  const places = new BigInt64Array(count);
  indexing.nonzero(viewOf(places, [count, 1]), viewOf(bits, [n], { dtype: uint8 }));
  const gathered = new Float32Array(count);
  indexing.gather(viewOf(gathered), viewOf(values), 0, viewOf(places));
  assert.deepEqual(gathered, expected);
  const counts = new Float32Array(1000);
  indexing.scatter(viewOf(counts), 0, viewOf(BigInt64Array.from(values, BigInt)), 1, "add");
  assert.equal(counts[17], values.filter((value) => value === 17).length);
});
