/** `transforms`: what is done to images before they reach a model. */
export { AugMix, AutoAugment, RandAugment, TrivialAugmentWide } from "./augment/methods.js";
export { AutoAugmentPolicy } from "./augment/policies.js";
export { Grayscale, LinearTransformation } from "./colour.js";
export { Compose, Lambda, RandomApply, RandomChoice, RandomOrder } from "./containers.js";
export { ConvertImageDtype, Normalize, PILToTensor, ToPILImage, ToTensor } from "./convert.js";
export * as functional from "./functional/index.js";
export { CenterCrop, FiveCrop, Pad, Resize, TenCrop } from "./geometry.js";
export { InterpolationMode } from "./interpolation.js";
export { ColorJitter, GaussianBlur } from "./random/colour.js";
export { RandomCrop, RandomResizedCrop } from "./random/crop.js";
export { RandomErasing } from "./random/erasing.js";
export {
  RandomAdjustSharpness,
  RandomAutocontrast,
  RandomEqualize,
  RandomGrayscale,
  RandomHorizontalFlip,
  RandomInvert,
  RandomPosterize,
  RandomSolarize,
  RandomVerticalFlip,
} from "./random/probable.js";
export { ElasticTransform, RandomAffine, RandomPerspective, RandomRotation } from "./random/warp.js";
export { ImageTransform, Transform } from "./transform.js";
export * as v2 from "./v2/index.js";
