/** Packed sequences: sequences of different lengths without padding. */
import { int } from "../arguments/params.js";
import { float16, float32, float64, int8, int16, int32, int64, uint8 } from "../core/dtype.js";
import { formatShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { tensor as tensorOf } from "../ops/creation/data.js";
import type { ToArguments } from "../ops/creation/memory.js";

/** Whole numbers, as a tensor or an array. */
export type Lengths = Tensor | readonly number[];

/**
 * Sequences of different lengths without padding: the first elements of all of them, then the second ones, and so on.
 * The functions below make it; recurrent modules take it and give one.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.rnn.PackedSequence.html
 */
export class PackedSequence {
  /** Where each sequence of the original order went; null if they are in it. */
  readonly unsortedIndices: Tensor | null;

  constructor(
    /** `[elements, ...]`. */
    readonly data: Tensor,
    /** How many sequences have an element at each step, in int64. */
    readonly batchSizes: Tensor,
    /** Which of the original sequences stands in each place; null if they were not sorted. */
    readonly sortedIndices: Tensor | null = null,
    unsortedIndices: Tensor | null = null,
  ) {
    this.unsortedIndices = unsortedIndices ?? invertPermutation(sortedIndices);
    if (!(data instanceof Tensor && batchSizes instanceof Tensor)) {
      throw new TypeError(
        "PackedSequence: expected data and batch sizes as tensors; pack_sequence makes one of sequences",
      );
    }
    if (batchSizes.device !== "cpu") {
      throw new Error(
        "batch_sizes should always be on CPU. Instances of PackedSequence should never be created manually. They should be instantiated by functions like pack_sequence and pack_padded_sequences in nn.utils.rnn.",
      );
    }
  }

  *[Symbol.iterator](): Generator<Tensor | null> {
    yield* [this.data, this.batchSizes, this.sortedIndices, this.unsortedIndices];
  }

  /** The same sequences in another dtype or on another device. */
  to(...args: ToArguments): PackedSequence {
    const data = this.data.to(...(args as Parameters<Tensor["to"]>));
    if (data === this.data) return this;
    const { batchSizes, sortedIndices, unsortedIndices } = this;
    const moved = (indices: Tensor | null) => indices?.to(data.device) ?? null;
    return new PackedSequence(data, batchSizes, moved(sortedIndices), moved(unsortedIndices));
  }

  /** The same sequences on the CPU. */
  cpu(): PackedSequence {
    return this.to("cpu");
  }

  /** The same sequences in float64. */
  double(): PackedSequence {
    return this.to(float64);
  }

  /** The same sequences in float32. */
  float(): PackedSequence {
    return this.to(float32);
  }

  /** The same sequences in float16. */
  half(): PackedSequence {
    return this.to(float16);
  }

  /** The same sequences in int64. */
  long(): PackedSequence {
    return this.to(int64);
  }

  /** The same sequences in int32. */
  int(): PackedSequence {
    return this.to(int32);
  }

  /** The same sequences in int16. */
  short(): PackedSequence {
    return this.to(int16);
  }

  /** The same sequences in int8. */
  char(): PackedSequence {
    return this.to(int8);
  }

  /** The same sequences in uint8. */
  byte(): PackedSequence {
    return this.to(uint8);
  }

  /** Whether the elements are on a GPU: there is none. */
  get isCuda(): boolean {
    return false;
  }

  /** Whether the memory is pinned for a GPU: none is. */
  isPinned(): boolean {
    return this.data.isPinned();
  }

  /**
   * The same sequences in memory that is pinned for a GPU.
   *
   * @throws Error always: there is no GPU.
   */
  pinMemory(): PackedSequence {
    const { data, batchSizes, sortedIndices, unsortedIndices } = this;
    return new PackedSequence(data.pinMemory(), batchSizes, sortedIndices, unsortedIndices);
  }

  toString(): string {
    const { data, batchSizes, sortedIndices, unsortedIndices } = this;
    const show = (value: Tensor | null) => (value === null ? "None" : String(value));
    return `PackedSequence(data=${data}, batch_sizes=${batchSizes}, sorted_indices=${show(sortedIndices)}, unsorted_indices=${show(unsortedIndices)})`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** Whole numbers in a tensor of int64. */
export function int64Tensor(values: readonly number[]): Tensor {
  return tensorOf(BigInt64Array.from(values, BigInt));
}

/** Lengths as numbers. */
export function readLengths(name: string, lengths: unknown): number[] {
  const list: unknown = lengths instanceof Tensor ? lengths.tolist() : lengths;
  if (!Array.isArray(list)) throw new TypeError(`${name}(): lengths must be a list of ints or a tensor of one dim`);
  return list.map((length) => {
    const read = int.read(length);
    if (typeof read !== "number")
      throw new TypeError(`${name}(): lengths must be whole numbers, got ${String(length)}`);
    return read;
  });
}

/** The runs of equal numbers: `[count, value, …]`. */
export function runsOf(values: readonly number[]): number[] {
  const runs: number[] = [];
  for (const value of values) {
    if (runs.at(-1) === value) runs[runs.length - 2] = (runs.at(-2) as number) + 1;
    else runs.push(1, value);
  }
  return runs;
}

/**
 * @internal The steps of a packed sequence: pairs of a number of steps and the number of sequences that they have.
 *
 * @throws Error if they are not those of its data.
 */
export function runsOfPacked({ data, batchSizes }: PackedSequence): number[] {
  const sizes = readLengths("PackedSequence", batchSizes);
  const total = sizes.reduce((a, b) => a + b, 0);
  if (sizes.some((size, i) => size <= 0 || size > (sizes[i - 1] ?? size)) || total !== data.sizes[0]) {
    throw new Error(
      `batch_sizes ${formatShape(sizes)} must be positive, not grow, and sum to the number of elements, ${data.sizes[0]}`,
    );
  }
  return runsOf(sizes);
}

/** For a permutation the one that undoes it. */
export function invertPermutation(permutation: Tensor | null): Tensor | null {
  if (permutation === null || permutation === undefined) return null;
  const positions = int64Tensor(Array.from({ length: permutation.numel() }, (_, i) => i));
  return permutation.newEmpty(permutation.sizes).scatter_(0, permutation, positions.to(permutation.device));
}
