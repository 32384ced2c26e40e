/** The sizes of images. */
import { Signature } from "flambeau/arguments";
import { type AnyImage, dimensionsOf, image } from "./image.js";

const signatures = Object.fromEntries(
  ["getDimensions", "getImageSize", "getImageNumChannels"].map((name) => [name, new Signature(name, { img: image })]),
) as Record<"getDimensions" | "getImageSize" | "getImageNumChannels", Signature<{ img: typeof image }>>;

/**
 * Channels, height and width of an image.
 *
 * @throws TypeError for a tensor of less than two dims.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.get_dimensions.html
 */
export function getDimensions(...args: [img: AnyImage]): [channels: number, height: number, width: number] {
  return dimensionsOf(signatures.getDimensions.parse(args).img);
}

/**
 * Width and height of an image.
 *
 * @throws TypeError for a tensor of less than two dims.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.get_image_size.html
 */
export function getImageSize(...args: [img: AnyImage]): [width: number, height: number] {
  const [, height, width] = dimensionsOf(signatures.getImageSize.parse(args).img);
  return [width, height];
}

/**
 * The number of channels of an image.
 *
 * @throws TypeError for a tensor of less than two dims.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.get_image_num_channels.html
 */
export function getImageNumChannels(...args: [img: AnyImage]): number {
  return dimensionsOf(signatures.getImageNumChannels.parse(args).img)[0];
}
