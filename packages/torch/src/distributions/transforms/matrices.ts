/** Transforms to lower triangular matrices: factors of covariances and of correlations. */
import { finfo } from "../../core/limits.js";
import type { Shape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { softplus } from "../../ops/activation/smooth.js";
import { diagEmbed, eye } from "../../ops/functions.js";
import { cholesky } from "../../ops/linalg/cholesky.js";
import { pad } from "../../ops/pad/pad.js";
import {
  type Constraint,
  corrCholesky,
  independent,
  lowerCholesky,
  positiveDefinite,
  real,
  realVector,
} from "../constraints.js";
import { kindOf, trilMatrixToVec, vecToTrilMatrix } from "../utils.js";
import { FixedTransform, Transform } from "./transform.js";

/** What is left of the length of a row of 1, squared, after each element. */
function leftOfRows(y: Tensor): Tensor {
  return y.mul(y).cumsum(-1).neg().add(1);
}

/** The same before each element, given what is left after it. */
function shifted(left: Tensor): Tensor {
  return pad(left.at("...", ":-1"), [1, 0], { value: 1 });
}

/**
 * D (D - 1) / 2 numbers to the D×D factor of a matrix of correlations: lower triangular, with a positive diagonal and rows
 * of length 1. Each row breaks a stick with signs; the numbers are first brought between -1 and 1 by `tanh`.
 */
export class CorrCholeskyTransform extends Transform {
  override get bijective(): boolean {
    return true;
  }

  override get domain(): Constraint {
    return realVector;
  }

  override get codomain(): Constraint {
    return corrCholesky;
  }

  override _call(x: Tensor): Tensor {
    const { eps } = finfo(x.dtype);
    const shares = vecToTrilMatrix(x.tanh().clamp(-1 + eps, 1 - eps), -1);
    const left = shares.pow(2).neg().add(1).sqrt().cumprod(-1);
    return shares.add(eye(shares.shape.at(-1) as number, kindOf(x))).mul(shifted(left));
  }

  override _inverse(y: Tensor): Tensor {
    const left = trilMatrixToVec(shifted(leftOfRows(y)), -1);
    const shares = trilMatrixToVec(y, -1).div(left.sqrt());
    return shares.add(1).div(shares.neg().add(1)).log().div(2);
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    // What is left before an element of one row stands one place further to the right, after it.
    const sticks = trilMatrixToVec(leftOfRows(y), -2).log().sum(-1).mul(0.5);
    const tanhs = x
      .add(softplus(x.mul(-2)))
      .sub(Math.log(2))
      .sum(-1)
      .mul(-2);
    return sticks.add(tanhs);
  }

  override forwardShape(shape: Shape): Shape {
    const count = shape.at(-1);
    if (count === undefined) throw new Error("Too few dimensions on input");
    const size = Math.round(Math.sqrt(0.25 + 2 * count) + 0.5);
    if ((size * (size - 1)) / 2 !== count) throw new Error("Input is not a flattend lower-diagonal number");
    return [...shape.slice(0, -1), size, size];
  }

  override inverseShape(shape: Shape): Shape {
    const [rows, columns] = [shape.at(-2), shape.at(-1)];
    if (rows === undefined || columns === undefined) throw new Error("Too few dimensions on input");
    if (rows !== columns) throw new Error("Input is not square");
    return [...shape.slice(0, -2), (rows * (rows - 1)) / 2];
  }
}

/** The part of matrices below the diagonal, with the exponentials of the diagonal: factors of covariances. */
export class LowerCholeskyTransform extends FixedTransform {
  override get domain(): Constraint {
    return independent(real, 2);
  }

  override get codomain(): Constraint {
    return lowerCholesky;
  }

  override _call(x: Tensor): Tensor {
    return x.tril(-1).add(diagEmbed(x.diagonal(0, -2, -1).exp()));
  }

  override _inverse(y: Tensor): Tensor {
    return y.tril(-1).add(diagEmbed(y.diagonal(0, -2, -1).log()));
  }
}

/** Positive definite matrices: the products L Lᵀ of what `LowerCholeskyTransform` gives. */
export class PositiveDefiniteTransform extends FixedTransform {
  override get domain(): Constraint {
    return independent(real, 2);
  }

  override get codomain(): Constraint {
    return positiveDefinite;
  }

  override _call(x: Tensor): Tensor {
    const L = new LowerCholeskyTransform()(x);
    return L.matmul(L.mT);
  }

  override _inverse(y: Tensor): Tensor {
    return new LowerCholeskyTransform().inv(cholesky(y));
  }
}
