/** Samples in another size, given or drawn. */
import torch from "flambeau";
import { type Args, int, nullable, numbers, optional, Signature, sizeOrSizes } from "flambeau/arguments";
import { twoDimensions, twoSizes } from "../../functional/crop.js";
import { antialiasParam, type ResizeOptions, resizeParams } from "../../functional/resize.js";
import type { HeightWidth, Size } from "../../geometry.js";
import type { InterpolationMode } from "../../interpolation.js";
import { whole } from "../../random/draw.js";
import * as F from "../functional/geometry.js";
import type { Input } from "../functional/kinds.js";
import { type Params, querySize, Transform } from "../transform.js";

const { shareable } = torch.utils.data;

/**
 * Samples in another size: `[height, width]`, or one number for the shorter edge.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.Resize.html
 */
export class Resize extends Transform {
  readonly size: readonly number[];
  readonly interpolation: InterpolationMode;
  readonly maxSize: number | null;
  readonly antialias: boolean | null;

  constructor(...args: [size: Size, options?: ResizeOptions]) {
    super();
    const given = new Signature("Resize", { size: sizeOrSizes, ...resizeParams }).parse(args);
    this.size = typeof given.size === "number" ? [given.size] : given.size;
    if (this.size.length !== 1 && this.size.length !== 2)
      throw new Error("size can be an integer or a sequence of one or two integers");
    this.interpolation = given.interpolation;
    this.maxSize = given.maxSize;
    this.antialias = given.antialias ?? true;
  }

  transform(inpt: Input): Input {
    const { interpolation, maxSize, antialias } = this;
    return F.resize(inpt, this.size, { interpolation, maxSize, antialias });
  }
}

const lookParams = {
  interpolation: resizeParams.interpolation,
  antialias: antialiasParam,
};

type Look = Omit<ResizeOptions, "maxSize">;

/**
 * Samples in a random size, from one shorter edge to below another.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomResize.html
 */
export class RandomResize extends Transform {
  readonly minSize: number;
  readonly maxSize: number;
  readonly interpolation: InterpolationMode;
  readonly antialias: boolean | null;

  constructor(...args: [minSize: number, maxSize: number, options?: Look]) {
    super();
    const given = new Signature("RandomResize", { minSize: int, maxSize: int, ...lookParams }).parse(args);
    this.minSize = given.minSize;
    this.maxSize = given.maxSize;
    this.interpolation = given.interpolation;
    this.antialias = given.antialias ?? true;
  }

  override makeParams(): Params {
    return { size: [whole(this.minSize, this.maxSize)] };
  }

  transform(inpt: Input, { size }: Params): Input {
    const { interpolation, antialias } = this;
    return F.resize(inpt, size as number[], { interpolation, antialias });
  }
}

/**
 * Samples with a shorter edge that is drawn from several, and a longer one that is bounded.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomShortestSize.html
 */
export class RandomShortestSize extends Transform {
  readonly minSize: readonly number[];
  readonly maxSize: number | null;
  readonly interpolation: InterpolationMode;
  readonly antialias: boolean | null;

  constructor(...args: [minSize: Size, ...rest: Args<[maxSize?: number | null], ["maxSize"], Look>]) {
    super();
    const params = { minSize: sizeOrSizes, maxSize: optional(nullable(int), null), ...lookParams };
    const given = new Signature("RandomShortestSize", params).parse(args);
    this.minSize = typeof given.minSize === "number" ? [given.minSize] : given.minSize;
    this.maxSize = given.maxSize;
    this.interpolation = given.interpolation;
    this.antialias = given.antialias ?? true;
  }

  override makeParams(flatInputs: readonly Input[]): Params {
    const [height, width] = querySize(flatInputs);
    const shortest = this.minSize[whole(0, this.minSize.length)] as number;
    const wanted = shortest / Math.min(height, width);
    const factor = this.maxSize === null ? wanted : Math.min(wanted, this.maxSize / Math.max(height, width));
    return { size: [Math.trunc(height * factor), Math.trunc(width * factor)] };
  }

  transform(inpt: Input, { size }: Params): Input {
    const { interpolation, antialias } = this;
    return F.resize(inpt, size as number[], { interpolation, antialias });
  }
}

/**
 * Samples scaled at random around a size.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.ScaleJitter.html
 */
export class ScaleJitter extends Transform {
  readonly targetSize: readonly number[];
  readonly scaleRange: readonly number[];
  readonly interpolation: InterpolationMode;
  readonly antialias: boolean | null;

  constructor(
    ...args: [targetSize: HeightWidth, ...rest: Args<[scaleRange?: readonly number[]], ["scaleRange"], Look>]
  ) {
    super();
    const params = { targetSize: sizeOrSizes, scaleRange: optional(numbers, [0.1, 2]), ...lookParams };
    const given = new Signature("ScaleJitter", params).parse(args);
    this.targetSize = twoSizes(given.targetSize, twoDimensions);
    this.scaleRange = given.scaleRange;
    this.interpolation = given.interpolation;
    this.antialias = given.antialias ?? true;
  }

  override makeParams(flatInputs: readonly Input[]): Params {
    const [height, width] = querySize(flatInputs);
    const [from, to] = this.scaleRange as [number, number];
    const [first, second] = this.targetSize as [number, number];
    const scale = torch
      .rand(1)
      .mul(to - from)
      .add(from);
    const factor = scale.mul(Math.min(second / height, first / width)).item();
    const sized = (length: number) => Math.trunc(Math.fround(length * factor));
    return { size: [sized(height), sized(width)] };
  }

  transform(inpt: Input, { size }: Params): Input {
    const { interpolation, antialias } = this;
    return F.resize(inpt, size as number[], { interpolation, antialias });
  }
}

shareable(import.meta.url, { Resize, RandomResize, RandomShortestSize, ScaleJitter });
