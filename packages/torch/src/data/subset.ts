/** Parts of a data set. */
import { anything, generator as generatorParam, numbers, optional } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { warn } from "../arguments/warn.js";
import type { Generator } from "../backend/generator.js";
import type { Collated } from "./collate.js";
import { checkDataset, Dataset, type MapDatasetLike } from "./dataset.js";
import { permutation } from "./draws.js";
import { type Index, placeOf, toIndices } from "./indices.js";
import { batchOf, itemsOf, sampleOf } from "./samples.js";
import { shareable } from "./workers/shareable.js";

/**
 * The samples of a data set at chosen indices.
 *
 * @throws TypeError unless the indices are a list of whole numbers; RangeError, when a sample is asked for, if its
 *   index is out of range.
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.Subset
 */
export class Subset<T = unknown> extends Dataset<T> {
  readonly indices: readonly number[];

  constructor(
    readonly dataset: MapDatasetLike<T>,
    indices: Iterable<Index>,
  ) {
    super();
    checkDataset("Subset", dataset);
    this.indices = toIndices(indices);
  }

  get length(): number {
    return this.indices.length;
  }

  /** What `console.log` shows: `Subset(120 samples)`. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `${this.constructor.name}(${this.length} samples)`;
  }

  at(index: Index): T {
    return sampleOf(this.dataset, indexIn(this, index));
  }

  getItems(indices: readonly Index[]): T[] {
    return itemsOf(
      this.dataset,
      indices.map((index) => indexIn(this, index)),
    );
  }

  getBatch(indices: readonly Index[]): Collated<T> {
    return batchOf(
      this.dataset,
      indices.map((index) => indexIn(this, index)),
    );
  }
}

function indexIn({ indices }: { readonly indices: readonly number[] }, index: Index): number {
  return indices[placeOf(index, indices.length)] as number;
}

const splitSignature = new Signature("randomSplit", {
  dataset: anything,
  lengths: numbers,
  generator: optional(generatorParam),
});

/**
 * Splits a data set at random into parts that do not overlap.
 *
 * @param lengths how many samples each part has; or fractions that sum to 1, of which each gives
 *   `floor(fraction * length)` samples, and what is left goes to the first parts, one each.
 * @throws RangeError for a length that is negative, or no whole number; Error if the lengths do not sum to that of the
 *   data set.
 * @example const [train, test] = randomSplit(dataset, [0.8, 0.2], { generator });
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.random_split
 */
export function randomSplit<T, const L extends readonly (number | bigint)[]>(
  dataset: MapDatasetLike<T>,
  lengths: L,
  options?: { generator?: Generator },
): { -readonly [K in keyof L]: Subset<T> } {
  const { generator, lengths: given } = splitSignature.parse([dataset, lengths, options]);
  checkDataset("randomSplit", dataset);
  // Fractions are rounded, and so is their sum: it may be a little more than 1, too.
  const isFractions = Math.abs(sumOf(given) - 1) <= 1e-9;
  const sizes = isFractions ? sizesOfFractions(given, dataset.length) : given;
  sizes.forEach(checkCount);
  const total = sumOf(sizes);
  if (total !== dataset.length) {
    throw new Error(
      `Sum of input lengths does not equal the length of the input dataset! (${total} and ${dataset.length})`,
    );
  }
  const order = permutation(total, generator);
  let end = 0;
  const parts = sizes.map((size) => {
    end += size;
    return new Subset(dataset, order.slice(end - size, end));
  });
  return parts as { -readonly [K in keyof L]: Subset<T> };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function checkCount(count: number, i: number): void {
  if (Number.isInteger(count) && count >= 0) return;
  throw new RangeError(
    `randomSplit(): the length at index ${i} must be a number of samples, or all must be fractions that sum to 1; got ${count}`,
  );
}

function sizesOfFractions(fractions: readonly number[], length: number): number[] {
  fractions.forEach((fraction, i) => {
    if (fraction < 0 || fraction > 1)
      throw new RangeError(`Fraction at index ${i} is not between 0 and 1: ${fraction}`);
  });
  const sizes = fractions.map((fraction) => Math.floor(length * fraction));
  const left = length - sumOf(sizes);
  for (let i = 0; i < left; i++) (sizes[i % sizes.length] as number)++;
  sizes.forEach((size, i) => {
    if (size === 0) warn(`Length of split at index ${i} is 0. This might result in an empty dataset.`);
  });
  return sizes;
}

shareable(import.meta.url, { Subset });
