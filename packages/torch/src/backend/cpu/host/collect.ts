/**
 * Asks the garbage collector of Node for the young objects, which costs a fraction of a millisecond, or for all.
 *
 * The collector is reached by way of the flag that exposes it, set for a moment; where that is not possible, nothing
 * happens.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Without options it collects all garbage. */
type Collect = (options?: { type: "minor" }) => void;

let collect: Collect | undefined;

function findCollector(): Collect {
  try {
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
