/** Transforms one after the other, and on events of more dims. */
import { instanceOf, int, listOf, optional } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import type { Shape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { zerosLike } from "../../ops/functions.js";
import type { Args } from "../../ops/types.js";
import { type Constraint, independent, real } from "../constraints.js";
import { sumRightmost } from "../utils.js";
import { Transform } from "./transform.js";

export const transformParam = instanceOf<Transform>("Transform", Transform);
export const transformsParam = listOf("list of Transforms", transformParam);

/** A constraint on events of more dims. */
export function widened(constraint: Constraint, eventDim: number): Constraint {
  const further = eventDim - constraint.eventDim;
  return further > 0 ? independent(constraint, further) : constraint;
}

const composeSignature = new Signature("ComposeTransform", { parts: transformsParam, cacheSize: optional(int, 0) });

/** Several transforms, the first one first. */
export class ComposeTransform extends Transform {
  declare readonly parts: readonly Transform[];

  constructor(...args: Args<[parts: readonly Transform[], cacheSize?: number], ["cacheSize"]>) {
    const { parts, cacheSize } = composeSignature.parse(args);
    super(cacheSize);
    this.parts = cacheSize === 0 ? parts : parts.map((part) => part.withCache(cacheSize));
  }

  override get domain(): Constraint {
    const [first, last] = [this.parts[0], this.parts.at(-1)];
    if (first === undefined || last === undefined) return real;
    // An event has as many dims as the most of any part has, seen from the input.
    const eventDim = this.parts.reduceRight(
      (dims, { domain, codomain }) => Math.max(dims + domain.eventDim - codomain.eventDim, domain.eventDim),
      last.codomain.eventDim,
    );
    return widened(first.domain, eventDim);
  }

  override get codomain(): Constraint {
    const [first, last] = [this.parts[0], this.parts.at(-1)];
    if (first === undefined || last === undefined) return real;
    const eventDim = this.parts.reduce(
      (dims, { domain, codomain }) => Math.max(dims + codomain.eventDim - domain.eventDim, codomain.eventDim),
      first.domain.eventDim,
    );
    return widened(last.codomain, eventDim);
  }

  override get bijective(): boolean {
    return this.parts.every(({ bijective }) => bijective);
  }

  override get sign(): number | Tensor {
    return this.parts.reduce<number | Tensor>((sign, part) => times(sign, part.sign), 1);
  }

  override get inv(): Transform {
    if (this.inverse === undefined) {
      this.inverse = new ComposeTransform(this.parts.map((part) => part.inv).reverse());
      this.inverse.inverse = this;
    }
    return this.inverse;
  }

  override withCache(cacheSize = 1): Transform {
    return this.cacheSize === cacheSize ? this : new ComposeTransform(this.parts, cacheSize);
  }

  override equals(other: unknown): boolean {
    return other instanceof ComposeTransform && sameTransforms(this.parts, other.parts);
  }

  override apply(x: Tensor): Tensor {
    return this.parts.reduce((value, part) => part(value), x);
  }

  override applyInverse(y: Tensor): Tensor {
    return this.inv(y);
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    let total: Tensor | undefined;
    let { eventDim } = this.domain;
    let before = x;
    for (const [i, part] of this.parts.entries()) {
      const after = i === this.parts.length - 1 ? y : part(before);
      const term = sumRightmost(part.logAbsDetJacobian(before, after), eventDim - part.domain.eventDim);
      total = total === undefined ? term : total.add(term);
      eventDim += part.codomain.eventDim - part.domain.eventDim;
      before = after;
    }
    return total ?? zerosLike(x);
  }

  override forwardShape(shape: Shape): Shape {
    return this.parts.reduce((before, part) => part.forwardShape(before), shape);
  }

  override inverseShape(shape: Shape): Shape {
    return this.parts.reduceRight((after, part) => part.inverseShape(after), shape);
  }

  override toString(): string {
    return `${this.constructor.name}(\n    ${this.parts.join(",\n    ")}\n)`;
  }
}

/** The product of two signs. */
export function times(a: number | Tensor, b: number | Tensor): number | Tensor {
  if (a instanceof Tensor) return a.mul(b);
  return b instanceof Tensor ? b.mul(a) : a * b;
}

/** Whether lists of transforms are the same mappings. */
export function sameTransforms(a: readonly Transform[], b: readonly Transform[]): boolean {
  return a.length === b.length && a.every((part, i) => part.equals(b[i]));
}

/** Gives back what it is given. */
export const identityTransform: Transform = new ComposeTransform([]);

const independentSignature = new Signature("IndependentTransform", {
  baseTransform: transformParam,
  reinterpretedBatchNdims: int,
  cacheSize: optional(int, 0),
});

/** Another transform, with so many of the last dims taken as parts of one event: their log determinants are added. */
export class IndependentTransform extends Transform {
  declare readonly baseTransform: Transform;
  declare readonly reinterpretedBatchNdims: number;

  constructor(
    ...args: Args<[baseTransform: Transform, reinterpretedBatchNdims: number, cacheSize?: number], ["cacheSize"]>
  ) {
    const { baseTransform, reinterpretedBatchNdims, cacheSize } = independentSignature.parse(args);
    super(cacheSize);
    this.baseTransform = baseTransform.withCache(cacheSize);
    this.reinterpretedBatchNdims = reinterpretedBatchNdims;
  }

  override withCache(cacheSize = 1): Transform {
    if (this.cacheSize === cacheSize) return this;
    return new IndependentTransform(this.baseTransform, this.reinterpretedBatchNdims, cacheSize);
  }

  override get domain(): Constraint {
    return independent(this.baseTransform.domain, this.reinterpretedBatchNdims);
  }

  override get codomain(): Constraint {
    return independent(this.baseTransform.codomain, this.reinterpretedBatchNdims);
  }

  override get bijective(): boolean {
    return this.baseTransform.bijective;
  }

  override get sign(): number | Tensor {
    return this.baseTransform.sign;
  }

  override _call(x: Tensor): Tensor {
    if (x.dim() < this.domain.eventDim) throw new Error("Too few dimensions on input");
    return this.baseTransform(x);
  }

  override _inverse(y: Tensor): Tensor {
    if (y.dim() < this.codomain.eventDim) throw new Error("Too few dimensions on input");
    return this.baseTransform.inv(y);
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    return sumRightmost(this.baseTransform.logAbsDetJacobian(x, y), this.reinterpretedBatchNdims);
  }

  override forwardShape(shape: Shape): Shape {
    return this.baseTransform.forwardShape(shape);
  }

  override inverseShape(shape: Shape): Shape {
    return this.baseTransform.inverseShape(shape);
  }

  override toString(): string {
    return `${this.constructor.name}(${this.baseTransform}, ${this.reinterpretedBatchNdims})`;
  }
}
