/** What is done to images and targets before a detector sees them, and to what it finds afterwards. */
import torch, { F, nn, type Tensor } from "flambeau";
import {
  type Args,
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
  sizeOrSizes,
} from "flambeau/arguments";
import { pasteMasksInImage } from "./masks.js";
import { type Detection, ImageList, type ImageSize, type Target } from "./types.js";

/** Two numbers: width and height. */
export const sizePair: Param<readonly [number, number]> = {
  ...(numbers as unknown as Param<readonly [number, number]>),
  expected: "tuple of 2 ints",
  read: (value) => {
    const list = numbers.read(value);
    return list === invalid || list.length !== 2 ? invalid : (list as unknown as readonly [number, number]);
  },
};

const params = {
  minSize: sizeOrSizes,
  maxSize: number,
  imageMean: numbers,
  imageStd: numbers,
  sizeDivisible: optional(int, 32),
  fixedSize: optional(nullable(sizePair), null),
  _skipResize: keyword(flag),
};

/**
 * Normalizes and resizes images, pads them to one size, and moves targets along.
 *
 * @param minSize the length of the shorter side, or several of which one is drawn for each image in training,
 * @param maxSize unless the longer side would be longer than this.
 * @param sizeDivisible the sides of the batch are multiples of it; 32 by default.
 * @param fixedSize width and height of all images, instead.
 */
export class GeneralizedRCNNTransform extends nn.Module {
  declare minSize: readonly number[];
  declare maxSize: number;
  declare imageMean: readonly number[];
  declare imageStd: readonly number[];
  declare sizeDivisible: number;
  declare fixedSize: readonly [number, number] | null;
  declare skipResize: boolean;

  constructor(
    ...args: [
      minSize: number | readonly number[],
      maxSize: number,
      imageMean: readonly number[],
      imageStd: readonly number[],
      ...rest: Args<
        [sizeDivisible?: number, fixedSize?: readonly [number, number] | null],
        ["sizeDivisible", "fixedSize"],
        { _skipResize?: boolean }
      >,
    ]
  ) {
    super();
    const { minSize, _skipResize, ...given } = new Signature(new.target.name, params).parse(args);
    Object.assign(this, given, { minSize: [minSize].flat(), skipResize: _skipResize });
  }

  override forward(
    images: readonly Tensor[],
    targets: readonly Target[] | null = null,
  ): [images: ImageList, targets: Target[] | null] {
    const changed = images.map((image, i) => {
      if (image.ndim !== 3) {
        throw new Error(
          `images is expected to be a list of 3d tensors of shape [C, H, W], got [${image.shape.join(", ")}]`,
        );
      }
      return this.resize(this.normalize(image), targets?.[i]);
    });
    const sizes = changed.map(([{ shape }]) => shape.slice(-2) as unknown as ImageSize);
    const batch = this.batchImages(changed.map(([image]) => image));
    return [new ImageList(batch, sizes), targets === null ? null : changed.map(([, target]) => target as Target)];
  }

  /** @throws TypeError unless the image is a floating one. */
  normalize(image: Tensor): Tensor {
    const { dtype, device } = image;
    if (!dtype.isFloatingPoint) {
      throw new TypeError(
        `Expected input images to be of floating type (in range [0, 1]), but found type ${dtype} instead`,
      );
    }
    const [mean, std] = [this.imageMean, this.imageStd].map((values) =>
      torch.tensor([...values], { dtype, device }).view(-1, 1, 1),
    ) as [Tensor, Tensor];
    return image.sub(mean).div(std);
  }

  resize(image: Tensor, target?: Target): [image: Tensor, target: Target | undefined] {
    const before = image.shape.slice(-2) as unknown as ImageSize;
    if (this.training && this.skipResize) return [image, target];
    const shorter = this.training ? drawn(this.minSize) : (this.minSize.at(-1) as number);
    const to =
      this.fixedSize === null ? { scaleFactor: scaleFor(before, shorter, this.maxSize) } : sizeOf(this.fixedSize);
    const recomputeScaleFactor = this.fixedSize === null ? true : null;
    const options = { mode: "bilinear", alignCorners: false, recomputeScaleFactor, ...to } as const;
    const resized = F.interpolate(image.unsqueeze(0), options).squeeze(0);
    if (target === undefined) return [resized, undefined];
    const after = resized.shape.slice(-2) as unknown as ImageSize;
    const moved: Record<string, unknown> = { ...target, boxes: resizeBoxes(target.boxes, before, after) };
    if (target.masks !== undefined) {
      const masks = F.interpolate(target.masks.unsqueeze(1).float(), { recomputeScaleFactor, ...to });
      moved.masks = masks.squeeze(1).to(torch.uint8);
    }
    if (target.keypoints !== undefined) moved.keypoints = resizeKeypoints(target.keypoints, before, after);
    return [resized, moved as Target];
  }

  /** Images in one tensor, with zeros below and to the right of smaller ones. */
  batchImages(images: readonly Tensor[]): Tensor {
    const most = (dim: number) => Math.max(...images.map(({ shape }) => shape[dim] as number));
    const [height, width] = [1, 2].map((dim) => Math.ceil(most(dim) / this.sizeDivisible) * this.sizeDivisible) as [
      number,
      number,
    ];
    const padded = images.map((image) => {
      const [, own, across] = image.shape as [number, number, number];
      return F.pad(image, [0, width - across, 0, height - own]);
    });
    return torch.stack(padded);
  }

  /** What was found in resized images, in the places of the original ones. */
  postprocess(
    result: readonly Detection[],
    imageShapes: readonly ImageSize[],
    originalImageSizes: readonly ImageSize[],
  ): Detection[] {
    if (this.training) return [...result];
    return result.map((found, i) => {
      const [from, to] = [imageShapes[i], originalImageSizes[i]] as [ImageSize, ImageSize];
      const boxes = resizeBoxes(found.boxes, from, to);
      const { masks, keypoints } = found;
      return {
        ...found,
        boxes,
        ...(masks === undefined ? {} : { masks: pasteMasksInImage(masks, boxes, to) }),
        ...(keypoints === undefined ? {} : { keypoints: resizeKeypoints(keypoints, from, to) }),
      };
    });
  }

  override toString(): string {
    const list = (values: readonly number[]) => values.join(", ");
    const sizes = this.minSize.length === 1 ? `${this.minSize[0]},` : list(this.minSize);
    return (
      `${this.constructor.name}(\n    Normalize(mean=[${list(this.imageMean)}], std=[${list(this.imageStd)}])` +
      `\n    Resize(min_size=(${sizes}), max_size=${this.maxSize}, mode='bilinear')\n)`
    );
  }
}

function sizeOf([width, height]: readonly [number, number]): { size: [number, number] } {
  return { size: [height, width] };
}

/** One of several, by a number that is drawn. */
function drawn(choices: readonly number[]): number {
  return choices[Math.trunc(torch.empty(1).uniform_(0, choices.length).item())] as number;
}

/** How much an image grows, in float32. */
function scaleFor(size: ImageSize, shorter: number, longest: number): number {
  const { fround } = Math;
  return Math.min(fround(shorter / Math.min(...size)), fround(longest / Math.max(...size)));
}

/** How much height and width grow, in float32. */
function ratios(from: ImageSize, to: ImageSize): [height: number, width: number] {
  return [Math.fround(to[0] / from[0]), Math.fround(to[1] / from[1])];
}

function factors({ dtype, device }: Tensor, values: number[]): Tensor {
  return torch.tensor(values, { dtype: dtype.isFloatingPoint ? dtype : torch.float32, device });
}

/** Boxes `[N, 4]` in an image of another size. */
export function resizeBoxes(boxes: Tensor, originalSize: ImageSize, newSize: ImageSize): Tensor {
  const [height, width] = ratios(originalSize, newSize);
  return boxes.mul(factors(boxes, [width, height, width, height]));
}

/** Keypoints `[…, 3]` in an image of another size. */
export function resizeKeypoints(keypoints: Tensor, originalSize: ImageSize, newSize: ImageSize): Tensor {
  const [height, width] = ratios(originalSize, newSize);
  return keypoints.mul(factors(keypoints, [width, height, 1]));
}
