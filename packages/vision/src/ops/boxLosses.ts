/** Losses of boxes: how far each of one list is from the one at its place in another. */
import torch, { type Tensor } from "flambeau";
import { keyword, number, optional, Signature, tensor, word } from "flambeau/arguments";
import { proportionPenalty } from "./boxes.js";

/** How the losses of all boxes become one. */
export type LossReduction = "none" | "mean" | "sum";

export const reductionParam = optional(word("none", "mean", "sum"), "none");

/** One loss of several: their mean, their sum, or as they are. */
export function reduced(loss: Tensor, reduction: LossReduction): Tensor {
  if (reduction === "sum") return loss.sum();
  if (reduction === "none") return loss;
  return loss.numel() > 0 ? loss.mean() : loss.sum().mul(0);
}

const lossParams = {
  boxes1: tensor,
  boxes2: tensor,
  reduction: reductionParam,
  eps: keyword(optional(number, 1e-7)),
};

type Arguments = [boxes1: Tensor, boxes2: Tensor, options?: { reduction?: LossReduction; eps?: number }];
type Corners = [x1: Tensor, y1: Tensor, x2: Tensor, y2: Tensor];

/** Two lists of boxes, place by place: their corners, union and the sides of the smallest boxes around both. */
class Pairs {
  readonly one: Corners;
  readonly two: Corners;
  readonly union: Tensor;
  readonly iou: Tensor;
  readonly around: [width: Tensor, height: Tensor];

  constructor(name: string, boxes1: Tensor, boxes2: Tensor, eps: number) {
    this.one = corners(name, boxes1);
    this.two = corners(name, boxes2);
    const [x1, y1, x2, y2] = this.one;
    const [x3, y3, x4, y4] = this.two;
    const width = torch.minimum(x2, x4).sub(torch.maximum(x1, x3));
    const height = torch.minimum(y2, y4).sub(torch.maximum(y1, y3));
    const both = torch.where(width.gt(0).logicalAnd(height.gt(0)), width.mul(height), 0);
    this.union = area(this.one).add(area(this.two)).sub(both);
    this.iou = both.div(this.union.add(eps));
    this.around = [torch.maximum(x2, x4).sub(torch.minimum(x1, x3)), torch.maximum(y2, y4).sub(torch.minimum(y1, y3))];
  }

  /** Distance-IoU as a loss. */
  distance(eps: number): Tensor {
    const [width, height] = this.around;
    const diagonal = width.pow(2).add(height.pow(2)).add(eps);
    const [x, y] = center(this.one);
    const [x2, y2] = center(this.two);
    const apart = x.sub(x2).pow(2).add(y.sub(y2).pow(2));
    return this.iou.neg().add(1).add(apart.div(diagonal));
  }
}

/** Float32 at least, in which products of coordinates have room. */
function corners(name: string, boxes: Tensor): Corners {
  if (boxes.shape.at(-1) !== 4)
    throw new Error(`${name}: expected boxes of shape [N, 4] or [4], got [${boxes.shape.join(", ")}]`);
  const wide = boxes.dtype === torch.float64 ? boxes : boxes.to(torch.float32);
  return wide.unbind(-1) as Corners;
}

function area([x1, y1, x2, y2]: Corners): Tensor {
  return x2.sub(x1).mul(y2.sub(y1));
}

function center([x1, y1, x2, y2]: Corners): [x: Tensor, y: Tensor] {
  return [x2.add(x1).div(2), y2.add(y1).div(2)];
}

function angle([x1, y1, x2, y2]: Corners): Tensor {
  return torch.atan(x2.sub(x1).div(y2.sub(y1)));
}

const generalizedSignature = new Signature("generalizedBoxIouLoss", lossParams);

/**
 * One minus the generalized intersection over union of boxes `[N, 4]` or `[4]` with those at the same places: `[N]`.
 *
 * @param options.reduction `"none"` by default.
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.generalized_box_iou_loss.html
 */
export function generalizedBoxIouLoss(...args: Arguments): Tensor {
  const { boxes1, boxes2, reduction, eps } = generalizedSignature.parse(args);
  const { union, iou, around } = new Pairs("generalizedBoxIouLoss", boxes1, boxes2, eps);
  const hull = around[0].mul(around[1]);
  const generalized = iou.sub(hull.sub(union).div(hull.add(eps)));
  return reduced(generalized.neg().add(1), reduction);
}

const distanceSignature = new Signature("distanceBoxIouLoss", lossParams);

/**
 * One minus the distance intersection over union of boxes `[N, 4]` or `[4]` with those at the same places: `[N]`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.distance_box_iou_loss.html
 */
export function distanceBoxIouLoss(...args: Arguments): Tensor {
  const { boxes1, boxes2, reduction, eps } = distanceSignature.parse(args);
  return reduced(new Pairs("distanceBoxIouLoss", boxes1, boxes2, eps).distance(eps), reduction);
}

const completeSignature = new Signature("completeBoxIouLoss", lossParams);

/**
 * One minus the complete intersection over union of boxes `[N, 4]` or `[4]` with those at the same places: `[N]`.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.ops.complete_box_iou_loss.html
 */
export function completeBoxIouLoss(...args: Arguments): Tensor {
  const { boxes1, boxes2, reduction, eps } = completeSignature.parse(args);
  const pairs = new Pairs("completeBoxIouLoss", boxes1, boxes2, 1e-7);
  const penalty = proportionPenalty(angle(pairs.two), angle(pairs.one), pairs.iou, eps);
  return reduced(pairs.distance(1e-7).add(penalty), reduction);
}
