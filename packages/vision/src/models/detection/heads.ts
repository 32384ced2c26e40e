/** What the heads of detectors share: predictions for each anchor at each place of feature maps. */
import torch, { nn, type Tensor } from "flambeau";
import { batchedNms } from "../../ops/boxes.js";
import { zeroBias } from "../shared.js";
import type { Detection } from "./types.js";

/** Predictions `[N, anchors × columns, H, W]` of a map, one row for each anchor: `[N, H × W × anchors, columns]`. */
export function flatPredictions(map: Tensor, columns: number): Tensor {
  const [count, , height, width] = map.shape as [number, number, number, number];
  return map.view(count, -1, columns, height, width).permute(0, 3, 4, 1, 2).reshape(count, -1, columns);
}

/** Sets the weights with which convolutions begin; they have no bias. */
function initializeConvolutions(module: nn.Module, begin: (weight: Tensor) => void): void {
  for (const layer of module.modules()) {
    if (!(layer instanceof nn.Conv2d)) continue;
    begin(layer.weight);
    zeroBias(layer);
  }
}

/** Convolutions begin with normal weights of a deviation. */
export function initializeNormal(module: nn.Module, std: number): void {
  initializeConvolutions(module, (weight) => nn.init.normal_(weight, 0, std));
}

/** Convolutions begin with Xavier's uniform weights. */
export function initializeXavier(module: nn.Module): void {
  initializeConvolutions(module, nn.init.xavierUniform_);
}

/** Convolutions, and one more to the logits of classes for every anchor. */
export abstract class ClassificationHead extends nn.Module {
  declare conv: nn.Sequential;
  declare clsLogits: nn.Conv2d;
  declare numClasses: number;

  /** @param priorProbability that of every class, with which the logits begin. */
  constructor(
    conv: nn.Sequential,
    inChannels: number,
    numAnchors: number,
    numClasses: number,
    priorProbability: number,
  ) {
    super();
    this.conv = conv;
    initializeNormal(this.conv, 0.01);
    this.clsLogits = new nn.Conv2d(inChannels, numAnchors * numClasses, 3, { padding: 1 });
    nn.init.normal_(this.clsLogits.weight, 0, 0.01);
    nn.init.constant_(this.clsLogits.bias as nn.Parameter, -Math.log((1 - priorProbability) / priorProbability));
    this.numClasses = numClasses;
  }

  override forward(maps: readonly Tensor[]): Tensor {
    const logits = maps.map((map) => flatPredictions(this.clsLogits(this.conv(map)), this.numClasses));
    return torch.cat(logits, 1);
  }
}

/** The best of what was found, without boxes that better ones of their class overlap. */
export function bestOf({ boxes, labels, scores }: Detection, nmsThresh: number, most: number): Detection {
  const keep = batchedNms(boxes, scores, labels, nmsThresh).at(`:${most}`);
  return { boxes: boxes.at(keep), labels: labels.at(keep), scores: scores.at(keep) };
}
