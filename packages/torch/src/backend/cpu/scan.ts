/** Scans: every element becomes the reduction of the elements up to it along a dim. */
import { int64 } from "../../core/dtype.js";
import { withDim } from "../../core/shape.js";
import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import { partsOf, temporary } from "./complex.js";
import { binary, copy } from "./elementwise.js";
import { putLanes } from "./lanes.js";
import { begin, launch, put, putDType } from "./launch.js";

/** Kernel names in the order of the codes in kernels/scan/scan.cpp. */
const scanOps = ["cumsum", "cumprod", "logcumsumexp"] as const;
export type ScanOp = (typeof scanOps)[number];

const runScan = kernel("scan");

/**
 * out = op along `dim` of a. Sums and products of integers and bools give int64, everything else has the
 * input's dtype; `logcumsumexp` is for floating ones. `out` may be `a`.
 */
export function scan(op: ScanOp, out: ArrayView, a: ArrayView, dim: number): void {
  if (a.dtype.isComplex) return scanComplex(op, out, a, dim);
  const list = begin();
  put(scanOps.indexOf(op));
  const dtype = putDType(a.dtype);
  putLanes(dim, a.sizes, [out, dtype.isFloatingPoint ? dtype : int64], [a, dtype]);
  launch(runScan, list);
}

function scanComplex(op: ScanOp, out: ArrayView, a: ArrayView, dim: number): void {
  if (a.sizes.length === 0) copy(out, a);
  else if (op === "cumprod") multiplyAlong(out, a, dim);
  else scan(op, partsOf(out), partsOf(a), dim);
}

/** Products of two numbers, then of four, eight and so on, until they reach back to the first one. */
function multiplyAlong(out: ArrayView, a: ArrayView, dim: number): void {
  copy(out, a);
  const size = a.sizes[dim] as number;
  const stride = out.strides[dim] as number;
  for (let step = 1; step < size; step *= 2) {
    const sizes = withDim(a.sizes, dim, size - step);
    const before = temporary({ ...a, sizes }, a.dtype);
    copy(before, { ...out, sizes, contiguousFlag: false });
    const later: ArrayView = { ...out, sizes, offset: out.offset + step * stride, contiguousFlag: false };
    binary.mul(later, later, before);
    before.storage.release();
  }
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
  const list = begin();
  const dtype = putDType(a.dtype);
  put(op === "cummax" ? 1 : 0);
  putLanes(dim, a.sizes, [indices, int64], [a, dtype], [values, dtype]);
  launch(runScanIndex, list);
}
