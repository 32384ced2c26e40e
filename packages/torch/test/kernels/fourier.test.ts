/** Fourier transforms against the sum that they are, for all small lengths, primes, and every way to walk the lines. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type FourierKind, fourier } from "../../src/backend/cpu/fourier.js";
import { complex64, complex128, type DType, float32, float64 } from "../../src/core/dtype.js";
import torch from "../../src/index.js";
import { viewOf } from "../support/views.js";

const precisions = [
  { real: float32, complex: complex64, array: Float32Array, tolerance: 1e-6 },
  { real: float64, complex: complex128, array: Float64Array, tolerance: 5e-14 },
] as const;
type Precision = (typeof precisions)[number];

/** Numbers from -1 to 1 that look like chance. */
function noise(count: number, seed: number): number[] {
  let state = seed * 2654435761 + 12345;
  return Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  });
}

/** Places of a line that are compared: all of a short one, and some of a long one. */
function placesOf(length: number): number[] {
  const count = Math.min(length, 64);
  return Array.from({ length: count }, (_, i) => Math.floor((i * (length - 1)) / Math.max(count - 1, 1)));
}

/** The sums of x e^(∓2πi jk/n) at places k, the real and the imaginary part of each. */
function direct(
  re: readonly number[],
  im: readonly number[],
  inverse: boolean,
  places: readonly number[],
): [re: number[], im: number[]] {
  const n = re.length;
  const sign = inverse ? 1 : -1;
  const angles = Array.from({ length: n }, (_, j) => (2 * Math.PI * j) / n);
  const [cos, sin] = [angles.map(Math.cos), angles.map((angle) => sign * Math.sin(angle))];
  const sums: [number[], number[]] = [[], []];
  for (const k of places) {
    let [a, b] = [0, 0];
    for (let j = 0; j < n; j++) {
      const place = (j * k) % n;
      const [c, s, x, y] = [cos[place], sin[place], re[j], im[j]] as [number, number, number, number];
      a += x * c - y * s;
      b += x * s + y * c;
    }
    sums[0].push(a);
    sums[1].push(b);
  }
  return sums;
}

/** How lines lie in memory: the numbers of a line side by side, those of all lines, or neither. */
const layouts = ["rows", "columns", "gaps"] as const;
type Layout = (typeof layouts)[number];

/** Lines of numbers in memory, each of so many parts. */
class Block {
  readonly data: Float32Array | Float64Array;
  readonly step: number;
  readonly lane: number;

  constructor(
    readonly precision: Precision,
    readonly dtype: DType,
    readonly lines: number,
    readonly length: number,
    layout: Layout,
  ) {
    this.step = layout === "rows" ? 1 : layout === "columns" ? lines : 3;
    this.lane = layout === "columns" ? 1 : this.step * length + (layout === "gaps" ? 2 : 0);
    this.data = new precision.array(this.parts * ((lines - 1) * this.lane + length * this.step)).fill(NaN);
  }

  get parts(): number {
    return this.dtype.isComplex ? 2 : 1;
  }

  get view() {
    return viewOf(this.data, [this.lines, this.length], { strides: [this.lane, this.step], dtype: this.dtype });
  }

  /** One part of the numbers of a line. */
  line(index: number, part: number): number[] {
    return Array.from({ length: this.length }, (_, j) =>
      part < this.parts ? (this.data[this.parts * (index * this.lane + j * this.step) + part] as number) : 0,
    );
  }

  fill(): this {
    for (let i = 0; i < this.lines; i++) {
      for (let part = 0; part < this.parts; part++) {
        const values = noise(this.length, 7 * i + part);
        values.forEach((value, j) => {
          this.data[this.parts * (i * this.lane + j * this.step) + part] = value;
        });
      }
    }
    return this;
  }
}

/** What a transform to real numbers takes for its whole input: the first half, and its mirror image. */
function mirrored(half: readonly number[], n: number, sign: number): number[] {
  const whole = [
    ...half,
    ...Array.from({ length: n - half.length }, (_, j) => sign * (half[n - half.length - j] as number)),
  ];
  if (sign > 0) return whole;
  whole[0] = 0;
  if (n % 2 === 0) whole[n / 2] = 0;
  return whole;
}

function check(kind: FourierKind, precision: Precision, n: number, lines: number, layout: Layout): void {
  const { real, complex, tolerance } = precision;
  const half = Math.floor(n / 2) + 1;
  const input = new Block(
    precision,
    kind.endsWith("romReal") ? real : complex,
    lines,
    kind === "toReal" ? half : n,
    layout,
  );
  const output = new Block(
    precision,
    kind === "toReal" ? real : complex,
    lines,
    kind === "fromReal" ? half : n,
    layout,
  );
  input.fill();
  for (const inverse of [false, true]) {
    fourier(kind, output.view, input.view, 1, inverse, 0.5);
    for (const i of new Set([0, lines - 1])) {
      let [re, im] = [input.line(i, 0), input.line(i, 1)];
      if (kind === "toReal") [re, im] = [mirrored(re, n, 1), mirrored(im, n, -1)];
      const places = placesOf(output.length);
      const wanted = direct(re, im, inverse, places);
      const size = Math.hypot(...wanted[0], ...wanted[1]) || 1;
      for (let part = 0; part < output.parts; part++) {
        const actual = output.line(i, part);
        const error = Math.hypot(
          ...places.map((k, at) => (actual[k] as number) - 0.5 * (wanted[part]?.[at] as number)),
        );
        assert.ok(
          error <= tolerance * size,
          `${kind} of ${n} ${real}, line ${i} of ${lines} in ${layout}: ${error / size}`,
        );
      }
    }
  }
}

const kinds = ["complex", "fromReal", "toReal", "wholeFromReal"] as const;

for (const kind of kinds) {
  test(`${kind}: every length up to 64, of one line and of many`, () => {
    for (const precision of precisions) {
      for (let n = 1; n <= 64; n++) {
        for (const lines of [1, 3, 20]) {
          for (const layout of layouts) check(kind, precision, n, lines, layout);
        }
      }
    }
  });

  test(`${kind}: primes, squares of primes, powers and products`, () => {
    const lengths = [
      67,
      97,
      101,
      127,
      128,
      251,
      31 * 31,
      37 * 37,
      243,
      343,
      509,
      512,
      625,
      720,
      1000,
      1009,
      1018,
      1024,
      2047,
    ];
    for (const precision of precisions) {
      for (const n of lengths) {
        for (const lines of [1, 18]) check(kind, precision, n, lines, "rows");
        check(kind, precision, n, 18, n % 2 === 0 ? "columns" : "gaps");
      }
    }
  });
}

test("in place, along either dim of a matrix", () => {
  for (const precision of precisions) {
    for (const n of [8, 37, 96, 512]) {
      for (const dim of [0, 1]) {
        const block = new Block(precision, precision.complex, n, n, "rows").fill();
        const apart = new Block(precision, precision.complex, n, n, "rows");
        fourier("complex", apart.view, block.view, dim, false, 1);
        fourier("complex", block.view, block.view, dim, false, 1);
        assert.deepEqual(block.data, apart.data);
      }
    }
  }
});

/** The largest difference after a transform and its inverse, relative to numbers up to 1. */
function roundTrip(precision: Precision, n: number): number {
  const [block, there, back] = [0, 1, 2].map(() => new Block(precision, precision.complex, 1, n, "rows")) as [
    Block,
    Block,
    Block,
  ];
  block.fill();
  fourier("complex", there.view, block.view, 1, false, 1);
  fourier("complex", back.view, there.view, 1, true, 1 / n);
  const differences = Array.from(block.data, (value, i) => Math.abs(value - (back.data[i] as number)));
  return differences.reduce((a, b) => Math.max(a, b), 0);
}

test("long lines, on one thread and on several", () => {
  for (const precision of precisions) {
    for (const n of [2 ** 17, 100003]) {
      assert.ok(roundTrip(precision, n) < 10 * precision.tolerance, `${n} ${precision.real}`);
    }
  }
});

test("more lengths than plans are kept", () => {
  const [, precision] = precisions;
  for (let round = 0; round < 2; round++) {
    for (let n = 20001; n < 20201; n += 20) assert.ok(roundTrip(precision, n) < precision.tolerance, `${n}`);
  }
});

test("the parts of input and output have one dtype", () => {
  const [out, a] = [torch.zeros([8], { dtype: torch.complex64 }), torch.zeros([8], { dtype: torch.bfloat16 })];
  for (const kind of ["wholeFromReal", "complex", "fromReal"] as const) {
    assert.throws(() => fourier(kind, out, a, 0, false, 1), /^TypeError: a transform to complex64 takes no bfloat16$/);
  }
});
