/** Makes random calls and judges what becomes of them: each call depends on the seed and its number alone. */
import { inspect } from "node:util";
import torch from "../../src/index.js";
import { attempt, isInternal, type Trial } from "./trial.js";
import { kinds } from "./trials.js";
import { describe, Values } from "./values.js";

/** Milliseconds of computation that one call may take, and bytes that it may set aside. */
const longest = 60_000;
const largest = 2 ** 31;

const weighted = kinds.flatMap(([weight, make]) => new Array<typeof make>(weight).fill(make));

export class Fuzzer {
  /** How many calls threw nothing. */
  successes = 0;
  /** The functions that were called. */
  readonly seen = new Set<string>();

  constructor(
    readonly seed: number,
    /** Told of each call before it is made. */
    readonly note: (index: number, call: () => string) => void,
    /** Told of what should not have happened. */
    readonly report: (index: number, reason: string, call: string) => void,
  ) {}

  /** Makes the call of a number. */
  step(index: number): void {
    const seed = Math.imul(this.seed, 0x9e3779b1) + Math.imul(index, 0x85ebca6b);
    torch.manualSeed(seed >>> 0);
    const values = new Values(seed);
    const trial = attempt(() => values.of(weighted)(values));
    // The values did not go together as far as that.
    if (trial instanceof Error) return;
    const call = `${trial.name}(${trial.args.map((arg) => describe(arg)).join(", ")})`;
    this.note(index, () => call);
    this.seen.add(trial.name);
    const wrong = (reason: string | undefined) => {
      if (reason !== undefined) this.report(index, reason, call);
    };
    wrong(this.#judged(values, trial, wrong));
  }

  /** Runs the call; returns what is wrong with its outcome, and tells `later` what is wrong with that of a promise. */
  #judged(values: Values, trial: Trial, later: (reason: string | undefined) => void): string | undefined {
    const refused = (error: unknown) => (trial.isHostile ? undefined : wrongWith(error));
    const begin = process.cpuUsage();
    torch.memory.resetPeakMemoryStats();
    const { alive } = torch.memory.stats();
    let reason: string | undefined;
    try {
      inRandomMode(values, () => use(values, trial.run(), (error) => later(refused(error))));
      this.successes++;
    } catch (error) {
      reason = refused(error);
    }
    const { user, system } = process.cpuUsage(begin);
    if (user + system > 1000 * longest) return `it took ${(user + system) / 1e6} s`;
    const { peak } = torch.memory.stats();
    if (peak - alive > largest) return `it set aside ${peak - alive} bytes`;
    return reason;
  }
}

/** What is wrong with an error, if it is one that the library did not mean. */
export function wrongWith(error: unknown): string | undefined {
  if (!(error instanceof Error)) return `it threw ${String(error)}, which is no Error`;
  if (!isInternal(error)) return undefined;
  const place = error.stack?.split("\n").slice(1, 5).join("\n");
  return `${error.name}: ${error.message}\n${place}`;
}

/** Modes and defaults that the call leaves behind end with it. */
function inRandomMode(values: Values, body: () => void): void {
  const mode = values.chance(0.1) ? values.of([torch.noGrad, torch.inferenceMode]) : torch.enableGrad;
  try {
    mode(body);
  } finally {
    torch.setDefaultDtype(torch.float32);
    torch.setPrintoptions({ profile: "default" });
  }
}

/** Reads what came back, prints it, and sends a gradient through it; a promise may fail later. */
function use(values: Values, result: unknown, refused: (error: unknown) => void, depth = 0): void {
  if (result instanceof Promise) result.catch(refused);
  if (!(result instanceof torch.Tensor)) {
    // Not for ever: a list may contain itself.
    if (Array.isArray(result) && depth < 5)
      for (const item of result.slice(0, 5)) use(values, item, refused, depth + 1);
    return;
  }
  if (result.numel() < 10_000) result.toTypedArray();
  if (result.numel() < 100 && values.chance(0.1)) inspect(result);
  if (result.requiresGrad && values.chance(0.5)) result.sum().backward();
}
