/** Automatic augmentation of the images and videos of samples. */
import torch from "flambeau";
import {
  AugMix as PlainAugMix,
  AutoAugment as PlainAutoAugment,
  RandAugment as PlainRandAugment,
  TrivialAugmentWide as PlainTrivial,
} from "../augment/methods.js";
import type { ImageTransform } from "../transform.js";
import { dispatch, type Input } from "./functional/kinds.js";
import { Transform } from "./transform.js";

const { shareable } = torch.utils.data;

/** A transform of `transforms` for the images and videos of samples. */
abstract class OfImages extends Transform {
  abstract readonly plain: ImageTransform;

  override transform(inpt: Input): Input {
    return dispatch(this.plain.constructor.name, inpt, { image: (img) => this.plain(img) });
  }

  override extraRepr(): string {
    return this.plain.extraRepr();
  }
}

/**
 * Two operations by a learned policy, drawn as by `transforms.AutoAugment`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.AutoAugment.html
 */
export class AutoAugment extends OfImages {
  readonly plain: PlainAutoAugment;

  constructor(...args: ConstructorParameters<typeof PlainAutoAugment>) {
    super();
    this.plain = new PlainAutoAugment(...args);
  }
}

/**
 * So many random operations, drawn as by `transforms.RandAugment`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandAugment.html
 */
export class RandAugment extends OfImages {
  readonly plain: PlainRandAugment;

  constructor(...args: ConstructorParameters<typeof PlainRandAugment>) {
    super();
    this.plain = new PlainRandAugment(...args);
  }
}

/**
 * One random operation, drawn as by `transforms.TrivialAugmentWide`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.TrivialAugmentWide.html
 */
export class TrivialAugmentWide extends OfImages {
  readonly plain: PlainTrivial;

  constructor(...args: ConstructorParameters<typeof PlainTrivial>) {
    super();
    this.plain = new PlainTrivial(...args);
  }
}

/**
 * Mixed with others made of it, drawn as by `transforms.AugMix`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.AugMix.html
 */
export class AugMix extends OfImages {
  readonly plain: PlainAugMix;

  constructor(...args: ConstructorParameters<typeof PlainAugMix>) {
    super();
    this.plain = new PlainAugMix(...args);
  }
}

shareable(import.meta.url, { AutoAugment, RandAugment, TrivialAugmentWide, AugMix });
