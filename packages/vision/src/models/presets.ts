/** How images are made ready for models with published weights. */
import torch, { type Tensor } from "flambeau";
import type { AnyImage } from "../transforms/functional/image.js";
import { centerCrop, convertImageDtype, normalize, pilToTensor, resize } from "../transforms/functional/index.js";
import { type InterpolationMode, pyMode } from "../transforms/interpolation.js";
import { Transform } from "../transforms/transform.js";

export const imagenetMean = [0.485, 0.456, 0.406];
export const imagenetStd = [0.229, 0.224, 0.225];

/** A preset's settings, some of which may be others than those of the weights. */
export interface PresetOptions {
  /** The height and width that is cut out of the middle. */
  cropSize?: number;
  /** The length of the shorter side before that. */
  resizeSize?: number | null;
  mean?: readonly number[];
  std?: readonly number[];
  interpolation?: InterpolationMode;
}

/** Fractions of 1 in float32, normalized, of an image or tensor of any dtype. */
function normalized(image: AnyImage, mean: readonly number[], std: readonly number[]): Tensor {
  const tensor = image instanceof torch.Tensor ? image : pilToTensor(image);
  return normalize(convertImageDtype(tensor, { dtype: torch.float32 }), mean, std);
}

/** The base of presets, which print one setting a line. */
abstract class Preset extends Transform<AnyImage, Tensor> {
  declare resizeSize: readonly number[] | null;
  declare mean: readonly number[];
  declare std: readonly number[];
  declare interpolation: InterpolationMode;

  protected resized(image: AnyImage): AnyImage {
    const { resizeSize, interpolation } = this;
    return resizeSize === null ? image : resize(image, resizeSize, { interpolation });
  }

  override extraRepr(): string {
    const { resizeSize, mean, std, interpolation } = this;
    const lines = [
      `resize_size=${resizeSize === null ? "None" : list(resizeSize)}`,
      `mean=${list(mean)}`,
      `std=${list(std)}`,
      `interpolation=${pyMode(interpolation)}`,
    ];
    return this.printed(lines);
  }

  protected printed(lines: readonly string[]): string {
    return `\n    ${lines.join("\n    ")}\n`;
  }
}

function list(values: readonly number[]): string {
  return `[${values.join(", ")}]`;
}

/** Resizes, cuts out the middle, and normalizes: an image or a tensor `[…, 3, H, W]` to a tensor `[…, 3, cropSize, cropSize]`. */
export class ImageClassification extends Preset {
  declare cropSize: readonly number[];

  constructor(options: PresetOptions & { cropSize: number }) {
    super();
    const { cropSize, resizeSize = 256, mean = imagenetMean, std = imagenetStd, interpolation = "bilinear" } = options;
    Object.assign(this, {
      cropSize: [cropSize],
      resizeSize: resizeSize === null ? null : [resizeSize],
      mean,
      std,
      interpolation,
    });
  }

  forward(image: AnyImage): Tensor {
    return normalized(centerCrop(this.resized(image), this.cropSize), this.mean, this.std);
  }

  protected override printed(lines: readonly string[]): string {
    return super.printed([`crop_size=${list(this.cropSize)}`, ...lines]);
  }
}

/** Resizes and normalizes: an image or a tensor `[…, 3, H, W]` to a tensor. */
export class SemanticSegmentation extends Preset {
  constructor(options: Omit<PresetOptions, "cropSize"> = {}) {
    super();
    const { resizeSize = null, mean = imagenetMean, std = imagenetStd, interpolation = "bilinear" } = options;
    Object.assign(this, { resizeSize: resizeSize === null ? null : [resizeSize], mean, std, interpolation });
  }

  forward(image: AnyImage): Tensor {
    return normalized(this.resized(image), this.mean, this.std);
  }
}

/** An image or tensor of any dtype as fractions of 1 in float32. */
export class ObjectDetection extends Transform<AnyImage, Tensor> {
  forward(image: AnyImage): Tensor {
    const tensor = image instanceof torch.Tensor ? image : pilToTensor(image);
    return convertImageDtype(tensor, { dtype: torch.float32 });
  }
}
