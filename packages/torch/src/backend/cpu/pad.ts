/** Padding: tensors that are longer or shorter at the ends of their dims. Both sides are row-major. */
import type { ArrayView, Scalar } from "../../core/view.js";
import { kernel } from "./block.js";
import { partsOf } from "./complex.js";
import { begin, checkedSize, knownDType, launch, put, putAddress, putDType, putScalar } from "./launch.js";

/** What comes beyond the ends: one value, or elements mirrored, repeated, or from the other end; in the order of pad.cpp. */
const modes = ["constant", "reflect", "replicate", "circular"] as const;
export type PadMode = (typeof modes)[number];

const runPad = kernel("pad");

/** out = `input` with `before[d]` elements in front of dim d, which may be negative, and as many behind as `out` has room for. */
export function pad(out: ArrayView, input: ArrayView, before: readonly number[], mode: PadMode, value: Scalar): void {
  const list = begin();
  const dtype = putDType(out.dtype);
  putScalar(value, dtype);
  putDims(input, out, before, mode);
  launch(runPad, list);
}

const runPadBackward = kernel("padBackward");

/** The gradient of the input of `pad`, of floats; writes all of `gradInput`. */
export function padBackward(gradInput: ArrayView, gradOut: ArrayView, before: readonly number[], mode: PadMode): void {
  if (gradOut.dtype.isComplex) return padBackward(partsOf(gradInput), partsOf(gradOut), [...before, 0], mode);
  const list = begin();
  putDType(gradOut.dtype);
  putDims(gradInput, gradOut, before, mode);
  launch(runPadBackward, list);
}

function putDims(input: ArrayView, out: ArrayView, before: readonly number[], mode: PadMode): void {
  const dtype = knownDType(out.dtype);
  const ndim = out.sizes.length;
  put(modes.indexOf(mode));
  put(ndim);
  let inCount = 1;
  let outCount = 1;
  for (let d = 0; d < ndim; d++) {
    const inSize = checkedSize(input.sizes[d] as number);
    const outSize = checkedSize(out.sizes[d] as number);
    put(inSize);
    put(outSize);
    put(before[d] as number);
    inCount *= inSize;
    outCount *= outSize;
  }
  putAddress(input, dtype, inCount);
  putAddress(out, dtype, outCount);
}
