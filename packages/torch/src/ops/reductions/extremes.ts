/** The largest and the smallest: of all elements, over dims, with their places. */
import { flag, int, keyword, nullable, optional, type Param, requiredFlag, tensor } from "../../arguments/params.js";
import { argReduce, reduceWithIndex } from "../../backend/kernels.js";
import { int64 } from "../../core/dtype.js";
import { wrapDim } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { type Named, named, op } from "../define.js";
import type { Args, FunctionOp, Op, Out, OverloadedOp } from "../types.js";
import {
  dropDims,
  keptShape,
  over,
  picked,
  type ReductionOp,
  reduced,
  reducedDims,
  restoreDims,
  scatterBack,
  shareEvenly,
  type ValuesAndIndices,
} from "./reducing.js";

type Out2 = { out?: readonly [Tensor, Tensor] };

/** Throws where an extreme of no elements is asked for, over dims that were given or all of them. */
function checkNotEmpty(name: string, input: Tensor, given: readonly number[] | null | undefined): void {
  if (input.numel() > 0) return;
  if (!given?.length) {
    throw new RangeError(
      `${name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
    );
  }
  const empty = given.find((d) => input.sizes.at(d) === 0);
  if (empty !== undefined) {
    throw new RangeError(`${name}(): Expected reduction dim ${empty} to have non-zero size.`);
  }
}

/** The largest or smallest value; where several are equal the gradient is shared among them. */
function extreme(name: "amax" | "amin"): ReductionOp<Out> {
  return op({
    name,
    params: over,
    out: true,
    overlap: "any",
    forward: ({ input, dim: given, keepdim }) => {
      const dims = reducedDims(input, given);
      checkNotEmpty(name, input, given);
      return reduced(name, input, dims, keepdim, input.dtype);
    },
    saves: ["input", "result"],
    derivative: {
      input: (grad, { input, result, dim: given, keepdim }) => {
        const dims = reducedDims(input, given);
        const restored = (tensor: Tensor) => restoreDims(tensor, input.sizes.length, dims, keepdim);
        const mask = input.eq(restored(result));
        // NaN equals nothing, and the gradient then is NaN.
        return restored(grad)
          .maskedFill(mask.logicalNot(), 0)
          .div(mask.sum(dims.length ? dims : null, { keepdim: true }));
      },
    },
  });
}

/**
 * The largest value, of all or over dims.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.amax.html
 */
export const amax: ReductionOp<Out> = extreme("amax");
/** The smallest value, of all or over dims. */
export const amin: ReductionOp<Out> = extreme("amin");

/** The smallest and the largest value at once. */
export const aminmax: Op<
  (input: Tensor, options?: { dim?: number; keepdim?: boolean } & Out2) => Named<{ min: Tensor; max: Tensor }>
> = op({
  name: "aminmax",
  params: { input: tensor, dim: keyword(optional(int)), keepdim: flag },
  out: 2,
  composite: ({ input, dim: given, keepdim }) => {
    const dims = given === undefined ? undefined : [given];
    if (reducedDims(input, dims ?? []).some((d) => input.sizes[d] === 0)) {
      throw new RangeError(
        "aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.",
      );
    }
    return named({ min: amin(input, dims, { keepdim }), max: amax(input, dims, { keepdim }) });
  },
});

/** The largest or smallest of all elements; equal ones share the gradient. */
function extremeOfAll(name: "max" | "min"): FunctionOp<(input: Tensor) => Tensor> {
  return op({
    name,
    id: `${name}.all`,
    variants: "function",
    params: { input: tensor },
    overload: () => 1,
    forward: ({ input }) => {
      const dims = input.sizes.map((_, d) => d);
      checkNotEmpty(name, input, undefined);
      return reduced(name === "max" ? "amax" : "amin", input, dims, false, input.dtype);
    },
    saves: ["input", "result"],
    derivative: {
      input: (grad, { input, result }) => shareEvenly(grad, input, result),
    },
  });
}

/** The extreme along one dim, and its place. */
function extremeAlong(
  name: "max" | "min",
): FunctionOp<(input: Tensor, dim: number, keepdim: boolean) => ValuesAndIndices> {
  return op({
    name,
    id: `${name}.dim`,
    variants: "function",
    params: { input: tensor, dim: int, keepdim: requiredFlag },
    forward: ({ input, dim: given, keepdim }) => {
      const d = wrapDim(given, input.sizes.length);
      if (input.sizes[d] === 0) throw new RangeError(`${name}(): Expected reduction dim ${d} to have non-zero size.`);
      return picked(input, d, keepdim, (values, indices) => reduceWithIndex(name, values, indices, input, d));
    },
    saves: ["results"],
    derivative: {
      input: (grad, { input, results, dim: given, keepdim }) =>
        scatterBack(grad, results[1] as Tensor, input.sizes, given, keepdim),
    },
  });
}

/** `max` and `min` of all elements, along a dim, or of two tensors. */
interface ExtremeFunction {
  (input: Tensor, options?: Out): Tensor;
  (input: Tensor, dim: number, options?: { keepdim?: boolean } & Out2): ValuesAndIndices;
  (input: Tensor, options: { dim: number; keepdim?: boolean } & Out2): ValuesAndIndices;
  (input: Tensor, other: Tensor, options?: Out): Tensor;
}

interface ExtremeMethod {
  (): Tensor;
  (dim: number, options?: { keepdim?: boolean }): ValuesAndIndices;
  (options: { dim: number; keepdim?: boolean }): ValuesAndIndices;
  (other: Tensor): Tensor;
}

const dimOrTensor: Param<number | Tensor> = {
  ...(int as Param<number | Tensor>),
  expected: "int or Tensor",
  holds: "tensor",
  read: (value) => (value instanceof Tensor ? value : int.read(value)),
};

function extremeOp(name: "max" | "min"): OverloadedOp<ExtremeFunction, ExtremeMethod> {
  const ofAll = extremeOfAll(name);
  const alongDim = extremeAlong(name);
  return op({
    name,
    params: { input: tensor, dim: optional(dimOrTensor), keepdim: flag },
    out: "any",
    composite: ({ input, dim: given, keepdim }) => {
      if (given === undefined) return ofAll(input);
      if (given instanceof Tensor) return name === "max" ? input.maximum(given) : input.minimum(given);
      return alongDim(input, given, keepdim);
    },
  });
}

/**
 * The largest of all elements; with a dim, the largest along it and its index; with a tensor, the larger of
 * each pair.
 *
 * @example const { values, indices } = x.max(1);
 * @see https://pytorch.org/docs/stable/generated/torch.max.html
 */
export const max: OverloadedOp<ExtremeFunction, ExtremeMethod> = extremeOp("max");

/**
 * The smallest of all elements; with a dim, the smallest along it and its index; with a tensor, the smaller of
 * each pair.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.min.html
 */
export const min: OverloadedOp<ExtremeFunction, ExtremeMethod> = extremeOp("min");

type ArgReduction = Op<
  (input: Tensor, ...args: Args<[dim?: number | null], ["dim"], { keepdim?: boolean } & Out>) => Tensor
>;

function argExtreme(name: "argmax" | "argmin"): ArgReduction {
  return op({
    name,
    params: { input: tensor, dim: optional(nullable(int)), keepdim: flag },
    out: true,
    overlap: "any",
    forward: ({ input, dim: given, keepdim }) => {
      const d = given === undefined || given === null ? undefined : wrapDim(given, input.sizes.length);
      if (d === undefined ? input.numel() === 0 : input.sizes[d] === 0) {
        throw new RangeError(
          `${name}(): Expected reduction dim ${d === undefined ? "to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument" : `${d} to have non-zero size`}.`,
        );
      }
      const dims = d === undefined || input.sizes.length === 0 ? input.sizes.map((_, i) => i) : [d];
      const result = Tensor.empty(keptShape(input.sizes, dims), int64);
      argReduce(name, result, input, input.sizes.length === 0 ? undefined : d);
      return dropDims(result, dims, keepdim);
    },
  });
}

/**
 * The index of the largest element: along a dim, or in the flat tensor.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.argmax.html
 */
export const argmax: ArgReduction = argExtreme("argmax");
/** The index of the smallest element: along a dim, or in the flat tensor. */
export const argmin: ArgReduction = argExtreme("argmin");
