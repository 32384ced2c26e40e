/**
 * Buffers of the host, and the pool in which those that nobody uses any more wait to be used again: fresh memory is
 * many times slower to write than recycled memory.
 */
import { begin, findBlock, kernel, launch, resultAt } from "../block.js";
import { type BufferHandle, type HostBuffer, host } from "../host/index.js";
import { collectAfterStep, collectBefore, collections, noteBuffer } from "./collection.js";

/**
 * Bytes of released buffers that are kept for the next allocation: as much as a few results of a large network take,
 * each of which else would be written to cold memory.
 */
const poolLimit = host.exactBuffers ? 0 : 256 * 2 ** 20;

export interface Buffer {
  readonly handle: BufferHandle;
  readonly address: number;
  readonly capacity: number;
  /** Whether several storages are cut from it. */
  readonly isSlab: boolean;
  /** How many times young garbage had been collected when its handle was made. */
  readonly born: number;
}

/** The released buffers of one capacity, and when one was last asked for. */
interface SizeClass {
  readonly buffers: Buffer[];
  asked: number;
}

const pool = new Map<number, SizeClass>();
let pooledBytes = 0;
/** Counts what is asked for. */
let clock = 0;

/** A buffer of at least so many bytes, a recycled one if there is one. */
export function takeBuffer(nbytes: number, interval?: number): Buffer {
  return takeFromPool(nbytes) ?? newBuffer(capacityFor(nbytes), false, interval);
}

/** Rounds up to one of four sizes between powers of two, so that released buffers fit later requests. */
function capacityFor(nbytes: number): number {
  if (host.exactBuffers) return nbytes;
  const step = 2 ** (Math.floor(Math.log2(nbytes - 1)) - 2);
  return Math.ceil(nbytes / step) * step;
}

function takeFromPool(nbytes: number): Buffer | undefined {
  if (pooledBytes === 0) return undefined;
  const sizeClass = pool.get(capacityFor(nbytes));
  if (sizeClass === undefined) return undefined;
  sizeClass.asked = ++clock;
  const buffer = sizeClass.buffers.pop();
  if (buffer === undefined) return undefined;
  pooledBytes -= buffer.capacity;
  return buffer.born === collections ? buffer : renewed(buffer);
}

/**
 * The same memory with a young handle: one that is old already would be found dead only with all garbage, however young
 * the tensor is that has it.
 */
function renewed({ handle, address, capacity, isSlab }: Buffer): Buffer {
  return { handle: host.renew(handle), address, capacity, isSlab, born: collections };
}

/** Keeps a buffer that nothing refers to for the next allocation, in the place of others if there are too many. */
export function recycle(buffer: Buffer): void {
  const { capacity, isSlab } = buffer;
  if (isSlab || capacity > poolLimit) return;
  while (pooledBytes + capacity > poolLimit) dropLongestUnused();
  pooledBytes += capacity;
  const sizeClass = pool.get(capacity);
  if (sizeClass === undefined) pool.set(capacity, { buffers: [buffer], asked: ++clock });
  else sizeClass.buffers.push(buffer);
}

/** Gives up a buffer of the capacity that was not asked for the longest: a program that went on to other sizes. */
function dropLongestUnused(): void {
  let oldest: SizeClass | undefined;
  for (const sizeClass of pool.values()) {
    const isOlder = oldest === undefined || sizeClass.asked < oldest.asked;
    if (isOlder && sizeClass.buffers.length > 0) oldest = sizeClass;
  }
  pooledBytes -= oldest?.buffers.pop()?.capacity ?? 0;
}

/** A buffer of the host. What is garbage goes before this fails. */
export function newBuffer(capacity: number, isSlab: boolean, interval?: number): Buffer {
  collectBefore(capacity, bytesInUse, interval);
  const { handle, address } = allocate(capacity);
  return { handle, address, capacity, isSlab, born: collections };
}

/**
 * The buffer that another thread lent under a token, as much of it as was lent.
 *
 * @throws Error if nothing was lent under it, or it was taken over already.
 */
export function adoptBuffer(token: number): Buffer {
  // A thread that makes no buffers itself may take over many.
  collectBefore(0, bytesInUse);
  begin();
  const { handle, address, nbytes } = host.adopt(token);
  noteBuffer(nbytes);
  return { handle, address, capacity: nbytes, isSlab: false, born: collections };
}

/**
 * Says that a step of a program has ended, such as a backward pass: most of what it made is garbage now, which is
 * collected if it may be much.
 */
export function endStep(): void {
  collectAfterStep(bytesInUse);
}

/** Bytes of the buffers of this thread that tensors have, dead ones too that nobody has found yet. */
function bytesInUse(): number {
  begin();
  return host.countOwned() - pooledBytes;
}

function allocate(nbytes: number): HostBuffer {
  try {
    return ask(nbytes);
  } catch {
    releaseUnused();
  }
  try {
    return ask(nbytes);
  } catch (cause) {
    throw new RangeError(`not enough memory: you tried to allocate ${nbytes} bytes`, { cause });
  }
}

/** Asks the host for a buffer, by way of the block of arguments. */
function ask(nbytes: number): HostBuffer {
  begin();
  const buffer = host.allocate(nbytes);
  findBlock();
  return buffer;
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

/** Lets all memory of this thread go that nothing uses: garbage too, which takes some milliseconds. */
export function releaseUnused(): void {
  emptyCache();
  host.collectGarbage("all");
  launch(trimMemory, begin());
}

/** Starts to measure the peak anew. */
export function resetPeakMemoryStats(): void {
  launch(resetPeakMemory, begin());
}
