/** Variance and standard deviation. */
import { flag, keyword, number, openFlag, optional, type Param, tensor } from "../../arguments/params.js";
import { reduceVar } from "../../backend/kernels.js";
import { numelOf } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import { cast } from "../pointwise/pointwise.js";
import type { Args, Dims, FunctionOp, Op, Out } from "../types.js";
import { computeDtype, dim, dropDims, keptShape, reducedDims, restoreDims } from "./reducing.js";

/** Whether a correction and the older flag `unbiased` were given the way they may be. */
const correction: Param<number> = number;
const varying = {
  input: tensor,
  dim,
  correction: keyword(optional(correction, 1)),
  unbiased: keyword(optional(openFlag)),
  keepdim: flag,
};

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
  if (input.dtype.isDifferentiable) return;
  const names: Record<string, string> = { stdMean: "std_mean", varMean: "var_mean" };
  throw new TypeError(
    `${names[name] ?? "std and var"} only support floating point and complex dtypes, got ${input.dtype}`,
  );
}

function variances(
  name: string,
  args: VarArguments,
  root: boolean,
  withMean: boolean,
  out?: Tensor,
): [spread: Tensor, mean: Tensor | undefined] {
  checkVar(name, args.input);
  const dtype = computeDtype(undefined, out, args.input.dtype.toReal());
  const own = args.input.dtype.isComplex ? dtype.toComplex() : dtype;
  const dims = reducedDims(args.input, args.dim);
  const shape = keptShape(args.input.sizes, dims);
  const spread = Tensor.empty(shape, dtype);
  const center = withMean ? Tensor.empty(shape, own) : undefined;
  reduceVar(spread, center, cast(args.input, own), dims, correctionOf(args), root);
  return [dropDims(spread, dims, args.keepdim), center && dropDims(center, dims, args.keepdim)];
}

type SavedVar = Omit<VarArguments, "input"> & { readonly input: Tensor };

/** d var / d x = 2 (x - mean) / (n - correction). */
function varGradient(grad: Tensor, saved: SavedVar): Tensor {
  const { input, keepdim } = saved;
  const dims = reducedDims(input, saved.dim);
  const count = numelOf(dims.map((d) => input.sizes[d] as number));
  const freedom = count - correctionOf(saved);
  const factor = 2 / (saved.dim ? freedom : Math.max(freedom, 0));
  return restoreDims(grad, input.sizes.length, dims, keepdim)
    .mul(factor)
    .mul(input.sub(input.mean(dims.length ? dims : null, { keepdim: true })));
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
  out: "cast",
  overlap: "any",
  forward: (args, out) => variances("var", args, false, false, out)[0],
  saves: ["input"],
  ownConjugation: true,
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
  out: "cast",
  overlap: "any",
  forward: (args, out) => variances("std", args, true, false, out)[0],
  saves: ["input", "result"],
  ownConjugation: true,
  derivative: { input: (grad, saved) => varGradient(stdGradient(grad, saved.result), saved) },
});

/** d sqrt(v) / d v; of a deviation of 0 it is 0 rather than infinite. */
function stdGradient(grad: Tensor, result: Tensor): Tensor {
  return grad.mul(0.5).div(result).maskedFill(result.eq(0), 0);
}

/** Variance and mean at once. */
export const varMean: FunctionOp<
  (input: Tensor, ...args: Args<[dim?: Dims | null], ["dim"], VarOptions>) => [variance: Tensor, mean: Tensor]
> = spreadAndMean("varMean", false);
/** Standard deviation and mean at once. */
export const stdMean: FunctionOp<
  (input: Tensor, ...args: Args<[dim?: Dims | null], ["dim"], VarOptions>) => [deviation: Tensor, mean: Tensor]
> = spreadAndMean("stdMean", true);

function spreadAndMean(name: string, root: boolean) {
  return op({
    name,
    variants: "function",
    params: varying,
    forward: (args) => variances(name, args, root, true) as [Tensor, Tensor],
    saves: ["input", "results"],
    ownConjugation: true,
    backward: ([gradSpread, gradMean], saved) => {
      const { input, keepdim } = saved;
      const dims = reducedDims(input, saved.dim);
      const count = numelOf(dims.map((d) => input.sizes[d] as number));
      const outer = gradSpread && root ? stdGradient(gradSpread, saved.results[0] as Tensor) : gradSpread;
      const fromSpread = outer && varGradient(outer, saved);
      const fromMean =
        gradMean && restoreDims(gradMean, input.sizes.length, dims, keepdim).div(count).expand(input.sizes);
      return { input: fromSpread && fromMean ? fromSpread.add(fromMean) : (fromSpread ?? fromMean) };
    },
  });
}
