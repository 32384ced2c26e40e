/**
 * The memory behind tensors.
 *
 * A storage is freed by the garbage collector, also inside a synchronous loop; nobody disposes of anything.
 * Small storages are cut from slabs, so that a scalar costs no native allocation of its own. A storage that is
 * known to be unreachable (a temporary inside an operation) can be given back at once with `release`.
 */
import { noteAllocation } from "../backend/collect.js";
import { addon, type BufferHandle, kernel, params, totalMemory } from "../backend/native.js";

const alignment = 64;

/** Bytes of released buffers that are kept for the next allocation. */
const poolLimit = 64 * 2 ** 20;

interface Buffer {
  readonly handle: BufferHandle;
  readonly address: number;
  readonly capacity: number;
  /** Whether several storages are cut from it. */
  readonly isSlab: boolean;
}

/** A reference to memory on its way to another thread, which takes it over with `Storage.adopt`, once. */
export interface LentMemory {
  readonly address: number;
  readonly nbytes: number;
  readonly capacity: number;
}

/** A native buffer that is cut into pieces, one after the other; it lives as long as one of them. */
class Slab {
  buffer: Buffer | undefined;
  #used = 0;

  constructor(
    readonly capacity: number,
    readonly largestPiece: number,
  ) {}

  /** Sets bytes aside, of a new buffer where this one is full, and returns where they begin in it. */
  reserve(nbytes: number): number {
    const needed = Math.max(alignment, (nbytes + alignment - 1) & -alignment);
    if (this.buffer === undefined || this.#used + needed > this.capacity) {
      this.buffer = newBuffer(this.capacity, true);
      this.#used = 0;
    }
    const byteOffset = this.#used;
    this.#used += needed;
    return byteOffset;
  }
}

/** A piece that stays keeps its slab, so that small pieces do not share one with larger ones. */
const smallSlab = new Slab(16384, 512);
const mediumSlab = new Slab(131072, 8192);

/** Bytes up to which a storage shares a buffer with others. */
export const largestInSlab = mediumSlab.largestPiece;

const pool = new Map<number, Buffer[]>();
let pooledBytes = 0;

/** Elements of one array of numbers in memory, shared by the tensors that are views of it. */
export class Storage {
  /** How often the memory was changed in place; autograd compares it with what it saw. */
  version = 0;
  #address: number;
  #owner: Buffer | undefined;
  readonly #foreign: ArrayBufferLike | undefined;

  private constructor(
    address: number,
    readonly nbytes: number,
    owner: Buffer | undefined,
    foreign?: ArrayBufferLike,
    /** Where the storage begins in the memory of its owner. */
    readonly byteOffset = 0,
  ) {
    this.#address = address;
    this.#owner = owner;
    this.#foreign = foreign;
  }

  /** Memory with undefined content. */
  static allocate(nbytes: number): Storage {
    // Also what is no number: a size that was computed from sizes beyond all bounds.
    if (!(nbytes >= 0 && nbytes <= totalMemory)) {
      throw new RangeError(
        `not enough memory: you tried to allocate ${nbytes} bytes, and there are ${totalMemory} in all`,
      );
    }
    let storage: Storage;
    if (nbytes <= largestInSlab) {
      const slab = nbytes <= smallSlab.largestPiece ? smallSlab : mediumSlab;
      const byteOffset = slab.reserve(nbytes);
      const buffer = slab.buffer as Buffer;
      storage = new Storage(buffer.address + byteOffset, nbytes, buffer, undefined, byteOffset);
    } else {
      const buffer = takeFromPool(nbytes) ?? newBuffer(capacityFor(nbytes), false);
      storage = new Storage(buffer.address, nbytes, buffer);
    }
    traced?.push(storage);
    return storage;
  }

  /** The memory of a typed array, shared. */
  static share(array: ArrayBufferView): Storage {
    addon.locate(array);
    return new Storage(params[1] as number, array.byteLength, undefined, array.buffer, array.byteOffset);
  }

  /** A place for one number in the block through which arguments reach the kernels. */
  static ofArguments(address: number): Storage {
    return new Storage(address, 8, undefined, params.buffer);
  }

  /** A storage, in this thread, over memory that another thread lent. */
  static adopt({ address, nbytes, capacity }: LentMemory): Storage {
    params[1] = address;
    const buffer: Buffer = { handle: addon.adopt(), address, capacity, isSlab: false };
    sharedOwners.add(buffer);
    return new Storage(address, nbytes, buffer);
  }

  /**
   * A reference to the memory for another thread; the memory stays alive until it was adopted there and let go.
   * Undefined where that is not possible: small storages share a buffer with others, and an array of the user
   * belongs to its thread.
   */
  lend(): LentMemory | undefined {
    const owner = this.#owner;
    if (owner === undefined || owner.isSlab) return undefined;
    params[1] = owner.address;
    addon.retain();
    sharedOwners.add(owner);
    return { address: owner.address, nbytes: this.nbytes, capacity: owner.capacity };
  }

  /** A second storage over the same memory, with a version of its own. */
  alias(): Storage {
    return new Storage(this.pointer(), this.nbytes, this.#owner, this.#foreign, this.byteOffset);
  }

  /** The address of the first byte. */
  pointer(): number {
    if (this.#foreign !== undefined) this.#checkForeign(this.#foreign);
    else if (this.#owner === undefined) throw new Error("this tensor's memory was released");
    return this.#address;
  }

  /** An ArrayBuffer over the same memory, and where in it the storage begins. */
  arrayBuffer(): { buffer: ArrayBufferLike; byteOffset: number } {
    this.pointer();
    if (this.#foreign !== undefined) return { buffer: this.#foreign, byteOffset: this.byteOffset };
    const owner = this.#owner as Buffer;
    let buffer = sharedBuffers.get(owner);
    if (buffer === undefined) {
      params[1] = owner.address;
      params[2] = owner.capacity;
      buffer = addon.arrayBuffer();
      sharedBuffers.set(owner, buffer);
      sharedOwners.add(owner);
    }
    return { buffer, byteOffset: this.byteOffset };
  }

  /** Whether the memory belongs to an array that the user made. */
  get isForeign(): boolean {
    return this.#foreign !== undefined;
  }

  /**
   * Gives the memory back at once. Only for a storage that no tensor in reach uses any more; a later use throws.
   */
  release(): void {
    const owner = this.#owner;
    if (owner === undefined || owner.isSlab || sharedOwners.has(owner)) return;
    this.#owner = undefined;
    this.#address = 0;
    if (pooledBytes + owner.capacity > poolLimit) return;
    pooledBytes += owner.capacity;
    const list = pool.get(owner.capacity);
    if (list === undefined) pool.set(owner.capacity, [owner]);
    else list.push(owner);
  }

  #checkForeign(buffer: ArrayBufferLike): void {
    if (buffer.byteLength < this.byteOffset + this.nbytes) {
      throw new Error("the ArrayBuffer that this tensor shares was detached or resized");
    }
  }
}

/** Native buffers that an ArrayBuffer or another thread may see, so that they must not be used again. */
const sharedOwners = new WeakSet<object>();

/** ArrayBuffers made for `asTypedArray`, one for each native buffer. */
const sharedBuffers = new WeakMap<object, ArrayBuffer>();

/** Rounds up to one of four sizes between powers of two, so that released buffers fit later requests. */
function capacityFor(nbytes: number): number {
  const step = 2 ** (Math.floor(Math.log2(nbytes - 1)) - 2);
  return Math.ceil(nbytes / step) * step;
}

function takeFromPool(nbytes: number): Buffer | undefined {
  if (pooledBytes === 0) return undefined;
  const buffer = pool.get(capacityFor(nbytes))?.pop();
  if (buffer !== undefined) pooledBytes -= buffer.capacity;
  return buffer;
}

function newBuffer(capacity: number, isSlab: boolean): Buffer {
  noteAllocation(capacity);
  params[1] = capacity;
  const handle = addon.allocate();
  return { handle, address: params[1] as number, capacity, isSlab };
}

let traced: Storage[] | undefined;

/**
 * Runs a function and returns, next to its result, every storage made in it, so that the caller can release
 * those that nothing refers to any more.
 */
export function tracingStorages<T>(body: () => T): [result: T, made: Storage[]] {
  const outer = traced;
  const made: Storage[] = [];
  traced = made;
  try {
    return [body(), made];
  } finally {
    traced = outer;
    if (outer !== undefined) for (const storage of made) outer.push(storage);
  }
}

/** Runs code of the user, which may keep tensors anywhere: nothing made in it is traced. */
export function keepingTemporaries<T>(body: () => T): T {
  const outer = traced;
  traced = undefined;
  try {
    return body();
  } finally {
    traced = outer;
  }
}

const memoryStats = kernel("memoryStats");
const trimMemory = kernel("trimMemory");
const resetPeakMemory = kernel("resetPeakMemory");

/** What the storages of all tensors in the process take, in bytes. */
export interface MemoryStats {
  /** In use by tensors (or not yet seen as garbage by the collector). */
  alive: number;
  /** Waiting to be used again. */
  recycled: number;
  /** The most that was ever in use at once. */
  peak: number;
}

/** Bytes of tensor memory alive, recycled and at the peak. */
export function stats(): MemoryStats {
  memoryStats();
  const [, alive, recycled, peak] = params as unknown as [number, number, number, number];
  return { alive: alive - pooledBytes, recycled: recycled + pooledBytes, peak };
}

/** Gives recycled memory back to the system. */
export function emptyCache(): void {
  pool.clear();
  pooledBytes = 0;
  trimMemory();
}

/** Starts to measure the peak anew. */
export function resetPeakMemoryStats(): void {
  resetPeakMemory();
}
