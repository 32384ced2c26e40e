/** A random part of tensors overwritten. */
import torch, { type Tensor } from "flambeau";
import { type Args, flag, invalid, number, numbers, optional, type Param, Signature } from "flambeau/arguments";
import { pyFloat, pyTuple, pyValue } from "../../python.js";
import { roundHalfEven } from "../../rounding.js";
import { erase } from "../functional/erase.js";
import { pySizes } from "../geometry.js";
import { keepNothing } from "../release.js";
import { Transform } from "../transform.js";
import { checkRanges } from "./crop.js";
import { happens, ratioBetween, uniform, whole } from "./draw.js";

const { shareable } = torch.utils.data;

/** What is put in place of the part: a number, one for each channel, or noise. */
type ErasingValue = number | readonly number[] | "random";

const valueParam: Param<ErasingValue> = {
  ...(number as Param<ErasingValue>),
  expected: "float, tuple of floats or 'random'",
  read: (value) => {
    if (typeof value === "string") {
      if (value !== "random") throw new Error("If value is str, it should be 'random'");
      return value;
    }
    const one = number.read(value);
    return one === invalid ? numbers.read(value) : one;
  },
};

const params = {
  p: optional(number, 0.5),
  scale: optional(numbers, [0.02, 0.33]),
  ratio: optional(numbers, [0.3, 3.3]),
  value: optional(valueParam, 0),
  inplace: flag,
};

/** Where and what is put. */
type ErasingParams = [i: number, j: number, h: number, w: number, v: Tensor];

/**
 * A random part of tensors `[…, C, H, W]` overwritten, with a probability (0.5).
 *
 * @param scale how much of the image's area the part has, from and to.
 * @param ratio height to width of the part, from and to.
 * @param value what is put there: 0 by default, a number, one for each channel, or `"random"` for noise.
 * @example new RandomErasing(0.5, { value: "random" })
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomErasing.html
 */
export class RandomErasing extends Transform<Tensor, Tensor> {
  readonly p: number;
  readonly scale: readonly [number, number];
  readonly ratio: readonly [number, number];
  readonly value: ErasingValue;
  readonly inplace: boolean;

  constructor(
    ...args: Args<
      [p?: number, scale?: readonly number[], ratio?: readonly number[], value?: ErasingValue],
      ["p", "scale", "ratio", "value"],
      { inplace?: boolean }
    >
  ) {
    super();
    const { p, scale, ratio, value, inplace } = new Signature(new.target.name, params).parse(args);
    [this.scale, this.ratio] = checkRanges(scale, ratio);
    if (this.scale[0] < 0 || this.scale[1] > 1) throw new Error("Scale should be between 0 and 1");
    if (!(p >= 0 && p <= 1)) throw new Error("Random erasing probability should be between 0 and 1");
    this.p = p;
    this.value = value;
    this.inplace = inplace;
  }

  /** Draws a part and what is put there; after ten parts that do not fit it is the image itself. */
  static getParams(
    img: Tensor,
    scale: readonly number[],
    ratio: readonly number[],
    value: readonly number[] | null = null,
  ): ErasingParams {
    const [channels, height, width] = img.shape.slice(-3) as [number, number, number];
    for (let attempt = 0; attempt < 10; attempt++) {
      const area = height * width * uniform(...(scale as [number, number]));
      const aspect = ratioBetween(...(ratio as [number, number]));
      const h = roundHalfEven(Math.sqrt(area * aspect));
      const w = roundHalfEven(Math.sqrt(area / aspect));
      if (!(h < height && w < width)) continue;
      const v = value === null ? torch.randn(channels, h, w) : torch.tensor(value).view(-1, 1, 1);
      return [whole(0, height - h + 1), whole(0, width - w + 1), h, w, v];
    }
    return [0, 0, height, width, img];
  }

  forward(img: Tensor): Tensor {
    if (!happens(this.p)) return img;
    const value = this.value === "random" ? null : typeof this.value === "number" ? [this.value] : this.value;
    const channels = img.shape.at(-3);
    if (value !== null && value.length !== 1 && value.length !== channels) {
      throw new Error(
        `If value is a sequence, it should have either a single value or ${channels} (number of input channels)`,
      );
    }
    const [i, j, h, w, v] = RandomErasing.getParams(img, this.scale, this.ratio, value);
    return erase(img, i, j, h, w, v, { inplace: this.inplace });
  }

  override extraRepr(): string {
    const { p, scale, ratio, value, inplace } = this;
    return `p=${pyFloat(p)}, scale=${pyTuple(scale, pyFloat)}, ratio=${pyTuple(ratio, pyFloat)}, value=${pySizes(value)}, inplace=${pyValue(inplace)}`;
  }
}

shareable(import.meta.url, { RandomErasing });
keepNothing({ RandomErasing });
