/** `transforms.functional`: what the transforms do, as functions. */
import torch, { type DType, type Tensor } from "flambeau";
import { bandsOf, Image } from "../image.js";

function kindOf(value: unknown): string {
  return value === null ? "null" : typeof value === "object" ? (value.constructor?.name ?? "object") : typeof value;
}

function checkTensor(value: unknown): void {
  if (!(value instanceof torch.Tensor)) throw new TypeError(`Input img should be Tensor Image. Got ${kindOf(value)}.`);
}

/**
 * An image as a uint8 tensor of shape [colours, height, width].
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.pil_to_tensor.html
 */
export function pilToTensor(pic: Image): Tensor {
  if (!(pic instanceof Image)) throw new TypeError(`pic should be Image. Got ${kindOf(pic)}`);
  return channelsFirst(torch.tensor(pic.data).view(pic.height, pic.width, bandsOf(pic.mode)));
}

/** Pixels of shape […, height, width, colours] as […, colours, height, width]. */
export function channelsFirst(pixels: Tensor): Tensor {
  const { shape } = pixels;
  const [height, width, colours] = shape.slice(-3) as [number, number, number];
  if (colours === 1) return pixels.view([...shape.slice(0, -3), 1, height, width]);
  return pixels.movedim(-1, -3).contiguous();
}

/** Bytes as fractions of 255, in the default dtype. */
export function scaleBytes(bytes: Tensor): Tensor {
  return bytes.to(torch.getDefaultDtype()).div_(255);
}

/**
 * An image as a tensor of shape [colours, height, width] in the default dtype, with values from 0 to 1.
 *
 * @throws TypeError for anything but an `Image`.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.to_tensor.html
 */
export function toTensor(pic: Image): Tensor {
  return scaleBytes(pilToTensor(pic));
}

/**
 * `(tensor - mean) / std` for each colour of images of shape […, colours, height, width].
 *
 * @throws TypeError unless the tensor is a floating one; Error if a std is 0 or there are less than three dims.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.normalize.html
 */
export function normalize(
  tensor: Tensor,
  mean: number | readonly number[],
  std: number | readonly number[],
  options: { inplace?: boolean } = {},
): Tensor {
  checkTensor(tensor);
  const { dtype } = tensor;
  if (!dtype.isFloatingPoint) throw new TypeError(`Input tensor should be a float tensor. Got ${dtype}.`);
  if (tensor.ndim < 3) {
    throw new Error(
      `Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = [${tensor.shape.join(", ")}]`,
    );
  }
  const deviation = perColour(std, dtype);
  if (deviation.eq(0).any().item()) {
    throw new Error(`std evaluated to zero after conversion to ${dtype}, leading to division by zero.`);
  }
  const centre = perColour(mean, dtype);
  return (options.inplace ? tensor.sub_(centre) : tensor.sub(centre)).div_(deviation);
}

/** One number for each colour, or one for all, in a shape that broadcasts over height and width. */
function perColour(values: number | readonly number[], dtype: DType): Tensor {
  const tensor = torch.tensor(values, { dtype });
  return tensor.ndim === 0 ? tensor : tensor.view(-1, 1, 1);
}

/** The greatest value of an image in a dtype. */
function greatest(dtype: DType): number {
  if (dtype.isFloatingPoint) return 1;
  if (dtype === torch.bool) return 1;
  return 2 ** (8 * dtype.itemsize - (dtype.isSigned ? 1 : 0)) - 1;
}

/**
 * An image in another dtype, with its values scaled to the range that images have there: from 0 to 1 for floating
 * dtypes, up to the greatest integer for the others.
 *
 * @throws Error where a floating dtype cannot tell the integers of the other apart.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.convert_image_dtype.html
 */
export function convertImageDtype(image: Tensor, dtype: DType = torch.float): Tensor {
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
