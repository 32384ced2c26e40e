/**
 * Boxes: `[N, 4]` of corners `x1, y1, x2, y2` unless said otherwise.
 *
 * Source: https://pytorch.org/vision/stable/ops.html
 */
import torch, { type Tensor } from "flambeau";
import { type Args, describe, ints, number, optional, Signature, tensor, word } from "flambeau/arguments";

const nmsSignature = new Signature("nms", { boxes: tensor, scores: tensor, iouThreshold: number });

/**
 * Non-maximum suppression: of boxes that overlap by more than the threshold (intersection over union) the one with the
 * highest score stays.
 *
 * @param scores `[N]`, of the dtype of the boxes.
 * @returns the indices of the boxes that stay, int64, by falling score.
 * @throws Error if the shapes do not fit; TypeError for several dtypes.
 * @example ops.nms(boxes, scores, 0.5)
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.nms.html
 */
export function nms(...args: [boxes: Tensor, scores: Tensor, iouThreshold: number]): Tensor {
  const { boxes, scores, iouThreshold } = nmsSignature.parse(args);
  return torch.ops.torchvision.nms(boxes, scores, iouThreshold);
}

const batchedSignature = new Signature("batchedNms", {
  boxes: tensor,
  scores: tensor,
  idxs: tensor,
  iouThreshold: number,
});

/** Up to so many coordinates, all classes go through one suppression; beyond, one after the other is faster. */
const mostAtOnce = 4000;

/**
 * `nms` within each class: boxes of different classes do not suppress each other.
 *
 * @param idxs `[N]`: the class of each box.
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.batched_nms.html
 */
export function batchedNms(...args: [boxes: Tensor, scores: Tensor, idxs: Tensor, iouThreshold: number]): Tensor {
  const { boxes, scores, idxs, iouThreshold } = batchedSignature.parse(args);
  if (boxes.numel() === 0) return torch.empty(0, { dtype: torch.int64, device: boxes.device });
  if (boxes.numel() > mostAtOnce) return nmsByClass(boxes, scores, idxs, iouThreshold);
  // Each class is moved to where no other has boxes.
  const offsets = idxs.to(boxes).mul(boxes.max().add(1));
  return nms(boxes.add(offsets.unsqueeze(1)), scores, iouThreshold);
}

function nmsByClass(boxes: Tensor, scores: Tensor, idxs: Tensor, iouThreshold: number): Tensor {
  const kept = torch.zerosLike(scores, { dtype: torch.bool });
  for (const one of torch.unique(idxs)) {
    const own = indicesOf(idxs.eq(one));
    const stay = nms(boxes.at(own), scores.at(own), iouThreshold);
    kept.setAt(own.at(stay), true);
  }
  const indices = indicesOf(kept);
  return indices.at(torch.sort(scores.at(indices), -1, { descending: true, stable: true }).indices);
}

/** The indices where a mask of one dim is set. */
export function indicesOf(mask: Tensor): Tensor {
  return torch.nonzero(mask).squeeze(1);
}

function checkBoxes(name: string, boxes: Tensor): void {
  if (boxes.ndim < 1 || boxes.shape.at(-1) !== 4)
    throw new Error(`${name}: expected boxes of shape [N, 4], got [${boxes.shape.join(", ")}]`);
}

const smallSignature = new Signature("removeSmallBoxes", { boxes: tensor, minSize: number });

/**
 * The indices of the boxes both of whose sides are at least so long.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.remove_small_boxes.html
 */
export function removeSmallBoxes(...args: [boxes: Tensor, minSize: number]): Tensor {
  const { boxes, minSize } = smallSignature.parse(args);
  checkBoxes("removeSmallBoxes", boxes);
  const [x1, y1, x2, y2] = boxes.unbind(1) as Corners;
  return indicesOf(x2.sub(x1).ge(minSize).logicalAnd(y2.sub(y1).ge(minSize)));
}

const clipSignature = new Signature("clipBoxesToImage", { boxes: tensor, size: ints });

/**
 * Boxes with what lies outside of an image of a size `[height, width]` cut off.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.clip_boxes_to_image.html
 */
export function clipBoxesToImage(...args: [boxes: Tensor, size: readonly number[]]): Tensor {
  const { boxes, size } = clipSignature.parse(args);
  checkBoxes("clipBoxesToImage", boxes);
  if (size.length !== 2) throw new Error(`clipBoxesToImage: expected a size [height, width], got [${size.join(", ")}]`);
  const [height, width] = size as [number, number];
  const x = boxes.at("...", "0::2").clamp(0, width);
  const y = boxes.at("...", "1::2").clamp(0, height);
  return torch.stack([x, y], boxes.ndim).reshape(boxes.shape);
}

/** How boxes are given: by corners; by a corner, width and height; by the center, width and height. */
export type BoxFormat = "xyxy" | "xywh" | "cxcywh";

const format = word("xyxy", "xywh", "cxcywh");
const convertSignature = new Signature("boxConvert", { boxes: tensor, inFmt: format, outFmt: format });

type Corners = [Tensor, Tensor, Tensor, Tensor];

function toCorners(boxes: Tensor, from: BoxFormat): Tensor {
  if (from === "xyxy") return boxes;
  const [x, y, width, height] = boxes.unbind(-1) as Corners;
  if (from === "xywh") return torch.stack([x, y, x.add(width), y.add(height)], -1);
  const [halfWidth, halfHeight] = [width.mul(0.5), height.mul(0.5)];
  return torch.stack([x.sub(halfWidth), y.sub(halfHeight), x.add(halfWidth), y.add(halfHeight)], -1);
}

function fromCorners(boxes: Tensor, to: BoxFormat): Tensor {
  if (to === "xyxy") return boxes;
  const [x1, y1, x2, y2] = boxes.unbind(-1) as Corners;
  const sides = [x2.sub(x1), y2.sub(y1)];
  if (to === "xywh") return torch.stack([x1, y1, ...sides], -1);
  return torch.stack([x1.add(x2).div(2), y1.add(y2).div(2), ...sides], -1);
}

/**
 * Boxes in another format.
 *
 * @throws TypeError for a format that does not exist.
 * @example ops.boxConvert(boxes, "xywh", "xyxy")
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.box_convert.html
 */
export function boxConvert(...args: [boxes: Tensor, inFmt: BoxFormat, outFmt: BoxFormat]): Tensor {
  const { boxes, inFmt, outFmt } = convertSignature.parse(args);
  checkBoxes("boxConvert", boxes);
  return inFmt === outFmt ? boxes.clone() : fromCorners(toCorners(boxes, inFmt), outFmt);
}

/** In a dtype in which products of coordinates have room: at least int32 or float32. */
function upcast(x: Tensor): Tensor {
  if (x.dtype.isFloatingPoint) return x.dtype === torch.float64 ? x : x.to(torch.float32);
  return x.dtype === torch.int64 ? x : x.to(torch.int32);
}

const areaSignature = new Signature("boxArea", { boxes: tensor });

/**
 * The areas of boxes: `[N]`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.box_area.html
 */
export function boxArea(...args: [boxes: Tensor]): Tensor {
  const { boxes } = areaSignature.parse(args);
  checkBoxes("boxArea", boxes);
  const [x1, y1, x2, y2] = upcast(boxes).unbind(-1) as Corners;
  return x2.sub(x1).mul(y2.sub(y1));
}

const pair = { boxes1: tensor, boxes2: tensor };
const iouSignature = new Signature("boxIou", pair);

/** Width and height of what lies between corners, none below 0: `[N, M, 2]`. */
function extent(from: Tensor, to: Tensor): Tensor {
  return upcast(to.sub(from)).clamp(0);
}

function areaOf(sides: Tensor): Tensor {
  const [width, height] = sides.unbind(-1) as [Tensor, Tensor];
  return width.mul(height);
}

/** The corners of each of the first boxes beside those of all of the second. */
function allPairs(boxes1: Tensor, boxes2: Tensor): Corners {
  const one = boxes1.unsqueeze(1);
  return [one.at("...", ":2"), one.at("...", "2:"), boxes2.at("...", ":2"), boxes2.at("...", "2:")];
}

/** Intersections and unions of all pairs: `[N, M]`. */
function overlaps(boxes1: Tensor, boxes2: Tensor): { union: Tensor; iou: Tensor } {
  checkBoxes("boxIou", boxes1);
  checkBoxes("boxIou", boxes2);
  const [from1, to1, from2, to2] = allPairs(boxes1, boxes2);
  const both = areaOf(extent(torch.maximum(from1, from2), torch.minimum(to1, to2)));
  const union = boxArea(boxes1).unsqueeze(1).add(boxArea(boxes2)).sub(both);
  return { union, iou: both.div(union) };
}

/** Width and height of the smallest box around each pair: `[N, M, 2]`. */
function enclosing(boxes1: Tensor, boxes2: Tensor): Tensor {
  const [from1, to1, from2, to2] = allPairs(boxes1, boxes2);
  return extent(torch.minimum(from1, from2), torch.maximum(to1, to2));
}

/**
 * Intersection over union of all pairs of boxes: `[N, M]`.
 *
 * @example ops.boxIou(proposals, targets) // [proposals, targets]
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.box_iou.html
 */
export function boxIou(...args: [boxes1: Tensor, boxes2: Tensor]): Tensor {
  const { boxes1, boxes2 } = iouSignature.parse(args);
  return overlaps(boxes1, boxes2).iou;
}

const generalizedSignature = new Signature("generalizedBoxIou", pair);

/**
 * Intersection over union of all pairs, less the part of the smallest box around both that neither fills: `[N, M]`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.generalized_box_iou.html
 */
export function generalizedBoxIou(...args: [boxes1: Tensor, boxes2: Tensor]): Tensor {
  const { boxes1, boxes2 } = generalizedSignature.parse(args);
  const { union, iou } = overlaps(boxes1, boxes2);
  const around = areaOf(enclosing(boxes1, boxes2));
  return iou.sub(around.sub(union).div(around));
}

const epsParams = { ...pair, eps: optional(number, 1e-7) };
type WithEps = [boxes1: Tensor, boxes2: Tensor, ...rest: Args<[eps?: number], ["eps"]>];

function center(boxes: Tensor): [x: Tensor, y: Tensor] {
  const [x1, y1, x2, y2] = boxes.unbind(-1) as Corners;
  return [x1.add(x2).div(2), y1.add(y2).div(2)];
}

/** Distance-IoU and IoU of all pairs. */
function distances(boxes1: Tensor, boxes2: Tensor, eps: number): { diou: Tensor; iou: Tensor } {
  const { iou } = overlaps(boxes1, boxes2);
  const [width, height] = enclosing(boxes1, boxes2).unbind(-1) as [Tensor, Tensor];
  const diagonal = width.pow(2).add(height.pow(2)).add(eps);
  const [x, y] = center(boxes1).map((at) => at.unsqueeze(1)) as [Tensor, Tensor];
  const [x2, y2] = center(boxes2);
  const apart = upcast(x.sub(x2))
    .pow(2)
    .add(upcast(y.sub(y2)).pow(2));
  return { diou: iou.sub(apart.div(diagonal)), iou };
}

const distanceSignature = new Signature("distanceBoxIou", epsParams);

/**
 * Intersection over union of all pairs, less the squared distance of their centers by the squared diagonal of the smallest
 * box around both: `[N, M]`.
 *
 * @param eps added to the diagonal; 1e-7 by default.
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.distance_box_iou.html
 */
export function distanceBoxIou(...args: WithEps): Tensor {
  const { boxes1, boxes2, eps } = distanceSignature.parse(args);
  return distances(upcast(boxes1), upcast(boxes2), eps).diou;
}

function aspect(boxes: Tensor): Tensor {
  const [x1, y1, x2, y2] = boxes.unbind(-1) as Corners;
  return torch.atan(x2.sub(x1).div(y2.sub(y1)));
}

/** How different the proportions are, by how much that counts where boxes overlap so far. */
export function proportionPenalty(angle1: Tensor, angle2: Tensor, iou: Tensor, eps: number): Tensor {
  const v = angle1
    .sub(angle2)
    .pow(2)
    .mul(4 / Math.PI ** 2);
  const alpha = torch.noGrad(() => v.div(iou.neg().add(1).add(v).add(eps)));
  return alpha.mul(v);
}

const completeSignature = new Signature("completeBoxIou", epsParams);

/**
 * `distanceBoxIou`, less how different the proportions of the boxes are: `[N, M]`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.complete_box_iou.html
 */
export function completeBoxIou(...args: WithEps): Tensor {
  const { boxes1, boxes2, eps } = completeSignature.parse(args);
  const [one, two] = [upcast(boxes1), upcast(boxes2)];
  const { diou, iou } = distances(one, two, eps);
  return diou.sub(proportionPenalty(aspect(one).unsqueeze(1), aspect(two), iou, eps));
}

const masksSignature = new Signature("masksToBoxes", { masks: tensor });

/**
 * The boxes around what is not zero in masks `[N, H, W]`, each with its last row and column at `y2` and `x2`.
 *
 * @throws Error if a mask is all zeros.
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.masks_to_boxes.html
 */
export function masksToBoxes(...args: [masks: Tensor]): Tensor {
  const { masks } = masksSignature.parse(args);
  if (masks.ndim !== 3) throw new Error(`masksToBoxes: expected masks of shape [N, H, W], got ${describe(masks)}`);
  if (masks.numel() === 0) return torch.zeros([0, 4], { device: masks.device });
  const isSet = masks.ne(0);
  if (!isSet.flatten(1).any(1).all().item()) throw new Error("masksToBoxes: a mask is zero everywhere");
  const ends = (along: Tensor) => {
    // The first place that is set, seen from both sides.
    const first = along.to(torch.uint8).argmax(1);
    const last = along
      .flip(1)
      .to(torch.uint8)
      .argmax(1)
      .neg()
      .add((along.shape[1] as number) - 1);
    return [first, last] as const;
  };
  const [x1, x2] = ends(isSet.any(1));
  const [y1, y2] = ends(isSet.any(2));
  return torch.stack([x1, y1, x2, y2], 1).to(torch.float32);
}
