/**
 * Sources of random numbers, which give the same numbers as PyTorch's from the same seed.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.Generator.html
 */

import { uint8 } from "../core/dtype.js";
import { Tensor } from "../core/tensor.js";
import { CpuStorage } from "./cpu/memory/storage.js";
import { readSync } from "./cpu/reading.js";

/** Where things are in the memory that kernels advance: `GeneratorState` of kernels/random/random.h. */
const words = 624;
const leftWord = 624;
const nextWord = 625;
const floatNormalWord = 626;
const hasFloatNormalWord = 627;
const doubleNormalWord = 628;
const hasDoubleNormalWord = 630;
const seedWord = 632;
const engineBytes = 2536;

/** Where things are in the bytes of `getState`, which PyTorch defined when its words still had 64 bits. */
const stateBytes = 5056;
const saved = {
  seed: 0,
  left: 8,
  seeded: 12,
  next: 16,
  words: 24,
  doubleNormal: 5024,
  hasDoubleNormal: 5040,
  floatNormal: 5048,
  hasFloatNormal: 5052,
} as const;

/** The seed of a generator that was given none. */
const defaultSeed = 67280421310721n;

/**
 * A Mersenne Twister with a state of its own.
 *
 * @example
 * const generator = new torch.Generator().manualSeed(42);
 * torch.rand(2, 3, { generator });
 */
export class Generator {
  /** The state that kernels advance and trust, where nobody else can reach it. */
  readonly #state = new Uint8Array(engineBytes);
  readonly #memory = new DataView(this.#state.buffer);
  readonly #storage = CpuStorage.share(this.#state);

  constructor(
    /** Always `"cpu"`. */
    readonly device: string = "cpu",
  ) {
    if (device !== "cpu") throw new Error(`a generator lives on the device "cpu", got "${device}"`);
    this.#reset(defaultSeed);
  }

  /** Starts the sequence that belongs to a seed, an integer in [-2^63, 2^64). A negative one counts from 2^64 down. */
  manualSeed(seed: number | bigint): this {
    this.#reset(checkSeed(seed));
    return this;
  }

  /** Starts a sequence that nobody can foresee, and returns its seed. */
  seed(): number {
    const [high, low] = crypto.getRandomValues(new Uint32Array(2)) as unknown as [number, number];
    const seed = (high & 0x1fffff) * 2 ** 32 + low;
    this.#reset(BigInt(seed));
    return seed;
  }

  /** The seed of the present sequence; a bigint where a number cannot hold it. */
  initialSeed(): number | bigint {
    const seed = this.#memory.getBigUint64(4 * seedWord, true);
    return seed <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(seed) : seed;
  }

  /** The state as the 5056 bytes that PyTorch has for it too, a uint8 tensor. */
  getState(): Tensor {
    const from = this.#memory;
    const state = new Uint8Array(stateBytes);
    const to = new DataView(state.buffer);
    to.setBigUint64(saved.seed, from.getBigUint64(4 * seedWord, true), true);
    to.setInt32(saved.left, from.getInt32(4 * leftWord, true), true);
    to.setInt32(saved.seeded, 1, true);
    to.setUint32(saved.next, from.getUint32(4 * nextWord, true), true);
    for (let i = 0; i < words; i++) to.setUint32(saved.words + 8 * i, from.getUint32(4 * i, true), true);
    if (from.getUint32(4 * hasDoubleNormalWord, true)) {
      to.setBigUint64(saved.doubleNormal, from.getBigUint64(4 * doubleNormalWord, true), true);
      to.setInt32(saved.hasDoubleNormal, 1, true);
    }
    if (from.getUint32(4 * hasFloatNormalWord, true)) {
      to.setUint32(saved.floatNormal, from.getUint32(4 * floatNormalWord, true), true);
      to.setUint8(saved.hasFloatNormal, 1);
    }
    return new Tensor(CpuStorage.share(state), 0, [stateBytes], [1], uint8, true);
  }

  /** Goes on from a state that `getState` gave, here or in PyTorch. */
  setState(newState: Tensor): this {
    if (!(newState instanceof Tensor) || newState.dtype !== uint8 || newState.device !== "cpu") {
      throw new TypeError("RNG state must be a torch.ByteTensor, as getState() gives it");
    }
    const state = readSync(newState);
    if (state.length !== stateBytes) {
      throw new Error(`expected a generator state of ${stateBytes} bytes, got ${state.length}`);
    }
    const from = new DataView(state.buffer, state.byteOffset, stateBytes);
    const left = from.getInt32(saved.left, true);
    const next = from.getBigUint64(saved.next, true);
    const seeded = from.getInt32(saved.seeded, true) !== 0;
    // The words not yet used must all be there: kernels trust this.
    const complete = left >= 1 && next <= words && Number(next) + left - 1 <= words;
    if (!seeded || !complete) throw new Error("Invalid mt19937 state");

    const to = this.#memory;
    to.setBigUint64(4 * seedWord, from.getBigUint64(saved.seed, true), true);
    to.setInt32(4 * leftWord, left, true);
    to.setUint32(4 * nextWord, Number(next), true);
    for (let i = 0; i < words; i++) to.setUint32(4 * i, from.getUint32(saved.words + 8 * i, true), true);
    to.setBigUint64(4 * doubleNormalWord, from.getBigUint64(saved.doubleNormal, true), true);
    to.setUint32(4 * hasDoubleNormalWord, Number(from.getInt32(saved.hasDoubleNormal, true) !== 0), true);
    to.setUint32(4 * floatNormalWord, from.getUint32(saved.floatNormal, true), true);
    to.setUint32(4 * hasFloatNormalWord, Number(from.getUint8(saved.hasFloatNormal) !== 0), true);
    return this;
  }

  /** A generator that will give the same numbers, independently. */
  clone(): Generator {
    const copy = new Generator(this.device);
    copy.setState(this.getState());
    return copy;
  }

  /** What `console.log` prints. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "<torch.Generator object>";
  }

  /** @internal Where kernels find the state of a generator. */
  static addressOf(generator: Generator): number {
    return generator.#storage.pointer();
  }

  #reset(seed: bigint): void {
    const memory = this.#memory;
    let word = Number(seed & 0xffffffffn);
    memory.setUint32(0, word, true);
    for (let i = 1; i < words; i++) {
      word = (Math.imul(1812433253, word ^ (word >>> 30)) + i) | 0;
      memory.setInt32(4 * i, word, true);
    }
    memory.setInt32(4 * leftWord, 1, true);
    memory.setUint32(4 * nextWord, 0, true);
    memory.setUint32(4 * hasFloatNormalWord, 0, true);
    memory.setUint32(4 * hasDoubleNormalWord, 0, true);
    memory.setBigUint64(4 * seedWord, seed, true);
  }
}

function checkSeed(seed: number | bigint): bigint {
  if (typeof seed !== "bigint" && !Number.isInteger(seed)) {
    throw new TypeError(`manualSeed expects an integer, got ${typeof seed === "number" ? seed : typeof seed}`);
  }
  const value = BigInt(seed);
  if (value < -(2n ** 63n) || value >= 2n ** 64n) {
    throw new RangeError(`manualSeed expects a seed in [-2^63, 2^64), got ${value}`);
  }
  return BigInt.asUintN(64, value);
}

/** The generator of every random function that is given none. It begins with a seed that nobody can foresee. */
export const defaultGenerator = new Generator();
defaultGenerator.seed();
