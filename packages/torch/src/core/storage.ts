/**
 * The memory behind tensors.
 *
 * A storage is freed by the garbage collector, also inside a synchronous loop; nobody disposes of anything.
 * Small storages are cut from slabs, so that a scalar costs no native allocation of its own. A storage that is
 * known to be unreachable (a temporary inside an operation) can be given back at once with `release`.
 */
import { collectGarbage, noteAllocation } from "../backend/collect.js";
import {
  addon,
  type BufferHandle,
  begin,
  kernel,
  launch,
  put,
  resultAt,
  slotAddress,
  totalMemory,
} from "../backend/native.js";
import { newTypedArray, type TypedArray } from "./dtype.js";
import { bufferOf, byteLengthOf, bytesOver, isSharedBuffer, lengthOf } from "./intrinsics.js";

const alignment = 64;

/** Bytes of released buffers that are kept for the next allocation. */
const poolLimit = addon.exactBuffers ? 0 : 64 * 2 ** 20;

interface Buffer {
  readonly handle: BufferHandle;
  readonly address: number;
  readonly capacity: number;
  /** Whether several storages are cut from it. */
  readonly isSlab: boolean;
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
export const largestInSlab = addon.exactBuffers ? -1 : mediumSlab.largestPiece;

const pool = new Map<number, Buffer[]>();
let pooledBytes = 0;

/** Elements of one array of numbers in memory, shared by the tensors that are views of it. */
export class Storage {
  /** How often the memory was changed in place; autograd compares it with what it saw. */
  version = 0;
  /** Who knows where the memory is, and may move it: this storage, or the one of which it is an alias. */
  readonly #keeper: Storage;
  #address: number;
  readonly #nbytes: number;
  /** The native buffer in which the memory is, if it is in one. */
  #owner: Buffer | undefined;
  /** The array that shows the memory, if there is one. */
  #array: TypedArray | undefined;
  /** Where the array ends: an element that is not there, since the array was detached or resized, is undefined. */
  readonly #lastElement: number;
  /** Whether others may use the memory: an alias, another thread. It must not be used again then. */
  #isShared = false;

  private constructor(address: number, nbytes: number, owner?: Buffer, array?: TypedArray, keeper?: Storage) {
    this.#keeper = keeper ?? this;
    this.#address = address;
    this.#nbytes = nbytes;
    this.#owner = owner;
    this.#array = array;
    this.#lastElement = array === undefined ? nbytes - 1 : lengthOf(array) - 1;
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
      storage = new Storage(buffer.address + byteOffset, nbytes, buffer);
    } else {
      const buffer = takeFromPool(nbytes) ?? newBuffer(capacityFor(nbytes), false);
      storage = new Storage(buffer.address, nbytes, buffer);
    }
    traced?.push(storage);
    return storage;
  }

  /** The memory of a typed array, shared. */
  static share(array: TypedArray): Storage {
    begin();
    addon.locate(array);
    return new Storage(resultAt(0), byteLengthOf(array), undefined, array);
  }

  /** A place for one number in the block through which arguments reach the kernels. */
  static ofArguments(slot: number): Storage {
    const address = slotAddress(slot);
    return new Storage(address, 8, { handle: addon.params, address, capacity: 8, isSlab: true });
  }

  /**
   * The address of the element at an offset, for a kernel that goes from there over `count` elements of a size; if
   * that is none, over nothing.
   *
   * @throws RangeError if they are not all in the memory.
   */
  static locate(storage: Storage, offset: number, count: number, itemsize: number): number {
    // All that decides is private: nothing but a storage has it, and nobody else can change it.
    const keeper = storage.#keeper;
    if (keeper.#array !== undefined || keeper.#owner === undefined) keeper.#checkPresent();
    if (Number.isInteger(offset) && offset >= 0 && (offset + count) * itemsize <= storage.#nbytes) {
      return keeper.#address + offset * itemsize;
    }
    if (count <= 0) return keeper.#address;
    throw storage.#outside(offset, count, itemsize);
  }

  #outside(offset: number, count: number, itemsize: number): RangeError {
    return new RangeError(
      `a view of ${count} elements of ${itemsize} bytes at offset ${offset} reaches outside its memory of ${this.#nbytes} bytes`,
    );
  }

  /** Bytes of the memory. */
  get nbytes(): number {
    return this.#nbytes;
  }

  /**
   * A storage, in this thread, over memory that another thread lent.
   *
   * @throws Error if nothing was lent under that token, or it was taken over already.
   */
  static adopt(token: number): Storage {
    begin();
    put(token);
    const handle = addon.adopt();
    const [address, nbytes] = [resultAt(0), resultAt(1)];
    const storage = new Storage(address, nbytes, { handle, address, capacity: nbytes, isSlab: false });
    storage.#isShared = true;
    return storage;
  }

  /**
   * Lends the memory to other threads, each of which takes it over with `Storage.adopt`, once; it stays alive until
   * then, and as long as one of them has it.
   *
   * @returns the token under which it was lent. Undefined where that is not possible: small storages share a buffer
   *   with others, and an array belongs to its thread.
   */
  lend(receivers: number): number | undefined {
    const keeper = this.#keeper;
    const owner = keeper.#owner;
    if (owner === undefined || owner.isSlab) return undefined;
    keeper.#isShared = true;
    begin();
    put(owner.address);
    put(this.#nbytes);
    put(receivers);
    addon.lend();
    return resultAt(0);
  }

  /** A second storage over the same memory, with a version of its own. */
  alias(): Storage {
    const keeper = this.#keeper;
    keeper.#isShared = true;
    return new Storage(0, this.nbytes, undefined, undefined, keeper);
  }

  /** The storage of which this one is an alias, or itself. */
  get origin(): Storage {
    return this.#keeper;
  }

  /** Whether the memory is in an array, which others may hold too. */
  get isInArray(): boolean {
    return this.#keeper.#array !== undefined;
  }

  /** Memory of its own with the same content. */
  clone(): Storage {
    const copy = Storage.allocate(this.nbytes);
    copyInto(copy.pointer(), this.pointer(), this.nbytes);
    return copy;
  }

  /** The address of the first byte, for the next call of a kernel: memory may move. */
  pointer(): number {
    const keeper = this.#keeper;
    keeper.#checkPresent();
    return keeper.#address;
  }

  /** Whether some bytes are in the memory of both. */
  overlaps(other: Storage): boolean {
    const [start, otherStart] = [this.pointer(), other.pointer()];
    return start < otherStart + other.nbytes && otherStart < start + this.nbytes;
  }

  /** Throws unless the memory, which this storage keeps, is still there. */
  #checkPresent(): void {
    const array = this.#array;
    if (array === undefined && this.#owner === undefined) throw new Error("this tensor's memory was released");
    if (array !== undefined && this.#lastElement >= 0 && array[this.#lastElement] === undefined) {
      throw new Error("the ArrayBuffer that this tensor shares was detached or resized");
    }
  }

  /**
   * The memory as an array of bytes, which shows these and no others and keeps them alive.
   *
   * Memory that came from kernels moves into an ArrayBuffer for this: those that V8 makes are freed also in a
   * synchronous loop, and those made around native memory only by the event loop.
   */
  bytes(): Uint8Array {
    const keeper = this.#keeper;
    keeper.pointer();
    keeper.#array ??= keeper.#takeIntoArray();
    return bytesOver(keeper.#array) as Uint8Array;
  }

  /** The bytes, if they are in memory that threads share by themselves. */
  sharedBytes(): Uint8Array | undefined {
    const array = this.#keeper.#array;
    return array !== undefined && isSharedBuffer(bufferOf(array)) ? this.bytes() : undefined;
  }

  #takeIntoArray(): Uint8Array {
    const owner = this.#owner as Buffer;
    begin();
    put(owner.address);
    addon.countOwners();
    if (resultAt(0) > 1) return arrayAround(owner.address, this.nbytes);
    const array = newTypedArray(Uint8Array, this.nbytes);
    begin();
    addon.locate(array);
    const address = resultAt(0);
    copyInto(address, this.#address, this.nbytes);
    this.#address = address;
    this.#owner = undefined;
    recycle(owner);
    return array;
  }

  /**
   * Gives the memory back at once. Only for a storage that no tensor in reach uses any more; a later use throws.
   */
  release(): void {
    const owner = this.#owner;
    if (owner === undefined || owner.isSlab || this.#isShared) return;
    this.#owner = undefined;
    recycle(owner);
  }
}

// Kernels believe a storage that its memory is there, so that nobody is to make one who only has another.
Reflect.deleteProperty(Storage.prototype, "constructor");

const copyBytes = kernel("copyBytes");

function copyInto(to: number, from: number, nbytes: number): void {
  const list = begin();
  put(to);
  put(from);
  put(nbytes);
  launch(copyBytes, list);
}

/** An array around native memory that other threads use too. */
function arrayAround(address: number, nbytes: number): Uint8Array {
  begin();
  put(address);
  put(nbytes);
  return new Uint8Array(addon.arrayBuffer());
}

/** Rounds up to one of four sizes between powers of two, so that released buffers fit later requests. */
function capacityFor(nbytes: number): number {
  if (addon.exactBuffers) return nbytes;
  const step = 2 ** (Math.floor(Math.log2(nbytes - 1)) - 2);
  return Math.ceil(nbytes / step) * step;
}

function takeFromPool(nbytes: number): Buffer | undefined {
  if (pooledBytes === 0) return undefined;
  const buffer = pool.get(capacityFor(nbytes))?.pop();
  if (buffer !== undefined) pooledBytes -= buffer.capacity;
  return buffer;
}

/** Keeps a buffer that nothing refers to for the next allocation. */
function recycle(buffer: Buffer): void {
  const { capacity, isSlab } = buffer;
  if (isSlab || pooledBytes + capacity > poolLimit) return;
  pooledBytes += capacity;
  const list = pool.get(capacity);
  if (list === undefined) pool.set(capacity, [buffer]);
  else list.push(buffer);
}

function newBuffer(capacity: number, isSlab: boolean): Buffer {
  noteAllocation(capacity);
  const handle = allocate(capacity);
  return { handle, address: resultAt(0), capacity, isSlab };
}

/** Allocates a native buffer, whose address is in the first argument then; what is garbage goes before it fails. */
function allocate(nbytes: number): BufferHandle {
  try {
    begin();
    put(nbytes);
    return addon.allocate();
  } catch {
    emptyCache();
    collectGarbage();
    launch(trimMemory, begin());
  }
  try {
    begin();
    put(nbytes);
    return addon.allocate();
  } catch (cause) {
    throw new RangeError(`not enough memory: you tried to allocate ${nbytes} bytes`, { cause });
  }
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

/**
 * What the storages of all tensors in the process take, in bytes. Memory of arrays is not counted: that of
 * `fromTypedArray`, and of tensors that `asTypedArray` was called on.
 */
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
  launch(memoryStats, begin());
  const [alive, recycled, peak] = [resultAt(0), resultAt(1), resultAt(2)];
  return { alive: alive - pooledBytes, recycled: recycled + pooledBytes, peak };
}

/** Gives recycled memory back to the system. */
export function emptyCache(): void {
  pool.clear();
  pooledBytes = 0;
  launch(trimMemory, begin());
}

/** Starts to measure the peak anew. */
export function resetPeakMemoryStats(): void {
  launch(resetPeakMemory, begin());
}
