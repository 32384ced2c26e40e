/** Keypoints: places in boxes, which networks give as heatmaps. */
import torch, { F, type Tensor } from "flambeau";
import { indicesOf } from "../../ops/boxes.js";

/** The places of keypoints `[N, K, 3]` in the heatmaps of boxes, as one number each, and whether there are any. */
function keypointsToHeatmap(keypoints: Tensor, rois: Tensor, size: number): { places: Tensor; valid: Tensor } {
  const [x1, y1, x2, y2] = rois.unsqueeze(1).unbind(2) as [Tensor, Tensor, Tensor, Tensor];
  const [x, y, visible] = keypoints.unbind(-1) as [Tensor, Tensor, Tensor];
  const cell = (at: Tensor, from: Tensor, to: Tensor) => {
    const inside = at.sub(from).mul(to.sub(from).reciprocal().mul(size)).floor().to(torch.int64);
    return torch.where(at.eq(to), size - 1, inside);
  };
  const [column, row] = [cell(x, x1, x2), cell(y, y1, y2)];
  const isInside = [column, row].map((at) => at.ge(0).logicalAnd(at.lt(size))) as [Tensor, Tensor];
  const valid = isInside[0].logicalAnd(isInside[1]).logicalAnd(visible.gt(0));
  return { places: torch.where(valid, row.mul(size).add(column), 0), valid };
}

/**
 * The cross entropy of heatmaps `[N, K, size, size]` by the keypoints of the boxes that were proposed.
 *
 * @throws Error unless heatmaps are square.
 */
export function keypointrcnnLoss(
  logits: Tensor,
  proposals: readonly Tensor[],
  keypoints: readonly Tensor[],
  matched: readonly Tensor[],
): Tensor {
  const [count, kinds, height, width] = logits.shape as [number, number, number, number];
  if (height !== width) {
    throw new Error(
      `keypoint_logits height and width (last two elements of shape) should be equal. Instead got H = ${height} and W = ${width}`,
    );
  }
  const maps = proposals.map((boxes, i) => {
    const own = (keypoints[i] as Tensor).at(matched[i] as Tensor);
    return keypointsToHeatmap(own, boxes, height);
  });
  const places = torch.cat(maps.map((map) => map.places.reshape(-1)));
  const valid = indicesOf(torch.cat(maps.map((map) => map.valid.reshape(-1))));
  if (valid.numel() === 0) return logits.sum().mul(0);
  return F.crossEntropy(logits.view([count * kinds, height * width]).at(valid), places.at(valid));
}

interface Keypoints {
  /** `[N, K, 3]`: x, y and 1. */
  readonly places: Tensor;
  /** `[N, K]`: the logits there. */
  readonly scores: Tensor;
}

/** The highest place of each heatmap `[K, M, M]` of a box, at the box's own resolution. */
function keypointsOf(map: Tensor, roi: readonly number[]): Keypoints {
  const [x1, y1, x2, y2] = roi as [number, number, number, number];
  const round = Math.fround;
  const [width, height] = [Math.max(round(x2 - x1), 1), Math.max(round(y2 - y1), 1)];
  const size = [Math.ceil(height), Math.ceil(width)] as [number, number];
  const resized = F.interpolate(map.unsqueeze(1), size, { mode: "bicubic", alignCorners: false }).squeeze(1);
  const flat = resized.flatten(1);
  const best = flat.argmax(1);
  const column = best.remainder(size[1]);
  const row = best.sub(column).div(size[1], { roundingMode: "floor" });
  const at = (cell: Tensor, step: number, from: number) => cell.float().add(0.5).mul(round(step)).add(from);
  const x = at(column, width / size[1], x1);
  const y = at(row, height / size[0], y1);
  return {
    places: torch.stack([x, y, torch.onesLike(x)], 1),
    scores: flat.gather(1, best.unsqueeze(1)).squeeze(1),
  };
}

/** The keypoints of boxes by their heatmaps `[N, K, M, M]`. */
export function heatmapsToKeypoints(maps: Tensor, rois: Tensor): Keypoints {
  const kinds = maps.shape[1] as number;
  const found = (rois.tolist() as number[][]).map((roi, i) => keypointsOf(maps.at(i), roi));
  const like = { device: maps.device };
  if (found.length === 0) return { places: torch.zeros([0, kinds, 3], like), scores: torch.zeros([0, kinds], like) };
  return {
    places: torch.stack(found.map(({ places }) => places)),
    scores: torch.stack(found.map(({ scores }) => scores)).float(),
  };
}
