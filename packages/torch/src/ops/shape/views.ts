/**
 * Other ways to see the same memory: `reshape`, `permute`, `select`, `narrow`, `asStrided`, …
 *
 * Source: https://pytorch.org/docs/stable/tensor_view.html
 */
import { int, ints, invalid, optional, type Param, spreadInts, tensor } from "../../arguments/params.js";
import { Category } from "../../core/dtype.js";
import {
  checkSizes,
  extentOf,
  formatShape,
  inferSize,
  inverseOrder,
  viewStrides,
  withoutDim,
  wrapDim,
  wrapDims,
} from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { arange } from "../creation/ranges.js";
import { inplace, op } from "../define.js";
import type { Args, InplaceFunction, InplaceOp, Op, Out, OverloadedOp } from "../types.js";
import { slice, unsafeView } from "./viewParts.js";

/** A whole number, or a 0-d tensor of an integer dtype in its place. */
const intOrTensor: Param<number | Tensor> = {
  ...(int as Param<number | Tensor>),
  expected: "int or 0-dim integral Tensor",
  read: (value) => {
    if (!(value instanceof Tensor)) return int.read(value);
    return value.sizes.length === 0 && value.dtype.category === Category.Integer ? value : invalid;
  },
};

/** Sizes or dims, spread or in one array. */
export type Spread = [...values: number[]] | [values: readonly number[]];

/**
 * A view with the given sizes, strides and offset into the memory, whatever the tensor's own are.
 *
 * @throws RangeError if it would reach beyond the memory.
 * @see https://pytorch.org/docs/stable/generated/torch.as_strided.html
 */
export const asStrided: InplaceOp<
  (
    input: Tensor,
    size: readonly number[],
    stride: readonly number[],
    ...args: Args<[storageOffset?: number], ["storageOffset"]>
  ) => Tensor
> = op({
  name: "asStrided",
  variants: "function, method, inplace",
  params: { input: tensor, size: ints, stride: ints, storageOffset: optional(int) },
  view: true,
  forward: ({ input, size, stride, storageOffset = input.offset }) => {
    if (size.length !== stride.length) throw new Error("mismatch in length of strides and shape");
    if (stride.some((step) => step < 0))
      throw new RangeError(
        `asStrided: Negative strides are not supported at the moment, got strides: ${formatShape(stride)}`,
      );
    checkSizes(size);
    if (storageOffset < 0) throw new RangeError(`asStrided: the offset must not be negative, got ${storageOffset}`);
    const available = input.storage.nbytes / input.itemsize;
    const extent = extentOf(size, stride);
    if (extent > 0 && storageOffset + extent > available) {
      throw new RangeError(
        `setStorage: sizes ${formatShape(size)}, strides ${formatShape(stride)}, storage offset ${storageOffset} are out of bounds for storage of size ${available}`,
      );
    }
    return input.viewOf([...size], [...stride], storageOffset);
  },
  derivative: {
    input: (grad, { input, size, stride, storageOffset = input.offset }) => {
      // Gradients go back by way of the memory: where several elements of the view are one of the input, they add up.
      const first = Math.min(input.offset, storageOffset);
      const end = Math.max(input.offset + extentOf(input.sizes, input.strides), storageOffset + extentOf(size, stride));
      const places = arange(end - first).asStrided(size, stride, storageOffset - first);
      const memory = grad.newZeros(end - first).indexAdd(0, places.reshape(-1), grad.reshape(-1));
      return memory.asStrided(input.sizes, input.strides, input.offset - first);
    },
  },
});
export const asStrided_: InplaceFunction<typeof asStrided> = inplace(asStrided);

/**
 * The same elements in another shape: a view where that is possible, else a copy.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.reshape.html
 */
export const reshape: OverloadedOp<(input: Tensor, shape: readonly number[]) => Tensor, (...shape: Spread) => Tensor> =
  op({
    name: "reshape",
    params: { input: tensor, shape: spreadInts },
    composite: ({ input, shape }) => {
      const sizes = inferSize(shape, input.numel());
      const fits = input.contiguousFlag || viewStrides(input.sizes, input.strides, sizes) !== undefined;
      return fits ? input.view(sizes) : unsafeView(input.clone({ memoryFormat: "contiguous" }), sizes);
    },
  });

/**
 * The dims in another order.
 *
 * @example torch.zeros(2, 3, 5).permute(2, 0, 1).shape // [5, 2, 3]
 * @see https://pytorch.org/docs/stable/generated/torch.permute.html
 */
export const permute: OverloadedOp<(input: Tensor, dims: readonly number[]) => Tensor, (...dims: Spread) => Tensor> =
  op({
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
      return input.viewOf(
        order.map((d) => input.sizes[d] as number),
        order.map((d) => input.strides[d] as number),
        input.offset,
      );
    },
    derivative: { input: (grad, { dims }) => permute(grad, inverseOrder(wrapDims(dims, dims.length))) },
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
      throw new RangeError(
        `select(): index ${index} out of range for tensor of size ${formatShape(input.sizes)} at dimension ${d}`,
      );
    }
    const at = index < 0 ? index + size : index;
    return input.viewOf(
      withoutDim(input.sizes, d),
      withoutDim(input.strides, d),
      input.offset + at * (input.strides[d] as number),
    );
  },
  derivative: {
    input: (grad, { input, dim, index }) => {
      const result = grad.newZeros(input.sizes);
      select(result, dim, index).copy_(grad);
      return result;
    },
  },
});

/**
 * The indices from `start` on, `length` of them, of a dim.
 *
 * @throws RangeError if they are not all in range.
 * @see https://pytorch.org/docs/stable/generated/torch.narrow.html
 */
export const narrow: Op<(input: Tensor, dim: number, start: number | Tensor, length: number) => Tensor> = op({
  name: "narrow",
  params: { input: tensor, dim: int, start: intOrTensor, length: int },
  composite: ({ input, dim, start, length }) => {
    if (input.sizes.length === 0) throw new RangeError("narrow() cannot be applied to a 0-dim tensor.");
    if (length < 0) throw new RangeError("narrow(): length must be non-negative.");
    const size = input.sizes[wrapDim(dim, input.sizes.length)] as number;
    const given = typeof start === "number" ? start : start.item();
    if (given < -size || given > size) {
      throw new RangeError(`start out of range (expected to be in range of [${-size}, ${size}], but got ${given})`);
    }
    const from = given < 0 ? given + size : given;
    if (from + length > size)
      throw new RangeError(`start (${from}) + length (${length}) exceeds dimension size (${size}).`);
    return slice(input, dim, from, from + length);
  },
});

/**
 * A copy of the indices from `start` on, `length` of them, of a dim.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.narrow_copy.html
 */
export const narrowCopy: Op<(input: Tensor, dim: number, start: number, length: number, options?: Out) => Tensor> = op({
  name: "narrowCopy",
  params: { input: tensor, dim: int, start: int, length: int },
  out: true,
  overlap: "any",
  composite: ({ input, dim, start, length }) => narrow(input, dim, start, length).clone({ memoryFormat: "contiguous" }),
});
