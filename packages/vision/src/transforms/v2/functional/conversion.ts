/** Kinds and dtypes of inputs. */
import torch, { type DType, type Tensor } from "flambeau";
import { describe } from "flambeau/arguments";
import { Image as PilImage } from "../../../image.js";
import { Image, TVTensor, Video, wrap } from "../../../tvTensors.js";
import { convertImageDtype as convertTensor, pilToTensor, toPilImage, toTensor } from "../../functional/convert.js";
import { getImageNumChannels, getImageSize } from "../../functional/dimensions.js";
import { erase as eraseImage } from "../../functional/erase.js";
import { dimensionsOf } from "../../functional/image.js";
import { normalize as normalizeImage, type PerColour } from "../../functional/normalize.js";
import { dispatch, type Input, isTensorImage } from "./kinds.js";

export { getImageNumChannels, getImageSize, pilToTensor, toPilImage, toTensor };

/**
 * An image, or a tensor, as one of `tvTensors`.
 *
 * @throws TypeError for anything else.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.to_image.html
 */
export function toImage(inpt: Input): Image {
  if (inpt instanceof PilImage || inpt instanceof torch.Tensor) return new Image(inpt);
  throw new TypeError(
    `Input can either be a pure Tensor, a numpy array, or a PIL image, but got ${describe(inpt)} instead.`,
  );
}

/** A tensor of none of the kinds; anything else as it is. */
export function toPureTensor<T>(inpt: T): T {
  return (inpt instanceof TVTensor ? inpt.view(inpt.shape) : inpt) as T;
}

/**
 * A tensor in another dtype; the values of images and videos may be scaled to its range.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.to_dtype.html
 */
export function toDtype<T extends Tensor>(inpt: T, options: { dtype?: DType; scale?: boolean } = {}): T {
  const { dtype = torch.float32, scale = false } = options;
  const isScaled = scale && isTensorImage(inpt);
  const converted = isScaled ? convertTensor(inpt, { dtype }) : inpt.to(dtype);
  return (inpt instanceof TVTensor ? wrap(converted, { like: inpt }) : converted) as T;
}

/** Images and videos in another dtype (float32), scaled to its range: `toDtype(image, { dtype, scale: true })`. */
export function convertImageDtype<T extends Tensor>(image: T, options: { dtype?: DType } = {}): T {
  return toDtype(image, { ...options, scale: true });
}

/** `(value - mean) / std` for each channel of images and videos. */
export function normalize<T extends Tensor>(
  inpt: T,
  mean: PerColour,
  std: PerColour,
  options: { inplace?: boolean } = {},
): T {
  return dispatch("normalize", inpt, { image: (img) => normalizeImage(img as Tensor, mean, std, options) });
}

/** Images and videos with a value in a part. */
export function erase<T extends Input>(
  inpt: T,
  i: number,
  j: number,
  h: number,
  w: number,
  v: Tensor,
  options: { inplace?: boolean } = {},
): T {
  return dispatch("erase", inpt, { image: (img) => eraseImage(img as Tensor, i, j, h, w, v, options) });
}

/** Channels, height and width. */
export function getDimensions(inpt: Input): [channels: number, height: number, width: number] {
  return dimensionsOf(inpt);
}

/** The number of channels. */
export function getNumChannels(inpt: Input): number {
  return dimensionsOf(inpt)[0];
}

/** The number of frames of a video `[…, T, C, H, W]`. */
export function getNumFrames(inpt: Tensor): number {
  return inpt.shape.at(-4) as number;
}

/** As many frames of a video, in even steps from the first to the last. */
export function uniformTemporalSubsample<T extends Tensor>(inpt: T, numSamples: number): T {
  const frames = torch.linspace(0, getNumFrames(inpt) - 1, numSamples).long();
  const chosen = inpt.indexSelect(-4, frames);
  return (inpt instanceof Video ? wrap(chosen, { like: inpt }) : chosen) as T;
}
