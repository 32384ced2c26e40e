/** What the constructors and builders of detectors read alike. */
import type { nn } from "flambeau";
import {
  describe,
  flag,
  instanceOf,
  int,
  keyword,
  nullable,
  number,
  numbers,
  optional,
  sizeOrSizes,
  type ValuesOf,
} from "flambeau/arguments";
import { moduleParam } from "../../ops/layer.js";
import { MultiScaleRoIAlign } from "../../ops/poolers.js";
import { imagenetMean, imagenetStd } from "../presets.js";
import { AnchorGenerator } from "./anchors.js";
import { GeneralizedRCNNTransform, sizePair } from "./transform.js";

/** A module, or `null` for the one that there is by default. */
export const optionalModule = optional(nullable(moduleParam), null);

/** The same for modules of one class. */
export const anchorGeneratorParam = optional(nullable(instanceOf("AnchorGenerator", AnchorGenerator)), null);
export const poolParam = optional(nullable(instanceOf("MultiScaleRoIAlign", MultiScaleRoIAlign)), null);

/** How images are made ready. */
export interface TransformOptions {
  /** The length of the shorter side, or several of which one is drawn for each image in training; 800 by default. */
  minSize?: number | readonly number[];
  /** The most that the longer side may be; 1333 by default. */
  maxSize?: number;
  /** What is subtracted from colours; that of ImageNet by default. */
  imageMean?: readonly number[] | null;
  /** By what they are divided; that of ImageNet by default. */
  imageStd?: readonly number[] | null;
}

export const transformParams = {
  minSize: optional(sizeOrSizes, 800),
  maxSize: optional(number, 1333),
  imageMean: optional(nullable(numbers), null),
  imageStd: optional(nullable(numbers), null),
};

/** What else `GeneralizedRCNNTransform` takes. */
export interface BatchOptions {
  /** The sides of the batch are multiples of it; 32 by default. */
  sizeDivisible?: number;
  /** Width and height to which all images are resized. */
  fixedSize?: readonly [number, number] | null;
  _skipResize?: boolean;
}

export const batchParams = {
  sizeDivisible: keyword(optional(int, 32)),
  fixedSize: keyword(optional(nullable(sizePair), null)),
  _skipResize: keyword(flag),
};

type GivenTransform = ValuesOf<typeof transformParams & typeof batchParams>;

/** What makes images ready, as it was asked for. */
export function makeTransform(given: GivenTransform): GeneralizedRCNNTransform {
  const { minSize, maxSize, imageMean, imageStd, sizeDivisible, fixedSize, _skipResize } = given;
  const mean = imageMean ?? imagenetMean;
  const std = imageStd ?? imagenetStd;
  return new GeneralizedRCNNTransform(minSize, maxSize, mean, std, sizeDivisible, fixedSize, { _skipResize });
}

/**
 * The channels that a backbone gives.
 *
 * @throws Error if it does not tell.
 */
export function outChannelsOf(backbone: nn.Module): number {
  const { outChannels } = backbone as unknown as { outChannels?: unknown };
  if (typeof outChannels === "number") return outChannels;
  throw new Error(
    `backbone should contain an attribute out_channels specifying the number of output channels (assumed to be the same for all the levels), got ${describe(outChannels)}`,
  );
}
