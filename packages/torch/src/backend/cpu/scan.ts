/** Scans: every element becomes the reduction of the elements up to it along a dim. */

import type { ArrayView } from "../../core/view.js";
import { kernel } from "../native.js";
import { begin, put } from "./launch.js";
import { putLanes } from "./reduce.js";

/** Kernel names in the order of the codes in kernels/scan/scan.cpp. */
const scanOps = ["cumsum", "cumprod", "logcumsumexp"] as const;
export type ScanOp = (typeof scanOps)[number];

const runScan = kernel("scan");

/**
 * out = op along `dim` of a. Sums and products of integers and bools give int64, everything else has the
 * input's dtype; `logcumsumexp` is for floating ones. `out` may be `a`.
 */
export function scan(op: ScanOp, out: ArrayView, a: ArrayView, dim: number): void {
  begin();
  put(scanOps.indexOf(op));
  put(a.dtype.id);
  putLanes(dim, a, out, a);
  runScan();
}

const runScanIndex = kernel("scanIndex");

/**
 * values, indices (int64) = the largest or smallest element so far along `dim` of a, and where it is: the last
 * of equal ones; NaN wins over every number.
 */
export function scanWithIndex(
  op: "cummax" | "cummin",
  values: ArrayView,
  indices: ArrayView,
  a: ArrayView,
  dim: number,
): void {
  begin();
  put(a.dtype.id);
  put(op === "cummax" ? 1 : 0);
  putLanes(dim, a, indices, a, values);
  runScanIndex();
}
