/** Going through the batches of a data loader, in this thread or with workers. */
import { IterableDataset } from "./dataset.js";
import { createFetcher, type Fetcher } from "./fetch.js";
import { type GivenBatches, type RandomStart, RemainingIndices } from "./position.js";
import { causedBy, type Failure, summaryOf } from "./workers/failure.js";
import { discard, type Packed, pack, unpack } from "./workers/pack.js";
import type { WorkerPool } from "./workers/pool.js";
import type { Death, Reply, WorkerJob } from "./workers/protocol.js";

/** One pass over the data. */
export interface Pass {
  /** The next batch, the end, or undefined if it has to be waited for. */
  step(): IteratorResult<unknown, undefined> | undefined;
  /** Blocks until there may be a next step. */
  waitSync(): void;
  /** Waits until there may be a next step. */
  wait(): Promise<void>;
  /** Gives up what is not done yet. */
  close(): void;
  /** The numbers of the batches that were given before others which are still to come. */
  readonly ahead: readonly number[];
  /** The random numbers with which workers elsewhere would go on from here; null without workers. */
  readonly random: RandomStart | null;
}

export interface PassOptions {
  readonly job: WorkerJob;
  /** What the sampler gives, one for each batch. */
  readonly indices: Iterator<unknown, undefined>;
  readonly numWorkers: number;
  readonly prefetchFactor: number;
  /** In seconds; 0 for none. */
  readonly timeout: number;
  readonly inOrder: boolean;
  /** What was given before, in a pass that goes on. */
  readonly given?: GivenBatches | undefined;
}

/** Takes the first batches of a pass, which nobody wants. */
export function skipBatches(pass: Pass, count: number): void {
  for (let left = count; left > 0; left--) {
    let step = pass.step();
    for (; step === undefined; step = pass.step()) pass.waitSync();
    if (step.done) return;
  }
}

const end = { done: true, value: undefined } as const;

/** Everything happens in this thread. */
export class SerialPass implements Pass {
  readonly #fetch: Fetcher;
  readonly #indices: Iterator<unknown, undefined>;
  readonly random = null;

  constructor({ job, indices, given }: PassOptions) {
    this.#fetch = createFetcher(job);
    this.#indices = given === undefined ? indices : new RemainingIndices(indices, given);
  }

  get ahead(): readonly number[] {
    return this.#indices instanceof RemainingIndices ? this.#indices.ahead : [];
  }

  step(): IteratorResult<unknown, undefined> {
    const { done, value: index } = this.#indices.next();
    return done ? end : this.#fetch(index);
  }

  waitSync(): void {}

  async wait(): Promise<void> {}

  close(): void {}
}

/** A batch that was asked for. */
interface Ordered {
  readonly worker: number;
  reply?: Reply;
}

/**
 * Workers get batches in advance, in turn. The batches come back in the order in which they were asked for, unless
 * `inOrder` is off.
 */
export class WorkersPass implements Pass {
  readonly #ordered = new Map<number, Ordered>();
  /** Workers whose stream has ended. */
  readonly #ended = new Set<number>();
  readonly #limit: number;
  #count = 0;
  #turn = 0;
  #seen = 0;

  readonly pass: number;
  /** With what a stream began, which is gone through once more in a pass that goes on. */
  readonly #start: RandomStart | undefined;

  /** @param onClose what is to be done with the workers when this pass is over. */
  constructor(
    readonly options: PassOptions,
    readonly pool: WorkerPool,
    readonly onClose: (pass: number) => void,
  ) {
    this.#limit = options.timeout > 0 ? options.timeout * 1000 : Number.POSITIVE_INFINITY;
    this.pass = pool.beginPass();
    if (options.job.dataset instanceof IterableDataset) this.#start = pool.random;
    this.#closingOnError(() => {
      for (let i = 0; i < options.prefetchFactor * options.numWorkers; i++) this.#order();
    });
  }

  step(): IteratorResult<unknown, undefined> | undefined {
    return this.#closingOnError(() => this.#step());
  }

  #step(): IteratorResult<unknown, undefined> | undefined {
    if (this.pool.pass !== this.pass)
      throw new Error("another pass over this DataLoader has begun; its workers serve one at a time");
    this.#seen = this.pool.messages;
    for (let reply = this.pool.receive(); reply !== undefined; reply = this.pool.receive()) {
      const ordered = this.#ordered.get(reply.order);
      if (ordered !== undefined) ordered.reply = reply;
    }
    while (this.#ordered.size > 0) {
      const [order, { worker, reply }] = this.#due();
      if (reply === undefined) {
        const death = this.pool.deaths.get(worker);
        if (death !== undefined) throw deathError(death);
        return undefined;
      }
      if (reply.generators !== undefined) this.pool.noteGenerators(worker, reply.generators);
      this.#ordered.delete(order);
      const isEnd = reply.batch === undefined && reply.error === undefined;
      if (isEnd) this.#endWorker(worker);
      this.#order();
      if (reply.error !== undefined) throw workerError(reply.error, worker);
      if (!isEnd) return { done: false, value: unpack(reply.batch as Packed) };
    }
    this.close();
    return end;
  }

  get ahead(): readonly number[] {
    const [first = this.#count] = this.#ordered.keys();
    const behind = Array.from({ length: this.#count - first }, (_, i) => first + i);
    const later = this.options.given?.aheadFrom(this.#count) ?? [];
    return [...behind.filter((order) => !this.#ordered.has(order)), ...later];
  }

  get random(): RandomStart {
    return this.#start ?? this.pool.random;
  }

  close(): void {
    for (const { reply } of this.#ordered.values()) if (reply?.batch !== undefined) discard(reply.batch);
    this.#ordered.clear();
    this.onClose(this.pass);
  }

  /** The batch that is to come next. */
  #due(): [number, Ordered] {
    const entries = [...this.#ordered];
    const ready = this.options.inOrder ? undefined : entries.find(([, { reply }]) => reply !== undefined);
    return ready ?? (entries[0] as [number, Ordered]);
  }

  /** A worker is told of as ended when it is its turn, so that the order of batches does not depend on time. */
  #endWorker(worker: number): void {
    this.#ended.add(worker);
    for (const [order, ordered] of this.#ordered) if (ordered.worker === worker) this.#ordered.delete(order);
  }

  /** Asks the next worker whose turn it is for the next batch, if there is one. */
  #order(): void {
    for (;;) {
      const { done, value: index } = this.options.indices.next();
      const worker = this.#nextWorker();
      if (done || worker === undefined) return;
      const order = this.#count++;
      if (this.options.given?.has(order)) continue;
      this.#ordered.set(order, { worker });
      this.pool.send(worker, { pass: this.pass, order, index: pack(index, "index") });
      return;
    }
  }

  #nextWorker(): number | undefined {
    const { numWorkers } = this.options;
    for (let tries = 0; tries < numWorkers; tries++) {
      const worker = this.#turn;
      this.#turn = (worker + 1) % numWorkers;
      if (!this.#ended.has(worker)) return worker;
    }
    return undefined;
  }

  waitSync(): void {
    this.#closingOnError(() => this.#checkTime(this.pool.waitSync(this.#seen, this.#limit)));
  }

  async wait(): Promise<void> {
    const inTime = await this.pool.wait(this.#limit);
    this.#closingOnError(() => this.#checkTime(inTime));
  }

  #checkTime(inTime: boolean): void {
    if (!inTime) throw new Error(`DataLoader timed out after ${this.options.timeout} seconds`);
  }

  #closingOnError<T>(body: () => T): T {
    try {
      return body();
    } catch (error) {
      this.close();
      throw error;
    }
  }
}

function workerError(failure: Failure, worker: number): Error {
  const { name, message } = summaryOf(failure);
  return causedBy(failure, `Caught ${name} in DataLoader worker ${worker}: ${message}`);
}

function deathError({ worker, exitCode, error }: Death): Error {
  const message = `DataLoader worker ${worker} exited unexpectedly with exit code ${exitCode}`;
  return error === undefined ? new Error(message) : causedBy(error, `${message}: ${summaryOf(error).message}`);
}
