/**
 * Compares this checkout with another one of Flambeau, built beside it: the same cases through both in turn, in
 * several pairs of processes, since what V8 makes of a program differs from one process to the next.
 *
 *     npm run bench:against -- ../flambeau-before --only overhead --threads 1
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Case } from "./case.js";
import { choose } from "./choose.js";
import { geometricMean } from "./goals.js";
import { type Ratio, ratioOf, runRounds } from "./measure.js";
import { formatRatio, formatSeconds, formatSpread } from "./report.js";
import { Side } from "./side.js";

const usage = `npm run bench:against -- CHECKOUT [options]
  CHECKOUT         the folder of the other checkout, built
  --only TEXT      the cases whose theme and name have this text in them, or match it as a regular expression
  --threads 1      the number of threads
  --processes 3    pairs of processes
  --rounds 7       rounds of each case in each pair
  --data data      the folder that holds FashionMNIST`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    only: { type: "string", default: "" },
    threads: { type: "string", default: "1" },
    processes: { type: "string", default: "3" },
    rounds: { type: "string", default: "7" },
    data: { type: "string", default: "data" },
    help: { type: "boolean", default: false },
  },
});

interface Measured {
  readonly ours: number[];
  readonly theirs: number[];
}

async function measurePair(cases: readonly Case[], other: string, measured: Map<Case, Measured>): Promise<void> {
  const threads = Number(options.threads);
  const sides = [
    Side.node("flambeau", threads, options.data),
    Side.node("flambeau", threads, options.data, other),
  ] as const;
  for (const work of cases) {
    const times = new Map<Side, number>();
    for (const side of sides) times.set(side, await side.calibrate(work));
    const seconds = await runRounds(work, times, Number(options.rounds), threads);
    const so = measured.get(work) ?? { ours: [], theirs: [] };
    so.ours.push(...(seconds.get(sides[0]) ?? []));
    so.theirs.push(...(seconds.get(sides[1]) ?? []));
    measured.set(work, so);
  }
  for (const side of sides) side.end();
}

function line(name: string, ours: string, theirs: string, ratio: string, spread: string): string {
  return `${name.padEnd(54)} ${ours.padStart(10)} ${theirs.padStart(10)} ${ratio.padStart(7)} ${spread.padStart(15)}`;
}

const median = (seconds: readonly number[]) => [...seconds].sort((a, b) => a - b)[seconds.length >> 1];

async function main(): Promise<void> {
  const [checkout] = positionals;
  if (options.help || checkout === undefined) return console.log(usage);
  const other = resolve(checkout, "benchmarks", "dist");
  if (!existsSync(join(other, "worker.js"))) throw new Error(`${checkout} is no built checkout of Flambeau`);
  const cases = choose(options.only).map(([, work]) => work);
  const measured = new Map<Case, Measured>();
  for (let pair = 0; pair < Number(options.processes); pair++) await measurePair(cases, other, measured);
  console.log(line("the other's time over this one's", "this", "other", "ratio", "quartiles"));
  const ratios: Ratio[] = [];
  for (const [{ name }, { ours, theirs }] of measured) {
    const ratio = ratioOf(theirs, ours);
    ratios.push(ratio);
    const cells = [formatSeconds(median(ours)), formatSeconds(median(theirs)), formatRatio(ratio), formatSpread(ratio)];
    console.log(line(name, ...(cells as [string, string, string, string])));
  }
  console.log(line("geometric mean", "", "", geometricMean(ratios.map((ratio) => ratio.median))?.toFixed(3) ?? "", ""));
}

await main();
