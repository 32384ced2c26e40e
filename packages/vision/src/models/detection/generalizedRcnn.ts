/** Detectors of two stages: a network that proposes boxes, and heads that say what is in them. */
import type { nn } from "flambeau";
import { Detector, type Prepared } from "./detector.js";
import type { RoIHeads } from "./roiHeads.js";
import type { RegionProposalNetwork } from "./rpn.js";
import type { GeneralizedRCNNTransform } from "./transform.js";
import type { Detection, Losses } from "./types.js";

/** A detector of two stages, of its parts. */
export class GeneralizedRCNN extends Detector {
  declare rpn: RegionProposalNetwork;
  declare roiHeads: RoIHeads;

  constructor(
    backbone: nn.Module,
    rpn: RegionProposalNetwork,
    roiHeads: RoIHeads,
    transform: GeneralizedRCNNTransform,
  ) {
    super();
    this.transform = transform;
    this.backbone = backbone;
    this.rpn = rpn;
    this.roiHeads = roiHeads;
  }

  protected detect({ images, targets, features }: Prepared): Losses | Detection[] {
    const [proposals, proposalLosses] = this.rpn(images, features, targets);
    const [detections, losses] = this.roiHeads(features, proposals, images.imageSizes, targets);
    return this.training ? { ...losses, ...proposalLosses } : detections;
  }
}
