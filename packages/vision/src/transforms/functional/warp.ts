/** Images turned, sheared, seen in perspective, and bent. */
import torch, { F, type Tensor } from "flambeau";
import { flag, listOf, nullable, number, numbers, optional, type Param, Signature, tensor } from "flambeau/arguments";
import { withOpacity } from "../../image/opacity.js";
import { byWideNumbers } from "../../image/wide.js";
import { transformWide } from "../../image/wideNumbers.js";
import { Image } from "../../image.js";
import { bilinearParam, type InterpolationMode, nearestParam } from "../interpolation.js";
import { pilToTensor, toPilImage } from "./convert.js";
import {
  type AnyImage,
  checkTensorImage,
  dimensionsOf,
  type Fill,
  fillParam,
  image,
  isRecorded,
  onBatch,
  openFill,
} from "./image.js";
import { type AffineMatrix, type Corners, inverseAffineMatrix, mappedSize, perspectiveCoefficients } from "./matrix.js";
import { coloursOf } from "./pad.js";
import { checkMixed } from "./tone.js";

const { torchvision } = torch.ops;

/** @throws Error for colours that do not fit, or an interpolation that tensors do not have. */
function checkWarp(img: Tensor, interpolation: InterpolationMode, fill: Fill | null): void {
  const [channels] = dimensionsOf(img);
  if (Array.isArray(fill) && fill.length > 1 && fill.length !== channels) {
    throw new Error(
      `The number of elements in 'fill' cannot broadcast to match the number of channels of the image (${fill.length} != ${channels})`,
    );
  }
  if (interpolation !== "nearest" && interpolation !== "bilinear")
    throw new Error(`Interpolation mode '${interpolation}' is unsupported with Tensor input`);
}

/** An image at the places of a grid `[h, w, 2]`, computed by operations that have gradients. */
function sampleRecorded(
  img: Tensor,
  grid: Tensor,
  fill: readonly number[] | null,
  mode: "nearest" | "bilinear",
): Tensor {
  return onBatch(img, (batch) => {
    const [count] = batch.shape as [number];
    const grids = grid
      .to(batch.dtype)
      .unsqueeze(0)
      .expand([count, ...grid.shape]);
    const sample = (x: Tensor) => F.gridSample(x, grids, { mode, paddingMode: "zeros", alignCorners: false });
    const sampled = sample(batch);
    if (fill === null) return sampled;
    const inside = sample(torch.onesLike(batch.narrow(1, 0, 1)));
    const colours = torch.tensor(fill, { dtype: batch.dtype }).view(-1, 1, 1);
    if (mode === "nearest") return torch.where(inside.lt(0.5), colours, sampled);
    return sampled.mul(inside).add(inside.neg().add(1).mul(colours));
  });
}

/** Where a tensor is sampled. */
type Places =
  | { readonly grid: Tensor }
  | { readonly size: readonly [height: number, width: number]; readonly map: readonly number[] };

/** The grid `[h, w, 2]` that a map gives, which the kernel for maps computes by itself. */
function gridOf(places: Places, dtype: torch.DType): Tensor {
  if ("grid" in places) return places.grid;
  const { size, map } = places;
  const [height, width] = size;
  const isPerspective = map.length === 9;
  const along = (count: number) => {
    const start = isPerspective ? 0.5 : 0.5 - count / 2;
    return torch.linspace(start, start + count - 1, count).to(dtype);
  };
  const [u, v] = [along(width).view(1, width), along(height).view(height, 1)];
  const row = (i: number) =>
    u
      .mul(map[i] as number)
      .add(v.mul(map[i + 1] as number))
      .add(map[i + 2] as number);
  if (!isPerspective) return torch.stack([row(0), row(3)], 2);
  return torch
    .stack([row(0), row(3)], 2)
    .div(row(6).unsqueeze(2))
    .sub(1);
}

/** A tensor at places, and a colour where it has none. */
function sample(img: Tensor, places: Places, mode: "nearest" | "bilinear", fill: Fill | null): Tensor {
  const colours = typeof fill === "number" ? [fill] : fill;
  if (isRecorded(img)) return sampleRecorded(img, gridOf(places, gridDType(img)), colours, mode);
  const isKnown = [torch.uint8, torch.float32, torch.float64].includes(img.dtype);
  const known = isKnown ? img : img.float();
  const options = { bilinear: mode === "bilinear" };
  const sampled =
    "grid" in places
      ? torchvision.sampleImages(known, places.grid, colours, options)
      : torchvision.mapImages(known, places.size, places.map, colours, options);
  if (isKnown) return sampled;
  return (img.dtype.isFloatingPoint ? sampled : sampled.round()).to(img.dtype);
}

/** The dtype in which the places for an image are computed. */
function gridDType(img: Tensor): torch.DType {
  return img.dtype === torch.float64 ? torch.float64 : torch.float32;
}

/** Numbers as float32 has them, unless the image has float64. */
function inDType(img: Tensor, values: readonly number[]): number[] {
  return img.dtype === torch.float64 ? [...values] : values.map(Math.fround);
}

/** The places of an affine map around the center of an image. */
function affinePlaces(img: Tensor, matrix: AffineMatrix, [width, height]: readonly [number, number]): Places {
  const [, h, w] = dimensionsOf(img);
  const scaled = inDType(img, matrix).map((value, i) => value / (i < 3 ? 0.5 * w : 0.5 * h));
  return { size: [height, width], map: inDType(img, scaled) };
}

/** The places of a perspective map. */
function perspectivePlaces(img: Tensor, coefficients: readonly number[]): Places {
  const [, height, width] = dimensionsOf(img);
  const [g, h] = coefficients.slice(6) as [number, number];
  const above = inDType(img, coefficients.slice(0, 6)).map((value, i) => value / (i < 3 ? 0.5 * width : 0.5 * height));
  return { size: [height, width], map: inDType(img, [...above, g, h, 1]) };
}

/** An image under a map as PIL computes it. */
function transformImage(
  img: Image,
  [width, height]: readonly [number, number],
  coefficients: readonly number[],
  interpolation: InterpolationMode,
  fill: Fill | null,
): Image {
  const isIndexed = img.mode === "1" || img.mode === "P";
  const filter = isIndexed ? "nearest" : interpolation;
  if (filter !== "nearest" && filter !== "bilinear" && filter !== "bicubic")
    throw new Error(`${filter} is no filter for a transformed image: there are nearest, bilinear and bicubic`);
  if (img.pixels.dtype !== torch.uint8) {
    const transform = (wide: Image) => {
      const [colour] = coloursOf(wide, fill) as [number];
      return wide.with(transformWide(wide.pixels, [height, width], coefficients, colour, filter));
    };
    return byWideNumbers(img, transform);
  }
  const colours = coloursOf(img, fill);
  return withOpacity(img, filter !== "nearest", (pixels) =>
    torchvision.transformBytes(pixels, [height, width], coefficients, colours, filter),
  );
}

/** Rounds to fifteen places, as PIL does with the numbers of a rotation. */
function atFifteenPlaces(value: number): number {
  return Number(value.toFixed(15));
}

/** An image turned as PIL's `Image.rotate` does it: quarters of a turn move pixels as they are. */
function rotateImage(
  img: Image,
  degrees: number,
  interpolation: InterpolationMode,
  expand: boolean,
  center: readonly number[] | null,
  fill: Fill | null,
): Image {
  const angle = ((degrees % 360) + 360) % 360;
  const { width, height, pixels } = img;
  if (center === null) {
    if (angle === 0) return img.copy();
    if (angle === 180) return img.with(pixels.flip([0, 1]));
    if ((angle === 90 || angle === 270) && (expand || width === height))
      return img.with(pixels.transpose(0, 1).flip(angle === 90 ? 0 : 1));
  }
  const turn = (-angle * Math.PI) / 180;
  const [cos, sin] = [atFifteenPlaces(Math.cos(turn)), atFifteenPlaces(Math.sin(turn))];
  const [cx, cy] = (center ?? [width / 2, height / 2]) as [number, number];
  const at = (x: number, y: number, dx: number, dy: number): [number, number] => [
    cos * x + sin * y + dx,
    -sin * x + cos * y + dy,
  ];
  let [dx, dy] = at(-cx, -cy, 0, 0);
  [dx, dy] = [dx + cx, dy + cy];
  if (!expand) return transformImage(img, [width, height], [cos, sin, dx, -sin, cos, dy], interpolation, fill);
  const corners = [at(0, 0, dx, dy), at(width, 0, dx, dy), at(width, height, dx, dy), at(0, height, dx, dy)];
  const [newWidth, newHeight] = [0, 1].map((d) => {
    const all = corners.map((corner) => corner[d] as number);
    return Math.ceil(Math.max(...all)) - Math.floor(Math.min(...all));
  }) as [number, number];
  [dx, dy] = at(-(newWidth - width) / 2, -(newHeight - height) / 2, dx, dy);
  return transformImage(img, [newWidth, newHeight], [cos, sin, dx, -sin, cos, dy], interpolation, fill);
}

/** Two numbers, or a sequence of another length that throws. */
function pairOf(name: string, values: readonly number[]): [number, number] {
  if (values.length !== 2) throw new Error(`Argument ${name} should be a sequence of length 2`);
  return [...values] as [number, number];
}

/** A place in an image, from its center. */
function fromCenter(center: readonly number[] | null, width: number, height: number): [number, number] {
  if (center === null) return [0, 0];
  const [x, y] = pairOf("center", center);
  return [x - width * 0.5, y - height * 0.5];
}

export interface WarpOptions {
  /** How pixels are interpolated: by the nearest one by default, in perspective and elastic maps `"bilinear"`. */
  interpolation?: InterpolationMode;
  /** The colour of what is outside of the image: one number, or one for each channel. */
  fill?: Fill | null;
}

export const openNumbers: Param<readonly number[] | null> = nullable(numbers);

const rotateSignature = new Signature("rotate", {
  img: image,
  angle: number,
  interpolation: nearestParam,
  expand: flag,
  center: optional(openNumbers, null),
  fill: optional(openFill, null),
});

/**
 * An image turned counter-clockwise, by degrees.
 *
 * @param img an image, or a tensor `[…, H, W]`.
 * @param options.expand whether the result is as large as all of the turned image.
 * @param options.center `[x, y]` from the upper left corner; the middle by default.
 * @example functional.rotate(image, 30, { interpolation: "bilinear", expand: true })
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.rotate.html
 */
export function rotate<T extends AnyImage>(
  ...args: [img: T, angle: number, options?: WarpOptions & { expand?: boolean; center?: readonly number[] | null }]
): T {
  const { img, angle, interpolation, expand, center, fill } = rotateSignature.parse(args);
  if (center !== null) pairOf("center", center);
  if (img instanceof Image) return rotateImage(img, angle, interpolation, expand, center, fill) as T;
  checkTensorImage(img);
  checkWarp(img, interpolation, fill);
  const [, height, width] = dimensionsOf(img);
  const matrix = inverseAffineMatrix(fromCenter(center, width, height), -angle, [0, 0], 1, [0, 0]);
  const size: [number, number] = expand ? mappedSize(matrix, width, height) : [width, height];
  return sample(img, affinePlaces(img, matrix, size), interpolation as "nearest", fill) as T;
}

const affineSignature = new Signature("affine", {
  img: image,
  angle: number,
  translate: numbers,
  scale: number,
  shear: fillParam,
  interpolation: nearestParam,
  fill: optional(openFill, null),
  center: optional(openNumbers, null),
});

/**
 * An image turned clockwise by degrees, sheared and scaled around its center, and then moved.
 *
 * @param img an image, or a tensor `[…, H, W]`.
 * @param translate how many pixels it is moved, `[x, y]`.
 * @param shear degrees along x, or `[x, y]`.
 * @param options.center `[x, y]` from the upper left corner; the middle by default.
 * @throws Error unless the scale is positive and each list has two numbers.
 * @example functional.affine(image, 30, [10, 0], 1.2, 5, { interpolation: "bilinear" })
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.affine.html
 */
export function affine<T extends AnyImage>(
  ...args: [
    img: T,
    angle: number,
    translate: readonly number[],
    scale: number,
    shear: number | readonly number[],
    options?: WarpOptions & { center?: readonly number[] | null },
  ]
): T {
  const { img, angle, translate, scale, shear, interpolation, fill, center } = affineSignature.parse(args);
  const move = pairOf("translate", translate);
  if (!(scale > 0)) throw new Error("Argument scale should be positive");
  const given = typeof shear === "number" ? [shear, 0] : shear.length === 1 ? [shear[0], shear[0]] : shear;
  if (given.length !== 2)
    throw new Error(`Shear should be a sequence containing two values. Got [${given.join(", ")}]`);
  const sheared = given as [number, number];
  const [, height, width] = dimensionsOf(img);
  if (img instanceof Image) {
    const middle = center === null ? ([width * 0.5, height * 0.5] as const) : pairOf("center", center);
    const matrix = inverseAffineMatrix(middle as [number, number], angle, move, scale, sheared);
    return transformImage(img, [width, height], matrix, interpolation, fill) as T;
  }
  checkWarp(img, interpolation, fill);
  const matrix = inverseAffineMatrix(fromCenter(center, width, height), angle, move, scale, sheared);
  return sample(img, affinePlaces(img, matrix, [width, height]), interpolation as "nearest", fill) as T;
}

const corners: Param<Corners> = listOf("list of pairs", numbers);

const perspectiveSignature = new Signature("perspective", {
  img: image,
  startpoints: corners,
  endpoints: corners,
  interpolation: bilinearParam,
  fill: optional(openFill, null),
});

/**
 * An image seen in perspective: its four points `startpoints` come to `endpoints`.
 *
 * @param img an image, or a tensor `[…, H, W]`.
 * @param startpoints four points `[x, y]`: upper left, upper right, lower right, lower left.
 * @throws Error unless there are four points of both.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.perspective.html
 */
export function perspective<T extends AnyImage>(
  ...args: [img: T, startpoints: Corners, endpoints: Corners, options?: WarpOptions]
): T {
  const { img, startpoints, endpoints, interpolation, fill } = perspectiveSignature.parse(args);
  const coefficients = perspectiveCoefficients(startpoints, endpoints);
  if (img instanceof Image) return transformImage(img, img.size, coefficients, interpolation, fill) as T;
  checkTensorImage(img);
  checkWarp(img, interpolation, fill);
  return sample(img, perspectivePlaces(img, coefficients), interpolation as "nearest", fill) as T;
}

const elasticSignature = new Signature("elasticTransform", {
  img: image,
  displacement: tensor,
  interpolation: bilinearParam,
  fill: optional(openFill, null),
});

/**
 * An image whose pixels come from places that are moved: by `displacement` `[1, H, W, 2]`, x and y in halves of the image's
 * size.
 *
 * @param img an image, or a tensor `[…, C, H, W]`.
 * @throws Error unless there is a displacement for each pixel; for images of modes `1` and `P` unless the nearest is taken.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.elastic_transform.html
 */
export function elasticTransform<T extends AnyImage>(
  ...args: [img: T, displacement: Tensor, options?: WarpOptions]
): T {
  const { img, displacement, interpolation, fill } = elasticSignature.parse(args);
  const [, height, width] = dimensionsOf(img);
  const wanted = [1, height, width, 2];
  if (String(displacement.shape) !== String(wanted)) {
    throw new Error(
      `Argument displacement shape should be (${wanted.join(", ")}), but given [${displacement.shape.join(", ")}]`,
    );
  }
  if (img instanceof Image) {
    if (interpolation !== "nearest") checkMixed(img);
    const warp = (wide: Image) =>
      toPilImage(elasticTransform(pilToTensor(wide), displacement, { interpolation, fill }), { mode: wide.mode });
    return byWideNumbers(img, warp) as T;
  }
  checkWarp(img, interpolation, fill);
  const along = (size: number) => torch.linspace((1 - size) / size, (size - 1) / size, size);
  const x = along(width).view(1, width).expand([height, width]);
  const y = along(height).view(height, 1).expand([height, width]);
  const grid = torch.stack([x, y], 2).add(displacement.at(0)).to(gridDType(img));
  return sample(img, { grid }, interpolation as "nearest", fill) as T;
}
