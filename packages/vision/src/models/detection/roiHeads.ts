/** What becomes of proposals: classes and boxes, masks, keypoints, and their losses. */
import torch, { F, nn, type Tensor } from "flambeau";
import { boxIou, clipBoxesToImage, indicesOf, removeSmallBoxes } from "../../ops/boxes.js";
import { BoxCoder } from "./boxCoder.js";
import { bestOf } from "./heads.js";
import { heatmapsToKeypoints, keypointrcnnLoss } from "./keypoints.js";
import { maskrcnnInference, maskrcnnLoss } from "./masks.js";
import { BalancedPositiveNegativeSampler, Matcher } from "./matching.js";
import type { Detection, FeatureMaps, ImageSize, Losses, Target } from "./types.js";

export interface RoIHeadsOptions {
  /** A proposal that overlaps by so much with a box stands for it; by less than `bgIouThresh` for nothing. */
  readonly fgIouThresh: number;
  readonly bgIouThresh: number;
  /** How many proposals are learned from, and the part of them that stands for boxes. */
  readonly batchSizePerImage: number;
  readonly positiveFraction: number;
  readonly bboxRegWeights: readonly number[] | null;
  /** Detections with lower scores are left out, and those that overlap with better ones of their class. */
  readonly scoreThresh: number;
  readonly nmsThresh: number;
  readonly detectionsPerImg: number;
}

/** Proposals that are learned from, with what they stand for. */
interface Samples {
  readonly proposals: Tensor[];
  /** The index of a box. */
  readonly matched: Tensor[];
  readonly labels: Tensor[];
  readonly codes: Tensor[];
}

/**
 * The heads of a detector of two stages: detections of each image, and in training losses.
 *
 * @throws Error in training without targets; TypeError for boxes that are not floating, or labels that are not int64.
 */
export class RoIHeads extends nn.Module {
  declare options: RoIHeadsOptions;
  declare proposalMatcher: Matcher;
  declare fgBgSampler: BalancedPositiveNegativeSampler;
  declare boxCoder: BoxCoder;
  declare boxRoiPool: nn.Module;
  declare boxHead: nn.Module;
  declare boxPredictor: nn.Module;
  declare maskRoiPool: nn.Module | null;
  declare maskHead: nn.Module | null;
  declare maskPredictor: nn.Module | null;
  declare keypointRoiPool: nn.Module | null;
  declare keypointHead: nn.Module | null;
  declare keypointPredictor: nn.Module | null;

  constructor(boxRoiPool: nn.Module, boxHead: nn.Module, boxPredictor: nn.Module, options: RoIHeadsOptions) {
    super();
    this.options = options;
    this.proposalMatcher = new Matcher(options.fgIouThresh, options.bgIouThresh);
    this.fgBgSampler = new BalancedPositiveNegativeSampler(options.batchSizePerImage, options.positiveFraction);
    this.boxCoder = new BoxCoder((options.bboxRegWeights ?? [10, 10, 5, 5]) as [number, number, number, number]);
    this.boxRoiPool = boxRoiPool;
    this.boxHead = boxHead;
    this.boxPredictor = boxPredictor;
    this.maskRoiPool = null;
    this.maskHead = null;
    this.maskPredictor = null;
    this.keypointRoiPool = null;
    this.keypointHead = null;
    this.keypointPredictor = null;
  }

  hasMask(): boolean {
    return this.maskRoiPool !== null && this.maskHead !== null && this.maskPredictor !== null;
  }

  hasKeypoint(): boolean {
    return this.keypointRoiPool !== null && this.keypointHead !== null && this.keypointPredictor !== null;
  }

  override forward(
    features: FeatureMaps,
    proposals: readonly Tensor[],
    imageShapes: readonly ImageSize[],
    targets: readonly Target[] | null = null,
  ): [detections: Detection[], losses: Losses] {
    if (targets !== null) checkTargets(this, targets);
    const samples = this.training ? selectSamples(this, proposals, targets) : undefined;
    const boxes = samples?.proposals ?? proposals;
    const pooled = this.boxHead(this.boxRoiPool(features, boxes, imageShapes));
    const [logits, codes] = this.boxPredictor(pooled) as [Tensor, Tensor];
    if (samples === undefined) {
      const found = detections(this, logits, codes, proposals, imageShapes);
      return [addParts(this, found, features, imageShapes), {}];
    }
    const losses = fastrcnnLoss(logits, codes, samples);
    return [[], { ...losses, ...partLosses(this, samples, features, imageShapes, targets as readonly Target[]) }];
  }
}

function checkTargets(heads: RoIHeads, targets: readonly Target[]): void {
  for (const { boxes, labels, keypoints } of targets) {
    if (boxes?.dtype.isFloatingPoint === false)
      throw new TypeError(`target boxes must of float type, instead got ${boxes.dtype}`);
    if (labels !== undefined && labels.dtype !== torch.int64)
      throw new TypeError(`target labels must of int64 type, instead got ${labels.dtype}`);
    if (heads.hasKeypoint() && keypoints !== undefined && !keypoints.dtype.isFloatingPoint)
      throw new TypeError(`target keypoints must of float type, instead got ${keypoints.dtype}`);
  }
  const needed = [
    "boxes",
    "labels",
    ...(heads.hasMask() ? ["masks"] : []),
    ...(heads.hasKeypoint() ? ["keypoints"] : []),
  ];
  for (const key of needed) {
    if (targets.some((target) => target[key] === undefined))
      throw new Error(`Every element of targets should have a ${key} key`);
  }
}

/** The box each proposal stands for, and its label: 0 for none, -1 for what is left out. */
function assign(
  matcher: Matcher,
  proposals: Tensor,
  boxes: Tensor,
  labels: Tensor,
): { matched: Tensor; labels: Tensor } {
  if (boxes.numel() === 0) {
    const none = torch.zeros(proposals.shape[0] as number, { dtype: torch.int64, device: proposals.device });
    return { matched: none, labels: none };
  }
  const found = matcher.match(boxIou(boxes, proposals));
  const matched = found.clamp(0);
  const known = torch.where(found.eq(Matcher.BELOW_LOW_THRESHOLD), 0, labels.at(matched));
  return { matched, labels: torch.where(found.eq(Matcher.BETWEEN_THRESHOLDS), -1, known) };
}

function selectSamples(heads: RoIHeads, given: readonly Tensor[], targets: readonly Target[] | null): Samples {
  if (targets === null) throw new Error("targets should not be None");
  const { dtype } = given[0] as Tensor;
  const boxes = targets.map((target) => target.boxes.to(dtype));
  const proposals = given.map((own, i) => torch.cat([own, boxes[i] as Tensor]));
  const assigned = proposals.map((own, i) =>
    assign(heads.proposalMatcher, own, boxes[i] as Tensor, (targets[i] as Target).labels),
  );
  const { positive, negative } = heads.fgBgSampler.sample(assigned.map(({ labels }) => labels));
  const sampled = positive.map((own, i) => indicesOf(own.logicalOr(negative[i] as Tensor)));
  const pick = (lists: readonly Tensor[]) => lists.map((own, i) => own.at(sampled[i] as Tensor));
  const matched = pick(assigned.map((one) => one.matched));
  const chosen = pick(proposals);
  const wanted = boxes.map((own, i) => {
    const some = own.numel() === 0 ? own.newZeros([1, 4]) : own;
    return some.at(matched[i] as Tensor);
  });
  return {
    proposals: chosen,
    matched,
    labels: pick(assigned.map(({ labels }) => labels)),
    codes: heads.boxCoder.encode(wanted, chosen),
  };
}

function fastrcnnLoss(logits: Tensor, given: Tensor, samples: Samples): Losses {
  const labels = torch.cat(samples.labels);
  const positive = indicesOf(labels.gt(0));
  const codes = given.reshape(logits.shape[0] as number, -1, 4).at(positive, labels.at(positive));
  const wanted = torch.cat(samples.codes).at(positive);
  const boxLoss = F.smoothL1Loss(codes, wanted, { beta: 1 / 9, reduction: "sum" });
  return { loss_classifier: F.crossEntropy(logits, labels), loss_box_reg: boxLoss.div(labels.numel()) };
}

/** The boxes, labels and scores of what is likely enough in each image, and not overlapped by something better. */
function detections(
  heads: RoIHeads,
  logits: Tensor,
  codes: Tensor,
  proposals: readonly Tensor[],
  imageShapes: readonly ImageSize[],
): Detection[] {
  const { scoreThresh, nmsThresh, detectionsPerImg } = heads.options;
  const classes = logits.shape.at(-1) as number;
  const counts = proposals.map(({ shape }) => shape[0] as number);
  const allBoxes = heads.boxCoder.decode(codes, proposals).split(counts, 0);
  const allScores = F.softmax(logits, -1).split(counts, 0);
  const labelOfClass = torch.arange(1, classes, { device: logits.device });
  return imageShapes.map((size, i) => {
    // The first class is the background.
    const scores = (allScores[i] as Tensor).at(":", "1:");
    const labels = labelOfClass.expandAs(scores).reshape(-1);
    const boxes = clipBoxesToImage(allBoxes[i] as Tensor, size)
      .at(":", "1:")
      .reshape(-1, 4);
    const likely = indicesOf(scores.reshape(-1).gt(scoreThresh));
    const kept = likely.at(removeSmallBoxes(boxes.at(likely), 1e-2));
    const found = { boxes: boxes.at(kept), labels: labels.at(kept), scores: scores.reshape(-1).at(kept) };
    return bestOf(found, nmsThresh, detectionsPerImg);
  });
}

/** What a pool, a head and a predictor make of boxes. */
function predict(
  [pool, head, predictor]: readonly (nn.Module | null)[],
  features: FeatureMaps,
  boxes: readonly Tensor[],
  imageShapes: readonly ImageSize[],
): Tensor {
  return (predictor as nn.Module)((head as nn.Module)((pool as nn.Module)(features, boxes, imageShapes)));
}

const maskParts = ({ maskRoiPool, maskHead, maskPredictor }: RoIHeads) => [maskRoiPool, maskHead, maskPredictor];
const keypointParts = ({ keypointRoiPool, keypointHead, keypointPredictor }: RoIHeads) => [
  keypointRoiPool,
  keypointHead,
  keypointPredictor,
];

/** Detections with masks and keypoints, where the heads give them. */
function addParts(
  heads: RoIHeads,
  found: readonly Detection[],
  features: FeatureMaps,
  imageShapes: readonly ImageSize[],
): Detection[] {
  const boxes = found.map((one) => one.boxes);
  let result = [...found];
  if (heads.hasMask()) {
    const logits = predict(maskParts(heads), features, boxes, imageShapes);
    const masks = maskrcnnInference(
      logits,
      found.map(({ labels }) => labels),
    );
    result = result.map((one, i) => ({ ...one, masks: masks[i] as Tensor }));
  }
  if (heads.hasKeypoint()) {
    const maps = predict(keypointParts(heads), features, boxes, imageShapes);
    const counts = boxes.map(({ shape }) => shape[0] as number);
    const own = maps.split(counts, 0).map((map, i) => heatmapsToKeypoints(map, boxes[i] as Tensor));
    result = result.map((one, i) => ({
      ...one,
      keypoints: own[i]?.places as Tensor,
      keypoints_scores: own[i]?.scores as Tensor,
    }));
  }
  return result;
}

/** The losses of masks and keypoints, where the heads give them: of proposals that stand for a box. */
function partLosses(
  heads: RoIHeads,
  { proposals, matched, labels }: Samples,
  features: FeatureMaps,
  imageShapes: readonly ImageSize[],
  targets: readonly Target[],
): Losses {
  if (!heads.hasMask() && !heads.hasKeypoint()) return {};
  const positive = labels.map((own) => indicesOf(own.gt(0)));
  const boxes = proposals.map((own, i) => own.at(positive[i] as Tensor));
  const of = matched.map((own, i) => own.at(positive[i] as Tensor));
  const losses: Losses = {};
  if (heads.hasMask()) {
    const logits = predict(maskParts(heads), features, boxes, imageShapes);
    const masks = targets.map((target) => target.masks as Tensor);
    losses.loss_mask = maskrcnnLoss(
      logits,
      boxes,
      masks,
      targets.map((target) => target.labels),
      of,
    );
  }
  if (heads.hasKeypoint()) {
    const maps = predict(keypointParts(heads), features, boxes, imageShapes);
    losses.loss_keypoint = keypointrcnnLoss(
      maps,
      boxes,
      targets.map(({ keypoints }) => keypoints as Tensor),
      of,
    );
  }
  return losses;
}
