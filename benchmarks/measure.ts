/** Measures a case: rounds of each side in turn. */
import { setTimeout } from "node:timers/promises";
import type { Case, Growth } from "./case.js";
import type { Goal } from "./goals.js";
import type { Limits } from "./machine.js";
import type { Library, Side } from "./side.js";

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
  /** What the share is of: floating point operations, or bytes, of one run. */
  readonly amount?: number;
  readonly growth?: Growth;
  /** Of a program that has processes of its own. */
  readonly alone?: { readonly flambeau: Alone; readonly pytorch?: Alone };
  readonly errors: readonly string[];
}

export interface Alone {
  /** The seconds from the start of the process until it can begin. */
  readonly startUp: number;
  /** The most bytes resident, beyond those of the loaded libraries. */
  readonly memory: number;
}

export type Sides = { readonly [library in Library]: Side | undefined };

/** What is at hand to measure with, for one number of threads. */
export interface Bench {
  readonly threads: number;
  readonly rounds: number;
  /** The processes that stay for all cases. */
  readonly sides: Sides;
  /** Starts another of a library, where it is there. */
  readonly start: (library: Library) => Side | undefined;
  readonly limits: Limits | undefined;
}

/** Three rounds are enough of what takes so many seconds. */
const longRun = 0.25;

/** Milliseconds after which the threads of the other side sleep: OpenBLAS's spin for a while after their last work. */
const settled = 60;

/** A side that is warm, and how often it runs in a round. */
interface Contestant {
  readonly side: Side;
  readonly runs: number;
  readonly startUp?: number;
}

export async function measure(theme: string, work: Case, bench: Bench): Promise<Row> {
  const errors: string[] = [];
  const contestants: Partial<Record<Library, Contestant>> = {};
  for (const library of Object.keys(bench.sides) as Library[]) {
    if (library === "tensorflow" && !work.tensorflow) continue;
    const side = work.alone ? bench.start(library) : bench.sides[library];
    try {
      if (side) contestants[library] = await warmUp(work, side);
    } catch (error) {
      if (work.alone) side?.end();
      errors.push(`${library}: ${(error as Error).message}`);
    }
  }
  const result = { theme, name: work.name, goals: work.goals ?? [], growth: work.growth, errors };
  const { flambeau, pytorch, tensorflow } = contestants;
  const all = Object.values(contestants);
  const seconds = await runRounds(
    work,
    new Map(all.map(({ side, runs }) => [side, runs])),
    bench.rounds,
    bench.threads,
  );
  const ours = flambeau && seconds.get(flambeau.side);
  const alone = await aloneOf(work, flambeau, pytorch);
  const flops = await flopsOf(work, flambeau);
  if (work.alone) for (const { side } of all) side.end();
  if (!ours) return result;
  const compare = (other: Contestant | undefined): Comparison | undefined => {
    const theirs = other && seconds.get(other.side);
    return theirs && { seconds: quantile(theirs, 0.5), ratio: ratioOf(theirs, ours) };
  };
  const middle = quantile(ours, 0.5);
  return {
    ...result,
    seconds: middle,
    pytorch: compare(pytorch),
    tensorflow: compare(tensorflow),
    amount: flops ?? work.bytes,
    share: await bench.limits?.share({ ...work, flops }, middle, bench.threads),
    alone,
  };
}

async function warmUp(work: Case, side: Side): Promise<Contestant> {
  const startUp = work.alone ? await side.startUp(work) : undefined;
  return { side, startUp, runs: await side.calibrate(work) };
}

async function aloneOf(work: Case, flambeau?: Contestant, pytorch?: Contestant): Promise<Row["alone"]> {
  const of = async ({ side, startUp = 0 }: Contestant): Promise<Alone> => ({
    startUp,
    memory: await side.memory(work),
  });
  if (!work.alone || !flambeau) return undefined;
  return { flambeau: await of(flambeau), pytorch: pytorch && (await of(pytorch)) };
}

/** The operations of one run: of a program those of its products, if it has some. */
async function flopsOf(work: Case, flambeau?: Contestant): Promise<number | undefined> {
  if (!work.alone) return work.flops;
  return (await flambeau?.side.flops(work)) || undefined;
}

/** The seconds of one run, in each round. */
export async function runRounds(
  work: Case,
  times: ReadonlyMap<Side, number>,
  wanted: number,
  threads: number,
): Promise<Map<Side, number[]>> {
  const seconds = new Map<Side, number[]>([...times.keys()].map((side) => [side, []]));
  let rounds = wanted;
  for (let round = 0; round < rounds; round++) {
    for (const [side, runs] of times) {
      if (threads > 1) await setTimeout(settled);
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
