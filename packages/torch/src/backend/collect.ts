/**
 * Asks the garbage collector for the young objects now and then, which costs a fraction of a millisecond.
 *
 * A tensor is a small object in front of a large buffer. Left to itself the collector waits for many small
 * objects or a lot of memory, while the buffers of dead tensors lie idle and every new one is cold memory: a
 * training step is a third slower then, and takes twice the memory. The collector is reached by way of the flag
 * that exposes it, set for a moment; where that is not possible, nothing is lost but this.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes of new buffers after which the young garbage is collected. */
const interval = 16 * 2 ** 20;

/** Without options it collects all garbage. */
type Collect = (options?: { type: "minor" }) => void;

let collect: Collect | undefined;
let allocated = 0;

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

/** Notes that a buffer was set aside, and collects when there were enough of them. */
export function noteAllocation(nbytes: number): void {
  allocated += nbytes;
  if (allocated < interval) return;
  allocated = 0;
  collect ??= findCollector();
  collect({ type: "minor" });
}

/** Collects all garbage, which takes as long as it takes. */
export function collectGarbage(): void {
  collect ??= findCollector();
  collect();
}
