/** Functions that choose one element of each window, and give its place too where they are asked to. */
import { asStep } from "../../core/steps.js";
import { Tensor } from "../../core/tensor.js";
import type { MaxPoolResult } from "./max.js";

/** A result, and the places of its elements in the input. */
export type WithIndices = [output: Tensor, indices: Tensor];

/** The options of calls that give no places. */
export interface NoIndices {
  returnIndices?: false | undefined;
}
/** The options of calls that give places. */
export interface Indices {
  returnIndices: true;
}

/** A function that gives the places too where it is asked to. */
export interface Picking<A extends readonly unknown[], B extends readonly unknown[]> {
  (...args: A): Tensor;
  (...args: B): WithIndices;
}

/**
 * Both forms of a function that can give places.
 *
 * @param name in snake_case.
 * @param run what it computes: both, if a call asks for places or has to give them, and else the elements alone.
 */
export function picking<A extends readonly unknown[], B extends readonly unknown[]>(
  name: string,
  run: (args: readonly unknown[], hasToGive: boolean) => Tensor | MaxPoolResult,
): { asAsked: Picking<A, B>; withIndices: (...args: A) => WithIndices } {
  const call = (args: readonly unknown[], hasToGive: boolean): Tensor | WithIndices => {
    const found = run(args, hasToGive);
    return found instanceof Tensor ? found : [found.output, found.indices];
  };
  const asAsked = (...args: readonly unknown[]) => call(args, false);
  return { asAsked: asStep(asAsked, name) as Picking<A, B>, withIndices: (...args) => call(args, true) as WithIndices };
}
