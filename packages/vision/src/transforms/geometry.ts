/**
 * Transforms of the geometry of images that draw nothing at random.
 *
 * Source: https://pytorch.org/vision/stable/transforms.html#geometry
 */
import torch from "flambeau";
import { type Args, flag, Signature, sizeOrSizes } from "flambeau/arguments";
import { pyTuple, pyValue } from "../python.js";
import { centerCrop, type Five, fiveCrop, tenCrop, twoDimensions, twoSizes } from "./functional/crop.js";
import type { AnyImage, Fill } from "./functional/image.js";
import { edgesOf, type PaddingMode, pad, padParams } from "./functional/pad.js";
import { type ResizeOptions, resize, resizeParams } from "./functional/resize.js";
import type { InterpolationMode } from "./interpolation.js";
import { keepNothing } from "./release.js";
import { ImageTransform, Transform } from "./transform.js";

const { shareable } = torch.utils.data;

export type Size = number | readonly number[];
export type HeightWidth = readonly [height: number, width: number];

/** Reads a size for both edges, or height and width. */
export function readSize(name: string, args: readonly unknown[]): HeightWidth {
  const { size } = new Signature(name, { size: sizeOrSizes }).parse(args);
  return twoSizes(size, twoDimensions);
}

/** One number, or several as a tuple. */
export function pySizes(size: unknown): string {
  return Array.isArray(size) ? pyTuple(size) : pyValue(size);
}

/**
 * Images in another size: `[height, width]`, or one number for the shorter edge.
 *
 * @example new Resize([128, 128])
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.Resize.html
 */
export class Resize extends ImageTransform {
  readonly size: Size;
  readonly interpolation: InterpolationMode;
  readonly maxSize: number | null;
  readonly antialias: boolean | null;

  constructor(...args: [size: Size, options?: ResizeOptions]) {
    super();
    const params = { size: sizeOrSizes, ...resizeParams };
    const { size, interpolation, maxSize, antialias } = new Signature(new.target.name, params).parse(args);
    if (typeof size !== "number" && size.length !== 1 && size.length !== 2)
      throw new Error("If size is a sequence, it should have 1 or 2 values");
    this.size = size;
    this.interpolation = interpolation;
    this.maxSize = maxSize;
    this.antialias = antialias;
  }

  forward(img: AnyImage): AnyImage {
    const { interpolation, maxSize, antialias } = this;
    return resize(img, this.size, { interpolation, maxSize, antialias });
  }

  override extraRepr(): string {
    const { interpolation, maxSize, antialias } = this;
    return `size=${pySizes(this.size)}, interpolation=${interpolation}, max_size=${pyValue(maxSize)}, antialias=${pyValue(antialias)}`;
  }
}

/**
 * The middle of images, which is black where they are smaller.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.CenterCrop.html
 */
export class CenterCrop extends ImageTransform {
  readonly size: HeightWidth;

  constructor(...args: [size: Size]) {
    super();
    this.size = readSize(new.target.name, args);
  }

  forward(img: AnyImage): AnyImage {
    return centerCrop(img, this.size);
  }

  override extraRepr(): string {
    return `size=${pyTuple(this.size)}`;
  }
}

/**
 * Images with more around them.
 *
 * @param padding for all edges, `[left and right, top and bottom]`, or `[left, top, right, bottom]`.
 * @param fill the colour of what is added, in mode `"constant"`: black by default.
 * @example new Pad([4, 8], 255)
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.Pad.html
 */
export class Pad extends ImageTransform {
  readonly padding: Size;
  readonly fill: Fill;
  readonly paddingMode: PaddingMode;

  constructor(...args: [padding: Size, ...rest: Args<[fill?: Fill], ["fill"], { paddingMode?: PaddingMode }>]) {
    super();
    const { padding, fill, paddingMode } = new Signature(new.target.name, padParams).parse(args);
    edgesOf(padding);
    this.padding = padding;
    this.fill = fill ?? 0;
    this.paddingMode = paddingMode;
  }

  forward(img: AnyImage): AnyImage {
    return pad(img, this.padding, this.fill, { paddingMode: this.paddingMode });
  }

  override extraRepr(): string {
    return `padding=${pySizes(this.padding)}, fill=${pySizes(this.fill)}, padding_mode=${this.paddingMode}`;
  }
}

/**
 * The four corners and the middle of images.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.FiveCrop.html
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: it can be called, since its constructor returns a function
export class FiveCrop extends Transform<AnyImage, Five<AnyImage>> {
  readonly size: HeightWidth;

  constructor(...args: [size: Size]) {
    super();
    this.size = readSize(new.target.name, args);
  }

  forward(img: AnyImage): Five<AnyImage> {
    return fiveCrop(img, this.size);
  }

  override extraRepr(): string {
    return `size=${pyTuple(this.size)}`;
  }
}

export interface FiveCrop {
  // biome-ignore lint/style/useShorthandFunctionType: a type cannot be merged with the class
  <T extends AnyImage>(img: T): Five<T>;
}

const tenParams = { size: sizeOrSizes, verticalFlip: flag };

/**
 * The four corners and the middle of images, and the same of their mirror images.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.TenCrop.html
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: it can be called, since its constructor returns a function
export class TenCrop extends Transform<AnyImage, AnyImage[]> {
  readonly size: HeightWidth;
  readonly verticalFlip: boolean;

  constructor(...args: [size: Size, options?: { verticalFlip?: boolean }]) {
    super();
    const { size, verticalFlip } = new Signature(new.target.name, tenParams).parse(args);
    this.size = twoSizes(size, twoDimensions);
    this.verticalFlip = verticalFlip;
  }

  forward(img: AnyImage): AnyImage[] {
    return tenCrop(img, this.size, { verticalFlip: this.verticalFlip });
  }

  override extraRepr(): string {
    return `size=${pyTuple(this.size)}, vertical_flip=${pyValue(this.verticalFlip)}`;
  }
}

export interface TenCrop {
  // biome-ignore lint/style/useShorthandFunctionType: a type cannot be merged with the class
  <T extends AnyImage>(img: T): [...Five<T>, ...Five<T>];
}

shareable(import.meta.url, { Resize, CenterCrop, Pad, FiveCrop, TenCrop });
keepNothing({ Resize, CenterCrop, Pad, FiveCrop, TenCrop });
