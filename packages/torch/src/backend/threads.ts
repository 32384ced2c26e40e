/** How many threads kernels use. */
import { begin, kernel, launch, put, resultAt } from "./cpu/block.js";

const getThreads = kernel("getThreads");
const setThreads = kernel("setThreads");
const setOwnThreads = kernel("setOwnThreads");

/** The number of threads that an operation may use; the number of cores at first. */
export function getNumThreads(): number {
  launch(getThreads, begin());
  return resultAt(0);
}

/** More than any machine has cores; so many threads would only be in each other's way. */
const mostThreads = 1024;

/**
 * Sets the number of threads that an operation may use. They are started when an operation needs them; where the
 * system refuses some, the number falls to those it granted. A worker of a `DataLoader` has a number of its own, 1 at first.
 *
 * @throws TypeError unless it is a whole number, RangeError unless that is from 1 to 1024.
 */
export function setNumThreads(count: number | bigint): void {
  if (typeof count !== "bigint" && !Number.isInteger(count)) {
    const got = typeof count === "number" ? count : typeof count;
    throw new TypeError(`setNumThreads expects an int, but got ${got}`);
  }
  if (count < 1 || count > mostThreads) {
    throw new RangeError(`setNumThreads expects a positive integer up to ${mostThreads}, got ${count}`);
  }
  const list = begin();
  put(Number(count));
  launch(setThreads, list);
}

/** Gives the thread that calls a number of its own, which is what it hears and sets from then on. */
export function setOwnNumThreads(count: number): void {
  const list = begin();
  put(count);
  launch(setOwnThreads, list);
}
