/**
 * `torch.distributions.constraints`: the regions over which the parameters and the values of distributions are valid.
 *
 * Those that have parameters are made by functions, `constraints.greaterThan(0)`, of which others may be asked whether
 * they are such ones: `constraint instanceof constraints.greaterThan`.
 *
 * Source: https://pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraints
 */

import { int, type Operand, tensor } from "../arguments/params.js";
import { describe, readArgument } from "../arguments/parse.js";
import { bool } from "../core/dtype.js";
import { finfo } from "../core/limits.js";
import type { Tensor } from "../core/tensor.js";
import { full, isclose, cat as joined, stack as stacked } from "../ops/functions.js";
import { choleskyEx } from "../ops/linalg/cholesky.js";
import { eigvalsh } from "../ops/linalg/eigen.js";
import { norm } from "../ops/linalg/norms.js";
import { callable } from "./callable.js";
import { readArguments } from "./readArguments.js";
import { formatted, holdsEverywhere } from "./utils.js";

/** A region in which values are valid. Subclasses write `check`. */
export abstract class Constraint {
  /** Whether the region consists of single points. */
  get isDiscrete(): boolean {
    return false;
  }

  /** How many of the last dims form one event; `check` takes these away. */
  get eventDim(): number {
    return 0;
  }

  /** Whether each event is in the region: a tensor of bools. */
  abstract check(value: Tensor): Tensor;

  toString(): string {
    return `${this.constructor.name.replace("Constraint", "")}()`;
  }

  /** @internal */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** A function that makes constraints of a class. */
export interface ConstraintMaker<A extends unknown[], C extends Constraint> {
  (...args: A): C;
  /** The class. */
  readonly constraint: new (
    ...args: A
  ) => C;
  [Symbol.hasInstance](value: unknown): value is C;
}

function maker<A extends unknown[], C extends Constraint>(Class: new (...args: A) => C): ConstraintMaker<A, C> {
  const make = (...args: A) => new Class(...args);
  return Object.defineProperties(make, {
    constraint: { value: Class },
    [Symbol.hasInstance]: { value: (value: unknown) => value instanceof Class },
  }) as unknown as ConstraintMaker<A, C>;
}

const integer = (value: number) => String(value);

interface DependentOptions {
  isDiscrete?: boolean;
  eventDim?: number;
}

function statically<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(`.${name} cannot be determined statically`);
  return value;
}

/** Stands for a region that depends on other values. */
class Dependent extends Constraint {
  // No private name: what is called as a function has the public ones alone.
  constructor(readonly known: DependentOptions = {}) {
    super();
  }

  override get isDiscrete(): boolean {
    return statically(this.known.isDiscrete, "is_discrete");
  }

  override get eventDim(): number {
    return statically(this.known.eventDim, "event_dim");
  }

  override check(_value: Tensor): Tensor {
    throw new Error("Cannot determine validity of dependent constraint");
  }
}

/** Whether a constraint stands for one that depends on other values. */
export function isDependent(constraint: Constraint): boolean {
  return constraint instanceof Dependent;
}

/** Throws unless a function that makes constraints of others was given such. */
function checkConstraints(name: string, given: readonly Constraint[]): void {
  if (!Array.isArray(given)) throw wrongConstraints(name, given);
  for (const one of given) if (!(one instanceof Constraint)) throw wrongConstraints(name, one);
}

function wrongConstraints(name: string, given: unknown): TypeError {
  const expected = name === "independent" ? "a Constraint" : "a list of Constraints";
  return new TypeError(`constraints.${name}(): expected ${expected}, but got ${describe(given)}`);
}

/** Takes so many of the last dims of values for one event, all parts of which have to be valid. */
class IndependentConstraint extends Constraint {
  constructor(
    readonly baseConstraint: Constraint,
    readonly reinterpretedBatchNdims: number,
  ) {
    super();
    checkConstraints("independent", [baseConstraint]);
    readArgument("constraints.independent", "reinterpretedBatchNdims", int, reinterpretedBatchNdims);
  }

  override get isDiscrete(): boolean {
    return this.baseConstraint.isDiscrete;
  }

  override get eventDim(): number {
    return this.baseConstraint.eventDim + this.reinterpretedBatchNdims;
  }

  override check(value: Tensor): Tensor {
    const result = this.baseConstraint.check(value);
    const kept = result.dim() - this.reinterpretedBatchNdims;
    if (kept < 0) throw new Error(`Expected value.dim() >= ${this.eventDim} but got ${value.dim()}`);
    return this.reinterpretedBatchNdims === 0 ? result : result.reshape([...result.shape.slice(0, kept), -1]).all(-1);
  }

  override toString(): string {
    return `${this.constructor.name}(${this.baseConstraint}, ${this.reinterpretedBatchNdims})`;
  }
}

class Bool extends Constraint {
  override get isDiscrete(): boolean {
    return true;
  }

  override check(value: Tensor): Tensor {
    return value.eq(0).logicalOr(value.eq(1));
  }

  override toString(): string {
    return "Boolean()";
  }
}

class OneHot extends Constraint {
  override get isDiscrete(): boolean {
    return true;
  }

  override get eventDim(): number {
    return 1;
  }

  override check(value: Tensor): Tensor {
    return value.eq(0).logicalOr(value.eq(1)).all(-1).logicalAnd(value.sum(-1).eq(1));
  }
}

const isWhole = (value: Tensor) => value.remainder(1).eq(0);

class IntegerInterval extends Constraint {
  constructor(
    readonly lowerBound: Operand,
    readonly upperBound: Operand,
  ) {
    super();
  }

  override get isDiscrete(): boolean {
    return true;
  }

  override check(value: Tensor): Tensor {
    return isWhole(value).logicalAnd(value.ge(this.lowerBound)).logicalAnd(value.le(this.upperBound));
  }

  override toString(): string {
    const [lower, upper] = [formatted(this.lowerBound, integer), formatted(this.upperBound, integer)];
    return `${this.constructor.name}(lower_bound=${lower}, upper_bound=${upper})`;
  }
}

class IntegerLessThan extends Constraint {
  constructor(readonly upperBound: Operand) {
    super();
  }

  override get isDiscrete(): boolean {
    return true;
  }

  override check(value: Tensor): Tensor {
    return isWhole(value).logicalAnd(value.le(this.upperBound));
  }

  override toString(): string {
    return `${this.constructor.name}(upper_bound=${formatted(this.upperBound, integer)})`;
  }
}

class IntegerGreaterThan extends Constraint {
  constructor(readonly lowerBound: Operand) {
    super();
  }

  override get isDiscrete(): boolean {
    return true;
  }

  override check(value: Tensor): Tensor {
    return isWhole(value).logicalAnd(value.ge(this.lowerBound));
  }

  override toString(): string {
    return `${this.constructor.name}(lower_bound=${formatted(this.lowerBound, integer)})`;
  }
}

class Real extends Constraint {
  override check(value: Tensor): Tensor {
    return value.eq(value);
  }
}

abstract class LowerBound extends Constraint {
  constructor(readonly lowerBound: Operand) {
    super();
  }

  override toString(): string {
    return `${this.constructor.name}(lower_bound=${formatted(this.lowerBound)})`;
  }
}

class GreaterThan extends LowerBound {
  override check(value: Tensor): Tensor {
    return value.gt(this.lowerBound);
  }
}

class GreaterThanEq extends LowerBound {
  override check(value: Tensor): Tensor {
    return value.ge(this.lowerBound);
  }
}

class LessThan extends Constraint {
  constructor(readonly upperBound: Operand) {
    super();
  }

  override check(value: Tensor): Tensor {
    return value.lt(this.upperBound);
  }

  override toString(): string {
    return `${this.constructor.name}(upper_bound=${formatted(this.upperBound)})`;
  }
}

abstract class Bounds extends Constraint {
  constructor(
    readonly lowerBound: Operand,
    readonly upperBound: Operand,
  ) {
    super();
  }

  override toString(): string {
    const [lower, upper] = [formatted(this.lowerBound), formatted(this.upperBound)];
    return `${this.constructor.name}(lower_bound=${lower}, upper_bound=${upper})`;
  }
}

class Interval extends Bounds {
  override check(value: Tensor): Tensor {
    return value.ge(this.lowerBound).logicalAnd(value.le(this.upperBound));
  }
}

class HalfOpenInterval extends Bounds {
  override check(value: Tensor): Tensor {
    return value.ge(this.lowerBound).logicalAnd(value.lt(this.upperBound));
  }
}

class Simplex extends Constraint {
  override get eventDim(): number {
    return 1;
  }

  override check(value: Tensor): Tensor {
    return value.ge(0).all(-1).logicalAnd(value.sum(-1).sub(1).abs().lt(1e-6));
  }
}

class MultinomialConstraint extends Constraint {
  constructor(readonly upperBound: Operand) {
    super();
  }

  override get isDiscrete(): boolean {
    return true;
  }

  override get eventDim(): number {
    return 1;
  }

  override check(value: Tensor): Tensor {
    return value.ge(0).all(-1).logicalAnd(value.sum(-1).le(this.upperBound));
  }
}

/** Whether all elements of the last two dims are true. */
const everywhere = (matrix: Tensor) => matrix.all(-1).all(-1);

class LowerTriangular extends Constraint {
  override get eventDim(): number {
    return 2;
  }

  override check(value: Tensor): Tensor {
    return everywhere(value.tril().eq(value));
  }
}

class LowerCholesky extends LowerTriangular {
  override check(value: Tensor): Tensor {
    return super.check(value).logicalAnd(value.diagonal(0, -2, -1).gt(0).all(-1));
  }
}

class CorrCholesky extends LowerCholesky {
  override check(value: Tensor): Tensor {
    const tolerance = finfo(value.dtype).eps * (value.shape.at(-1) as number) * 10;
    const lengths = norm(value.detach(), undefined, -1);
    return super.check(value).logicalAnd(lengths.sub(1).abs().le(tolerance).all(-1));
  }
}

class Square extends Constraint {
  override get eventDim(): number {
    return 2;
  }

  override check(value: Tensor): Tensor {
    const { shape } = value;
    return full(shape.slice(0, -2), shape.at(-2) === shape.at(-1), { dtype: bool, device: value.device });
  }
}

/** Whether there are square matrices, all of them symmetric. */
class Symmetric extends Square {
  override check(value: Tensor): Tensor {
    if (value.shape.at(-2) !== value.shape.at(-1)) return super.check(value);
    return everywhere(isclose(value, value.mT, { atol: 1e-6 }));
  }
}

class PositiveSemidefinite extends Symmetric {
  override check(value: Tensor): Tensor {
    const isSymmetric = super.check(value);
    return holdsEverywhere(isSymmetric) ? eigvalsh(value).ge(0).all(-1) : isSymmetric;
  }
}

class PositiveDefinite extends Symmetric {
  override check(value: Tensor): Tensor {
    const isSymmetric = super.check(value);
    return holdsEverywhere(isSymmetric) ? choleskyEx(value).info.eq(0) : isSymmetric;
  }
}

class CatConstraint extends Constraint {
  readonly lengths: readonly number[];

  constructor(
    readonly cseq: readonly Constraint[],
    readonly dim = 0,
    lengths?: readonly number[],
  ) {
    super();
    checkConstraints("cat", cseq);
    this.lengths = lengths ?? cseq.map(() => 1);
    if (this.lengths.length !== cseq.length) throw new Error("cat: there has to be a length for each constraint");
  }

  override get isDiscrete(): boolean {
    return this.cseq.some(({ isDiscrete }) => isDiscrete);
  }

  override get eventDim(): number {
    return Math.max(...this.cseq.map(({ eventDim }) => eventDim));
  }

  override check(value: Tensor): Tensor {
    let start = 0;
    const checks = this.cseq.map((constraint, i) => {
      const length = this.lengths[i] as number;
      start += length;
      return constraint.check(value.narrow(this.dim, start - length, length));
    });
    return joined(checks, this.dim);
  }
}

class StackConstraint extends Constraint {
  constructor(
    readonly cseq: readonly Constraint[],
    readonly dim = 0,
  ) {
    super();
    checkConstraints("stack", cseq);
  }

  override get isDiscrete(): boolean {
    return this.cseq.some(({ isDiscrete }) => isDiscrete);
  }

  override get eventDim(): number {
    const inner = Math.max(...this.cseq.map(({ eventDim }) => eventDim));
    return this.dim + inner < 0 ? inner + 1 : inner;
  }

  override check(value: Tensor): Tensor {
    const checks = this.cseq.map((constraint, i) => constraint.check(value.select(this.dim, i)));
    return stacked(checks, this.dim);
  }
}

readArguments(
  { check: { value: tensor } },
  ...[Dependent, IndependentConstraint, Bool, OneHot, IntegerInterval, IntegerLessThan, IntegerGreaterThan, Real],
  ...[GreaterThan, GreaterThanEq, LessThan, Interval, HalfOpenInterval, Simplex, MultinomialConstraint],
  ...[LowerTriangular, LowerCholesky, CorrCholesky, Square, Symmetric, PositiveSemidefinite, PositiveDefinite],
  ...[CatConstraint, StackConstraint],
);

/** Values of which nothing is known without others; `dependent({ isDiscrete, eventDim })` tells what is known. */
export const dependent: Constraint & ((known: DependentOptions) => Constraint) = callable(
  new Dependent(),
  (known: DependentOptions) => new Dependent(known) as Constraint,
);
/** Events that are so many of the last dims, valid where all their parts are. */
export const independent: ConstraintMaker<
  [baseConstraint: Constraint, reinterpretedBatchNdims: number],
  IndependentConstraint
> = maker(IndependentConstraint);
/** 0 and 1. */
export const boolean: Constraint = new Bool();
/** Vectors with a single 1 among zeros. */
export const oneHot: Constraint = new OneHot();
/** Whole numbers from a lower to an upper bound, both included. */
export const integerInterval: ConstraintMaker<[lowerBound: Operand, upperBound: Operand], IntegerInterval> =
  maker(IntegerInterval);
/** Whole numbers from 0 on. */
export const nonnegativeInteger: Constraint = new IntegerGreaterThan(0);
/** Whole numbers from 1 on. */
export const positiveInteger: Constraint = new IntegerGreaterThan(1);
/** All numbers but NaN. */
export const real: Constraint = new Real();
/** Vectors of numbers. */
export const realVector: Constraint = new IndependentConstraint(real, 1);
/** Numbers above 0. */
export const positive: Constraint = new GreaterThan(0);
/** Numbers from 0 on. */
export const nonnegative: Constraint = new GreaterThanEq(0);
/** Numbers above a bound. */
export const greaterThan: ConstraintMaker<[lowerBound: Operand], GreaterThan> = maker(GreaterThan);
/** Numbers from a bound on. */
export const greaterThanEq: ConstraintMaker<[lowerBound: Operand], GreaterThanEq> = maker(GreaterThanEq);
/** Numbers below a bound. */
export const lessThan: ConstraintMaker<[upperBound: Operand], LessThan> = maker(LessThan);
/** Whole numbers up to a bound. */
export const integerLessThan: ConstraintMaker<[upperBound: Operand], IntegerLessThan> = maker(IntegerLessThan);
/** Counts of at most so many. */
export const multinomial: ConstraintMaker<[upperBound: Operand], MultinomialConstraint> = maker(MultinomialConstraint);
/** Numbers from 0 to 1. */
export const unitInterval: Constraint = new Interval(0, 1);
/** Numbers from a lower to an upper bound, both included. */
export const interval: ConstraintMaker<[lowerBound: Operand, upperBound: Operand], Interval> = maker(Interval);
/** Numbers from a lower bound on, and below an upper one. */
export const halfOpenInterval: ConstraintMaker<[lowerBound: Operand, upperBound: Operand], HalfOpenInterval> =
  maker(HalfOpenInterval);
/** Vectors of shares, whose sum is 1. */
export const simplex: Constraint = new Simplex();
/** Lower triangular matrices. */
export const lowerTriangular: Constraint = new LowerTriangular();
/** Lower triangular matrices with a positive diagonal. */
export const lowerCholesky: Constraint = new LowerCholesky();
/** The same with rows of length 1: factors of correlations. */
export const corrCholesky: Constraint = new CorrCholesky();
/** Square matrices. */
export const square: Constraint = new Square();
/** Symmetric matrices. */
export const symmetric: Constraint = new Symmetric();
/** Symmetric matrices without negative eigenvalues. */
export const positiveSemidefinite: Constraint = new PositiveSemidefinite();
/** Symmetric matrices with positive eigenvalues. */
export const positiveDefinite: Constraint = new PositiveDefinite();
/** Constraints for so many places each along a dim. */
export const cat: ConstraintMaker<
  [cseq: readonly Constraint[], dim?: number, lengths?: readonly number[]],
  CatConstraint
> = maker(CatConstraint);
/** A constraint for each place of a dim. */
export const stack: ConstraintMaker<[cseq: readonly Constraint[], dim?: number], StackConstraint> =
  maker(StackConstraint);
