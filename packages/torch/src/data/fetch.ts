/** What a loader gets its data with, batch by batch; the same in the main thread and in workers. */
import { defaultCollate } from "./collate.js";
import { IterableDataset, type LoadableDataset, type MapDatasetLike } from "./dataset.js";
import { batchOf, itemsOf, sampleOf, serves } from "./samples.js";

/** Turns what the sampler gave into a batch, or tells that a stream has ended. */
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
