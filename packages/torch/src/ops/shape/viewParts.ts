/** Views that have no public function of their own: the parts from which indexing and shape operations are made. */
import { int, optional, spreadInts, tensor } from "../../arguments/params.js";
import { type DType, scalarTypeName } from "../../core/dtype.js";
import {
  clampBound,
  contiguousStrides,
  inferSize,
  isContiguous,
  strideOfSteps,
  viewStrides,
  withDim,
  wrapDim,
} from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { checkReadable } from "../../core/wrapper.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";
import type { Spread } from "./views.js";

/** The same elements in the same shape, as a view. */
export const alias: FunctionOp<(input: Tensor) => Tensor> = op({
  name: "alias",
  elementwise: true,
  variants: "function",
  params: { input: tensor },
  view: true,
  forward: ({ input }) => input.viewOf(input.sizes, input.strides, input.offset),
  derivative: { input: (grad) => grad },
});

/** Elements `start`, `start + step`, … before `end` along a dim; bounds are clamped as in Python. */
export const slice: FunctionOp<(input: Tensor, dim: number, start?: number, end?: number, step?: number) => Tensor> =
  op({
    name: "slice",
    variants: "function",
    params: { input: tensor, dim: int, start: optional(int, 0), end: optional(int), step: optional(int, 1) },
    view: true,
    forward: ({ input, dim, start, end, step }) => {
      if (input.sizes.length === 0) throw new RangeError("slice() cannot be applied to a 0-dim tensor.");
      if (step <= 0) throw new RangeError("slice step must be positive");
      const d = wrapDim(dim, input.sizes.length);
      const size = input.sizes[d] as number;
      const from = clampBound(start, size);
      const to = end === undefined ? size : clampBound(end, size);
      const stride = input.strides[d] as number;
      return input.viewOf(
        withDim(input.sizes, d, Math.max(0, Math.ceil((to - from) / step))),
        withDim(input.strides, d, strideOfSteps(stride, step)),
        input.offset + from * stride,
      );
    },
    derivative: {
      input: (grad, { input, dim, start, end, step }) => {
        const result = grad.newZeros(input.sizes);
        slice(result, dim, start, end, step).copy_(grad);
        return result;
      },
    },
  });

/** The same elements in another shape; behind `Tensor.view`. */
export const viewShape: FunctionOp<(input: Tensor, ...shape: Spread) => Tensor> = op({
  name: "view",
  variants: "function",
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

/** The bytes of a tensor read as elements of another dtype. No gradient flows through it. */
export function reinterpret(input: Tensor, dtype: DType): Tensor {
  checkReadable(input, ".view(dtype)");
  const { sizes, strides, offset, storage } = input;
  const [from, to] = [input.dtype.itemsize, dtype.itemsize];
  if (from === to) return new Tensor(storage, offset, sizes, strides, dtype, input.contiguousFlag);
  const words = `view ${scalarTypeName(input.dtype)} as ${scalarTypeName(dtype)} (different element sizes)`;
  const last = sizes.length - 1;
  if (last < 0) throw new Error(`self.dim() cannot be 0 to ${words}`);
  const ratio = from / to;
  const divides = (value: number) => Number.isInteger(value * ratio);
  if (strides[last] !== 1) throw new Error(`self.stride(-1) must be 1 to ${words}, but got ${strides[last]}`);
  if (!divides(sizes[last] as number)) {
    throw new Error(`self.size(-1) must be divisible by ${1 / ratio} to ${words}, but got ${sizes[last]}`);
  }
  if (!divides(offset))
    throw new Error(`self.storage_offset() must be divisible by ${1 / ratio} to ${words}, but got ${offset}`);
  const newStrides = strides.map((stride, d) => (d === last ? 1 : stride * ratio));
  const bad = newStrides.findIndex((stride) => !Number.isInteger(stride));
  if (bad >= 0)
    throw new Error(`self.stride(${bad}) must be divisible by ${1 / ratio} to ${words}, but got ${strides[bad]}`);
  if ((storage.pointer() + offset * from) % to !== 0) {
    throw new Error(`self must begin at a multiple of ${to} bytes in memory to ${words}; clone() it before`);
  }
  const newSizes = withDim(sizes, last, (sizes[last] as number) * ratio);
  return new Tensor(storage, offset * ratio, newSizes, newStrides, dtype, isContiguous(newSizes, newStrides));
}

/** Another shape of a fresh copy that nothing else refers to, and which therefore need not count as a view of it. */
export const unsafeView: FunctionOp<(input: Tensor, shape: readonly number[]) => Tensor> = op({
  name: "unsafeView",
  variants: "function",
  params: { input: tensor, shape: spreadInts },
  forward: ({ input, shape }) => input.viewOf([...shape], contiguousStrides(shape), input.offset),
  derivative: { input: (grad, { input }) => grad.reshape(input.sizes) },
});
