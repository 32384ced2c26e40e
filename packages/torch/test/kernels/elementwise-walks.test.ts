/**
 * The ways in which elementwise loops walk their elements: rows, chunks of short rows, tiles where an operand is
 * transposed, and results so large that they are written around the caches; each against plain loops.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { getNumThreads, setNumThreads } from "flambeau";
import { binary, compare, copy, fill, scalarView, unary, where } from "../../src/backend/cpu/elementwise.js";
import { bool, type DType, float32, float64, int32, type TypedArray } from "../../src/core/dtype.js";
import type { ArrayView } from "../../src/core/view.js";
import { numberTypes, rowMajor, viewOf } from "../support/views.js";

type Numbers = { [index: number]: number | bigint; readonly length: number };

/** Small whole numbers, which every dtype holds, and sums of two of them; 0 and 1 for bool. */
function numbers(dtype: DType, length: number, seed = 0): TypedArray {
  const array = new dtype.arrayType(length);
  const values = array as unknown as Numbers;
  for (let i = 0; i < length; i++) {
    const value = ((i + seed) * 37 + ((i >> 5) % 7)) % (dtype === bool ? 2 : 59);
    values[i] = array instanceof BigInt64Array ? BigInt(value) : value;
  }
  return array;
}

/** Compares two arrays, which may be long. */
function assertSame(actual: Numbers, expected: (i: number) => number, begin: number, end: number, message = ""): void {
  for (let i = begin; i < end; i++) {
    if (Number(actual[i]) !== expected(i - begin)) {
      assert.equal(Number(actual[i]), expected(i - begin), `element ${i - begin} ${message}`);
    }
  }
}

/** A view of a matrix whose columns are contiguous. */
function transposed(array: TypedArray, rows: number, columns: number, options: { dtype?: DType; gap?: number } = {}) {
  return viewOf(array, [rows, columns], { strides: [1, rows + (options.gap ?? 0)], dtype: options.dtype });
}

/** Runs a test with one thread and with several. */
function withThreads(run: () => void): void {
  const before = getNumThreads();
  try {
    for (const count of [1, 3]) {
      setNumThreads(count);
      run();
    }
  } finally {
    setNumThreads(before);
  }
}

const lengths = [1, 3, 4, 5, 15, 16, 17, 31, 32, 33, 63, 64, 65, 130];

test("a transposed operand, by sizes around those of tiles", () => {
  for (const rows of lengths) {
    for (const columns of lengths) {
      const a = numbers(int32, rows * columns) as Int32Array;
      const b = numbers(int32, (rows + 2) * columns, 5) as Int32Array;
      const out = new Int32Array(rows * columns + 1).fill(-7);
      const shape = [rows, columns];
      binary.sub(viewOf(out, shape), viewOf(a, shape), transposed(b, rows, columns, { gap: 2 }));
      const at = (i: number) => b[(i % columns) * (rows + 2) + Math.floor(i / columns)] as number;
      assertSame(out, (i) => (a[i] as number) - at(i), 0, rows * columns, `[${shape}]`);
      assert.equal(out[rows * columns], -7);
    }
  }
});

test("transposed copies in every dtype", () => {
  for (const dtype of numberTypes) {
    for (const [rows, columns] of [
      [4, 4],
      [16, 8],
      [33, 70],
      [300, 65],
      [5, 700],
      [700, 5],
    ] as const) {
      const a = numbers(dtype, rows * columns);
      const out = new dtype.arrayType(rows * columns);
      copy(viewOf(out, [rows, columns], { dtype }), transposed(a, rows, columns, { dtype }));
      const from = a as unknown as Numbers;
      const expected = (i: number) => Number(from[(i % columns) * rows + Math.floor(i / columns)]);
      assertSame(out as unknown as Numbers, expected, 0, rows * columns, `${dtype.name} [${rows}, ${columns}]`);
    }
  }
});

test("a transposed copy keeps the bits of NaN", () => {
  const bits = Uint32Array.from({ length: 32 * 32 }, (_, i) => 0x7f800001 + i);
  const out = new Uint32Array(32 * 32);
  copy(viewOf(new Float32Array(out.buffer), [32, 32]), transposed(new Float32Array(bits.buffer), 32, 32));
  assertSame(out, (i) => bits[(i % 32) * 32 + Math.floor(i / 32)] as number, 0, 32 * 32);
});

test("operands transposed in different ways, broadcast, converted, and an output with gaps", () => {
  const shape = [3, 40, 50];
  const x = numbers(float32, 3 * 40 * 50) as Float32Array;
  const y = numbers(float32, 3 * 40 * 50, 3) as Float32Array;
  const column = numbers(float32, 40, 9) as Float32Array;
  const a = viewOf(x, shape, { strides: [2000, 1, 40] });
  const b = viewOf(y, shape, { strides: [1, 150, 3] });
  const [A, B] = [(i: number, j: number, k: number) => x[i * 2000 + j + k * 40] as number, at(y, [1, 150, 3])];
  const out = new Float32Array(3 * 40 * 60).fill(-1);
  binary.add(viewOf(out, shape, { strides: [2400, 60, 1] }), a, b);
  assertSame(
    out,
    byPlace(40, 60, (i, j, k) => (k < 50 ? A(i, j, k) + B(i, j, k) : -1)),
    0,
    out.length,
  );

  const sum = new Float32Array(6000);
  binary.add(viewOf(sum, shape), a, viewOf(column, [40, 1]));
  assertSame(
    sum,
    byPlace(40, 50, (i, j, k) => A(i, j, k) + (column[j] as number)),
    0,
    6000,
  );

  const greater = new Uint8Array(6000);
  compare.gt(viewOf(greater, shape, { dtype: bool }), a, b);
  assertSame(
    greater,
    byPlace(40, 50, (i, j, k) => Number(A(i, j, k) > B(i, j, k))),
    0,
    6000,
  );

  const chosen = new Float32Array(6000);
  where(viewOf(chosen, shape), viewOf(greater, shape, { dtype: bool }), a, scalarView(-2, float32));
  assertSame(
    chosen,
    byPlace(40, 50, (i, j, k) => (A(i, j, k) > B(i, j, k) ? A(i, j, k) : -2)),
    0,
    6000,
  );

  const wide = new Float64Array(6000);
  copy(viewOf(wide, shape), a);
  assertSame(wide, byPlace(40, 50, A), 0, 6000);
});

function at(array: Float32Array, strides: readonly [number, number, number]) {
  return (i: number, j: number, k: number) => array[i * strides[0] + j * strides[1] + k * strides[2]] as number;
}

function byPlace(rows: number, columns: number, value: (i: number, j: number, k: number) => number) {
  return (flat: number) =>
    value(Math.floor(flat / (rows * columns)), Math.floor(flat / columns) % rows, flat % columns);
}

test("short and long rows with operands that repeat for each row or along it", () => {
  withThreads(() => {
    for (const [rows, columns] of [
      [5000, 1],
      [3000, 7],
      [700, 63],
      [700, 64],
      [300, 513],
      [2, 40000],
    ] as const) {
      const shape = [rows, columns];
      const x = numbers(int32, rows * columns + 3) as Int32Array;
      const row = numbers(int32, columns, 1) as Int32Array;
      const column = numbers(int32, rows, 2) as Int32Array;
      const out = new Int32Array(rows * columns);
      const a = viewOf(x, shape, { strides: rowMajor(shape), offset: 3 });
      const X = (i: number) => x[i + 3] as number;
      binary.sub(viewOf(out, shape), a, viewOf(row));
      assertSame(out, (i) => X(i) - (row[i % columns] as number), 0, out.length, `row of [${shape}]`);
      binary.sub(viewOf(out, shape), a, viewOf(column, [rows, 1]));
      assertSame(out, (i) => X(i) - (column[Math.floor(i / columns)] as number), 0, out.length, `column of [${shape}]`);
      binary.mul(viewOf(out, shape), viewOf(column, [rows, 1]), viewOf(row));
      const product = (i: number) => (column[Math.floor(i / columns)] as number) * (row[i % columns] as number);
      assertSame(out, product, 0, out.length, `outer product of [${shape}]`);
    }
  });
});

// Not a multiple of anything, and 16 MB in all.
const [height, width] = [2049, 2053];
const many = height * width;

/** A large output that does not begin with a cache line, and a check of what is in it and around it. */
function largeOutput(dtype: DType, sizes: readonly number[] = [height, width], length = many) {
  const array = new dtype.arrayType(length + 6);
  const values = array as unknown as Numbers;
  for (const i of [0, 1, 2, length + 3, length + 4, length + 5]) values[i] = 77;
  const view = viewOf(array, sizes, { offset: 3, strides: rowMajor(sizes), dtype });
  const check = (expected: (i: number) => number, message: string) => {
    assertSame(values, expected, 3, length + 3, message);
    for (const i of [0, 1, 2, length + 3, length + 4, length + 5]) assert.equal(values[i], 77, message);
  };
  return { view: { ...view, contiguousFlag: true }, array, check };
}

test("results of 16 MB and more are complete, wherever they begin", () => {
  const x = numbers(float32, many) as Float32Array;
  const y = numbers(float32, many, 11) as Float32Array;
  const shape = [height, width];
  const [a, b] = [viewOf(x, shape), viewOf(y, shape)];
  const row = numbers(float32, width, 4) as Float32Array;
  const column = numbers(float32, height, 8) as Float32Array;
  const X = (i: number) => x[i] as number;
  const Y = (i: number) => y[i] as number;
  withThreads(() => {
    const out = largeOutput(float32);
    const run = (name: string, expected: (i: number) => number, kernel: (out: ArrayView) => void) => {
      kernel(out.view);
      out.check(expected, name);
    };
    run(
      "add",
      (i) => X(i) + Y(i),
      (to) => binary.add(to, a, b),
    );
    run(
      "add a number",
      (i) => X(i) + 3,
      (to) => binary.add(to, a, scalarView(3, float32)),
    );
    run(
      "add a row",
      (i) => X(i) + (row[i % width] as number),
      (to) => binary.add(to, a, viewOf(row)),
    );
    const columnOf = (i: number) => column[Math.floor(i / width)] as number;
    run(
      "add a column",
      (i) => X(i) + columnOf(i),
      (to) => binary.add(to, a, viewOf(column, [height, 1])),
    );
    const flipped = transposed(y, height, width);
    const other = (i: number) => Y((i % width) * height + Math.floor(i / width));
    run(
      "add a transposed operand",
      (i) => X(i) + other(i),
      (to) => binary.add(to, a, flipped),
    );
    run("transposed copy", other, (to) => copy(to, flipped));
    run("copy", X, (to) => copy(to, a));
    run(
      "fill",
      () => 5,
      (to) => fill(to, 5),
    );
    run(
      "sqrt",
      (i) => Math.fround(Math.sqrt(X(i))),
      (to) => unary.sqrt(to, a),
    );
    run(
      "in place",
      (i) => Math.fround(Math.fround(Math.sqrt(X(i))) + Y(i)),
      (to) => binary.add(to, to, b),
    );

    const wide = largeOutput(float64);
    copy(wide.view, a);
    wide.check(X, "cast to float64");
    // Short rows, and a heavy function of which whole blocks are computed.
    const rows = Math.floor(many / 7);
    const short = largeOutput(float32, [rows, 7], rows * 7);
    binary.mul(short.view, viewOf(x, [rows, 7]), viewOf(row.subarray(0, 7)));
    short.check((i) => X(i) * (row[i % 7] as number), "multiply short rows");
    unary.exp(out.view, scalarView(0, float32));
    out.check(() => 1, "exp");
  });
});
