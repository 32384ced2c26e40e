/**
 * `torch.random`: the state of the default generator.
 *
 * Source: https://pytorch.org/docs/stable/random.html
 */

import { defaultGenerator, type Generator } from "./backend/generator.js";
import { isPromise } from "./core/kinds.js";
import type { Tensor } from "./core/tensor.js";

/** Seeds the default generator, and returns it. */
export function manualSeed(seed: number | bigint): Generator {
  return defaultGenerator.manualSeed(seed);
}

/** Seeds the default generator with a number that nobody can foresee, and returns that number. */
export function seed(): number {
  return defaultGenerator.seed();
}

/** The seed of the default generator. */
export function initialSeed(): number | bigint {
  return defaultGenerator.initialSeed();
}

/** The state of the default generator, a uint8 tensor. */
export function getRngState(): Tensor {
  return defaultGenerator.getState();
}

/** Lets the default generator go on from a state that `getRngState` gave. */
export function setRngState(newState: Tensor): void {
  defaultGenerator.setState(newState);
}

/**
 * Runs a function, or the rest of a block (`using`), and then lets the default generator go on as if that had not
 * run. Where the function returns a promise, this happens when the promise settles.
 *
 * @example const x = torch.random.forkRng(() => torch.rand(2));
 */
export function forkRng(): Disposable;
export function forkRng<T>(body: () => T): T;
export function forkRng<T>(body?: () => T): T | Disposable {
  const state = defaultGenerator.getState();
  const restore = () => {
    defaultGenerator.setState(state);
  };
  if (body === undefined) return { [Symbol.dispose]: restore };
  if (typeof body !== "function") throw new TypeError(`forkRng(): expected a function, got ${typeof body}`);
  let pending = false;
  try {
    const result = body();
    if (!isPromise(result)) return result;
    pending = true;
    return Promise.resolve(result).finally(restore) as T;
  } finally {
    if (!pending) restore();
  }
}
