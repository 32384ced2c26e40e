/** Functions that choose one element of each window, and give its place too where they are asked to. */
import type { Tensor } from "../../core/tensor.js";
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

/** Both forms of a function that can give places, from what it computes. */
export function picking<A extends readonly unknown[], B extends readonly unknown[]>(
  run: (args: readonly unknown[]) => [result: MaxPoolResult, returnIndices: boolean],
): { asAsked: Picking<A, B>; withIndices: (...args: A) => WithIndices } {
  const asAsked = (...args: readonly unknown[]): Tensor | WithIndices => {
    const [{ output, indices }, returnIndices] = run(args);
    return returnIndices ? [output, indices] : output;
  };
  const withIndices = (...args: A): WithIndices => {
    const [{ output, indices }] = run(args);
    return [output, indices];
  };
  return { asAsked: asAsked as Picking<A, B>, withIndices };
}
