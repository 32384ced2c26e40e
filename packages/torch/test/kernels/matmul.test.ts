/** Matrix products against a naive product in float64 (or BigInt), over random shapes and layouts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { dot, type MatmulOptions, matmul } from "../../src/backend/cpu/matmul.js";
import { bool, type DType, dtypes, float32, float64, int64 } from "../../src/core/dtype.js";
import type { ArrayView } from "../../src/core/view.js";
import { viewOf } from "../support/views.js";

let seed = 12345;

/** A whole number in [0, n). */
function random(n: number): number {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
  return Math.floor((seed / 2 ** 32) * n);
}

function pick<T>(...choices: readonly T[]): T {
  return choices[random(choices.length)] as T;
}

/** How the last two dims (or all) lie in memory: in which order, how far apart, and which dims are expanded. */
interface Layout {
  transposed?: boolean;
  /** Space between neighbours along the inner dim. */
  gap?: number;
  /** Unused elements at the end of each row. */
  pitch?: number;
  /** Dims with stride 0. */
  expanded?: readonly number[];
  /** Begins at a multiple of 64 bytes. */
  aligned?: boolean;
}

const guard = 5;
const sentinel = 77;

/** A view with random content; what lies around and between its elements is `sentinel`. */
function randomView(dtype: DType, sizes: readonly number[], layout: Layout = {}): ArrayView {
  const order = sizes.map((_, d) => d);
  if (layout.transposed && order.length > 1) order.push(order.splice(-2, 1)[0] as number);
  const strides = new Array<number>(sizes.length).fill(0);
  let step = layout.gap ?? 1;
  for (let i = order.length - 1; i >= 0; i--) {
    const d = order[i] as number;
    if (layout.expanded?.includes(d)) continue;
    strides[d] = step;
    step *= Math.max(1, sizes[d] as number);
    if (i === order.length - 1) step += layout.pitch ?? 0;
  }
  const line = 64 / dtype.itemsize;
  const array = new dtype.arrayType(step + 2 * guard + 2 * line);
  const skew = (viewOf(array).storage.pointer() % 64) / dtype.itemsize;
  const offset = layout.aligned ? 2 * line - skew : guard;
  const view = viewOf(array, sizes, { strides, offset, dtype });
  (array as Float64Array).fill((dtype === int64 ? BigInt(sentinel) : sentinel) as number);
  forEachIndex(sizes, (index) => {
    const at = place(view, index);
    if (dtype.isFloatingPoint) array[at] = random(2001) / 1000 - 1;
    else if (array instanceof BigInt64Array) array[at] = BigInt(random(2 ** 32)) * 4294967311n;
    else array[at] = random(2 ** 32);
  });
  return view;
}

function forEachIndex(sizes: readonly number[], visit: (index: readonly number[]) => void): void {
  const index = new Array<number>(sizes.length).fill(0);
  const walk = (d: number) => {
    if (d === sizes.length) return visit(index);
    for (let i = 0; i < (sizes[d] as number); i++) {
      index[d] = i;
      walk(d + 1);
    }
  };
  walk(0);
}

function elements(view: ArrayView): Float64Array | BigInt64Array {
  const { buffer, byteOffset, length } = view.storage.bytes();
  return new view.dtype.arrayType(buffer as ArrayBuffer, byteOffset, length / view.dtype.itemsize) as Float64Array;
}

/** Where an element is, when the view broadcasts to a shape with as many dims as the index has. */
function place(view: ArrayView, index: readonly number[]): number {
  const missing = index.length - view.sizes.length;
  return view.sizes.reduce(
    (at, size, d) => at + (size === 1 ? 0 : (index[d + missing] as number)) * (view.strides[d] as number),
    view.offset,
  );
}

function read(view: ArrayView, index: readonly number[]): number | bigint {
  return elements(view)[place(view, index)] as number | bigint;
}

function write(view: ArrayView, index: readonly number[], value: number): void {
  const all = elements(view);
  if (all instanceof BigInt64Array) all[place(view, index)] = BigInt(Math.trunc(value)) * 4294967311n;
  else all[place(view, index)] = value;
}

/** The elements of a view as it broadcasts to a shape, in row-major order. */
function dense(view: ArrayView, shape: readonly number[]): (number | bigint)[] {
  const values: (number | bigint)[] = [];
  const all = elements(view);
  forEachIndex(shape, (index) => values.push(all[place(view, index)] as number | bigint));
  return values;
}

/** What the product should leave in each element of `out`, in row-major order, and by how much it may differ. */
function expected(out: ArrayView, a: ArrayView, b: ArrayView, options: MatmulOptions): [number | bigint, number][] {
  const { alpha = 1, beta = 0, bias, activation } = options;
  const [m, n] = out.sizes.slice(-2) as [number, number];
  const k = a.sizes[a.sizes.length - 1] as number;
  const batch = out.sizes.slice(0, -2);
  const exact = !out.dtype.isFloatingPoint;
  // The typechecker need not know that the same arithmetic is done with numbers or with big integers.
  const convert = (value: unknown): number => (exact ? BigInt(value as number) : Number(value)) as number;
  const left = dense(a, [...batch, m, k]).map(convert);
  const right = dense(b, [...batch, k, n]).map(convert);
  const start = dense(out, out.sizes).map(convert);
  const added = bias ? dense(bias, out.sizes).map(convert) : [];
  const [unit, least] = out.dtype === float64 ? [2 ** -53, 2 ** -1074] : [2 ** -24, 2 ** -149];
  return start.map((before, at) => {
    const [matrix, i, j] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
    let sum = convert(0);
    let size = 0;
    for (let p = 0; p < k; p++) {
      const term = (left[(matrix * m + i) * k + p] as number) * (right[(matrix * k + p) * n + j] as number);
      sum += term;
      if (!exact) size += Math.abs(term);
    }
    let value = convert(alpha) * sum;
    if (beta) value += convert(beta) * before;
    if (bias) value += added[at] as number;
    if (exact) value = wrap(value as unknown as bigint, out.dtype) as unknown as number;
    const rest = exact ? 0 : Math.abs(Number(beta) * before) + Math.abs(added[at] ?? 0);
    const bound = 2 * unit * ((k + 4) * Math.abs(Number(alpha)) * size + 4 * rest) + (k + 4) * least;
    return [activation && value < 0 ? convert(0) : value, bound];
  });
}

function wrap(value: bigint, dtype: DType): bigint {
  const bits = dtype.itemsize * 8;
  return dtype.isSigned ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

function check(out: ArrayView, a: ArrayView, b: ArrayView, options: MatmulOptions = {}): void {
  const wanted = expected(out, a, b, options);
  const around = elements(out).slice();
  const inputs = [a, b].map((view) => elements(view).slice());
  matmul(out, a, b, options);
  const message = () => JSON.stringify([a, b, out].map(({ sizes, strides, dtype }) => [sizes, strides, dtype]));
  const results = elements(out);
  let n = 0;
  forEachIndex(out.sizes, (index) => {
    const at = place(out, index);
    const got = results[at] as number | bigint;
    const [want, bound] = wanted[n++] as [number | bigint, number];
    const same =
      typeof want === "bigint" ? BigInt(got) === want : Object.is(got, want) || Math.abs(Number(got) - want) <= bound;
    if (!same) assert.fail(`${got} instead of ${want} at ${index} of ${message()}`);
    (around as Float64Array)[at] = got as number;
  });
  assert.deepEqual(elements(out), around, `wrote beside the output ${message()}`);
  assert.deepEqual([a, b].map(elements), inputs, "changed an input");
}

const floating = [float32, float64];
const integers = dtypes.filter((dtype) => !dtype.isFloatingPoint && !dtype.isComplex && dtype !== bool);
const sizes = [0, 1, 2, 3, 4, 5, 7, 8, 11, 12, 13, 15, 16, 17, 23, 25, 31, 32, 33, 40, 47, 49, 65];
const layouts = (): Layout => ({ transposed: pick(true, false), gap: pick(1, 1, 1, 2), pitch: pick(0, 0, 3) });

test("the four cases of transposition, with every tail", () => {
  for (const dtype of floating) {
    for (const [ta, tb] of [
      [false, false],
      [false, true],
      [true, false],
      [true, true],
    ] as const) {
      for (const m of [1, 5, 12, 13, 24, 35]) {
        for (const n of [1, 8, 10, 16, 31, 32, 33, 64, 71]) {
          const k = pick(1, 2, 16, 19, 40);
          const a = randomView(dtype, [m, k], { transposed: ta });
          const b = randomView(dtype, [k, n], { transposed: tb });
          check(randomView(dtype, [m, n], { transposed: pick(true, false) }), a, b);
        }
      }
    }
  }
});

test("random shapes, strides, factors, bias and activation", () => {
  for (let round = 0; round < 600; round++) {
    const dtype = pick(...floating, ...floating, ...integers);
    const [m, n, k] = [pick(...sizes), pick(...sizes), pick(...sizes)];
    const batch = pick([], [], [1], [3], [2, 3], [0]);
    const a = randomView(
      dtype,
      [
        ...pick(
          [],
          batch,
          batch.map(() => 1),
        ),
        m,
        k,
      ],
      layouts(),
    );
    const b = randomView(
      dtype,
      [
        ...pick(
          [],
          batch,
          batch.map(() => 1),
        ),
        k,
        n,
      ],
      layouts(),
    );
    const out = randomView(dtype, [...batch, m, n], layouts());
    const bias = pick(undefined, [n], [m, n], [1, n], [m, 1], [...batch, m, n]);
    check(out, a, b, {
      alpha: pick(1, 1, 0, -2),
      beta: pick(0, 0, 1, 3),
      bias: bias && randomView(dtype, bias, layouts()),
      activation: pick(undefined, undefined, "relu" as const),
    });
  }
});

test("products large enough for several panels, threads and steps along k", () => {
  const cases = [
    [64, 512, 130],
    [70, 40, 900],
    [130, 700, 40],
    [513, 33, 65],
    [12, 1500, 64],
    [3, 5, 2000],
    [200, 200, 200],
  ];
  for (const [m, n, k] of cases as [number, number, number][]) {
    for (const dtype of floating) {
      const a = randomView(dtype, [m, k], { transposed: pick(true, false) });
      const b = randomView(dtype, [k, n], { transposed: pick(true, false) });
      const bias = pick(undefined, randomView(dtype, [n]));
      check(randomView(dtype, [m, n], layouts()), a, b, {
        alpha: pick(1, 0.5),
        beta: pick(0, 1),
        bias,
        activation: "relu",
      });
    }
  }
});

/** Every way that the operands of a product may lie, in memory that begins at a cache line and in such that does not. */
function checkLayouts(dtype: DType, m: number, n: number, k: number, options: () => MatmulOptions = () => ({})): void {
  for (const aligned of [true, false]) {
    for (const ta of [true, false]) {
      for (const tb of [true, false]) {
        const a = randomView(dtype, [m, k], { transposed: ta, aligned });
        const b = randomView(dtype, [k, n], { transposed: tb, aligned });
        check(randomView(dtype, [m, n], { transposed: pick(true, false), aligned }), a, b, options());
      }
    }
  }
}

test("thin products, long along k", () => {
  for (const dtype of floating) {
    const options = (): MatmulOptions => ({
      alpha: pick(1, -0.5),
      beta: pick(0, 1),
      bias: pick(undefined, randomView(dtype, [1])),
      activation: pick(undefined, "relu" as const),
    });
    for (const thin of [2, 3, 4, 5, 6, 7, 10, 13, 20, 24, 31, 32]) {
      const wide = pick(33, 34, 35, 36, 64);
      const k = pick(64, 65, 100, 513);
      checkLayouts(dtype, wide, thin, k, options);
      checkLayouts(dtype, thin, wide, k, options);
    }
    checkLayouts(dtype, 70, 10, 2100, options);
    checkLayouts(dtype, 3, 3, 5000, options);
    // Operands and output with gaps.
    const a = randomView(dtype, [40, 300], { gap: 2 });
    const b = randomView(dtype, [300, 9], { gap: 3, transposed: true });
    check(randomView(dtype, [40, 9], { gap: 2 }), a, b);
  }
});

test("products of few steps", () => {
  for (const dtype of floating) {
    for (const k of [1, 2, 3, 4, 5, 10, 12, 13]) {
      for (const n of [32, 64, 67, 128, 200]) {
        checkLayouts(dtype, pick(2, 3, 4, 5, 7, 10, 33), n, k, () => ({
          beta: pick(0, 1, 1, 2),
          alpha: pick(1, 1, 3),
        }));
      }
    }
    checkLayouts(dtype, 200, 270, 4);
  }
});

test("operands that are read in place, copied or packed", () => {
  for (const dtype of floating) {
    checkLayouts(dtype, 64, 256, 80);
    checkLayouts(dtype, 64, 300, 65);
    checkLayouts(dtype, 200, 270, 70);
    checkLayouts(dtype, 200, 40, 300, () => ({ bias: randomView(dtype, [40]), activation: "relu" }));
  }
});

test("infinities, NaN and subnormal numbers on every path", () => {
  for (const dtype of floating) {
    const tiny = dtype === float64 ? 2 ** -1070 : 2 ** -145;
    for (const [m, n, k] of [
      [3, 4, 5],
      [1, 50, 70],
      [50, 1, 70],
      [40, 9, 200],
      [40, 128, 3],
      [64, 130, 70],
      [200, 70, 90],
    ] as [number, number, number][]) {
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY, tiny]) {
        const a = randomView(dtype, [m, k], layouts());
        const b = randomView(dtype, [k, n], layouts());
        const [i, p, j] = [random(m), random(k), random(n)];
        if (value === tiny) {
          // One product in a row and a column of zeros: exact, unless subnormal numbers count as zero.
          for (let q = 0; q < k; q++) write(a, [i, q], 0);
          write(b, [p, j], 1);
        }
        write(a, [i, p], value);
        const out = randomView(dtype, [m, n], layouts());
        check(out, a, b);
        if (value === tiny) assert.equal(read(out, [i, j]), tiny);
      }
    }
  }
});

test("the same product gives the same bits", () => {
  for (const [m, n, k] of [
    [64, 10, 512],
    [200, 300, 700],
    [1, 700, 900],
    [2, 3, 300000],
  ] as [number, number, number][]) {
    const [a, b] = [randomView(float32, [m, k]), randomView(float32, [k, n])];
    const [first, second] = [viewOf(new Float32Array(m * n), [m, n]), viewOf(new Float32Array(m * n), [m, n])];
    matmul(first, a, b);
    for (let round = 0; round < 5; round++) {
      matmul(second, a, b);
      assert.deepEqual(elements(second), elements(first));
    }
  }
});

test("large products of integers", () => {
  for (const dtype of integers) {
    check(randomView(dtype, [65, 140]), randomView(dtype, [65, 300]), randomView(dtype, [300, 140], layouts()), {
      beta: 2,
    });
    check(randomView(dtype, [2, 300]), randomView(dtype, [2, 30], layouts()), randomView(dtype, [30, 300]));
  }
});

test("matrix times vector, both ways round and every layout", () => {
  for (const dtype of floating) {
    for (const [m, k] of [
      [1, 1],
      [3, 5],
      [9, 70],
      [2100, 130],
      [130, 2500],
      [3, 175001],
      [1, 525001],
    ] as [number, number][]) {
      for (const transposed of [false, true]) {
        const options: MatmulOptions = {
          alpha: pick(1, 2),
          beta: pick(0, 1),
          bias: pick(undefined, randomView(dtype, [1])),
        };
        const a = randomView(dtype, [m, k], { transposed, gap: m * k > 1e5 ? 1 : pick(1, 2) });
        check(randomView(dtype, [m, 1], layouts()), a, randomView(dtype, [k, 1], { gap: pick(1, 2) }), options);
        const b = randomView(dtype, [k, m], { transposed });
        check(randomView(dtype, [1, m], layouts()), randomView(dtype, [1, k], { gap: pick(1, 3) }), b, options);
      }
    }
  }
});

test("batches: many small ones, few large ones, broadcast and expanded", () => {
  for (const dtype of floating) {
    check(
      randomView(dtype, [64, 20, 24]),
      randomView(dtype, [64, 20, 17]),
      randomView(dtype, [64, 17, 24], { transposed: true }),
    );
    check(randomView(dtype, [2, 90, 80]), randomView(dtype, [2, 90, 70]), randomView(dtype, [2, 70, 80]));
    check(randomView(dtype, [3, 4, 5, 6]), randomView(dtype, [4, 5, 7]), randomView(dtype, [3, 1, 7, 6]));
    check(
      randomView(dtype, [3, 4, 5, 6]),
      randomView(dtype, [3, 4, 5, 7], { expanded: [1] }),
      randomView(dtype, [7, 6]),
    );
    check(randomView(dtype, [6, 1, 9]), randomView(dtype, [6, 1, 7]), randomView(dtype, [7, 9]), {
      bias: randomView(dtype, [9]),
    });
    check(randomView(dtype, [6, 5, 9]), randomView(dtype, [6, 5, 7]), randomView(dtype, [7, 9]), {
      bias: randomView(dtype, [5, 9]),
    });
    check(
      randomView(dtype, [5, 9]),
      randomView(dtype, [5, 7], { expanded: [0] }),
      randomView(dtype, [7, 9], { expanded: [1] }),
    );
    check(
      randomView(dtype, [5, 9]),
      randomView(dtype, [5, 7], { expanded: [1] }),
      randomView(dtype, [7, 9], { expanded: [0] }),
    );
  }
});

test("where beta is 0 the output is not read, and without terms only beta and bias count", () => {
  const nans = () => viewOf(new Float32Array(12).fill(Number.NaN), [3, 4]);
  const out = nans();
  matmul(out, randomView(float32, [3, 5]), randomView(float32, [5, 4]), { alpha: 2 });
  assert.ok(elements(out).every((value) => !Number.isNaN(value)));
  const empty = nans();
  matmul(empty, viewOf(new Float32Array(0), [3, 0]), viewOf(new Float32Array(0), [0, 4]));
  assert.deepEqual([...elements(empty)], new Array(12).fill(0));
  const kept = viewOf(new Float32Array([1, -2]), [1, 2]);
  const bias = viewOf(new Float32Array([10, 20]));
  matmul(kept, viewOf(new Float32Array(0), [1, 0]), viewOf(new Float32Array(0), [0, 2]), { beta: 3, bias });
  assert.deepEqual([...elements(kept)], [13, 14]);
});

test("special values: infinities and NaN pass through, except where alpha is 0", () => {
  const a = viewOf(new Float32Array([Number.POSITIVE_INFINITY, 1, Number.NaN, 1]), [2, 2]);
  const b = viewOf(new Float32Array([1, 0, 1, 1]), [2, 2]);
  const out = viewOf(new Float32Array(4), [2, 2]);
  matmul(out, a, b, { activation: "relu" });
  assert.deepEqual([...elements(out)], [Number.POSITIVE_INFINITY, Number.NaN, Number.NaN, Number.NaN]);
  matmul(out, a, b, { alpha: 0 });
  assert.deepEqual([...elements(out)], [0, 0, 0, 0]);
});

test("uint8 wraps around as in PyTorch, and bool is refused", () => {
  const x = viewOf(new Uint8Array(4).fill(200), [2, 2]);
  const out = viewOf(new Uint8Array(4), [2, 2]);
  matmul(out, x, x);
  assert.deepEqual([...elements(out)], [128, 128, 128, 128]);
  const flags = viewOf(new Uint8Array(1), [1, 1], { dtype: bool });
  assert.throws(() => matmul(flags, flags, flags), /not implemented for 'Bool'/);
});

test("dot", () => {
  for (const dtype of [...floating, ...integers]) {
    for (const n of [0, 1, 5, 64, 1000]) {
      const [a, b] = [randomView(dtype, [n], { gap: 2 }), randomView(dtype, [n])];
      const asMatrix = (view: ArrayView, rows: number, cols: number): ArrayView => {
        const stride = view.strides[0] as number;
        return { ...view, sizes: [rows, cols], strides: [stride, stride] };
      };
      const out = randomView(dtype, []);
      const [answer] = expected(randomView(dtype, [1, 1]), asMatrix(a, 1, n), asMatrix(b, n, 1), {});
      const [want, bound] = answer as [number | bigint, number];
      dot(out, a, b);
      const got = read(out, []);
      if (typeof want === "bigint") assert.equal(BigInt(got), want);
      else assert.ok(Math.abs(Number(got) - want) <= bound);
    }
  }
});
