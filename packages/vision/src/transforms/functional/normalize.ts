/** Values of images with another mean and deviation. */
import torch, { type Tensor } from "flambeau";
import { anything, flag, invalid, numbers, type Param, Signature } from "flambeau/arguments";
import { byteFractions, checkTensor } from "./image.js";

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

/** For each colour of pixels `[…, C]` a table of what bytes are as fractions of 255, normalized. */
export function normalizedTables(pixels: Tensor, mean: PerColour, std: PerColour): Tensor {
  const colours = pixels.shape.at(-1) as number;
  return normalize(byteFractions().expand([colours, 1, 256]), mean, std).view(colours, 256);
}
