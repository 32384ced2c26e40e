/**
 * Max pooling over windows of a size.
 *
 * Source: https://pytorch.org/docs/stable/nn.functional.html#pooling-functions
 */
import { flag } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { isGradEnabled } from "../../autograd/modes.js";
import type { Tensor } from "../../core/tensor.js";
import type { Args } from "../types.js";
import { checkDims, maxPoolParams, type Sizes, windowsOf } from "./geometry.js";
import { maxPoolValues, maxPoolWithIndices } from "./max.js";
import { type Indices, type NoIndices, type Picking, picking, type WithIndices } from "./picking.js";

/** The arguments of max pooling, with options besides. */
export type MaxPoolArguments<O = unknown> = [
  input: Tensor,
  kernelSize: Sizes,
  ...rest: Args<
    [stride?: Sizes | null, padding?: Sizes, dilation?: Sizes],
    ["stride", "padding", "dilation"],
    { ceilMode?: boolean } & O
  >,
];
type MaxPool = Picking<MaxPoolArguments<NoIndices>, MaxPoolArguments<Indices>>;
type MaxPoolWithIndices = (...args: MaxPoolArguments<NoIndices>) => WithIndices;

function defineMaxPool(ndim: number): { asAsked: MaxPool; withIndices: MaxPoolWithIndices } {
  const name = `max_pool${ndim}d`;
  const signature = new Signature(`maxPool${ndim}d`, { ...maxPoolParams, returnIndices: flag });
  return picking(name, (args, hasToGive) => {
    const { input, ceilMode, returnIndices, ...given } = signature.parse(args);
    const { kernelSize, stride, padding, dilation } = windowsOf(name, given, ndim);
    checkDims(name, input, ndim);
    const isAsked = returnIndices || hasToGive;
    // Gradients go to the places.
    if (!isAsked && !(isGradEnabled() && input.requiresGrad)) {
      return maxPoolValues(input, kernelSize, stride, padding, dilation, ceilMode);
    }
    const found = maxPoolWithIndices(input, kernelSize, stride, padding, dilation, ceilMode);
    return isAsked ? found : found.output;
  });
}

const [maxPools1d, maxPools2d, maxPools3d] = [defineMaxPool(1), defineMaxPool(2), defineMaxPool(3)];

/**
 * The largest element of each window of signals `[N, C, L]` or `[C, L]`.
 *
 * @param stride how far windows are apart; the size of one by default.
 * @param padding elements on both sides that are smaller than all others; at most half of a window.
 * @param options.ceilMode whether windows that begin in the input count though they end behind it.
 * @param options.returnIndices whether the places of the elements are returned too: `[output, indices]`.
 * @throws Error if no window fits.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_pool1d.html
 */
export const maxPool1d: MaxPool = maxPools1d.asAsked;

/**
 * The largest element of each window of images `[N, C, H, W]` or `[C, H, W]`.
 *
 * @param stride how far windows are apart; the size of one by default.
 * @param padding elements on both sides that are smaller than all others; at most half of a window.
 * @param options.ceilMode whether windows that begin in the input count though they end behind it.
 * @param options.returnIndices whether the places of the elements are returned too: `[output, indices]`.
 * @example F.maxPool2d(torch.rand(8, 3, 32, 32), 2).shape // [8, 3, 16, 16]
 * @throws Error if no window fits.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_pool2d.html
 */
export const maxPool2d: MaxPool = maxPools2d.asAsked;

/**
 * The largest element of each window of volumes `[N, C, D, H, W]` or `[C, D, H, W]`; see `maxPool2d`.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.functional.max_pool3d.html
 */
export const maxPool3d: MaxPool = maxPools3d.asAsked;

/** `maxPool1d` with the places of the elements: `[output, indices]`. */
export const maxPool1dWithIndices: MaxPoolWithIndices = maxPools1d.withIndices;
/** `maxPool2d` with the places of the elements: `[output, indices]`. */
export const maxPool2dWithIndices: MaxPoolWithIndices = maxPools2d.withIndices;
/** `maxPool3d` with the places of the elements: `[output, indices]`. */
export const maxPool3dWithIndices: MaxPoolWithIndices = maxPools3d.withIndices;
