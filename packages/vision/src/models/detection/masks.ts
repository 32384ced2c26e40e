/** Masks of objects: what is learned of them, and how they get from boxes to images. */
import torch, { F, type Tensor } from "flambeau";
import { roiAlign } from "../../ops/roiAlign.js";
import type { ImageSize } from "./types.js";

/** The probabilities `[N, 1, M, M]` of the labels' masks among the logits `[N, classes, M, M]` of all, image by image. */
export function maskrcnnInference(logits: Tensor, labels: readonly Tensor[]): Tensor[] {
  const counts = labels.map(({ shape }) => shape[0] as number);
  const index = torch.arange(logits.shape[0] as number, { device: logits.device });
  return logits.sigmoid().at(index, torch.cat(labels)).unsqueeze(1).split(counts, 0);
}

/** The parts of masks that lie in boxes, `[N, size, size]`. */
function masksInBoxes(masks: Tensor, boxes: Tensor, matched: Tensor, size: number): Tensor {
  const rois = torch.cat([matched.to(boxes).unsqueeze(1), boxes], 1);
  return roiAlign(masks.unsqueeze(1).to(rois), rois, size, 1).squeeze(1);
}

/** How far the logits of the right classes' masks are from the masks, in the boxes that were proposed. */
export function maskrcnnLoss(
  logits: Tensor,
  proposals: readonly Tensor[],
  masks: readonly Tensor[],
  labels: readonly Tensor[],
  matched: readonly Tensor[],
): Tensor {
  const size = logits.shape.at(-1) as number;
  const classes = torch.cat(labels.map((own, i) => own.at(matched[i] as Tensor)));
  const wanted = torch.cat(
    masks.map((own, i) => masksInBoxes(own, proposals[i] as Tensor, matched[i] as Tensor, size)),
  );
  if (wanted.numel() === 0) return logits.sum().mul(0);
  const index = torch.arange(classes.shape[0] as number, { device: logits.device });
  return F.binaryCrossEntropyWithLogits(logits.at(index, classes), wanted);
}

/** Boxes that are larger, around the same centers. */
function expandBoxes(boxes: Tensor, scale: number): Tensor {
  const [x1, y1, x2, y2] = boxes.unbind(1) as [Tensor, Tensor, Tensor, Tensor];
  const [x, y] = [x2.add(x1).mul(0.5), y2.add(y1).mul(0.5)];
  const [across, down] = [x2.sub(x1).mul(0.5).mul(scale), y2.sub(y1).mul(0.5).mul(scale)];
  return torch.stack([x.sub(across), y.sub(down), x.add(across), y.add(down)], 1);
}

/** A mask in its place in an image of zeros. */
function pasteMask(mask: Tensor, [x1, y1, x2, y2]: readonly number[], [height, width]: ImageSize): Tensor {
  const [left, top, right, bottom] = [x1, y1, (x2 as number) + 1, (y2 as number) + 1] as [
    number,
    number,
    number,
    number,
  ];
  const size = [Math.max(bottom - top, 1), Math.max(right - left, 1)];
  const resized = F.interpolate(mask.view([1, 1, ...mask.shape]), size, { mode: "bilinear", alignCorners: false });
  const image = torch.zeros([height, width], { dtype: mask.dtype, device: mask.device });
  const [fromX, toX] = [Math.max(left, 0), Math.min(right, width)];
  const [fromY, toY] = [Math.max(top, 0), Math.min(bottom, height)];
  if (toX <= fromX || toY <= fromY) return image;
  const part = resized.at(0, 0, `${fromY - top}:${toY - top}`, `${fromX - left}:${toX - left}`);
  image.setAt([`${fromY}:${toY}`, `${fromX}:${toX}`], part);
  return image;
}

/** Masks `[N, 1, M, M]` of boxes `[N, 4]` as masks `[N, 1, H, W]` of an image. */
export function pasteMasksInImage(masks: Tensor, boxes: Tensor, imageSize: ImageSize, padding = 1): Tensor {
  const size = masks.shape.at(-1) as number;
  const padded = F.pad(masks, [padding, padding, padding, padding]);
  const places = expandBoxes(boxes, (size + 2 * padding) / size)
    .to(torch.int64)
    .tolist() as number[][];
  if (places.length === 0) return masks.newEmpty([0, 1, ...imageSize]);
  return torch.stack(places.map((place, i) => pasteMask(padded.at(i, 0), place, imageSize))).unsqueeze(1);
}
