/**
 * Decides when the garbage collector is asked for the memory of dead tensors.
 *
 * A tensor is a small object in front of a large buffer. Left to itself the collector waits for many small objects,
 * while the buffers of dead tensors lie idle and every new one is cold memory: a training step is a third slower then.
 * So it is asked for the young objects now and then, which costs a fraction of a millisecond. An object that two such
 * collections found alive is old, as much of what waits for a backward pass becomes, and is found dead only when all
 * garbage is collected. That is asked for when old garbage may be a good part of what is in use; it takes some ten
 * milliseconds, and longer in a program that holds many objects.
 */
import { host } from "../host/index.js";

/**
 * Bytes of new buffers after which the young garbage is collected, at least and at most. The least is well below what a
 * last-level cache holds, so that results land in memory that has not left it since it was last used.
 */
const [shortest, longest] = [4 * 2 ** 20, 64 * 2 ** 20];
/** What the interval is multiplied by with each collection, so that a program that went on to other work gets its own. */
const easing = 0.98;
/** The same for buffers that are filled from files: what is loaded is rarely garbage, and mostly much at once. */
export const intervalOfFiles = 64 * 2 ** 20;
/** By how much more than after the last time has to be in use before all garbage is collected: bytes, and a share. */
const [slack, share] = [32 * 2 ** 20, 0.25];
/** How many times as long as collecting all garbage took has to pass until it is done again. */
const pause = 8;

/** Bytes of new buffers since the last collection, and those after which the next one is due. */
let allocated = 0;
let interval = shortest;
/** Bytes in use from which on all garbage is collected. */
let limit = slack;
/** When, in milliseconds, that may be. */
let notBefore = 0;

/** Says that there is a new buffer of some bytes, where that was not known before. */
export function noteBuffer(nbytes: number): void {
  allocated += nbytes;
}

/**
 * Says that a buffer of some bytes is about to be made: if it were there when young garbage is collected, the next
 * collection would make it old.
 */
export function collectBefore(nbytes: number, bytesInUse: () => number, after = interval): void {
  noteBuffer(nbytes);
  if (allocated < after) return;
  allocated = 0;
  host.collectGarbage("young");
  interval = Math.max(interval * easing, shortest);
  if (bytesInUse() <= limit) return;
  const start = performance.now();
  if (start < notBefore) return;
  host.collectGarbage("all");
  notBefore = start + (1 + pause) * (performance.now() - start);
  limit = bytesInUse() * (1 + share) + slack;
  // Much got old, so young objects are looked for too early.
  interval = Math.min(2 * interval, longest);
}
