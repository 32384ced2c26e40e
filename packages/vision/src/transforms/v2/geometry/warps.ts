/** Samples turned, sheared, seen in perspective and bent at random. */
import torch, { type Tensor } from "flambeau";
import { type Args, Signature } from "flambeau/arguments";
import type { Fill } from "../../functional/image.js";
import type { Corners } from "../../functional/matrix.js";
import type { InterpolationMode } from "../../interpolation.js";
import * as plain from "../../random/warp.js";
import { type FillOfKinds, fillFor, fillPlace } from "../fill.js";
import * as F from "../functional/geometry.js";
import type { Input } from "../functional/kinds.js";
import { checkedProbability, type Params, querySize, RandomApplyTransform, Transform } from "../transform.js";

const { shareable } = torch.utils.data;

interface WarpOptions {
  interpolation?: InterpolationMode;
  fill?: FillOfKinds;
}

/** Reads by a transform of `transforms`, whose arguments and draws are the same. */
function plainFill(fill: FillOfKinds): Fill | null {
  return fill instanceof Map ? 0 : (fill as Fill | null);
}

/**
 * Samples turned by a random angle.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomRotation.html
 */
export class RandomRotation extends Transform {
  static readonly getParams = plain.RandomRotation.getParams;
  readonly degrees: readonly number[];
  readonly interpolation: InterpolationMode;
  readonly expand: boolean;
  readonly fill: FillOfKinds;
  readonly center: readonly number[] | null;

  constructor(
    ...args: [
      degrees: number | readonly number[],
      options?: WarpOptions & { expand?: boolean; center?: readonly number[] | null },
    ]
  ) {
    super();
    const params = { ...plain.rotationParams, ...fillPlace };
    const { fill, degrees, ...rest } = new Signature("RandomRotation", params).parse(args);
    const same = new plain.RandomRotation(degrees, { ...rest, fill: plainFill(fill) });
    this.degrees = same.degrees;
    this.interpolation = same.interpolation;
    this.expand = same.expand;
    this.fill = fill;
    this.center = same.center;
  }

  override makeParams(): Params {
    return { angle: plain.RandomRotation.getParams(this.degrees) };
  }

  transform(inpt: Input, { angle }: Params): Input {
    const { interpolation, expand, center } = this;
    return F.rotate(inpt, angle as number, { interpolation, expand, center, fill: fillFor(this.fill, inpt) });
  }
}

/**
 * Samples turned, moved, scaled and sheared at random.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomAffine.html
 */
export class RandomAffine extends Transform {
  static readonly getParams = plain.RandomAffine.getParams;
  readonly degrees: readonly number[];
  readonly translate: readonly number[] | null;
  readonly scale: readonly number[] | null;
  readonly shear: readonly number[] | null;
  readonly interpolation: InterpolationMode;
  readonly fill: FillOfKinds;
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
        WarpOptions & { center?: readonly number[] | null }
      >,
    ]
  ) {
    super();
    const params = { ...plain.affineParams, ...fillPlace };
    const { fill, degrees, translate, scale, shear, ...rest } = new Signature("RandomAffine", params).parse(args);
    const same = new plain.RandomAffine(degrees, translate, scale, shear, { ...rest, fill: plainFill(fill) });
    this.degrees = same.degrees;
    this.translate = same.translate;
    this.scale = same.scale;
    this.shear = same.shear;
    this.interpolation = same.interpolation;
    this.fill = fill;
    this.center = same.center;
  }

  override makeParams(flatInputs: readonly Input[]): Params {
    const [height, width] = querySize(flatInputs);
    const { degrees, translate, scale, shear } = this;
    return { map: plain.RandomAffine.getParams(degrees, translate, scale, shear, [width, height]) };
  }

  transform(inpt: Input, { map }: Params): Input {
    const { interpolation, center } = this;
    const [angle, translations, scale, shear] = map as plain.AffineParams;
    return F.affine(inpt, angle, translations, scale, shear, { interpolation, center, fill: fillFor(this.fill, inpt) });
  }
}

/**
 * Samples seen in a random perspective, with a probability (0.5).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomPerspective.html
 */
export class RandomPerspective extends RandomApplyTransform {
  static readonly getParams = plain.RandomPerspective.getParams;
  readonly p: number;
  readonly distortionScale: number;
  readonly interpolation: InterpolationMode;
  readonly fill: FillOfKinds;

  constructor(...args: Args<[distortionScale?: number, p?: number], ["distortionScale", "p"], WarpOptions>) {
    super();
    const params = { ...plain.perspectiveParams, ...fillPlace };
    const { distortionScale, p, interpolation, fill } = new Signature("RandomPerspective", params).parse(args);
    if (!(distortionScale >= 0 && distortionScale <= 1))
      throw new Error("Argument distortion_scale value should be between 0 and 1");
    this.p = checkedProbability(p);
    this.distortionScale = distortionScale;
    this.interpolation = interpolation;
    this.fill = fill;
  }

  override makeParams(flatInputs: readonly Input[]): Params {
    const [height, width] = querySize(flatInputs);
    return { points: plain.RandomPerspective.getParams(width, height, this.distortionScale) };
  }

  transform(inpt: Input, { points }: Params): Input {
    const [starts, ends] = points as [Corners, Corners];
    return F.perspective(inpt, starts, ends, {
      interpolation: this.interpolation,
      fill: fillFor(this.fill, inpt),
    });
  }
}

/**
 * Samples bent at random.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.ElasticTransform.html
 */
export class ElasticTransform extends Transform {
  readonly alpha: readonly [number, number];
  readonly sigma: readonly [number, number];
  readonly interpolation: InterpolationMode;
  readonly fill: FillOfKinds;

  constructor(
    ...args: Args<
      [alpha?: number | readonly number[], sigma?: number | readonly number[]],
      ["alpha", "sigma"],
      WarpOptions
    >
  ) {
    super();
    const params = { ...plain.elasticParams, ...fillPlace };
    const { alpha, sigma, interpolation, fill } = new Signature("ElasticTransform", params).parse(args);
    const same = new plain.ElasticTransform(alpha, sigma);
    this.alpha = same.alpha;
    this.sigma = same.sigma;
    this.interpolation = interpolation;
    this.fill = fill;
  }

  override makeParams(flatInputs: readonly Input[]): Params {
    return { displacement: plain.ElasticTransform.getParams(this.alpha, this.sigma, querySize(flatInputs)) };
  }

  transform(inpt: Input, { displacement }: Params): Input {
    const { interpolation } = this;
    return F.elastic(inpt, displacement as Tensor, { interpolation, fill: fillFor(this.fill, inpt) });
  }
}

shareable(import.meta.url, { RandomRotation, RandomAffine, RandomPerspective, ElasticTransform });
