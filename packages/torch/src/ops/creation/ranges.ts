/**
 * Tensors made by a rule: `linspace`, `logspace`, `eye`; and tensors of a given layout.
 *
 * Source: https://pytorch.org/docs/stable/torch.html#creation-ops
 */
import {
  int,
  ints,
  number,
  type Operand,
  operand,
  optional,
  scalar,
  tensor as tensorParam,
} from "../../arguments/params.js";
import { copy, fill } from "../../backend/cpu/elementwise.js";
import type { Scalar } from "../../backend/view.js";
import { type DType, float32, getDefaultDtype, newTypedArray } from "../../core/dtype.js";
import { checkSizes, extentOf, formatShape, type Shape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { Args, FunctionOp, MethodOp, TensorOptions } from "../types.js";
import { fromTypedArray } from "./creation.js";
import { common, dtypeFor, finish, type SizedOptions } from "./factory.js";

/** The numbers of `linspace`: counted from the start in the first half, and from the end in the second. */
function evenlySpaced(start: Operand, end: Operand, steps: number, dtype: DType): Float64Array {
  if (steps < 0) throw new RangeError(`number of steps must be non-negative, got ${steps}`);
  checkSizes([steps]);
  const round = dtype === float32 ? Math.fround : Number;
  const [from, to] = [round(endpoint(start)), round(endpoint(end))];
  const step = round((to - from) / (steps - 1));
  const half = steps === 1 ? 1 : Math.floor(steps / 2);
  const values = newTypedArray(Float64Array, steps);
  for (let i = 0; i < steps; i++) values[i] = round(i < half ? from + step * i : to - step * (steps - 1 - i));
  if (steps > 0) values[0] = from;
  return values;
}

function endpoint(value: Operand): number {
  if (!(value instanceof Tensor)) return Number(value);
  if (value.sizes.length > 0) {
    throw new Error(
      `linspace only supports 0-dimensional start and end tensors, but got one with ${value.sizes.length} dimension(s).`,
    );
  }
  return value.item();
}

function inDtype(values: Float64Array, dtype: DType): Tensor {
  const result = Tensor.empty([values.length], dtype);
  if (values.length > 0) copy(result, fromTypedArray(values));
  return result;
}

/**
 * The numbers from `start` to `end`, which is included, `step` apart; in the default dtype. `arange` leaves the end out.
 *
 * @throws RangeError if the step is 0 or leads away from the end.
 * @see https://pytorch.org/docs/stable/generated/torch.range.html
 */
export const range: FunctionOp<
  (start: Scalar, end: Scalar, ...args: Args<[step?: Scalar], ["step"], SizedOptions>) => Tensor
> = op({
  name: "range",
  variants: "function",
  params: { start: scalar, end: scalar, step: optional(scalar, 1), ...common },
  out: "cast",
  forward: ({ start, end, step, dtype: asked, requiresGrad }, out) => {
    const dtype = dtypeFor(asked, out, getDefaultDtype());
    const [from, to, by] = [Number(start), Number(end), Number(step)];
    if (!Number.isFinite(from) || !Number.isFinite(to)) throw new RangeError(`unsupported range: ${from} -> ${to}`);
    if (by === 0 || Number.isNaN(by)) throw new RangeError("step must be nonzero");
    if ((to - from) * by < 0) throw new RangeError("upper bound and lower bound inconsistent with step sign");
    const count = Math.floor((to - from) / by + 1);
    checkSizes([count]);
    const round = dtype.isFloatingPoint ? Number : Math.trunc;
    const values = newTypedArray(Float64Array, count);
    for (let i = 0; i < count; i++) values[i] = round(from) + i * round(by);
    return finish(inDtype(values, dtype), requiresGrad, out);
  },
});

/**
 * So many numbers from `start` to `end`, both included, evenly spaced; in the default dtype.
 *
 * @example torch.linspace(0, 1, 5) // [0, 0.25, 0.5, 0.75, 1]
 * @see https://pytorch.org/docs/stable/generated/torch.linspace.html
 */
export const linspace: FunctionOp<(start: Operand, end: Operand, steps: number, options?: SizedOptions) => Tensor> = op(
  {
    name: "linspace",
    variants: "function",
    params: { start: operand, end: operand, steps: int, ...common },
    out: "cast",
    forward: ({ start, end, steps, dtype: asked, requiresGrad }, out) => {
      const dtype = dtypeFor(asked, out, getDefaultDtype());
      return finish(inDtype(evenlySpaced(start, end, steps, dtype), dtype), requiresGrad, out);
    },
  },
);

/**
 * So many numbers from `base^start` to `base^end`, both included, whose logarithms are evenly spaced.
 *
 * @example torch.logspace(0, 2, 3) // [1, 10, 100]
 * @see https://pytorch.org/docs/stable/generated/torch.logspace.html
 */
export const logspace: FunctionOp<
  (start: Operand, end: Operand, steps: number, ...args: Args<[base?: number], ["base"], SizedOptions>) => Tensor
> = op({
  name: "logspace",
  variants: "function",
  params: { start: operand, end: operand, steps: int, base: optional(number, 10), ...common },
  out: "cast",
  forward: ({ start, end, steps, base, dtype: asked, requiresGrad }, out) => {
    const dtype = dtypeFor(asked, out, getDefaultDtype());
    const values = evenlySpaced(start, end, steps, dtype).map((exponent) => base ** exponent);
    return finish(inDtype(values, dtype), requiresGrad, out);
  },
});

/**
 * A matrix with ones on the diagonal and zeros elsewhere.
 *
 * @param m the number of columns; n by default.
 * @see https://pytorch.org/docs/stable/generated/torch.eye.html
 */
export const eye: FunctionOp<(n: number, ...args: Args<[m?: number], ["m"], SizedOptions>) => Tensor> = op({
  name: "eye",
  variants: "function",
  params: { n: int, m: optional(int), ...common },
  out: "cast",
  forward: ({ n, m = n, dtype: asked, requiresGrad }, out) => {
    const dtype = dtypeFor(asked, out, getDefaultDtype());
    if (n < 0) throw new RangeError(`n must be greater or equal to 0, got ${n}`);
    if (m < 0) throw new RangeError(`m must be greater or equal to 0, got ${m}`);
    checkSizes([n, m]);
    const result = Tensor.empty([n, m], dtype);
    fill(result, 0);
    fill(result.viewOf([Math.min(n, m)], [m + 1], 0), 1);
    return finish(result, requiresGrad, out);
  },
});

/** A tensor with undefined elements over memory that is just large enough for its strides. */
function withStrides(size: Shape, stride: Shape, dtype: DType): Tensor {
  checkSizes(size);
  if (size.length !== stride.length) {
    throw new Error(`dimensionality of sizes (${size.length}) must match dimensionality of strides (${stride.length})`);
  }
  if (stride.some((step) => step < 0)) throw new RangeError(`strides must not be negative, got ${formatShape(stride)}`);
  return Tensor.emptyStrided([...size], [...stride], dtype, extentOf(size, stride));
}

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

/** `emptyStrided` in the dtype of this tensor. */
export const newEmptyStrided: MethodOp<
  (input: Tensor, size: readonly number[], stride: readonly number[], options?: TensorOptions) => Tensor
> = op({
  name: "newEmptyStrided",
  variants: "method",
  params: { input: tensorParam, size: ints, stride: ints, ...common },
  composite: ({ input, size, stride, dtype, requiresGrad }) =>
    finish(withStrides(size, stride, dtype ?? input.dtype), requiresGrad),
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
