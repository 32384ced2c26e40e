/** Where a pass over a data loader is, so that another process can go on from there. */
import { defaultGenerator, Generator } from "../backend/generator.js";
import { isCount, isPlainObject } from "../core/kinds.js";
import type { Tensor } from "../core/tensor.js";

/** The state of a loader. */
export interface DataLoaderState {
  /** How many batches the pass has given; null between two passes. */
  batches: number | null;
  /** The generators that the order of samples comes from: in a pass as they were when it began, else as they are. */
  generators: Tensor[];
}

/** A pass that is under way. */
export class Position {
  batches = 0;
  /** Whether there is nothing to come. */
  isOver = false;

  /** @param generators their states when the order of the samples was about to be drawn. */
  constructor(readonly generators: readonly Tensor[]) {}
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
  const { batches, generators } = (isPlainObject(state) ? state : {}) as Partial<DataLoaderState>;
  if ((batches !== null && !isCount(batches)) || !Array.isArray(generators)) {
    throw new TypeError("loadStateDict(): expected the state dict of a DataLoader");
  }
  return state as DataLoaderState;
}

/** An iterator that stands behind its first items, the next of which was asked for already. */
export function skipping<T>(source: Iterator<T, undefined>, count: number): Iterator<T, undefined> {
  for (let i = 0; i < count; i++) if (source.next().done) break;
  let first: IteratorResult<T, undefined> | undefined = source.next();
  return {
    next: () => {
      const step = first ?? source.next();
      first = undefined;
      return step;
    },
  };
}
