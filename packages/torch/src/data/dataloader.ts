/**
 * `DataLoader`: the batches of a data set, pass after pass, shuffled and fetched in advance where that is wanted.
 *
 * Source: https://pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
 */
import { availableParallelism } from "node:os";
import {
  anything,
  callable,
  flag,
  flagOn,
  generator as generatorParam,
  int,
  iterable,
  nullable,
  number,
  optional,
} from "../arguments/params.js";
import { Signature, show } from "../arguments/parse.js";
import { warn } from "../arguments/warn.js";
import { defaultGenerator, type Generator } from "../backend/generator.js";
import { type Collated, type Converted, defaultCollate, defaultConvert } from "./collate.js";
import { checkDataset, IterableDataset, type LoadableDataset } from "./dataset.js";
import { drawSeed } from "./draws.js";
import { type Index, toIndex, toIndices } from "./indices.js";
import { type Pass, type PassOptions, SerialPass, skipBatches, WorkersPass } from "./iteration.js";
import { AsyncLoaderIterator, LoaderIterator } from "./loaderIterator.js";
import {
  checkState,
  type DataLoaderState,
  GivenBatches,
  generatorsOf,
  Position,
  type RandomStart,
  setStates,
  statesOf,
} from "./position.js";
import { BatchSampler, type Indices, lengthOf, RandomSampler, SequentialSampler } from "./sampler.js";
import { checkNotStarting } from "./workers/info.js";
import { WorkerPool } from "./workers/pool.js";
import type { WorkerJob } from "./workers/protocol.js";

export interface DataLoaderOptions<S, B> {
  /** Whether each pass takes the samples in another random order. */
  shuffle?: boolean;
  /** The order of the samples. */
  sampler?: Indices;
  /** The indices of each batch; in the place of `batchSize`, `shuffle`, `sampler` and `dropLast`. */
  batchSampler?: Indices<Iterable<Index>>;
  /**
   * How many threads fetch batches in advance; 0 fetches each when it is asked for, in this thread. What threads print
   * appears when the event loop goes on.
   *
   * To start threads takes some tenths of a second. After a pass they wait five seconds for the next one of this loader,
   * which they begin anew: with the data set as it is then, its own random numbers, and `workerInitFn`; only modules
   * stay imported. With `persistentWorkers` they keep the data set, too, and do not end. 0 is the fastest where samples are
   * quick to get, as numbers in memory are.
   */
  numWorkers?: number;
  /** Puts samples together; `defaultCollate` unless said otherwise. */
  collateFn?: (samples: S) => B;
  /** Accepted and without effect: all memory is the CPU's. */
  pinMemory?: boolean;
  /** Whether a last batch that would be smaller is left out. */
  dropLast?: boolean;
  /** For how many seconds to wait for a batch of a worker; 0 waits forever. */
  timeout?: number;
  /** Called in each worker with its number, before it loads anything. */
  workerInitFn?: (id: number) => unknown;
  /** Gives the random numbers of the order and the seed of the workers. */
  generator?: Generator;
  /** How many batches each worker fetches in advance; 2 by default. */
  prefetchFactor?: number;
  /** Whether workers stay for the next pass. */
  persistentWorkers?: boolean;
  /** Whether batches of several workers come in the order of the sampler; true unless it is switched off. */
  inOrder?: boolean;
}

const signature = new Signature("DataLoader", {
  dataset: anything,
  batchSize: nullable(optional(int, 1)),
  shuffle: optional(flag),
  sampler: optional(iterable),
  batchSampler: optional(iterable),
  numWorkers: optional(int, 0),
  collateFn: optional(callable),
  pinMemory: flag,
  dropLast: flag,
  timeout: optional(number, 0),
  workerInitFn: optional(callable),
  generator: optional(generatorParam),
  prefetchFactor: optional(int),
  persistentWorkers: flag,
  inOrder: flagOn,
});

type Values = ReturnType<typeof signature.parse>;

/** Attributes that a loader keeps as they were when it was made. */
const fixed = ["batchSize", "batchSampler", "sampler", "dropLast", "dataset", "persistentWorkers"];

class DataLoader<T = unknown, B = Collated<T>> implements Iterable<B, never>, AsyncIterable<B, never> {
  /** The data set; only a stream may lack the length that this type promises. */
  readonly dataset: LoadableDataset<T> & { readonly length: number };
  /** Null where there is a `batchSampler` of the user, or where samples come one by one. */
  readonly batchSize: number | null;
  readonly sampler: Indices;
  /** What gives the indices of each batch; undefined where samples come one by one. */
  readonly batchSampler: Indices<Iterable<Index>> | undefined;
  readonly numWorkers: number;
  readonly collateFn: (samples: never) => unknown;
  readonly pinMemory: boolean;
  readonly dropLast: boolean;
  readonly timeout: number;
  readonly workerInitFn: ((id: number) => unknown) | undefined;
  readonly generator: Generator | undefined;
  readonly prefetchFactor: number;
  readonly persistentWorkers: boolean;
  readonly inOrder: boolean;
  /** The workers of the last pass. */
  #pool: WorkerPool | undefined;
  /** The length that a stream was said to have, if anyone asked. */
  #reported: number | undefined;
  /** Where the pass is that began last. */
  #position: Position | undefined;
  /** Where the next pass is to begin, if not at its start. */
  #resume: DataLoaderState | undefined;
  /** With which random numbers workers that stay are to begin, if they were elsewhere before. */
  #stayed: RandomStart | undefined;

  constructor(dataset: LoadableDataset<T>, ...args: unknown[]) {
    const values = signature.parse([dataset, ...args]);
    checkWorkerOptions(values);
    if (dataset instanceof IterableDataset) checkStreamOptions(values);
    else checkDataset("DataLoader", dataset, false);
    checkSampling(values);
    this.dataset = dataset as this["dataset"];
    this.sampler = (values.sampler ?? defaultSampler(dataset as LoadableDataset<unknown>, values)) as Indices;
    this.batchSize = values.batchSampler === undefined ? values.batchSize : null;
    this.batchSampler =
      this.batchSize === null
        ? (values.batchSampler as Indices<Iterable<Index>> | undefined)
        : new BatchSampler(this.sampler, this.batchSize, values.dropLast);
    this.numWorkers = values.numWorkers;
    this.collateFn =
      (values.collateFn as DataLoader["collateFn"]) ?? (this.batchSampler ? defaultCollate : defaultConvert);
    this.pinMemory = values.pinMemory;
    this.dropLast = values.dropLast;
    this.timeout = values.timeout;
    this.workerInitFn = values.workerInitFn as DataLoader["workerInitFn"];
    this.generator = values.generator;
    this.prefetchFactor = values.prefetchFactor ?? 2;
    this.persistentWorkers = values.persistentWorkers;
    this.inOrder = values.inOrder;
    for (const name of fixed) fixProperty(this, name);
    checkWorkerCount(this.numWorkers);
  }

  /** The number of batches in a pass; of a stream, what its own `length` lets expect. */
  get length(): number {
    if (!(this.dataset instanceof IterableDataset)) return lengthOf(this.batchSampler ?? this.sampler);
    const batches = lengthOf(this.dataset) / (this.batchSize ?? 1);
    this.#reported = this.dropLast ? Math.floor(batches) : Math.ceil(batches);
    return this.#reported;
  }

  /** What `console.log` shows: `DataLoader(150 samples, batchSize: 16, shuffle)`. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    const { dataset, batchSize, numWorkers, dropLast, sampler } = this;
    const { length } = dataset as { readonly length?: number };
    const parts = [
      length === undefined ? "a stream" : `${length} samples`,
      `batchSize: ${batchSize}`,
      ...(sampler instanceof RandomSampler ? ["shuffle"] : []),
      ...(dropLast ? ["dropLast"] : []),
      ...(numWorkers > 0 ? [`numWorkers: ${numWorkers}`] : []),
    ];
    return `${this.constructor.name}(${parts.join(", ")})`;
  }

  /** A pass over the data. It blocks the thread while it waits for a worker. */
  [Symbol.iterator](): LoaderIterator<B> {
    const pass = this.#beginPass();
    return new LoaderIterator(this, pass, this.#position as Position, this.#reported);
  }

  /** A pass over the data during which the event loop goes on. */
  [Symbol.asyncIterator](): AsyncLoaderIterator<B> {
    const pass = this.#beginPass();
    return new AsyncLoaderIterator(this, pass, this.#position as Position, this.#reported);
  }

  /**
   * Where the pass is that is under way, and the random numbers from which its order came; between two passes the
   * latter alone.
   */
  stateDict(): DataLoaderState {
    const position = this.#position;
    if (this.#resume !== undefined) return this.#resume;
    if (position !== undefined && !position.isOver) return position.state;
    const workers = this.persistentWorkers ? (this.#stayed ?? this.#pool?.random ?? null) : null;
    return { batches: null, generators: statesOf(this.#generators), workers };
  }

  /**
   * Lets the next pass go on where another loader of the same kind was: with the batch that comes next, in the same
   * order, and with the random numbers that its workers had come to. What the default generator gives afterwards is
   * left as it is. With another number of workers their random numbers are others. A stream is gone through from its
   * beginning, without its first batches; with `inOrder` off, those are not always the ones that were given.
   *
   * @throws TypeError for what is no state of a loader.
   */
  loadStateDict(state: DataLoaderState): void {
    const { batches, generators, workers } = checkState(state);
    this.#resume = batches === null ? undefined : { ...state };
    this.#stayed = this.persistentWorkers && batches === null ? (workers ?? undefined) : undefined;
    this.#position = undefined;
    // The default generator is everybody's, so its state is not this loader's to set.
    const [, ...own] = this.#generators;
    setStates(own, generators.slice(1));
  }

  get #generators(): Generator[] {
    return generatorsOf(this, this.sampler);
  }

  /** Begins the pass that was under way elsewhere. */
  #resumePass(state: DataLoaderState): Pass {
    const now = defaultGenerator.getState();
    const isStream = this.dataset instanceof IterableDataset;
    const start = () => {
      setStates(this.#generators, state.generators);
      const position = new Position(state.generators);
      position.batches = state.batches ?? 0;
      return position;
    };
    try {
      const given = isStream ? undefined : new GivenBatches(state);
      const pass = this.#pass(start, state.workers ?? undefined, given);
      if (isStream) skipBatches(pass, state.batches ?? 0);
      return pass;
    } finally {
      defaultGenerator.setState(now);
    }
  }

  #beginPass(): Pass {
    const [resume, stayed] = [this.#resume, this.#stayed];
    this.#resume = undefined;
    this.#stayed = undefined;
    if (resume !== undefined) return this.#resumePass(resume);
    return this.#pass(() => new Position(statesOf(this.#generators)), stayed);
  }

  /**
   * @param start called before the first index is asked for.
   * @param random with which random numbers workers begin; drawn if nothing is said.
   */
  #pass(start: () => Position, random?: RandomStart, given?: GivenBatches): Pass {
    const { numWorkers, prefetchFactor, timeout, inOrder, collateFn, dropLast, workerInitFn } = this;
    const dataset = this.dataset as LoadableDataset<unknown>;
    const inBatches = this.batchSampler !== undefined;
    const source = (this.batchSampler ?? this.sampler)[Symbol.iterator]();
    const job = { dataset, inBatches, collateFn, dropLast, workerInitFn };
    const staying = this.persistentWorkers && random === undefined ? this.#pool : undefined;
    // PyTorch draws the seed of workers also where there are none, and before the sampler draws its own.
    const begin = random ?? { seed: staying === undefined ? drawSeed(this.generator) : 0n, generators: [] };
    const position = start();
    this.#position = position;
    const indices = mapIterator<unknown>(source, inBatches ? toIndices : toIndex);
    const options: PassOptions = { job, indices, numWorkers, prefetchFactor, timeout, inOrder, given };
    if (numWorkers === 0) return (position.pass = new SerialPass(options));
    const pool = staying ?? this.#beginWorkers(job, begin);
    return (position.pass = new WorkersPass(options, pool, (pass) => this.#endPass(pool, pass)));
  }

  /** Workers that begin anew: those of the pass before if they are at rest, else new ones. */
  #beginWorkers(job: WorkerJob, random: RandomStart): WorkerPool {
    if (this.#pool?.renew(job, random)) return this.#pool;
    checkNotStarting();
    checkWorkerCount(this.numWorkers);
    if (this.persistentWorkers) this.#pool?.stop();
    const pool = new WorkerPool(job, this.numWorkers, random);
    stopWithLoader.register(this, pool);
    this.#pool = pool;
    return pool;
  }

  #endPass(pool: WorkerPool, pass: number): void {
    if (pool !== this.#pool) pool.stop();
    else if (pool.endPass(pass) && !this.persistentWorkers) pool.rest();
  }
}

/** Ends the workers of a loader that nobody has any more. */
const stopWithLoader = new FinalizationRegistry<WorkerPool>((pool) => pool.stop());

function defaultSampler(dataset: LoadableDataset<unknown>, { shuffle, generator }: Values): Indices {
  if (dataset instanceof IterableDataset) return { [Symbol.iterator]: forever };
  return shuffle ? new RandomSampler(dataset, { generator }) : new SequentialSampler(dataset);
}

/** What another iterator gives, converted. */
function mapIterator<T>(source: Iterator<unknown>, convert: (value: unknown) => T): Iterator<T, undefined> {
  return {
    next: () => {
      const { done, value } = source.next();
      return done ? { done, value: undefined } : { done: false, value: convert(value) };
    },
  };
}

/** What stands for the indices of a stream. */
function* forever(): Iterator<number> {
  for (;;) yield 0;
}

function checkWorkerOptions({ numWorkers, timeout, prefetchFactor, persistentWorkers }: Values): void {
  if (numWorkers < 0) {
    throw new RangeError("numWorkers option should be non-negative; use numWorkers=0 to disable multiprocessing.");
  }
  if (!(timeout >= 0)) throw new RangeError("timeout option should be non-negative");
  if (prefetchFactor !== undefined && prefetchFactor <= 0) {
    throw new RangeError(`prefetchFactor option should be positive, but got ${prefetchFactor}`);
  }
  if (numWorkers > 0) return;
  if (prefetchFactor !== undefined) {
    throw new Error(
      "prefetchFactor option could only be specified in multiprocessing. let numWorkers > 0 to enable multiprocessing.",
    );
  }
  if (timeout > 0) throw new Error("timeout option needs numWorkers > 0");
  if (persistentWorkers) throw new Error("persistentWorkers option needs numWorkers > 0");
}

function checkStreamOptions({ shuffle, sampler, batchSampler }: Values): void {
  for (const [name, value] of Object.entries({ shuffle: shuffle || undefined, sampler, batchSampler })) {
    if (value === undefined) continue;
    throw new Error(
      `DataLoader with IterableDataset: expected unspecified ${name} option, but got ${name}=${show(value)}`,
    );
  }
}

function checkSampling({ batchSize, shuffle, sampler, batchSampler, dropLast }: Values): void {
  if (sampler !== undefined && shuffle) throw new Error("sampler option is mutually exclusive with shuffle");
  if (batchSampler !== undefined) {
    if (batchSize !== 1 || shuffle || sampler !== undefined || dropLast) {
      throw new Error("batchSampler option is mutually exclusive with batchSize, shuffle, sampler, and dropLast");
    }
  } else if (batchSize === null && dropLast) {
    throw new Error("batchSize=null option disables auto-batching and is mutually exclusive with dropLast");
  }
}

function checkWorkerCount(numWorkers: number): void {
  const cores = availableParallelism();
  if (numWorkers <= cores) return;
  warn(
    `This DataLoader will create ${numWorkers} worker threads in total. Our suggested max number of worker in current system is ${cores}, which is smaller than what this DataLoader is going to create. Please be aware that excessive worker creation might get DataLoader running slow or even freeze, lower the worker number to avoid potential slowness/freeze if necessary.`,
  );
}

function fixProperty(loader: object, name: string): void {
  const value = (loader as Record<string, unknown>)[name];
  Object.defineProperty(loader, name, {
    enumerable: true,
    get: () => value,
    set: () => {
      throw new Error(`${name} attribute should not be set after DataLoader is initialized`);
    },
  });
}

interface DataLoaderConstructor {
  /** A loader that gives samples one by one (`batchSize` is null), as `defaultConvert` makes them. */
  new <T, B = Converted<T>>(
    dataset: LoadableDataset<T>,
    batchSize: null,
    options?: DataLoaderOptions<T, B>,
  ): DataLoader<T, B>;
  new <T, B = Converted<T>>(
    dataset: LoadableDataset<T>,
    options: DataLoaderOptions<T, B> & { batchSize: null },
  ): DataLoader<T, B>;
  /**
   * A loader of batches.
   *
   * Iterate it with `for … of`, or with `for await` where the event loop must go on; each time is one pass over the
   * data. The same seed gives the batches that PyTorch gives.
   *
   * With `numWorkers` threads fetch batches in advance. What they need of the data set and of functions is described
   * at `shareable`; tensors are shared and not copied.
   *
   * @param dataset anything with `at(index)` and `length`, such as an array; or an `IterableDataset`.
   * @example
   * const loader = new DataLoader(trainingData, { batchSize: 64, shuffle: true });
   * for (const [images, labels] of loader) { … }
   * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
   */
  new <T, B = Collated<T>>(
    dataset: LoadableDataset<T>,
    batchSize?: number,
    options?: DataLoaderOptions<T[], B>,
  ): DataLoader<T, B>;
  new <T, B = Collated<T>>(
    dataset: LoadableDataset<T>,
    options: DataLoaderOptions<T[], B> & { batchSize?: number },
  ): DataLoader<T, B>;
  readonly prototype: DataLoader;
}

type TypedDataLoader<T = unknown, B = Collated<T>> = DataLoader<T, B>;
const TypedDataLoader = DataLoader as unknown as DataLoaderConstructor;

export { TypedDataLoader as DataLoader };
