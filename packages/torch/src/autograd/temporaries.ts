/**
 * The one way to give memory back at once: what the library makes and drops does not wait for the collector.
 *
 * While a composite operation or a layer of the library runs, every storage that is made is noted. When it is done,
 * those that its result does not use go back, but for
 * - what the graph saves for the backward pass, which goes back when the last node that has it was run,
 * - what a tensor or a module got that was there before (`keep`),
 * - all of it where code of the user ran meanwhile, which may have seen any tensor (`keepingTemporaries`),
 * - all of it where a mode looks on that may keep what it sees.
 */
import { beginTrace, endTrace, releaseMade, type Storage } from "../core/storage.js";
import { Tensor } from "../core/tensor.js";
import { gradientsAreSeen } from "./observe.js";

/** Runs code of the library, and gives the memory back that is not in what it returns. */
export function releasingTemporaries<A, R>(body: (args: A) => R, args: A): R {
  const from = beginTrace();
  try {
    const result = body(args);
    giveBack(from, result);
    return result;
  } finally {
    endTrace();
  }
}

/** Hands a value through functions, one after the other; the memory of each result goes back when it was used up. */
export function handThrough<T>(value: T, steps: Iterable<(value: T) => T>): T {
  const from = beginTrace();
  try {
    let result = value;
    for (const step of steps) {
      result = step(result);
      giveBack(from, result);
    }
    return result;
  } finally {
    endTrace();
  }
}

/** Gives back what was made in the trace that begins at a place and is not in a result. */
export function giveBack(from: number, result: unknown): void {
  if (!gradientsAreSeen()) releaseMade(from, result, uses);
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
