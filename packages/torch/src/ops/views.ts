/**
 * Other ways to see the same memory: `view`, `permute`, `expand`, `select`, `asStrided`, …
 *
 * Source: https://pytorch.org/docs/stable/tensor_view.html
 */
import { int, ints, optional, spreadInts, tensor } from "../arguments/params.js";
import { geometryInCopy } from "../autograd/views.js";
import { contiguousStrides, extentOf, formatShape, inferSize, numelOf, viewStrides, wrapDim, wrapDims } from "../core/shape.js";
import type { Tensor } from "../core/tensor.js";
import { arange } from "./creation.js";
import { op } from "./define.js";
import type { MethodOp, Op } from "./types.js";

/** Sizes or dims, spread or in one array. */
export type Spread = [...values: number[]] | [values: readonly number[]];

/**
 * A view with the given sizes, strides and offset into the memory, whatever the tensor's own are.
 *
 * @throws RangeError if it would reach beyond the memory.
 * @see https://pytorch.org/docs/stable/generated/torch.as_strided.html
 */
export const asStrided: Op<(input: Tensor, size: readonly number[], stride: readonly number[], storageOffset?: number) => Tensor> = op({
  name: "asStrided",
  params: { input: tensor, size: ints, stride: ints, storageOffset: optional(int) },
  view: true,
  forward: ({ input, size, stride, storageOffset = input.offset }) => {
    if (size.length !== stride.length) throw new Error("mismatch in length of strides and shape");
    if (stride.some((step) => step < 0)) throw new RangeError(`asStrided: Negative strides are not supported at the moment, got strides: ${formatShape(stride)}`);
    if (size.some((n) => n < 0) || storageOffset < 0) throw new RangeError("asStrided: sizes and offset must not be negative");
    const available = input.storage.nbytes / input.itemsize;
    if (storageOffset + extentOf(size, stride) > available) {
      throw new RangeError(
        `setStorage: sizes ${formatShape(size)}, strides ${formatShape(stride)}, storage offset ${storageOffset} are out of bounds for storage of size ${available}`,
      );
    }
    return input.viewOf([...size], [...stride], storageOffset);
  },
  derivative: {
    input: (grad, { input, size, stride, storageOffset = input.offset }) => {
      // Several elements of the view may be one element of the input: their gradients add up.
      const place = geometryInCopy(input, { sizes: size, strides: stride, offset: storageOffset });
      const count = numelOf(input.sizes);
      const positions = arange(count).asStrided(place.sizes, place.strides, place.offset);
      return grad.newZeros(count).indexAdd(0, positions.reshape(-1), grad.reshape(-1)).view(input.sizes);
    },
  },
});

/**
 * The same elements in another shape, without a copy.
 *
 * @param shape one size may be -1, which stands for what is left.
 * @throws Error if the memory cannot be seen in that shape; `reshape` copies then.
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.view.html
 */
export const view: MethodOp<(input: Tensor, ...shape: Spread) => Tensor> = op({
  name: "view",
  variants: "method",
  params: { input: tensor, shape: spreadInts },
  view: true,
  forward: ({ input, shape }) => {
    const sizes = inferSize(shape, input.numel());
    const strides = input.contiguousFlag ? contiguousStrides(sizes) : viewStrides(input.sizes, input.strides, sizes);
    if (strides === undefined) {
      throw new Error(
        "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
      );
    }
    return input.viewOf([...sizes], strides, input.offset);
  },
  derivative: { input: (grad, { input }) => grad.reshape(input.sizes) },
});

/**
 * The same elements in another shape: a view where that is possible, else a copy.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.reshape.html
 */
export const reshape: Op<(input: Tensor, ...shape: Spread) => Tensor> = op({
  name: "reshape",
  params: { input: tensor, shape: spreadInts },
  composite: ({ input, shape }) => {
    const sizes = inferSize(shape, input.numel());
    const fits = input.contiguousFlag || viewStrides(input.sizes, input.strides, sizes) !== undefined;
    return fits ? view(input, sizes) : view(input.clone({ memoryFormat: "contiguous" }), sizes);
  },
});

/**
 * The dims in another order.
 *
 * @example torch.zeros(2, 3, 5).permute(2, 0, 1).shape // [5, 2, 3]
 * @see https://pytorch.org/docs/stable/generated/torch.permute.html
 */
export const permute: Op<(input: Tensor, ...dims: Spread) => Tensor> = op({
  name: "permute",
  params: { input: tensor, dims: spreadInts },
  view: true,
  forward: ({ input, dims }) => {
    const order = wrapDims(dims, input.sizes.length);
    if (order.length !== input.sizes.length) {
      throw new Error(
        `permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ${input.sizes.length} is not equal to len(dims) = ${order.length}`,
      );
    }
    return input.viewOf(order.map((d) => input.sizes[d] as number), order.map((d) => input.strides[d] as number), input.offset);
  },
  derivative: {
    input: (grad, { dims }) => {
      const inverse: number[] = [];
      wrapDims(dims, dims.length).forEach((from, to) => {
        inverse[from] = to;
      });
      return permute(grad, inverse);
    },
  },
});

/**
 * One index of a dim, which goes away.
 *
 * @throws RangeError if the index is out of range.
 * @see https://pytorch.org/docs/stable/generated/torch.select.html
 */
export const select: Op<(input: Tensor, dim: number, index: number) => Tensor> = op({
  name: "select",
  params: { input: tensor, dim: int, index: int },
  view: true,
  forward: ({ input, dim, index }) => {
    if (input.sizes.length === 0) throw new RangeError("select() cannot be applied to a 0-dim tensor.");
    const d = wrapDim(dim, input.sizes.length);
    const size = input.sizes[d] as number;
    if (index < -size || index >= size) {
      throw new RangeError(`select(): index ${index} out of range for tensor of size ${formatShape(input.sizes)} at dimension ${d}`);
    }
    const at = index < 0 ? index + size : index;
    const without = (values: readonly number[]) => values.filter((_, i) => i !== d);
    return input.viewOf(without(input.sizes), without(input.strides), input.offset + at * (input.strides[d] as number));
  },
  derivative: {
    input: (grad, { input, dim, index }) => {
      const result = grad.newZeros(input.sizes);
      select(result, dim, index).copy_(grad);
      return result;
    },
  },
});
