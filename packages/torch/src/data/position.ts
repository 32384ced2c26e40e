/** Where a pass over a data loader is, so that another process can go on from there. */
import { defaultGenerator, Generator } from "../backend/generator.js";
import { isCount, isPlainObject } from "../core/kinds.js";
import type { Tensor } from "../core/tensor.js";
import type { Pass } from "./iteration.js";

/** The random numbers with which workers begin. */
export interface RandomStart {
  /** From which, with the number of a worker, its default generator comes. */
  readonly seed: number | bigint;
  /** For each worker the states from which its generators go on: the default one, and those of the data set. */
  readonly generators: readonly (readonly Tensor[])[];
}

/** The state of a loader. */
export interface DataLoaderState {
  /** How many batches the pass has given; null between two passes. */
  batches: number | null;
  /** The numbers of those among them before which others are still to come; there are some with `inOrder` off alone. */
  ahead?: readonly number[];
  /** The generators that the order of samples comes from: in a pass as they were when it began, else as they are. */
  generators: Tensor[];
  /** The random numbers of workers: behind their last batch, or where they go through a stream, at its beginning. */
  workers?: RandomStart | null;
}

/** A pass that is under way. */
export class Position {
  batches = 0;
  /** Whether there is nothing to come. */
  isOver = false;
  pass: Pass | undefined;

  /** @param generators their states when the order of the samples was about to be drawn. */
  constructor(readonly generators: readonly Tensor[]) {}

  get state(): DataLoaderState {
    const { batches, generators, pass } = this;
    return { batches, ahead: pass?.ahead ?? [], generators: [...generators], workers: pass?.random ?? null };
  }
}

/** Which batches of a pass, by their numbers, were given before it goes on elsewhere. */
export class GivenBatches {
  /** All below this one were. */
  readonly #count: number;
  readonly #ahead: ReadonlySet<number>;

  constructor({ batches, ahead = [] }: DataLoaderState) {
    this.#ahead = new Set(ahead);
    this.#count = (batches ?? 0) - this.#ahead.size;
  }

  has(order: number): boolean {
    return order < this.#count || this.#ahead.has(order);
  }

  /** Those from a number on before which others are to come. */
  aheadFrom(order: number): number[] {
    return [...this.#ahead].filter((other) => other >= order);
  }
}

/** The generators from which the order of samples is drawn: the default one, and those of a loader and its sampler. */
export function generatorsOf(loader: object, sampler: unknown): Generator[] {
  const own = [loader, sampler].map((one) => (one as { generator?: unknown } | undefined)?.generator);
  return [...new Set([defaultGenerator, ...own.filter((one) => one instanceof Generator)])];
}

export function statesOf(generators: readonly Generator[]): Tensor[] {
  return generators.map((generator) => generator.getState());
}

export function setStates(generators: readonly Generator[], states: readonly Tensor[]): void {
  generators.forEach((generator, i) => {
    if (states[i] !== undefined) generator.setState(states[i]);
  });
}

/** @throws TypeError for what is no state of a loader. */
export function checkState(state: unknown): DataLoaderState {
  const { batches, ahead = [], generators, workers } = (isPlainObject(state) ? state : {}) as Partial<DataLoaderState>;
  const isState =
    (batches === null || isCount(batches)) &&
    Array.isArray(ahead) &&
    ahead.every(isCount) &&
    areStates(generators) &&
    (workers === undefined || workers === null || isRandomStart(workers));
  if (!isState) throw new TypeError("loadStateDict(): expected the state dict of a DataLoader");
  return state as DataLoaderState;
}

function areStates(states: unknown): boolean {
  const isState = (state: unknown) => {
    try {
      return new Generator().setState(state as Tensor) !== undefined;
    } catch {
      return false;
    }
  };
  return Array.isArray(states) && states.every(isState);
}

function isRandomStart({ seed, generators }: Partial<RandomStart>): boolean {
  return (isCount(seed) || typeof seed === "bigint") && Array.isArray(generators) && generators.every(areStates);
}

/** The indices of the batches that were not given yet, the first of which are asked for at once. */
export class RemainingIndices implements Iterator<unknown, undefined> {
  #order = 0;
  #first: IteratorResult<unknown, undefined> | undefined;

  constructor(
    readonly source: Iterator<unknown, undefined>,
    readonly given: GivenBatches,
  ) {
    this.#first = this.#next();
  }

  next(): IteratorResult<unknown, undefined> {
    const step = this.#first ?? this.#next();
    this.#first = undefined;
    return step;
  }

  #next(): IteratorResult<unknown, undefined> {
    let step = this.source.next();
    for (; !step.done && this.given.has(this.#order); this.#order++) step = this.source.next();
    this.#order++;
    return step;
  }

  get ahead(): readonly number[] {
    return this.given.aheadFrom(this.#order);
  }
}
