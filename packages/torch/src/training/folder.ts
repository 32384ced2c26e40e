/**
 * A folder of checkpoints: `checkpoint-12.pt`, or `checkpoint-12-metric-0.25.pt` where a number tells how good it is.
 * Which are kept follows from their names alone.
 */
import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { abandonedIn, replaceFile, type Sink } from "../serialization/files/replaceFile.js";

/** Which checkpoints are kept. */
export interface Retention {
  readonly keepLast: number;
  readonly keepBest: number;
  readonly mode: "min" | "max";
}

export interface Entry {
  readonly name: string;
  readonly number: number;
  /** Undefined for one that was saved without, or with NaN. */
  readonly metric: number | undefined;
}

const start = "checkpoint-";
const pattern = /^checkpoint-(\d+)(?:-metric-(-?[\d.]+(?:e[+-]\d+)?|-?Infinity|NaN))?\.pt$/;

/** The name of a checkpoint. */
export function nameOf(number: number, metric: number | undefined): string {
  return `${start}${number}${metric === undefined ? "" : `-metric-${metric}`}.pt`;
}

/** The checkpoints of a folder, the oldest first. */
export function listCheckpoints(folder: string): Entry[] {
  const entries = readdirSync(folder).flatMap((name) => {
    const match = pattern.exec(name);
    if (match === null) return [];
    const metric = match[2] === undefined || match[2] === "NaN" ? undefined : Number(match[2]);
    return [{ name, number: Number(match[1]), metric }];
  });
  return entries.sort((a, b) => a.number - b.number);
}

/** Checkpoints with a metric, the best first; of equally good ones the later. */
export function bestFirst(entries: readonly Entry[], mode: "min" | "max"): Entry[] {
  const sign = mode === "min" ? 1 : -1;
  const rated = entries.filter(({ metric }) => metric !== undefined);
  return rated.sort((a, b) => sign * ((a.metric as number) - (b.metric as number)) || b.number - a.number);
}

/** Takes away the checkpoints that are not to be kept, and what processes that were killed left. */
export function prune(folder: string, { keepLast, keepBest, mode }: Retention): void {
  const entries = listCheckpoints(folder);
  const kept = new Set([...entries.slice(-keepLast), ...bestFirst(entries, mode).slice(0, keepBest)]);
  const old = entries.filter((entry) => !kept.has(entry)).map(({ name }) => name);
  for (const name of [...old, ...abandonedIn(folder, `.${start}`)]) rmSync(join(folder, name), { force: true });
}

/** Writes a checkpoint, whole or not at all, and takes old ones away. */
export function writeCheckpoint(path: string, write: (sink: Sink) => void, retention: Retention): void {
  replaceFile(path, write);
  prune(dirname(path), retention);
}
