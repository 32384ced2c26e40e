/** Resampling of up to three dims: weighted sums of neighbours. */
import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import { begin, checkedSize, launch, put, putAddress, putDType } from "./launch.js";
import { putWindows, type ResampleWindows } from "./windows.js";

export type { ResampleWindows } from "./windows.js";

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
  putWindows(dims, dtype);
  let inCount = planes * block;
  let outCount = inCount;
  for (const { inSize, outSize } of dims) {
    inCount *= inSize;
    outCount *= outSize;
  }
  putAddress(input, dtype, inCount);
  putAddress(out, dtype, outCount);
  launch(runResample, list);
}
