/** `transforms.functional`: what the transforms do, as functions of images and tensors. */
export { adjustSharpness, gaussianBlur } from "./blur.js";
export { adjustContrast, adjustHue, adjustSaturation, rgbToGrayscale, toGrayscale } from "./colour.js";
export { convertImageDtype, pilToTensor, toPilImage, toTensor } from "./convert.js";
export { centerCrop, crop, type Five, fiveCrop, tenCrop } from "./crop.js";
export { getDimensions, getImageNumChannels, getImageSize } from "./dimensions.js";
export { erase } from "./erase.js";
export { hflip, vflip } from "./flip.js";
export type { AnyImage, Fill } from "./image.js";
export { normalize, type PerColour } from "./normalize.js";
export { type PaddingMode, pad } from "./pad.js";
export { type ResizeOptions, resize, resizedCrop } from "./resize.js";
export {
  adjustBrightness,
  adjustGamma,
  autocontrast,
  equalize,
  invert,
  posterize,
  solarize,
} from "./tone.js";
export { affine, elasticTransform, perspective, rotate, type WarpOptions } from "./warp.js";
