/** Several images in one. */
import torch, { type Tensor } from "flambeau";
import {
  type Args,
  describe,
  flag,
  int,
  invalid,
  keyword,
  nullable,
  number,
  numbers,
  optional,
  type Param,
  Signature,
  tensor,
  tensors,
  text,
} from "flambeau/arguments";
import { Image } from "../image.js";

/** A batch of images `[N, C, H, W]`, one image, or a list of images. */
export type Images = Tensor | readonly Tensor[];

const imagesParam: Param<Images> = {
  ...(tensors as Param<Images>),
  expected: "tensor or list of tensors",
  read: (value) => {
    const one = tensor.read(value);
    return one === invalid ? tensors.read(value) : one;
  },
};

const gridParams = {
  nrow: optional(int, 8),
  padding: optional(int, 2),
  normalize: flag,
  valueRange: keyword(optional(nullable(numbers), null)),
  scaleEach: keyword(flag),
  padValue: keyword(optional(number, 0)),
};
const gridSignature = new Signature("makeGrid", { tensor: imagesParam, ...gridParams });

export interface GridOptions {
  /** Whether values are scaled to the range from 0 to 1. */
  normalize?: boolean;
  /** The least and the greatest value, which become 0 and 1; by default those that there are. */
  valueRange?: readonly number[] | null;
  /** Whether each image is scaled by its own values. */
  scaleEach?: boolean;
  /** The value between images; 0 by default. */
  padValue?: number;
}

/** Values of a range from 0 to 1. */
function scaled(images: Tensor, range: readonly number[] | null): Tensor {
  const [low, high] = (range ?? [images.min().item(), images.max().item()]) as [number, number];
  return images
    .clamp(low, high)
    .sub(low)
    .div(Math.max(high - low, 1e-5));
}

function asBatch(given: Images): Tensor {
  let images = given instanceof torch.Tensor ? given : torch.stack([...given]);
  if (images.ndim === 2) images = images.unsqueeze(0);
  if (images.ndim === 3) images = images.unsqueeze(0);
  if (images.ndim !== 4)
    throw new Error(`makeGrid: expected images of 2, 3 or 4 dims, got shape [${images.shape.join(", ")}]`);
  return images.shape[1] === 1 ? torch.cat([images, images, images], 1) : images;
}

/**
 * A grid of images: `[C, H, W]`; images of one channel get three.
 *
 * @param nrow how many images stand beside each other; 8 by default.
 * @param padding how many pixels are around each; 2 by default.
 * @throws TypeError for what are no images; Error if their sizes differ.
 * @example utils.makeGrid(images, 4, { normalize: true })
 * @see https://pytorch.org/vision/stable/generated/torchvision.utils.make_grid.html
 */
export function makeGrid(
  ...args: [tensor: Images, ...rest: Args<[nrow?: number, padding?: number], ["nrow", "padding"], GridOptions>]
): Tensor {
  const { tensor, nrow, padding, normalize, valueRange, scaleEach, padValue } = gridSignature.parse(args);
  if (valueRange !== null && valueRange.length !== 2)
    throw new TypeError("value_range has to be a tuple (min, max) if specified. min and max are numbers");
  if (nrow < 1) throw new RangeError(`nrow must be at least 1, got ${nrow}`);
  if (padding < 0) throw new RangeError(`padding must not be negative, got ${padding}`);
  return torch.noGrad(() => {
    let images = asBatch(tensor);
    if (normalize && scaleEach) images = torch.stack(images.unbind(0).map((image) => scaled(image, valueRange)));
    else if (normalize) images = scaled(images, valueRange);
    const [count, channels, rows, columns] = images.shape as [number, number, number, number];
    if (count === 1) return images.squeeze(0);
    if (count === 0) throw new Error("makeGrid: there are no images");
    const across = Math.min(nrow, count);
    const down = Math.ceil(count / across);
    const [height, width] = [rows + padding, columns + padding];
    const grid = images.newFull([channels, height * down + padding, width * across + padding], padValue);
    for (let i = 0; i < count; i++) {
      const [y, x] = [Math.floor(i / across), i % across];
      const place = grid.narrow(1, y * height + padding, rows).narrow(2, x * width + padding, columns);
      place.copy_(images.at(i));
    }
    return grid;
  });
}

const saveSignature = new Signature("saveImage", {
  tensor: imagesParam,
  fp: { ...text, endsPositional: false },
  format: optional(text),
  ...gridParams,
  nrow: keyword(gridParams.nrow),
  padding: keyword(gridParams.padding),
});

/**
 * Writes an image with values from 0 to 1 to a file, several of them as a grid.
 *
 * @param options.format `"JPEG"` or `"PNG"`; by default what the end of the name says. All options of `makeGrid` are options here.
 * @example utils.saveImage(images, "grid.png", { nrow: 4 })
 * @see https://pytorch.org/vision/stable/generated/torchvision.utils.save_image.html
 */
export function saveImage(
  ...args: [
    tensor: Images,
    fp: string,
    options?: GridOptions & { format?: string | undefined; nrow?: number; padding?: number },
  ]
): void {
  const { tensor, fp, format, nrow, padding, ...options } = saveSignature.parse(args);
  const grid = makeGrid(tensor, nrow, padding, options);
  if (!grid.dtype.isFloatingPoint)
    throw new TypeError(`saveImage: expected values from 0 to 1 in a floating dtype, got ${describe(grid)}`);
  const bytes = grid.mul(255).add_(0.5).clamp_(0, 255).permute(1, 2, 0).to(torch.uint8);
  Image.fromArray(bytes).save(fp, { format });
}
