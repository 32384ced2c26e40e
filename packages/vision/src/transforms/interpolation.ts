/** Ways to make a pixel of those around its place. */
import { optional, type Param, word } from "flambeau/arguments";

/**
 * How resized, turned and warped images are interpolated. On tensors there are `NEAREST`, `NEAREST_EXACT`, `BILINEAR` and
 * `BICUBIC` (the last for resizing alone), on images all.
 *
 * @see https://pytorch.org/vision/stable/transforms.html#torchvision.transforms.InterpolationMode
 */
export const InterpolationMode = {
  NEAREST: "nearest",
  NEAREST_EXACT: "nearest-exact",
  BILINEAR: "bilinear",
  BICUBIC: "bicubic",
  BOX: "box",
  HAMMING: "hamming",
  LANCZOS: "lanczos",
} as const;

export type InterpolationMode = (typeof InterpolationMode)[keyof typeof InterpolationMode];

const interpolationParam: Param<InterpolationMode> = word(...Object.values(InterpolationMode));

/** The same as an option, and what it is by default. */
export const nearestParam: Param<InterpolationMode> = optional(interpolationParam, InterpolationMode.NEAREST);
export const bilinearParam: Param<InterpolationMode> = optional(interpolationParam, InterpolationMode.BILINEAR);

/** The name of an interpolation, as Python prints it. */
export function pyMode(interpolation: InterpolationMode): string {
  return `InterpolationMode.${interpolation.toUpperCase().replace("-", "_")}`;
}
