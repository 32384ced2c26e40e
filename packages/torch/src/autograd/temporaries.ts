/**
 * The one way to give memory back at once: what the library makes and drops does not wait for the collector.
 *
 * While a composite operation or a layer of the library runs, every storage that is made is noted. When it is done,
 * those that its result does not use go back, but for
 * - what the graph saves for the backward pass, and what a tensor or a module got that was there before (`keep`),
 * - all of it where code of the user ran meanwhile, which may have seen any tensor (`keepingTemporaries`),
 * - all of it where a mode looks on that may keep what it sees.
 */
import { beginTrace, endTrace, type Storage, timesUserCodeRan } from "../core/storage.js";
import { Tensor } from "../core/tensor.js";
import { gradientsAreSeen } from "./observe.js";

/** Runs code of the library, and gives the memory back that is not in what it returns. */
export function releasingTemporaries<A, R>(body: (args: A) => R, args: A): R {
  const made: Storage[] = [];
  const before = timesUserCodeRan();
  const outer = beginTrace(made);
  try {
    const result = body(args);
    if (made.length > 0) giveBack(made, result, before);
    return result;
  } finally {
    endTrace(made, outer);
  }
}

/** Hands a value through functions, one after the other; the memory of each result goes back when it was used up. */
export function handThrough<T>(value: T, steps: Iterable<(value: T) => T>): T {
  const made: Storage[] = [];
  const outer = beginTrace(made);
  try {
    let result = value;
    for (const step of steps) {
      const before = timesUserCodeRan();
      result = step(result);
      if (made.length > 0) giveBack(made, result, before);
    }
    return result;
  } finally {
    endTrace(made, outer);
  }
}

/** Releases what a result does not use, and takes it off the list. */
function giveBack(made: Storage[], result: unknown, userCodeRanBefore: number): void {
  if (gradientsAreSeen() || timesUserCodeRan() !== userCodeRanBefore) {
    made.length = 0;
    return;
  }
  let kept = 0;
  for (let i = 0; i < made.length; i++) {
    const storage = made[i] as Storage;
    if (uses(result, storage)) made[kept++] = storage;
    else storage.release();
  }
  made.length = kept;
}

/** Whether a result may use a storage: of a value that is neither tensors nor a list or record of them, nobody knows. */
function uses(value: unknown, storage: Storage): boolean {
  if (value instanceof Tensor) return value.storage === storage;
  if (typeof value === "function") return true;
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some((item) => uses(item, storage));
  if (Object.getPrototypeOf(value) !== Object.prototype) return true;
  return Object.values(value).some((item) => uses(item, storage));
}
