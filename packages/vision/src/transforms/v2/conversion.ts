/**
 * Samples in other dtypes and of other kinds.
 *
 * Source: https://pytorch.org/vision/stable/transforms.html#conversion
 */
import torch, { type DType, type Tensor } from "flambeau";
import { dtype as dtypeParam, flag, int, invalid, optional, type Param, Signature, warn } from "flambeau/arguments";
import { type ImageMode, Image as PilImage } from "../../image.js";
import {
  BoundingBoxes,
  type BoundingBoxFormat,
  formatParam,
  Image,
  isPureTensor,
  TVTensor,
  Video,
} from "../../tvTensors.js";
import { modeParam, toTensor } from "../functional/convert.js";
import * as boxes from "./functional/boxes.js";
import * as F from "./functional/conversion.js";
import { type Input, isTensorImage } from "./functional/kinds.js";
import { Transform } from "./transform.js";

const { shareable } = torch.utils.data;

/**
 * Images and plain tensors as images of `tvTensors`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.ToImage.html
 */
export class ToImage extends Transform {
  protected override accepts(leaf: unknown): boolean {
    return leaf instanceof PilImage || isPureTensor(leaf);
  }

  transform(inpt: Input): Image {
    return F.toImage(inpt);
  }
}

/**
 * Images as tensors of their dtype.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.PILToTensor.html
 */
export class PILToTensor extends Transform {
  protected override accepts(leaf: unknown): boolean {
    return leaf instanceof PilImage;
  }

  transform(inpt: Input): Tensor {
    return F.pilToTensor(inpt as PilImage);
  }
}

/**
 * Images as tensors from 0 to 1, as of `transforms`; `ToImage` and `ToDtype(torch.float32, { scale: true })` take its place.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.ToTensor.html
 */
export class ToTensor extends Transform {
  protected override accepts(leaf: unknown): boolean {
    return leaf instanceof PilImage;
  }

  transform(inpt: Input): Tensor {
    return toTensor(inpt as PilImage);
  }
}

/**
 * Tensors as images.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.ToPILImage.html
 */
export class ToPILImage extends Transform {
  readonly mode: ImageMode | undefined;

  constructor(...args: [options?: { mode?: ImageMode }]) {
    super();
    this.mode = new Signature("ToPILImage", { mode: optional(modeParam) }).parse(args).mode;
  }

  protected override accepts(leaf: unknown): boolean {
    return isPureTensor(leaf) || leaf instanceof Image;
  }

  transform(inpt: Input): PilImage {
    return F.toPilImage(inpt as Tensor, this.mode === undefined ? {} : { mode: this.mode });
  }
}

/**
 * Tensors of `tvTensors` as plain ones.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.ToPureTensor.html
 */
export class ToPureTensor extends Transform {
  protected override accepts(leaf: unknown): boolean {
    return leaf instanceof TVTensor;
  }

  transform(inpt: Input): Input {
    return F.toPureTensor(inpt);
  }
}

/** A dtype for images and videos, or for each kind of tensor by its class, or `"others"`; null leaves it as it is. */
type DTypes = DType | ReadonlyMap<unknown, DType | null>;

const dtypesParam: Param<DTypes> = {
  ...(dtypeParam as Param<DTypes>),
  expected: "torch.dtype, or a Map from kinds of tensors to these",
  read: (value) => (value instanceof Map ? value : value instanceof torch.DType ? value : invalid),
};

/**
 * Tensors in another dtype; the values of images and videos may be scaled to its range.
 *
 * @param dtype that of images and videos, or a Map from `tvTensors`' classes, `torch.Tensor` and `"others"` to dtypes.
 * @example new v2.ToDtype(torch.float32, { scale: true })
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.ToDtype.html
 */
export class ToDtype extends Transform {
  readonly dtype: DTypes;
  readonly scale: boolean;

  constructor(...args: [dtype: DTypes, options?: { scale?: boolean }]) {
    super();
    const { dtype, scale } = new Signature("ToDtype", { dtype: dtypesParam, scale: flag }).parse(args);
    this.dtype = dtype;
    this.scale = scale;
  }

  protected override accepts(leaf: unknown): boolean {
    return leaf instanceof torch.Tensor;
  }

  transform(inpt: Input): Input {
    const isImage = isTensorImage(inpt);
    const dtype = this.dtype instanceof torch.DType ? (isImage ? this.dtype : undefined) : dtypeIn(this.dtype, inpt);
    if (dtype === null && this.scale && isImage) {
      warn("scale was set to True but no dtype was specified for images or videos: no scaling will be done.");
    }
    return dtype === null || dtype === undefined ? inpt : F.toDtype(inpt as Tensor, { dtype, scale: this.scale });
  }
}

/** The dtype for the kind of a tensor. */
function dtypeIn(dtypes: ReadonlyMap<unknown, DType | null>, inpt: Input): DType | null {
  const dtype = dtypes.get(inpt.constructor) ?? dtypes.get("others");
  if (dtype !== undefined || dtypes.has("others") || dtypes.has(inpt.constructor)) return dtype ?? null;
  throw new Error(
    `No dtype was specified for type ${inpt.constructor.name}. If you only need to convert the dtype of images or videos, you can just pass e.g. dtype=torch.float32. If you're passing a dict as dtype, you can use "others" as a catch-all key to pass-through the rest of the inputs.`,
  );
}

/**
 * Images and videos in another dtype, scaled to its range: `ToDtype(dtype, { scale: true })`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.ConvertImageDtype.html
 */
export class ConvertImageDtype extends Transform {
  readonly dtype: DType;

  constructor(...args: [options?: { dtype?: DType }]) {
    super();
    const params = { dtype: optional(dtypeParam, torch.float32) };
    this.dtype = new Signature("ConvertImageDtype", params).parse(args).dtype;
  }

  protected override accepts(leaf: unknown): boolean {
    return isTensorImage(leaf);
  }

  transform(inpt: Input): Input {
    return F.toDtype(inpt as Tensor, { dtype: this.dtype, scale: true });
  }
}

/**
 * Boxes in another format.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.ConvertBoundingBoxFormat.html
 */
export class ConvertBoundingBoxFormat extends Transform {
  readonly format: BoundingBoxFormat;

  constructor(...args: [format: BoundingBoxFormat]) {
    super();
    this.format = new Signature("ConvertBoundingBoxFormat", { format: formatParam }).parse(args).format;
  }

  protected override accepts(leaf: unknown): boolean {
    return leaf instanceof BoundingBoxes;
  }

  transform(inpt: Input): Input {
    return boxes.convertBoundingBoxFormat(inpt as BoundingBoxes, { newFormat: this.format });
  }

  override extraRepr(): string {
    return `format=BoundingBoxFormat.${this.format}`;
  }
}

/**
 * Boxes without their parts outside of the image.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.ClampBoundingBoxes.html
 */
export class ClampBoundingBoxes extends Transform {
  protected override accepts(leaf: unknown): boolean {
    return leaf instanceof BoundingBoxes;
  }

  transform(inpt: Input): Input {
    return boxes.clampBoundingBoxes(inpt as BoundingBoxes);
  }
}

/**
 * As many frames of videos, in even steps.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.UniformTemporalSubsample.html
 */
export class UniformTemporalSubsample extends Transform {
  readonly numSamples: number;

  constructor(...args: [numSamples: number]) {
    super();
    this.numSamples = new Signature("UniformTemporalSubsample", { numSamples: int }).parse(args).numSamples;
  }

  protected override accepts(leaf: unknown): boolean {
    return isPureTensor(leaf) || leaf instanceof Video;
  }

  transform(inpt: Input): Input {
    return F.uniformTemporalSubsample(inpt as Tensor, this.numSamples);
  }
}

shareable(import.meta.url, {
  ToImage,
  PILToTensor,
  ToTensor,
  ToPILImage,
  ToPureTensor,
  ToDtype,
  ConvertImageDtype,
  ConvertBoundingBoxFormat,
  ClampBoundingBoxes,
  UniformTemporalSubsample,
});
