/** Boxes in other formats, within their images, and under maps. */
import torch, { type Tensor } from "flambeau";
import { ints, number, optional, readArgument, Signature, tensor } from "flambeau/arguments";
import { BoundingBoxes, type BoundingBoxFormat, type CanvasSize, formatParam, wrap } from "../../../tvTensors.js";
import { floating } from "../../functional/image.js";

/** The columns of boxes. */
type Columns = [Tensor, Tensor, Tensor, Tensor];

const columnsOf = (boxes: Tensor) => boxes.unbind(-1) as Columns;

/** Halves: whole numbers stay whole. */
function half(values: Tensor): Tensor {
  return values.dtype.isFloatingPoint ? values.div(2) : values.div(2, { roundingMode: "floor" });
}

function cornersOf(boxes: Tensor, format: BoundingBoxFormat): Tensor {
  if (format === "XYXY") return boxes;
  const [x, y, width, height] = columnsOf(boxes);
  if (format === "XYWH") return torch.stack([x, y, x.add(width), y.add(height)], -1);
  // The greater half is on the side of the smaller corner.
  const [left, top] = [x.sub(width.sub(half(width))), y.sub(height.sub(half(height)))];
  return torch.stack([left, top, left.add(width), top.add(height)], -1);
}

function inFormat(corners: Tensor, format: BoundingBoxFormat): Tensor {
  if (format === "XYXY") return corners;
  const [x1, y1, x2, y2] = columnsOf(corners);
  const [width, height] = [x2.sub(x1), y2.sub(y1)];
  if (format === "XYWH") return torch.stack([x1, y1, width, height], -1);
  return torch.stack([half(x1.add(x2)), half(y1.add(y2)), width, height], -1);
}

/** Boxes `[…, 4]` of one format in another. */
export function convertBoxes(boxes: Tensor, from: BoundingBoxFormat, to: BoundingBoxFormat): Tensor {
  return from === to ? boxes : inFormat(cornersOf(boxes, from), to);
}

const convertSignature = new Signature("convertBoundingBoxFormat", {
  inpt: tensor,
  oldFormat: optional(formatParam),
  newFormat: optional(formatParam),
});

/**
 * Boxes in another format.
 *
 * @param inpt boxes of `tvTensors`, or a tensor `[…, 4]` whose format is `oldFormat`.
 * @throws Error if the format of a tensor is not told, or that of boxes is.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.convert_bounding_box_format.html
 */
export function convertBoundingBoxFormat<T extends Tensor>(
  ...args: [inpt: T, options: { oldFormat?: BoundingBoxFormat; newFormat: BoundingBoxFormat }]
): T {
  const { inpt, oldFormat, newFormat } = convertSignature.parse(args);
  if (newFormat === undefined)
    throw new TypeError("convertBoundingBoxFormat() missing 1 required argument: 'newFormat'");
  if (!(inpt instanceof BoundingBoxes)) {
    if (oldFormat === undefined) throw new Error("For pure tensor inputs, `old_format` has to be passed.");
    return convertBoxes(inpt, oldFormat, newFormat) as T;
  }
  if (oldFormat !== undefined) throw new Error("For bounding box tv_tensor inputs, `old_format` must not be passed.");
  return wrap(convertBoxes(inpt, inpt.format, newFormat), { like: inpt, format: newFormat }) as Tensor as T;
}

/** Corners within an image. */
function clampCorners(corners: Tensor, [height, width]: CanvasSize): Tensor {
  const [x1, y1, x2, y2] = columnsOf(corners);
  return torch.stack([x1.clamp(0, width), y1.clamp(0, height), x2.clamp(0, width), y2.clamp(0, height)], -1);
}

/** Boxes computed by their corners, as floats, and brought into an image; they keep their format and dtype. */
export function byCorners(
  boxes: BoundingBoxes,
  compute: (corners: Tensor) => Tensor,
  canvasSize: CanvasSize = boxes.canvasSize,
): BoundingBoxes {
  const corners = clampCorners(compute(cornersOf(floating(boxes), boxes.format)), canvasSize);
  return wrap(inFormat(corners, boxes.format).to(boxes.dtype), { like: boxes, canvasSize });
}

/**
 * Boxes whose parts outside of their image are cut off.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.clamp_bounding_boxes.html
 */
export function clampBoundingBoxes(inpt: BoundingBoxes): BoundingBoxes {
  readArgument("clampBoundingBoxes", "inpt", tensor, inpt);
  if (!(inpt instanceof BoundingBoxes))
    throw new TypeError("clampBoundingBoxes(): expected BoundingBoxes of tvTensors");
  return byCorners(inpt, (corners) => corners);
}

/** Boxes that were moved by whole pixels, in an image of another size. */
export function moved(boxes: BoundingBoxes, dx: number, dy: number, canvasSize: CanvasSize): BoundingBoxes {
  const shift = boxes.format === "XYXY" ? [dx, dy, dx, dy] : [dx, dy, 0, 0];
  const values = boxes.add(torch.tensor(shift, { dtype: boxes.dtype }));
  return byCorners(wrap(values, { like: boxes, canvasSize }), (corners) => corners);
}

/** The smallest boxes around the corners of others under a map of points `[N, 2]`. */
export function around(corners: Tensor, map: (points: Tensor) => Tensor): Tensor {
  const [x1, y1, x2, y2] = columnsOf(corners);
  const points = torch.stack([x1, y1, x2, y1, x2, y2, x1, y2], -1).view(-1, 2);
  const mapped = map(points).view(-1, 4, 2);
  return torch.cat([mapped.amin(1), mapped.amax(1)], 1);
}

const sanitizeSignature = new Signature("sanitizeBoundingBoxes", {
  boundingBoxes: tensor,
  format: optional(formatParam),
  canvasSize: optional(ints),
  minSize: optional(number, 1),
  minArea: optional(number, 1),
});

/**
 * The boxes that are as large as asked for and within their image, and which these are.
 *
 * @param boundingBoxes boxes of `tvTensors`, or a tensor `[N, 4]` whose `format` and `canvasSize` are told.
 * @param options.minSize the least width and height: 1 by default.
 * @param options.minArea the least area: 1 by default.
 * @throws Error if format or size of a tensor are not told, or those of boxes are.
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.v2.functional.sanitize_bounding_boxes.html
 */
export function sanitizeBoundingBoxes<T extends Tensor>(
  ...args: [
    boundingBoxes: T,
    options?: { format?: BoundingBoxFormat; canvasSize?: CanvasSize; minSize?: number; minArea?: number },
  ]
): [boxes: T, isValid: Tensor] {
  const { boundingBoxes, format, canvasSize, minSize, minArea } = sanitizeSignature.parse(args as never);
  const areBoxes = boundingBoxes instanceof BoundingBoxes;
  if (areBoxes && (format !== undefined || canvasSize !== undefined))
    throw new Error(
      "bounding_boxes must be a tv_tensors.BoundingBoxes instance or a pure tensor; format and canvas_size must not be passed for the former.",
    );
  if (!areBoxes && (format === undefined || canvasSize === undefined))
    throw new Error("format and canvas_size cannot be None if bounding_boxes is a pure tensor.");
  const boxes = areBoxes
    ? (boundingBoxes as BoundingBoxes)
    : new BoundingBoxes(boundingBoxes, { format: format as BoundingBoxFormat, canvasSize: canvasSize as CanvasSize });
  const isValid = validBoxes(boxes, minSize, minArea);
  const kept = boundingBoxes.at(isValid);
  return [(areBoxes ? wrap(kept, { like: boxes }) : kept) as T, isValid];
}

/** Which boxes are as large as asked for, and within their image. */
export function validBoxes(boxes: BoundingBoxes, minSize: number, minArea: number): Tensor {
  const [height, width] = boxes.canvasSize;
  const [x1, y1, x2, y2] = columnsOf(cornersOf(boxes, boxes.format));
  const [w, h] = [x2.sub(x1), y2.sub(y1)];
  const isLarge = w.ge(minSize).logicalAnd(h.ge(minSize)).logicalAnd(w.mul(h).ge(minArea));
  const isWithin = (place: Tensor, end: number) => place.ge(0).logicalAnd(place.le(end));
  return [isWithin(x1, width), isWithin(x2, width), isWithin(y1, height), isWithin(y2, height)].reduce(
    (all, one) => all.logicalAnd(one),
    isLarge,
  );
}
