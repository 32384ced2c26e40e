/** Random parts of images. */
import torch from "flambeau";
import { type Args, flag, nullable, numbers, optional, Signature, sizeOrSizes, warn } from "flambeau/arguments";
import { pyFloat, pyTuple, pyValue } from "../../python.js";
import { roundHalfEven } from "../../rounding.js";
import { crop, twoDimensions, twoSizes } from "../functional/crop.js";
import { type AnyImage, dimensionsOf, type Fill } from "../functional/image.js";
import { type PaddingMode, pad, padParams } from "../functional/pad.js";
import { antialiasParam, type ResizeOptions, resizedCrop, resizeParams } from "../functional/resize.js";
import { type HeightWidth, pySizes, type Size } from "../geometry.js";
import type { InterpolationMode } from "../interpolation.js";
import { keepNothing } from "../release.js";
import { ImageTransform } from "../transform.js";
import { ratioBetween, uniform, whole } from "./draw.js";

const { shareable } = torch.utils.data;

/** A part of an image. */
export type Region = [top: number, left: number, height: number, width: number];

export const cropParams = {
  size: sizeOrSizes,
  padding: optional(nullable(sizeOrSizes), null),
  padIfNeeded: flag,
  fill: padParams.fill,
  paddingMode: padParams.paddingMode,
};

/**
 * A part of images at a random place, which may be padded before.
 *
 * @param padding around the image, as of `Pad`.
 * @param options.padIfNeeded whether smaller images are padded rather than refused.
 * @example new RandomCrop(32, 4)
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomCrop.html
 */
export class RandomCrop extends ImageTransform {
  readonly size: HeightWidth;
  readonly padding: Size | null;
  readonly padIfNeeded: boolean;
  readonly fill: Fill;
  readonly paddingMode: PaddingMode;

  constructor(
    ...args: [
      size: Size,
      ...rest: Args<
        [padding?: Size | null],
        ["padding"],
        { padIfNeeded?: boolean; fill?: Fill; paddingMode?: PaddingMode }
      >,
    ]
  ) {
    super();
    const given = new Signature(new.target.name, cropParams).parse(args);
    this.size = twoSizes(given.size, twoDimensions);
    this.padding = given.padding;
    this.padIfNeeded = given.padIfNeeded;
    this.fill = given.fill ?? 0;
    this.paddingMode = given.paddingMode;
  }

  /**
   * Draws a part of a size.
   *
   * @throws Error if it is larger than the image.
   */
  static getParams(img: AnyImage, [height, width]: HeightWidth): Region {
    const [, h, w] = dimensionsOf(img);
    if (h < height || w < width)
      throw new Error(`Required crop size (${height}, ${width}) is larger than input image size (${h}, ${w})`);
    if (w === width && h === height) return [0, 0, h, w];
    return [whole(0, h - height + 1), whole(0, w - width + 1), height, width];
  }

  forward(img: AnyImage): AnyImage {
    const padded = (x: AnyImage, padding: Size) => pad(x, padding, this.fill, { paddingMode: this.paddingMode });
    let image = this.padding === null ? img : padded(img, this.padding);
    const [, height, width] = dimensionsOf(image);
    if (this.padIfNeeded && width < this.size[1]) image = padded(image, [this.size[1] - width, 0]);
    if (this.padIfNeeded && height < this.size[0]) image = padded(image, [0, this.size[0] - height]);
    return crop(image, ...RandomCrop.getParams(image, this.size));
  }

  override extraRepr(): string {
    return `size=${pyTuple(this.size)}, padding=${pySizes(this.padding)}`;
  }
}

export const resizedCropParams = {
  size: sizeOrSizes,
  scale: optional(numbers, [0.08, 1]),
  ratio: optional(numbers, [3 / 4, 4 / 3]),
  interpolation: resizeParams.interpolation,
  antialias: antialiasParam,
};

/** Reads the smallest and the greatest of something; says so if they are the wrong way round. */
export function checkRanges(scale: readonly number[], ratio: readonly number[]): [[number, number], [number, number]] {
  for (const [name, range] of [
    ["Scale", scale],
    ["Ratio", ratio],
  ] as const) {
    if (range.length !== 2) throw new TypeError(`${name} should be a sequence of length 2.`);
  }
  const [[lowScale, highScale], [lowRatio, highRatio]] = [scale, ratio] as [[number, number], [number, number]];
  if (lowScale > highScale || lowRatio > highRatio) warn("Scale and ratio should be of kind (min, max)");
  return [
    [lowScale, highScale],
    [lowRatio, highRatio],
  ];
}

/** Rounds to four places, for printing. */
function short(value: number): string {
  return pyFloat(Number(value.toFixed(4)));
}

/** Draws a part of an image of a size; after ten that do not fit into it, it is the middle. */
export function drawRegion([height, width]: HeightWidth, scale: readonly number[], ratio: readonly number[]): Region {
  const [lowScale, highScale] = scale as [number, number];
  const [lowRatio, highRatio] = ratio as [number, number];
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = height * width * uniform(lowScale, highScale);
    const aspect = ratioBetween(lowRatio, highRatio);
    const w = roundHalfEven(Math.sqrt(area * aspect));
    const h = roundHalfEven(Math.sqrt(area / aspect));
    if (w > 0 && w <= width && h > 0 && h <= height) return [whole(0, height - h + 1), whole(0, width - w + 1), h, w];
  }
  const [least, most] = [Math.min(lowRatio, highRatio), Math.max(lowRatio, highRatio)];
  const given = width / height;
  const h = given < least ? roundHalfEven(width / least) : height;
  const w = given > most ? roundHalfEven(height * most) : width;
  return [Math.floor((height - h) / 2), Math.floor((width - w) / 2), h, w];
}

/**
 * A random part of images, of a random size and shape, brought to one size.
 *
 * @param scale how much of the image's area the part has, from and to.
 * @param ratio width to height of the part, from and to.
 * @example new RandomResizedCrop(224)
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomResizedCrop.html
 */
export class RandomResizedCrop extends ImageTransform {
  readonly size: HeightWidth;
  readonly scale: readonly [number, number];
  readonly ratio: readonly [number, number];
  readonly interpolation: InterpolationMode;
  readonly antialias: boolean | null;

  constructor(
    ...args: [
      size: Size,
      ...rest: Args<
        [scale?: readonly number[], ratio?: readonly number[]],
        ["scale", "ratio"],
        Omit<ResizeOptions, "maxSize">
      >,
    ]
  ) {
    super();
    const given = new Signature(new.target.name, resizedCropParams).parse(args);
    this.size = twoSizes(given.size, twoDimensions);
    [this.scale, this.ratio] = checkRanges(given.scale, given.ratio);
    this.interpolation = given.interpolation;
    this.antialias = given.antialias;
  }

  /** Draws a part; after ten that do not fit into the image it is the middle. */
  static getParams(img: AnyImage, scale: readonly number[], ratio: readonly number[]): Region {
    const [, height, width] = dimensionsOf(img);
    return drawRegion([height, width], scale, ratio);
  }

  forward(img: AnyImage): AnyImage {
    const [top, left, height, width] = RandomResizedCrop.getParams(img, this.scale, this.ratio);
    const { interpolation, antialias } = this;
    return resizedCrop(img, top, left, height, width, this.size, { interpolation, antialias });
  }

  override extraRepr(): string {
    const { interpolation, antialias } = this;
    return `size=${pyTuple(this.size)}, scale=${pyTuple(this.scale, short)}, ratio=${pyTuple(this.ratio, short)}, interpolation=${interpolation}, antialias=${pyValue(antialias)}`;
  }
}

shareable(import.meta.url, { RandomCrop, RandomResizedCrop });
keepNothing({ RandomCrop, RandomResizedCrop });
