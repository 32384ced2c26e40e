/**
 * Transforms between images, tensors and dtypes.
 *
 * Source: https://pytorch.org/vision/stable/transforms.html#conversion
 */
import torch, { type DType, type Tensor } from "flambeau";
import { dtype, optional, Signature } from "flambeau/arguments";
import { Image, ImageBatch, type ImageMode } from "../image.js";
import { pyList } from "../python.js";
import {
  channelsFirst,
  convertImageDtype,
  modeParam,
  pilToTensor,
  scaledChannelsFirst,
  toPilImage,
  toTensor,
} from "./functional/convert.js";
import { normalize, normalizedTables, normalizeParams, type PerColour } from "./functional/normalize.js";
import { keepNothing } from "./release.js";
import { Transform } from "./transform.js";

const { shareable } = torch.utils.data;

/**
 * An image as a tensor of shape [colours, height, width] in the default dtype, with values from 0 to 1.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.ToTensor.html
 */
export class ToTensor extends Transform<Image, Tensor> {
  forward(pic: Image): Tensor {
    return toTensor(pic);
  }

  override forwardBatch(batch: ImageBatch): Tensor {
    return scaledChannelsFirst(batch.pixels);
  }
}

/**
 * An image as a uint8 tensor of shape [colours, height, width].
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.PILToTensor.html
 */
export class PILToTensor extends Transform<Image, Tensor> {
  forward(pic: Image): Tensor {
    return pilToTensor(pic);
  }

  override forwardBatch(batch: ImageBatch): Tensor {
    return channelsFirst(batch.pixels);
  }
}

/**
 * A tensor image in another dtype, with its values scaled to that dtype's range.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.ConvertImageDtype.html
 */
export class ConvertImageDtype extends Transform<Tensor, Tensor> {
  readonly dtype: DType;

  constructor(...args: [dtype: DType]) {
    super();
    this.dtype = new Signature(new.target.name, { dtype }).parse(args).dtype;
  }

  forward(image: Tensor): Tensor {
    return convertImageDtype(image, { dtype: this.dtype });
  }

  override forwardBatch(batch: Tensor): Tensor {
    return this.forward(batch);
  }
}

/**
 * `(tensor - mean) / std` for each colour of a tensor image.
 *
 * @example new Normalize([0.5], [0.5])
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.Normalize.html
 */
export class Normalize extends Transform<Tensor, Tensor> {
  readonly mean: PerColour;
  readonly std: PerColour;
  readonly inplace: boolean;

  constructor(...args: [mean: PerColour, std: PerColour, options?: { inplace?: boolean }]) {
    super();
    const { mean, std, inplace } = new Signature(new.target.name, normalizeParams).parse(args);
    this.mean = mean;
    this.std = std;
    this.inplace = inplace;
  }

  forward(tensor: Tensor): Tensor {
    return normalize(tensor, this.mean, this.std, { inplace: this.inplace });
  }

  override forwardBatch(batch: Tensor): Tensor {
    return this.forward(batch);
  }

  override extraRepr(): string {
    return `mean=${printed(this.mean)}, std=${printed(this.std)}`;
  }
}

/**
 * What `ToTensor` and then `Normalize` give, in one go; undefined if these are not the two, or the pixels no bytes. Each
 * byte is computed once for all pixels that have it.
 */
export function toNormalizedTensor(first: unknown, second: unknown, input: unknown): Tensor | undefined {
  if (!isPlain(first, ToTensor) || !isPlain(second, Normalize)) return undefined;
  if (!(input instanceof Image || input instanceof ImageBatch) || input.pixels.dtype !== torch.uint8) return undefined;
  const { mean, std } = second as Normalize;
  const colours = input.pixels.shape.at(-1);
  // Numbers that do not fit are for the transform itself to refuse.
  if ([mean, std].some((of) => typeof of !== "number" && of.length !== 1 && of.length !== colours)) return undefined;
  return torch.ops.torchvision.lookupPlanes(input.pixels, normalizedTables(input.pixels, mean, std));
}

/** Whether a transform is of a class, and not of one that extends it. */
function isPlain(transform: unknown, type: unknown): boolean {
  return transform instanceof Transform && transform.constructor === type;
}

function printed(values: PerColour): string {
  return typeof values === "number" ? `${values}` : pyList(values);
}

/**
 * A tensor `[C, H, W]` or `[H, W]` as an image. Floats from 0 to 1 become bytes, unless mode `F` is asked for.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.ToPILImage.html
 */
export class ToPILImage extends Transform<Tensor, Image> {
  readonly mode: ImageMode | undefined;

  constructor(...args: [options?: { mode?: ImageMode }]) {
    super();
    this.mode = new Signature(new.target.name, { mode: optional(modeParam) }).parse(args).mode;
  }

  forward(pic: Tensor): Image {
    return toPilImage(pic, this.mode === undefined ? {} : { mode: this.mode });
  }

  override extraRepr(): string {
    return this.mode === undefined ? "" : `mode=${this.mode}`;
  }
}

shareable(import.meta.url, { ToTensor, PILToTensor, ConvertImageDtype, Normalize, ToPILImage });
keepNothing({ ToTensor, PILToTensor, ConvertImageDtype, Normalize, ToPILImage });
