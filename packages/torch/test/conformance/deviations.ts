/**
 * Where Flambeau is not as PyTorch 1.13.1, on purpose or for now. The replay fails for what is not listed here,
 * and for what is listed and does not occur any more.
 */
import type { Failure } from "./replay.js";

export interface Deviation {
  /** The operations, as reports name them. */
  readonly operations: readonly string[];
  /** Which failures are meant; all where left out. */
  readonly call?: RegExp;
  readonly difference?: RegExp;
  readonly reason: string;
}

export const deviations: readonly Deviation[] = [];

/** Operations of PyTorch, or forms of them, that do not exist yet. */
export const missing: readonly string[] = [];

/** The deviation that explains a failure. */
export function explain(failure: Failure): Deviation | undefined {
  return deviations.find(
    ({ operations, call, difference }) =>
      operations.includes(failure.operation) &&
      (call?.test(failure.call) ?? true) &&
      (difference?.test(failure.difference) ?? true),
  );
}
