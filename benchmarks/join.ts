/** Joins the results of several runs, each of some themes, into one. */
import { themes } from "./cases/index.js";
import type { Row } from "./measure.js";
import type { Results, Run } from "./report.js";

export interface Joined extends Omit<Results, "command" | "date"> {
  readonly commands: readonly string[];
  readonly dates: readonly string[];
}

/** Where two have measured the same case, the later one counts. */
export function join(parts: readonly Results[]): Joined {
  const last = parts.at(-1);
  if (!last) throw new Error("there are no results");
  const runs = parts.flatMap((part) => part.runs);
  const threads = distinct(runs.map((run) => run.threads)).sort((a, b) => a - b);
  return {
    ...last,
    generatedData: parts.some((part) => part.generatedData),
    commands: distinct(parts.map((part) => part.command)),
    dates: distinct(parts.map((part) => part.date)).sort(),
    runs: threads.map((count) => joinRuns(runs.filter((run) => run.threads === count))),
  };
}

function joinRuns(runs: readonly Run[]): Run {
  const rows = new Map(runs.flatMap((run) => run.rows.map((row) => [row.name, row])));
  const order = Object.keys(themes);
  const place = (row: Row) => order.indexOf(row.theme);
  const peaks = runs.flatMap((run) => run.peak ?? []);
  return {
    threads: (runs[0] as Run).threads,
    peak: peaks.length > 0 ? { float32: best(peaks, "float32"), float64: best(peaks, "float64") } : undefined,
    rows: [...rows.values()].sort((a, b) => place(a) - place(b)),
  };
}

function best<K extends string>(peaks: readonly Readonly<Record<K, number>>[], key: K): number {
  return Math.max(...peaks.map((peak) => peak[key]));
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
