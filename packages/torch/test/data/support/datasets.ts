/** Data sets and functions that workers of tests import. */
import { threadId } from "node:worker_threads";
import torch, { type Tensor } from "../../../src/index.js";

const { Dataset, IterableDataset, getWorkerInfo, shareable } = torch.utils.data;

/** The squares below a number. */
export class Squares extends Dataset<[number, number]> {
  constructor(readonly count: number) {
    super();
  }

  at(index: number): [number, number] {
    return [index, index ** 2];
  }

  get length(): number {
    return this.count;
  }
}

/** A number of the default generator for each sample. */
export class Draws extends Dataset<Tensor> {
  readonly length = 6;

  at(): Tensor {
    return torch.rand([]);
  }
}

/** Samples that are changed at random, by the default generator and by one of the data set's; some of them are not. */
export class Augmented extends Dataset<Tensor> {
  readonly length = 22;
  readonly noise = new torch.Generator().manualSeed(3);

  at(index: number): Tensor {
    const sample = torch.full([3], index);
    if (index % 5 === 0) return sample;
    if (index % 5 === 1) return sample.add(torch.rand(3, { generator: this.noise }));
    return sample.add(torch.rand(3)).add(torch.randn(3));
  }
}

/** A stream of random numbers, of which a worker has the more the higher its number is. */
export class RandomStream extends IterableDataset<Tensor> {
  *[Symbol.iterator](): Iterator<Tensor> {
    const { id } = getWorkerInfo() ?? { id: 2 };
    for (let i = 0; i < 5 + 3 * id; i++) yield torch.rand(2).add(id);
  }
}

/** Whole numbers in a range, shared out among the workers. */
export class Range extends IterableDataset<number> {
  constructor(
    readonly from: number,
    readonly to: number,
  ) {
    super();
  }

  *[Symbol.iterator](): Iterator<number> {
    const { id, numWorkers } = getWorkerInfo() ?? { id: 0, numWorkers: 1 };
    for (let i = this.from + id; i < this.to; i += numWorkers) yield i;
  }
}

/** Does something bad at one of its samples. */
export class Broken extends Dataset<number> {
  readonly length = 8;

  constructor(
    readonly bad: number,
    readonly deed: "throw" | "exit" | "memory" | "sleep" | "later",
  ) {
    super();
  }

  at(index: number): number {
    if (index === this.bad) this.act();
    return index;
  }

  act(): void {
    switch (this.deed) {
      case "throw":
        throw new RangeError(`no sample ${this.bad}`);
      case "exit":
        process.exit(3);
        break;
      case "memory":
        for (const hog: unknown[] = []; ; ) hog.push(new Array(1e6).fill(0.5));
      case "sleep":
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3000);
        break;
      case "later":
        queueMicrotask(() => {
          throw new Error("an error that nobody catches");
        });
    }
  }
}

/** Throws what is not just an error with a message. */
export class Throwing extends Dataset<number> {
  readonly length = 1;

  constructor(readonly what: "coded" | "caused" | "several" | "object" | "word" | "cyclic" | "function") {
    super();
  }

  at(): number {
    const coded = Object.assign(new TypeError("no such file"), { code: "ENOENT" });
    if (this.what === "coded") throw coded;
    if (this.what === "caused") throw new RangeError("not read", { cause: new Error("not opened", { cause: coded }) });
    if (this.what === "several") throw new AggregateError([coded, { status: 404 }], "nothing worked");
    if (this.what === "object") throw { status: 404 };
    if (this.what === "word") throw "a word";
    if (this.what === "function") throw { retry: () => 1 };
    const cyclic = new Error("again");
    cyclic.cause = cyclic;
    throw cyclic;
  }
}

/** Takes its time for each sample, the more the lower the index. */
export class Slow extends Dataset<number> {
  readonly length = 6;

  at(index: number): number {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10 * (6 - index));
    return index;
  }
}

/** Says where its samples come from. */
export class Where extends Dataset<unknown> {
  readonly length = 4;

  at(index: number): unknown {
    const { id, numWorkers, seed, dataset } = getWorkerInfo() ?? {};
    return { index, id, numWorkers, seed: BigInt(seed ?? 0n), thread: threadId, isOwn: dataset === this };
  }
}

/** Says how many threads a kernel may use where a sample is made. */
export class Threads extends Dataset<number> {
  readonly length = 2;

  at(): number {
    return torch.getNumThreads();
  }
}

/** Makes samples of 8 MB. */
export class Large extends Dataset<Tensor> {
  readonly length = 120;

  at(index: number): Tensor {
    return torch.full([1_000_000], index, { dtype: torch.float64 });
  }
}

/** A class with private state, which says itself how it is sent. */
export class Secret extends Dataset<number> {
  readonly #factor: number;

  constructor(factor: number) {
    super();
    this.#factor = factor;
  }

  get length(): number {
    return 3;
  }

  at(index: number): number {
    return this.#factor * index;
  }

  getState(): number {
    return this.#factor;
  }

  static fromState(factor: number): Secret {
    return new Secret(factor);
  }
}

/** Keeps whatever it is given, and gives it back as a sample. */
export class Holder extends Dataset<unknown> {
  readonly length = 1;

  constructor(readonly held: unknown) {
    super();
  }

  at(): unknown {
    return this.held;
  }
}

/** Nobody says where it is written. */
export class Unshared extends Dataset<number> {
  readonly length = 1;

  at(): number {
    return 0;
  }
}

export function sum(samples: readonly [number, number][]): number {
  return samples.reduce((total, [, square]) => total + square, 0);
}

export function first(samples: readonly unknown[]): unknown {
  return samples[0];
}

export function offset(id: number): void {
  const dataset = getWorkerInfo()?.dataset as { from: number };
  dataset.from += 100 * id;
}

export function useThreeThreads(): void {
  torch.setNumThreads(3);
}

export function failToStart(): void {
  throw new TypeError("this worker does not want to start");
}

shareable(import.meta.url, {
  Threads,
  Large,
  useThreeThreads,
  Squares,
  Draws,
  Augmented,
  RandomStream,
  Range,
  Broken,
  Throwing,
  Slow,
  Where,
  Secret,
  Holder,
  sum,
  first,
  offset,
  failToStart,
});
