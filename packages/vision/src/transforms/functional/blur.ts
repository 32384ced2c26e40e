/** Images blurred and sharpened. */
import torch, { F, type Tensor } from "flambeau";
import { type Args, nullable, number, optional, Signature, sizeOrSizes } from "flambeau/arguments";
import { byWideNumbers } from "../../image/wide.js";
import { Image } from "../../image.js";
import { pilToTensor, toPilImage } from "./convert.js";
import { type AnyImage, checkColours, checkTensorImage, dimensionsOf, fillParam, image, onBatch } from "./image.js";
import { blend, checkBlend, checkMixed } from "./tone.js";

const { torchvision } = torch.ops;

/** The weights of a Gaussian, whose sum is one. */
function gaussianWeights(size: number, sigma: number): number[] {
  const half = (size - 1) * 0.5;
  const density = torch.linspace(-half, half, size).div(sigma).square().mul(-0.5).exp();
  return density.div(density.sum()).tolist() as number[];
}

/** One number for both dims, or one for each. */
function twoOf(given: number | readonly number[], words: string): [number, number] {
  const list = typeof given === "number" ? [given, given] : given;
  if (list.length !== 2) throw new Error(`${words} its length should be 2. Got ${list.length}`);
  return [...list] as [number, number];
}

const blurSignature = new Signature("gaussianBlur", {
  img: image,
  kernelSize: sizeOrSizes,
  sigma: optional(nullable(fillParam), null),
});

/**
 * An image blurred by a Gaussian; what is beyond its edges is mirrored.
 *
 * @param img an image, or a tensor `[…, C, H, W]`.
 * @param kernelSize an odd number of pixels, or `[x, y]`.
 * @param sigma the deviation, or `[x, y]`; `0.15 kernelSize + 0.35` by default.
 * @throws Error for even sizes, deviations that are not positive, sizes that reach further than the image, and images of
 *   modes `1` and `P`.
 * @example functional.gaussianBlur(image, [5, 9], 1.5)
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.gaussian_blur.html
 */
export function gaussianBlur<T extends AnyImage>(
  ...args: [
    img: T,
    kernelSize: number | readonly number[],
    ...rest: Args<[sigma?: number | readonly number[] | null], ["sigma"]>,
  ]
): T {
  const { img, kernelSize, sigma } = blurSignature.parse(args);
  const sizes = twoOf(kernelSize, "If kernel_size is a sequence");
  if (sizes.some((size) => size % 2 === 0 || size < 0))
    throw new Error(`kernel_size should have odd and positive integers. Got [${sizes.join(", ")}]`);
  const given = typeof sigma !== "number" && sigma?.length === 1 ? (sigma[0] as number) : sigma;
  const sigmas = given === null ? sizes.map((size) => size * 0.15 + 0.35) : twoOf(given, "If sigma is a sequence,");
  if (sigmas.some((one) => !(one > 0)))
    throw new Error(`sigma should have positive values. Got [${sigmas.join(", ")}]`);
  const [, height, width] = dimensionsOf(img);
  // Before so many weights are computed.
  if (sizes[0] > 2 * width || sizes[1] > 2 * height) {
    throw new Error(
      `Padding size should be less than the corresponding input dimension, but got a kernel of [${sizes.join(", ")}] for an image of ${width}x${height}`,
    );
  }
  const [x, y] = sizes.map((size, d) => gaussianWeights(size, sigmas[d] as number)) as [number[], number[]];
  const blurred = (tensor: Tensor): Tensor =>
    tensor.dtype === torch.uint8
      ? torchvision.weighNeighbours(tensor, y, x)
      : onBatch(tensor, (batch) => torchvision.weighNeighbours(batch, y, x));
  if (img instanceof Image) {
    checkMixed(img);
    return byWideNumbers(img, (wide) => toPilImage(blurred(pilToTensor(wide)), { mode: wide.mode })) as T;
  }
  checkTensorImage(img, 3);
  return blurred(img) as T;
}

/** A tensor of floats in which each pixel but those at the edges is weighed with the eight around it. */
function smoothed(img: Tensor): Tensor {
  const [channels, height, width] = dimensionsOf(img);
  const inner = onBatch(img, (batch) => {
    const weights = torch.ones([3, 3], { dtype: batch.dtype });
    weights.setAt([1, 1], 5);
    return F.conv2d(batch, weights.div(weights.sum()).expand([channels, 1, 3, 3]), null, { groups: channels });
  });
  const result = img.clone();
  result
    .narrow(-2, 1, height - 2)
    .narrow(-1, 1, width - 2)
    .copy_(inner);
  return result;
}

const sharpnessSignature = new Signature("adjustSharpness", { img: image, sharpnessFactor: number });

/**
 * An image sharpened: 0 blurs it, 1 leaves it as it is, 2 makes it twice as sharp.
 *
 * @param img an image, or a tensor `[…, C, H, W]` of one or three colours.
 * @throws Error for a negative factor.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.adjust_sharpness.html
 */
export function adjustSharpness<T extends AnyImage>(...args: [img: T, sharpnessFactor: number]): T {
  const { img, sharpnessFactor } = sharpnessSignature.parse(args);
  const [, height, width] = dimensionsOf(img);
  if (img instanceof Image) {
    checkBlend(img);
    const soft = torchvision.smoothBytes(img.pixels, { interleaved: true });
    const bands = img.getbands();
    // An opacity is not blurred.
    if (bands.at(-1) === "A") soft.select(2, bands.length - 1).copy_(img.pixels.select(2, bands.length - 1));
    return img.with(torchvision.blendBytes(soft, img.pixels, sharpnessFactor)) as T;
  }
  if (sharpnessFactor < 0) throw new Error(`sharpness_factor (${sharpnessFactor}) is not non-negative.`);
  checkTensorImage(img);
  checkColours(img);
  if (width <= 2 || height <= 2) return img as T;
  const soft = img.dtype === torch.uint8 ? torchvision.smoothBytes(img) : smoothed(img);
  return blend(img, soft, sharpnessFactor) as T;
}
