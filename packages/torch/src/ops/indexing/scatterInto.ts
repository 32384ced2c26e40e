/** What the ways to scatter share: checks of the index, and the call of the kernel. */
import type { Operand } from "../../arguments/params.js";
import { type ScatterMode, scatter as scatterKernel } from "../../backend/kernels.js";
import { int64, scalarTypeName } from "../../core/dtype.js";
import { formatShape, numelOf, type Shape, wrapDim } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { changed } from "./target.js";

/** Throws unless an index has the right dtype and number of dims. */
export function checkIndex(name: string, ndim: number, index: Tensor, role: string): void {
  if (index.dtype !== int64) {
    throw new TypeError(
      `${name}(): Expected dtype int64 for index, got ${index.dtype}; make it with { dtype: torch.long }`,
    );
  }
  if (numelOf(index.sizes) > 0 && Math.max(index.sizes.length, 1) !== Math.max(ndim, 1)) {
    throw new Error(`Index tensor must have the same number of dimensions as ${role} tensor`);
  }
}

/** Whether the sizes are at most others, at each dim but perhaps one; a scalar counts as having one dim. */
export function isWithin(sizes: Shape, others: Shape, except?: number): boolean {
  const dims = sizes.length === 0 ? [1] : sizes;
  return dims.every((size, d) => d === except || size <= (others[d] ?? 1));
}

/** Throws unless source and index fit the tensor that is written to. Returns the dim as a number from 0. */
function checkScatter(name: string, input: Tensor, dim: number, index: Tensor, src: Operand): number {
  const d = wrapDim(dim, input.sizes.length);
  checkIndex(name, input.sizes.length, index, "self");
  if (src instanceof Tensor && src.dtype !== input.dtype) {
    throw new TypeError(
      `${name}(): Expected self.dtype to be equal to src.dtype, got ${scalarTypeName(input.dtype)} and ${scalarTypeName(src.dtype)}`,
    );
  }
  if (numelOf(index.sizes) === 0) return d;
  if (src instanceof Tensor && Math.max(index.sizes.length, 1) !== Math.max(src.sizes.length, 1)) {
    throw new Error("Index tensor must have the same number of dimensions as src tensor");
  }
  if (!isWithin(index.sizes, input.sizes, d) || (src instanceof Tensor && !isWithin(index.sizes, src.sizes))) {
    const and = src instanceof Tensor ? ` and to be smaller size than src ${formatShape(src.sizes)}` : "";
    throw new Error(
      `Expected index ${formatShape(index.sizes)} to be smaller than self ${formatShape(input.sizes)} apart from dimension ${d}${and}`,
    );
  }
  return d;
}

/** Runs the kernel of one of the ways to scatter. */
export function scatterInto(
  name: string,
  { input, dim, index, src }: { input: Tensor; dim: number; index: Tensor; src: Operand },
  out: Tensor | undefined,
  mode: ScatterMode,
  includeSelf = true,
): Tensor {
  const d = checkScatter(name, input, dim, index, src);
  return changed(input, out, (target) => {
    if (numelOf(index.sizes) > 0) scatterKernel(target, d, index, src, mode, { includeSelf });
  });
}
