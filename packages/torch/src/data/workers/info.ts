/** What a worker knows about itself. */

export interface WorkerInfo {
  /** From 0 to `numWorkers - 1`. */
  readonly id: number;
  readonly numWorkers: number;
  /** The seed of this worker's default generator; a bigint where a number cannot hold it. */
  readonly seed: number | bigint;
  /** This worker's copy of the data set. */
  readonly dataset: unknown;
}

let current: WorkerInfo | undefined;

/**
 * About the data loader's worker that this code runs in; undefined outside of workers.
 *
 * @example
 * const info = getWorkerInfo();
 * const [first, step] = info ? [info.id, info.numWorkers] : [0, 1];
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.get_worker_info
 */
export function getWorkerInfo(): WorkerInfo | undefined {
  return current;
}

/** Says that this thread is a worker, or has nothing to work on. */
export function setWorkerInfo(info: WorkerInfo | undefined): void {
  current = Object.freeze(info);
}

let starting = false;

/** Notes that this thread is a worker which still imports the modules that it needs. */
export function setWorkerStarting(isStarting: boolean): void {
  starting = isStarting;
}

/** Throws where a module that a worker imports starts to load data itself: it would go on without end. */
export function checkNotStarting(): void {
  if (!starting) return;
  throw new Error(
    "a DataLoader with numWorkers > 0 was iterated while one of its workers was still importing modules. The data set or " +
      "a function of the loader is written in the script that runs the loop; move it to a module of its own, or run the " +
      'loop only if `isMainThread` of "node:worker_threads" is true.',
  );
}
