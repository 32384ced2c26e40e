/** Writing of files that are there whole or not at all. */
import { renameSync, rmSync, writeFileSync } from "node:fs";
import { threadId } from "node:worker_threads";

/** Writes a file under another name beside its place, and then puts it there. */
export function writeWhole(path: string, bytes: Uint8Array): void {
  const unfinished = `${path}.${process.pid}.${threadId}.part`;
  try {
    writeFileSync(unfinished, bytes);
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
}
