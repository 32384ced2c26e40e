/** Many numbers become one: sums, means, extremes, norms. */
import { dims as dimsParam, dtype as dtypeParam, flag, int, keyword, nullable, number, optional, type Param, requiredFlag, tensor } from "../arguments/params.js";
import { argReduce, reduce, type ReduceOp, reduceNorm, reduceVar, reduceWithIndex } from "../backend/cpu/reduce.js";
import { bool, Category, type DType, int64, uint8 } from "../core/dtype.js";
import { floatingType } from "../core/promotion.js";
import { numelOf, wrapDim, wrapDims } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { named, op } from "./define.js";
import { cat } from "./joining.js";
import { cast } from "./pointwise.js";
import type { Args, Dims, FunctionOp, MethodOp, Op, Out, OverloadedOp } from "./types.js";

const dim = optional(nullable(dimsParam));

/** The dims over which is reduced: the given ones, all if none is. */
export function reducedDims(input: { readonly sizes: readonly number[] }, given: readonly number[] | null | undefined): number[] {
  const ndim = input.sizes.length;
  if (given === undefined || given === null || given.length === 0) return input.sizes.map((_, d) => d);
  const wrapped = wrapDims(given, ndim);
  return ndim === 0 ? [] : wrapped;
}

/** The shape with the reduced dims at size 1. */
function keptShape(sizes: readonly number[], dims: readonly number[]): number[] {
  return sizes.map((size, d) => (dims.includes(d) ? 1 : size));
}

/** Takes the reduced dims out of a fresh result. */
export function dropDims(result: Tensor, dims: readonly number[], keepdim: boolean): Tensor {
  if (keepdim || dims.length === 0) return result;
  const keep = result.sizes.map((_, d) => d).filter((d) => !dims.includes(d));
  return result.viewOf(
    keep.map((d) => result.sizes[d] as number),
    keep.map((d) => result.strides[d] as number),
    result.offset,
  );
}

/** Puts dims that a reduction took out back in, at size 1, so that the tensor broadcasts to the input. */
export function restoreDims(tensor: Tensor, ndim: number, dims: readonly number[], keepdim: boolean): Tensor {
  if (keepdim || dims.length === 0) return tensor;
  if (tensor.sizes.length === 0) return tensor;
  let result = tensor;
  for (let d = 0; d < ndim; d++) if (dims.includes(d)) result = result.unsqueeze(d);
  return result;
}

function reduced(kernel: ReduceOp, input: Tensor, dims: readonly number[], keepdim: boolean, dtype: DType): Tensor {
  const result = Tensor.empty(keptShape(input.sizes, dims), dtype);
  reduce(kernel, result, input, dims);
  return dropDims(result, dims, keepdim);
}

const over = { input: tensor, dim, keepdim: flag };
const summing = { ...over, dtype: keyword(optional(dtypeParam)) };

type Reduction<O = unknown> = Op<(input: Tensor, ...args: Args<[dim?: Dims | null], ["dim"], { keepdim?: boolean } & O>) => Tensor>;

/** The dtype of a sum: that of the input, int64 for whole numbers and bools. */
function sumType(input: Tensor, dtype: DType | undefined): DType {
  return dtype ?? (input.dtype.category === Category.Floating ? input.dtype : int64);
}

/** The input as the sum kernel takes it: converted first only where the kernel does not do so itself. */
function sumOperand(input: Tensor, dtype: DType): Tensor {
  return dtype === int64 && input.dtype.category !== Category.Floating ? input : cast(input, dtype);
}

function summed(kernel: "sum" | "nansum" | "prod", input: Tensor, dims: readonly number[], keepdim: boolean, dtype: DType): Tensor {
  const supported = dtype === int64 || dtype.isFloatingPoint;
  const result = reduced(kernel, sumOperand(input, supported ? dtype : int64), dims, keepdim, supported ? dtype : int64);
  return cast(result, dtype);
}

/**
 * The sum of all elements, or over dims.
 *
 * @param dim one dim or several; all by default.
 * @example torch.ones(2, 3).sum(1) // tensor([3., 3.])
 * @see https://pytorch.org/docs/stable/generated/torch.sum.html
 */
export const sum: Reduction<{ dtype?: DType } & Out> = op({
  name: "sum",
  params: summing,
  out: true,
  forward: ({ input, dim: given, keepdim, dtype }) => {
    const target = sumType(input, dtype);
    return summed("sum", input, reducedDims(input, given), keepdim, target);
  },
  overload: ({ dim: given }) => (given ? 1 : 0),
  derivative: {
    input: (grad, { input, dim: given, keepdim }) =>
      restoreDims(grad, input.sizes.length, reducedDims(input, given), keepdim).expand(input.sizes),
  },
});

/** As `sum`, with NaN counted as 0. */
export const nansum: Reduction<{ dtype?: DType } & Out> = op({
  name: "nansum",
  params: summing,
  out: true,
  forward: ({ input, dim: given, keepdim, dtype }) => {
    const target = sumType(input, dtype);
    return summed(target.isFloatingPoint ? "nansum" : "sum", input, reducedDims(input, given), keepdim, target);
  },
  saves: ["input"],
  derivative: {
    input: (grad, { input, dim: given, keepdim }) =>
      restoreDims(grad, input.sizes.length, reducedDims(input, given), keepdim).expand(input.sizes).mul(input.isnan().logicalNot()),
  },
});

/**
 * Sums a tensor over the dims along which a shape broadcasts to its own.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.Tensor.sum_to_size.html
 */
export const sumToSize: MethodOp<(input: Tensor, ...size: [...number[]] | [readonly number[]]) => Tensor> = op({
  name: "sumToSize",
  variants: "method",
  params: { input: tensor, size: { ...dimsParam, isSpread: true } },
  composite: ({ input, size }) => {
    const added = input.sizes.length - size.length;
    const fits = added >= 0 && size.every((n, d) => n === 1 || n === input.sizes[d + added]);
    if (!fits) throw new Error(`size {[${size.join(", ")}]} is not expandable to size {[${input.sizes.join(", ")}]}.`);
    const over = input.sizes.map((_, d) => d).filter((d) => d < added || (size[d - added] === 1 && input.sizes[d] !== 1));
    if (over.length === 0) return added === 0 ? input : input.reshape(size);
    const result = sum(input, over, { keepdim: true });
    return added > 0 ? result.view(size) : result;
  },
});

/**
 * The mean of all elements, or over dims.
 *
 * @throws TypeError for a dtype that is not floating.
 * @see https://pytorch.org/docs/stable/generated/torch.mean.html
 */
export const mean: Reduction<{ dtype?: DType } & Out> = op({
  name: "mean",
  params: summing,
  out: true,
  forward: ({ input, dim: given, keepdim, dtype }) => {
    const target = dtype ?? input.dtype;
    if (!target.isFloatingPoint) {
      throw new TypeError(`mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: ${input.dtype}`);
    }
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
export const nanmean: Reduction<{ dtype?: DType } & Out> = op({
  name: "nanmean",
  params: summing,
  out: true,
  composite: ({ input, dim: given, keepdim, dtype }) => {
    if (!input.dtype.isFloatingPoint) throw new TypeError(`nanmean(): expected input to have floating point dtype but got ${input.dtype}`);
    const count = input.isnan().logicalNot().sum(given, { keepdim });
    return nansum(input, given, { keepdim, dtype }).div(count);
  },
});

/** Whether a correction and the older flag `unbiased` were given the way they may be. */
const correction: Param<number> = number;
const varying = { input: tensor, dim, correction: keyword(optional(correction, 1)), unbiased: keyword(optional({ ...flag, defaultValue: undefined } as Param<boolean | undefined>)), keepdim: flag };

type VarOptions = { correction?: number; unbiased?: boolean; keepdim?: boolean };
type Variance = Op<(input: Tensor, ...args: Args<[dim?: Dims | null], ["dim"], VarOptions & Out>) => Tensor>;

interface VarArguments {
  input: Tensor;
  dim: readonly number[] | null | undefined;
  correction: number;
  unbiased: boolean | undefined;
  keepdim: boolean;
}

function correctionOf({ unbiased, correction: given }: Pick<VarArguments, "unbiased" | "correction">): number {
  return unbiased === undefined ? given : unbiased ? 1 : 0;
}

function checkVar(name: string, input: Tensor): void {
  if (!input.dtype.isFloatingPoint) throw new TypeError(`${name} only support floating point and complex dtypes`);
}

function variances(name: string, args: VarArguments, root: boolean, withMean: boolean): [spread: Tensor, mean: Tensor | undefined] {
  checkVar(name, args.input);
  const dims = reducedDims(args.input, args.dim);
  const shape = keptShape(args.input.sizes, dims);
  const spread = Tensor.empty(shape, args.input.dtype);
  const center = withMean ? Tensor.empty(shape, args.input.dtype) : undefined;
  reduceVar(spread, center, args.input, dims, correctionOf(args), root);
  return [dropDims(spread, dims, args.keepdim), center && dropDims(center, dims, args.keepdim)];
}

type SavedVar = Omit<VarArguments, "input"> & { readonly input: Tensor };

/** d var / d x = 2 (x - mean) / (n - correction). */
function varGradient(grad: Tensor, saved: SavedVar): Tensor {
  const { input, keepdim } = saved;
  const dims = reducedDims(input, saved.dim);
  const count = numelOf(dims.map((d) => input.sizes[d] as number));
  const factor = 2 / Math.max(count - correctionOf(saved), 0);
  return restoreDims(grad, input.sizes.length, dims, keepdim).mul(factor).mul(input.sub(input.mean(dims.length ? dims : null, { keepdim: true })));
}

/**
 * The variance, of all elements or over dims: the mean squared distance from the mean.
 *
 * @param options.correction is taken off the number of elements before it divides; 1 by default.
 * @see https://pytorch.org/docs/stable/generated/torch.var.html
 */
const variance: Variance = op({
  name: "var",
  params: varying,
  out: true,
  forward: (args) => variances("var", args, false, false)[0],
  saves: ["input"],
  derivative: { input: varGradient },
});
export { variance as var };

/**
 * The standard deviation, the square root of `var`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.std.html
 */
export const std: Variance = op({
  name: "std",
  params: varying,
  out: true,
  forward: (args) => variances("std", args, true, false)[0],
  saves: ["input", "result"],
  derivative: { input: (grad, saved) => varGradient(stdGradient(grad, saved.result), saved) },
});

/** d sqrt(v) / d v; of a deviation of 0 it is 0 rather than infinite. */
function stdGradient(grad: Tensor, result: Tensor): Tensor {
  return grad.div(result.mul(2)).maskedFill(result.eq(0), 0);
}

/** Variance and mean at once. */
export const varMean: Op<(input: Tensor, ...args: Args<[dim?: Dims | null], ["dim"], VarOptions>) => [variance: Tensor, mean: Tensor]> = spreadAndMean("varMean", false);
/** Standard deviation and mean at once. */
export const stdMean: Op<(input: Tensor, ...args: Args<[dim?: Dims | null], ["dim"], VarOptions>) => [deviation: Tensor, mean: Tensor]> = spreadAndMean("stdMean", true);

function spreadAndMean(name: string, root: boolean) {
  return op({
    name,
    params: varying,
    forward: (args) => variances(name, args, root, true) as [Tensor, Tensor],
    saves: ["input", "results"],
    backward: ([gradSpread, gradMean], saved) => {
      const { input, keepdim } = saved;
      const dims = reducedDims(input, saved.dim);
      const count = numelOf(dims.map((d) => input.sizes[d] as number));
      const outer = gradSpread && root ? stdGradient(gradSpread, saved.results[0] as Tensor) : gradSpread;
      const fromSpread = outer && varGradient(outer, saved);
      const fromMean = gradMean && restoreDims(gradMean, input.sizes.length, dims, keepdim).div(count).expand(input.sizes);
      return { input: fromSpread && fromMean ? fromSpread.add(fromMean) : (fromSpread ?? fromMean) };
    },
  });
}

/** Throws where an extreme of no elements is asked for. */
function checkNotEmpty(name: string, input: Tensor, dims: readonly number[]): void {
  if (input.numel() === 0 && dims.some((d) => input.sizes[d] === 0)) {
    throw new RangeError(`${name}(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`);
  }
}

/** The largest or smallest value; where several are equal the gradient is shared among them. */
function extreme(name: "amax" | "amin"): Reduction<Out> {
  return op({
    name,
    params: over,
    out: true,
    forward: ({ input, dim: given, keepdim }) => {
      const dims = reducedDims(input, given);
      checkNotEmpty(name, input, dims);
      return reduced(name, input, dims, keepdim, input.dtype);
    },
    saves: ["input", "result"],
    derivative: {
      input: (grad, { input, result, dim: given, keepdim }) => {
        const dims = reducedDims(input, given);
        const restored = (tensor: Tensor) => restoreDims(tensor, input.sizes.length, dims, keepdim);
        const mask = input.eq(restored(result));
        return restored(grad).div(mask.sum(dims.length ? dims : null, { keepdim: true })).mul(mask);
      },
    },
  });
}

/**
 * The largest value, of all or over dims.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.amax.html
 */
export const amax: Reduction<Out> = extreme("amax");
/** The smallest value, of all or over dims. */
export const amin: Reduction<Out> = extreme("amin");

/** The smallest and the largest value at once. */
export const aminmax: Op<(input: Tensor, options?: { dim?: number; keepdim?: boolean }) => { min: Tensor; max: Tensor } & Iterable<Tensor>> = op({
  name: "aminmax",
  params: { input: tensor, dim: keyword(optional(int)), keepdim: flag },
  composite: ({ input, dim: given, keepdim }) => {
    const dims = given === undefined ? undefined : [given];
    return named({ min: amin(input, dims, { keepdim }), max: amax(input, dims, { keepdim }) });
  },
});

/** Values and where they were found along a dim. */
export type ValuesAndIndices = { values: Tensor; indices: Tensor } & Iterable<Tensor>;

/** The largest or smallest of all elements; equal ones share the gradient. */
function extremeOfAll(name: "max" | "min"): FunctionOp<(input: Tensor) => Tensor> {
  return op({
    name,
    variants: "function",
    params: { input: tensor },
    overload: () => 1,
    forward: ({ input }) => {
      const dims = input.sizes.map((_, d) => d);
      checkNotEmpty(name, input, dims);
      return reduced(name === "max" ? "amax" : "amin", input, dims, false, input.dtype);
    },
    saves: ["input", "result"],
    derivative: {
      input: (grad, { input, result }) => {
        const mask = input.eq(result);
        return grad.div(mask.sum()).mul(mask);
      },
    },
  });
}

/** The extreme along one dim, and its place. */
function extremeAlong(name: "max" | "min"): FunctionOp<(input: Tensor, dim: number, keepdim: boolean) => ValuesAndIndices> {
  return op({
    name,
    variants: "function",
    params: { input: tensor, dim: int, keepdim: requiredFlag },
    forward: ({ input, dim: given, keepdim }) => {
      const d = wrapDim(given, input.sizes.length);
      if (input.sizes[d] === 0) throw new RangeError(`${name}(): Expected reduction dim ${d} to have non-zero size.`);
      const dims = input.sizes.length ? [d] : [];
      const shape = keptShape(input.sizes, dims);
      const values = Tensor.empty(shape, input.dtype);
      const indices = Tensor.empty(shape, int64);
      reduceWithIndex(name, values, indices, input, d);
      return named({ values: dropDims(values, dims, keepdim), indices: dropDims(indices, dims, keepdim) });
    },
    saves: ["results"],
    derivative: {
      input: (grad, { input, results, dim: given, keepdim }) =>
        scatterBack(grad, results[1] as Tensor, input.sizes, given, keepdim),
    },
  });
}

/** The gradient of picking elements along a dim: it goes where they were picked. */
export function scatterBack(grad: Tensor, indices: Tensor, sizes: readonly number[], dim: number, keepdim: boolean): Tensor {
  const back = (picked: Tensor) => (keepdim || sizes.length === 0 ? picked : picked.unsqueeze(wrapDim(dim, sizes.length)));
  return grad.newZeros(sizes).scatter(dim, back(indices), back(grad));
}

type Out2 = { out?: readonly [Tensor, Tensor] };

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

type ArgReduction = Op<(input: Tensor, ...args: Args<[dim?: number | null], ["dim"], { keepdim?: boolean } & Out>) => Tensor>;

function argExtreme(name: "argmax" | "argmin"): ArgReduction {
  return op({
    name,
    params: { input: tensor, dim: optional(nullable(int)), keepdim: flag },
    out: true,
    forward: ({ input, dim: given, keepdim }) => {
      const d = given === undefined || given === null ? undefined : wrapDim(given, input.sizes.length);
      if (d === undefined ? input.numel() === 0 : input.sizes[d] === 0) {
        throw new RangeError(`${name}(): Expected reduction dim ${d === undefined ? "to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument" : `${d} to have non-zero size`}.`);
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

/** Whether any or all are not 0; uint8 stays uint8, as in PyTorch. */
function truth(name: "any" | "all"): Reduction<Out> {
  return op({
    name,
    params: over,
    out: true,
    forward: ({ input, dim: given, keepdim }) => {
      const result = reduced(name, input, reducedDims(input, given), keepdim, bool);
      return input.dtype === uint8 ? cast(result, uint8) : result;
    },
  });
}

/** Whether any element is not 0, of all or over dims. */
export const any: Reduction<Out> = truth("any");
/** Whether all elements are not 0, of all or over dims. */
export const all: Reduction<Out> = truth("all");

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
export const prod: Op<(input: Tensor, ...args: Args<[dim?: number | null], ["dim"], { keepdim?: boolean; dtype?: DType } & Out>) => Tensor> = op({
  name: "prod",
  params: { input: tensor, dim: optional(nullable(int)), keepdim: flag, dtype: keyword(optional(dtypeParam)) },
  out: true,
  forward: ({ input, dim: given, keepdim, dtype }) => summed("prod", input, oneDim(input, given), keepdim, sumType(input, dtype)),
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
  if (input.sizes.length === 0 || size === 1) return input.newOnes(input.sizes);
  const before = input.narrow(dim, 0, size - 1).cumprod(dim);
  const after = input.flip(dim).narrow(dim, 0, size - 1).cumprod(dim).flip(dim);
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
  out: true,
  forward: ({ input, dim: given, keepdim }) => {
    const dtype = floatingType(input.dtype);
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
export const norm: Op<(input: Tensor, ...args: Args<[p?: NormOrder | null, dim?: Dims | null], ["p", "dim"], { keepdim?: boolean; dtype?: DType } & Out>) => Tensor> = op({
  name: "norm",
  params: { input: tensor, p: optional(order, 2), dim, keepdim: flag, dtype: optional(dtypeParam) },
  out: true,
  nodeName: "LinalgVectorNormBackward0",
  forward: ({ input, p, dim: given, keepdim, dtype }) => {
    const target = dtype ?? input.dtype;
    if (!target.isFloatingPoint) {
      throw new TypeError(`linalg.vector_norm: Expected a floating point or complex tensor as input. Got ${target}`);
    }
    const dims = reducedDims(input, given);
    const result = Tensor.empty(keptShape(input.sizes, dims), target);
    reduceNorm(result, cast(input, target), dims, orderOf(p));
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

function orderOf(p: NormOrder): number {
  return p === "fro" ? 2 : p;
}

/** d norm / d x = sign(x) (|x| / norm)^(p - 1); where the norm is 0 it is 0. */
function normGradient(grad: Tensor, input: Tensor, norms: Tensor, p: number): Tensor {
  if (p === 0) return input.mul(0).mul(grad);
  if (p === 1) return input.sign().mul(grad);
  if (p === 2) return input.mul(grad.div(norms).maskedFill(norms.eq(0), 0));
  if (!Number.isFinite(p)) {
    const mask = input.abs().eq(norms);
    const count = mask.sum(mask.sizes.map((_, d) => d).filter((d) => norms.sizes[d] === 1), { keepdim: true });
    return input.sign().mul(grad.div(norms.sizes.length ? count : mask.sum())).mul(mask);
  }
  const ratio = input.abs().div(norms).pow(p - 1);
  const safe = p < 2 ? ratio.maskedFill(input.eq(0), 0) : ratio;
  return input.sign().mul(safe).mul(grad).maskedFill(norms.eq(0), 0);
}
