/** Region proposal networks: boxes in which there may be something. */
import torch, { F, nn, type Tensor } from "flambeau";
import { batchedNms, boxIou, clipBoxesToImage, indicesOf, removeSmallBoxes } from "../../ops/boxes.js";
import { Conv2dNormActivation } from "../../ops/convNormActivation.js";
import { renameLayer } from "../../stateKeys.js";
import type { AnchorGenerator } from "./anchors.js";
import { BoxCoder } from "./boxCoder.js";
import { flatPredictions, initializeNormal } from "./heads.js";
import { BalancedPositiveNegativeSampler, Matcher } from "./matching.js";
import type { FeatureMaps, ImageList, ImageSize, Losses, Target } from "./types.js";

/** Convolutions that give each anchor of a map a logit, whether there is something, and the code of a box. */
export class RPNHead extends nn.Module {
  declare conv: nn.Sequential;
  declare clsLogits: nn.Conv2d;
  declare bboxPred: nn.Conv2d;

  constructor(inChannels: number, numAnchors: number, convDepth = 1) {
    super();
    const convs = Array.from(
      { length: convDepth },
      () => new Conv2dNormActivation(inChannels, inChannels, 3, { normLayer: null }),
    );
    this.conv = new nn.Sequential(...convs);
    this.clsLogits = new nn.Conv2d(inChannels, numAnchors, 1);
    this.bboxPred = new nn.Conv2d(inChannels, numAnchors * 4, 1);
    initializeNormal(this, 0.01);
  }

  override _loadFromStateDict(stateDict: nn.StateDict, prefix: string): void {
    renameLayer(stateDict, `${prefix}conv`, `${prefix}conv.0.0`);
  }

  override forward(maps: readonly Tensor[]): [logits: Tensor[], codes: Tensor[]] {
    const hidden = maps.map((map) => this.conv(map));
    return [hidden.map((one) => this.clsLogits(one)), hidden.map((one) => this.bboxPred(one))];
  }
}

/** A number for training and one for evaluation. */
export interface ByMode {
  readonly training: number;
  readonly testing: number;
}

export interface ProposalOptions {
  /** An anchor that overlaps by so much with a box stands for it; by less than `bgIouThresh` for nothing. */
  readonly fgIouThresh: number;
  readonly bgIouThresh: number;
  /** How many anchors are learned from, and the part of them that stands for boxes. */
  readonly batchSizePerImage: number;
  readonly positiveFraction: number;
  /** How many boxes are kept of each map before, and of each image after the suppression of those that overlap. */
  readonly preNmsTopN: ByMode;
  readonly postNmsTopN: ByMode;
  readonly nmsThresh: number;
  readonly scoreThresh: number;
}

/**
 * A region proposal network: of feature maps it gives boxes `[N, 4]` for each image, and in training losses.
 *
 * @throws Error in training without targets.
 */
export class RegionProposalNetwork extends nn.Module {
  declare anchorGenerator: AnchorGenerator;
  declare head: nn.Module;
  declare options: ProposalOptions;
  declare boxCoder: BoxCoder;
  declare proposalMatcher: Matcher;
  declare fgBgSampler: BalancedPositiveNegativeSampler;

  constructor(anchorGenerator: AnchorGenerator, head: nn.Module, options: ProposalOptions) {
    super();
    this.anchorGenerator = anchorGenerator;
    this.head = head;
    this.options = options;
    this.boxCoder = new BoxCoder([1, 1, 1, 1]);
    this.proposalMatcher = new Matcher(options.fgIouThresh, options.bgIouThresh, true);
    this.fgBgSampler = new BalancedPositiveNegativeSampler(options.batchSizePerImage, options.positiveFraction);
  }

  override forward(
    images: ImageList,
    features: FeatureMaps,
    targets: readonly Target[] | null = null,
  ): [boxes: Tensor[], losses: Losses] {
    const maps = Object.values(features);
    const [logits, codes] = this.head(maps) as [Tensor[], Tensor[]];
    const anchors = this.anchorGenerator(images, maps);
    const counts = logits.map(({ shape }) => shape.slice(1).reduce((a, b) => a * b, 1));
    const objectness = torch.cat(
      logits.map((map) => flatPredictions(map, 1)),
      1,
    );
    const allCodes = torch
      .cat(
        codes.map((map) => flatPredictions(map, 4)),
        1,
      )
      .reshape(-1, 4);
    const proposals = this.boxCoder.decode(allCodes.detach(), anchors).view(anchors.length, -1, 4);
    const boxes = filterProposals(this, proposals, objectness.detach().squeeze(2), images.imageSizes, counts);
    if (!this.training) return [boxes, {}];
    if (targets === null) throw new Error("targets should not be None");
    return [boxes, proposalLosses(this, objectness.flatten(), allCodes, anchors, targets)];
  }
}

/** The best boxes of each image: so many of each map, without those that are small, unlikely or overlapped by better ones. */
function filterProposals(
  network: RegionProposalNetwork,
  proposals: Tensor,
  objectness: Tensor,
  imageSizes: readonly ImageSize[],
  counts: readonly number[],
): Tensor[] {
  const { preNmsTopN, postNmsTopN, nmsThresh, scoreThresh } = network.options;
  const mode = network.training ? "training" : "testing";
  const best: Tensor[] = [];
  const levels: Tensor[] = [];
  let offset = 0;
  for (const [level, count] of counts.entries()) {
    const kept = Math.min(preNmsTopN[mode], count);
    best.push(objectness.narrow(1, offset, count).topk(kept, 1).indices.add(offset));
    levels.push(torch.full([kept], level, { dtype: torch.int64, device: objectness.device }));
    offset += count;
  }
  const [chosen, levelOf] = [torch.cat(best, 1), torch.cat(levels)];
  const scores = objectness.gather(1, chosen).sigmoid();
  return imageSizes.map((size, image) => {
    const boxes = clipBoxesToImage(proposals.at(image).at(chosen.at(image)), size);
    const large = removeSmallBoxes(boxes, 1e-3);
    const likely = large.at(indicesOf(scores.at(image).at(large).ge(scoreThresh)));
    const own = boxes.at(likely);
    const keep = batchedNms(own, scores.at(image).at(likely), levelOf.at(likely), nmsThresh);
    return own.at(keep.at(`:${postNmsTopN[mode]}`));
  });
}

/** For each anchor of an image: 1 if it stands for a box, 0 if for none, -1 if for neither; and the box. */
function anchorTargets(matcher: Matcher, anchors: Tensor, boxes: Tensor): { labels: Tensor; boxes: Tensor } {
  if (boxes.numel() === 0) {
    const labels = torch.zeros(anchors.shape[0] as number, { device: anchors.device });
    return { labels, boxes: torch.zerosLike(anchors, { dtype: torch.float32 }) };
  }
  const matched = matcher.match(boxIou(boxes, anchors));
  const labels = torch.where(matched.eq(Matcher.BETWEEN_THRESHOLDS), -1, matched.ge(0).to(torch.int64));
  return { labels: labels.to(torch.float32), boxes: boxes.at(matched.clamp(0)) };
}

function proposalLosses(
  { proposalMatcher, boxCoder, fgBgSampler }: RegionProposalNetwork,
  objectness: Tensor,
  codes: Tensor,
  anchors: readonly Tensor[],
  targets: readonly Target[],
): Losses {
  const known = anchors.map((own, i) => anchorTargets(proposalMatcher, own, (targets[i] as Target).boxes));
  const wanted = torch.cat(
    boxCoder.encode(
      known.map(({ boxes }) => boxes),
      anchors,
    ),
  );
  const labels = known.map((one) => one.labels);
  const sampled = fgBgSampler.sample(labels);
  const positive = indicesOf(torch.cat(sampled.positive));
  const all = torch.cat([positive, indicesOf(torch.cat(sampled.negative))]);
  const boxLoss = F.smoothL1Loss(codes.at(positive), wanted.at(positive), { beta: 1 / 9, reduction: "sum" });
  const logits = objectness.at(all);
  return {
    loss_objectness: F.binaryCrossEntropyWithLogits(logits, torch.cat(labels).at(all).to(logits.dtype)),
    loss_rpn_box_reg: boxLoss.div(all.numel()),
  };
}
