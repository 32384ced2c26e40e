/** Images as tensors, tensors as images, and tensors of other dtypes. */
import torch, { type DType, type Tensor } from "flambeau";
import { anything, describe, dtype as dtypeParam, optional, type Param, Signature, word } from "flambeau/arguments";
import { Image, type ImageMode } from "../../image.js";
import { byteFractions, bytes, checkTensor } from "./image.js";

const { torchvision } = torch.ops;

/** Pixels `[…, H, W, C]` as `[…, C, H, W]`, in memory of their own. */
export function channelsFirst(pixels: Tensor): Tensor {
  if (pixels.dtype === torch.uint8) return torchvision.lookupPlanes(pixels, tablesFor(pixels, bytes));
  return pixels.movedim(-1, -3).clone();
}

/** The same with fractions of 255 in the default dtype in place of bytes. */
export function scaledChannelsFirst(pixels: Tensor): Tensor {
  if (pixels.dtype !== torch.uint8) return channelsFirst(pixels);
  return torchvision.lookupPlanes(pixels, tablesFor(pixels, byteFractions()));
}

/** One table for all colours. */
function tablesFor(pixels: Tensor, table: Tensor): Tensor {
  return table.expand([pixels.shape.at(-1) as number, 256]);
}

/**
 * An image as a tensor of shape [colours, height, width], of its dtype: uint8 for most modes, bool for mode `1`.
 *
 * @throws TypeError for anything but an `Image`.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.pil_to_tensor.html
 */
export function pilToTensor(pic: Image): Tensor {
  if (!(pic instanceof Image)) throw new TypeError(`pic should be PIL Image. Got ${describe(pic)}`);
  const planes = channelsFirst(pic.pixels);
  return pic.mode === "1" ? planes.ne(0) : planes;
}

/**
 * An image as a tensor of shape [colours, height, width]: bytes as values from 0 to 1 in the default dtype, other numbers
 * (of modes `I`, `I;16`, `F`) as they are.
 *
 * @throws TypeError for anything but an `Image`.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.to_tensor.html
 */
export function toTensor(pic: Image): Tensor {
  if (!(pic instanceof Image)) throw new TypeError(`pic should be PIL Image or ndarray. Got ${describe(pic)}`);
  return scaledChannelsFirst(pic.pixels);
}

/** The modes that a tensor of so many channels may be given as; the first is meant if none is said. */
const modesOf: readonly (readonly ImageMode[])[] = [[], ["L"], ["LA"], ["RGB", "HSV"], ["RGBA", "CMYK"]];

/** The modes of tensors with one channel of other dtypes than bytes. */
const wideModes = new Map<DType, ImageMode>([
  [torch.int16, "I;16"],
  [torch.int32, "I"],
  [torch.float32, "F"],
]);

export const modeParam: Param<ImageMode> = word(
  ...(["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "HSV", "I;16", "I", "F"] as const),
);

const toPilSignature = new Signature("toPilImage", { pic: anything, mode: optional(modeParam) });

/** The mode of an image with such pixels. */
function modeFor(dtype: DType, channels: number, mode: ImageMode | undefined): ImageMode {
  const isByte = dtype === torch.uint8;
  if (channels === 1) {
    const expected = isByte ? "L" : wideModes.get(dtype);
    const isIndexed = isByte && (mode === "P" || mode === "1");
    if (mode !== undefined && mode !== expected && !isIndexed) {
      throw new Error(`Incorrect mode (${mode}) supplied for input type ${dtype}. Should be ${expected ?? "none"}`);
    }
    if (expected === undefined) throw new TypeError(`Input type ${dtype} is not supported`);
    return mode ?? expected;
  }
  const permitted = modesOf[channels] as readonly ImageMode[];
  if (mode !== undefined && !permitted.includes(mode))
    throw new Error(
      `Only modes [${permitted.map((one) => `'${one}'`).join(", ")}] are supported for ${channels}D inputs`,
    );
  if (!isByte) throw new TypeError(`Input type ${dtype} is not supported`);
  return mode ?? (permitted[0] as ImageMode);
}

/**
 * A tensor `[C, H, W]` or `[H, W]` as an image. Floats from 0 to 1 become bytes, unless mode `F` is asked for.
 *
 * @param options.mode the mode of the image; it follows from the number of channels and the dtype.
 * @throws TypeError for anything but a tensor, or a dtype that images do not have; Error for other dims, more than four
 *   channels, and modes that do not fit.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.to_pil_image.html
 */
export function toPilImage(...args: [pic: Tensor, options?: { mode?: ImageMode }]): Image {
  const { pic, mode } = toPilSignature.parse(args);
  if (!(pic instanceof torch.Tensor)) throw new TypeError(`pic should be Tensor or ndarray. Got ${describe(pic)}.`);
  if (pic.ndim !== 2 && pic.ndim !== 3) throw new Error(`pic should be 2/3 dimensional. Got ${pic.ndim} dimensions.`);
  const planes = pic.ndim === 2 ? pic.unsqueeze(0) : pic;
  const [channels, height, width] = planes.shape as [number, number, number];
  if (channels > 4) throw new Error(`pic should not have > 4 channels. Got ${channels} channels.`);
  const isScaled = pic.dtype.isFloatingPoint && mode !== "F";
  const isMask = pic.dtype === torch.bool;
  const values = isScaled || isMask ? planes.mul(255).to(torch.uint8) : planes;
  const fitting = isMask && channels === 1 ? (mode ?? "1") : modeFor(values.dtype, channels, mode);
  return new Image(values.detach().permute(1, 2, 0).clone(), width, height, fitting);
}

/** The greatest value of an image in a dtype. */
function greatest(dtype: DType): number {
  if (dtype.isFloatingPoint) return 1;
  if (dtype === torch.bool) return 1;
  return 2 ** (8 * dtype.itemsize - (dtype.isSigned ? 1 : 0)) - 1;
}

const convertSignature = new Signature("convertImageDtype", {
  image: anything,
  dtype: optional(dtypeParam, torch.float32),
});

/**
 * An image in another dtype, with its values scaled to the range that images have there: from 0 to 1 for floating
 * dtypes, up to the greatest integer for the others.
 *
 * @throws Error where a floating dtype cannot tell the integers of the other apart.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.convert_image_dtype.html
 */
export function convertImageDtype(...args: [image: Tensor, options?: { dtype?: DType }]): Tensor {
  const { image, dtype } = convertSignature.parse(args);
  checkTensor(image);
  const from = image.dtype;
  if (from === dtype) return image;
  if (from.isFloatingPoint) {
    if (dtype.isFloatingPoint) return image.to(dtype);
    const tooWide = from === torch.float32 ? [torch.int32, torch.int64] : [torch.int64];
    if (tooWide.includes(dtype)) throw new Error(`The cast from ${from} to ${dtype} cannot be performed safely.`);
    // Not just the greatest value: then only exactly 1.0 would become it.
    return image.mul(greatest(dtype) + 1 - 1e-3).to(dtype);
  }
  if (dtype.isFloatingPoint) return image.to(dtype).div(greatest(from));
  const [inputs, outputs] = [BigInt(greatest(from) + 1), BigInt(greatest(dtype) + 1)];
  if (inputs > outputs) return image.div(inputs / outputs, { roundingMode: "floor" }).to(dtype);
  return image.to(dtype).mul(outputs / inputs);
}
