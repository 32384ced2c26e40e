/** Small storages are cut from slabs, so that a scalar costs no allocation of its own. */
import { host } from "../host/index.js";
import { type Buffer, newBuffer } from "./buffers.js";

const alignment = 64;

/** A buffer that is cut into pieces, one after the other; it lives as long as one of them. */
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
export const largestInSlab = host.exactBuffers ? -1 : mediumSlab.largestPiece;

/** The slab from which so many bytes are cut, at most `largestInSlab`. */
export function slabFor(nbytes: number): Slab {
  return nbytes <= smallSlab.largestPiece ? smallSlab : mediumSlab;
}
