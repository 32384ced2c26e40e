/** Views that have no public function of their own: the parts from which indexing and shape operations are made. */
import { int, optional, spreadInts, tensor } from "../arguments/params.js";
import { clampBound, contiguousStrides, withDim, wrapDim } from "../core/shape.js";
import type { Tensor } from "../core/tensor.js";
import { op } from "./define.js";
import type { FunctionOp } from "./types.js";

/** The same elements in the same shape, as a view. */
export const alias: FunctionOp<(input: Tensor) => Tensor> = op({
  name: "alias",
  variants: "function",
  params: { input: tensor },
  view: true,
  forward: ({ input }) => input.viewOf(input.sizes, input.strides, input.offset),
  derivative: { input: (grad) => grad },
});

/** Elements `start`, `start + step`, … before `end` along a dim; bounds are clamped as in Python. */
export const slice: FunctionOp<(input: Tensor, dim: number, start?: number, end?: number, step?: number) => Tensor> = op({
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
      withDim(input.strides, d, stride * step),
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

/** Another shape of a fresh copy that nothing else refers to, and which therefore need not count as a view of it. */
export const unsafeView: FunctionOp<(input: Tensor, shape: readonly number[]) => Tensor> = op({
  name: "unsafeView",
  variants: "function",
  params: { input: tensor, shape: spreadInts },
  forward: ({ input, shape }) => input.viewOf([...shape], contiguousStrides(shape), input.offset),
  derivative: { input: (grad, { input }) => grad.reshape(input.sizes) },
});
