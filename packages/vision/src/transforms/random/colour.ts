/** Colours changed, and images blurred, at random. */
import torch, { type Tensor } from "flambeau";
import { type Args, optional, Signature, sizeOrSizes } from "flambeau/arguments";
import { pyFloat, pyList, pyTuple } from "../../python.js";
import { gaussianBlur } from "../functional/blur.js";
import { adjustContrast, adjustHue, adjustSaturation } from "../functional/colour.js";
import { twoSizes } from "../functional/crop.js";
import { type AnyImage, fillParam } from "../functional/image.js";
import { adjustBrightness } from "../functional/tone.js";
import type { HeightWidth, Size } from "../geometry.js";
import { giveBack, keepNothing } from "../release.js";
import { ImageTransform } from "../transform.js";
import { uniform } from "./draw.js";

const { shareable } = torch.utils.data;

type Range = readonly [from: number, to: number];
type Spread = number | readonly number[];

/** From and to of a factor: one number stands for as much both ways from what changes nothing. */
function rangeOf(value: Spread, name: string, center: number, bound: Range): Range | null {
  let range: Range;
  if (typeof value === "number") {
    if (value < 0) throw new Error(`If ${name} is a single number, it must be non negative.`);
    range = [center === 0 ? -value : Math.max(0, center - value), center + value];
  } else if (value.length === 2) {
    range = value as unknown as Range;
  } else {
    throw new TypeError(`${name} should be a single number or a list/tuple with length 2.`);
  }
  const [from, to] = range;
  if (!(bound[0] <= from && from <= to && to <= bound[1]))
    throw new Error(`${name} values should be between (${bound.map(bounds).join(", ")})`);
  return from === center && to === center ? null : range;
}

function bounds(value: number): string {
  return value === Number.POSITIVE_INFINITY ? "inf" : String(value);
}

const jitterParams = {
  brightness: optional(fillParam, 0),
  contrast: optional(fillParam, 0),
  saturation: optional(fillParam, 0),
  hue: optional(fillParam, 0),
};

const names = ["brightness", "contrast", "saturation", "hue"] as const;

const adjust = [adjustBrightness, adjustContrast, adjustSaturation, adjustHue] as const;

/** The order of four changes, and the factor of each; none where nothing is changed. */
export type JitterParams = [
  order: Tensor,
  brightness: number | null,
  contrast: number | null,
  saturation: number | null,
  hue: number | null,
];

/**
 * Brightness, contrast, saturation and hue changed at random, in a random order.
 *
 * @param brightness factors `[from, to]`; one number stands for as much below and above 1. So are `contrast` and `saturation`.
 * @param hue the same around 0, from -0.5 to 0.5.
 * @example new ColorJitter(0.4, 0.4, 0.4, 0.1)
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.ColorJitter.html
 */
export class ColorJitter extends ImageTransform {
  readonly brightness: Range | null;
  readonly contrast: Range | null;
  readonly saturation: Range | null;
  readonly hue: Range | null;
  /** Which of the four were given as a pair, for printing. */
  readonly pairs: readonly boolean[];

  constructor(
    ...args: Args<
      [brightness?: Spread, contrast?: Spread, saturation?: Spread, hue?: Spread],
      ["brightness", "contrast", "saturation", "hue"]
    >
  ) {
    super();
    const given = new Signature(new.target.name, jitterParams).parse(args);
    const most = Number.POSITIVE_INFINITY;
    this.brightness = rangeOf(given.brightness, "brightness", 1, [0, most]);
    this.contrast = rangeOf(given.contrast, "contrast", 1, [0, most]);
    this.saturation = rangeOf(given.saturation, "saturation", 1, [0, most]);
    this.hue = rangeOf(given.hue, "hue", 0, [-0.5, 0.5]);
    this.pairs = names.map((name) => typeof given[name] !== "number");
  }

  /** Draws the order and the factors. */
  static getParams(
    brightness: Range | null,
    contrast: Range | null,
    saturation: Range | null,
    hue: Range | null,
  ): JitterParams {
    const order = torch.randperm(4);
    const draw = (range: Range | null) => (range === null ? null : uniform(...range));
    return [order, draw(brightness), draw(contrast), draw(saturation), draw(hue)];
  }

  forward(img: AnyImage): AnyImage {
    const [order, ...factors] = ColorJitter.getParams(this.brightness, this.contrast, this.saturation, this.hue);
    return (order.tolist() as number[]).reduce<AnyImage>((image, i) => {
      const factor = factors[i] as number | null;
      if (factor === null) return image;
      const changed = (adjust[i] as typeof adjustHue)(image, factor);
      giveBack(image, changed, img);
      return changed;
    }, img);
  }

  override extraRepr(): string {
    return names
      .map((name, i) => {
        const range = this[name];
        const write = this.pairs[i] === true ? pyTuple : pyList;
        return `${name}=${range === null ? "None" : write<number>(range, pyFloat)}`;
      })
      .join(", ");
  }
}

const blurParams = { kernelSize: sizeOrSizes, sigma: optional(fillParam, [0.1, 2]) };

/**
 * Images blurred by a Gaussian with a random deviation.
 *
 * @param kernelSize an odd number of pixels, or `[x, y]`.
 * @param sigma the deviation, or `[from, to]`: 0.1 to 2 by default.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.GaussianBlur.html
 */
export class GaussianBlur extends ImageTransform {
  readonly kernelSize: HeightWidth;
  readonly sigma: Range;

  constructor(...args: [kernelSize: Size, ...rest: Args<[sigma?: Spread], ["sigma"]>]) {
    super();
    const { kernelSize, sigma } = new Signature(new.target.name, blurParams).parse(args);
    this.kernelSize = twoSizes(kernelSize, "Kernel size should be a tuple/list of two integers");
    if (this.kernelSize.some((size) => size <= 0 || size % 2 === 0))
      throw new Error("Kernel size value should be an odd and positive number.");
    if (typeof sigma === "number" && !(sigma > 0)) throw new Error("If sigma is a single number, it must be positive.");
    const [from, to, ...more] = typeof sigma === "number" ? [sigma, sigma] : sigma;
    if (from === undefined || to === undefined || more.length > 0)
      throw new Error("sigma should be a single number or a list/tuple with length 2.");
    if (!(0 < from && from <= to)) throw new Error("sigma values should be positive and of the form (min, max).");
    this.sigma = [from, to];
  }

  /** Draws a deviation. */
  static getParams(sigmaMin: number, sigmaMax: number): number {
    return uniform(sigmaMin, sigmaMax);
  }

  forward(img: AnyImage): AnyImage {
    const sigma = GaussianBlur.getParams(...this.sigma);
    return gaussianBlur(img, this.kernelSize, [sigma, sigma]);
  }

  override extraRepr(): string {
    return `kernel_size=${pyTuple(this.kernelSize)}, sigma=${pyTuple(this.sigma, pyFloat)}`;
  }
}

shareable(import.meta.url, { ColorJitter, GaussianBlur });
keepNothing({ ColorJitter, GaussianBlur });
