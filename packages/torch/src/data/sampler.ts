/**
 * Samplers: in which order samples are taken from a data set.
 *
 * Source: https://pytorch.org/docs/stable/data.html#data-loading-order-and-sampler
 */
import {
  anything,
  flag,
  flagOn,
  generator as generatorParam,
  int,
  iterable,
  optional,
  requiredFlag,
} from "../arguments/params.js";
import { describe, Signature } from "../arguments/parse.js";
import { Generator } from "../backend/generator.js";
import { float64 } from "../core/dtype.js";
import type { Tensor } from "../core/tensor.js";
import { asTensor, type TensorData } from "../ops/creation/data.js";
import { multinomial } from "../ops/random/draws.js";
import { drawSeed, integersBelow, permutation } from "./draws.js";
import { type Index, toIndex, toIndices } from "./indices.js";

/** Anything with a length. */
interface Sized {
  readonly length: number;
}

/** Indices in any iterable, with a length where it is known. */
export type Indices<T = Index> = Iterable<T> & { readonly length?: number };

/** The base of samplers: a subclass iterates over indices, and may have a `length`. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: a subclass may have a length, as a field or as a getter
export abstract class Sampler<T = number> implements Iterable<T> {
  abstract [Symbol.iterator](): Iterator<T>;
}

// biome-ignore lint/correctness/noUnusedVariables: both declarations must have the same parameters
export interface Sampler<T> {
  readonly length?: number;
}

/**
 * All indices in order.
 *
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.SequentialSampler
 */
export class SequentialSampler extends Sampler {
  constructor(readonly dataSource: Sized) {
    super();
  }

  override get length(): number {
    return lengthOf(this.dataSource);
  }

  *[Symbol.iterator](): Iterator<number> {
    for (let i = 0; i < this.length; i++) yield i;
  }
}

const randomSignature = new Signature("RandomSampler", {
  dataSource: anything,
  replacement: flag,
  numSamples: optional(int),
  generator: optional(generatorParam),
});

export interface RandomSamplerOptions {
  /** Whether an index may come again before all others came. */
  replacement?: boolean;
  /** How many indices to draw; as many as there are samples by default. */
  numSamples?: number;
  generator?: Generator;
}

/**
 * Indices in random order.
 *
 * Without a generator of its own, each pass takes one number from the default generator and goes on from that seed.
 *
 * @throws RangeError unless the number of samples is positive.
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.RandomSampler
 */
export class RandomSampler extends Sampler {
  readonly dataSource: Sized;
  readonly replacement: boolean;
  readonly generator: Generator | undefined;
  private readonly givenSamples: number | undefined;

  constructor(dataSource: Sized, options?: RandomSamplerOptions) {
    super();
    const { replacement, numSamples, generator } = randomSignature.parse([dataSource, options]);
    this.dataSource = dataSource;
    this.replacement = replacement;
    this.generator = generator;
    this.givenSamples = numSamples;
    checkPositive("numSamples", this.numSamples);
  }

  /** How many indices a pass draws. */
  get numSamples(): number {
    return this.givenSamples ?? lengthOf(this.dataSource);
  }

  override get length(): number {
    return this.numSamples;
  }

  *[Symbol.iterator](): Iterator<number> {
    const { numSamples } = this;
    const n = this.dataSource.length;
    if (n === 0) throw new RangeError(`cannot draw ${numSamples} samples from a data set without any`);
    const generator = this.generator ?? new Generator().manualSeed(drawSeed());
    if (this.replacement) {
      for (let left = numSamples; left >= 32; left -= 32) yield* integersBelow(n, 32, generator);
      yield* integersBelow(n, numSamples % 32, generator);
    } else {
      for (let left = numSamples; left >= n; left -= n) yield* permutation(n, generator);
      // Also where nothing is left: PyTorch draws this permutation too, so the generator moves on as it does there.
      yield* permutation(n, generator).slice(0, numSamples % n);
    }
  }
}

const subsetSignature = new Signature("SubsetRandomSampler", {
  indices: iterable,
  generator: optional(generatorParam),
});

/**
 * The given indices in random order.
 *
 * @throws TypeError unless they are whole numbers.
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.SubsetRandomSampler
 */
export class SubsetRandomSampler extends Sampler {
  readonly indices: readonly number[];
  readonly generator: Generator | undefined;

  constructor(indices: Iterable<Index>, options?: { generator?: Generator }) {
    super();
    this.generator = subsetSignature.parse([indices, options]).generator;
    this.indices = toIndices(indices);
  }

  override get length(): number {
    return lengthOf(this.indices);
  }

  *[Symbol.iterator](): Iterator<number> {
    for (const place of permutation(this.length, this.generator)) yield this.indices[place] as number;
  }
}

const weightedSignature = new Signature("WeightedRandomSampler", {
  weights: anything,
  numSamples: int,
  replacement: flagOn,
  generator: optional(generatorParam),
});

/**
 * Indices drawn with the given probabilities, which need not sum to 1.
 *
 * @throws RangeError unless the number of samples is positive; Error if weights are not a list of one dim.
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.WeightedRandomSampler
 */
export class WeightedRandomSampler extends Sampler {
  readonly weights: Tensor;
  readonly numSamples: number;
  readonly replacement: boolean;
  readonly generator: Generator | undefined;

  constructor(
    weights: TensorData,
    numSamples: number,
    options?: {
      /** Whether an index may come again; true unless it is switched off. */
      replacement?: boolean;
      generator?: Generator;
    },
  ) {
    super();
    const read = weightedSignature.parse([weights, numSamples, options]);
    checkPositive("numSamples", read.numSamples);
    this.weights = asTensor(weights, { dtype: float64 });
    if (this.weights.ndim !== 1) {
      throw new Error(
        `weights should be a 1d sequence but given weights have shape [${this.weights.shape.join(", ")}]`,
      );
    }
    this.numSamples = read.numSamples;
    this.replacement = read.replacement;
    this.generator = read.generator;
  }

  override get length(): number {
    return this.numSamples;
  }

  *[Symbol.iterator](): Iterator<number> {
    const { replacement, generator } = this;
    const drawn = multinomial(this.weights, this.numSamples, { replacement, generator });
    yield* Array.from(drawn.toTypedArray() as BigInt64Array, Number);
  }
}

const batchSignature = new Signature("BatchSampler", { sampler: iterable, batchSize: int, dropLast: requiredFlag });

/**
 * The indices of another sampler in batches.
 *
 * @param dropLast whether a last batch that would be smaller is left out.
 * @throws TypeError unless the sampler can be iterated, and gives whole numbers; RangeError unless the size is positive.
 * @example [...new BatchSampler([0, 1, 2, 3, 4], 2, false)] // [[0, 1], [2, 3], [4]]
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.BatchSampler
 */
export class BatchSampler extends Sampler<number[]> {
  readonly batchSize: number;

  constructor(
    readonly sampler: Indices,
    batchSize: number | bigint,
    readonly dropLast: boolean,
  ) {
    super();
    this.batchSize = batchSignature.parse([sampler, batchSize, dropLast]).batchSize;
    checkPositive("batchSize", this.batchSize);
  }

  override get length(): number {
    const batches = lengthOf(this.sampler) / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  *[Symbol.iterator](): Iterator<number[]> {
    let batch: number[] = [];
    for (const index of this.sampler) {
      batch.push(toIndex(index));
      if (batch.length === this.batchSize) {
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0 && !this.dropLast) yield batch;
  }
}

/**
 * The length of something.
 *
 * @throws TypeError if it has none, or one that is no whole number; RangeError for a negative one.
 */
export function lengthOf(sized: { readonly length?: number }): number {
  const length = sized?.length;
  if (typeof length !== "number") throw new TypeError(`object of type '${describe(sized)}' has no length`);
  if (!Number.isInteger(length)) throw new TypeError(`a length must be an integer, got ${length}`);
  if (length < 0) throw new RangeError(`a length should be >= 0, got ${length}`);
  return length;
}

function checkPositive(name: string, value: number): void {
  if (!Number.isInteger(value) || value <= 0) {
    throw new RangeError(`${name} should be a positive integer value, but got ${name}=${value}`);
  }
}
