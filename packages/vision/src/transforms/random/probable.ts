/** Transforms that are applied with a probability, and draw nothing else. */
import torch from "flambeau";
import { type Args, int, number, optional, Signature } from "flambeau/arguments";
import { pyFloat } from "../../python.js";
import { adjustSharpness } from "../functional/blur.js";
import { rgbToGrayscale } from "../functional/colour.js";
import { hflip, vflip } from "../functional/flip.js";
import { type AnyImage, dimensionsOf } from "../functional/image.js";
import { autocontrast, equalize, invert, posterize, solarize } from "../functional/tone.js";
import { keepNothing } from "../release.js";
import { ImageTransform } from "../transform.js";
import { happens } from "./draw.js";

const { shareable } = torch.utils.data;

/** A transform that is applied with the probability `p`. */
abstract class Probable extends ImageTransform {
  abstract readonly p: number;

  abstract change(img: AnyImage): AnyImage;

  override forward(img: AnyImage): AnyImage {
    return happens(this.p) ? this.change(img) : img;
  }

  override extraRepr(): string {
    return `p=${pyFloat(this.p)}`;
  }
}

type Probability = Args<[p?: number], ["p"]>;

/** Reads a probability, 0.5 by default. */
function readProbability(name: string, args: readonly unknown[], byDefault = 0.5): number {
  return new Signature(name, { p: optional(number, byDefault) }).parse(args).p;
}

/**
 * Images mirrored left to right, with a probability (0.5).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomHorizontalFlip.html
 */
export class RandomHorizontalFlip extends Probable {
  readonly p: number;

  constructor(...args: Probability) {
    super();
    this.p = readProbability(new.target.name, args);
  }

  change(img: AnyImage): AnyImage {
    return hflip(img);
  }
}

/**
 * Images mirrored upside down, with a probability (0.5).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomVerticalFlip.html
 */
export class RandomVerticalFlip extends Probable {
  readonly p: number;

  constructor(...args: Probability) {
    super();
    this.p = readProbability(new.target.name, args);
  }

  change(img: AnyImage): AnyImage {
    return vflip(img);
  }
}

/**
 * The negatives of images, with a probability (0.5).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomInvert.html
 */
export class RandomInvert extends Probable {
  readonly p: number;

  constructor(...args: Probability) {
    super();
    this.p = readProbability(new.target.name, args);
  }

  change(img: AnyImage): AnyImage {
    return invert(img);
  }
}

/**
 * Images with each colour spread from its lowest value to its greatest, with a probability (0.5).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomAutocontrast.html
 */
export class RandomAutocontrast extends Probable {
  readonly p: number;

  constructor(...args: Probability) {
    super();
    this.p = readProbability(new.target.name, args);
  }

  change(img: AnyImage): AnyImage {
    return autocontrast(img);
  }
}

/**
 * Images in which each colour has all values about as often, with a probability (0.5).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomEqualize.html
 */
export class RandomEqualize extends Probable {
  readonly p: number;

  constructor(...args: Probability) {
    super();
    this.p = readProbability(new.target.name, args);
  }

  change(img: AnyImage): AnyImage {
    return equalize(img);
  }
}

/**
 * Images in grey, with a probability (0.1) and as many channels as before.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomGrayscale.html
 */
export class RandomGrayscale extends Probable {
  readonly p: number;

  constructor(...args: Probability) {
    super();
    this.p = readProbability(new.target.name, args, 0.1);
  }

  override forward(img: AnyImage): AnyImage {
    dimensionsOf(img);
    return super.forward(img);
  }

  change(img: AnyImage): AnyImage {
    return rgbToGrayscale(img, dimensionsOf(img)[0]);
  }
}

/**
 * Images with so many bits for each colour, with a probability (0.5).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomPosterize.html
 */
export class RandomPosterize extends Probable {
  readonly bits: number;
  readonly p: number;

  constructor(...args: [bits: number, ...rest: Probability]) {
    super();
    const { bits, p } = new Signature(new.target.name, { bits: int, p: optional(number, 0.5) }).parse(args);
    this.bits = bits;
    this.p = p;
  }

  change(img: AnyImage): AnyImage {
    return posterize(img, this.bits);
  }

  override extraRepr(): string {
    return `bits=${this.bits},${super.extraRepr()}`;
  }
}

/**
 * Images with the negative of all values from a threshold on, with a probability (0.5).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomSolarize.html
 */
export class RandomSolarize extends Probable {
  readonly threshold: number;
  readonly p: number;

  constructor(...args: [threshold: number, ...rest: Probability]) {
    super();
    const params = { threshold: number, p: optional(number, 0.5) };
    const { threshold, p } = new Signature(new.target.name, params).parse(args);
    this.threshold = threshold;
    this.p = p;
  }

  change(img: AnyImage): AnyImage {
    return solarize(img, this.threshold);
  }

  override extraRepr(): string {
    return `threshold=${this.threshold},${super.extraRepr()}`;
  }
}

/**
 * Images sharpened, with a probability (0.5): 0 blurs, 1 leaves them as they are, 2 makes them twice as sharp.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandomAdjustSharpness.html
 */
export class RandomAdjustSharpness extends Probable {
  readonly sharpnessFactor: number;
  readonly p: number;

  constructor(...args: [sharpnessFactor: number, ...rest: Probability]) {
    super();
    const params = { sharpnessFactor: number, p: optional(number, 0.5) };
    const { sharpnessFactor, p } = new Signature(new.target.name, params).parse(args);
    this.sharpnessFactor = sharpnessFactor;
    this.p = p;
  }

  change(img: AnyImage): AnyImage {
    return adjustSharpness(img, this.sharpnessFactor);
  }

  override extraRepr(): string {
    return `sharpness_factor=${this.sharpnessFactor},${super.extraRepr()}`;
  }
}

shareable(import.meta.url, {
  RandomHorizontalFlip,
  RandomVerticalFlip,
  RandomInvert,
  RandomAutocontrast,
  RandomEqualize,
  RandomGrayscale,
  RandomPosterize,
  RandomSolarize,
  RandomAdjustSharpness,
});
keepNothing({
  RandomHorizontalFlip,
  RandomVerticalFlip,
  RandomInvert,
  RandomAutocontrast,
  RandomEqualize,
  RandomGrayscale,
  RandomPosterize,
  RandomSolarize,
  RandomAdjustSharpness,
});
