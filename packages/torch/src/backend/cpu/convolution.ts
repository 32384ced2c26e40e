/** Convolutions over one, two or three dims. */
import type { DType } from "../../core/dtype.js";
import { bool } from "../../core/dtype.js";
import { numelOf, sameShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import type { ArrayView } from "../../core/view.js";
import { kernel } from "./block.js";
import { partOf, temporary } from "./complex.js";
import { binary, copy } from "./elementwise.js";
import { begin, checkedSize, launch, put, putAddress, putDType, putOptional, putStride, reachOf } from "./launch.js";

/** How the kernel moves over the image, with one number for each dim. */
export interface ConvolutionWindow {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly groups: number;
}

const mostDims = 3;
const runForward = kernel("convolution");
const runFinished = kernel("finishedConvolution");
const runTransposed = kernel("convolutionTransposed");
const runWeight = kernel("convolutionWeight");

/**
 * features[n, f] = bias[f] + the sum over the channels c of f's group of the correlation of image[n, c] with
 * weight[f, c].
 *
 * Of `image` and `features`, `[N, channels, ...dims]`, and `weight`, `[filters, channels of a group, ...dims]`, the
 * strides do not matter. All have one dtype, which is not bool; integers wrap around. The image counts as 0 where the
 * kernel reaches outside of it; sizes need not fit each other.
 */
export function convolution(
  features: ArrayView,
  image: ArrayView,
  weight: ArrayView,
  bias: ArrayView | undefined,
  window: ConvolutionWindow,
): void {
  if (image.dtype.isComplex) {
    inThreeProducts(features, image, weight, (out, a, b) => convolution(out, a, b, undefined, window));
    return addBias(features, bias);
  }
  const list = begin();
  putOperands(image, features, weight, bias, window);
  launch(runForward, list);
}

/** What becomes of the sums of a convolution: `activation(norm(sum) + added)`, of which each may be missing. */
export interface Epilogue {
  /** Statistics, weight and bias of a batch norm, each with one number for each feature. */
  readonly norm: readonly [mean: ArrayView, variance: ArrayView, weight?: ArrayView, bias?: ArrayView] | undefined;
  readonly eps: number;
  /** Lies in memory as the features do. */
  readonly added: ArrayView | undefined;
  readonly activation: ClampedActivation | undefined;
}

/** `factor * clamp(v + offset, low, high)`, or that times v. */
export interface ClampedActivation {
  readonly offset: number;
  readonly low: number;
  readonly high: number;
  readonly factor: number;
  readonly multiplies: boolean;
}

const unchanged: ClampedActivation = {
  offset: 0,
  low: Number.NEGATIVE_INFINITY,
  high: Number.POSITIVE_INFINITY,
  factor: 1,
  multiplies: false,
};

/** The same as `convolution`, of float32 or float64, and what becomes of the sums. */
export function finishedConvolution(
  features: ArrayView,
  image: ArrayView,
  weight: ArrayView,
  bias: ArrayView | undefined,
  window: ConvolutionWindow,
  { norm, eps, added, activation = unchanged }: Epilogue,
): void {
  const list = begin();
  putOperands(image, features, weight, bias, window);
  const filters = features.sizes[1] as number;
  for (let i = 0; i < 4; i++) {
    const one = norm?.[i];
    const stride = one?.strides[0] ?? 0;
    putOptional(one, image.dtype, reachOf([filters], [stride]) + 1);
    putStride(filters, stride);
  }
  put(eps);
  if (added !== undefined && !sameShape(added.strides, features.strides)) {
    throw new RangeError("what is added to features lies in memory as they do");
  }
  putOptional(added, image.dtype, reachOf(features.sizes, features.strides) + 1);
  const { offset, low, high, factor, multiplies } = activation;
  for (const number of [offset, low, high, factor]) put(number);
  put(multiplies ? 1 : 0);
  launch(runFinished, list);
}

/** image = bias + the transposed operation: each feature is spread over the elements from which it would be computed. */
export function convolutionTransposed(
  image: ArrayView,
  features: ArrayView,
  weight: ArrayView,
  bias: ArrayView | undefined,
  window: ConvolutionWindow,
): void {
  if (image.dtype.isComplex) {
    inThreeProducts(image, features, weight, (out, a, b) => convolutionTransposed(out, a, b, undefined, window));
    return addBias(image, bias);
  }
  const list = begin();
  putOperands(image, features, weight, bias, window, true);
  launch(runTransposed, list);
}

function addBias(out: ArrayView, bias: ArrayView | undefined): void {
  if (bias === undefined) return;
  const inner = out.sizes.slice(2);
  const sizes = [bias.sizes[0] as number, ...inner.map(() => 1)];
  binary.add(out, out, { ...bias, sizes, strides: [bias.strides[0] as number, ...inner.map(() => 0)] });
}

/** weight = its gradient, where `features` holds that of the features. */
export function convolutionWeight(
  weight: ArrayView,
  image: ArrayView,
  features: ArrayView,
  window: ConvolutionWindow,
): void {
  if (image.dtype.isComplex) {
    return inThreeProducts(weight, image, features, (out, a, b) => convolutionWeight(out, a, b, window));
  }
  const list = begin();
  putOperands(image, features, weight, undefined, window);
  launch(runWeight, list);
}

/**
 * A product of complex numbers as three of real ones: of the real parts, of the imaginary parts, and of the sums of both,
 * which less the other two is the imaginary part.
 */
function inThreeProducts(
  out: ArrayView,
  a: ArrayView,
  b: ArrayView,
  run: (out: ArrayView, a: ArrayView, b: ArrayView) => void,
): void {
  const dtype = out.dtype.toReal();
  const [re, im, both] = [out, out, out].map((view) => temporary(view, dtype)) as [Tensor, Tensor, Tensor];
  const parts = [a, b].map((view) => {
    const [first, second, sum] = [view, view, view].map((one) => temporary(one, dtype)) as [Tensor, Tensor, Tensor];
    copy(first, partOf(view, 0));
    copy(second, partOf(view, 1));
    binary.add(sum, first, second);
    return [first, second, sum] as const;
  });
  const [ofA, ofB] = parts as [(typeof parts)[0], (typeof parts)[0]];
  for (const [i, product] of [re, im, both].entries()) run(product, ofA[i] as Tensor, ofB[i] as Tensor);
  binary.sub(both, both, re);
  binary.sub(partOf(out, 1), both, im);
  binary.sub(partOf(out, 0), re, im);
  for (const { storage } of [re, im, both, ...ofA, ...ofB]) storage.release();
}

function putOperands(
  image: ArrayView,
  features: ArrayView,
  weight: ArrayView,
  bias: ArrayView | undefined,
  { stride, padding, dilation, groups }: ConvolutionWindow,
  isTransposed = false,
): void {
  const dtype = putDType(image.dtype);
  if (dtype === bool) throw new Error(`"convolution" not implemented for 'Bool'`);
  const sizes = (view: ArrayView) => view.sizes.map(checkedSize);
  const [batch, channels, ...imageSizes] = sizes(image) as [number, number, ...number[]];
  const [, filters, ...featureSizes] = sizes(features) as [number, number, ...number[]];
  const kernelSizes = sizes(weight).slice(2);
  checkWindow(imageSizes, featureSizes, kernelSizes, stride, padding, dilation);
  for (const size of [batch, groups, filters / groups, channels / groups]) put(checkedSize(size));
  putDims(imageSizes, 1);
  putDims(featureSizes, 1);
  putDims(kernelSizes, 1);
  putDims(stride, 1);
  putDims(padding, 0);
  putDims(dilation, 1);
  putVolume(image, dtype, [batch, channels, ...imageSizes]);
  putVolume(features, dtype, [batch, filters, ...featureSizes]);
  putVolume(weight, dtype, [filters, channels / groups, ...kernelSizes]);
  const biases = isTransposed ? channels : filters;
  const biasStride = bias?.strides[0] ?? 0;
  putOptional(bias, dtype, reachOf([biases], [biasStride]) + 1);
  putStride(biases, biasStride);
}

/** Throws unless the kernel can compute with the places that it reads. */
function checkWindow(...lists: readonly (readonly number[])[]): void {
  const [image, features, kernelSizes, stride, padding, dilation] = lists as [
    number[],
    number[],
    number[],
    number[],
    number[],
    number[],
  ];
  if (lists.some(({ length }) => length !== image.length) || image.length > mostDims) {
    throw new RangeError(`a convolution has up to ${mostDims} dims, and one number for each of them`);
  }
  image.forEach((size, d) => {
    const steps = [stride[d], dilation[d]] as [number, number];
    if (!(steps[0] >= 1 && steps[1] >= 1)) throw new RangeError(`a convolution takes steps from 1, got ${steps}`);
    const reach = (features[d] as number) * steps[0] + (kernelSizes[d] as number) * steps[1];
    checkedSize(size + 2 * checkedSize(padding[d] as number) + checkedSize(reach));
  });
  checkedSize(numelOf(kernelSizes));
}

/** Appends one number for each of the dims that kernels know; those that are missing come first. */
function putDims(values: readonly number[], missing: number): void {
  for (let d = values.length; d < mostDims; d++) put(missing);
  for (const value of values) put(checkedSize(value));
}

/** Appends address and strides of an operand of the given sizes. */
function putVolume(view: ArrayView, dtype: DType, sizes: readonly number[]): void {
  putAddress(view, dtype, reachOf(sizes, view.strides) + 1);
  for (let d = 0; d < 2; d++) putStride(sizes[d] as number, view.strides[d] as number);
  for (let d = sizes.length; d < mostDims + 2; d++) put(0);
  for (let d = 2; d < sizes.length; d++) putStride(sizes[d] as number, view.strides[d] as number);
}
