/**
 * Calls the public API with random tensors and random, often wrong arguments: whatever is called, the process
 * must survive, and every failure must be a JavaScript error.
 *
 * `FLAMBEAU_FUZZ_CALLS` sets the number of calls, `FLAMBEAU_FUZZ_SEED` repeats a run. A crash leaves the last
 * call in the file that `FLAMBEAU_FUZZ_TRACE` names.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import torch, { nn } from "../../src/index.js";
import { Choices } from "../support/random.js";

const calls = Number(process.env.FLAMBEAU_FUZZ_CALLS ?? 20_000);
const seed = Number(process.env.FLAMBEAU_FUZZ_SEED ?? Date.now() % 2 ** 31);
const trace = process.env.FLAMBEAU_FUZZ_TRACE;

const dtypes = [
  torch.float32,
  torch.float64,
  torch.int64,
  torch.int32,
  torch.int16,
  torch.int8,
  torch.uint8,
  torch.bool,
];

/** Left out: they change the state of the process for the calls that follow, or give memory away on purpose. */
const excluded = new Set(["setNumThreads", "setDefaultDtype", "setPrintoptions", "noGrad", "enableGrad", "setGradEnabled"]);
const excludedMethods = new Set(["constructor", "viewOf", "bumpVersion"]);

function methodsOf(prototype: object): string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name, { value }]) => typeof value === "function" && !excludedMethods.has(name))
    .map(([name]) => name);
}

type Call = (...args: unknown[]) => unknown;

function functionsOf(namespace: object, prefix: string): [name: string, call: Call][] {
  return Object.entries(namespace)
    .filter(([name, value]) => typeof value === "function" && !excluded.has(name) && !/^[A-Z]/.test(name))
    .map(([name, value]) => [`${prefix}${name}`, value as Call]);
}

class Fuzzer {
  readonly #functions = [
    ...functionsOf(torch, "torch."),
    ...functionsOf(nn.functional, "F."),
    ...functionsOf(nn.init, "init."),
  ];
  readonly #methods = methodsOf(torch.Tensor.prototype);
  readonly #words = ["sum", "mean", "none", "floor", "trunc", "add", "multiply", "reflect", "foo", ":", "1:", "::2", "...", "-1:", "a:b", "", "ij"];
  readonly #optionNames = ["dim", "keepdim", "dtype", "out", "alpha", "reduction", "generator", "requiresGrad", "p", "roundingMode", "descending", "foo", "dims", "weight", "inplace"];

  constructor(readonly random: Choices) {}

  shape(): number[] {
    const { random } = this;
    return random.list(random.below(5), () => random.of([0, 1, 1, 2, 3, 4, 5]));
  }

  tensor(): torch.Tensor {
    const { random } = this;
    const dtype = random.of(dtypes);
    let result: torch.Tensor;
    if (dtype.isFloatingPoint) result = torch.randn(this.shape(), { dtype });
    else result = torch.randint(dtype === torch.uint8 || dtype === torch.bool ? 0 : -3, dtype === torch.bool ? 2 : 6, this.shape(), { dtype });
    if (result.ndim > 0 && random.chance(0.2)) result = result.transpose(0, -1);
    if (result.ndim > 0 && random.chance(0.1)) result = result.at(random.of(["::2", "1:", ":1"]));
    if (random.chance(0.1)) result = result.expand([2, ...result.shape]);
    if (dtype.isFloatingPoint && random.chance(0.3)) result = result.detach().clone().requiresGrad_();
    return result;
  }

  number(): unknown {
    return this.random.of([0, 1, 2, 3, -1, -2, 5, 0.5, -0.5, Number.NaN, Infinity, -Infinity, 2n, -1n, 1e15, 2 ** 53, 2n ** 63n]);
  }

  value(depth = 0): unknown {
    const { random } = this;
    const kind = random.below(depth > 1 ? 8 : 12);
    if (kind < 4) return this.tensor();
    if (kind < 6) return this.number();
    if (kind === 6) return random.of([true, false, null, undefined, random.of(this.#words)]);
    if (kind === 7) return random.of<unknown>([random.of(dtypes), new torch.Generator(), () => 1, Symbol("s"), new Map()]);
    if (kind === 8) return random.list(random.below(4), () => random.of([0, 1, 2, -1, 3]));
    if (kind === 9) return random.list(random.below(4), () => this.tensor());
    if (kind === 10) return random.list(random.below(4), () => this.value(depth + 1));
    return Object.fromEntries(random.list(1 + random.below(2), () => [random.of(this.#optionNames), this.value(depth + 1)]));
  }

  /** One random call; returns its description. */
  step(): string {
    const { random } = this;
    const args = random.list(random.below(5), () => this.value());
    if (random.chance(0.5)) {
      const self = this.tensor();
      const name = random.of(this.#methods);
      return this.#run(`x.${name}`, () => (self as unknown as Record<string, Call>)[name]?.(...args), [self, ...args]);
    }
    const [name, call] = random.of(this.#functions);
    if (random.chance(0.6)) args.unshift(this.tensor());
    return this.#run(name, () => call(...args), args);
  }

  #run(name: string, body: () => unknown, args: readonly unknown[]): string {
    if (trace !== undefined) writeFileSync(trace, `${name}(${args.map(describe).join(", ")})`);
    try {
      this.#use(body());
    } catch (error) {
      assert.ok(error instanceof Error, `${name} threw ${String(error)}, which is no Error`);
    }
    return name;
  }

  /** Reads what came back, and sends a gradient through it. */
  #use(result: unknown): void {
    if (!(result instanceof torch.Tensor)) {
      if (Array.isArray(result)) for (const item of result.slice(0, 3)) this.#use(item);
      return;
    }
    if (result.numel() < 10_000) result.toTypedArray();
    if (result.requiresGrad && this.random.chance(0.5)) result.sum().backward();
  }
}

function describe(value: unknown): string {
  if (value instanceof torch.Tensor) return `tensor(${value.dtype}, [${value.shape}], strides [${value.stride()}])`;
  if (Array.isArray(value)) return `[${value.map(describe).join(", ")}]`;
  if (typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype) {
    return `{ ${Object.entries(value).map(([key, item]) => `${key}: ${describe(item)}`).join(", ")} }`;
  }
  return String(value);
}

test(`${calls} random calls with seed ${seed} leave the process alive`, () => {
  const fuzzer = new Fuzzer(new Choices(seed));
  torch.manualSeed(seed);
  const seen = new Set<string>();
  for (let i = 0; i < calls; i++) seen.add(fuzzer.step());
  assert.ok(seen.size > Math.min(200, calls / 50), `only ${seen.size} different functions were called`);
});
