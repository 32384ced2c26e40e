/** Columns of mean 0 and variance 1. */
import torch, { type Tensor } from "flambeau";
import { flagOn, keyword, type Params } from "flambeau/arguments";
import { withoutZeros } from "./matrix.js";
import { Scaler } from "./scaler.js";

const params = { withMean: keyword(flagOn), withStd: keyword(flagOn) };

/**
 * Scales each column to mean 0 and variance 1: `(x - mean) / std`, with the deviation of all values (not of a sample).
 * A column of one value is divided by 1.
 *
 * @example
 * const scaler = new StandardScaler();
 * scaler.fitTransform([[0, 0], [0, 0], [1, 1], [1, 1]]); // rows of -1 and 1
 * scaler.mean_.tolist(); // [0.5, 0.5]
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.preprocessing.StandardScaler.html
 */
export class StandardScaler extends Scaler {
  declare readonly withMean: boolean;
  declare readonly withStd: boolean;
  /** Of each column, in float64; the scale and the variance are undefined without `withStd`. */
  declare mean_: Tensor;
  declare var_: Tensor | undefined;
  declare scale_: Tensor | undefined;
  /** How many values there were that are numbers: one count, or one for each column where they differ. */
  declare nSamplesSeen_: number | Tensor;

  constructor(...args: [options?: { withMean?: boolean; withStd?: boolean }]) {
    super(args);
  }

  protected override get params(): Params {
    return params;
  }

  protected learn(given: Tensor, isFirst: boolean): void {
    const x = given.double();
    const isNumber = x.isnan().logicalNot();
    const added = isNumber.sum(0).double();
    const before = isFirst ? torch.zerosLike(added) : torch.zerosLike(added).add(this.nSamplesSeen_);
    const count = before.add(added);
    const sumBefore = isFirst ? before : this.mean_.mul(before);
    const sum = x.nansum(0);
    this.mean_ = sumBefore.add(sum).div(count);
    if (this.withStd) {
      const deviation = x.sub(sum.div(added));
      // What the sum of the deviations is more than 0 is due to rounding.
      const squares = deviation.square().nansum(0).sub(deviation.nansum(0).square().div(added));
      this.var_ = (isFirst ? squares : this.together(squares, sumBefore, before, sum, added)).div(count);
      this.scale_ = withoutZeros(this.var_.sqrt(), isConstant(this.var_, this.mean_, count));
    }
    const [least, most] = [count.min().item(), count.max().item()];
    this.nSamplesSeen_ = least === most ? least : count.long();
  }

  /** The squared deviations of rows of before and further ones from the mean of all. */
  private together(squares: Tensor, sumBefore: Tensor, before: Tensor, sum: Tensor, added: Tensor): Tensor {
    const ratio = before.div(added);
    const between = sumBefore
      .div(ratio)
      .sub(sum)
      .square()
      .mul(ratio.div(before.add(added)));
    return (this.var_ as Tensor).mul(before).add(squares).add(between);
  }

  protected scale(x: Tensor): Tensor {
    const centred = this.withMean ? x.sub(this.mean_).to(x.dtype) : x;
    return this.scale_ === undefined ? centred : centred.div(this.scale_);
  }

  protected unscale(x: Tensor): Tensor {
    const stretched = this.scale_ === undefined ? x : x.mul(this.scale_).to(x.dtype);
    return this.withMean ? stretched.add(this.mean_) : stretched;
  }
}

/** Whether a variance is no more than rounding gives to a column of one value. */
function isConstant(variance: Tensor, mean: Tensor, count: Tensor): Tensor {
  const bound = count.mul(variance).mul(Number.EPSILON).add(count.mul(mean).mul(Number.EPSILON).square());
  return variance.le(bound);
}

torch.utils.data.shareable(import.meta.url, { StandardScaler });
