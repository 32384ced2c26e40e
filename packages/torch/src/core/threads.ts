/** How many threads kernels use. */
import { kernel, params } from "../backend/native.js";

const getThreads = kernel("getThreads");
const setThreads = kernel("setThreads");

/** The number of threads that an operation may use; the number of cores at first. */
export function getNumThreads(): number {
  getThreads();
  return params[1] as number;
}

/**
 * Sets the number of threads that an operation may use.
 *
 * @throws RangeError unless it is a whole number from 1 to 1024.
 */
export function setNumThreads(count: number): void {
  if (typeof count !== "number") throw new TypeError(`setNumThreads expects an int, but got ${typeof count}`);
  if (!Number.isInteger(count) || count < 1 || count > 1024) {
    throw new RangeError(`setNumThreads expects a positive integer up to 1024, got ${count}`);
  }
  params[1] = count;
  setThreads();
}
