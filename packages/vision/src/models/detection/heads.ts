/** What the heads of detectors share: predictions for each anchor at each place of feature maps. */
import { nn, type Tensor } from "flambeau";
import { batchedNms } from "../../ops/boxes.js";
import type { Detection } from "./types.js";

/** Predictions `[N, anchors × columns, H, W]` of a map, one row for each anchor: `[N, H × W × anchors, columns]`. */
export function flatPredictions(map: Tensor, columns: number): Tensor {
  const [count, , height, width] = map.shape as [number, number, number, number];
  return map.view(count, -1, columns, height, width).permute(0, 3, 4, 1, 2).reshape(count, -1, columns);
}

/** Convolutions begin with normal weights of a deviation, and no bias. */
export function initializeNormal(module: nn.Module, std: number): void {
  for (const layer of module.modules()) {
    if (!(layer instanceof nn.Conv2d)) continue;
    nn.init.normal_(layer.weight, 0, std);
    if (layer.bias !== null) nn.init.zeros_(layer.bias);
  }
}

/** The bias with which a logit is that of a probability. */
export function priorBias(probability: number): number {
  return -Math.log((1 - probability) / probability);
}

/** The best of what was found, without boxes that better ones of their class overlap. */
export function bestOf({ boxes, labels, scores }: Detection, nmsThresh: number, most: number): Detection {
  const keep = batchedNms(boxes, scores, labels, nmsThresh).at(`:${most}`);
  return { boxes: boxes.at(keep), labels: labels.at(keep), scores: scores.at(keep) };
}
