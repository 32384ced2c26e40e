/** Many numbers become one: sums, means, products, truth. */
import {
  dims as dimsParam,
  dtype as dtypeParam,
  flag,
  int,
  keyword,
  nullable,
  optional,
  tensor,
} from "../../arguments/params.js";
import { bool, type DType, elementTypeName, int64, uint8 } from "../../core/dtype.js";
import { floatingType } from "../../core/promotion.js";
import { numelOf } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { checkCast } from "../copyInto.js";
import { op } from "../define.js";
import { cast } from "../pointwise/pointwise.js";
import { cat } from "../shape/joining.js";
import type { Args, Dims, Op, Out } from "../types.js";
import {
  computeDtype,
  dim,
  over,
  type ReductionOp,
  reduced,
  reducedDims,
  restoreDims,
  resultDtype,
  summing,
} from "./reducing.js";

/** The dtype of a sum: that of the input, int64 for whole numbers and bools; of `out` where there is one. */
function sumType(input: Tensor, dtype: DType | undefined, out: Tensor | undefined): DType {
  return resultDtype(dtype, out, input.dtype.isDifferentiable ? input.dtype : int64);
}

/** The input as the sum kernel takes it: converted first only where the kernel does not do so itself. */
function sumOperand(input: Tensor, dtype: DType): Tensor {
  return dtype === int64 && !input.dtype.isDifferentiable ? input : cast(input, dtype);
}

function summed(
  kernel: "sum" | "nansum" | "prod",
  input: Tensor,
  dims: readonly number[],
  keepdim: boolean,
  dtype: DType,
): Tensor {
  if (dtype.isDifferentiable || dtype === int64) return reduced(kernel, sumOperand(input, dtype), dims, keepdim, dtype);
  return cast(reduced(kernel, cast(input, dtype), dims, keepdim, int64), dtype);
}

/**
 * The sum of all elements, or over dims.
 *
 * @param dim one dim or several; all by default.
 * @example torch.ones(2, 3).sum(1) // tensor([3., 3.])
 * @see https://pytorch.org/docs/stable/generated/torch.sum.html
 */
export const sum: ReductionOp<{ dtype?: DType } & Out> = op({
  name: "sum",
  params: summing,
  out: "cast",
  overlap: "any",
  forward: ({ input, dim: given, keepdim, dtype }, out) => {
    const target = sumType(input, dtype, out);
    return summed("sum", input, reducedDims(input, given), keepdim, target);
  },
  overload: ({ dim: given }) => (given ? 1 : 0),
  derivative: {
    input: (grad, { input, dim: given, keepdim }) =>
      restoreDims(grad, input.sizes.length, reducedDims(input, given), keepdim).expand(input.sizes),
  },
});

/** As `sum`, with NaN counted as 0. */
export const nansum: ReductionOp<{ dtype?: DType } & Out> = op({
  name: "nansum",
  params: summing,
  out: "cast",
  overlap: "any",
  forward: ({ input, dim: given, keepdim, dtype }, out) => {
    if (input.dtype.isComplex) throw new TypeError("nansum does not support complex inputs");
    if (out !== undefined && input.dtype.isFloatingPoint) checkCast(input.dtype, out.dtype);
    const target = sumType(input, dtype, out);
    return summed(target.isFloatingPoint ? "nansum" : "sum", input, reducedDims(input, given), keepdim, target);
  },
  saves: ["input"],
  derivative: {
    input: (grad, { input, dim: given, keepdim }) =>
      restoreDims(grad, input.sizes.length, reducedDims(input, given), keepdim)
        .expand(input.sizes)
        .maskedFill(input.isnan(), 0),
  },
});

/**
 * The mean of all elements, or over dims.
 *
 * @throws TypeError for a dtype that is not floating.
 * @see https://pytorch.org/docs/stable/generated/torch.mean.html
 */
export const mean: ReductionOp<{ dtype?: DType } & Out> = op({
  name: "mean",
  params: summing,
  out: "cast",
  overlap: "any",
  forward: ({ input, dim: given, keepdim, dtype }, out) => {
    if (!(dtype ?? input.dtype).isDifferentiable) {
      throw new TypeError(
        `mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: ${input.dtype}`,
      );
    }
    const target = computeDtype(dtype, out, input.dtype);
    return reduced("mean", cast(input, target), reducedDims(input, given), keepdim, target);
  },
  overload: ({ dim: given }) => (given ? 1 : 0),
  derivative: {
    input: (grad, { input, dim: given, keepdim }) => {
      const dims = reducedDims(input, given);
      const count = numelOf(dims.map((d) => input.sizes[d] as number));
      return restoreDims(grad, input.sizes.length, dims, keepdim).div(count).expand(input.sizes);
    },
  },
});

/** As `mean`, without the NaNs. */
export const nanmean: ReductionOp<{ dtype?: DType } & Out> = op({
  name: "nanmean",
  params: summing,
  out: "cast",
  overlap: "any",
  composite: ({ input, dim: given, keepdim, dtype }) => {
    if (!input.dtype.isFloatingPoint)
      throw new TypeError(`nanmean(): expected input to have floating point dtype but got ${input.dtype}`);
    const count = input.isnan().logicalNot().sum(given, { keepdim });
    return nansum(input, given, { keepdim, dtype }).div(count);
  },
});

/** Whether any or all are not 0; uint8 stays uint8, as in PyTorch. */
function truth(name: "any" | "all"): ReductionOp<Out> {
  return op({
    name,
    params: over,
    out: "cast",
    overlap: "any",
    forward: ({ input, dim: given, keepdim }, out) => {
      const dtype = out?.dtype ?? (input.dtype === uint8 ? uint8 : bool);
      if (dtype !== bool && dtype !== uint8) {
        throw new TypeError(
          `Expected out tensor to have dtype bool or unsigned char, but got ${elementTypeName(dtype)} instead`,
        );
      }
      return cast(reduced(name, input, reducedDims(input, given), keepdim, bool), dtype);
    },
  });
}

/** Whether any element is not 0, of all or over dims. */
export const any: ReductionOp<Out> = truth("any");
/** Whether all elements are not 0, of all or over dims. */
export const all: ReductionOp<Out> = truth("all");

/** How many elements are not 0, of all or over dims. */
export const countNonzero: Op<(input: Tensor, ...args: Args<[dim?: Dims | null], ["dim"]>) => Tensor> = op({
  name: "countNonzero",
  params: { input: tensor, dim },
  forward: ({ input, dim: given }) => reduced("countNonzero", input, reducedDims(input, given), false, int64),
});

/**
 * The product of all elements, or along one dim.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.prod.html
 */
export const prod: Op<
  (input: Tensor, ...args: Args<[dim?: number | null], ["dim"], { keepdim?: boolean; dtype?: DType } & Out>) => Tensor
> = op({
  name: "prod",
  params: { input: tensor, dim: optional(nullable(int)), keepdim: flag, dtype: keyword(optional(dtypeParam)) },
  out: "cast",
  overlap: "any",
  forward: ({ input, dim: given, keepdim, dtype }, out) =>
    summed("prod", input, oneDim(input, given), keepdim, sumType(input, dtype, out)),
  saves: ["input"],
  overload: ({ dim: given }) => (given === undefined || given === null ? 0 : 1),
  derivative: {
    input: (grad, { input, dim: given, keepdim }) => {
      const dims = oneDim(input, given);
      const flat = given === undefined || given === null;
      const [x, d] = flat ? [input.reshape(-1), 0] : [input, dims[0] ?? 0];
      const outer = flat ? grad : restoreDims(grad, input.sizes.length, dims, keepdim);
      return outer.mul(productOfOthers(x, d)).reshape(input.sizes);
    },
  },
});

function oneDim(input: { readonly sizes: readonly number[] }, given: number | null | undefined): number[] {
  return reducedDims(input, given === undefined || given === null ? null : [given]);
}

/** For each element the product of all others along a dim, right also where some are 0. */
function productOfOthers(input: Tensor, dim: number): Tensor {
  const size = input.sizes.length ? (input.sizes[dim] as number) : 1;
  if (input.sizes.length === 0 || size <= 1) return input.newOnes(input.sizes);
  const before = input.narrow(dim, 0, size - 1).cumprod(dim);
  const after = input
    .flip(dim)
    .narrow(dim, 0, size - 1)
    .cumprod(dim)
    .flip(dim);
  const one = input.newOnes(input.sizes.map((n, d) => (d === dim ? 1 : n)));
  return cat([one, before], dim).mul(cat([after, one], dim));
}

/**
 * log(sum(exp(x))) over dims, without overflow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.logsumexp.html
 */
export const logsumexp: Op<(input: Tensor, dim: Dims, options?: { keepdim?: boolean } & Out) => Tensor> = op({
  name: "logsumexp",
  params: { input: tensor, dim: dimsParam, keepdim: flag },
  out: "cast",
  overlap: "any",
  forward: ({ input, dim: given, keepdim }, out) => {
    const dtype = computeDtype(undefined, out, floatingType(input.dtype));
    return reduced("logsumexp", cast(input, dtype), reducedDims(input, given), keepdim, dtype);
  },
  saves: ["input", "result"],
  derivative: {
    input: (grad, { input, result, dim: given, keepdim }) => {
      const restored = (x: Tensor) => restoreDims(x, input.sizes.length, reducedDims(input, given), keepdim);
      return restored(grad).mul(input.sub(restored(result)).exp());
    },
  },
});
