/** Elements in reverse order along a dim. */
import { numelOf } from "../../core/shape.js";
import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import { begin, checkedSize, knownDType, launch, put, putAddress } from "./launch.js";

const runFlip = kernel("flip");

/** out = `input` in reverse order along `dim`; both are row-major and of one dtype. */
export function flip(out: ArrayView, input: ArrayView, dim: number): void {
  const list = begin();
  const dtype = knownDType(input.dtype);
  const { sizes } = input;
  const elements = checkedSize(numelOf(sizes));
  const count = checkedSize(sizes[dim] as number);
  const block = checkedSize(numelOf(sizes.slice(dim + 1)));
  put(block * dtype.itemsize);
  put(elements === 0 ? 0 : elements / (count * block));
  put(count);
  putAddress(input, dtype, elements);
  putAddress(out, dtype, elements);
  launch(runFlip, list);
}
