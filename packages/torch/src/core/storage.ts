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

  /**
   * Gives the memory back at once, unless somebody keeps it. Only for a storage that no tensor in reach uses any more; a
   * later use throws.
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
  traced?.push(storage);
  return storage;
}

let traced: Storage[] | undefined;

/**
 * Starts to note every storage that is made, until `endTrace`, so that the caller can release those that nothing refers
 * to any more.
 *
 * @returns what is noted so far by others, which `endTrace` takes.
 */
export function beginTrace(made: Storage[]): Storage[] | undefined {
  const outer = traced;
  traced = made;
  return outer;
}

/** Ends what `beginTrace` started; the storages count as made in the trace around this one, too. */
export function endTrace(made: readonly Storage[], outer: Storage[] | undefined): void {
  traced = outer;
  if (outer !== undefined) for (const storage of made) outer.push(storage);
}

let userCodeRan = 0;

/** How often code of the user ran while storages were noted: it may have seen those. */
export function timesUserCodeRan(): number {
  return userCodeRan;
}

/** Runs code of the user, which may keep any tensor: nothing made in it is traced, and nothing made before goes back. */
export function keepingTemporaries<T>(body: () => T): T {
  if (traced === undefined) return body();
  const outer = traced;
  userCodeRan++;
  traced = undefined;
  try {
    return body();
  } finally {
    traced = outer;
  }
}
