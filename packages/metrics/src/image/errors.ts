/** Errors of images, of their pixels and spectra. */
import torch, { type Tensor } from "flambeau";
import { intOrInts, number, optional, type Param, Signature, tensor } from "flambeau/arguments";
import { checkSameShape, counter, type Pair, pair, shapeText } from "../inputs.js";
import { type Combination, combination, combinedState, combinedValues } from "../metric/combination.js";
import { define, kept, summed } from "../metric/define.js";
import { type DataRange, dataRange } from "./similarity.js";
import { checkImages, imageMetric, type ReductionOption, reduction } from "./values.js";

export interface PsnrOptions extends ReductionOption {
  /** The base of the logarithm; 10 by default. */
  base?: number;
  /** The dims over which errors are averaged: each of the others has a value; all by default. */
  dim?: number | readonly number[];
}

type PsnrArgs =
  | [dataRange: DataRange, base?: number, options?: Omit<PsnrOptions, "base">]
  | [dataRange: DataRange, options?: PsnrOptions];

const psnr = define<Pair, PsnrArgs>()({
  name: "peakSignalNoiseRatio",
  inputs: pair,
  params: {
    dataRange,
    base: optional(number, 10),
    reduction,
    dim: optional(intOrInts as Param<number | readonly number[]>) as Param<readonly number[] | undefined>,
  },
  traits: { higherIsBetter: true, isDifferentiable: true, plotLowerBound: 0 },
  state: ({ dim }) => {
    const start = dim === undefined ? summed(torch.tensor(0)) : kept;
    return { sumSquaredError: start, total: start };
  },
  measure: ([preds, target], { dataRange: range, dim }) => {
    checkSameShape(preds, target);
    const clamp = (images: Tensor) => {
      const values = images.dtype.isFloatingPoint ? images : images.float();
      return typeof range === "number" ? values : values.clamp(range[0], range[1]);
    };
    const squares = clamp(preds).sub(clamp(target)).square();
    if (dim === undefined) return { sumSquaredError: squares.sum(), total: torch.tensor(squares.numel()) };
    const sums = squares.sum(dim);
    return {
      sumSquaredError: sums.flatten(),
      total: torch.full([sums.numel()], squares.numel() / Math.max(sums.numel(), 1)),
    };
  },
  compute: ({ sumSquaredError, total }, { dataRange: range, base, reduction: how }) => {
    const width = typeof range === "number" ? range : range[1] - range[0];
    const values = sumSquaredError
      .div(total)
      .log()
      .neg()
      .add(2 * Math.log(width))
      .mul(10 / Math.log(base));
    return how === "elementwise_mean" ? values.mean() : how === "sum" ? values.sum() : values;
  },
});

/**
 * The ratio of the greatest possible signal to the noise in decibels, `10 log₁₀(range² / mse)`.
 *
 * @param dataRange the width of the range of values, or its two ends, to which values are clamped.
 * @see https://lightning.ai/docs/torchmetrics/stable/image/peak_signal_noise_ratio.html
 */
export const peakSignalNoiseRatio = psnr.function;

/** The metric of `peakSignalNoiseRatio`. */
export class PeakSignalNoiseRatio extends psnr.Class {}

const ergas = imageMetric<
  [ratio?: number, options?: ReductionOption] | [options?: ReductionOption & { ratio?: number }]
>()({
  name: "errorRelativeGlobalDimensionlessSynthesis",
  params: { ratio: optional(number, 4), reduction },
  traits: { higherIsBetter: false, isDifferentiable: true, plotLowerBound: 0 },
  values: (inputs, { ratio }) => {
    checkImages(inputs);
    const [preds, target] = inputs.map((images) => images.flatten(2, -1)) as Pair;
    const error = preds.sub(target).square().mean(2).sqrt();
    return error
      .div(target.mean(2))
      .square()
      .mean(1)
      .sqrt()
      .mul(100 / ratio);
  },
});

/**
 * The relative dimensionless global error in synthesis: `100 / ratio · √(mean over bands of (rmse / mean)²)`.
 *
 * @param ratio of the resolutions; 4 by default.
 * @see https://lightning.ai/docs/torchmetrics/stable/image/error_relative_global_dimensionless_synthesis.html
 */
export const errorRelativeGlobalDimensionlessSynthesis = ergas.function;

/** The metric of `errorRelativeGlobalDimensionlessSynthesis`. */
export class ErrorRelativeGlobalDimensionlessSynthesis extends ergas.Class {}

const sam = imageMetric<[options?: ReductionOption]>()({
  name: "spectralAngleMapper",
  params: { reduction },
  traits: { higherIsBetter: false, isDifferentiable: true, plotLowerBound: 0 },
  values: (inputs) => {
    checkImages(inputs);
    const [preds, target] = inputs;
    if ((preds.shape[1] as number) <= 1) {
      throw new Error(
        `Expected channel dimension of \`preds\` and \`target\` to be larger than 1. Got preds: ${preds.shape[1]} and target: ${target.shape[1]}.`,
      );
    }
    const lengths = preds.norm(2, 1).mul(target.norm(2, 1));
    return preds.mul(target).sum(1).div(lengths).clamp(-1, 1).acos();
  },
});

/**
 * The angle between the spectra of two images at each pixel, in radians.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/image/spectral_angle_mapper.html
 */
export const spectralAngleMapper = sam.function;

/** The metric of `spectralAngleMapper`. */
export class SpectralAngleMapper extends sam.Class {}

/** Throws unless a tensor is a batch of images. */
function checkBatch(img: Tensor): void {
  if (img.ndim !== 4) throw new Error(`Expected input \`img\` to be an 4D tensor, but got ${shapeText(img)}`);
}

/** The differences of neighbours, along the height and the width. */
function differences(img: Tensor): [dy: Tensor, dx: Tensor] {
  return [img.diff({ dim: 2 }), img.diff({ dim: 3 })];
}

export interface TotalVariationOptions {
  /** How the values of the images become one; their sum by default. */
  reduction?: Combination;
}

const variation = define<[img: Tensor], [options?: TotalVariationOptions]>()({
  name: "totalVariation",
  inputs: { img: tensor },
  params: { reduction: combination("sum") },
  traits: { higherIsBetter: false, isDifferentiable: true, plotLowerBound: 0 },
  state: (options) => ({
    score: combinedState(options.reduction),
    numElements: summed(counter(0)),
  }),
  measure: ([img], options) => {
    checkBatch(img);
    const [dy, dx] = differences(img);
    const scores = dy
      .abs()
      .sum([1, 2, 3])
      .add(dx.abs().sum([1, 2, 3]));
    return { score: combinedValues(scores, options.reduction), numElements: counter(img.shape[0] as number) };
  },
  compute: ({ score, numElements }, options) => (options.reduction === "mean" ? score.div(numElements) : score),
});

/**
 * The sum of the absolute differences of neighbouring pixels of images of shape [B, C, H, W].
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/image/total_variation.html
 */
export const totalVariation = variation.function;

/** The metric of `totalVariation`. */
export class TotalVariation extends variation.Class {}

const gradientsSignature = new Signature("imageGradients", { img: tensor });

/**
 * The differences of each pixel to the next one below and to the right, `[dy, dx]`, of the shape of the images; 0 at the
 * end.
 *
 * @see https://lightning.ai/docs/torchmetrics/stable/image/image_gradients.html
 */
export function imageGradients(...args: [img: Tensor]): [dy: Tensor, dx: Tensor] {
  const { img } = gradientsSignature.parse(args);
  checkBatch(img);
  const [dy, dx] = differences(img);
  const withZeros = (part: Tensor, dim: number) => torch.cat([part, torch.zerosLike(img.narrow(dim, 0, 1))], { dim });
  return [withZeros(dy, 2), withZeros(dx, 3)];
}
