/**
 * Data sets: samples that are asked for by index, or that come one after the other.
 *
 * Source: https://pytorch.org/docs/stable/data.html
 */
import { isIterable, listItems } from "../arguments/params.js";
import { describe } from "../arguments/parse.js";
import { type Collated, concatBatches } from "./collate.js";
import { type Index, toIndex } from "./indices.js";
import { batchOf, sampleOf } from "./samples.js";
import { shareable } from "./workers/shareable.js";

/** Samples by index: what `DataLoader` needs of a data set. */
export interface MapDataset<T> {
  /** The sample at an index. */
  at(index: number): T;
  /** The number of samples. */
  readonly length: number;
  /** The samples at several indices: what `at` gives for each of them. They go to `collateFn`. */
  getItems?(indices: readonly number[]): T[];
  /** What `defaultCollate` makes of the samples at several indices; asked for where `collateFn` is the default. */
  getBatch?(indices: readonly number[]): Collated<T>;
}

/** A data set, or an array of samples. */
export type MapDatasetLike<T> = T[] | readonly T[] | MapDataset<T>;

/** Throws unless something has samples by index, and a length if that is needed. */
export function checkDataset(name: string, dataset: unknown, needsLength = true): void {
  const hasSamples = typeof (dataset as MapDataset<unknown> | null | undefined)?.at === "function";
  if (hasSamples && (!needsLength || "length" in Object(dataset))) return;
  throw new TypeError(`${name}(): expected a data set, which has at(index) and length, but got ${describe(dataset)}`);
}

/** A data set that a `DataLoader` can go through. */
export type LoadableDataset<T> = MapDatasetLike<T> | IterableDataset<T>;

/**
 * The base of data sets with samples by index. A subclass writes `at` and `length`.
 *
 * It may also write `getItems`, to fetch several samples at once (from a database, say), and `getBatch`, to make
 * whole batches faster than by putting samples together. They have to agree with `at`: where a further subclass
 * writes an `at` of its own but not them, they are not used.
 *
 * @example
 * class Squares extends Dataset<[number, number]> {
 *   at(index: number): [number, number] { return [index, index ** 2]; }
 *   get length() { return 100; }
 * }
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.Dataset
 */
export abstract class Dataset<T = unknown> {
  abstract at(index: number): T;
  abstract readonly length: number;

  /** This data set and then another, as one. */
  add<U>(other: MapDatasetLike<U>): ConcatDataset<T | U> {
    return new ConcatDataset<T | U>([this as MapDataset<T | U>, other as MapDatasetLike<T | U>]);
  }
}

/**
 * The base of data sets that are a stream: samples come in the order in which they are iterated.
 *
 * With workers each one iterates a copy of its own; `getWorkerInfo` tells which part it should take. A `length`
 * may be there, if it is known.
 *
 * @example
 * class Lines extends IterableDataset<string> {
 *   *[Symbol.iterator]() { yield* readFileSync("corpus.txt", "utf8").split("\n"); }
 * }
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.IterableDataset
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: a subclass may have a length, as a field or as a getter
export abstract class IterableDataset<T = unknown> implements Iterable<T> {
  abstract [Symbol.iterator](): Iterator<T>;

  /** This stream and then another, as one. */
  add<U>(other: IterableDataset<U>): ChainDataset<T | U> {
    return new ChainDataset<T | U>([this, other]);
  }
}

// biome-ignore lint/correctness/noUnusedVariables: both declarations must have the same parameters
export interface IterableDataset<T> {
  readonly length?: number;
}

/**
 * Several data sets one after the other.
 *
 * @throws TypeError if one of them is a stream; Error if there are none.
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.ConcatDataset
 */
export class ConcatDataset<T = unknown> extends Dataset<T> {
  readonly datasets: readonly MapDatasetLike<T>[];
  /** Where each data set ends. */
  readonly cumulativeSizes: readonly number[];

  constructor(datasets: Iterable<MapDatasetLike<T>>) {
    super();
    if (!isIterable(datasets)) {
      throw new TypeError(`ConcatDataset() takes an iterable of data sets, got ${describe(datasets)}`);
    }
    const list: MapDatasetLike<T>[] = [];
    for (const dataset of listItems(datasets)) {
      if ((dataset as unknown) instanceof IterableDataset)
        throw new TypeError("ConcatDataset does not support IterableDataset");
      checkDataset("ConcatDataset", dataset);
      list.push(dataset);
    }
    if (list.length === 0) throw new Error("datasets should not be an empty iterable");
    this.datasets = list;
    let end = 0;
    this.cumulativeSizes = this.datasets.map(({ length }) => {
      end += length;
      return end;
    });
  }

  get length(): number {
    return this.cumulativeSizes.at(-1) as number;
  }

  at(index: Index): T {
    const [dataset, place] = locate(this, index);
    return sampleOf(this.datasets[dataset] as MapDatasetLike<T>, place);
  }

  getBatch(indices: readonly Index[]): Collated<T> {
    // Neighbours from one data set are fetched together. The order stays, also that of random transforms.
    const runs: { dataset: number; places: number[] }[] = [];
    for (const index of indices) {
      const [dataset, place] = locate(this, index);
      const last = runs.at(-1);
      if (last?.dataset === dataset) last.places.push(place);
      else runs.push({ dataset, places: [place] });
    }
    return concatBatches(runs.map((run) => batchOf(this.datasets[run.dataset] as MapDatasetLike<T>, run.places)));
  }
}

/** Which data set an index belongs to, and which of its samples it is. */
function locate(
  whole: Pick<ConcatDataset, "length" | "cumulativeSizes">,
  given: Index,
): [dataset: number, place: number] {
  const { length, cumulativeSizes } = whole;
  const index = toIndex(given);
  if (index < -length) {
    throw new RangeError(`absolute value of index should not exceed dataset length, got ${index} and ${length}`);
  }
  const from = index < 0 ? length + index : index;
  const dataset = cumulativeSizes.findIndex((end) => from < end);
  if (dataset < 0) throw new RangeError(`index ${index} is out of range for a data set of length ${length}`);
  return [dataset, from - (dataset > 0 ? (cumulativeSizes[dataset - 1] as number) : 0)];
}

/**
 * Several streams one after the other.
 *
 * @throws TypeError, when it is iterated, if one of them is no stream.
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.ChainDataset
 */
export class ChainDataset<T = unknown> extends IterableDataset<T> {
  constructor(readonly datasets: Iterable<IterableDataset<T>>) {
    super();
    if (!isIterable(datasets)) {
      throw new TypeError(`ChainDataset() takes an iterable of data sets, got ${describe(datasets)}`);
    }
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const dataset of this.datasets) yield* checkStream(dataset);
  }

  override get length(): number {
    let total = 0;
    for (const dataset of this.datasets) total += checkStream(dataset).length ?? Number.NaN;
    if (Number.isNaN(total)) throw new TypeError("a data set of the ChainDataset has no length");
    return total;
  }
}

function checkStream<T>(dataset: IterableDataset<T>): IterableDataset<T> {
  if (!(dataset instanceof IterableDataset)) throw new TypeError("ChainDataset only supports IterableDataset");
  return dataset;
}

shareable(import.meta.url, { ConcatDataset, ChainDataset });
