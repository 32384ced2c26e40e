/**
 * Decides when the garbage collector is asked for the memory of dead tensors.
 *
 * A tensor is a small object in front of a large buffer. Left to itself the collector waits for many small objects,
 * while the buffers of dead tensors lie idle and every new one is cold memory: a training step is a third slower then.
 * So it is asked for the young objects now and then, which costs a fraction of a millisecond. An object that two such
 * collections found alive is old, and is found dead only when all garbage is collected. That takes some ten
 * milliseconds, and longer in a program that holds many objects; it is done when old garbage may be a good part of what
 * is in use.
 *
 * So a collection does harm where much is alive: in the forward pass of a training step, whose results wait for the
 * backward pass. The best moment is after that, when they are garbage and nothing else waits: there it is done early, and
 * elsewhere later where it finds little, or where a step follows.
 */
import { host } from "../host/index.js";

/**
 * Bytes of new buffers after which the young garbage is collected, at least and at most. The least is well below what a
 * last-level cache holds, so that results land in memory that has not left it since it was last used.
 */
const [shortest, longest] = [4 * 2 ** 20, 64 * 2 ** 20];
/** The part of what is new that is garbage where a collection is worth its harm. */
const worthwhile = 0.5;
/** What the interval is multiplied by: where collections find what they look for, where not, and where they do harm. */
const [shorter, muchLonger, longer] = [0.25, 4, 2];
/** The same for buffers that are filled from files: what is loaded is rarely garbage, and mostly much at once. */
export const intervalOfFiles = 64 * 2 ** 20;
/** By how much more than after the last time has to be in use before all garbage is collected: bytes, and a share. */
const [slack, share] = [32 * 2 ** 20, 0.5];
/** How many times as long as collecting all garbage took has to pass until it is done again. */
const pause = 8;

/** How many times the young garbage was collected. */
export let collections = 0;
/** Bytes of new buffers since then, and those after which it is done again in the middle of a step. */
let allocated = 0;
let interval = shortest;
/** How often it was worthwhile in the middle of this step. */
let inStep = 0;
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
  const expected = worthwhile * allocated;
  if (collect(bytesInUse) < expected) multiplyInterval(muchLonger);
  else if (++inStep > 1) multiplyInterval(shorter);
}

/** Says that a step of a program has ended: most of what it made, and kept so far, is garbage now. */
export function collectAfterStep(bytesInUse: () => number): void {
  if (allocated < shortest) return;
  if (inStep > 0) multiplyInterval(longer);
  inStep = 0;
  collect(bytesInUse);
}

function multiplyInterval(factor: number): void {
  interval = Math.min(Math.max(factor * interval, shortest), longest);
}

/** Collects the young garbage, and all of it where that may be much; the result is how many bytes of it were young. */
function collect(bytesInUse: () => number): number {
  const before = bytesInUse();
  allocated = 0;
  collections++;
  host.collectGarbage("young");
  const after = bytesInUse();
  if (after > limit) collectAll(bytesInUse);
  return before - after;
}

function collectAll(bytesInUse: () => number): void {
  const start = performance.now();
  if (start < notBefore) return;
  host.collectGarbage("all");
  notBefore = start + (1 + pause) * (performance.now() - start);
  limit = bytesInUse() * (1 + share) + slack;
  // Much got old, so young objects are looked for too early.
  multiplyInterval(longer);
}
