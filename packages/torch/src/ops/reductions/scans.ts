/** Scans: what came of all elements so far along a dim. */

import { dtype as dtypeParam, int, keyword, optional, tensor } from "../../arguments/params.js";
import { isGradEnabled } from "../../autograd/modes.js";
import { type ScanOp, scan, scanWithIndex } from "../../backend/kernels.js";
import { bool, type DType, int64, largestOf, scalarTypeName } from "../../core/dtype.js";
import { wrapDim } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { named, op } from "../define.js";
import { holdsAnywhere } from "../numbers.js";
import { cast } from "../pointwise/pointwise.js";
import { real } from "../shape/complexViews.js";
import { cat, stack } from "../shape/joining.js";
import type { FunctionOp, InplaceOp, Op, Out } from "../types.js";
import { resultDtype, type ValuesAndIndices } from "./reducing.js";

type Scan = InplaceOp<(input: Tensor, dim: number, options?: { dtype?: DType } & Out) => Tensor>;

const along = { input: tensor, dim: int };
const accumulating = { ...along, dtype: keyword(optional(dtypeParam)) };

/** Sums and products of whole numbers are int64 unless another dtype is asked for. */
function scanned(
  kernel: ScanOp,
  input: Tensor,
  dim: number,
  dtype: DType | undefined,
  out: Tensor | undefined,
): Tensor {
  const d = wrapDim(dim, input.sizes.length);
  const target = resultDtype(dtype, out, input.dtype.isDifferentiable ? input.dtype : int64);
  if (target === bool) throw new TypeError(`"${kernel}_out_cpu" not implemented for 'Bool'`);
  const source = target.isDifferentiable || input.dtype.isDifferentiable ? cast(input, target) : input;
  const result = Tensor.empty(input.sizes, target.isDifferentiable ? target : int64);
  scan(kernel, result, source, d);
  return cast(result, target);
}

/** Throws if the computation is to be in another dtype than the tensor that it changes. */
function checkInplace(input: Tensor, out: Tensor | undefined, dtype: DType | undefined): void {
  if (out !== input || dtype === undefined || dtype === input.dtype) return;
  throw new TypeError(
    `Bad in-place call: input tensor dtype ${input.dtype} and output tensor dtype ${dtype} should match`,
  );
}

/** The sum of each element and all that follow it. */
function sumFromHere(input: Tensor, dim: number): Tensor {
  return input.sizes.length === 0 ? input : input.flip(dim).cumsum(dim).flip(dim);
}

/**
 * The sum of all elements so far along a dim.
 *
 * @example torch.tensor([1, 2, 3]).cumsum(0) // tensor([1., 3., 6.])
 * @see https://pytorch.org/docs/stable/generated/torch.cumsum.html
 */
export const cumsum: Scan = op({
  name: "cumsum",
  variants: "function, method, inplace",
  params: accumulating,
  out: "cast",
  forward: ({ input, dim, dtype }, out) => {
    checkInplace(input, out, dtype);
    return scanned("cumsum", input, dim, dtype, out);
  },
  derivative: { input: (grad, { dim }) => sumFromHere(grad, dim) },
});

/**
 * The product of all elements so far along a dim.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.cumprod.html
 */
export const cumprod: Scan = op({
  name: "cumprod",
  variants: "function, method, inplace",
  params: accumulating,
  out: "cast",
  forward: ({ input, dim, dtype }, out) => {
    checkInplace(input, out, dtype);
    return scanned("cumprod", input, dim, dtype, out);
  },
  saves: ["input", "result"],
  derivative: {
    input: (grad, { input: given, result, dim }) => {
      // Of complex numbers that were made real the imaginary parts are not among the factors.
      const input = given.dtype.isComplex && !result.dtype.isComplex ? real(given) : given;
      if (input.sizes.length === 0) return grad;
      if (!holdsAnywhere(input.eq(0))) return sumFromHere(grad.mul(result), dim).div(input);
      return cumprodGradient(grad, input, wrapDim(dim, input.sizes.length));
    },
  },
});

/** The derivative without a division, so that elements may be 0: for each place, products that leave it out. */
function cumprodGradient(grad: Tensor, input: Tensor, dim: number): Tensor {
  const size = input.sizes[dim] as number;
  const places: Tensor[] = [];
  let before = input.newOnes(input.select(dim, 0).sizes).unsqueeze(dim);
  for (let i = 0; i < size; i++) {
    const rest = input.narrow(dim, i + 1, size - i - 1).cumprod(dim);
    const others = cat([before, before.mul(rest)], dim);
    const products = grad.narrow(dim, i, size - i).mul(others);
    // A factor 0 ends also an infinite gradient; but the derivative of the product does not end there.
    places.push((isGradEnabled() ? products : products.maskedFill(others.eq(0), 0)).sum(dim));
    before = before.mul(input.narrow(dim, i, 1));
  }
  return stack(places, dim);
}

type IndexedScan = Op<(input: Tensor, dim: number, options?: { out?: readonly [Tensor, Tensor] }) => ValuesAndIndices>;

function indexedScan(name: "cummax" | "cummin"): IndexedScan {
  return op({
    name,
    params: along,
    out: 2,
    overlap: "any",
    forward: ({ input, dim }) => {
      const values = Tensor.empty(input.sizes, input.dtype);
      const indices = Tensor.empty(input.sizes, int64);
      scanWithIndex(name, values, indices, input, wrapDim(dim, input.sizes.length));
      return named({ values, indices });
    },
    saves: ["results"],
    derivative: {
      input: (grad, { results, dim }) =>
        grad.sizes.length === 0 ? grad : grad.newZeros(grad.sizes).scatterAdd(dim, results[1] as Tensor, grad),
    },
  });
}

/**
 * The largest element so far along a dim, and where it is.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.cummax.html
 */
export const cummax: IndexedScan = indexedScan("cummax");
/** The smallest element so far along a dim, and where it is. */
export const cummin: IndexedScan = indexedScan("cummin");

/**
 * The logarithm of the sum of the exponentials so far along a dim, without overflow.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.logcumsumexp.html
 */
export const logcumsumexp: Op<(input: Tensor, dim: number, options?: Out) => Tensor> = op({
  name: "logcumsumexp",
  params: along,
  out: true,
  forward: ({ input, dim }) => {
    if (!input.dtype.isFloatingPoint)
      throw new TypeError(`"logcumsumexp_out_cpu" not implemented for '${scalarTypeName(input.dtype)}'`);
    return scanned("logcumsumexp", input, dim, undefined, undefined);
  },
  saves: ["input", "result"],
  derivative: {
    input: (grad, { input, result, dim }) =>
      input.sizes.length === 0 ? grad : weightedFromHere(grad, result.neg(), input, dim),
  },
});

/**
 * `exp(outer)` times the sum of `values * exp(inner)` so far along a dim, for logarithms of weights whose exponentials
 * alone may overflow. It is linear in the values, and says so: its forward goes by their signs and logarithms.
 */
const weightedSum: FunctionOp<(values: Tensor, inner: Tensor, outer: Tensor, dim: number) => Tensor> = op({
  name: "logcumsumexpBackward",
  variants: "function",
  params: { values: tensor, inner: tensor, outer: tensor, dim: int },
  forward: ({ values, inner, outer, dim }) => {
    const part = (signed: Tensor) => {
      const absent = signed.le(0);
      const logarithm = signed.maskedFill(absent, 1).log().maskedFill(absent, -largestOf(signed.dtype));
      return logarithm.add(inner).logcumsumexp(dim).add(outer).exp();
    };
    return part(values).sub(part(values.neg()));
  },
  saves: ["values", "inner", "outer", "result"],
  backward: ([grad], { values, inner, outer, result, dim }, needs) => {
    if (grad === undefined) return {};
    const ofValues = needs.values || needs.inner ? weightedFromHere(grad, outer, inner, dim) : undefined;
    return {
      values: ofValues,
      inner: needs.inner ? ofValues?.mul(values) : undefined,
      outer: needs.outer ? grad.mul(result) : undefined,
    };
  },
});

/** The same of each element and all that follow it. */
function weightedFromHere(values: Tensor, inner: Tensor, outer: Tensor, dim: number): Tensor {
  return weightedSum(values.flip(dim), inner.flip(dim), outer.flip(dim), dim).flip(dim);
}
