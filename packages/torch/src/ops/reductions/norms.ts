/** Norms. */
import { dtype as dtypeParam, flag, int, number, optional, type Param, tensor } from "../../arguments/params.js";
import { fill, reduceNorm } from "../../backend/kernels.js";
import type { DType } from "../../core/dtype.js";
import { wrapDim } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { cast } from "../pointwise/pointwise.js";
import type { Args, Dims, FunctionOp, Op, Out } from "../types.js";
import { normGradient } from "./normGradient.js";
import { computeDtype, dim, dropDims, keptShape, reducedDims, restoreDims } from "./reducing.js";

/** The order of a norm: a number, or `"fro"` for 2. */
export type NormOrder = number | "fro";

const order: Param<NormOrder> = {
  ...(number as Param<NormOrder>),
  expected: 'float or "fro"',
  read: (value) => (value === "fro" ? value : number.read(value)),
};

/**
 * The p-norm, (sum |x|^p)^(1/p), of all elements or over dims.
 *
 * @param p 2 by default; may be 0, Infinity or -Infinity.
 * @see https://pytorch.org/docs/stable/generated/torch.norm.html
 */
export const norm: Op<
  (
    input: Tensor,
    ...args: Args<[p?: NormOrder | null, dim?: Dims | null], ["p", "dim"], { keepdim?: boolean; dtype?: DType } & Out>
  ) => Tensor
> = op({
  name: "norm",
  params: { input: tensor, p: optional(order, 2), dim, keepdim: flag, dtype: optional(dtypeParam) },
  out: "cast",
  overlap: "any",
  nodeName: "LinalgVectorNormBackward0",
  forward: ({ input, p, dim: given, keepdim, dtype }, out) => {
    const asked = dtype ?? input.dtype;
    if (!asked.isDifferentiable) {
      throw new TypeError(`linalg.vector_norm: Expected a floating point or complex tensor as input. Got ${asked}`);
    }
    const target = computeDtype(dtype?.toReal(), out, input.dtype.toReal());
    const own = input.dtype.isComplex || asked.isComplex ? target.toComplex() : target;
    const dims = reducedDims(input, given);
    const result = Tensor.empty(keptShape(input.sizes, dims), target);
    // The sum over no element is 0, and so is its norm, of negative orders too.
    if (input.numel() === 0) fill(result, 0);
    else reduceNorm(result, cast(input, own), dims, orderOf(p));
    return dropDims(result, dims, keepdim);
  },
  saves: ["input", "result"],
  derivative: {
    input: (grad, { input, result, p, dim: given, keepdim }) => {
      const restored = (x: Tensor) => restoreDims(x, input.sizes.length, reducedDims(input, given), keepdim);
      return normGradient(restored(grad), input, restored(result), orderOf(p));
    },
  },
});

/**
 * The p-norm of each slice along a dim, over all others, which stay with size 1; of all elements for a dim of -1.
 *
 * @example torch.normExceptDim(torch.ones(3, 4), 2, 0) // of shape [3, 1]
 */
export const normExceptDim: FunctionOp<
  (v: Tensor, ...args: Args<[pow?: number, dim?: number], ["pow", "dim"]>) => Tensor
> = op({
  name: "normExceptDim",
  variants: "function",
  params: { v: tensor, pow: optional(int, 2), dim: optional(int, 0) },
  composite: ({ v, pow, dim: kept }) => {
    if (kept === -1) return v.norm(pow);
    const place = wrapDim(kept, v.sizes.length);
    const others = v.sizes.flatMap((_, d) => (d === place ? [] : [d]));
    return others.length === 0 ? v.abs() : v.norm(pow, others, { keepdim: true });
  },
});

function orderOf(p: NormOrder): number {
  return p === "fro" ? 2 : p;
}
