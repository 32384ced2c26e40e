/**
 * The memory of the CPU: pieces of native buffers, or arrays of the program's. Nothing outside this folder knows where
 * it is; kernels get its addresses from `CpuStorage.locate`.
 */
import type { Device } from "../../../core/devices.js";
import { newTypedArray, type TypedArray } from "../../../core/dtype.js";
import { bufferOf, byteLengthOf, bytesOver, isSharedBuffer, lengthOf } from "../../../core/intrinsics.js";
import type { Storage } from "../../../core/storage.js";
import { begin, besideList, kernel, launch, pin, put, slotAddress } from "../block.js";
import { host } from "../host/index.js";
import { adoptBuffer, type Buffer, recycle, takeBuffer } from "./buffers.js";
import { intervalOfFiles } from "./collection.js";
import { largestInSlab, slabFor } from "./slab.js";

const { totalMemory } = host;

/** Memory in an array of the program's, which may be detached or resized at any time. */
interface ArrayMemory {
  readonly array: TypedArray;
  /** Where the array ends, -1 for an empty one: an element that is not there any more is undefined. */
  readonly lastElement: number;
  /** Gives the memory to use instead, when somebody wants to know what is in it. */
  readonly fetch?: () => Storage;
}

function memoryOf(array: TypedArray): ArrayMemory {
  return { array, lastElement: lengthOf(array) - 1 };
}

/** Memory that the kernels of the CPU reach. */
export class CpuStorage implements Storage {
  version = 0;
  /** Who knows where the memory is, and may move it: this storage, or the one of which it is an alias. */
  readonly #keeper: CpuStorage;
  #address: number;
  readonly #nbytes: number;
  /** The native buffer in which the memory is, if it is in one. */
  #owner: Buffer | undefined;
  /** The array that shows the memory, if there is one. */
  #array: ArrayMemory | undefined;
  /** How many nodes of the graph have it saved; infinitely many if others may use the memory: an alias, a thread. */
  #saves = 0;
  /** Whether it goes back when no node has it saved any more. */
  #isGivenUp = false;

  private constructor(address: number, nbytes: number, owner?: Buffer, array?: ArrayMemory, keeper?: CpuStorage) {
    this.#keeper = keeper ?? this;
    this.#address = address;
    this.#nbytes = nbytes;
    this.#owner = owner;
    this.#array = array;
  }

  /** Memory with undefined content. */
  static allocate(nbytes: number): CpuStorage {
    // Also what is no number: a size that was computed from sizes beyond all bounds.
    if (!(nbytes >= 0 && nbytes <= totalMemory)) {
      throw new RangeError(
        `not enough memory: you tried to allocate ${nbytes} bytes, and there are ${totalMemory} in all`,
      );
    }
    if (nbytes <= largestInSlab) {
      const slab = slabFor(nbytes);
      const byteOffset = slab.reserve(nbytes);
      const buffer = slab.buffer as Buffer;
      return new CpuStorage(buffer.address + byteOffset, nbytes, buffer);
    }
    const buffer = takeBuffer(nbytes);
    return new CpuStorage(buffer.address, nbytes, buffer);
  }

  /** Memory that is about to be filled from a file. */
  static allocateForFile(nbytes: number): CpuStorage {
    if (nbytes <= largestInSlab || nbytes > totalMemory) return CpuStorage.allocate(nbytes);
    const buffer = takeBuffer(nbytes, intervalOfFiles);
    return new CpuStorage(buffer.address, nbytes, buffer);
  }

  /** The memory of a typed array, shared. */
  static share(array: TypedArray): CpuStorage {
    return new CpuStorage(addressOf(array), byteLengthOf(array), undefined, memoryOf(array));
  }

  /** Memory whose content is asked for when it is first used: what `fetch` gives, of that size or more, is the memory then. */
  static onDemand(nbytes: number, fetch: () => Storage): CpuStorage {
    const none = new Uint8Array(0);
    return new CpuStorage(0, nbytes, undefined, { array: none, lastElement: nbytes > 0 ? 0 : -1, fetch });
  }

  /** A place for one number in the block through which arguments reach the kernels. */
  static ofArguments(slot: number): CpuStorage {
    const address = slotAddress(slot);
    return new CpuStorage(address, 16, { handle: host.params, address, capacity: 16, isSlab: true, born: 0 });
  }

  /**
   * The address of the element at an offset, for a kernel that goes from there over `count` elements of a size; if
   * that is none, over nothing.
   *
   * @throws RangeError if they are not all in the memory.
   */
  static locate(view: Storage, offset: number, count: number, itemsize: number): number {
    // All that decides is private: nothing but a storage has it, and nobody else can change it.
    const storage = view as CpuStorage;
    const keeper = storage.#keeper;
    if (keeper.#array !== undefined || keeper.#owner === undefined) {
      keeper.#checkPresent();
      pin(keeper.#array);
    }
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

  get device(): Device {
    return "cpu";
  }

  get nbytes(): number {
    return this.#nbytes;
  }

  /**
   * A storage, in this thread, over memory that another thread lent.
   *
   * @throws Error if nothing was lent under that token, or it was taken over already.
   */
  static adopt(token: number): CpuStorage {
    const buffer = adoptBuffer(token);
    const storage = new CpuStorage(buffer.address, buffer.capacity, buffer);
    storage.#saves = Number.POSITIVE_INFINITY;
    return storage;
  }

  /**
   * Lends the memory to other threads, each of which takes it over with `CpuStorage.adopt`, once; it stays alive until
   * then, and as long as one of them has it.
   *
   * @returns the token under which it was lent. Undefined where that is not possible: small storages share a buffer
   *   with others, and an array belongs to its thread.
   */
  lend(receivers: number): number | undefined {
    const keeper = this.#keeper;
    const owner = keeper.#owner;
    if (owner === undefined || owner.isSlab) return undefined;
    keeper.#saves = Number.POSITIVE_INFINITY;
    begin();
    return host.lend(owner.address, this.#nbytes, receivers);
  }

  alias(): CpuStorage {
    const keeper = this.#keeper;
    keeper.#saves = Number.POSITIVE_INFINITY;
    return new CpuStorage(0, this.nbytes, undefined, undefined, keeper);
  }

  get origin(): CpuStorage {
    return this.#keeper;
  }

  get isInArray(): boolean {
    return this.#keeper.#array !== undefined;
  }

  clone(): CpuStorage {
    const copy = CpuStorage.allocate(this.nbytes);
    copyInto(copy.pointer(), this.pointer(), this.nbytes);
    return copy;
  }

  pointer(): number {
    const keeper = this.#keeper;
    keeper.#checkPresent();
    return keeper.#address;
  }

  overlaps(other: Storage): boolean {
    if (!(other instanceof CpuStorage)) return false;
    const [start, otherStart] = [this.pointer(), other.pointer()];
    return start < otherStart + other.nbytes && otherStart < start + this.nbytes;
  }

  /** Throws unless the memory, which this storage keeps, is still there. */
  #checkPresent(): void {
    const array = this.#array;
    if (array === undefined && this.#owner === undefined) throw new Error("this tensor's memory was released");
    if (array !== undefined && array.lastElement >= 0 && array.array[array.lastElement] === undefined) {
      if (array.fetch === undefined) throw new Error("the ArrayBuffer that this tensor shares was detached or resized");
      this.#take(array.fetch);
    }
  }

  /** Takes over memory that was waited for, in the middle of whatever asks for it. */
  #take(fetch: () => Storage): void {
    besideList(() => {
      const memory = fetch() as CpuStorage;
      if (memory.nbytes < this.#nbytes) throw new Error(`memory of ${this.#nbytes} bytes was to be fetched`);
      this.#address = memory.pointer();
      this.#owner = memory.#owner;
      this.#array = memory.#array;
    });
  }

  /**
   * Memory that came from kernels moves into an ArrayBuffer for this: those that V8 makes are freed also in a
   * synchronous loop, and those made around native memory only by the event loop.
   */
  bytes(): Uint8Array {
    const keeper = this.#keeper;
    keeper.pointer();
    keeper.#array ??= memoryOf(keeper.#takeIntoArray());
    return bytesOver(keeper.#array.array) as Uint8Array;
  }

  /** The bytes, if they are in memory that threads share by themselves. */
  sharedBytes(): Uint8Array | undefined {
    const array = this.#keeper.#array?.array;
    return array !== undefined && isSharedBuffer(bufferOf(array)) ? this.bytes() : undefined;
  }

  get isBetweenThreads(): boolean {
    return this.sharedBytes() !== undefined;
  }

  moveBetweenThreads(): void {
    const keeper = this.#keeper;
    if (keeper.isBetweenThreads) return;
    keeper.#checkPresent();
    keeper.#moveInto(new Uint8Array(new SharedArrayBuffer(this.nbytes)));
  }

  #takeIntoArray(): Uint8Array {
    const { address } = this.#owner as Buffer;
    begin();
    if (host.countOwners(address) > 1) return new Uint8Array(host.arrayBuffer(address, this.nbytes));
    const array = newTypedArray(Uint8Array, this.nbytes);
    this.#moveInto(array);
    return array;
  }

  /** Goes on in an array; the buffer is used again unless other threads have it, too. */
  #moveInto(array: Uint8Array): void {
    const owner = this.#owner;
    const address = addressOf(array);
    copyInto(address, this.#address, this.nbytes);
    this.#address = address;
    this.#array = memoryOf(array);
    this.#owner = undefined;
    if (owner === undefined) return;
    begin();
    if (host.countOwners(owner.address) <= 1) recycle(owner);
  }

  keep(): void {
    this.#keeper.#saves = Number.POSITIVE_INFINITY;
  }

  save(): void {
    this.#keeper.#saves++;
  }

  dropSave(): void {
    if (--this.#keeper.#saves === 0 && this.#isGivenUp) this.release();
  }

  get isSaved(): boolean {
    return this.#keeper.#saves > 0;
  }

  release(): void {
    const owner = this.#owner;
    if (owner === undefined || owner.isSlab) return;
    if (this.#saves > 0) {
      this.#isGivenUp = true;
      return;
    }
    this.#owner = undefined;
    recycle(owner);
  }
}

// Kernels believe a storage that its memory is there, so that nobody is to make one who only has another.
Reflect.deleteProperty(CpuStorage.prototype, "constructor");

const copyBytes = kernel("copyBytes");

function copyInto(to: number, from: number, nbytes: number): void {
  const list = begin();
  put(to);
  put(from);
  put(nbytes);
  launch(copyBytes, list);
}

function addressOf(array: TypedArray): number {
  begin();
  const address = host.addressOf(array);
  if (address === undefined) throw new Error("the kernels of this host cannot share the memory of an array");
  return address;
}
