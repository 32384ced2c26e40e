/** Runs of whole numbers: what lists the coordinates of triangles, and the ways to choose. */
import type { Tensor } from "../../core/tensor.js";
import { arange } from "../creation/ranges.js";
import { repeatInterleave } from "./rearranging.js";

/** Runs that follow each other: for each of their elements the number of its run, and its value. */
export interface Runs {
  readonly run: Tensor;
  readonly value: Tensor;
}

/**
 * For each pair of a start and an end, the whole numbers from the start up to the end.
 *
 * @example runsBetween(tensor([0n, 5n]), tensor([2n, 6n])) // run [0, 0, 1], value [0, 1, 5]
 */
export function runsBetween(starts: Tensor, ends: Tensor): Runs {
  const lengths = ends.sub(starts);
  const run = repeatInterleave(lengths);
  // From the place of an element to its value.
  const shift = starts.sub(lengths.cumsum(0).sub(lengths));
  return { run, value: arange(run.numel()).add(shift.indexSelect(0, run)) };
}
