/** What a transform is, and the inverse of one. */
import { int, optional } from "../../arguments/params.js";
import { describe, Signature } from "../../arguments/parse.js";
import type { Shape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { callable } from "../callable.js";
import type { Constraint } from "../constraints.js";

const noPair: readonly [x: Tensor | undefined, y: Tensor | undefined] = [undefined, undefined];

/** A pair that stays while temporaries around it are given back. */
function kept(x: Tensor, y: Tensor): readonly [Tensor, Tensor] {
  x.storage.keep();
  y.storage.keep();
  return [x, y];
}

const signature = new Signature("Transform", { cacheSize: optional(int, 0) });

export type CacheArguments = [cacheSize?: number];

export interface Transform {
  /** y of x. */
  // biome-ignore lint/style/useShorthandFunctionType: the interface merges with the class
  (x: Tensor): Tensor;
}

/**
 * A mapping `y = t(x)` that can be inverted, `x = t.inv(y)`, and whose log of |det dy/dx| can be computed.
 *
 * With `cacheSize` 1 the last x and y are kept: the inverse of what the transform gave is then the very tensor that it was
 * given, where an inverse is expensive or loses digits. Subclasses write `_call`, `_inverse`, `logAbsDetJacobian`,
 * `domain` and `codomain`, and `equals` if objects of the class may be the same mapping.
 *
 * @example
 * const t = new torch.distributions.transforms.ExpTransform();
 * t.inv(t(x)); // x
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: this is how a class gets a call signature
export abstract class Transform {
  /** @internal */
  readonly cacheSize!: number;
  /** @internal The last pair. */
  pair!: readonly [x: Tensor | undefined, y: Tensor | undefined];
  /** @internal */
  inverse!: Transform | undefined;

  constructor(...args: CacheArguments) {
    const { cacheSize } = signature.parse(args);
    if (cacheSize !== 0 && cacheSize !== 1) throw new Error("cache_size must be 0 or 1");
    const self: this = callable(this, (x: Tensor) => {
      if (!(x instanceof Tensor)) {
        throw new TypeError(`${self.constructor.name}: argument 'x' must be Tensor, not ${describe(x)}`);
      }
      return self.apply(x);
    });
    // biome-ignore lint/correctness/noConstructorReturn: the instance is a function
    return Object.assign(self, { cacheSize, pair: noPair, inverse: undefined });
  }

  /** Whether each y comes from one x, and each x from one y. */
  get bijective(): boolean {
    return false;
  }

  /** Where inputs are valid. */
  abstract get domain(): Constraint;

  /** Where outputs are valid, which are the inputs of the inverse. */
  abstract get codomain(): Constraint;

  /** How many of the last dims form one event. */
  get eventDim(): number {
    const { eventDim } = this.domain;
    if (eventDim === this.codomain.eventDim) return eventDim;
    throw new Error("Please use either .domain.event_dim or .codomain.event_dim");
  }

  /** The inverse, a transform too; `t.inv.inv` is `t`. */
  get inv(): Transform {
    this.inverse ??= new InverseTransform(this);
    return this.inverse;
  }

  /** Whether a mapping of single numbers rises (1) or falls (-1). */
  get sign(): number | Tensor {
    throw new Error(`${this.constructor.name} has no sign`);
  }

  /** The same mapping with a cache of another size. */
  withCache(cacheSize = 1): Transform {
    if (this.cacheSize === cacheSize) return this;
    return new (this.constructor as new (cacheSize: number) => Transform)(cacheSize);
  }

  /** Whether another transform is known to be the same mapping. */
  equals(other: unknown): boolean {
    return this === other;
  }

  /** @internal Runs the mapping, by way of the cache. */
  apply(x: Tensor): Tensor {
    if (this.cacheSize === 0) return this._call(x);
    const [lastX, lastY] = this.pair;
    if (x === lastX) return lastY as Tensor;
    const y = this._call(x);
    this.pair = kept(x, y);
    return y;
  }

  /** @internal Runs the inverse, by way of the cache. */
  applyInverse(y: Tensor): Tensor {
    if (this.cacheSize === 0) return this._inverse(y);
    const [lastX, lastY] = this.pair;
    if (y === lastY) return lastX as Tensor;
    const x = this._inverse(y);
    this.pair = kept(x, y);
    return x;
  }

  /** Computes y. */
  _call(_x: Tensor): Tensor {
    throw new Error(`${this.constructor.name} has no forward computation`);
  }

  /** Computes x. */
  _inverse(_y: Tensor): Tensor {
    throw new Error(`${this.constructor.name} has no inverse`);
  }

  /** The logarithm of |det dy/dx|, given x and y. */
  logAbsDetJacobian(_x: Tensor, _y: Tensor): Tensor {
    throw new Error(`${this.constructor.name} has no log_abs_det_jacobian`);
  }

  /** The shape of y, given that of x. */
  forwardShape(shape: Shape): Shape {
    return shape;
  }

  /** The shape of x, given that of y. */
  inverseShape(shape: Shape): Shape {
    return shape;
  }

  toString(): string {
    return `${this.constructor.name}()`;
  }

  /** @internal */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** A transform without parameters: all objects of one class are the same mapping. */
export abstract class FixedTransform extends Transform {
  override equals(other: unknown): boolean {
    return other instanceof Transform && other.constructor === this.constructor;
  }
}

/** @internal The inverse of another transform. */
export class InverseTransform extends Transform {
  constructor(of: Transform) {
    super(of.cacheSize);
    this.inverse = of;
  }

  override get inv(): Transform {
    return this.inverse as Transform;
  }

  override get domain(): Constraint {
    return this.inv.codomain;
  }

  override get codomain(): Constraint {
    return this.inv.domain;
  }

  override get bijective(): boolean {
    return this.inv.bijective;
  }

  override get sign(): number | Tensor {
    return this.inv.sign;
  }

  override withCache(cacheSize = 1): Transform {
    return this.inv.withCache(cacheSize).inv;
  }

  override equals(other: unknown): boolean {
    return other instanceof InverseTransform && this.inv.equals(other.inv);
  }

  override apply(x: Tensor): Tensor {
    return this.inv.applyInverse(x);
  }

  override applyInverse(y: Tensor): Tensor {
    return this.inv.apply(y);
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    return this.inv.logAbsDetJacobian(y, x).neg();
  }

  override forwardShape(shape: Shape): Shape {
    return this.inv.inverseShape(shape);
  }

  override inverseShape(shape: Shape): Shape {
    return this.inv.forwardShape(shape);
  }

  override toString(): string {
    return `_InverseTransform(${this.inv})`;
  }
}
