/**
 * Pooling over as many even parts as are wanted.
 *
 * Source: https://pytorch.org/docs/stable/nn.functional.html#pooling-functions
 */
import { flag, int, intOrInts, invalid, type Param, tensor } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { scalarTypeName } from "../../core/dtype.js";
import { checkListLength, formatShape, inverseOrder } from "../../core/shape.js";
import { asStep } from "../../core/steps.js";
import type { Tensor } from "../../core/tensor.js";
import { memoryOrder } from "../memoryOrder.js";
import { mean } from "../reductions/reductions.js";
import { permute } from "../shape/views.js";
import { adaptiveAveragePool } from "./average.js";
import { dimsOfLine } from "./geometry.js";
import { adaptiveMaxPool } from "./max.js";
import { type Indices, type NoIndices, type Picking, picking, type WithIndices } from "./picking.js";

/** The sizes that are wanted; null for a size that stays. */
export type OutputSize = number | readonly (number | null)[];

/** How output sizes are read. */
export const outputSizeParam: Param<readonly (number | null)[]> = {
  ...(intOrInts as Param<readonly (number | null)[]>),
  expected: "int or tuple of ints",
  read: (value) => {
    if (!Array.isArray(value)) return intOrInts.read(value);
    checkListLength(value.length);
    const sizes = value.map((size) => (size === null || size === undefined ? null : int.read(size)));
    return sizes.includes(invalid as never) ? invalid : (sizes as (number | null)[]);
  },
};

function adaptiveSizes(name: string, input: Tensor, given: readonly (number | null)[], ndim: number): number[] {
  const { sizes } = input;
  if (sizes.length !== ndim + 1 && sizes.length !== ndim + 2) {
    const words = `${name}(): Expected ${ndim + 1}D or ${ndim + 2}D tensor, but got`;
    const colon = name.includes("max") ? ":" : "";
    throw new Error(ndim === 1 ? dimsOfLine(name, sizes) : `${words}${colon} ${formatShape(sizes)}`);
  }
  const empty = sizes.findIndex((size, d) => d >= sizes.length - ndim && size === 0);
  if (empty >= 0) {
    throw new Error(
      `${name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ${formatShape(sizes)} with dimension ${empty} being empty`,
    );
  }
  if (given.length !== 1 && given.length !== ndim) {
    throw new Error(
      ndim === 1
        ? `${name}() argument 'output_size' should contain one int (got ${given.length})`
        : `${name}(): output_size must be ${ndim}, got ${given.length} sizes`,
    );
  }
  return Array.from({ length: ndim }, (_, d) => {
    const size = (given.length === 1 ? given[0] : given[d]) ?? (sizes.at(d - ndim) as number);
    if (size < 0) {
      throw new RangeError(
        `${name}: elements of output_size must be greater than or equal to 0 but received [${given.join(", ")}]`,
      );
    }
    return size;
  });
}

type AdaptiveMaxArguments<O> = [input: Tensor, outputSize: OutputSize, options?: O];
type AdaptiveMaxPool = Picking<AdaptiveMaxArguments<NoIndices>, AdaptiveMaxArguments<Indices>>;
type AdaptiveMaxPoolWithIndices = (...args: AdaptiveMaxArguments<NoIndices>) => WithIndices;

function defineAdaptiveMaxPool(ndim: number): { asAsked: AdaptiveMaxPool; withIndices: AdaptiveMaxPoolWithIndices } {
  const name = `adaptive_max_pool${ndim}d`;
  const signature = new Signature(`adaptiveMaxPool${ndim}d`, {
    input: tensor,
    outputSize: outputSizeParam,
    returnIndices: flag,
  });
  return picking(name, (args, hasToGive) => {
    const { input, outputSize, returnIndices } = signature.parse(args);
    const found = adaptiveMaxPool(input, adaptiveSizes(name, input, outputSize, ndim));
    return returnIndices || hasToGive ? found : found.output;
  });
}

const [adaptiveMaxPools1d, adaptiveMaxPools2d, adaptiveMaxPools3d] = [
  defineAdaptiveMaxPool(1),
  defineAdaptiveMaxPool(2),
  defineAdaptiveMaxPool(3),
];

/**
 * The largest element of each of `outputSize` even parts of signals `[N, C, L]` or `[C, L]`.
 *
 * @param options.returnIndices whether the places of the elements are returned too: `[output, indices]`.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool1d.html
 */
export const adaptiveMaxPool1d: AdaptiveMaxPool = adaptiveMaxPools1d.asAsked;

/**
 * The largest element of each of so many even parts of images `[N, C, H, W]` or `[C, H, W]`.
 *
 * @param outputSize one number for both dims, or one for each; null for a dim whose size stays.
 * @param options.returnIndices whether the places of the elements are returned too: `[output, indices]`.
 * @example F.adaptiveMaxPool2d(torch.rand(8, 3, 32, 30), [5, null]).shape // [8, 3, 5, 30]
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool2d.html
 */
export const adaptiveMaxPool2d: AdaptiveMaxPool = adaptiveMaxPools2d.asAsked;

/**
 * The largest element of each of so many even parts of volumes; see `adaptiveMaxPool2d`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_max_pool3d.html
 */
export const adaptiveMaxPool3d: AdaptiveMaxPool = adaptiveMaxPools3d.asAsked;

/** `adaptiveMaxPool1d` with the places of the elements: `[output, indices]`. */
export const adaptiveMaxPool1dWithIndices: AdaptiveMaxPoolWithIndices = adaptiveMaxPools1d.withIndices;
/** `adaptiveMaxPool2d` with the places of the elements: `[output, indices]`. */
export const adaptiveMaxPool2dWithIndices: AdaptiveMaxPoolWithIndices = adaptiveMaxPools2d.withIndices;
/** `adaptiveMaxPool3d` with the places of the elements: `[output, indices]`. */
export const adaptiveMaxPool3dWithIndices: AdaptiveMaxPoolWithIndices = adaptiveMaxPools3d.withIndices;

/** The mean over the last dims; results lie in memory as their inputs do. */
function channelMeans(input: Tensor, ndim: number): Tensor {
  const order = memoryOrder(input);
  const meansOf = (x: Tensor, first: number) =>
    mean(
      x,
      Array.from({ length: ndim }, (_, d) => first + d),
      { keepdim: true },
    );
  if (order === undefined) return meansOf(input, -ndim);
  return permute(meansOf(permute(input, order), 1), inverseOrder(order));
}

type AdaptiveAverage = (...args: [input: Tensor, outputSize: OutputSize]) => Tensor;

function defineAdaptiveAverage(ndim: number): AdaptiveAverage {
  const name = `adaptive_avg_pool${ndim}d`;
  const signature = new Signature(`adaptiveAvgPool${ndim}d`, { input: tensor, outputSize: outputSizeParam });
  return asStep((...args) => {
    const { input, outputSize } = signature.parse(args);
    const sizes = adaptiveSizes(name, input, outputSize, ndim);
    const isWhole = sizes.every((size) => size === 1);
    // The mean of everything is there for complex numbers, too, as in PyTorch.
    if (!input.dtype.isFloatingPoint && !(isWhole && input.dtype.isComplex)) {
      throw new TypeError(`"${name}" not implemented for '${scalarTypeName(input.dtype)}'`);
    }
    return isWhole ? channelMeans(input, ndim) : adaptiveAveragePool(input, sizes);
  }, name);
}

/**
 * The averages of `outputSize` even parts of signals `[N, C, L]` or `[C, L]`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool1d.html
 */
export const adaptiveAvgPool1d: AdaptiveAverage = defineAdaptiveAverage(1);

/**
 * The averages of so many even parts of images `[N, C, H, W]` or `[C, H, W]`.
 *
 * @param outputSize one number for both dims, or one for each; null for a dim whose size stays.
 * @example F.adaptiveAvgPool2d(features, 1) // the mean of each channel
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool2d.html
 */
export const adaptiveAvgPool2d: AdaptiveAverage = defineAdaptiveAverage(2);

/**
 * The averages of so many even parts of volumes `[N, C, D, H, W]` or `[C, D, H, W]`; see `adaptiveAvgPool2d`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.adaptive_avg_pool3d.html
 */
export const adaptiveAvgPool3d: AdaptiveAverage = defineAdaptiveAverage(3);
