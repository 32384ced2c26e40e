/** Boxes: which of them to keep, and what is in them. */
import torch, { type Tensor } from "flambeau";
import { upTo } from "../../lists.js";
import { type NodeReader, tensorAt, tensorOfDims } from "../nodeReader.js";
import type { Inputs } from "../values.js";
import type { Family } from "./define.js";
import { roiMax } from "./roiMax.js";

/** Boxes as `[x1, y1, x2, y2]`, from two corners in any order, or from a center and sizes. */
function corners(boxes: Tensor, isCenter: boolean): Tensor {
  if (boxes.shape.at(-1) !== 4) throw new RangeError(`boxes of shape [${boxes.shape.join(", ")}]`);
  const [a, b, c, d] = boxes.unbind(-1) as [Tensor, Tensor, Tensor, Tensor];
  if (isCenter) {
    const [w, h] = [c.div(2), d.div(2)];
    return torch.stack([a.sub(w), b.sub(h), a.add(w), b.add(h)], -1);
  }
  return torch.stack([b.minimum(d), a.minimum(c), b.maximum(d), a.maximum(c)], -1);
}

/** For each image and class the best boxes that do not overlap with better ones, as triples of indices. */
function nonMaxSuppression(node: NodeReader) {
  const isCenter = node.flag("center_point_box");
  const [most, iou, least] = [node.numberIn(2), node.numberIn(3), node.numberIn(4)];
  return (inputs: Inputs) => {
    const [boxes, scores] = [corners(tensorOfDims(inputs, 0, 3), isCenter), tensorOfDims(inputs, 1, 3)];
    const [images, classes] = scores.shape as [number, number];
    const [count, overlap, threshold] = [most(inputs) ?? 0, iou(inputs) ?? 0, least(inputs)];
    const kept = upTo(images).flatMap((image) =>
      upTo(classes).map((label) => {
        const own = scores.select(0, image).select(0, label);
        const places = threshold === undefined ? torch.arange(own.numel()) : own.gt(threshold).nonzero().reshape([-1]);
        const inImage = boxes.select(0, image).indexSelect(0, places);
        const best = torch.ops.torchvision.nms(inImage, own.indexSelect(0, places), overlap);
        const chosen = places.indexSelect(0, best.narrow(0, 0, Math.min(Math.max(count, 0), best.numel())));
        return torch.stack([torch.fullLike(chosen, image), torch.fullLike(chosen, label), chosen], 1);
      }),
    );
    return kept.length === 0 ? torch.zeros([0, 3], { dtype: torch.int64 }) : torch.cat(kept, 0);
  };
}

/** Boxes with the image that each is in before them. */
function withImages(boxes: Tensor, images: Tensor): Tensor {
  return torch.cat([images.to(boxes.dtype).unsqueeze(1), boxes], 1);
}

function roiAlign(node: NodeReader) {
  const [height, width] = [node.int("output_height", 1), node.int("output_width", 1)];
  const [scale, ratio] = [node.float("spatial_scale", 1), node.int("sampling_ratio", 0)];
  const isMax = node.word("mode", ["avg", "max"], "avg") === "max";
  const transformation = node.word("coordinate_transformation_mode", ["half_pixel", "output_half_pixel"], "half_pixel");
  const aligned = node.version >= 16 && transformation === "half_pixel";
  return (inputs: Inputs) => {
    const [x, boxes, images] = [tensorAt(inputs, 0), tensorAt(inputs, 1), tensorAt(inputs, 2)];
    if (isMax) return roiMax(x, boxes, images, { height, width, scale, ratio, aligned });
    return torch.ops.torchvision.roiAlign(x, withImages(boxes, images), scale, height, width, ratio, aligned);
  };
}

function maxRoiPool(node: NodeReader) {
  const [height, width] = node.requiredInts("pooled_shape") as [number, number];
  const scale = node.float("spatial_scale", 1);
  return (inputs: Inputs) => {
    const [output] = torch.ops.torchvision.roiPool(tensorAt(inputs, 0), tensorAt(inputs, 1), scale, height, width);
    return output as Tensor;
  };
}

export const detection: Family = {
  MaxRoiPool: maxRoiPool,
  NonMaxSuppression: nonMaxSuppression,
  RoiAlign: roiAlign,
};
