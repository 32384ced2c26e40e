/** The geometry of images, videos, masks and boxes. */
import torch, { type Tensor } from "flambeau";
import { roundHalfEven } from "../../../rounding.js";
import { BoundingBoxes, type CanvasSize, Mask, TVTensor, wrap } from "../../../tvTensors.js";
import * as images from "../../functional/crop.js";
import { type Five, twoDimensions, twoSizes } from "../../functional/crop.js";
import * as flips from "../../functional/flip.js";
import type { Fill } from "../../functional/image.js";
import { type Corners, inverseAffineMatrix, mappedSize, perspectiveCoefficients } from "../../functional/matrix.js";
import * as pads from "../../functional/pad.js";
import { edgesOf, type PaddingMode } from "../../functional/pad.js";
import * as sizes from "../../functional/resize.js";
import { type ResizeOptions, resizedSize } from "../../functional/resize.js";
import type { WarpOptions } from "../../functional/warp.js";
import * as warps from "../../functional/warp.js";
import { around, byCorners, moved } from "./boxes.js";
import { dispatch, type Input, sizeOf } from "./kinds.js";

type Size = number | readonly number[];

/** Masks have no values in between, and nothing outside. */
const ofMask = { interpolation: "nearest", fill: 0 } as const;

function flipped(boxes: BoundingBoxes, dim: 0 | 1): BoundingBoxes {
  const length = boxes.canvasSize[1 - dim] as number;
  const columns = boxes.unbind(-1);
  const [first, second] = [columns[dim], columns[dim + 2]] as [Tensor, Tensor];
  const mirror = (place: Tensor) => place.neg().add(length);
  if (boxes.format === "XYXY") {
    columns[dim] = mirror(second);
    columns[dim + 2] = mirror(first);
  } else {
    columns[dim] = mirror(boxes.format === "XYWH" ? first.add(second) : first);
  }
  return wrap(torch.stack(columns, -1), { like: boxes });
}

/**
 * Mirrored left to right.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.horizontal_flip.html
 */
export function horizontalFlip<T extends Input>(inpt: T): T {
  return dispatch("horizontalFlip", inpt, {
    image: (img) => flips.hflip(img),
    mask: (mask) => mask.flip(-1),
    boxes: (boxes) => flipped(boxes, 0),
  });
}

/**
 * Mirrored upside down.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.vertical_flip.html
 */
export function verticalFlip<T extends Input>(inpt: T): T {
  return dispatch("verticalFlip", inpt, {
    image: (img) => flips.vflip(img),
    mask: (mask) => mask.flip(-2),
    boxes: (boxes) => flipped(boxes, 1),
  });
}

export { horizontalFlip as hflip, verticalFlip as vflip };

/**
 * In another size, as `transforms.functional.resize`; boxes grow and shrink with their image.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.resize.html
 */
export function resize<T extends Input>(inpt: T, size: Size, options: ResizeOptions = {}): T {
  return dispatch("resize", inpt, {
    image: (img) => sizes.resize(img, size, options),
    mask: (mask) => sizes.resize(mask, size, { interpolation: "nearest", maxSize: options.maxSize ?? null }),
    boxes: (boxes) => {
      const canvasSize = resizedSize(boxes.canvasSize, size, options.maxSize);
      const [y, x] = canvasSize.map((length, d) => length / (boxes.canvasSize[d] as number)) as [number, number];
      const factors = torch.tensor([x, y, x, y]);
      return wrap(boxes.mul(factors).to(boxes.dtype), { like: boxes, canvasSize });
    },
  });
}

/**
 * The part at a place; boxes are cut off at its edges.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.crop.html
 */
export function crop<T extends Input>(inpt: T, top: number, left: number, height: number, width: number): T {
  return dispatch("crop", inpt, {
    image: (img) => images.crop(img, top, left, height, width),
    mask: (mask) => images.crop(mask, top, left, height, width),
    boxes: (boxes) => moved(boxes, -left, -top, [height, width]),
  });
}

/**
 * The middle part of a size.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.center_crop.html
 */
export function centerCrop<T extends Input>(inpt: T, outputSize: Size): T {
  const [height, width] = twoSizes(outputSize, twoDimensions);
  return dispatch("centerCrop", inpt, {
    image: (img) => images.centerCrop(img, outputSize),
    mask: (mask) => images.centerCrop(mask, outputSize),
    boxes: (boxes) => {
      const [h, w] = boxes.canvasSize;
      return moved(boxes, -roundHalfEven((w - width) / 2), -roundHalfEven((h - height) / 2), [height, width]);
    },
  });
}

/** @throws TypeError for boxes and masks, which have no crops in several places. */
function refuseBoxes(name: string, inpt: Input): void {
  if (inpt instanceof BoundingBoxes || inpt instanceof Mask)
    throw new TypeError(`BoundingBoxes'es and Mask's are not supported by ${name}()`);
}

/**
 * The four corners and the middle of an image or video, each of its kind.
 *
 * @throws Error if the parts are larger than the image; TypeError for boxes and masks.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.five_crop.html
 */
export function fiveCrop<T extends Input>(inpt: T, size: Size): Five<T> {
  refuseBoxes("fiveCrop", inpt);
  return images.fiveCrop(inpt, size).map((part) => ofKind(part, inpt)) as Five<T>;
}

/**
 * The four corners and the middle of an image or video and of its mirror image, each of its kind.
 *
 * @throws Error if the parts are larger than the image; TypeError for boxes and masks.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.ten_crop.html
 */
export function tenCrop<T extends Input>(
  inpt: T,
  size: Size,
  options: { verticalFlip?: boolean } = {},
): [...Five<T>, ...Five<T>] {
  refuseBoxes("tenCrop", inpt);
  return images.tenCrop(inpt, size, options).map((part) => ofKind(part, inpt)) as [...Five<T>, ...Five<T>];
}

/** A part of an input, of its kind. */
function ofKind<T extends Input>(part: T, inpt: T): T {
  return part instanceof torch.Tensor && inpt instanceof TVTensor ? (wrap(part, { like: inpt }) as Input as T) : part;
}

/**
 * A part in another size.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.resized_crop.html
 */
export function resizedCrop<T extends Input>(
  inpt: T,
  top: number,
  left: number,
  height: number,
  width: number,
  size: Size,
  options: Omit<ResizeOptions, "maxSize"> = {},
): T {
  return dispatch("resizedCrop", inpt, {
    image: (img) => sizes.resizedCrop(img, top, left, height, width, size, options),
    mask: (mask) => sizes.resizedCrop(mask, top, left, height, width, size, { interpolation: "nearest" }),
    boxes: (boxes) => resize(crop(boxes, top, left, height, width), size),
  });
}

/**
 * With more around it, as `transforms.functional.pad`; boxes move along, and go only with mode `"constant"`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.pad.html
 */
export function pad<T extends Input>(
  inpt: T,
  padding: Size,
  fill: Fill | null = 0,
  { paddingMode = "constant" }: { paddingMode?: PaddingMode } = {},
): T {
  return dispatch("pad", inpt, {
    image: (img) => pads.pad(img, padding, fill, { paddingMode }),
    mask: (mask) => pads.pad(mask, padding, typeof fill === "number" ? fill : 0, { paddingMode }),
    boxes: (boxes) => {
      if (paddingMode !== "constant")
        throw new Error(`Padding mode '${paddingMode}' is not supported with bounding boxes`);
      const [left, top, right, bottom] = edgesOf(padding);
      const [height, width] = boxes.canvasSize;
      return moved(boxes, left, top, [height + top + bottom, width + left + right]);
    },
  });
}

/** Boxes under the affine map by which an image is turned, moved, scaled and sheared. */
function mappedBoxes(
  boxes: BoundingBoxes,
  angle: number,
  translate: readonly number[],
  scale: number,
  shear: readonly number[],
  center: readonly number[] | null | undefined,
  expand = false,
): BoundingBoxes {
  const [height, width] = boxes.canvasSize;
  const middle = (center ?? [width / 2, height / 2]) as [number, number];
  const parts = [angle, translate as [number, number], scale, shear as [number, number]] as const;
  const [a, b, c, d, e, f] = inverseAffineMatrix(middle, ...parts);
  // The map of points is the way back of that of pixels.
  const determinant = a * e - b * d;
  const map = (points: Tensor): Tensor => {
    const [x, y] = points.unbind(-1) as [Tensor, Tensor];
    const [u, v] = [x.sub(c), y.sub(f)];
    return torch.stack([u.mul(e).sub(v.mul(b)).div(determinant), v.mul(a).sub(u.mul(d)).div(determinant)], -1);
  };
  if (!expand) return byCorners(boxes, (corners) => around(corners, map));
  const frame = map(torch.tensor([0, 0, 0, height, width, height, width, 0]).view(4, 2));
  const [newWidth, newHeight] = mappedSize(inverseAffineMatrix([0, 0], ...parts), width, height);
  const start = frame.amin(0).repeat(2);
  return byCorners(boxes, (corners) => around(corners, map).sub(start), [newHeight, newWidth]);
}

type Centered = WarpOptions & { center?: readonly number[] | null };

/**
 * Turned counter-clockwise by degrees, as `transforms.functional.rotate`; a box is the smallest around the turned one.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.rotate.html
 */
export function rotate<T extends Input>(inpt: T, angle: number, options: Centered & { expand?: boolean } = {}): T {
  const { center = null, expand = false } = options;
  return dispatch("rotate", inpt, {
    image: (img) => warps.rotate(img, angle, options),
    mask: (mask) => warps.rotate(mask, angle, { ...ofMask, center, expand }),
    boxes: (boxes) => mappedBoxes(boxes, -angle, [0, 0], 1, [0, 0], center, expand),
  });
}

/**
 * Turned, moved, scaled and sheared, as `transforms.functional.affine`; a box is the smallest around the mapped one.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.affine.html
 */
export function affine<T extends Input>(
  inpt: T,
  angle: number,
  translate: readonly number[],
  scale: number,
  shear: Size,
  options: Centered = {},
): T {
  const { center = null } = options;
  const [x, y = typeof shear === "number" ? 0 : x] = typeof shear === "number" ? [shear] : shear;
  return dispatch("affine", inpt, {
    image: (img) => warps.affine(img, angle, translate, scale, shear, options),
    mask: (mask) => warps.affine(mask, angle, translate, scale, shear, { ...ofMask, center }),
    boxes: (boxes) => mappedBoxes(boxes, angle, translate, scale, [x as number, y as number], center),
  });
}

/**
 * Seen in perspective, as `transforms.functional.perspective`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.perspective.html
 */
export function perspective<T extends Input>(
  inpt: T,
  startpoints: Corners,
  endpoints: Corners,
  options: WarpOptions = {},
): T {
  return dispatch("perspective", inpt, {
    image: (img) => warps.perspective(img, startpoints, endpoints, options),
    mask: (mask) => warps.perspective(mask, startpoints, endpoints, ofMask),
    boxes: (boxes) => {
      // Points go where pixels come from.
      const [a, b, c, d, e, f, g, h] = perspectiveCoefficients(endpoints, startpoints) as [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      return byCorners(boxes, (corners) =>
        around(corners, (points) => {
          const [x, y] = points.unbind(-1) as [Tensor, Tensor];
          const plane = (p: number, q: number, r: number) => x.mul(p).add(y.mul(q)).add(r);
          const divisor = plane(g, h, 1);
          return torch.stack([plane(a, b, c).div(divisor), plane(d, e, f).div(divisor)], -1);
        }),
      );
    },
  });
}

/** Boxes whose corners are moved by as much as pixels are, the other way. */
function bentBoxes(boxes: BoundingBoxes, displacement: Tensor): BoundingBoxes {
  const [height, width] = boxes.canvasSize;
  return byCorners(boxes, (corners) =>
    around(corners, (points) => {
      const places = points.ceil();
      const [x, y] = places.unbind(-1) as [Tensor, Tensor];
      const index = y
        .clamp(0, height - 1)
        .mul(width)
        .add(x.clamp(0, width - 1))
        .long();
      const moves = displacement
        .view(height * width, 2)
        .to(points.dtype)
        .indexSelect(0, index);
      const size = torch.tensor([width, height], { dtype: points.dtype });
      const inside = torch.stack([x.clamp(0, width - 1), y.clamp(0, height - 1)], -1);
      return inside.sub(moves.mul(size).mul(0.5));
    }),
  );
}

/**
 * Bent, as `transforms.functional.elasticTransform`; where boxes go is an approximation, for small displacements.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.elastic.html
 */
export function elastic<T extends Input>(inpt: T, displacement: Tensor, options: WarpOptions = {}): T {
  return dispatch("elastic", inpt, {
    image: (img) => warps.elasticTransform(img, displacement, options),
    mask: (mask) => warps.elasticTransform(mask, displacement, ofMask),
    boxes: (boxes) => bentBoxes(boxes, displacement),
  });
}

export { elastic as elasticTransform };

/**
 * Height and width.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.get_size.html
 */
export function getSize(inpt: Input): CanvasSize {
  return sizeOf(inpt);
}
