/**
 * `torch.masked`: operations that leave out the elements that a mask hides.
 *
 * Of a slice whose elements are all masked out a reduction gives the value that it begins with, or NaN where there is none.
 * Gradients of elements that are masked out are 0.
 *
 * Source: https://pytorch.org/docs/stable/masked.html
 */
import { flag, int, keyword, number, optional, tensor, type ValuesOf } from "../../arguments/params.js";
import { type DType, float32, int64 } from "../../core/dtype.js";
import type { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { ones } from "../creation/filled.js";
import { type Definition, op } from "../define.js";
import { vectorNorm } from "../linalg/norms.js";
import type { AnyFunction, Args, Dims, FunctionOp } from "../types.js";
import {
  along,
  canonicalDim,
  canonicalDims,
  combined,
  inputMask,
  type MaskedAlong,
  type MaskedReduction,
  type MaskOptions,
  masking,
  ofMaximum,
  ofMinimum,
  ofProduct,
  ofSum,
  reducing,
} from "./masking.js";

/** An operation of this namespace: a function that is made of others. Its name may be that of one without a mask. */
function maskedOp<const P>(
  definition: Pick<Definition<P>, "name" | "params" | "composite" | "differentiable">,
): FunctionOp<AnyFunction> {
  return op({ ...definition, id: `masked.${definition.name}`, variants: "function" });
}

/** Sums and products of small integers are int64. */
function accumulated(dtype: DType): DType {
  return dtype.isDifferentiable ? dtype : int64;
}

/**
 * The sum of the elements that the mask shows; 0 where it shows none.
 *
 * @example
 * torch.masked.sum(torch.tensor([[1, 2], [3, 4]]), 1, { mask: torch.tensor([[true, false], [false, false]]) })
 * // tensor([1., 0.])
 * @see https://pytorch.org/docs/stable/generated/torch.masked.sum.html
 */
export const sum: MaskedReduction = maskedOp({
  name: "sum",
  params: reducing,
  composite: ({ input, dim, keepdim, dtype, mask }) =>
    combined(input, mask, ofSum).sum(canonicalDims(dim, input.ndim), {
      keepdim,
      dtype: dtype ?? accumulated(input.dtype),
    }),
});

/** The product of the elements that the mask shows; 1 where it shows none. */
export const prod: MaskedReduction = maskedOp({
  name: "prod",
  params: reducing,
  composite: ({ input, dim, keepdim, dtype, mask }) => {
    const start = combined(input, mask, ofProduct).to(dtype ?? accumulated(input.dtype));
    const dims = canonicalDims(dim, input.ndim);
    return dims.reduceRight((result, d) => result.prod(d, { keepdim }), start);
  },
});

/** Sums of the elements up to each along a dim, where what is masked out counts 0. */
export const cumsum: MaskedAlong = maskedOp({
  name: "cumsum",
  params: along,
  composite: ({ input, dim, dtype = input.dtype, mask }) =>
    combined(input, mask, ofSum).cumsum(canonicalDim(dim, input.ndim), { dtype }),
});

/** Products of the elements up to each along a dim, where what is masked out counts 1. */
export const cumprod: MaskedAlong = maskedOp({
  name: "cumprod",
  params: along,
  composite: ({ input, dim, dtype = input.dtype, mask }) =>
    combined(input, mask, ofProduct).cumprod(canonicalDim(dim, input.ndim), { dtype }),
});

function extreme(name: "amax" | "amin", identity: (dtype: DType) => Scalar): MaskedReduction {
  return maskedOp({
    name,
    params: reducing,
    composite: ({ input, dim, keepdim, dtype = input.dtype, mask }) =>
      combined(input, mask, identity)[name](canonicalDims(dim, input.ndim), { keepdim }).to(dtype),
  });
}

/** The largest of the elements that the mask shows; the least number of the dtype where it shows none. */
export const amax: MaskedReduction = extreme("amax", ofMaximum("amax"));
/** The least of the elements that the mask shows; the largest number of the dtype where it shows none. */
export const amin: MaskedReduction = extreme("amin", ofMinimum("amin"));

type ArgReduction = FunctionOp<
  (input: Tensor, ...args: Args<[dim?: number | null], ["dim"], { keepdim?: boolean } & MaskOptions>) => Tensor
>;

function argExtreme(name: "argmax" | "argmin", identity: (dtype: DType) => Scalar): ArgReduction {
  return maskedOp({
    name,
    params: { ...reducing, dim: optional(int) },
    differentiable: false,
    composite: ({ input, dim, keepdim, dtype = input.dtype, mask }) =>
      combined(input, mask, identity)[name](dim, { keepdim }).to(dtype),
  });
}

/** Where the largest of the elements is that the mask shows, along a dim or in the flattened tensor, in the input's dtype. */
export const argmax: ArgReduction = argExtreme("argmax", ofMaximum("argmax"));
/** Where the least of the elements is that the mask shows, along a dim or in the flattened tensor, in the input's dtype. */
export const argmin: ArgReduction = argExtreme("argmin", ofMinimum("argmin"));

/** How many elements a mask shows over dims. */
function counted(input: Tensor, dims: readonly number[], keepdim: boolean, mask: Tensor | undefined): Tensor {
  const each = mask === undefined ? ones(input.sizes, { dtype: int64, device: input.device }) : inputMask(input, mask);
  return each.sum(dims, { keepdim, dtype: int64 });
}

/** The mean of the elements that the mask shows; NaN where it shows none. */
export const mean: MaskedReduction = maskedOp({
  name: "mean",
  params: reducing,
  composite: ({ input, dim, keepdim, dtype = input.dtype, mask }) => {
    const dims = canonicalDims(dim, input.ndim);
    const total = combined(input, mask, ofSum).sum(dims, { keepdim, dtype });
    return total.div(counted(input, dims, keepdim, mask));
  },
});

/**
 * The median of the elements that the mask shows along a dim: the lower one of two. NaN where it shows none.
 *
 * @throws Error where it shows none of integers.
 */
export const median: FunctionOp<
  (input: Tensor, ...args: Args<[dim?: number], ["dim"], { keepdim?: boolean } & MaskOptions>) => Tensor
> = maskedOp({
  name: "median",
  params: { ...reducing, dim: optional(int, -1) },
  composite: ({ input, dim, keepdim, dtype = input.dtype, mask }) => {
    const isFloat = input.dtype.isFloatingPoint;
    const d = canonicalDim(dim, input.ndim);
    const { values } = combined(isFloat ? input : input.to(float32), mask, () => NaN).nanmedian(d, { keepdim });
    if (isFloat) return values;
    if (!input.isMeta && values.isnan().any().item()) {
      throw new Error("masked median expects no fully masked out rows if dtype is not floating point");
    }
    return values.to(dtype);
  },
});

/** The logarithm of the sum of exponentials of the elements that the mask shows; -Infinity where it shows none. */
export const logsumexp: MaskedReduction = maskedOp({
  name: "logsumexp",
  params: reducing,
  composite: ({ input, dim, keepdim, dtype = input.dtype, mask }) =>
    combined(input, mask, ofMaximum("logsumexp")).logsumexp(canonicalDims(dim, input.ndim), { keepdim }).to(dtype),
});

/** `torch.logaddexp` of two tensors, each with a mask of its own; what is masked out counts -Infinity. */
export const logaddexp: FunctionOp<
  (
    input: Tensor,
    other: Tensor,
    options?: { dtype?: DType; inputMask?: Tensor | null; otherMask?: Tensor | null },
  ) => Tensor
> = maskedOp({
  name: "logaddexp",
  params: {
    input: tensor,
    other: tensor,
    dtype: masking.dtype,
    inputMask: keyword(optional(tensor)),
    otherMask: keyword(optional(tensor)),
  },
  composite: ({ input, other, dtype = input.dtype, inputMask: first, otherMask: second }) => {
    const identity = ofMaximum("logsumexp");
    return combined(input, first, identity)
      .logaddexp(combined(other, second, identity))
      .to(dtype);
  },
});

/** The norm of an order of the elements that the mask shows; 0 where it shows none, Infinity for the order -Infinity. */
export const norm: FunctionOp<
  (
    input: Tensor,
    ...args: Args<[ord?: number, dim?: Dims | null], ["ord", "dim"], { keepdim?: boolean } & MaskOptions>
  ) => Tensor
> = maskedOp({
  name: "norm",
  params: { input: tensor, ord: optional(number, 2), dim: reducing.dim, keepdim: flag, ...masking },
  composite: ({ input, ord, dim, keepdim, dtype = input.dtype, mask }) =>
    vectorNorm(
      combined(input, mask, () => (ord === -Infinity ? Infinity : 0)),
      ord,
      canonicalDims(dim, input.ndim),
      { keepdim, dtype },
    ),
});

function floating(dtype: DType): DType {
  return dtype.isDifferentiable ? dtype : float32;
}

type Unbiased = { unbiased?: boolean };

const spread = { input: tensor, dim: reducing.dim, unbiased: flag, keepdim: flag, ...masking };

/** @returns the variance of the elements that the mask shows. */
function variance({ input, dim, unbiased, keepdim, dtype: asked, mask }: ValuesOf<typeof spread>): Tensor {
  const dims = canonicalDims(dim, input.ndim);
  const dtype = asked ?? floating(input.dtype);
  const computed = floating(dtype);
  const count = counted(input, dims, true, mask);
  const average = combined(input, mask, ofSum).sum(dims, { keepdim: true, dtype }).div(count);
  const distance = input.sub(average);
  const total = combined(distance.mul(distance.conj()), mask, ofSum).sum(dims, { keepdim, dtype: computed });
  const divisor = unbiased ? count.sub(1).clampMin(0) : count;
  return total.div(divisor.reshape(total.sizes)).to(dtype);
}

/** The variance of the elements that the mask shows; NaN where it shows none. */
export const var_: MaskedReduction<Unbiased> = maskedOp({
  name: "var",
  params: spread,
  composite: variance,
});

/** The standard deviation of the elements that the mask shows; NaN where it shows none. */
export const std: MaskedReduction<Unbiased> = maskedOp({
  name: "std",
  params: spread,
  composite: (args) => variance(args).sqrt(),
});

/** The probabilities of the elements that the mask shows along a dim: 0 for the others, NaN where it shows none. */
export const softmax: MaskedAlong = maskedOp({
  name: "softmax",
  params: along,
  composite: ({ input, dim, dtype = input.dtype, mask }) =>
    combined(input, mask, ofMaximum("amax")).softmax(canonicalDim(dim, input.ndim), { dtype }),
});

/** The logarithm of `softmax`: -Infinity for elements that are masked out. */
export const logSoftmax: MaskedAlong = maskedOp({
  name: "logSoftmax",
  params: along,
  composite: ({ input, dim, dtype = input.dtype, mask }) =>
    combined(input, mask, ofMaximum("amax")).logSoftmax(canonicalDim(dim, input.ndim), { dtype }),
});

/** `softmax` of the negative of the input. */
export const softmin: MaskedAlong = maskedOp({
  name: "softmin",
  params: along,
  composite: ({ input, dim, dtype = input.dtype, mask }) =>
    combined(input, mask, ofMinimum("amin")).neg().softmax(canonicalDim(dim, input.ndim), { dtype }),
});

/**
 * The elements that the mask shows, divided by their norm along a dim; 0 for the others.
 *
 * @param options.eps the least that is divided by.
 */
export const normalize: FunctionOp<
  (input: Tensor, ord: number, dim: number, options?: { eps?: number } & MaskOptions) => Tensor
> = maskedOp({
  name: "normalize",
  params: {
    input: tensor,
    ord: number,
    dim: int,
    eps: keyword(optional(number, 1e-12)),
    ...masking,
  },
  composite: ({ input, ord, dim, eps, dtype, mask }) => {
    const length = norm(input, ord, canonicalDim(dim, input.ndim), { keepdim: true, dtype, mask });
    return combined(input, mask, ofSum).div(length.maximum(length.newFull([], eps)));
  },
});
