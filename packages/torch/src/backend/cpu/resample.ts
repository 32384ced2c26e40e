/** Resampling of up to three dims: weighted sums of neighbours. */
import { int32 } from "../../core/dtype.js";
import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import { begin, checkedSize, launch, put, putAddress, putDType } from "./launch.js";

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

const runResample = kernel("resample");

/**
 * out = input resampled along `dims`, of float32 or float64. Both are row-major: `planes` of the dims, and within them
 * `block` elements that go along together.
 */
export function resample(
  out: ArrayView,
  input: ArrayView,
  planes: number,
  dims: readonly ResampleWindows[],
  block: number,
): void {
  const list = begin();
  const dtype = putDType(input.dtype);
  put(dims.length);
  put(checkedSize(planes));
  put(checkedSize(block));
  let inCount = planes * block;
  let outCount = inCount;
  for (const { inSize, outSize, starts, counts, weights } of dims) {
    put(checkedSize(inSize));
    put(checkedSize(outSize));
    putAddress(starts, int32, outSize);
    putAddress(counts, int32, outSize);
    putAddress(weights, dtype, checkedSize(weights.sizes[0] as number) * outSize);
    inCount *= inSize;
    outCount *= outSize;
  }
  putAddress(input, dtype, inCount);
  putAddress(out, dtype, outCount);
  launch(runResample, list);
}
