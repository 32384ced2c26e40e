/** The similarity of the structure of images. */
import torch, { F, type Tensor } from "flambeau";
import {
  flag,
  flagOn,
  invalid,
  nullable,
  number,
  numbers,
  optional,
  type Param,
  sizeOrSizes,
  word,
} from "flambeau/arguments";
import { type Pair, pair } from "../inputs.js";
import { define, kept, type StateStart } from "../metric/define.js";
import {
  checkImages,
  type ImageReduction,
  imageMetric,
  type ReductionOption,
  reduced,
  reducedState,
  reducedValues,
  reduction,
} from "./values.js";
import { cropped, gaussian, mirrored, uniform, windowMoments } from "./windows.js";

/** The width of the range of values, or its ends, to which values are clamped. */
export type DataRange = number | readonly [low: number, high: number];

export const dataRange: Param<DataRange> = {
  ...(number as Param<DataRange>),
  expected: "float or tuple of two floats",
  read: (value) => {
    const one = number.read(value);
    if (one !== invalid) return one;
    const list = numbers.read(value);
    return list !== invalid && list.length === 2 ? (list as [number, number]) : invalid;
  },
};

const oneOrMore: Param<number | readonly number[]> = {
  ...(number as Param<number | readonly number[]>),
  expected: "float or tuple of floats",
  read: (value) => {
    const one = number.read(value);
    return one === invalid ? numbers.read(value) : one;
  },
};

export interface SsimOptions extends ReductionOption {
  /** Whether windows are Gaussian, of a size that comes from `sigma`, or of equal weights, of `kernelSize`. */
  gaussianKernel?: boolean;
  sigma?: number | readonly number[];
  kernelSize?: number | readonly number[];
  /** The range of values; by default that of each batch. */
  dataRange?: DataRange;
  k1?: number;
  k2?: number;
}

interface SsimValues {
  readonly gaussianKernel: boolean;
  readonly sigma: number | readonly number[];
  readonly kernelSize: number | readonly number[];
  readonly dataRange: DataRange | undefined;
  readonly k1: number;
  readonly k2: number;
}

const windowParams = {
  gaussianKernel: flagOn,
  sigma: optional(oneOrMore, 1.5),
  kernelSize: optional(sizeOrSizes as Param<number | readonly number[]>, 11),
  reduction,
  dataRange: optional(dataRange),
  k1: optional(number, 0.01),
  k2: optional(number, 0.03),
};

/** A number for each of the dims of images. */
function perDim(value: number | readonly number[], images: Tensor, name: string): readonly number[] {
  const dims = images.ndim - 2;
  const all = typeof value === "number" ? Array<number>(dims).fill(value) : value;
  if (all.length === dims) return all;
  throw new Error(
    `\`${name}\` has dimension ${all.length}, but expected to be two less that target dimensionality, which is: ${images.ndim}`,
  );
}

/** @throws RangeError unless sizes are odd and positive, and deviations positive. */
function checkWindows({ kernelSize, sigma }: Pick<SsimValues, "kernelSize" | "sigma">): void {
  const sizes = [kernelSize].flat();
  if (sizes.some((size) => size <= 0 || size % 2 === 0)) {
    throw new RangeError(`Expected \`kernelSize\` to have odd positive number. Got ${sizes.join(", ")}.`);
  }
  const sigmas = [sigma].flat();
  if (sigmas.some((one) => one <= 0)) {
    throw new RangeError(`Expected \`sigma\` to have positive number. Got ${sigmas.join(", ")}.`);
  }
}

/** Both batches within the range, and its width. */
function inRange([preds, target]: Pair, range: DataRange | undefined): [preds: Tensor, target: Tensor, width: number] {
  if (typeof range === "number") return [preds, target, range];
  if (range === undefined) {
    const width = (images: Tensor) => images.detach().amax().item() - images.detach().amin().item();
    return [preds, target, Math.max(width(preds), width(target))];
  }
  const [low, high] = range;
  return [preds.clamp(low, high), target.clamp(low, high), high - low];
}

/** The windows of a batch of images, one for each dim. */
function windowsFor(images: Tensor, { gaussianKernel, sigma, kernelSize }: SsimValues): Tensor[] {
  const sizes = perDim(kernelSize, images, "kernelSize");
  const sigmas = perDim(sigma, images, "sigma");
  if (!gaussianKernel) return sizes.map((size) => uniform(size, images));
  return sigmas.map((one) => gaussian(2 * Math.trunc(3.5 * one + 0.5) + 1, one, images));
}

/** The similarity at every place, and the part of it that comes from contrast and structure. */
function similarityMaps(inputs: Pair, options: SsimValues) {
  checkImages(inputs, [4, 5]);
  const [preds, target, width] = inRange(inputs, options.dataRange);
  const windows = windowsFor(preds, options);
  const sizes = windows.map((window) => window.numel());
  const moments = windowMoments(mirrored(preds, sizes), mirrored(target, sizes), windows);
  const [c1, c2] = [(options.k1 * width) ** 2, (options.k2 * width) ** 2];
  const contrast = moments.covariance.mul(2).add(c2).div(moments.variances.add(c2));
  const luminance = moments.meanProduct.mul(2).add(c1).div(moments.squaredMeans.add(c1));
  return { similarity: luminance.mul(contrast), contrast: cropped(contrast, sizes) };
}

/** The mean of each image. */
function perImage(values: Tensor): Tensor {
  return values.flatten(1, -1).mean(1);
}

const ssimRule = define<
  Pair,
  [options?: SsimOptions & { returnFullImage?: boolean; returnContrastSensitivity?: boolean }],
  Tensor | [similarity: Tensor, images: Tensor]
>()({
  name: "structuralSimilarityIndexMeasure",
  inputs: pair,
  params: { ...windowParams, returnFullImage: flag, returnContrastSensitivity: flag },
  traits: { higherIsBetter: true, isDifferentiable: true, plotLowerBound: 0, plotUpperBound: 1 },
  check: (options) => {
    checkWindows(options);
    if (options.returnFullImage && options.returnContrastSensitivity) {
      throw new Error("Arguments `returnFullImage` and `returnContrastSensitivity` are mutually exclusive.");
    }
  },
  state: (options): Record<string, StateStart> => {
    const isMore = options.returnFullImage || options.returnContrastSensitivity;
    return { ...reducedState(options.reduction), ...(isMore && { imageReturn: kept }) };
  },
  measure: (inputs, options): Record<string, Tensor> => {
    const { similarity, contrast } = similarityMaps(inputs, options);
    return {
      ...reducedValues(perImage(similarity), options.reduction),
      ...(options.returnFullImage && { imageReturn: similarity }),
      ...(options.returnContrastSensitivity && { imageReturn: perImage(contrast) }),
    };
  },
  compute: (state, options) => {
    const value = reduced(state as Record<"score" | "total", Tensor>, options.reduction);
    return state.imageReturn === undefined ? value : [value, state.imageReturn];
  },
});

/**
 * The structural similarity of images, `(2 μx μy + c₁)(2 σxy + c₂) / ((μx² + μy² + c₁)(σx² + σy² + c₂))` in windows:
 * 1 for equal ones.
 *
 * @param preds images of shape [B, C, H, W], or volumes of shape [B, C, D, H, W].
 * @param options.returnFullImage the similarity at every place is given too.
 * @throws Error where shapes do not fit; RangeError for windows of an even size.
 * @see https://lightning.ai/docs/torchmetrics/stable/image/structural_similarity.html
 */
export const structuralSimilarityIndexMeasure = ssimRule.function;

/** The metric of `structuralSimilarityIndexMeasure`. */
export class StructuralSimilarityIndexMeasure extends ssimRule.Class {}

export interface MultiscaleOptions extends SsimOptions {
  /** How much each scale counts; each is half as large as the one before. */
  betas?: readonly number[];
  /** What becomes of negative similarities: 0 (`"relu"`), or all are moved between 0 and 1 (`"simple"`). */
  normalize?: "relu" | "simple" | null;
}

const usualBetas = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

function checkScales({ preds, sizes, betas }: { preds: Tensor; sizes: readonly number[]; betas: readonly number[] }) {
  const least = 2 ** betas.length;
  const spatial = preds.shape.slice(-2);
  if (spatial.some((size) => size < least)) {
    throw new Error(
      `For a given number of \`betas\` parameters ${betas.length}, the image height and width dimensions must be larger than or equal to ${least}.`,
    );
  }
  const halved = Math.max(1, betas.length - 1) ** 2;
  spatial.forEach((size, i) => {
    const window = sizes[i] as number;
    if (Math.floor(size / halved) <= window - 1) {
      throw new Error(
        `For a given number of \`betas\` parameters ${betas.length} and kernel size ${window}, the image ${i === 0 ? "height" : "width"} must be larger than ${(window - 1) * halved}.`,
      );
    }
  });
}

const msSsim = imageMetric<[options?: MultiscaleOptions]>()({
  name: "multiscaleStructuralSimilarityIndexMeasure",
  params: {
    ...windowParams,
    betas: optional(numbers, usualBetas),
    normalize: optional(nullable(word("relu", "simple")), "relu"),
  },
  traits: { higherIsBetter: true, isDifferentiable: true, plotLowerBound: 0, plotUpperBound: 1 },
  check: checkWindows,
  values: (inputs, options) => {
    checkImages(inputs, [4, 5]);
    let [preds, target] = inputs;
    checkScales({ preds, sizes: perDim(options.kernelSize, preds, "kernelSize"), betas: options.betas });
    const halve = (images: Tensor) => (images.ndim === 5 ? F.avgPool3d(images, 2) : F.avgPool2d(images, 2));
    const scales = options.betas.map((beta, i) => {
      const { similarity, contrast } = similarityMaps([preds, target], options);
      const values = perImage(i === options.betas.length - 1 ? similarity : contrast);
      [preds, target] = [halve(preds), halve(target)];
      if (options.normalize === "relu") return values.relu().pow(beta);
      return (options.normalize === "simple" ? values.add(1).div(2) : values).pow(beta);
    });
    return scales.reduce((product, one) => product.mul(one));
  },
});

/**
 * The structural similarity of images at several scales, each half as large as the one before.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/image/multi_scale_structural_similarity.html
 */
export const multiscaleStructuralSimilarityIndexMeasure = msSsim.function;

/** The metric of `multiscaleStructuralSimilarityIndexMeasure`. */
export class MultiScaleStructuralSimilarityIndexMeasure extends msSsim.Class {}

export interface UqiOptions extends ReductionOption {
  kernelSize?: readonly number[];
  sigma?: readonly number[];
}

type UqiArgs =
  | [kernelSize?: readonly number[], sigma?: readonly number[], options?: { reduction?: ImageReduction }]
  | [options?: UqiOptions];

const uqi = imageMetric<UqiArgs>()({
  name: "universalImageQualityIndex",
  params: { kernelSize: optional(numbers, [11, 11]), sigma: optional(numbers, [1.5, 1.5]), reduction },
  traits: { higherIsBetter: true, isDifferentiable: true, plotLowerBound: 0, plotUpperBound: 1 },
  check: (options) => {
    const { kernelSize, sigma } = options;
    if (kernelSize.length !== 2 || sigma.length !== 2) {
      throw new Error(
        `Expected \`kernelSize\` and \`sigma\` to have the length of two. Got kernelSize: ${kernelSize.length} and sigma: ${sigma.length}.`,
      );
    }
    checkWindows(options);
  },
  values: (inputs, { kernelSize, sigma }) => {
    checkImages(inputs);
    const [preds, target] = inputs;
    const windows = kernelSize.map((size, i) => gaussian(size, sigma[i] as number, preds));
    const moments = windowMoments(mirrored(preds, kernelSize), mirrored(target, kernelSize), windows);
    const { eps } = torch.finfo(preds.dtype);
    const index = moments.meanProduct
      .mul(4)
      .mul(moments.covariance)
      .div(moments.squaredMeans.mul(moments.variances).add(eps));
    return cropped(index, kernelSize);
  },
});

/**
 * The universal image quality index: the structural similarity without constants, of every place.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/image/universal_image_quality_index.html
 */
export const universalImageQualityIndex = uqi.function;

/** The metric of `universalImageQualityIndex`. */
export class UniversalImageQualityIndex extends uqi.Class {}
