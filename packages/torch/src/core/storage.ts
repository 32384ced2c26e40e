/**
 * The memory behind tensors, as far as all devices have it in common, and who gives it.
 *
 * Memory is freed by the garbage collector, also inside a synchronous loop; nobody disposes of anything. A storage
 * that is known to be unreachable (a temporary inside an operation) can be given back at once with `release`.
 */
import type { Device } from "./devices.js";

/** Elements of one array of numbers in memory, shared by the tensors that are views of it. */
export interface Storage {
  /** How often the memory was changed in place; autograd compares it with what it saw. */
  version: number;

  /** Where the memory is. */
  readonly device: Device;

  /** Bytes of the memory. */
  readonly nbytes: number;

  /** The storage of which this one is an alias, or itself. */
  readonly origin: Storage;

  /** Whether the memory is in an array, which others may hold too. */
  readonly isInArray: boolean;

  /** Whether threads share the memory by themselves: it is in a `SharedArrayBuffer`. */
  readonly isBetweenThreads: boolean;

  /** Moves the memory into a `SharedArrayBuffer`, for all tensors over it. */
  moveBetweenThreads(): void;

  /**
   * The address of the first byte, for the next call of a kernel: memory may move. It is 0 on a device that has none.
   *
   * @throws Error if the memory is gone.
   */
  pointer(): number;

  /** Whether some bytes are in the memory of both. */
  overlaps(other: Storage): boolean;

  /** A second storage over the same memory, with a version of its own. */
  alias(): Storage;

  /** Memory of its own with the same content. */
  clone(): Storage;

  /**
   * The memory as an array of bytes, which shows these and no others and keeps them alive.
   *
   * @throws Error where the host cannot see the memory.
   */
  bytes(): Uint8Array;

  /** Says that somebody keeps the memory beyond the call in which it was made: it is not to be given back by hand. */
  keep(): void;

  /** Says that a node of the graph has it saved, until it calls `dropSave`. */
  save(): void;

  /** Says that a node that has it saved needs it no more. */
  dropSave(): void;

  /** Whether a node of the graph has it saved. */
  readonly isSaved: boolean;

  /**
   * Gives the memory back, unless somebody keeps it: at once, or when the last node that has it saved lets it go. Only for
   * a storage that no tensor in reach uses any more; a later use throws.
   */
  release(): void;
}

/** Gives memory with undefined content. */
export type Allocator = (nbytes: number) => Storage;

let allocator: Allocator = () => {
  throw new Error("no device gives memory");
};

/** Lets another device give the memory from now on, and returns who gave it before. */
export function setAllocator(next: Allocator): Allocator {
  const before = allocator;
  allocator = next;
  return before;
}

/** Memory with undefined content, on the device that is in force. */
export function allocate(nbytes: number): Storage {
  const storage = allocator(nbytes);
  if (traces > 0) made[count++] = storage;
  return storage;
}

/** How many traces are open, one in the other. */
let traces = 0;

/** What was made since the outermost of them began, and nobody else has seen; as many as are counted. */
const made: (Storage | undefined)[] = [];
let count = 0;

/** Whether storages that are made are noted. */
export function isTracing(): boolean {
  return traces > 0;
}

/** Starts to note every storage that is made, until `endTrace`; the result is where this trace begins. */
export function beginTrace(): number {
  traces++;
  return count;
}

/** Ends the innermost trace; what is left of it counts as made in the trace around it. */
export function endTrace(): void {
  if (--traces === 0) forgetMade(0);
}

/** Takes off the list what was noted from a place on. */
function forgetMade(from: number): void {
  while (count > from) made[--count] = undefined;
}

/** Whether a storage was made in the trace that begins at a place. */
export function wasMade(from: number, storage: Storage): boolean {
  for (let i = from; i < count; i++) if (made[i] === storage) return true;
  return false;
}

/** Releases what was made in the trace that begins at a place, and what a result does not use. */
export function releaseMade<R>(from: number, result: R, uses: (result: R, storage: Storage) => boolean): void {
  let kept = from;
  for (let i = from; i < count; i++) {
    const storage = made[i] as Storage;
    if (uses(result, storage)) made[kept++] = storage;
    else storage.release();
  }
  forgetMade(kept);
}

/** Runs code of the user, which may keep any tensor: nothing made in it is traced, and what was made before stays. */
export function keepingTemporaries<T>(body: () => T): T {
  if (traces === 0) return body();
  const outer = traces;
  forgetMade(0);
  traces = 0;
  try {
    return body();
  } finally {
    traces = outer;
  }
}
