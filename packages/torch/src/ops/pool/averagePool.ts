/**
 * Average pooling over windows of a size, and the p-norms of windows, which are made of it.
 *
 * Source: https://pytorch.org/docs/stable/nn.functional.html#pooling-functions
 */
import { flag, flagOn, int, intOrInts, nullable, number, optional, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { releasingTemporaries } from "../../autograd/temporaries.js";
import type { Tensor } from "../../core/tensor.js";
import { relu } from "../activation/rectified.js";
import { op } from "../define.js";
import type { Args, FunctionOp, Out } from "../types.js";
import { averagePool } from "./average.js";
import { checkDims, forEachDim, type GivenWindows, type Sizes, windowParams, windowsOf } from "./geometry.js";

type AveragePoolArguments<O = unknown> = [
  input: Tensor,
  kernelSize: Sizes,
  ...rest: Args<
    [stride?: Sizes | null, padding?: Sizes],
    ["stride", "padding"],
    { ceilMode?: boolean; countIncludePad?: boolean } & O
  >,
];
interface DivisorOverride {
  divisorOverride?: number | null;
}

type AveragePool<O = unknown> = FunctionOp<(...args: AveragePoolArguments<O>) => Tensor>;

const averagePoolParams = {
  input: tensor,
  kernelSize: intOrInts,
  ...windowParams,
  ceilMode: flag,
  countIncludePad: flagOn,
};
const divisorParams = { ...averagePoolParams, divisorOverride: optional(nullable(int), null) };

interface AveragePoolCall extends GivenWindows {
  readonly input: Tensor;
  readonly ceilMode: boolean;
  readonly countIncludePad: boolean;
  readonly divisorOverride?: number | null;
}

function poolAverages(ndim: number, call: AveragePoolCall): Tensor {
  const { input, ceilMode, countIncludePad, divisorOverride = null } = call;
  const name = `avg_pool${ndim}d`;
  const { kernelSize, stride, padding } = windowsOf(name, call, ndim);
  if (divisorOverride === 0) throw new RangeError("divisor must be not zero");
  checkDims(name, input, ndim);
  return averagePool(input, kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride);
}

function defineAveragePool(ndim: number): AveragePool<DivisorOverride & Out> {
  return op({
    name: `avgPool${ndim}d`,
    variants: "function",
    params: divisorParams,
    out: true,
    overlap: "none",
    composite: (call) => poolAverages(ndim, call),
  });
}

/**
 * The average of each window of signals `[N, C, L]` or `[C, L]`.
 *
 * @param stride how far windows are apart; the size of one by default.
 * @param padding zeros on both sides; at most half of a window.
 * @param options.ceilMode whether windows that begin in the input count though they end behind it.
 * @param options.countIncludePad whether the zeros count as elements; true by default.
 * @throws Error if no window fits.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool1d.html
 */
export const avgPool1d: AveragePool = op({
  name: "avgPool1d",
  variants: "function",
  params: averagePoolParams,
  composite: (call) => poolAverages(1, call),
});

/**
 * The average of each window of images `[N, C, H, W]` or `[C, H, W]`.
 *
 * @param stride how far windows are apart; the size of one by default.
 * @param padding zeros on both sides; at most half of a window.
 * @param options.ceilMode whether windows that begin in the input count though they end behind it.
 * @param options.countIncludePad whether the zeros count as elements; true by default.
 * @param options.divisorOverride by what sums are divided instead of the number of elements.
 * @throws Error if no window fits.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool2d.html
 */
export const avgPool2d: AveragePool<DivisorOverride & Out> = defineAveragePool(2);

/**
 * The average of each window of volumes `[N, C, D, H, W]` or `[C, D, H, W]`; see `avgPool2d`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.avg_pool3d.html
 */
export const avgPool3d: AveragePool<DivisorOverride & Out> = defineAveragePool(3);

type PowerPoolArguments = [
  input: Tensor,
  normType: number,
  kernelSize: Sizes,
  ...rest: Args<[stride?: Sizes | null], ["stride"], { ceilMode?: boolean }>,
];

function definePowerPool(ndim: number): (...args: PowerPoolArguments) => Tensor {
  const name = `lp_pool${ndim}d`;
  const signature = new Signature(`lpPool${ndim}d`, {
    input: tensor,
    normType: number,
    kernelSize: intOrInts,
    stride: optional(intOrInts),
    ceilMode: flag,
  });
  const compute = ({ input, normType, kernelSize, stride, ceilMode }: ReturnType<typeof signature.parse>): Tensor => {
    const kernel = forEachDim(name, "kernel_size", kernelSize, ndim);
    const powers = input.pow(normType);
    const mean = poolAverages(ndim, {
      input: powers,
      kernelSize: kernel,
      stride,
      padding: [0],
      ceilMode,
      countIncludePad: true,
    });
    const count = kernel.reduce((product, size) => product * size, 1);
    return mean
      .sign()
      .mul(relu(mean.abs()))
      .mul(count)
      .pow(1 / normType);
  };
  return (...args) => releasingTemporaries(compute, signature.parse(args));
}

/**
 * The p-norm of each window of signals `[N, C, L]` or `[C, L]`: (Σ xᵖ)^(1/p), where p is `normType`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool1d.html
 */
export const lpPool1d: (...args: PowerPoolArguments) => Tensor = definePowerPool(1);

/**
 * The p-norm of each window of images `[N, C, H, W]` or `[C, H, W]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool2d.html
 */
export const lpPool2d: (...args: PowerPoolArguments) => Tensor = definePowerPool(2);

/**
 * The p-norm of each window of volumes `[N, C, D, H, W]` or `[C, D, H, W]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.lp_pool3d.html
 */
export const lpPool3d: (...args: PowerPoolArguments) => Tensor = definePowerPool(3);
