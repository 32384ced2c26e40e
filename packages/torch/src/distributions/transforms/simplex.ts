/** Transforms of vectors to shares whose sum is 1. */
import { finfo } from "../../core/limits.js";
import type { Shape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { logsigmoid } from "../../ops/activation/smooth.js";
import { arange } from "../../ops/functions.js";
import { pad } from "../../ops/pad/pad.js";
import { type Constraint, realVector, simplex } from "../constraints.js";
import { kindOf } from "../utils.js";
import { clippedSigmoid } from "./elementwise.js";
import { FixedTransform } from "./transform.js";

/** @throws Error for a shape without dims. */
function last(shape: Shape): number {
  const size = shape.at(-1);
  if (size === undefined) throw new Error("Too few dimensions on input");
  return size;
}

/** A transform of vectors to shares. */
export abstract class SimplexTransform extends FixedTransform {
  override get domain(): Constraint {
    return realVector;
  }

  override get codomain(): Constraint {
    return simplex;
  }
}

/** y = exp(x) divided by its sum. It is no bijection: x with the same differences give the same y. */
export class SoftmaxTransform extends SimplexTransform {
  override _call(x: Tensor): Tensor {
    const shares = x.sub(x.max(-1, { keepdim: true }).values).exp();
    return shares.div(shares.sum(-1, { keepdim: true }));
  }

  override _inverse(y: Tensor): Tensor {
    return y.log();
  }

  override forwardShape(shape: Shape): Shape {
    last(shape);
    return shape;
  }

  override inverseShape(shape: Shape): Shape {
    last(shape);
    return shape;
  }
}

/** n, n - 1, …, 1. */
function countdown(n: number, like: Tensor): Tensor {
  return arange(n, 0, -1, kindOf(like));
}

/**
 * Breaks a stick: each number tells which share of what is left breaks off next; what is left in the end is the last
 * share, so that y has one element more than x.
 */
export class StickBreakingTransform extends SimplexTransform {
  override get bijective(): boolean {
    return true;
  }

  override _call(x: Tensor): Tensor {
    const shares = clippedSigmoid(x.sub(countdown(last(x.shape), x).log()));
    const left = shares.neg().add(1).cumprod(-1);
    return pad(shares, [0, 1], { value: 1 }).mul(pad(left, [1, 0], { value: 1 }));
  }

  override _inverse(y: Tensor): Tensor {
    const cropped = y.at("...", ":-1");
    const left = cropped
      .cumsum(-1)
      .neg()
      .add(1)
      .clamp({ min: finfo(y.dtype).tiny });
    return cropped
      .log()
      .sub(left.log())
      .add(countdown(last(cropped.shape), y).log());
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    const shifted = x.sub(countdown(last(x.shape), x).log());
    return logsigmoid(shifted).sub(shifted).add(y.at("...", ":-1").log()).sum(-1);
  }

  override forwardShape(shape: Shape): Shape {
    return [...shape.slice(0, -1), last(shape) + 1];
  }

  override inverseShape(shape: Shape): Shape {
    return [...shape.slice(0, -1), last(shape) - 1];
  }
}
