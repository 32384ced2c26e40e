/** Images turned, sheared, seen in perspective and bent at random. */
import torch, { type Tensor } from "flambeau";
import { type Args, flag, nullable, number, optional, Signature } from "flambeau/arguments";
import { pyFloat, pyList, pyTuple, pyValue } from "../../python.js";
import { roundHalfEven } from "../../rounding.js";
import { gaussianBlur } from "../functional/blur.js";
import { type AnyImage, dimensionsOf, type Fill, fillParam, openFill } from "../functional/image.js";
import type { Corners } from "../functional/matrix.js";
import { affine, elasticTransform, openNumbers, perspective, rotate } from "../functional/warp.js";
import { pySizes } from "../geometry.js";
import { bilinearParam, type InterpolationMode, nearestParam, pyMode } from "../interpolation.js";
import { keepNothing } from "../release.js";
import { ImageTransform } from "../transform.js";
import { happens, uniform, whole } from "./draw.js";

const { shareable } = torch.utils.data;

type Pair = readonly [number, number];

/** @throws Error unless a list has one of the lengths. */
function checkLength(values: readonly number[], name: string, ...lengths: number[]): void {
  if (!lengths.includes(values.length))
    throw new Error(`${name} should be a sequence of length ${lengths.join(" or ")}.`);
}

/** Angles from and to: one number stands for as much both ways. */
function anglesOf(angle: number | readonly number[], name: string, ...lengths: number[]): number[] {
  if (typeof angle !== "number") {
    checkLength(angle, name, ...lengths);
    return [...angle];
  }
  if (angle < 0) throw new Error(`If ${name} is a single number, it must be positive.`);
  return [-angle, angle];
}

interface WarpOptions {
  /** How pixels are interpolated. */
  interpolation?: InterpolationMode;
  /** The colour of what is outside of the image, black by default. */
  fill?: Fill | null;
}

interface CenteredOptions extends WarpOptions {
  /** `[x, y]` from the upper left corner, around which is turned; the middle by default. */
  center?: readonly number[] | null;
}

export const rotationParams = {
  degrees: fillParam,
  interpolation: nearestParam,
  expand: flag,
  center: optional(openNumbers, null),
  fill: optional(openFill, 0),
};

/**
 * Images turned by a random angle, from and to.
 *
 * @param degrees `[from, to]`; one number stands for as much both ways.
 * @example new RandomRotation(30, { interpolation: "bilinear" })
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomRotation.html
 */
export class RandomRotation extends ImageTransform {
  readonly degrees: readonly number[];
  readonly interpolation: InterpolationMode;
  readonly expand: boolean;
  readonly center: readonly number[] | null;
  readonly fill: Fill;

  constructor(...args: [degrees: number | readonly number[], options?: CenteredOptions & { expand?: boolean }]) {
    super();
    const given = new Signature(new.target.name, rotationParams).parse(args);
    this.degrees = anglesOf(given.degrees, "degrees", 2);
    if (given.center !== null) checkLength(given.center, "center", 2);
    this.interpolation = given.interpolation;
    this.expand = given.expand;
    this.center = given.center;
    this.fill = given.fill ?? 0;
  }

  /** Draws an angle. */
  static getParams(degrees: readonly number[]): number {
    return uniform(...(degrees as Pair));
  }

  forward(img: AnyImage): AnyImage {
    const { interpolation, expand, center, fill } = this;
    dimensionsOf(img);
    return rotate(img, RandomRotation.getParams(this.degrees), { interpolation, expand, center, fill });
  }

  override extraRepr(): string {
    const { interpolation, expand, center, fill } = this;
    const middle = center === null ? "" : `, center=${pyTuple(center)}`;
    return `degrees=${pyList(this.degrees, pyFloat)}, interpolation=${interpolation}, expand=${pyValue(expand)}${middle}, fill=${pySizes(fill)}`;
  }
}

/** What an affine map is made of. */
export type AffineParams = [angle: number, translations: [number, number], scale: number, shear: [number, number]];

export const affineParams = {
  degrees: fillParam,
  translate: optional(openNumbers, null),
  scale: optional(openNumbers, null),
  shear: optional(nullable(fillParam), null),
  interpolation: nearestParam,
  fill: optional(openFill, 0),
  center: optional(openNumbers, null),
};

/**
 * Images turned, moved, scaled and sheared at random.
 *
 * @param degrees angles `[from, to]`; one number stands for as much both ways.
 * @param translate how far images may be moved, as shares of their width and height.
 * @param scale `[from, to]`.
 * @param shear degrees along x `[from, to]`, or along both `[from x, to x, from y, to y]`.
 * @example new RandomAffine(10, [0.1, 0.1], [0.9, 1.1])
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomAffine.html
 */
export class RandomAffine extends ImageTransform {
  readonly degrees: readonly number[];
  readonly translate: readonly number[] | null;
  readonly scale: readonly number[] | null;
  readonly shear: readonly number[] | null;
  readonly interpolation: InterpolationMode;
  readonly fill: Fill;
  readonly center: readonly number[] | null;

  constructor(
    ...args: [
      degrees: number | readonly number[],
      ...rest: Args<
        [
          translate?: readonly number[] | null,
          scale?: readonly number[] | null,
          shear?: number | readonly number[] | null,
        ],
        ["translate", "scale", "shear"],
        CenteredOptions
      >,
    ]
  ) {
    super();
    const given = new Signature(new.target.name, affineParams).parse(args);
    const { translate, scale, shear, center } = given;
    this.degrees = anglesOf(given.degrees, "degrees", 2);
    if (translate !== null) {
      checkLength(translate, "translate", 2);
      if (translate.some((share) => !(share >= 0 && share <= 1)))
        throw new Error("translation values should be between 0 and 1");
    }
    if (scale !== null) {
      checkLength(scale, "scale", 2);
      if (scale.some((factor) => !(factor > 0))) throw new Error("scale values should be positive");
    }
    if (center !== null) checkLength(center, "center", 2);
    this.translate = translate;
    this.scale = scale;
    this.shear = shear === null ? null : anglesOf(shear, "shear", 2, 4);
    this.interpolation = given.interpolation;
    this.fill = given.fill ?? 0;
    this.center = center;
  }

  /** Draws a map of images of a size `[width, height]`. */
  static getParams(
    degrees: readonly number[],
    translate: readonly number[] | null,
    scaleRanges: readonly number[] | null,
    shears: readonly number[] | null,
    [width, height]: Pair,
  ): AffineParams {
    const angle = uniform(...(degrees as Pair));
    const moved = (share: number, size: number) => roundHalfEven(uniform(-share * size, share * size)) + 0;
    const translations: [number, number] =
      translate === null ? [0, 0] : [moved(translate[0] as number, width), moved(translate[1] as number, height)];
    const scale = scaleRanges === null ? 1 : uniform(...(scaleRanges as Pair));
    const shearX = shears === null ? 0 : uniform(...(shears.slice(0, 2) as unknown as Pair));
    const shearY = shears?.length === 4 ? uniform(...(shears.slice(2) as unknown as Pair)) : 0;
    return [angle, translations, scale, [shearX, shearY]];
  }

  forward(img: AnyImage): AnyImage {
    const { interpolation, fill, center } = this;
    const [, height, width] = dimensionsOf(img);
    const params = RandomAffine.getParams(this.degrees, this.translate, this.scale, this.shear, [width, height]);
    return affine(img, ...params, { interpolation, fill, center });
  }

  override extraRepr(): string {
    const { translate, scale, shear, interpolation, fill, center } = this;
    return [
      `degrees=${pyList(this.degrees, pyFloat)}`,
      translate !== null && `translate=${pyTuple(translate, pyFloat)}`,
      scale !== null && `scale=${pyTuple(scale, pyFloat)}`,
      shear !== null && `shear=${pyList(shear, pyFloat)}`,
      interpolation !== "nearest" && `interpolation=${interpolation}`,
      fill !== 0 && `fill=${pySizes(fill)}`,
      center !== null && `center=${pyTuple(center)}`,
    ]
      .filter(Boolean)
      .join(", ");
  }
}

export const perspectiveParams = {
  distortionScale: optional(number, 0.5),
  p: optional(number, 0.5),
  interpolation: bilinearParam,
  fill: optional(openFill, 0),
};

/**
 * Images seen in a random perspective, with a probability (0.5).
 *
 * @param distortionScale how far corners may move, from 0 to 1 (half of the image): 0.5 by default.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomPerspective.html
 */
export class RandomPerspective extends ImageTransform {
  readonly distortionScale: number;
  readonly p: number;
  readonly interpolation: InterpolationMode;
  readonly fill: Fill;

  constructor(...args: Args<[distortionScale?: number, p?: number], ["distortionScale", "p"], WarpOptions>) {
    super();
    const given = new Signature(new.target.name, perspectiveParams).parse(args);
    this.distortionScale = given.distortionScale;
    this.p = given.p;
    this.interpolation = given.interpolation;
    this.fill = given.fill ?? 0;
  }

  /** Draws where the corners of an image go. */
  static getParams(width: number, height: number, distortionScale: number): [startpoints: Corners, endpoints: Corners] {
    const x = Math.trunc(distortionScale * Math.floor(width / 2));
    const y = Math.trunc(distortionScale * Math.floor(height / 2));
    const start = (most: number) => whole(0, most + 1);
    const end = (most: number, size: number) => whole(size - most - 1, size);
    const endpoints = [
      [start(x), start(y)],
      [end(x, width), start(y)],
      [end(x, width), end(y, height)],
      [start(x), end(y, height)],
    ];
    const startpoints = [
      [0, 0],
      [width - 1, 0],
      [width - 1, height - 1],
      [0, height - 1],
    ];
    return [startpoints, endpoints];
  }

  forward(img: AnyImage): AnyImage {
    const { interpolation, fill } = this;
    const [, height, width] = dimensionsOf(img);
    if (!happens(this.p)) return img;
    const [startpoints, endpoints] = RandomPerspective.getParams(width, height, this.distortionScale);
    return perspective(img, startpoints, endpoints, { interpolation, fill });
  }

  override extraRepr(): string {
    return `p=${pyFloat(this.p)}`;
  }
}

/** One number for both dims, or one for each. */
function bothOf(value: number | readonly number[], name: string): [number, number] {
  if (typeof value === "number") return [value, value];
  if (value.length === 1) return [value[0] as number, value[0] as number];
  if (value.length !== 2) throw new Error(`If ${name} is a sequence its length should be 2. Got ${value.length}`);
  return [...value] as [number, number];
}

export const elasticParams = {
  alpha: optional(fillParam, 50),
  sigma: optional(fillParam, 5),
  interpolation: bilinearParam,
  fill: optional(fillParam, 0),
};

/**
 * Images bent as if seen through water: each pixel comes from a place that is moved at random, near ones alike.
 *
 * @param alpha how far pixels are moved, or `[x, y]`: 50 by default.
 * @param sigma the deviation of the Gaussian over which movements are alike, or `[x, y]`: 5 by default.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.ElasticTransform.html
 */
export class ElasticTransform extends ImageTransform {
  readonly alpha: Pair;
  readonly sigma: Pair;
  readonly interpolation: InterpolationMode;
  readonly fill: Fill;

  constructor(
    ...args: Args<
      [alpha?: number | readonly number[], sigma?: number | readonly number[]],
      ["alpha", "sigma"],
      { interpolation?: InterpolationMode; fill?: Fill }
    >
  ) {
    super();
    const given = new Signature(new.target.name, elasticParams).parse(args);
    this.alpha = bothOf(given.alpha, "alpha");
    this.sigma = bothOf(given.sigma, "sigma");
    this.interpolation = given.interpolation;
    this.fill = given.fill;
  }

  /** Draws how the pixels of an image `[height, width]` are moved: `[1, H, W, 2]`. */
  static getParams(alpha: Pair, sigma: Pair, size: Pair): Tensor {
    const moves = [0, 1].map((d) => {
      const noise = torch
        .rand([1, 1, ...size])
        .mul(2)
        .sub(1);
      return smooth(noise, sigma[d] as number, sigma)
        .mul(alpha[d] as number)
        .div(size[d] as number);
    });
    return torch.cat(moves, 1).permute(0, 2, 3, 1);
  }

  forward(img: AnyImage): AnyImage {
    const { interpolation, fill } = this;
    const [, height, width] = dimensionsOf(img);
    return elasticTransform(img, ElasticTransform.getParams(this.alpha, this.sigma, [height, width]), {
      interpolation,
      fill,
    });
  }

  override extraRepr(): string {
    return `alpha=${pyList(this.alpha, pyFloat)}, sigma=${pyList(this.sigma, pyFloat)}, interpolation=${pyMode(this.interpolation)}, fill=${pySizes(this.fill)}`;
  }
}

/** Noise blurred over about eight deviations. */
function smooth(noise: Tensor, deviation: number, sigma: Pair): Tensor {
  if (!(deviation > 0)) return noise;
  const size = Math.trunc(8 * deviation + 1);
  const odd = size % 2 === 0 ? size + 1 : size;
  return gaussianBlur(noise, odd, sigma);
}

shareable(import.meta.url, { RandomRotation, RandomAffine, RandomPerspective, ElasticTransform });
keepNothing({ RandomRotation, RandomAffine, RandomPerspective, ElasticTransform });
