/**
 * Calls the public API with random and often wrong arguments: whatever is called, the process must survive, no
 * call may take long, and every failure must be an error that a check of ours raised.
 *
 * `FLAMBEAU_FUZZ_CALLS` sets the number of calls, `FLAMBEAU_FUZZ_SEED` repeats a run. A crash leaves the last
 * call in the file that `FLAMBEAU_FUZZ_TRACE` names. `FLAMBEAU_FUZZ_GO_ON` counts failures and reports all at the end.
 */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { inspect } from "node:util";
import torch from "../../src/index.js";
import { isInternal, kinds, type Trial } from "./trials.js";
import { describe, Values } from "./values.js";

const calls = Number(process.env.FLAMBEAU_FUZZ_CALLS ?? 20_000);
const seed = Number(process.env.FLAMBEAU_FUZZ_SEED ?? 1);
const trace = process.env.FLAMBEAU_FUZZ_TRACE;
const goesOn = process.env.FLAMBEAU_FUZZ_GO_ON !== undefined;

/** Milliseconds of computation that one call may take. */
const longest = 60_000;

const weighted = kinds.flatMap(([weight, make]) => new Array<typeof make>(weight).fill(make));

class Fuzzer {
  /** How many calls threw nothing. */
  successes = 0;
  readonly failures = new Map<string, string>();

  constructor(readonly values: Values) {}

  /** One random call; returns its name. */
  step(): string {
    const trial = this.values.of(weighted)(this.values);
    if (trace !== undefined) writeFileSync(trace, callOf(trial));
    const begin = process.cpuUsage();
    try {
      this.#inRandomMode(() => this.#use(trial.run()));
      this.successes++;
    } catch (error) {
      this.#check(trial, error);
    }
    const { user, system } = process.cpuUsage(begin);
    if (user + system > 1000 * longest) this.#fail(trial, `${trial.name} took ${(user + system) / 1e6} s`);
    return trial.name;
  }

  /** Modes and defaults that the call leaves behind end with it. */
  #inRandomMode(body: () => void): void {
    const mode = this.values.chance(0.1) ? this.values.of([torch.noGrad, torch.inferenceMode]) : torch.enableGrad;
    try {
      mode(body);
    } finally {
      torch.setDefaultDtype(torch.float32);
      torch.setPrintoptions({ profile: "default" });
    }
  }

  /** Reads what came back, prints it, and sends a gradient through it. */
  #use(result: unknown, depth = 0): void {
    if (!(result instanceof torch.Tensor)) {
      // Not for ever: a list may contain itself.
      if (Array.isArray(result) && depth < 5) for (const item of result.slice(0, 5)) this.#use(item, depth + 1);
      return;
    }
    if (result.numel() < 10_000) result.toTypedArray();
    if (result.numel() < 100 && this.values.chance(0.1)) inspect(result);
    if (result.requiresGrad && this.values.chance(0.5)) result.sum().backward();
  }

  #check(trial: Trial, error: unknown): void {
    if (!(error instanceof Error)) this.#fail(trial, `${trial.name} threw ${String(error)}, which is no Error`);
    else if (isInternal(error))
      this.#fail(trial, `${error.name}: ${error.message}\n${error.stack?.split("\n").slice(1, 5).join("\n")}`);
  }

  #fail(trial: Trial, reason: string): void {
    const report = `${reason}\nin ${callOf(trial)}`;
    assert.ok(goesOn, report);
    const place = reason.split("\n").slice(0, 2).join(" ");
    this.failures.set(place, report);
  }
}

function callOf({ name, args }: Trial): string {
  return `${name}(${args.map((arg) => describe(arg)).join(", ")})`;
}

test(`${calls} random calls with seed ${seed} leave the process alive`, (t) => {
  const fuzzer = new Fuzzer(new Values(seed));
  torch.manualSeed(seed);
  const seen = new Set<string>();
  for (let i = 0; i < calls; i++) seen.add(fuzzer.step());
  t.diagnostic(`${fuzzer.successes} calls succeeded, of ${seen.size} functions`);
  assert.deepEqual([...fuzzer.failures.values()], []);
  assert.ok(seen.size > Math.min(200, calls / 50), `only ${seen.size} different functions were called`);
});
