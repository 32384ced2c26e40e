/** Boxes, masks and keypoints drawn on images. */
import torch, { type Tensor } from "flambeau";
import {
  type Args,
  anything,
  flag,
  int,
  listOf,
  nullable,
  number,
  optional,
  type Param,
  Signature,
  tensor,
  text,
} from "flambeau/arguments";
import { Canvas, wholePlace } from "./canvas.js";
import { type Color, type Colors, checkImage, colorsParam, inkOf, inksFor } from "./colors.js";
import type { Point } from "./polygon.js";
import { Lettering } from "./text.js";

const optionalColors = optional(nullable(colorsParam), null);
/** The opacity of boxes that are filled. */
const fillOpacity = 100;

const path: Param<string> = { ...text, endsPositional: false };
const labelsParam = listOf("list of strs", text) as Param<readonly string[]>;

const boxesSignature = new Signature("drawBoundingBoxes", {
  image: tensor,
  boxes: tensor,
  labels: optional(nullable(labelsParam), null),
  colors: optionalColors,
  fill: flag,
  width: optional(int, 1),
  font: optional(nullable(path), null),
  fontSize: optional(nullable(number), null),
});

/** Rows of coordinates as whole numbers. */
function places(coordinates: Tensor): number[][] {
  const columns = coordinates.shape.at(-1) as number;
  const flat = coordinates.detach().double().reshape(-1, columns).tolist() as number[][];
  return flat.map((row) => row.map(wholePlace));
}

/**
 * An image with boxes, as a new tensor `[3, H, W]`.
 *
 * @param image uint8 `[3, H, W]`, or `[1, H, W]`.
 * @param boxes `[N, 4]` of corners x1, y1, x2, y2.
 * @param labels a text for each box.
 * @param colors one for all boxes or one for each: names, `"#FF00FF"`, or red, green and blue; by default all differ.
 * @param options.fill whether boxes are filled with their color, which the image shines through.
 * @param options.width of the outlines; 1 by default.
 * @param options.font the path of a TrueType font, by default DejaVu Sans,
 * @param options.fontSize in pixels; 10 by default.
 * @throws TypeError unless the image is of bytes; Error for boxes whose corners are the wrong way round.
 * @example utils.drawBoundingBoxes(image, boxes, ["dog", "cat"], "red", { width: 3 })
 * @see https://pytorch.org/vision/stable/generated/torchvision.utils.draw_bounding_boxes.html
 */
export function drawBoundingBoxes(
  ...args: [
    image: Tensor,
    boxes: Tensor,
    ...rest: Args<
      [labels?: readonly string[] | null, colors?: Colors | null],
      ["labels", "colors"],
      { fill?: boolean; width?: number; font?: string | null; fontSize?: number | null }
    >,
  ]
): Tensor {
  const { image, boxes, labels, colors, fill, width, font, fontSize } = boxesSignature.parse(args);
  checkImage(image, [1, 3], "Only grayscale and RGB images are supported");
  if (boxes.ndim !== 2 || boxes.shape[1] !== 4)
    throw new Error(`Expected boxes of shape [N, 4], got [${boxes.shape.join(", ")}]`);
  const [count] = boxes.shape as [number];
  if (count === 0) {
    process.emitWarning("boxes doesn't contain any box. No box was drawn");
    return image;
  }
  const corners = places(boxes) as [number, number, number, number][];
  if (boxes.at(":", ":2").gt(boxes.at(":", "2:")).any().item()) {
    throw new Error(
      "Boxes need to be in (xmin, ymin, xmax, ymax) format. Use torchvision.ops.box_convert to convert them",
    );
  }
  if (labels !== null && labels.length !== count) {
    throw new Error(
      `Number of boxes (${count}) and labels (${labels.length}) mismatch. Please specify labels for each box.`,
    );
  }
  const inks = inksFor("boxes", colors, count);
  const lettering = labels === null ? undefined : new Lettering(font, checkedSize(fontSize ?? 10));
  const canvas = new Canvas(image.shape[0] === 1 ? image.expand(3, -1, -1) : image);
  for (const [i, [x1, y1, x2, y2]] of corners.entries()) {
    const ink = inks[i] as (typeof inks)[number];
    if (fill) canvas.rectangle(x1, y1, x2, y2, ink, fillOpacity);
    canvas.outline(x1, y1, x2, y2, ink, Math.min(width, Math.max(canvas.width, canvas.height)));
    lettering?.draw(canvas, x1 + width + 1, y1 + width + 1, labels?.[i] as string, ink);
  }
  return canvas.toTensor().to(image.device);
}

function checkedSize(size: number): number {
  if (size > 0 && size <= 1000) return size;
  throw new RangeError(`font_size must be from 0 to 1000, got ${size}`);
}

const masksSignature = new Signature("drawSegmentationMasks", {
  image: tensor,
  masks: tensor,
  alpha: optional(number, 0.8),
  colors: optionalColors,
});

/**
 * An image with masks in colors, as a new tensor.
 *
 * @param image uint8 `[3, H, W]`.
 * @param masks bool `[N, H, W]` or `[H, W]`; where several are set, the last one is seen.
 * @param alpha how much of the color is seen, from 0 to 1; 0.8 by default.
 * @param colors one for all masks or one for each; by default all differ.
 * @throws TypeError unless the image is of bytes and the masks are bools; Error if their sizes differ.
 * @see https://pytorch.org/vision/stable/generated/torchvision.utils.draw_segmentation_masks.html
 */
export function drawSegmentationMasks(
  ...args: [image: Tensor, masks: Tensor, ...rest: Args<[alpha?: number, colors?: Colors | null], ["alpha", "colors"]>]
): Tensor {
  const { image, masks: given, alpha, colors } = masksSignature.parse(args);
  checkImage(image, [3], "Pass an RGB image. Other Image formats are not supported");
  const masks = given.ndim === 2 ? given.unsqueeze(0) : given;
  if (masks.ndim !== 3) throw new Error("masks must be of shape (H, W) or (batch_size, H, W)");
  if (masks.dtype !== torch.bool) throw new TypeError(`The masks must be of dtype bool. Got ${masks.dtype}`);
  const [count, height, width] = masks.shape as [number, number, number];
  if (height !== image.shape[1] || width !== image.shape[2])
    throw new Error("The image and the masks must have the same height and width");
  if (count === 0) {
    process.emitWarning("masks doesn't contain any mask. No mask was drawn");
    return image;
  }
  const inks = inksFor("masks", colors, count);
  return torch.noGrad(() => {
    let drawn = image;
    for (const [i, ink] of inks.entries()) {
      const color = torch.tensor([...ink], { dtype: torch.uint8, device: image.device }).view(3, 1, 1);
      drawn = torch.where(masks.at(i), color, drawn);
    }
    const [below, above] = [image, drawn].map((one) => one.to(torch.float32)) as [Tensor, Tensor];
    return below
      .mul(1 - alpha)
      .add(above.mul(alpha))
      .to(torch.uint8);
  });
}

const pairs: Param<readonly (readonly number[])[]> = listOf("list of pairs of ints", listOf("pair of ints", int));

const keypointsSignature = new Signature("drawKeypoints", {
  image: tensor,
  keypoints: tensor,
  connectivity: optional(nullable(pairs), null),
  colors: optional(nullable(anything), null),
  radius: optional(int, 2),
  width: optional(int, 3),
  visibility: optional(nullable(tensor), null),
});

/**
 * An image with keypoints and lines between them, as a new tensor.
 *
 * @param image uint8 `[3, H, W]`.
 * @param keypoints `[N, K, 2]`: x and y of K keypoints of each of N instances; a third number, as detectors give it, does not
 *   count.
 * @param connectivity pairs of keypoints between which there are white lines.
 * @param colors the color of the keypoints; without one there are lines alone.
 * @param radius of the keypoints; 2 by default.
 * @param width of the lines; 3 by default.
 * @param visibility bool `[N, K]`: which keypoints are drawn; all by default.
 * @throws TypeError unless the image is of bytes; RangeError for a pair of keypoints that do not exist.
 * @example utils.drawKeypoints(image, keypoints, [[0, 1], [1, 2]], "blue")
 * @see https://pytorch.org/vision/stable/generated/torchvision.utils.draw_keypoints.html
 */
export function drawKeypoints(
  ...args: [
    image: Tensor,
    keypoints: Tensor,
    ...rest: Args<
      [
        connectivity?: readonly (readonly [number, number])[] | null,
        colors?: Color | null,
        radius?: number,
        width?: number,
        visibility?: Tensor | null,
      ],
      ["connectivity", "colors", "radius", "width", "visibility"]
    >,
  ]
): Tensor {
  const { image, keypoints, connectivity, colors, radius, width, visibility } = keypointsSignature.parse(args);
  checkImage(image, [3], "Pass an RGB image. Other Image formats are not supported");
  if (keypoints.ndim !== 3 || (keypoints.shape[2] !== 2 && keypoints.shape[2] !== 3))
    throw new Error(`keypoints must be of shape (num_instances, K, 2), got [${keypoints.shape.join(", ")}]`);
  const [count, kinds] = keypoints.shape as [number, number];
  for (const pair of connectivity ?? []) {
    if (pair.length !== 2 || pair.some((place) => place < 0 || place >= kinds))
      throw new RangeError(`connectivity has the pair [${pair.join(", ")}], but there are ${kinds} keypoints`);
  }
  if (visibility !== null && (visibility.shape[0] !== count || visibility.numel() !== count * kinds)) {
    throw new Error(
      `visibility must be of shape (num_instances, K), got [${visibility.shape.join(", ")}] for keypoints of shape [${keypoints.shape.join(", ")}]`,
    );
  }
  if (!(radius >= 0 && radius <= 2 ** 12)) throw new RangeError(`radius must be from 0 to 4096, got ${radius}`);
  const ink = colors === null ? undefined : inkOf(colors as Color);
  const isShown = visibility?.ne(0).reshape(-1).tolist() as boolean[] | undefined;
  const all = places(keypoints.narrow(2, 0, 2)) as unknown as Point[];
  const canvas = new Canvas(image);
  for (let n = 0; n < count; n++) {
    const shown = (k: number) => isShown?.[n * kinds + k] ?? true;
    const at = (k: number) => all[n * kinds + k] as Point;
    for (let k = 0; ink !== undefined && k < kinds; k++) if (shown(k)) canvas.circle(...at(k), radius, ink);
    for (const [from, to] of (connectivity ?? []) as [number, number][])
      if (shown(from) && shown(to)) canvas.line(at(from), at(to), [255, 255, 255], width);
  }
  return canvas.toTensor().to(image.device);
}
