/** Random numbers against those that PyTorch gives from the same seed, bit for bit (conformance/random/generate.py). */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as random from "../../src/backend/cpu/random.js";
import { defaultGenerator, Generator } from "../../src/backend/generator.js";
import { bool, type DType, dtypes, float32, float64, int8, int64, type TypedArray } from "../../src/core/dtype.js";
import type { ArrayView } from "../../src/core/view.js";
import torch from "../../src/index.js";
import { forkRng, initialSeed, manualSeed, seed } from "../../src/random.js";
import { rowMajor, viewOf } from "../support/views.js";

interface Call {
  op: string;
  dtype: string;
  args?: unknown[];
  sizes: number[];
  /** Strides, offset and elements in memory, where the output is a view. */
  layout?: [number[], number, number];
  first: string;
  last?: string;
  hash: string;
}

interface Case extends Partial<Call> {
  seed: string;
  calls: Call[];
  state: string;
}

interface Golden {
  states: { fresh: string; saved: { head: string; words: string; tail: string }; following: string };
  cases: Case[];
}

const golden = JSON.parse(readFileSync(new URL("../../../test/random/golden.json", import.meta.url), "utf8")) as Golden;

/** A copy of the state's bytes. */
const bytesOfState = (generator: Generator) => generator.getState().toTypedArray() as Uint8Array;

const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex").slice(0, 12);
const bytesOf = (array: TypedArray) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const dtypeNamed = (name: unknown) => dtypes.find((dtype) => dtype.name === name) as DType;
const product = (sizes: readonly number[]) => sizes.reduce((n, size) => n * size, 1);
const array = (dtype: DType, n: number) => new dtype.arrayType(n) as TypedArray;

/** The rule by which the generator script makes inputs. */
const unit = (i: number) => ((i * 37 + 11) % 64) / 64;

function ramp(dtype: DType, sizes: readonly number[], value: (i: number) => number): ArrayView {
  const values = array(dtype, product(sizes));
  for (let i = 0; i < values.length; i++) values[i] = value(i);
  return viewOf(values, sizes);
}

function multinomial(out: ArrayView, generator: Generator, args: unknown[]): void {
  const [columns, samples, replacement, ptype, columnMajor] = args as [number, number, boolean, string, boolean];
  const rows = out.sizes[0] as number;
  const rowWise = ramp(dtypeNamed(ptype), [rows, columns], unit);
  const place = (i: number) => (i % rows) * columns + Math.floor(i / rows);
  const columnWise = ramp(dtypeNamed(ptype), [rows, columns], (i) => unit(place(i)));
  const probs = columnMajor ? { ...columnWise, strides: [1, rows], contiguousFlag: rows === 1 } : rowWise;
  random.multinomial(out, generator, probs, samples, replacement);
}

function fill(out: ArrayView, generator: Generator, { op, args = [] }: Call): void {
  const n = product(out.sizes);
  const numbers = args as [number, number];
  const scaled = () => ramp(out.dtype, out.sizes, (i) => unit(i) * numbers[0]);
  switch (op) {
    case "uniform":
    case "normal":
    case "logNormal":
    case "cauchy":
      return random[op](out, generator, ...numbers);
    case "exponential":
    case "geometric":
    case "bernoulli":
      return random[op](out, generator, numbers[0]);
    case "bernoulliTensor":
      return random.bernoulliTensor(out, generator, ramp(dtypeNamed(args[0]), out.sizes.slice(-1), unit));
    case "randomFrom": {
      const [from, to] = args as [string, string | null];
      return random.randomFrom(out, generator, BigInt(from), to === null ? null : BigInt(to));
    }
    case "randomFull":
      return random.randomFull(out, generator);
    case "randperm":
      return random.randperm(out, generator, n);
    case "multinomial":
      return multinomial(out, generator, args);
    case "poisson":
    case "standardGamma":
      return random[op](out, generator, scaled());
    case "binomial": {
      const counts = ramp(out.dtype, out.sizes, (i) => unit(i) * 64 * numbers[0]);
      return random.binomial(
        out,
        generator,
        counts,
        ramp(out.dtype, out.sizes, (i) => unit(n - 1 - i)),
      );
    }
    default:
      throw new Error(op);
  }
}

function replay(call: Call, generator: Generator): void {
  const { sizes, layout } = call;
  const dtype = dtypeNamed(call.dtype);
  const [strides, offset, total] = layout ?? [rowMajor(sizes), 0, product(sizes)];
  const memory = array(dtype, total);
  for (let i = 0; i < total; i++) memory[i] = dtype === int64 ? 1n : 1;
  fill(viewOf(memory, sizes, { strides, offset, dtype }), generator, call);
  const bytes = bytesOf(memory);
  const seen = {
    first: hexOf(bytes.subarray(0, 2 * dtype.itemsize)),
    last: total > 2 ? hexOf(bytes.subarray(-dtype.itemsize)) : undefined,
    hash: digest(bytes),
  };
  const label = `${call.op} ${call.args} ${dtype} [${sizes}]${layout ? ` strides [${strides}]` : ""}`;
  assert.deepEqual(seen, { first: call.first, last: call.last, hash: call.hash }, label);
}

/** What needs nothing of the system's mathematical library, whose last bits are glibc's in the recording. */
const selfContained = new Set(["uniform", "bernoulli", "bernoulliTensor", "randomFrom", "randomFull", "randperm"]);

function isSelfContained(call: Call): boolean {
  if (selfContained.has(call.op)) return true;
  if (call.op === "multinomial") return call.args?.[2] === true;
  return call.op === "normal" && call.dtype === "float32" && product(call.sizes) >= 16 && call.layout === undefined;
}

const { header } = process.report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
const hasGlibc = header.glibcVersionRuntime !== undefined && process.env.FLAMBEAU_WASM === undefined;

for (const op of [...new Set(golden.cases.map(({ op }) => op ?? "mixed"))]) {
  test(`${op} gives PyTorch's numbers`, (context) => {
    let replayed = 0;
    for (const { seed, calls, state, ...common } of golden.cases) {
      if ((common.op ?? "mixed") !== op) continue;
      const all = calls.map((call): Call => ({ ...(common as Partial<Call>), ...call }));
      if (!hasGlibc && !all.every(isSelfContained)) continue;
      const generator = new Generator().manualSeed(BigInt(seed));
      for (const call of all) replay(call, generator);
      assert.equal(digest(bytesOfState(generator)), state, `state after ${op}`);
      replayed++;
    }
    if (replayed === 0) context.skip("the C library is not glibc");
  });
}

test("states have PyTorch's bytes and go both ways", () => {
  const { fresh, saved, following } = golden.states;
  assert.equal(digest(bytesOfState(new Generator())), fresh);

  const words = Buffer.from(saved.words, "hex");
  const state = Buffer.alloc(5056);
  state.write(saved.head, 0, "hex");
  for (let i = 0; i < 624; i++) words.copy(state, 24 + 8 * i, 4 * i, 4 * i + 4);
  state.write(saved.tail, 24 + 624 * 8, "hex");
  const generator = new Generator();
  generator.setState(torch.fromTypedArray(new Uint8Array(state)));
  assert.deepEqual(Buffer.from(bytesOfState(generator)), state);
  const copy = generator.clone();
  for (const source of [generator, copy]) {
    const values = new Float32Array(3);
    random.normal(viewOf(values), source, 0, 1);
    if (hasGlibc) assert.equal(hexOf(bytesOf(values)), following);
  }
  assert.deepEqual(bytesOfState(copy), bytesOfState(generator));
});

test("states that would read beyond the engine are refused", () => {
  const generator = new Generator();
  const before = bytesOfState(generator);
  const broken = (offset: number, value: number) => {
    const state = bytesOfState(generator);
    new DataView(state.buffer).setInt32(offset, value, true);
    return torch.fromTypedArray(state);
  };
  for (const state of [broken(8, 0), broken(8, -5), broken(8, 626), broken(16, 1000), broken(20, 1), broken(12, 0)]) {
    assert.throws(() => generator.setState(state), /Invalid mt19937 state/);
  }
  const used = generator.clone();
  random.randomFull(viewOf(new Int8Array(10)), used);
  const inconsistent = bytesOfState(used);
  new DataView(inconsistent.buffer).setInt32(16, 624, true);
  assert.throws(() => generator.setState(torch.fromTypedArray(inconsistent)), /Invalid mt19937 state/);
  assert.throws(() => generator.setState(torch.fromTypedArray(new Uint8Array(56))), /5056 bytes, got 56/);
  const nowhere = torch.empty(5056, { dtype: torch.uint8, device: "meta" });
  for (const state of [nowhere, torch.empty(5056)]) {
    assert.throws(() => generator.setState(state), /RNG state must be a torch\.ByteTensor/);
  }
  assert.deepEqual(bytesOfState(generator), before);
});

test("seeds", () => {
  const generator = new Generator();
  assert.equal(generator.initialSeed(), 67280421310721);
  assert.equal(generator.manualSeed(5).initialSeed(), 5);
  assert.equal(generator.manualSeed(-1).initialSeed(), 2n ** 64n - 1n);
  assert.equal(generator.manualSeed(-(2n ** 63n)).initialSeed(), 2n ** 63n);
  assert.throws(() => generator.manualSeed(1.5), TypeError);
  assert.throws(() => generator.manualSeed(2n ** 64n), RangeError);
  assert.throws(() => generator.manualSeed(-(2n ** 63n) - 1n), RangeError);
  assert.throws(() => new Generator("cuda"), /"cpu"/);
  const first = generator.seed();
  assert.ok(Number.isSafeInteger(first) && first >= 0);
  assert.equal(generator.initialSeed(), first);
  assert.notEqual(generator.seed(), first);
});

function draw(): string {
  const values = new Float32Array(2);
  random.uniform(viewOf(values), defaultGenerator, 0, 1);
  return values.join();
}

test("the default generator, and a fork of it", async () => {
  assert.equal(manualSeed(3), defaultGenerator);
  assert.equal(initialSeed(), 3);
  const expected = draw();
  manualSeed(3);
  assert.equal(forkRng(draw), expected);
  assert.throws(() => forkRng(() => assert.fail(draw())), { message: expected });
  const later = forkRng(async () => {
    await Promise.resolve();
    return draw();
  });
  assert.equal(await later, expected);
  assert.equal(draw(), expected);
  const fresh = seed();
  assert.equal(initialSeed(), fresh);
});

test("arguments that are not probabilities, rates or ranges throw and draw nothing", () => {
  const generator = new Generator();
  const before = bytesOfState(generator);
  const out = viewOf(new Float32Array(3));
  const bad = (...values: number[]) => viewOf(Float32Array.from(values));
  assert.throws(() => random.bernoulliTensor(out, generator, bad(0.5, 2, 0.1)), /in \[0, 1\]/);
  assert.throws(() => random.bernoulliTensor(out, generator, bad(0.5, Number.NaN, 0.1)), /in \[0, 1\]/);
  assert.throws(() => random.poisson(out, generator, bad(1, 2, -1)), /invalid Poisson rate/);
  assert.throws(() => random.randomFrom(out, generator, 5, 5), /from=5 >= to=5/);
  assert.throws(() => random.randomFrom(viewOf(new Int8Array(3)), generator, 200, null), RangeError);
  const sample = (replacement: boolean, ...values: number[]) => {
    const probs = viewOf(Float32Array.from(values), [1, values.length]);
    random.multinomial(viewOf(new BigInt64Array(2), [1, 2]), generator, probs, 2, replacement);
  };
  for (const replacement of [false, true]) {
    assert.throws(() => sample(replacement, 1, -1), /entry < 0/);
    assert.throws(() => sample(replacement, 1, Number.POSITIVE_INFINITY), /infinity or NaN/);
    assert.throws(() => sample(replacement, 0, 0), /sum of probabilities <= 0/);
  }
  assert.throws(() => sample(false, 1), /without replacement/);
  const none = viewOf(new BigInt64Array(0), [1, 0]);
  const even = viewOf(new Float32Array(3).fill(1), [1, 3]);
  assert.throws(() => random.multinomial(none, generator, even, 0, true), /n_sample <= 0/);
  assert.deepEqual(bytesOfState(generator), before);
});

test("extreme parameters end and stay in range", () => {
  const generator = new Generator();
  const inputs = viewOf(Float64Array.from([Number.NaN, Number.POSITIVE_INFINITY, 1e300, 1e-300, 0, -1]));
  const n = inputs.sizes[0] as number;
  const out = new Float64Array(n);
  random.binomial(viewOf(out), generator, inputs, viewOf(new Float64Array(n).fill(0.25)));
  random.binomial(viewOf(out), generator, viewOf(new Float64Array(n).fill(20)), inputs);
  assert.deepEqual(
    [...out].map((x) => Number.isNaN(x) || (x >= 0 && x <= 20)),
    new Array(n).fill(true),
  );
  random.standardGamma(viewOf(out), generator, inputs);
  const rates = Float64Array.from([Number.POSITIVE_INFINITY, 1e300, 1e-300, 0]);
  random.poisson(viewOf(new Float64Array(4)), generator, viewOf(rates));
  const bytes = new Int8Array(50);
  random.geometric(viewOf(bytes), generator, 1e-12);
  const flags = new Uint8Array(50);
  random.randomFull(viewOf(flags, [50], { dtype: bool }), generator);
  assert.ok(flags.every((flag) => flag <= 1));
});

test("permutations hold every number once, in every dtype", () => {
  const generator = new Generator().manualSeed(1);
  for (const dtype of [float32, float64, int64, int8]) {
    for (const n of [0, 1, 2, 127]) {
      const values = array(dtype, n);
      random.randperm(viewOf(values, [n], { dtype }), generator, n);
      const sorted = Array.from(values as ArrayLike<number | bigint>, Number).sort((a, b) => a - b);
      assert.deepEqual(
        sorted,
        Array.from({ length: n }, (_, i) => i),
      );
    }
  }
});
