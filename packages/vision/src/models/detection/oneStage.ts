/** What detectors of one stage share: predictions for every anchor of every map. */
import torch, { type nn, type Tensor } from "flambeau";
import { int, number, optional } from "flambeau/arguments";
import { boxIou, clipBoxesToImage, indicesOf } from "../../ops/boxes.js";
import { moduleParam } from "../../ops/layer.js";
import type { AnchorGenerator } from "./anchors.js";
import { bestOf } from "./heads.js";
import type { Matcher } from "./matching.js";
import {
  anchorGeneratorParam,
  type BatchOptions,
  optionalModule,
  type TransformOptions,
  transformParams,
} from "./options.js";
import type { Detection, ImageSize, Target } from "./types.js";

/** Predictions by name, each `[N, anchors, …]`. */
export type HeadOutputs = Record<string, Tensor>;

export interface OneStageOptions extends TransformOptions, BatchOptions {
  anchorGenerator?: AnchorGenerator | null;
  /** Gives predictions for all anchors. */
  head?: nn.Module | null;
  /** Detections with lower scores are left out, and those that overlap with better ones of their class. */
  scoreThresh?: number;
  nmsThresh?: number;
  detectionsPerImg?: number;
  /** How many of each map are looked at. */
  topkCandidates?: number;
}

/** How the constructors of detectors of one stage are called. */
export type OneStageArguments<O> = [backbone: nn.Module, numClasses: number, options?: O];

/** The parameters before those in which they differ. */
export const firstParams = {
  backbone: moduleParam,
  numClasses: int,
  ...transformParams,
  anchorGenerator: anchorGeneratorParam,
  head: optionalModule,
};

/** How many are kept of what was found. */
export interface Selection {
  readonly scoreThresh: number;
  readonly nmsThresh: number;
  readonly detectionsPerImg: number;
  readonly topkCandidates: number;
}

export function selectionOf({ scoreThresh, nmsThresh, detectionsPerImg, topkCandidates }: Selection): Selection {
  return { scoreThresh, nmsThresh, detectionsPerImg, topkCandidates };
}

export function selectionParams(scoreThresh: number, nmsThresh: number, detectionsPerImg: number) {
  return {
    scoreThresh: optional(number, scoreThresh),
    nmsThresh: optional(number, nmsThresh),
    detectionsPerImg: optional(int, detectionsPerImg),
  };
}

/** For each anchor of each image the index of the box for which it stands, or a negative number. */
export function matchAnchors(matcher: Matcher, anchors: readonly Tensor[], targets: readonly Target[]): Tensor[] {
  return anchors.map((own, i) => {
    const { boxes } = targets[i] as Target;
    return boxes.numel() === 0 ? unmatched(own) : matcher.match(boxIou(boxes, own));
  });
}

/** -1 for each anchor. */
export function unmatched(anchors: Tensor): Tensor {
  return torch.full([anchors.shape[0] as number], -1, { dtype: torch.int64, device: anchors.device });
}

/** The sum of losses of several images, by their number. */
export function averaged(losses: readonly Tensor[]): Tensor {
  return losses.reduce((sum, loss) => sum.add(loss)).div(Math.max(1, losses.length));
}

/** Ones at the classes `labels` of some rows of logits, and zeros. */
export function oneHotRows(logits: Tensor, rows: readonly Tensor[], labels: Tensor): Tensor {
  return torch.zerosLike(logits).indexPut([...rows, labels], torch.ones([], { dtype: logits.dtype }));
}

/**
 * The best detections of each image: the candidates of each map, and of all of them what none overlaps.
 *
 * @param counts how many anchors each map has.
 * @param scores `[N, anchors, classes]`.
 * @param decode makes boxes of the predictions at some anchors of an image.
 */
export function selectDetections(
  { scoreThresh, nmsThresh, detectionsPerImg, topkCandidates }: Selection,
  counts: readonly number[],
  scores: Tensor,
  imageShapes: readonly ImageSize[],
  decode: (image: number, anchors: Tensor) => Tensor,
): Detection[] {
  const classes = scores.shape[2] as number;
  return imageShapes.map((size, image) => {
    const boxes: Tensor[] = [];
    const labels: Tensor[] = [];
    const best: Tensor[] = [];
    for (const [map, own] of scores
      .at(image)
      .split([...counts], 0)
      .entries()) {
      const offset = counts.slice(0, map).reduce((a, b) => a + b, 0);
      const flat = own.flatten();
      const likely = indicesOf(flat.gt(scoreThresh));
      const top = flat.at(likely).topk(Math.min(topkCandidates, likely.numel()));
      const chosen = likely.at(top.indices);
      const anchors = chosen.div(classes, { roundingMode: "floor" }).add(offset);
      boxes.push(clipBoxesToImage(decode(image, anchors), size));
      labels.push(chosen.remainder(classes));
      best.push(top.values);
    }
    const found = { boxes: torch.cat(boxes), labels: torch.cat(labels), scores: torch.cat(best) };
    return bestOf(found, nmsThresh, detectionsPerImg);
  });
}
