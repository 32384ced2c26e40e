/** Measures a case: rounds of each side in turn. */
import { setTimeout } from "node:timers/promises";
import type { Case } from "./case.js";
import type { Goal } from "./goals.js";
import type { Limits } from "./machine.js";
import type { Side } from "./side.js";

export interface Ratio {
  /** The median of the rounds' ratios: how many times as long as Flambeau the other takes. */
  readonly median: number;
  /** The quartiles. */
  readonly low: number;
  readonly high: number;
}

export interface Comparison {
  /** The other's median, in seconds. */
  readonly seconds: number;
  readonly ratio: Ratio;
}

export interface Row {
  readonly theme: string;
  readonly name: string;
  readonly goals: readonly Goal[];
  /** Flambeau's median, in seconds; undefined where it failed. */
  readonly seconds?: number;
  readonly pytorch?: Comparison;
  readonly tensorflow?: Comparison;
  /** The part of the machine's own limit that Flambeau reaches. */
  readonly share?: number;
  readonly errors: readonly string[];
}

/** What is at hand to measure with, for one number of threads. */
export interface Bench {
  readonly threads: number;
  readonly rounds: number;
  readonly flambeau: Side;
  readonly pytorch: Side | undefined;
  readonly tensorflow: Side | undefined;
  readonly limits: Limits | undefined;
}

/** Three rounds are enough of what takes so many seconds. */
const longRun = 0.25;

/** Milliseconds after which the threads of the other side sleep: OpenBLAS's spin for a while after their last work. */
const settled = 60;

export async function measure(theme: string, work: Case, bench: Bench): Promise<Row> {
  const errors: string[] = [];
  const sides = { flambeau: bench.flambeau, pytorch: bench.pytorch, tensorflow: work.tensorflow && bench.tensorflow };
  const times = new Map<Side, number>();
  for (const [name, side] of Object.entries(sides)) {
    if (!side) continue;
    try {
      times.set(side, await side.calibrate(work));
    } catch (error) {
      errors.push(`${name}: ${(error as Error).message}`);
    }
  }
  const seconds = await runRounds(work, times, bench.rounds);
  const ours = seconds.get(bench.flambeau);
  const result = { theme, name: work.name, goals: work.goals ?? [], errors };
  if (!ours) return result;
  const compare = (side: Side | undefined): Comparison | undefined => {
    const theirs = side && seconds.get(side);
    return theirs && { seconds: quantile(theirs, 0.5), ratio: ratioOf(theirs, ours) };
  };
  const middle = quantile(ours, 0.5);
  return {
    ...result,
    seconds: middle,
    pytorch: compare(sides.pytorch),
    tensorflow: compare(sides.tensorflow),
    share: await bench.limits?.share(work, middle, bench.threads),
  };
}

/** The seconds of one run, in each round. */
export async function runRounds(
  work: Case,
  times: ReadonlyMap<Side, number>,
  wanted: number,
): Promise<Map<Side, number[]>> {
  const seconds = new Map<Side, number[]>([...times.keys()].map((side) => [side, []]));
  let rounds = wanted;
  for (let round = 0; round < rounds; round++) {
    for (const [side, runs] of times) {
      await setTimeout(settled);
      const one = (await side.time(work, runs)) / runs;
      seconds.get(side)?.push(one);
      if (one > longRun) rounds = Math.min(rounds, 3);
    }
  }
  return seconds;
}

export function ratioOf(theirs: readonly number[], ours: readonly number[]): Ratio {
  const ratios = theirs.map((seconds, round) => seconds / (ours[round] as number));
  return { median: quantile(ratios, 0.5), low: quantile(ratios, 0.25), high: quantile(ratios, 0.75) };
}

function quantile(numbers: readonly number[], part: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const place = (sorted.length - 1) * part;
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  return below + (above - below) * (place - Math.floor(place));
}
