/** Samples mirrored at random. */
import torch from "flambeau";
import * as F from "../functional/geometry.js";
import type { Input } from "../functional/kinds.js";
import { type Probability, RandomApplyTransform, readProbability } from "../transform.js";

const { shareable } = torch.utils.data;

/**
 * Samples mirrored left to right, with a probability (0.5).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomHorizontalFlip.html
 */
export class RandomHorizontalFlip extends RandomApplyTransform {
  readonly p: number;

  constructor(...args: Probability) {
    super();
    this.p = readProbability("RandomHorizontalFlip", args);
  }

  transform(inpt: Input): Input {
    return F.horizontalFlip(inpt);
  }
}

/**
 * Samples mirrored upside down, with a probability (0.5).
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.RandomVerticalFlip.html
 */
export class RandomVerticalFlip extends RandomApplyTransform {
  readonly p: number;

  constructor(...args: Probability) {
    super();
    this.p = readProbability("RandomVerticalFlip", args);
  }

  transform(inpt: Input): Input {
    return F.verticalFlip(inpt);
  }
}

shareable(import.meta.url, { RandomHorizontalFlip, RandomVerticalFlip });
