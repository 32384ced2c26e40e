/** Getting samples out of data sets, one by one or many at once; the same in the main thread and in workers. */

import { type Collated, defaultCollate } from "./collate.js";
import { IterableDataset, type LoadableDataset, type MapDataset, type MapDatasetLike } from "./dataset.js";
import { type Index, placeOf, toIndex } from "./indices.js";

/**
 * Whether an object's fast way of doing something belongs to its plain way: it does not where a subclass has a plain
 * way of its own and inherits the fast one.
 */
export function serves(object: object, fast: string, plain: string): boolean {
  for (let owner = Object(object); owner !== null; owner = Object.getPrototypeOf(owner)) {
    if (Object.hasOwn(owner, fast)) return typeof (object as Record<string, unknown>)[fast] === "function";
    if (Object.hasOwn(owner, plain)) return false;
  }
  return false;
}

/** The sample of a data set at an index. */
export function sampleOf<T>(dataset: MapDatasetLike<T>, index: Index): T {
  // A data set says itself what it has; lists give undefined for what they have not.
  const isList = Array.isArray(dataset) || ArrayBuffer.isView(dataset) || typeof dataset === "string";
  const place = isList ? placeOf(index, dataset.length) : toIndex(index);
  return (dataset as MapDataset<T>).at(place);
}

/** The samples of a data set at several indices. */
export function itemsOf<T>(dataset: MapDatasetLike<T>, indices: readonly number[]): T[] {
  const source = dataset as MapDataset<T>;
  if (serves(source, "getItems", "at")) return source.getItems?.(indices) as T[];
  return indices.map((index) => sampleOf(dataset, index));
}

/** The samples of a data set at several indices, as `defaultCollate` puts them together. */
export function batchOf<T>(dataset: MapDatasetLike<T>, indices: readonly number[]): Collated<T> {
  if (serves(dataset, "getBatch", "at")) return (dataset as MapDataset<T>).getBatch?.(indices) as Collated<T>;
  return defaultCollate(itemsOf(dataset, indices));
}

/** What a loader gets its data with: turns what the sampler gave into a batch, or tells that a stream has ended. */
export type Fetcher = (index: unknown) => IteratorResult<unknown, undefined>;

export interface FetchJob {
  readonly dataset: LoadableDataset<unknown>;
  /** Whether an index is a list, for a batch. */
  readonly inBatches: boolean;
  readonly collateFn: (samples: never) => unknown;
  readonly dropLast: boolean;
}

export function createFetcher(job: FetchJob): Fetcher {
  return job.dataset instanceof IterableDataset ? streamFetcher(job, job.dataset) : mapFetcher(job, job.dataset);
}

function mapFetcher({ inBatches, collateFn }: FetchJob, dataset: MapDatasetLike<unknown>): Fetcher {
  const fetch = (index: unknown): unknown => {
    if (!inBatches) return collateFn(sampleOf(dataset, index as number) as never);
    const indices = index as readonly number[];
    if (collateFn === defaultCollate && serves(dataset, "getBatch", "at")) return batchOf(dataset, indices);
    return collateFn(itemsOf(dataset, indices) as never);
  };
  return (index) => ({ done: false, value: fetch(index) });
}

function streamFetcher({ inBatches, collateFn, dropLast }: FetchJob, dataset: IterableDataset<unknown>): Fetcher {
  const samples = dataset[Symbol.iterator]();
  const end = { done: true, value: undefined } as const;
  let ended = false;
  return (index) => {
    if (ended) return end;
    if (!inBatches) {
      const { done, value } = samples.next();
      ended = done === true;
      return ended ? end : { done: false, value: collateFn(value as never) };
    }
    const size = (index as readonly unknown[]).length;
    const batch: unknown[] = [];
    while (batch.length < size && !ended) {
      const { done, value } = samples.next();
      if (done) ended = true;
      else batch.push(value);
    }
    if (batch.length === 0 || (dropLast && batch.length < size)) return end;
    return { done: false, value: collateFn(batch as never) };
  };
}
