/**
 * Decides when the garbage collector is asked for the memory of dead tensors.
 *
 * A tensor is a small object in front of a large buffer. Left to itself the collector waits for many small objects,
 * while the buffers of dead tensors lie idle and every new one is cold memory: a training step is a third slower then.
 * So it is asked for the young objects now and then, which costs a fraction of a millisecond. An object that two such
 * collections found alive is old, as much of what waits for a backward pass becomes, and is found dead only when all
 * garbage is collected. That takes some ten milliseconds, and is asked for when old garbage may be a good part of what
 * is in use.
 */
import { host } from "../host/index.js";

/** Bytes of new buffers after which the young garbage is collected. */
const interval = 16 * 2 ** 20;
/** The same for buffers that are filled from files: what is loaded is rarely garbage, and mostly much at once. */
export const intervalOfFiles = 256 * 2 ** 20;
/** By how much more than after the last time has to be in use before all garbage is collected: bytes, and a share. */
const [slack, share] = [64 * 2 ** 20, 0.5];

/** Bytes of new buffers since the last collection. */
let allocated = 0;
/** Bytes in use from which on all garbage is collected. */
let limit = slack;

/** Says that a buffer of some bytes is about to be made. */
export function collectBefore(nbytes: number, bytesInUse: () => number, after = interval): void {
  allocated += nbytes;
  if (allocated < after) return;
  allocated = 0;
  host.collectGarbage("young");
  if (bytesInUse() <= limit) return;
  host.collectGarbage("all");
  limit = bytesInUse() * (1 + share) + slack;
}
