/** The names of transforms: all of torchvision's are there, and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { transforms } from "../src/index.js";

const words = (text: string) => text.trim().split(/\s+/);
const camel = (name: string) => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

/** Of torchvision 0.14's `transforms`. */
const classes = words(`
  AugMix AutoAugment AutoAugmentPolicy CenterCrop ColorJitter Compose ConvertImageDtype ElasticTransform
  FiveCrop GaussianBlur Grayscale InterpolationMode Lambda LinearTransformation Normalize PILToTensor Pad
  RandAugment RandomAdjustSharpness RandomAffine RandomApply RandomAutocontrast RandomChoice RandomCrop
  RandomEqualize RandomErasing RandomGrayscale RandomHorizontalFlip RandomInvert RandomOrder RandomPerspective
  RandomPosterize RandomResizedCrop RandomRotation RandomSolarize RandomVerticalFlip Resize TenCrop ToPILImage
  ToTensor TrivialAugmentWide
`);

const functions = words(`
  adjust_brightness adjust_contrast adjust_gamma adjust_hue adjust_saturation adjust_sharpness affine
  autocontrast center_crop convert_image_dtype crop elastic_transform equalize erase five_crop gaussian_blur
  get_dimensions get_image_num_channels get_image_size hflip invert normalize pad perspective pil_to_tensor
  posterize resize resized_crop rgb_to_grayscale rotate solarize ten_crop to_grayscale to_pil_image to_tensor
  vflip
`).map(camel);

/** Of later versions' `transforms.v2`. */
const classesOfSamples = words(`
  CutMix MixUp RandomErasing AugMix AutoAugment RandAugment TrivialAugmentWide ColorJitter Grayscale RGB
  RandomAdjustSharpness RandomAutocontrast RandomChannelPermutation RandomEqualize RandomGrayscale
  RandomInvert RandomPhotometricDistort RandomPosterize RandomSolarize Compose RandomApply RandomChoice
  RandomOrder CenterCrop ElasticTransform FiveCrop Pad RandomAffine RandomCrop RandomHorizontalFlip
  RandomIoUCrop RandomPerspective RandomResize RandomResizedCrop RandomRotation RandomShortestSize
  RandomVerticalFlip RandomZoomOut Resize ScaleJitter TenCrop ClampBoundingBoxes ConvertBoundingBoxFormat
  ConvertImageDtype GaussianBlur GaussianNoise Identity JPEG Lambda LinearTransformation Normalize
  SanitizeBoundingBoxes ToDtype UniformTemporalSubsample PILToTensor ToImage ToPILImage ToPureTensor ToTensor
`);

/** Of later versions' `transforms.v2.functional`. */
const functionsOfSamples = words(`
  adjust_brightness adjust_contrast adjust_gamma adjust_hue adjust_saturation adjust_sharpness affine
  autocontrast center_crop clamp_bounding_boxes convert_bounding_box_format convert_image_dtype crop elastic
  elastic_transform equalize erase five_crop gaussian_blur gaussian_noise get_dimensions get_image_num_channels
  get_image_size get_num_channels get_num_frames get_size grayscale_to_rgb hflip horizontal_flip invert jpeg
  normalize pad permute_channels perspective pil_to_tensor posterize resize resized_crop rgb_to_grayscale
  rotate sanitize_bounding_boxes solarize ten_crop to_dtype to_grayscale to_image to_pil_image to_tensor
  uniform_temporal_subsample vertical_flip vflip
`).map(camel);

test("transforms has torchvision's classes and functions", () => {
  const own = ["functional", "v2", "Transform", "ImageTransform"];
  assert.deepEqual(Object.keys(transforms).sort(), [...classes, ...own].sort());
  assert.deepEqual(Object.keys(transforms.functional).sort(), functions.sort());
});

test("transforms.v2 has torchvision's classes and functions", () => {
  const own = ["functional", "Transform", "AutoAugmentPolicy", "InterpolationMode"];
  assert.deepEqual(Object.keys(transforms.v2).sort(), [...classesOfSamples, ...own].sort());
  const functions = Object.keys(transforms.v2.functional).sort();
  assert.deepEqual(functions, [...functionsOfSamples, "toPureTensor"].sort());
});
