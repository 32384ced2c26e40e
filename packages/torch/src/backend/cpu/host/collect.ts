/**
 * Asks the garbage collector of Node for the young objects, which costs a fraction of a millisecond, or for all.
 *
 * The collector is reached by way of the flag that exposes it, set for a moment; where that is not possible, nothing
 * happens. Another flag is set for good: from what many of them are for, waiting for a backward pass, V8 may conclude
 * that tensors live long, and make all of them old from the start, which only a collection of all garbage frees.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Without options it collects all garbage. */
type Collect = (options?: { type: "minor" }) => void;

let collect: Collect | undefined;

function findCollector(): Collect {
  try {
    setFlagsFromString("--no-allocation-site-pretenuring");
    setFlagsFromString("--expose-gc");
    const found = runInNewContext("gc") as Collect;
    setFlagsFromString("--no-expose-gc");
    return found;
  } catch {
    return () => {};
  }
}

/** Collects the young garbage, or all of it, which takes as long as it takes. */
export function collectGarbage(kind: "young" | "all"): void {
  collect ??= findCollector();
  if (kind === "young") collect({ type: "minor" });
  else collect();
}
