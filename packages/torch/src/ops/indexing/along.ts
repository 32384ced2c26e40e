/** Indices along one dim: `indexSelect`, `indexAdd` and their relatives. */
import { int, keyword, type Operand, operand, optional, scalar, tensor } from "../../arguments/params.js";
import {
  indexAdd as indexAddKernel,
  indexCopy as indexCopyKernel,
  indexFill as indexFillKernel,
  indexSelect as indexSelectKernel,
} from "../../backend/kernels.js";
import { bool, int64 } from "../../core/dtype.js";
import { withDim, wrapDim } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { op } from "../define.js";
import { cast } from "../pointwise/pointwise.js";
import type { InplaceOp, Op, Out } from "../types.js";
import { checkIndexVector, checkSource, fillValue } from "./checks.js";
import { changed } from "./target.js";

/**
 * The listed indices of a dim, in a new tensor.
 *
 * @param index int64 or int32, of at most one dim.
 * @throws RangeError if an index is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.index_select.html
 */
export const indexSelect: Op<(input: Tensor, dim: number, index: Tensor, options?: Out) => Tensor> = op({
  name: "indexSelect",
  params: { input: tensor, dim: int, index: tensor },
  out: true,
  overlap: "none",
  forward: ({ input, dim, index }) => {
    const d = wrapDim(dim, input.sizes.length);
    checkIndexVector("index_select", index);
    if (input.sizes.length === 0 && index.numel() !== 1) {
      throw new Error(`index_select(): Index to scalar can have only 1 value, got ${index.numel()} value(s)`);
    }
    const result = Tensor.empty(withDim(input.sizes, d, index.numel()), input.dtype);
    indexSelectKernel(result, input, d, index);
    return result;
  },
  saves: ["index"],
  derivative: {
    input: (grad, { input, dim, index }) => grad.newZeros(input.sizes).indexAdd_(dim, index, grad),
  },
});

/**
 * Adds `alpha * source` to the listed indices of a dim; an index that repeats is added to each time.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.index_add_.html
 */
export const indexAdd: InplaceOp<
  (input: Tensor, dim: number, index: Tensor, source: Tensor, options?: { alpha?: Scalar } & Out) => Tensor
> = op({
  name: "indexAdd",
  variants: "function, method, inplace",
  params: { input: tensor, dim: int, index: tensor, source: tensor, alpha: keyword(optional(scalar, 1)) },
  out: true,
  overlap: { index: "none", source: "none" },
  forward: ({ input, dim, index, source, alpha }, out) => {
    const d = wrapDim(dim, input.sizes.length);
    checkSource("index_add_", input, d, index, source);
    return changed(input, out, (target) => indexAddKernel(target, d, cast(index, int64), source, alpha));
  },
  saves: ["index"],
  savedFor: { index: "source" },
  derivative: {
    input: (grad) => grad,
    source: (grad, { dim, index, source, alpha }) => {
      const part = grad.indexSelect(dim, index).reshape(source.sizes);
      return alpha === 1 ? part : part.mul(alpha);
    },
  },
});

/**
 * The listed indices of a dim replaced by those of a source.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.index_copy_.html
 */
export const indexCopy: InplaceOp<
  (input: Tensor, dim: number, index: Tensor, source: Tensor, options?: Out) => Tensor
> = op({
  name: "indexCopy",
  variants: "function, method, inplace",
  params: { input: tensor, dim: int, index: tensor, source: tensor },
  out: true,
  overlap: { index: "none", source: "none" },
  forward: ({ input, dim, index, source }, out) => {
    const d = wrapDim(dim, input.sizes.length);
    checkSource("index_copy_", input, d, index, source);
    return changed(input, out, (target) => indexCopyKernel(target, d, cast(index, int64), source));
  },
  saves: ["index"],
  derivative: {
    input: (grad, { dim, index }) => grad.indexFill(dim, index, 0),
    source: (grad, { dim, index, source }) => grad.indexSelect(dim, index).reshape(source.sizes),
  },
});

/**
 * A value in place of the listed indices of a dim.
 *
 * @param index negative ones count from the end.
 * @param value a number or a 0-d tensor.
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.index_fill_.html
 */
export const indexFill: InplaceOp<(input: Tensor, dim: number, index: Tensor, value: Operand) => Tensor> = op({
  name: "indexFill",
  variants: "function, method, inplace",
  params: { input: tensor, dim: int, index: tensor, value: operand },
  overlap: { index: "none", value: "any" },
  forward: ({ input, dim, index, value }, out) => {
    const d = wrapDim(dim, input.sizes.length);
    checkIndexVector("index_fill_", index);
    const filling = fillValue("index_fill_", value, input.dtype);
    return changed(input, out, (target) => indexFillKernel(target, d, cast(index, int64), filling));
  },
  overload: ({ value }) => (value instanceof Tensor ? 1 : 0),
  saves: ["index"],
  derivative: {
    input: (grad, { dim, index }) => grad.indexFill(dim, index, 0),
    // An index that repeats counts once.
    value: (grad, { dim, index }) =>
      grad.maskedFill(grad.newOnes(grad.sizes, { dtype: bool }).indexFill(dim, index, false), 0).sum(),
  },
});
