/** Parts of samples. */
import torch from "flambeau";
import { type Args, flag, Signature, sizeOrSizes } from "flambeau/arguments";
import { BoundingBoxes, Mask } from "../../../tvTensors.js";
import { type Five, twoDimensions, twoSizes } from "../../functional/crop.js";
import type { AnyImage } from "../../functional/image.js";
import { edgesOf, type PaddingMode } from "../../functional/pad.js";
import type { ResizeOptions } from "../../functional/resize.js";
import { type HeightWidth, readSize, type Size } from "../../geometry.js";
import type { InterpolationMode } from "../../interpolation.js";
import * as plain from "../../random/crop.js";
import { whole } from "../../random/draw.js";
import { type FillOfKinds, fillFor, fillPlace } from "../fill.js";
import * as F from "../functional/geometry.js";
import type { Input } from "../functional/kinds.js";
import { type Params, querySize, Transform } from "../transform.js";

const { shareable } = torch.utils.data;

/**
 * The middle of samples.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.CenterCrop.html
 */
export class CenterCrop extends Transform {
  readonly size: HeightWidth;

  constructor(...args: [size: Size]) {
    super();
    this.size = readSize("CenterCrop", args);
  }

  transform(inpt: Input): Input {
    return F.centerCrop(inpt, this.size);
  }
}

/**
 * A random part of samples, of a random size and shape, brought to one size.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomResizedCrop.html
 */
export class RandomResizedCrop extends Transform {
  static readonly getParams = plain.RandomResizedCrop.getParams;
  readonly size: HeightWidth;
  readonly scale: readonly number[];
  readonly ratio: readonly number[];
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
    const given = new Signature("RandomResizedCrop", plain.resizedCropParams).parse(args);
    this.size = twoSizes(given.size, twoDimensions);
    this.scale = given.scale;
    this.ratio = given.ratio;
    this.interpolation = given.interpolation;
    this.antialias = given.antialias ?? true;
  }

  override makeParams(flatInputs: readonly Input[]): Params {
    return { region: plain.drawRegion(querySize(flatInputs), this.scale, this.ratio) };
  }

  transform(inpt: Input, { region }: Params): Input {
    const { interpolation, antialias } = this;
    const [top, left, height, width] = region as [number, number, number, number];
    return F.resizedCrop(inpt, top, left, height, width, this.size, { interpolation, antialias });
  }
}

const cropParams = { ...plain.cropParams, ...fillPlace };

/**
 * A part of samples at a random place, which may be padded before.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomCrop.html
 */
export class RandomCrop extends Transform {
  readonly size: HeightWidth;
  readonly padIfNeeded: boolean;
  readonly fill: FillOfKinds;
  readonly paddingMode: PaddingMode;
  /** Left, top, right and bottom. */
  readonly padding: readonly number[] | null;

  constructor(
    ...args: [
      size: Size,
      ...rest: Args<
        [padding?: Size | null],
        ["padding"],
        { padIfNeeded?: boolean; fill?: FillOfKinds; paddingMode?: PaddingMode }
      >,
    ]
  ) {
    super();
    const given = new Signature("RandomCrop", cropParams).parse(args);
    this.size = twoSizes(given.size, twoDimensions);
    this.padIfNeeded = given.padIfNeeded;
    this.fill = given.fill;
    this.paddingMode = given.paddingMode;
    this.padding = given.padding === null ? null : edgesOf(given.padding);
  }

  override makeParams(flatInputs: readonly Input[]): Params {
    const [height, width] = querySize(flatInputs);
    let [left, top, right, bottom] = (this.padding ?? [0, 0, 0, 0]) as [number, number, number, number];
    const [h, w] = this.size;
    // torchvision pads as much on both sides as is missing.
    const missingHeight = this.padIfNeeded ? Math.max(0, h - (height + top + bottom)) : 0;
    const missingWidth = this.padIfNeeded ? Math.max(0, w - (width + left + right)) : 0;
    [top, bottom, left, right] = [
      top + missingHeight,
      bottom + missingHeight,
      left + missingWidth,
      right + missingWidth,
    ];
    const [paddedHeight, paddedWidth] = [height + top + bottom, width + left + right];
    if (paddedHeight < h || paddedWidth < w) {
      throw new Error(
        `Required crop size (${h}, ${w}) is larger than ${this.padding === null ? "" : "padded "}input image size (${paddedHeight}, ${paddedWidth}).`,
      );
    }
    const place = (rest: number) => (rest > 0 ? whole(0, rest + 1) : 0);
    const [y, x] = [place(paddedHeight - h), place(paddedWidth - w)];
    return { padding: [left, top, right, bottom], region: [y, x, h, w] };
  }

  transform(inpt: Input, { padding, region }: Params): Input {
    const edges = padding as number[];
    const { paddingMode } = this;
    const padded = edges.some((edge) => edge !== 0)
      ? F.pad(inpt, edges, fillFor(this.fill, inpt), { paddingMode })
      : inpt;
    return F.crop(padded, ...(region as [number, number, number, number]));
  }
}

/** Refuses samples with boxes and masks. */
function refuseBoxes(name: string, leaves: readonly unknown[]): void {
  if (leaves.some((leaf) => leaf instanceof BoundingBoxes || leaf instanceof Mask))
    throw new TypeError(`BoundingBoxes'es and Mask's are not supported by ${name}()`);
}

/**
 * The four corners and the middle of images and videos.
 *
 * @throws TypeError for samples with boxes or masks.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.FiveCrop.html
 */
export class FiveCrop extends Transform {
  readonly size: HeightWidth;

  constructor(...args: [size: Size]) {
    super();
    this.size = readSize("FiveCrop", args);
  }

  override checkInputs(leaves: readonly unknown[]): void {
    refuseBoxes("FiveCrop", leaves);
  }

  transform(inpt: Input): Five<AnyImage> {
    return F.fiveCrop(inpt, this.size);
  }
}

/**
 * The four corners and the middle of images and videos, and of their mirror images.
 *
 * @throws TypeError for samples with boxes or masks.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.TenCrop.html
 */
export class TenCrop extends Transform {
  readonly size: HeightWidth;
  readonly verticalFlip: boolean;

  constructor(...args: [size: Size, options?: { verticalFlip?: boolean }]) {
    super();
    const params = { size: sizeOrSizes, verticalFlip: flag };
    const { size, verticalFlip } = new Signature("TenCrop", params).parse(args);
    this.size = twoSizes(size, twoDimensions);
    this.verticalFlip = verticalFlip;
  }

  override checkInputs(leaves: readonly unknown[]): void {
    refuseBoxes("TenCrop", leaves);
  }

  transform(inpt: Input): AnyImage[] {
    return F.tenCrop(inpt, this.size, { verticalFlip: this.verticalFlip });
  }
}

shareable(import.meta.url, { CenterCrop, RandomResizedCrop, RandomCrop, FiveCrop, TenCrop });
