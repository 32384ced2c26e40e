/** What a function does with each kind of input. */
import torch, { type Tensor } from "flambeau";
import { describe } from "flambeau/arguments";
import { Image as PilImage } from "../../../image.js";
import { BoundingBoxes, Image, isPureTensor, Mask, Video, wrap } from "../../../tvTensors.js";
import { type AnyImage, dimensionsOf } from "../../functional/image.js";

/** What transforms change: images, videos, masks and boxes. */
export type Input = PilImage | Tensor;

/** A function for each kind; what has none is given back as it is. */
export interface Kernels {
  readonly image: (img: AnyImage) => AnyImage;
  readonly mask?: (mask: Tensor) => Tensor;
  readonly boxes?: (boxes: BoundingBoxes) => BoundingBoxes;
}

/**
 * Applies the function for the kind of an input; the result is of the same kind.
 *
 * @throws TypeError for anything but an image or a tensor.
 */
export function dispatch<T>(name: string, input: T, { image, mask, boxes }: Kernels): T {
  if (input instanceof BoundingBoxes) return (boxes === undefined ? input : boxes(input)) as T;
  if (input instanceof Mask) return (mask === undefined ? input : wrap(mask(input), { like: input })) as T;
  if (input instanceof Image || input instanceof Video) return wrap(image(input) as Tensor, { like: input }) as T;
  if (input instanceof PilImage || input instanceof torch.Tensor) return image(input) as T;
  throw new TypeError(`${name}(): expected an image, a tensor, or one of tvTensors, got ${describe(input)}`);
}

/** Height and width of an input. */
export function sizeOf(input: Input): [height: number, width: number] {
  if (input instanceof BoundingBoxes) return [...input.canvasSize] as [number, number];
  const [, height, width] = dimensionsOf(input);
  return [height, width];
}

/** Whether a value is an image or a video that is a tensor. */
export function isTensorImage(value: unknown): boolean {
  return isPureTensor(value) || value instanceof Image || value instanceof Video;
}
