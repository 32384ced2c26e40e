/** The windows of neighbours by which dims are resampled. */
import { type DType, int32 } from "../../core/dtype.js";
import type { ArrayView } from "../../core/view.js";
import { checkedSize, put, putAddress } from "./launch.js";

/** The neighbours of each place of a dim. */
export interface ResampleWindows {
  readonly inSize: number;
  readonly outSize: number;
  /** `[outSize]` of int32: the first neighbour, and how many there are. */
  readonly starts: ArrayView;
  readonly counts: ArrayView;
  /** `[most neighbours, outSize]` of the dtype of the input. */
  readonly weights: ArrayView;
}

/** Appends the windows of dims, with weights of a dtype. */
export function putWindows(dims: readonly ResampleWindows[], dtype: DType): void {
  for (const { inSize, outSize, starts, counts, weights } of dims) {
    put(checkedSize(inSize));
    put(checkedSize(outSize));
    putAddress(starts, int32, outSize);
    putAddress(counts, int32, outSize);
    putAddress(weights, dtype, checkedSize(weights.sizes[0] as number) * outSize);
  }
}
