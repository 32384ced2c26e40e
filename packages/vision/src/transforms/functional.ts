/** `transforms.functional`: what the transforms do, as functions. */
import torch, { type DType, type Tensor } from "flambeau";
import {
  anything,
  describe,
  dtype as dtypeParam,
  flag,
  invalid,
  numbers,
  optional,
  type Param,
  Signature,
} from "flambeau/arguments";
import { bandsOf, Image } from "../image.js";

function checkTensor(value: unknown): asserts value is Tensor {
  if (!(value instanceof torch.Tensor))
    throw new TypeError(`Input img should be Tensor Image. Got ${describe(value)}.`);
}

/**
 * An image as a uint8 tensor of shape [colours, height, width].
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.pil_to_tensor.html
 */
export function pilToTensor(pic: Image): Tensor {
  if (!(pic instanceof Image)) throw new TypeError(`pic should be Image. Got ${describe(pic)}`);
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

/** One number for each colour, or one for all. */
export type PerColour = number | readonly number[];

const perColour: Param<PerColour> = {
  ...(numbers as Param<PerColour>),
  expected: "float or tuple of floats",
  read: (value) => {
    if (typeof value === "number") return value;
    return Array.isArray(value) && value.length === 0 ? invalid : numbers.read(value);
  },
};

/** The arguments of `Normalize`. */
export const normalizeParams = { mean: perColour, std: perColour, inplace: flag };

const normalizeSignature = new Signature("normalize", { tensor: anything, ...normalizeParams });

/**
 * `(tensor - mean) / std` for each colour of images of shape […, colours, height, width].
 *
 * @throws TypeError unless the tensor is a floating one; Error if a std is 0, if there are less than three dims, or
 *   where there are neither one nor as many numbers as colours.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.normalize.html
 */
export function normalize(
  ...args: [tensor: Tensor, mean: PerColour, std: PerColour, options?: { inplace?: boolean }]
): Tensor {
  const { tensor, mean, std, inplace } = normalizeSignature.parse(args);
  checkTensor(tensor);
  const { dtype } = tensor;
  if (!dtype.isFloatingPoint) throw new TypeError(`Input tensor should be a float tensor. Got ${dtype}.`);
  if (tensor.ndim < 3) {
    throw new Error(
      `Expected tensor to be a tensor image of size (..., C, H, W). Got tensor.size() = [${tensor.shape.join(", ")}]`,
    );
  }
  const deviation = forColours("std", std, tensor);
  if (deviation.eq(0).any().item()) {
    throw new Error(`std evaluated to zero after conversion to ${dtype}, leading to division by zero.`);
  }
  const centre = forColours("mean", mean, tensor);
  return (inplace ? tensor.sub_(centre) : tensor.sub(centre)).div_(deviation);
}

/** Numbers for the colours of an image, in a shape that broadcasts over height and width. */
function forColours(name: string, values: PerColour, { shape, dtype }: Tensor): Tensor {
  const given = typeof values === "number" ? [values] : values;
  const colours = shape.at(-3);
  if (given.length !== 1 && given.length !== colours) {
    const broadcast = [...shape.slice(0, -3), given.length, ...shape.slice(-2)];
    throw new Error(
      `output with shape [${shape.join(", ")}] doesn't match the broadcast shape [${broadcast.join(", ")}]: ` +
        `${name} has ${given.length} numbers, but the image ${colours} colour${colours === 1 ? "" : "s"}`,
    );
  }
  return torch.tensor(given, { dtype }).view(-1, 1, 1);
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
