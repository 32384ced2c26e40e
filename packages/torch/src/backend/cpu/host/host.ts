/**
 * The host: how the kernels of the CPU are loaded, and what they need of the machine beneath.
 *
 * It is chosen when the library loads; which device a tensor is on is another question, asked at run time. All that
 * Node or a browser has to do with kernels is behind this interface, so that a second host is one more file.
 */
import type { TypedArray } from "../../../core/dtype.js";

declare const kernelBrand: unique symbol;

/** A kernel, which only `launch` of block.ts can run. */
export interface Kernel {
  readonly [kernelBrand]: true;
}

/** Owns a buffer: the buffer lives as long as this object can be reached. */
export type BufferHandle = object;

/** A buffer of memory that kernels reach. */
export interface HostBuffer {
  readonly handle: BufferHandle;
  readonly address: number;
  readonly nbytes: number;
}

/**
 * A host of kernels. Addresses are numbers, and 0 is none.
 *
 * Every call but `kernel` and `renew` may use the argument block for its own, and spoils a list that is being put together there.
 */
export interface Host {
  /** The instruction set of the kernels in use. */
  readonly instructionSet: string;
  /** Bytes of memory that there are, or that may be used. */
  readonly totalMemory: number;
  /** Whether this is a build for a memory checker, for which a buffer has the exact size and is used once. */
  readonly exactBuffers: boolean;
  /** The argument block; another view of it after the memory of the host has moved, as an allocation may do. */
  readonly params: ArrayBuffer;
  /** Where kernels see the argument block. */
  readonly paramsAddress: number;

  /** The kernel of a name; throws if there is none. */
  kernel(name: string): Kernel;
  /** A buffer with undefined content; throws if there is no room. */
  allocate(nbytes: number): HostBuffer;
  /** A new handle that owns a buffer in the place of another, which stands for nothing from now on. */
  renew(handle: BufferHandle): BufferHandle;
  /** Where kernels see the memory of an array; undefined on a host that has a memory of its own. */
  addressOf(array: TypedArray): number | undefined;
  /** Lends the first bytes of a buffer to other threads, so many of which may adopt it, and returns a token for that. */
  lend(address: number, nbytes: number, receivers: number): number;
  /** The buffer that was lent under a token; throws if there is none, or not any more. */
  adopt(token: number): HostBuffer;
  /** Bytes of the buffers that this thread holds. */
  countOwned(): number;
  /** How many hold a buffer, other threads included. */
  countOwners(address: number): number;
  /** An ArrayBuffer over the first bytes of a buffer, which keeps the buffer alive. */
  arrayBuffer(address: number, nbytes: number): ArrayBuffer;
  /** Collects the young garbage, or all of it, where that can be asked for. */
  collectGarbage(kind: "young" | "all"): void;
}
