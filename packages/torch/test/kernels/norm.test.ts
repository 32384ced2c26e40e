/** Normalizations and their gradients against a plain reference in float64: rows, planes and columns of any length. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  normRows,
  normRowsBackward,
  normShared,
  normSharedBackward,
  type SharedGroups,
} from "../../src/backend/cpu/norm.js";
import { getNumThreads, setNumThreads } from "../../src/backend/threads.js";
import { viewOf } from "../support/views.js";

type Floats = Float32Array | Float64Array;
type Make = new (length: number | Iterable<number>) => Floats;

const eps = 1e-3;

/** Which group and which weight an element belongs to. */
interface Places {
  readonly count: number;
  readonly groups: number;
  readonly weights: number;
  group(i: number): number;
  weight(i: number): number;
}

interface Result {
  readonly out: Floats;
  readonly dx: Floats;
  readonly dw: Floats;
  readonly db: Floats;
  readonly mean: Floats;
  readonly rstd: Floats;
}

interface Numbers {
  readonly x: Floats;
  readonly grad: Floats;
  readonly weight: Floats;
  readonly bias: Floats;
}

function numbers(Floats: Make, { count, weights }: Places): Numbers {
  const wave = (n: number, step: number, shift: number) =>
    new Floats(Array.from({ length: n }, (_, i) => shift + 3 * Math.sin(step * i + (i % 7))));
  return {
    x: wave(count, 12.9898, 5),
    grad: wave(count, 78.233, 0),
    weight: wave(weights, 3.7, 1),
    bias: wave(weights, 1.3, 0),
  };
}

/** The formulas, one element after the other. */
function reference(places: Places, isCentered: boolean, { x, grad, weight, bias }: Numbers): Result {
  const { count, groups, weights } = places;
  const wide = (n: number) => new Float64Array(n);
  const result = {
    out: wide(count),
    dx: wide(count),
    dw: wide(weights),
    db: wide(weights),
    mean: wide(groups),
    rstd: wide(groups),
  };
  const [sizes, squares, flow, dot] = [wide(groups), wide(groups), wide(groups), wide(groups)];
  const each = (visit: (i: number, g: number, w: number) => void) => {
    for (let i = 0; i < count; i++) visit(i, places.group(i), places.weight(i));
  };
  const add = (to: Floats, at: number, value: number) => {
    to[at] = (to[at] as number) + value;
  };
  each((i, g) => add(sizes, g, 1) ?? add(result.mean, g, isCentered ? (x[i] as number) : 0));
  result.mean.forEach((sum, g) => {
    result.mean[g] = sum / (sizes[g] as number);
  });
  const centered = (i: number, g: number) => (x[i] as number) - (result.mean[g] as number);
  each((i, g) => add(squares, g, centered(i, g) ** 2));
  squares.forEach((sum, g) => {
    result.rstd[g] = 1 / Math.sqrt(sum / (sizes[g] as number) + eps);
  });
  each((i, g, w) => {
    const normalized = centered(i, g) * (result.rstd[g] as number);
    const dy = grad[i] as number;
    result.out[i] = normalized * (weight[w] as number) + (bias[w] as number);
    add(result.dw, w, dy * normalized);
    add(result.db, w, dy);
    add(flow, g, isCentered ? dy * (weight[w] as number) : 0);
    add(dot, g, dy * (weight[w] as number) * normalized);
  });
  each((i, g, w) => {
    const [n, r] = [sizes[g] as number, result.rstd[g] as number];
    const normalized = centered(i, g) * r;
    const own = (grad[i] as number) * (weight[w] as number);
    result.dx[i] = r * (own - (flow[g] as number) / n - (normalized * (dot[g] as number)) / n);
  });
  return result;
}

function check(
  name: string,
  Floats: Make,
  places: Places,
  isCentered: boolean,
  run: (n: Numbers, r: Result) => void,
): void {
  const given = numbers(Floats, places);
  const { count, groups, weights } = places;
  const [out, dx, dw, db] = [new Floats(count), new Floats(count), new Floats(weights), new Floats(weights)];
  const found = { out, dx, dw, db, mean: new Floats(groups), rstd: new Floats(groups) };
  run(given, found);
  const expected = reference(places, isCentered, given);
  const tolerance = Floats === Float32Array ? 4e-6 : 1e-12;
  for (const [part, values] of Object.entries(expected)) {
    // What is summed up is as exact as its terms are large, and so are gradients where the variance is small.
    const scale = part === "dw" || part === "db" ? (3 * 4 * count) / weights : part === "dx" ? 3 / Math.sqrt(eps) : 10;
    const got = found[part as keyof Result];
    values.forEach((value: number, i: number) => {
      if (!isCentered && (part === "mean" || part === "db")) return;
      const gap = Math.abs((got[i] as number) - value);
      assert.ok(
        gap <= tolerance * Math.max(scale, Math.abs(value)),
        `${name}: ${part}[${i}] is ${got[i]}, not ${value}`,
      );
    });
  }
}

const kinds: Make[] = [Float32Array as Make, Float64Array as Make];

test("rows, with one set of weights or several in turn", () => {
  for (const Floats of kinds) {
    for (const [rows, length, period] of [
      [1, 1, 1],
      [3, 7, 1],
      [6, 33, 2],
      [130, 70, 1],
      [9, 5003, 3],
      [700, 129, 7],
    ] as const) {
      const places = {
        count: rows * length,
        groups: rows,
        weights: period * length,
        group: (i: number) => Math.floor(i / length),
        weight: (i: number) => i % (period * length),
      };
      const groups = { rows, length, period };
      for (const isCentered of [true, false]) {
        check(
          `${rows}×${length}, centered: ${isCentered}`,
          Floats,
          places,
          isCentered,
          ({ x, grad, weight, bias }, r) => {
            const mean = isCentered ? viewOf(r.mean) : undefined;
            normRows(
              viewOf(r.out),
              viewOf(x),
              groups,
              { weight: viewOf(weight), bias: viewOf(bias) },
              mean,
              viewOf(r.rstd),
              eps,
            );
            const gradients = { input: viewOf(r.dx), weight: viewOf(r.dw), bias: viewOf(r.db) };
            normRowsBackward(gradients, viewOf(grad), viewOf(x), groups, viewOf(weight), mean, viewOf(r.rstd));
          },
        );
      }
    }
  }
});

function checkShared(groups: SharedGroups, Floats: Make): void {
  const { isBatch, outer, inner, length, period } = groups;
  const places = {
    count: outer * inner * length,
    groups: isBatch ? inner : outer,
    weights: isBatch ? inner : period * inner,
    group: (i: number) => (isBatch ? Math.floor(i / length) % inner : Math.floor(i / (inner * length))),
    weight: (i: number) => Math.floor(i / length) % (isBatch ? inner : period * inner),
  };
  const name = `${groups.layout} ${outer}×${inner}×${length}, batch: ${isBatch}`;
  check(name, Floats, places, true, ({ x, grad, weight, bias }, r) => {
    const statistics = { mean: viewOf(r.mean), spread: viewOf(r.rstd), isGiven: false, eps };
    normShared(viewOf(r.out), viewOf(x), groups, { weight: viewOf(weight), bias: viewOf(bias) }, statistics);
    const gradients = { input: viewOf(r.dx), weight: viewOf(r.dw), bias: viewOf(r.db) };
    normSharedBackward(gradients, viewOf(grad), viewOf(x), groups, viewOf(weight), statistics);
  });
}

/** By one thread and by several. */
function checkThreads(groups: SharedGroups, Floats: Make): void {
  const before = getNumThreads();
  try {
    for (const threads of [1, 3]) {
      setNumThreads(threads);
      checkShared(groups, Floats);
    }
  } finally {
    setNumThreads(before);
  }
}

test("planes of batch norm and of group norm", () => {
  const sizes = [
    [1, 1, 2],
    [3, 5, 7],
    [5, 3, 49],
    [40, 6, 49],
    [4, 3, 1000],
    [2, 3, 5003],
  ] as const;
  for (const Floats of kinds) {
    for (const [outer, inner, length] of sizes) {
      checkThreads({ layout: "planes", isBatch: true, outer, inner, length, period: 1 }, Floats);
      checkThreads({ layout: "planes", isBatch: false, outer: 2 * outer, inner, length, period: 2 }, Floats);
    }
  }
});

test("columns", () => {
  const sizes = [
    [2, 1],
    [5, 3],
    [70, 33],
    [300, 70],
    [129, 1030],
    [9, 2050],
  ] as const;
  for (const Floats of kinds) {
    for (const [outer, inner] of sizes) {
      checkThreads({ layout: "columns", isBatch: true, outer, inner, length: 1, period: 1 }, Floats);
    }
  }
});

test("outputs of more than 16 MB, which go around the caches, are those of a part of them that is repeated", () => {
  const part = { isBatch: true, period: 1 } as const;
  for (const groups of [
    { ...part, layout: "planes", outer: 1, inner: 3, length: 20_003 },
    { ...part, layout: "columns", outer: 1001, inner: 64, length: 1 },
    { ...part, layout: "columns", outer: 31, inner: 2050, length: 1 },
  ] as const) {
    const count = groups.outer * groups.inner * groups.length;
    const copies = Math.ceil(2 ** 22 / count) + 1;
    const run = (times: number) => {
      const wave = (step: number) => Float32Array.from({ length: count }, (_, i) => 3 * Math.sin(step * i));
      const repeated = (values: Float32Array) => {
        const all = new Float32Array(times * count);
        for (let at = 0; at < all.length; at += count) all.set(values, at);
        return viewOf(all);
      };
      const [out, dx] = [new Float32Array(times * count), new Float32Array(times * count)];
      const [mean, spread] = [viewOf(new Float32Array(groups.inner)), viewOf(new Float32Array(groups.inner))];
      const statistics = { mean, spread, isGiven: false, eps };
      const [x, all] = [repeated(wave(12.9898)), { ...groups, outer: times * groups.outer }];
      normShared(viewOf(out), x, all, {}, statistics);
      normSharedBackward({ input: viewOf(dx) }, repeated(wave(78.233)), x, all, undefined, statistics);
      return [out, dx];
    };
    const expected = run(1);
    for (const [k, values] of run(copies).entries()) {
      const wrong = values.findIndex((value, i) => Math.abs(value - (expected[k]?.[i % count] as number)) > 1e-5);
      assert.equal(wrong, -1, `${groups.layout}: element ${wrong} of ${k === 0 ? "the output" : "the gradient"}`);
    }
  }
});

test("statistics of columns that drift, jump, hardly differ, or whose squares leave the range of float32", () => {
  const wave = (r: number) => Math.sin(12.9898 * r);
  const columns: ((r: number) => number)[] = [
    (r) => 1e4 * r + wave(r),
    (r) => (r < 200 ? 1e-3 : 1e6) + wave(r),
    (r) => (r === 0 ? 1e7 : wave(r)),
    (r) => 1e4 + wave(r),
    () => 0.1,
    (r) => 1e30 * wave(r),
    (r) => 1e-30 * wave(r),
    (r) => (r < 70 ? 0 : wave(r)),
    (r) => (r === 150 ? Number.POSITIVE_INFINITY : wave(r)),
    (r) => (r === 10 ? Number.NaN : wave(r)),
  ];
  const [rows, width] = [333, 40];
  const x = Float32Array.from({ length: rows * width }, (_, i) =>
    (columns[(i % width) % columns.length] as (r: number) => number)(Math.floor(i / width)),
  );
  const [out, mean, spread] = [new Float32Array(x.length), new Float32Array(width), new Float32Array(width)];
  const groups = { layout: "columns", isBatch: true, outer: rows, inner: width, length: 1, period: 1 } as const;
  normShared(
    viewOf(out),
    viewOf(x),
    groups,
    {},
    {
      mean: viewOf(mean),
      spread: viewOf(spread),
      isGiven: false,
      eps: 0,
    },
  );
  for (let j = 0; j < width; j++) {
    const column = Float64Array.from({ length: rows }, (_, r) => x[r * width + j] as number);
    const center = column.reduce((a, b) => a + b) / rows;
    const rstd = 1 / Math.sqrt(column.reduce((sum, v) => sum + (v - center) ** 2, 0) / rows);
    if (Number.isFinite(rstd)) {
      assert.ok(Math.abs((mean[j] as number) - center) <= 1e-6 * Math.max(Math.abs(center), 1 / rstd), `mean ${j}`);
      assert.ok(Math.abs((spread[j] as number) / Math.fround(rstd) - 1) <= 1e-5, `spread ${j}: ${spread[j]}, ${rstd}`);
    } else {
      assert.equal(mean[j], Math.fround(center));
      assert.ok(Number.isNaN(rstd) ? Number.isNaN(spread[j]) : (spread[j] as number) > 1e6, `spread ${j}`);
    }
  }
});

test("rows that go around the caches, as together they are more than 16 MB, are those of one", () => {
  for (const length of [768, 705]) {
    const rows = Math.ceil(2 ** 22 / length) + 1;
    const run = (count: number) => {
      const wave = (step: number) => Float32Array.from({ length }, (_, i) => 3 * Math.sin(step * i));
      const repeated = (values: Float32Array) => {
        const all = new Float32Array(count * length);
        for (let at = 0; at < all.length; at += length) all.set(values, at);
        return viewOf(all);
      };
      const [out, dx] = [new Float32Array(count * length), new Float32Array(count * length)];
      const [mean, rstd] = [viewOf(new Float32Array(count)), viewOf(new Float32Array(count))];
      const [x, weight, groups] = [repeated(wave(12.9898)), viewOf(wave(3.7)), { rows: count, length, period: 1 }];
      normRows(viewOf(out), x, groups, { weight }, mean, rstd, eps);
      normRowsBackward({ input: viewOf(dx) }, repeated(wave(78.233)), x, groups, weight, mean, rstd);
      return [out, dx];
    };
    const expected = run(1);
    for (const [k, values] of run(rows).entries()) {
      const wrong = values.findIndex((value, i) => Math.abs(value - (expected[k]?.[i % length] as number)) > 1e-5);
      assert.equal(wrong, -1, `rows of ${length}: element ${wrong} of ${k === 0 ? "the output" : "the gradient"}`);
    }
  }
});
