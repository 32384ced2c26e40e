/** Transforms that reshape events, or take different parts of tensors by different transforms. */
import { int, ints, optional } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { numelOf, type Shape, sameShape } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { cat, stack, zeros } from "../../ops/functions.js";
import type { Args } from "../../ops/types.js";
import { type Constraint, cat as catConstraint, independent, real, stack as stackConstraint } from "../constraints.js";
import { kindOf, sizeText } from "../utils.js";
import { transformsParam } from "./compose.js";
import { Transform } from "./transform.js";

const reshapeSignature = new Signature("ReshapeTransform", {
  inShape: ints,
  outShape: ints,
  cacheSize: optional(int, 0),
});

/** Reshapes events of one shape to another with as many elements. */
export class ReshapeTransform extends Transform {
  declare readonly inShape: Shape;
  declare readonly outShape: Shape;

  constructor(
    ...args: Args<[inShape: readonly number[], outShape: readonly number[], cacheSize?: number], ["cacheSize"]>
  ) {
    const { inShape, outShape, cacheSize } = reshapeSignature.parse(args);
    if (numelOf(inShape) !== numelOf(outShape)) {
      throw new Error("in_shape, out_shape have different numbers of elements");
    }
    super(cacheSize);
    this.inShape = inShape;
    this.outShape = outShape;
  }

  override get bijective(): boolean {
    return true;
  }

  override get domain(): Constraint {
    return independent(real, this.inShape.length);
  }

  override get codomain(): Constraint {
    return independent(real, this.outShape.length);
  }

  override withCache(cacheSize = 1): Transform {
    return this.cacheSize === cacheSize ? this : new ReshapeTransform(this.inShape, this.outShape, cacheSize);
  }

  override _call(x: Tensor): Tensor {
    return x.reshape([...batchOf(x, this.inShape), ...this.outShape]);
  }

  override _inverse(y: Tensor): Tensor {
    return y.reshape([...batchOf(y, this.outShape), ...this.inShape]);
  }

  override logAbsDetJacobian(x: Tensor, _y: Tensor): Tensor {
    return zeros(batchOf(x, this.inShape), kindOf(x));
  }

  override forwardShape(shape: Shape): Shape {
    return exchanged(shape, this.inShape, this.outShape);
  }

  override inverseShape(shape: Shape): Shape {
    return exchanged(shape, this.outShape, this.inShape);
  }
}

/** The dims before those of an event. */
function batchOf(x: Tensor, event: Shape): number[] {
  return x.shape.slice(0, x.dim() - event.length);
}

/** A shape whose last dims are exchanged for others. */
function exchanged(shape: Shape, from: Shape, to: Shape): Shape {
  const cut = shape.length - from.length;
  if (cut < 0) throw new Error("Too few dimensions on input");
  const event = shape.slice(cut);
  if (!sameShape(event, from)) throw new Error(`Shape mismatch: expected ${sizeText(event)} but got ${sizeText(from)}`);
  return [...shape.slice(0, cut), ...to];
}

/** @throws RangeError for a dim that a tensor does not have, or that has another size. */
function checkDim(x: Tensor, dim: number, size: number, name: string): void {
  if (dim < -x.dim() || dim >= x.dim()) {
    throw new RangeError(`${name}: the dim ${dim} is not one of the ${x.dim()} of the input`);
  }
  const found = x.shape.at(dim);
  if (found !== size) throw new Error(`${name}: the size of dim ${dim} has to be ${size}, but is ${found}`);
}

const catSignature = new Signature("CatTransform", {
  tseq: transformsParam,
  dim: optional(int, 0),
  lengths: optional(ints),
  cacheSize: optional(int, 0),
});

/** Transforms parts of such lengths along a dim, each by a transform of its own. */
export class CatTransform extends Transform {
  declare readonly transforms: readonly Transform[];
  declare readonly dim: number;
  declare readonly lengths: readonly number[];

  constructor(
    ...args: Args<
      [tseq: readonly Transform[], dim?: number, lengths?: readonly number[], cacheSize?: number],
      ["dim", "lengths", "cacheSize"]
    >
  ) {
    const { tseq, dim, lengths = tseq.map(() => 1), cacheSize } = catSignature.parse(args);
    if (lengths.length !== tseq.length) throw new Error("CatTransform: there has to be a length for each transform");
    super(cacheSize);
    this.transforms = cacheSize === 0 ? tseq : tseq.map((transform) => transform.withCache(cacheSize));
    this.dim = dim;
    this.lengths = lengths;
  }

  override get eventDim(): number {
    return Math.max(...this.transforms.map(({ eventDim }) => eventDim));
  }

  /** The size of the dim. */
  override get length(): number {
    return this.lengths.reduce((sum, one) => sum + one, 0);
  }

  override get bijective(): boolean {
    return this.transforms.every(({ bijective }) => bijective);
  }

  override get domain(): Constraint {
    return catConstraint(
      this.transforms.map(({ domain }) => domain),
      this.dim,
      this.lengths,
    );
  }

  override get codomain(): Constraint {
    return catConstraint(
      this.transforms.map(({ codomain }) => codomain),
      this.dim,
      this.lengths,
    );
  }

  override withCache(cacheSize = 1): Transform {
    if (this.cacheSize === cacheSize) return this;
    return new CatTransform(this.transforms, this.dim, this.lengths, cacheSize);
  }

  #parts(x: Tensor): Tensor[] {
    checkDim(x, this.dim, this.length, "CatTransform");
    return x.split([...this.lengths], this.dim);
  }

  override _call(x: Tensor): Tensor {
    const parts = this.#parts(x);
    return cat(
      this.transforms.map((transform, i) => transform(parts[i] as Tensor)),
      this.dim,
    );
  }

  override _inverse(y: Tensor): Tensor {
    const parts = this.#parts(y);
    return cat(
      this.transforms.map((transform, i) => transform.inv(parts[i] as Tensor)),
      this.dim,
    );
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    const [xs, ys] = [this.#parts(x), this.#parts(y)];
    const { eventDim } = this;
    const logs = this.transforms.map((transform, i) => {
      const log = transform.logAbsDetJacobian(xs[i] as Tensor, ys[i] as Tensor);
      const further = eventDim - transform.eventDim;
      return further > 0 ? log.flatten(-further).sum(-1) : log;
    });
    const dim = (this.dim >= 0 ? this.dim - x.dim() : this.dim) + eventDim;
    return dim < 0 ? cat(logs, dim) : logs.reduce((sum, log) => sum.add(log));
  }
}

const stackSignature = new Signature("StackTransform", {
  tseq: transformsParam,
  dim: optional(int, 0),
  cacheSize: optional(int, 0),
});

/** Transforms each place of a dim by a transform of its own. */
export class StackTransform extends Transform {
  declare readonly transforms: readonly Transform[];
  declare readonly dim: number;

  constructor(...args: Args<[tseq: readonly Transform[], dim?: number, cacheSize?: number], ["dim", "cacheSize"]>) {
    const { tseq, dim, cacheSize } = stackSignature.parse(args);
    super(cacheSize);
    this.transforms = cacheSize === 0 ? tseq : tseq.map((transform) => transform.withCache(cacheSize));
    this.dim = dim;
  }

  override get bijective(): boolean {
    return this.transforms.every(({ bijective }) => bijective);
  }

  override get domain(): Constraint {
    return stackConstraint(
      this.transforms.map(({ domain }) => domain),
      this.dim,
    );
  }

  override get codomain(): Constraint {
    return stackConstraint(
      this.transforms.map(({ codomain }) => codomain),
      this.dim,
    );
  }

  override withCache(cacheSize = 1): Transform {
    return this.cacheSize === cacheSize ? this : new StackTransform(this.transforms, this.dim, cacheSize);
  }

  #each(x: Tensor, map: (transform: Transform, part: Tensor, i: number) => Tensor): Tensor {
    checkDim(x, this.dim, this.transforms.length, "StackTransform");
    return stack(
      this.transforms.map((transform, i) => map(transform, x.select(this.dim, i), i)),
      this.dim,
    );
  }

  override _call(x: Tensor): Tensor {
    return this.#each(x, (transform, part) => transform(part));
  }

  override _inverse(y: Tensor): Tensor {
    return this.#each(y, (transform, part) => transform.inv(part));
  }

  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    checkDim(y, this.dim, this.transforms.length, "StackTransform");
    return this.#each(x, (transform, part, i) => transform.logAbsDetJacobian(part, y.select(this.dim, i)));
  }
}
