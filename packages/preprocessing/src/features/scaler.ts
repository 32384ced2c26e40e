/** What scalers of columns have in common. */
import type { Tensor } from "flambeau";
import { Estimator } from "../estimator.js";
import { checkFeatures, type Matrix, readMatrix } from "./matrix.js";

/** The base of scalers, which learn something of each column. NaNs are left out, and stay. */
export abstract class Scaler extends Estimator {
  /** How many columns there were. */
  declare nFeaturesIn_: number;

  protected get isFitted(): boolean {
    return this.nFeaturesIn_ !== undefined;
  }

  /** Learns from further rows what is learned from those before; the first ones if `isFirst`. */
  protected abstract learn(x: Tensor, isFirst: boolean): void;

  /** Scaled columns, in this dtype or a wider one. */
  protected abstract scale(x: Tensor): Tensor;

  /** What scaled columns were. */
  protected abstract unscale(x: Tensor): Tensor;

  /** Learns from a table, and from nothing before. */
  fit(x: Matrix): this {
    return this.learnFrom(x, true);
  }

  /** Learns from further rows. */
  partialFit(x: Matrix): this {
    return this.learnFrom(x, !this.isFitted);
  }

  private learnFrom(x: Matrix, isFirst: boolean): this {
    const matrix = readMatrix(x, this);
    const features = matrix.shape[1] as number;
    if (!isFirst) checkFeatures(features, this.nFeaturesIn_, this);
    this.learn(matrix, isFirst);
    this.nFeaturesIn_ = features;
    return this;
  }

  /** Learns from a table, and scales it. */
  fitTransform(x: Matrix): Tensor {
    return this.fit(x).transform(x);
  }

  /** The columns of a table scaled, in its dtype. */
  transform(x: Matrix): Tensor {
    return this.change(x, (matrix) => this.scale(matrix));
  }

  /** What a scaled table was. */
  inverseTransform(x: Matrix): Tensor {
    return this.change(x, (matrix) => this.unscale(matrix));
  }

  private change(x: Matrix, change: (matrix: Tensor) => Tensor): Tensor {
    this.checkIsFitted();
    const matrix = readMatrix(x, this);
    checkFeatures(matrix.shape[1] as number, this.nFeaturesIn_, this);
    return change(matrix).to(matrix.dtype);
  }
}
