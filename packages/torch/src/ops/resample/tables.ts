/** Windows in the form that kernels read. */
import type { ResampleWindows } from "../../backend/kernels.js";
import { type DType, float64 } from "../../core/dtype.js";
import { tensor as tensorOf } from "../creation/data.js";
import type { Windows } from "./windows.js";

/** The windows as kernels read them, with weights of a floating dtype. */
export function tables({ inSize, outSize, starts, weights }: Windows, dtype: DType): ResampleWindows {
  const most = Math.max(1, ...weights.map((list) => list.length));
  const table = new (dtype === float64 ? Float64Array : Float32Array)(most * outSize);
  for (const [place, list] of weights.entries()) {
    for (const [k, weight] of list.entries()) table[k * outSize + place] = weight;
  }
  return {
    inSize,
    outSize,
    starts: tensorOf(Int32Array.from(starts)),
    counts: tensorOf(Int32Array.from(weights, (list) => list.length)),
    weights: tensorOf(table).view([most, outSize]),
  };
}
