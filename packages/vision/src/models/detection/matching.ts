/** Which of the boxes that are known each proposal stands for, and which proposals are learned from. */
import torch, { type Tensor } from "flambeau";
import { indicesOf } from "../../ops/boxes.js";

/** Gives each proposal the box with which it overlaps most, if by enough. */
export class Matcher {
  /** Stands for no box. */
  static readonly BELOW_LOW_THRESHOLD = -1;
  /** Neither the one nor the other: nothing is learned from it. */
  static readonly BETWEEN_THRESHOLDS = -2;

  /**
   * @param allowLowQualityMatches whether each box gets the proposals that overlap most with it, however little.
   * @throws Error if the thresholds are the wrong way round.
   */
  constructor(
    readonly highThreshold: number,
    readonly lowThreshold: number,
    readonly allowLowQualityMatches = false,
  ) {
    if (!(lowThreshold <= highThreshold)) throw new Error("low_threshold should be <= high_threshold");
  }

  /**
   * The index of a box for each of N proposals, or one of the two negative numbers.
   *
   * @param quality `[boxes, proposals]`: how much they overlap.
   * @throws Error if there are no boxes or no proposals.
   */
  match(quality: Tensor): Tensor {
    if (quality.numel() === 0) {
      const missing = quality.shape[0] === 0 ? "ground-truth" : "proposal";
      throw new Error(`No ${missing} boxes available for one of the images during training`);
    }
    const { values, indices } = quality.max(0);
    const between = torch.where(values.lt(this.highThreshold), Matcher.BETWEEN_THRESHOLDS, indices);
    const matches = torch.where(values.lt(this.lowThreshold), Matcher.BELOW_LOW_THRESHOLD, between);
    if (!this.allowLowQualityMatches) return matches;
    const isBest = quality.eq(quality.max(1, { keepdim: true }).values).any(0);
    return torch.where(isBest, indices, matches);
  }
}

/** A matcher in which each box gets its best proposal. */
export class SSDMatcher extends Matcher {
  constructor(threshold: number) {
    super(threshold, threshold);
  }

  override match(quality: Tensor): Tensor {
    const best = quality.max(1).indices;
    return super.match(quality).indexPut([best], torch.arange(best.shape[0] as number, { device: best.device }));
  }
}

/** A random choice of proposals, a fixed part of them of those that stand for a box, as far as there are as many. */
export class BalancedPositiveNegativeSampler {
  constructor(
    readonly batchSizePerImage: number,
    readonly positiveFraction: number,
  ) {}

  /**
   * The chosen ones of each image, as masks.
   *
   * @param labels for each image: at least 1 for a box, 0 for none, negative for what is left out.
   */
  sample(labels: readonly Tensor[]): { positive: Tensor[]; negative: Tensor[] } {
    const positive: Tensor[] = [];
    const negative: Tensor[] = [];
    for (const own of labels) {
      const [boxes, none] = [indicesOf(own.ge(1)), indicesOf(own.eq(0))];
      const wanted = Math.trunc(this.batchSizePerImage * this.positiveFraction);
      const count = Math.min(boxes.numel(), wanted);
      const rest = Math.min(none.numel(), this.batchSizePerImage - count);
      positive.push(chosen(own, boxes, count));
      negative.push(chosen(own, none, rest));
    }
    return { positive, negative };
  }
}

/** A mask of so many of the indices, drawn at random. */
function chosen(like: Tensor, indices: Tensor, count: number): Tensor {
  const drawn = torch.randperm(indices.numel(), { device: indices.device }).narrow(0, 0, count);
  return torch.zerosLike(like, { dtype: torch.bool }).indexFill(0, indices.at(drawn), true);
}
