/** Tensors with undefined elements in a layout of one's own. */
import { ints } from "../../arguments/params.js";
import { getDefaultDtype } from "../../core/dtype.js";
import { formatShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp, TensorOptions } from "../types.js";
import { common, finish, withStrides } from "./factory.js";

/**
 * A tensor with the given strides, whose elements are undefined until they are written.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.empty_strided.html
 */
export const emptyStrided: FunctionOp<
  (size: readonly number[], stride: readonly number[], options?: TensorOptions) => Tensor
> = op({
  name: "emptyStrided",
  variants: "function",
  params: { size: ints, stride: ints, ...common },
  forward: ({ size, stride, dtype, requiresGrad }) =>
    finish(withStrides(size, stride, dtype ?? getDefaultDtype()), requiresGrad),
});

/**
 * A tensor whose dims stand in memory in the given order, and whose elements are undefined until they are written.
 *
 * @param physicalLayout the dims, the outermost in memory first.
 * @example torch.emptyPermuted([2, 3, 5], [0, 2, 1]).stride() // [15, 1, 3]
 * @see https://pytorch.org/docs/stable/generated/torch.empty_permuted.html
 */
export const emptyPermuted: FunctionOp<
  (size: readonly number[], physicalLayout: readonly number[], options?: TensorOptions) => Tensor
> = op({
  name: "emptyPermuted",
  variants: "function",
  params: { size: ints, physicalLayout: ints, ...common },
  forward: ({ size, physicalLayout, dtype, requiresGrad }) => {
    if (physicalLayout.length !== size.length) {
      throw new Error(
        `Number of dimensions in size does not match the length of the physical_layout; i.e. len(size) = ${size.length} is not equal to len(physical_layout) = ${physicalLayout.length}`,
      );
    }
    const sorted = [...physicalLayout].sort((a, b) => a - b);
    if (sorted.some((dim, d) => dim !== d))
      throw new Error(`physicalLayout must name each dim once, got ${formatShape(physicalLayout)}`);
    const strides = new Array<number>(size.length);
    let step = 1;
    for (const dim of [...physicalLayout].reverse()) {
      strides[dim] = step;
      step *= Math.max(1, size[dim] as number);
    }
    return finish(withStrides(size, strides, dtype ?? getDefaultDtype()), requiresGrad);
  },
});
