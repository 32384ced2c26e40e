/** Transforms of single numbers. */
import { int, type Operand, operand, optional } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { finfo } from "../../core/limits.js";
import type { Shape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { softplus } from "../../ops/activation/smooth.js";
import { fullLike } from "../../ops/functions.js";
import type { Args } from "../../ops/types.js";
import { type Constraint, independent, interval, positive, real, unitInterval } from "../constraints.js";
import { broadcastAll, commonShape, holdsEverywhere, shapeOf, sumRightmost } from "../utils.js";
import { FixedTransform, Transform } from "./transform.js";

/** A rising mapping of all numbers. */
abstract class RisingTransform extends FixedTransform {
  override get bijective(): boolean {
    return true;
  }

  override get sign(): number {
    return 1;
  }

  override get domain(): Constraint {
    return real;
  }
}

/** y = exp(x). */
export class ExpTransform extends RisingTransform {
  override get codomain(): Constraint {
    return positive;
  }

  override _call(x: Tensor): Tensor {
    return x.exp();
  }

  override _inverse(y: Tensor): Tensor {
    return y.log();
  }

  override logAbsDetJacobian(x: Tensor, _y: Tensor): Tensor {
    return x;
  }
}

/** `sigmoid`, kept away from 0 and 1. */
export function clippedSigmoid(x: Tensor): Tensor {
  const { tiny, eps } = finfo(x.dtype);
  return x.sigmoid().clamp(tiny, 1 - eps);
}

/** y = 1 / (1 + exp(-x)). */
export class SigmoidTransform extends RisingTransform {
  override get codomain(): Constraint {
    return unitInterval;
  }

  override _call(x: Tensor): Tensor {
    return clippedSigmoid(x);
  }

  override _inverse(y: Tensor): Tensor {
    const { tiny, eps } = finfo(y.dtype);
    const clamped = y.clamp(tiny, 1 - eps);
    return clamped.log().sub(clamped.neg().log1p());
  }

  override logAbsDetJacobian(x: Tensor, _y: Tensor): Tensor {
    return softplus(x.neg()).neg().sub(softplus(x));
  }
}

/** y = log(1 + exp(x)), and y = x for x above 20. */
export class SoftplusTransform extends RisingTransform {
  override get codomain(): Constraint {
    return positive;
  }

  override _call(x: Tensor): Tensor {
    return softplus(x);
  }

  override _inverse(y: Tensor): Tensor {
    return y.neg().expm1().neg().log().add(y);
  }

  override logAbsDetJacobian(x: Tensor, _y: Tensor): Tensor {
    return softplus(x.neg()).neg();
  }
}

/** y = tanh(x). Use a cache where values come close to -1 or 1: the inverse is infinite there. */
export class TanhTransform extends RisingTransform {
  override get codomain(): Constraint {
    return interval(-1, 1);
  }

  override _call(x: Tensor): Tensor {
    return x.tanh();
  }

  override _inverse(y: Tensor): Tensor {
    return y.atanh();
  }

  override logAbsDetJacobian(x: Tensor, _y: Tensor): Tensor {
    // log(1 - tanh(x)^2) without the loss of digits.
    return x
      .neg()
      .add(Math.log(2))
      .sub(softplus(x.mul(-2)))
      .mul(2);
  }
}

/** y = |x|, whose inverse gives the positive x. */
export class AbsTransform extends Transform {
  override get domain(): Constraint {
    return real;
  }

  override get codomain(): Constraint {
    return positive;
  }

  override equals(other: unknown): boolean {
    return other instanceof AbsTransform;
  }

  override _call(x: Tensor): Tensor {
    return x.abs();
  }

  override _inverse(y: Tensor): Tensor {
    return y;
  }
}

const powerSignature = new Signature("PowerTransform", { exponent: operand, cacheSize: optional(int, 0) });

/** y = x^exponent of positive x. */
export class PowerTransform extends Transform {
  declare readonly exponent: Tensor;

  constructor(...args: Args<[exponent: Operand, cacheSize?: number], ["cacheSize"]>) {
    const { exponent, cacheSize } = powerSignature.parse(args);
    super(cacheSize);
    [this.exponent] = broadcastAll(exponent);
  }

  override get bijective(): boolean {
    return true;
  }

  override get sign(): number | Tensor {
    return this.exponent.sign();
  }

  override get domain(): Constraint {
    return positive;
  }

  override get codomain(): Constraint {
    return positive;
  }

  override withCache(cacheSize = 1): Transform {
    return this.cacheSize === cacheSize ? this : new PowerTransform(this.exponent, cacheSize);
  }

  override equals(other: unknown): boolean {
    return other instanceof PowerTransform && sameNumbers(this.exponent, other.exponent);
  }

  override _call(x: Tensor): Tensor {
    return x.pow(this.exponent);
  }

  override _inverse(y: Tensor): Tensor {
    return y.pow(this.exponent.reciprocal());
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    return this.exponent.mul(y).div(x).abs().log();
  }

  override forwardShape(shape: Shape): Shape {
    return commonShape(shape, this.exponent.shape);
  }

  override inverseShape(shape: Shape): Shape {
    return commonShape(shape, this.exponent.shape);
  }
}

/** Whether parameters are equal everywhere. */
function sameNumbers(a: Operand, b: Operand): boolean {
  if (a instanceof Tensor) return holdsEverywhere(a.eq(b));
  return b instanceof Tensor ? sameNumbers(b, a) : a === b;
}

const affineSignature = new Signature("AffineTransform", {
  loc: operand,
  scale: operand,
  eventDim: optional(int, 0),
  cacheSize: optional(int, 0),
});

/** y = loc + scale x; `eventDim` of the last dims are parts of one event. */
export class AffineTransform extends Transform {
  declare readonly loc: Operand;
  declare readonly scale: Operand;
  /** @internal */
  declare readonly dims: number;

  constructor(
    ...args: Args<[loc: Operand, scale: Operand, eventDim?: number, cacheSize?: number], ["eventDim", "cacheSize"]>
  ) {
    const { loc, scale, eventDim, cacheSize } = affineSignature.parse(args);
    super(cacheSize);
    this.loc = loc;
    this.scale = scale;
    this.dims = eventDim;
  }

  override get bijective(): boolean {
    return true;
  }

  override get eventDim(): number {
    return this.dims;
  }

  override get domain(): Constraint {
    return this.dims === 0 ? real : independent(real, this.dims);
  }

  override get codomain(): Constraint {
    return this.domain;
  }

  override get sign(): number | Tensor {
    return this.scale instanceof Tensor ? this.scale.sign() : Math.sign(Number(this.scale));
  }

  override withCache(cacheSize = 1): Transform {
    return this.cacheSize === cacheSize ? this : new AffineTransform(this.loc, this.scale, this.dims, cacheSize);
  }

  override equals(other: unknown): boolean {
    if (!(other instanceof AffineTransform)) return false;
    return sameNumbers(this.loc, other.loc) && sameNumbers(this.scale, other.scale);
  }

  override _call(x: Tensor): Tensor {
    return x.mul(this.scale).add(this.loc);
  }

  override _inverse(y: Tensor): Tensor {
    return y.sub(this.loc).div(this.scale);
  }

  override logAbsDetJacobian(x: Tensor, _y: Tensor): Tensor {
    const { scale, dims } = this;
    const logs = scale instanceof Tensor ? scale.abs().log() : fullLike(x, Math.log(Math.abs(Number(scale))));
    return sumRightmost(logs, dims).expand(x.shape.slice(0, x.dim() - dims));
  }

  override forwardShape(shape: Shape): Shape {
    return commonShape(shape, shapeOf(this.loc), shapeOf(this.scale));
  }

  override inverseShape(shape: Shape): Shape {
    return this.forwardShape(shape);
  }
}
