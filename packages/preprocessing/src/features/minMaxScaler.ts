/** Columns that fill a range. */
import torch, { type Tensor } from "flambeau";
import { flag, keyword, numbers, optional, type Params } from "flambeau/arguments";
import { withoutZeros } from "./matrix.js";
import { Scaler } from "./scaler.js";

const params = { featureRange: optional(numbers, [0, 1]), clip: keyword(flag) };

type Range = readonly [least: number, greatest: number];
type MinMaxOptions = { clip?: boolean };

/**
 * Scales each column so that its least and greatest value are those of a range, `[0, 1]` by default.
 *
 * @example
 * const scaler = new MinMaxScaler([-1, 1]);
 * scaler.fitTransform([[1, 10], [2, 30], [3, 20]]).tolist(); // [[-1, -1], [0, 1], [1, 0]]
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.preprocessing.MinMaxScaler.html
 */
export class MinMaxScaler extends Scaler {
  declare readonly featureRange: Range;
  /** Whether values beyond those that were learned from are held within the range. */
  declare readonly clip: boolean;
  /** What is added to each column behind the scale, and the scale. */
  declare min_: Tensor;
  declare scale_: Tensor;
  /** Of each column: the least and the greatest value, and their difference. */
  declare dataMin_: Tensor;
  declare dataMax_: Tensor;
  declare dataRange_: Tensor;
  /** How many rows there were. */
  declare nSamplesSeen_: number;

  constructor(
    ...args: [options?: MinMaxOptions & { featureRange?: Range }] | [featureRange: Range, options?: MinMaxOptions]
  ) {
    super(args);
  }

  protected override get params(): Params {
    return params;
  }

  protected learn(x: Tensor, isFirst: boolean): void {
    const [least, greatest] = this.featureRange;
    if (this.featureRange.length !== 2) throw new TypeError("feature_range has a minimum and a maximum");
    if (least >= greatest) {
      throw new RangeError(
        `Minimum of desired feature range must be smaller than maximum. Got (${this.featureRange.join(", ")}).`,
      );
    }
    const [low, high] = [bound(x, "min"), bound(x, "max")];
    this.dataMin_ = isFirst ? low : torch.fmin(this.dataMin_, low);
    this.dataMax_ = isFirst ? high : torch.fmax(this.dataMax_, high);
    this.dataRange_ = this.dataMax_.sub(this.dataMin_);
    const isConstant = this.dataRange_.lt(10 * torch.finfo(x.dtype).eps);
    this.scale_ = torch.fullLike(this.dataRange_, greatest - least).div(withoutZeros(this.dataRange_, isConstant));
    this.min_ = this.dataMin_.mul(this.scale_).neg().add(least);
    this.nSamplesSeen_ = (isFirst ? 0 : this.nSamplesSeen_) + (x.shape[0] as number);
  }

  protected scale(x: Tensor): Tensor {
    const scaled = x.mul(this.scale_).to(x.dtype).add(this.min_).to(x.dtype);
    const [least, greatest] = this.featureRange;
    return this.clip ? scaled.clamp(least, greatest) : scaled;
  }

  protected unscale(x: Tensor): Tensor {
    return x.sub(this.min_).to(x.dtype).div(this.scale_);
  }
}

/** The least or greatest number of each column; NaN where there is none. */
function bound(x: Tensor, which: "min" | "max"): Tensor {
  const filled = x.maskedFill(x.isnan(), which === "min" ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY);
  const found = which === "min" ? filled.amin(0) : filled.amax(0);
  return found.maskedFill(found.isinf(), Number.NaN);
}

torch.utils.data.shareable(import.meta.url, { MinMaxScaler });
