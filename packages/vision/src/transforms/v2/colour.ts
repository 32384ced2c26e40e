/**
 * Colours of samples: images and videos change, masks and boxes stay as they are.
 *
 * Source: https://pytorch.org/vision/stable/transforms.html#color
 */
import torch from "flambeau";
import { type Args, flagOn, int, number, numbers, optional, Signature, sizeOrSizes } from "flambeau/arguments";
import { pyValue } from "../../python.js";
import type { Size } from "../geometry.js";
import { GaussianBlur as PlainBlur, ColorJitter as PlainJitter } from "../random/colour.js";
import { happens, uniform, whole } from "../random/draw.js";
import * as F from "./functional/colour.js";
import type { Input } from "./functional/kinds.js";
import {
  checkedProbability,
  type Params,
  type Probability,
  probabilityParam,
  queryChannels,
  RandomApplyTransform,
  readProbability,
  Transform,
} from "./transform.js";

const { shareable } = torch.utils.data;

/**
 * In grey, with one channel or three equal ones.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.Grayscale.html
 */
export class Grayscale extends Transform {
  readonly numOutputChannels: number;

  constructor(...args: Args<[numOutputChannels?: number], ["numOutputChannels"]>) {
    super();
    const params = { numOutputChannels: optional(int, 1) };
    this.numOutputChannels = new Signature("Grayscale", params).parse(args).numOutputChannels;
  }

  transform(inpt: Input): Input {
    return F.rgbToGrayscale(inpt, this.numOutputChannels);
  }
}

/**
 * In grey, with a probability (0.1) and as many channels as before.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomGrayscale.html
 */
export class RandomGrayscale extends RandomApplyTransform {
  readonly p: number;

  constructor(...args: Probability) {
    super();
    this.p = readProbability("RandomGrayscale", args, 0.1);
  }

  override makeParams(flatInputs: readonly Input[]): Params {
    return { channels: queryChannels(flatInputs)[0] };
  }

  transform(inpt: Input, { channels }: Params): Input {
    return F.rgbToGrayscale(inpt, channels as number);
  }
}

/**
 * Grey images with three equal channels; others stay as they are.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RGB.html
 */
export class RGB extends Transform {
  transform(inpt: Input): Input {
    return F.grayscaleToRgb(inpt);
  }
}

type Spread = number | readonly number[];

/**
 * Brightness, contrast, saturation and hue changed at random, in a random order.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.ColorJitter.html
 */
export class ColorJitter extends Transform {
  static readonly getParams = PlainJitter.getParams;
  readonly brightness: readonly [number, number] | null;
  readonly contrast: readonly [number, number] | null;
  readonly saturation: readonly [number, number] | null;
  readonly hue: readonly [number, number] | null;

  constructor(
    ...args: Args<
      [brightness?: Spread, contrast?: Spread, saturation?: Spread, hue?: Spread],
      ["brightness", "contrast", "saturation", "hue"]
    >
  ) {
    super();
    const same = new PlainJitter(...args);
    this.brightness = same.brightness;
    this.contrast = same.contrast;
    this.saturation = same.saturation;
    this.hue = same.hue;
  }

  override makeParams(): Params {
    const [order, ...factors] = PlainJitter.getParams(this.brightness, this.contrast, this.saturation, this.hue);
    return { order: order.tolist(), factors };
  }

  transform(inpt: Input, { order, factors }: Params): Input {
    const adjust = [F.adjustBrightness, F.adjustContrast, F.adjustSaturation, F.adjustHue] as const;
    return (order as number[]).reduce<Input>((image, i) => {
      const factor = (factors as (number | null)[])[i];
      return typeof factor === "number" ? (adjust[i] as typeof F.adjustHue)(image, factor) : image;
    }, inpt);
  }
}

/**
 * Channels in a random order.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomChannelPermutation.html
 */
export class RandomChannelPermutation extends Transform {
  override makeParams(flatInputs: readonly Input[]): Params {
    return { permutation: torch.randperm(queryChannels(flatInputs)[0]).tolist() };
  }

  transform(inpt: Input, { permutation }: Params): Input {
    return F.permuteChannels(inpt, permutation as number[]);
  }
}

/** The changes that a photometric distortion may make, in the order in which their factors are drawn. */
const distortions = ["brightness", "contrast", "saturation", "hue"] as const;

/**
 * Brightness, contrast, saturation, hue and the order of channels, each changed with a probability (0.5), as for the single
 * shot detector.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomPhotometricDistort.html
 */
export class RandomPhotometricDistort extends Transform {
  readonly brightness: readonly number[];
  readonly contrast: readonly number[];
  readonly hue: readonly number[];
  readonly saturation: readonly number[];
  readonly p: number;

  constructor(
    ...args: Args<
      [
        brightness?: readonly number[],
        contrast?: readonly number[],
        saturation?: readonly number[],
        hue?: readonly number[],
        p?: number,
      ],
      ["brightness", "contrast", "saturation", "hue", "p"]
    >
  ) {
    super();
    const params = {
      brightness: optional(numbers, [0.875, 1.125]),
      contrast: optional(numbers, [0.5, 1.5]),
      saturation: optional(numbers, [0.5, 1.5]),
      hue: optional(numbers, [-0.05, 0.05]),
      p: probabilityParam,
    };
    const given = new Signature("RandomPhotometricDistort", params).parse(args);
    this.brightness = given.brightness;
    this.contrast = given.contrast;
    this.hue = given.hue;
    this.saturation = given.saturation;
    this.p = checkedProbability(given.p);
  }

  override makeParams(flatInputs: readonly Input[]): Params {
    const [channels] = queryChannels(flatInputs);
    const factors = Object.fromEntries(
      distortions.map((name) => [name, happens(this.p) ? uniform(...(this[name] as [number, number])) : null]),
    );
    const contrastFirst = torch.rand([]).item() < 0.5;
    return { factors, contrastFirst, permutation: happens(this.p) ? torch.randperm(channels).tolist() : null };
  }

  transform(inpt: Input, { factors, contrastFirst, permutation }: Params): Input {
    const drawn = factors as Record<(typeof distortions)[number], number | null>;
    const apply = (image: Input, adjust: typeof F.adjustHue, factor: number | null) =>
      factor === null ? image : adjust(image, factor);
    let image = apply(inpt, F.adjustBrightness, drawn.brightness);
    if (contrastFirst) image = apply(image, F.adjustContrast, drawn.contrast);
    image = apply(image, F.adjustSaturation, drawn.saturation);
    image = apply(image, F.adjustHue, drawn.hue);
    if (!contrastFirst) image = apply(image, F.adjustContrast, drawn.contrast);
    return permutation === null ? image : F.permuteChannels(image, permutation as number[]);
  }
}

/**
 * The negative, with a probability (0.5).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomInvert.html
 */
export class RandomInvert extends RandomApplyTransform {
  readonly p: number;

  constructor(...args: Probability) {
    super();
    this.p = readProbability("RandomInvert", args);
  }

  transform(inpt: Input): Input {
    return F.invert(inpt);
  }
}

/**
 * Each colour spread from its lowest value to its greatest, with a probability (0.5).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomAutocontrast.html
 */
export class RandomAutocontrast extends RandomApplyTransform {
  readonly p: number;

  constructor(...args: Probability) {
    super();
    this.p = readProbability("RandomAutocontrast", args);
  }

  transform(inpt: Input): Input {
    return F.autocontrast(inpt);
  }
}

/**
 * All values about as often, with a probability (0.5).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomEqualize.html
 */
export class RandomEqualize extends RandomApplyTransform {
  readonly p: number;

  constructor(...args: Probability) {
    super();
    this.p = readProbability("RandomEqualize", args);
  }

  transform(inpt: Input): Input {
    return F.equalize(inpt);
  }
}

/**
 * Images and videos with what is lost in a JPEG file.
 *
 * @param quality from 1 to 100, or `[least, most]`, between which it is drawn.
 * @throws Error for other numbers.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.JPEG.html
 */
export class JPEG extends Transform {
  readonly quality: readonly [number, number];

  constructor(...args: [quality: number | readonly number[]]) {
    super();
    const { quality } = new Signature("JPEG", { quality: sizeOrSizes }).parse(args);
    const [least, most, ...more] = (typeof quality === "number" ? [quality, quality] : quality) as [number, number];
    if (more.length > 0 || !(1 <= least && least <= most && most <= 100))
      throw new Error(`quality must be an integer from 1 to 100, got quality=${pyValue(quality)}`);
    this.quality = [least, most];
  }

  override makeParams(): Params {
    return { quality: whole(this.quality[0], this.quality[1] + 1) };
  }

  transform(inpt: Input, { quality }: Params): Input {
    return F.jpeg(inpt, quality as number);
  }
}

/** Reads a number and a probability. */
function readWithProbability<N extends string>(
  className: string,
  name: N,
  param: typeof int | typeof number,
  args: readonly unknown[],
): { value: number; p: number } {
  const given = new Signature(className, { [name]: param, p: probabilityParam }).parse(args) as Record<string, number>;
  return { value: given[name] as number, p: checkedProbability(given.p as number) };
}

/**
 * So many bits for each colour, with a probability (0.5).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomPosterize.html
 */
export class RandomPosterize extends RandomApplyTransform {
  readonly p: number;
  readonly bits: number;

  constructor(...args: [bits: number, ...rest: Probability]) {
    super();
    const { value, p } = readWithProbability("RandomPosterize", "bits", int, args);
    this.p = p;
    this.bits = value;
  }

  transform(inpt: Input): Input {
    return F.posterize(inpt, this.bits);
  }
}

/**
 * The negative of all values from a threshold on, with a probability (0.5).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomSolarize.html
 */
export class RandomSolarize extends RandomApplyTransform {
  readonly p: number;
  readonly threshold: number;

  constructor(...args: [threshold: number, ...rest: Probability]) {
    super();
    const { value, p } = readWithProbability("RandomSolarize", "threshold", number, args);
    this.p = p;
    this.threshold = value;
  }

  transform(inpt: Input): Input {
    return F.solarize(inpt, this.threshold);
  }
}

/**
 * Sharpened, with a probability (0.5).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomAdjustSharpness.html
 */
export class RandomAdjustSharpness extends RandomApplyTransform {
  readonly p: number;
  readonly sharpnessFactor: number;

  constructor(...args: [sharpnessFactor: number, ...rest: Probability]) {
    super();
    const { value, p } = readWithProbability("RandomAdjustSharpness", "sharpnessFactor", number, args);
    this.p = p;
    this.sharpnessFactor = value;
  }

  transform(inpt: Input): Input {
    return F.adjustSharpness(inpt, this.sharpnessFactor);
  }
}

/**
 * Blurred by a Gaussian with a random deviation.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.GaussianBlur.html
 */
export class GaussianBlur extends Transform {
  static readonly getParams = PlainBlur.getParams;
  readonly kernelSize: readonly number[];
  readonly sigma: readonly [number, number];

  constructor(...args: [kernelSize: Size, ...rest: Args<[sigma?: Spread], ["sigma"]>]) {
    super();
    const same = new PlainBlur(...args);
    this.kernelSize = same.kernelSize;
    this.sigma = same.sigma;
  }

  override makeParams(): Params {
    const sigma = PlainBlur.getParams(...this.sigma);
    return { sigma: [sigma, sigma] };
  }

  transform(inpt: Input, { sigma }: Params): Input {
    return F.gaussianBlur(inpt, this.kernelSize, sigma as number[]);
  }
}

/**
 * With noise from a normal distribution; images of floats alone.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.GaussianNoise.html
 */
export class GaussianNoise extends Transform {
  readonly mean: number;
  readonly sigma: number;
  readonly clip: boolean;

  constructor(...args: Args<[mean?: number, sigma?: number], ["mean", "sigma"], { clip?: boolean }>) {
    super();
    const params = { mean: optional(number, 0), sigma: optional(number, 0.1), clip: flagOn };
    const { mean, sigma, clip } = new Signature("GaussianNoise", params).parse(args);
    this.mean = mean;
    this.sigma = sigma;
    this.clip = clip;
  }

  transform(inpt: Input): Input {
    return F.gaussianNoise(inpt, this.mean, this.sigma, { clip: this.clip });
  }
}

shareable(import.meta.url, {
  Grayscale,
  JPEG,
  RandomGrayscale,
  RGB,
  ColorJitter,
  RandomChannelPermutation,
  RandomPhotometricDistort,
  RandomInvert,
  RandomAutocontrast,
  RandomEqualize,
  RandomPosterize,
  RandomSolarize,
  RandomAdjustSharpness,
  GaussianBlur,
  GaussianNoise,
});
