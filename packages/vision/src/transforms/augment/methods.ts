/**
 * Automatic augmentation: operations drawn by a policy, or at random.
 *
 * Source: https://pytorch.org/vision/stable/transforms.html#auto-augmentation
 */
import torch, { type Tensor } from "flambeau";
import { type Args, flagOn, int, number, optional, type Param, Signature, word } from "flambeau/arguments";
import { Image } from "../../image.js";
import { pyFloat, pyValue } from "../../python.js";
import { pilToTensor, toPilImage } from "../functional/convert.js";
import { type AnyImage, dimensionsOf, type Fill, floating, openFill } from "../functional/image.js";
import { pySizes } from "../geometry.js";
import { bilinearParam, type InterpolationMode, nearestParam } from "../interpolation.js";
import { whole } from "../random/draw.js";
import { ImageTransform } from "../transform.js";
import { applyDrawn, applyOperation, type Look, pyLook, spaceOf } from "./operations.js";
import { AutoAugmentPolicy, policies } from "./policies.js";

const { shareable } = torch.utils.data;

interface LookOptions {
  /** How turned and moved images are interpolated. */
  interpolation?: InterpolationMode;
  /** The colour of what is outside of them. */
  fill?: Fill | null;
}

const look = {
  interpolation: nearestParam,
  fill: optional(openFill, null),
};

function lookOf({ interpolation, fill }: Look): Look {
  return { interpolation, fill };
}

const policyParam: Param<AutoAugmentPolicy> = word(...Object.values(AutoAugmentPolicy));

/** The greatest magnitudes of AutoAugment and RandAugment, for images of a size. */
function usualLimits(height: number, width: number) {
  return {
    shear: 0.3,
    translateX: (150 / 331) * width,
    translateY: (150 / 331) * height,
    rotate: 30,
    colour: 0.9,
    bits: [8, 4],
  } as const;
}

/**
 * Two operations on images, by a policy that was learned.
 *
 * @param options.policy on which data set: `"imagenet"` by default, `"cifar10"` or `"svhn"`.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.AutoAugment.html
 */
export class AutoAugment extends ImageTransform {
  readonly policy: AutoAugmentPolicy;
  readonly interpolation: InterpolationMode;
  readonly fill: Fill | null;

  constructor(...args: [options?: { policy?: AutoAugmentPolicy } & LookOptions]) {
    super();
    const params = { policy: optional(policyParam, AutoAugmentPolicy.IMAGENET), ...look };
    const { policy, interpolation, fill } = new Signature(new.target.name, params).parse(args);
    this.policy = policy;
    this.interpolation = interpolation;
    this.fill = fill;
  }

  /** Draws which of so many pairs, whether each of its operations is applied, and which way it goes. */
  static getParams(transformNum: number): [policyId: number, probs: Tensor, signs: Tensor] {
    return [whole(0, transformNum), torch.rand(2), torch.randint(0, 2, [2])];
  }

  forward(img: AnyImage): AnyImage {
    const [, height, width] = dimensionsOf(img);
    const pairs = policies[this.policy];
    const [chosen, probs, signs] = AutoAugment.getParams(pairs.length);
    const space = new Map(spaceOf(usualLimits(height, width), 10, { invert: true }));
    return (pairs[chosen] as (typeof pairs)[number]).reduce<AnyImage>((image, [name, p, step], i) => {
      if (probs.at(i).item() > p) return image;
      const { magnitudes, isSigned } = space.get(name) ?? { magnitudes: null, isSigned: false };
      const magnitude = step === null || magnitudes === null ? 0 : magnitudes.at(step).item();
      const isTurned = isSigned && signs.at(i).item() === 0;
      return applyOperation(image, name, isTurned ? -magnitude : magnitude, lookOf(this));
    }, img);
  }

  override extraRepr(): string {
    return `policy=AutoAugmentPolicy.${this.policy.toUpperCase()}, fill=${pySizes(this.fill)}`;
  }
}

/**
 * So many random operations on images, all of one magnitude.
 *
 * @param numOps how many: 2 by default.
 * @param magnitude which of the magnitudes: 9 by default.
 * @param numMagnitudeBins how many there are: 31 by default.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.RandAugment.html
 */
export class RandAugment extends ImageTransform {
  readonly numOps: number;
  readonly magnitude: number;
  readonly numMagnitudeBins: number;
  readonly interpolation: InterpolationMode;
  readonly fill: Fill | null;

  constructor(
    ...args: Args<
      [numOps?: number, magnitude?: number, numMagnitudeBins?: number],
      ["numOps", "magnitude", "numMagnitudeBins"],
      LookOptions
    >
  ) {
    super();
    const params = {
      numOps: optional(int, 2),
      magnitude: optional(int, 9),
      numMagnitudeBins: optional(int, 31),
      ...look,
    };
    const given = new Signature(new.target.name, params).parse(args);
    this.numOps = given.numOps;
    this.magnitude = given.magnitude;
    this.numMagnitudeBins = given.numMagnitudeBins;
    this.interpolation = given.interpolation;
    this.fill = given.fill;
  }

  forward(img: AnyImage): AnyImage {
    const [, height, width] = dimensionsOf(img);
    const space = spaceOf(usualLimits(height, width), this.numMagnitudeBins, { identity: true });
    let image = img;
    for (let i = 0; i < this.numOps; i++) image = applyDrawn(image, space, () => this.magnitude, lookOf(this));
    return image;
  }

  override extraRepr(): string {
    const { numOps, magnitude, numMagnitudeBins } = this;
    return `num_ops=${numOps}, magnitude=${magnitude}, num_magnitude_bins=${numMagnitudeBins}, ${pyLook(this)}`;
  }
}

/**
 * One random operation on images, with a random magnitude.
 *
 * @param numMagnitudeBins how many magnitudes there are: 31 by default.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.TrivialAugmentWide.html
 */
export class TrivialAugmentWide extends ImageTransform {
  readonly numMagnitudeBins: number;
  readonly interpolation: InterpolationMode;
  readonly fill: Fill | null;

  constructor(...args: Args<[numMagnitudeBins?: number], ["numMagnitudeBins"], LookOptions>) {
    super();
    const params = { numMagnitudeBins: optional(int, 31), ...look };
    const given = new Signature(new.target.name, params).parse(args);
    this.numMagnitudeBins = given.numMagnitudeBins;
    this.interpolation = given.interpolation;
    this.fill = given.fill;
  }

  forward(img: AnyImage): AnyImage {
    dimensionsOf(img);
    const limits = { shear: 0.99, translateX: 32, translateY: 32, rotate: 135, colour: 0.99, bits: [8, 6] } as const;
    const space = spaceOf(limits, this.numMagnitudeBins, { identity: true });
    return applyDrawn(img, space, (count) => whole(0, count), lookOf(this));
  }

  override extraRepr(): string {
    return `num_magnitude_bins=${this.numMagnitudeBins}, ${pyLook(this)}`;
  }
}

/** The number of magnitudes of AugMix. */
const mixBins = 10;

/**
 * Images mixed with others that random chains of operations make of them.
 *
 * @param severity how strong operations may be, from 1 to 10: 3 by default.
 * @param mixtureWidth how many chains: 3 by default.
 * @param chainDepth how many operations each has; 1 to 3, drawn at random, unless it is positive.
 * @param alpha the concentration of the random weights: 1 by default.
 * @param options.allOps whether brightness, colour, contrast and sharpness are among the operations; they are by default.
 * @throws Error for another severity.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.AugMix.html
 */
export class AugMix extends ImageTransform {
  readonly severity: number;
  readonly mixtureWidth: number;
  readonly chainDepth: number;
  readonly alpha: number;
  readonly allOps: boolean;
  readonly interpolation: InterpolationMode;
  readonly fill: Fill | null;

  constructor(
    ...args: Args<
      [severity?: number, mixtureWidth?: number, chainDepth?: number, alpha?: number],
      ["severity", "mixtureWidth", "chainDepth", "alpha"],
      { allOps?: boolean } & LookOptions
    >
  ) {
    super();
    const params = {
      severity: optional(int, 3),
      mixtureWidth: optional(int, 3),
      chainDepth: optional(int, -1),
      alpha: optional(number, 1),
      allOps: flagOn,
      interpolation: bilinearParam,
      fill: look.fill,
    };
    const given = new Signature(new.target.name, params).parse(args);
    if (given.severity < 1 || given.severity > mixBins)
      throw new Error(`The severity must be between [1, ${mixBins}]. Got ${given.severity} instead.`);
    this.severity = given.severity;
    this.mixtureWidth = given.mixtureWidth;
    this.chainDepth = given.chainDepth;
    this.alpha = given.alpha;
    this.allOps = given.allOps;
    this.interpolation = given.interpolation;
    this.fill = given.fill;
  }

  forward(img: AnyImage): AnyImage {
    if (img instanceof Image) return toPilImage(mix(pilToTensor(img), this));
    return mix(img, this);
  }

  override extraRepr(): string {
    const { severity, mixtureWidth, chainDepth, alpha, allOps } = this;
    return `severity=${severity}, mixture_width=${mixtureWidth}, chain_depth=${chainDepth}, alpha=${pyFloat(alpha)}, all_ops=${pyValue(allOps)}, ${pyLook(this)}`;
  }
}

/** A tensor `[…, C, H, W]` mixed with what chains of operations make of it. */
function mix(img: Tensor, { severity, mixtureWidth, chainDepth, alpha, allOps, interpolation, fill }: AugMix): Tensor {
  const [, height, width] = dimensionsOf(img);
  const limits = {
    shear: 0.3,
    translateX: width / 3,
    translateY: height / 3,
    rotate: 30,
    colour: allOps ? 0.9 : null,
    bits: [4, 4],
  } as const;
  const space = spaceOf(limits, mixBins, { coloursLast: true });
  const batch = img.view([...new Array<number>(Math.max(4 - img.ndim, 0)).fill(1), ...img.shape]);
  const count = batch.shape[0] as number;
  const column = (shares: Tensor, i: number) => shares.select(1, i).view([count, ...batch.shape.slice(1).map(() => 1)]);
  const draw = (size: number) => torch.ops.torchvision.sampleDirichlet(torch.full([size], alpha).expand([count, size]));
  const ends = draw(2);
  const shares = draw(mixtureWidth).mul(ends.narrow(1, 1, 1));
  const mixed = column(ends, 0).mul(floating(batch));
  for (let i = 0; i < mixtureWidth; i++) {
    const depth = chainDepth > 0 ? chainDepth : whole(1, 4);
    let chained = batch;
    for (let k = 0; k < depth; k++)
      chained = applyDrawn(chained, space, () => whole(0, severity), { interpolation, fill }) as Tensor;
    mixed.add_(column(shares, i).mul(floating(chained)));
  }
  return mixed.view(img.shape).to(img.dtype);
}

shareable(import.meta.url, { AutoAugment, RandAugment, TrivialAugmentWide, AugMix });
