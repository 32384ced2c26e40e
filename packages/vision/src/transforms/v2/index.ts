/** `transforms.v2`: transforms of whole samples, of images, videos, masks and boxes together. */
export { AutoAugmentPolicy } from "../augment/policies.js";
export { InterpolationMode } from "../interpolation.js";
export { AugMix, AutoAugment, RandAugment, TrivialAugmentWide } from "./augment.js";
export {
  ColorJitter,
  GaussianBlur,
  GaussianNoise,
  Grayscale,
  JPEG,
  RandomAdjustSharpness,
  RandomAutocontrast,
  RandomChannelPermutation,
  RandomEqualize,
  RandomGrayscale,
  RandomInvert,
  RandomPhotometricDistort,
  RandomPosterize,
  RandomSolarize,
  RGB,
} from "./colour.js";
export { Compose, RandomApply, RandomChoice, RandomOrder } from "./containers.js";
export {
  ClampBoundingBoxes,
  ConvertBoundingBoxFormat,
  ConvertImageDtype,
  PILToTensor,
  ToDtype,
  ToImage,
  ToPILImage,
  ToPureTensor,
  ToTensor,
  UniformTemporalSubsample,
} from "./conversion.js";
export { RandomIoUCrop, SanitizeBoundingBoxes } from "./detection.js";
export * as functional from "./functional/index.js";
export { CenterCrop, FiveCrop, RandomCrop, RandomResizedCrop, TenCrop } from "./geometry/crops.js";
export { RandomHorizontalFlip, RandomVerticalFlip } from "./geometry/flips.js";
export { Pad, RandomZoomOut } from "./geometry/pads.js";
export { RandomResize, RandomShortestSize, Resize, ScaleJitter } from "./geometry/sizes.js";
export { ElasticTransform, RandomAffine, RandomPerspective, RandomRotation } from "./geometry/warps.js";
export { CutMix, MixUp } from "./mix.js";
export { type Params, Transform } from "./transform.js";
export { Identity, Lambda, LinearTransformation, Normalize, RandomErasing } from "./values.js";
