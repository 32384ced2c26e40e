/** Fourier transforms along a dim. */
import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import { putLanes } from "./lanes.js";
import { begin, launch, put, putDType } from "./launch.js";

/** Kinds in the order of their codes in kernels/fft/fft.cpp. */
const kinds = ["complex", "fromReal", "toReal", "wholeFromReal"] as const;
export type FourierKind = (typeof kinds)[number];

const run = kernel("fourier");

/**
 * out = factor times the sum of x e^(-2πi jk/n) over the elements x of a along a dim; of x e^(2πi jk/n) for `inverse`.
 *
 * Both are complex, of n elements. Of the transform of real ones all elements are computed (`wholeFromReal`), or only the
 * first n/2 + 1 (`fromReal`), and `toReal` goes from such to n real ones. The dtype of real ones is that of the parts of
 * the complex ones. `out` may be `a` if both are complex.
 */
export function fourier(
  kind: FourierKind,
  out: ArrayView,
  a: ArrayView,
  dim: number,
  inverse: boolean,
  factor: number,
): void {
  const part = out.dtype.toReal();
  if (a.dtype.toReal() !== part) throw new TypeError(`a transform to ${out.dtype.name} takes no ${a.dtype.name}`);
  const shape = kind === "fromReal" ? a.sizes : out.sizes;
  const list = begin();
  putDType(part);
  put(kinds.indexOf(kind));
  // The kernel sees a transform to real numbers as an inverse, and takes the conjugate for the other one.
  put((kind === "toReal") === inverse ? 0 : 1);
  put(factor);
  putLanes(dim, shape, [out, out.dtype, out.sizes[dim]], [a, a.dtype, a.sizes[dim]]);
  launch(run, list);
}
