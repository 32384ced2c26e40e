/**
 * Which transform leads from all numbers into a region.
 *
 * `bijectTo(constraint)` gives a bijection, whose log determinant is known; `transformTo(constraint)` one that may be no
 * bijection, and is easier to optimize with.
 *
 * Source: https://pytorch.org/docs/stable/distributions.html#module-torch.distributions.constraint_registry
 */

import type { Operand } from "../arguments/params.js";
import { describe } from "../arguments/parse.js";
import { Tensor } from "../core/tensor.js";
import { callable } from "./callable.js";
import * as constraints from "./constraints.js";
import { ComposeTransform, IndependentTransform, identityTransform } from "./transforms/compose.js";
import { AffineTransform, ExpTransform, SigmoidTransform } from "./transforms/elementwise.js";
import { CorrCholeskyTransform, LowerCholeskyTransform, PositiveDefiniteTransform } from "./transforms/matrices.js";
import { CatTransform, StackTransform } from "./transforms/shapes.js";
import { SoftmaxTransform, StickBreakingTransform } from "./transforms/simplex.js";
import type { Transform } from "./transforms/transform.js";

type Constraint = constraints.Constraint;
// biome-ignore lint/suspicious/noExplicitAny: a class of any arguments, and a factory for constraints of that class
type ConstraintClass<C extends Constraint = any> = abstract new (...args: any[]) => C;
/** A constraint of a class, the class, or the function that makes such constraints. */
// biome-ignore lint/suspicious/noExplicitAny: the same
export type Registrable<C extends Constraint> = C | ConstraintClass<C> | constraints.ConstraintMaker<any[], C>;
export type TransformFactory<C extends Constraint> = (constraint: C) => Transform;

export interface ConstraintRegistry {
  /**
   * The transform into a region.
   *
   * @throws Error if none is registered for the class of the constraint.
   */
  // biome-ignore lint/style/useShorthandFunctionType: the interface merges with the class
  (constraint: Constraint): Transform;
}

/** Transforms by classes of constraints. */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: this is how a class gets a call signature
export class ConstraintRegistry {
  /** @internal */
  readonly factories!: Map<ConstraintClass, TransformFactory<never>>;

  constructor() {
    const self: this = callable(this, (constraint: Constraint) => {
      const factory = self.factories.get(constraint?.constructor as ConstraintClass);
      if (factory === undefined) {
        throw new Error(`Cannot transform ${constraint?.constructor.name ?? describe(constraint)} constraints`);
      }
      return factory(constraint as never);
    });
    // biome-ignore lint/correctness/noConstructorReturn: the instance is a function
    return Object.assign(self, { factories: new Map() });
  }

  /**
   * Registers a function that makes transforms for constraints of a class; without it, returns a function that does.
   *
   * @example transformTo.register(constraints.greaterThan, ({ lowerBound }) => new MyTransform(lowerBound))
   */
  register<C extends Constraint, F extends TransformFactory<C>>(constraint: Registrable<C>, factory: F): F;
  register<C extends Constraint>(constraint: Registrable<C>): <F extends TransformFactory<C>>(factory: F) => F;
  register<C extends Constraint>(constraint: Registrable<C>, factory?: TransformFactory<C>): unknown {
    if (factory === undefined) return (later: TransformFactory<C>) => this.register(constraint, later);
    this.factories.set(classOf(constraint), factory as TransformFactory<never>);
    return factory;
  }
}

function classOf(constraint: unknown): ConstraintClass {
  if (constraint instanceof constraints.Constraint) return constraint.constructor as ConstraintClass;
  const made = (constraint as { constraint?: unknown } | undefined)?.constraint ?? constraint;
  if (typeof made === "function" && made.prototype instanceof constraints.Constraint) return made as ConstraintClass;
  throw new TypeError(
    `Expected constraint to be either a Constraint subclass or instance, but got ${describe(constraint)}`,
  );
}

/** Bijections from all numbers into regions. */
export const bijectTo: ConstraintRegistry = new ConstraintRegistry();
/** Transforms from all numbers into regions. */
export const transformTo: ConstraintRegistry = new ConstraintRegistry();

const isNumber = (bound: Operand, value: number) => !(bound instanceof Tensor) && Number(bound) === value;

function difference(upper: Operand, lower: Operand): Operand {
  if (upper instanceof Tensor) return upper.sub(lower);
  return lower instanceof Tensor ? lower.neg().add(upper) : Number(upper) - Number(lower);
}

const above = ({ lowerBound }: { lowerBound: Operand }) =>
  new ComposeTransform([new ExpTransform(), new AffineTransform(lowerBound, 1)]);
function between({ lowerBound, upperBound }: { lowerBound: Operand; upperBound: Operand }): Transform {
  if (isNumber(lowerBound, 0) && isNumber(upperBound, 1)) return new SigmoidTransform();
  const width = difference(upperBound, lowerBound);
  return new ComposeTransform([new SigmoidTransform(), new AffineTransform(lowerBound, width)]);
}

for (const registry of [bijectTo, transformTo]) {
  registry.register(constraints.real, () => identityTransform);
  registry.register(
    constraints.independent,
    ({ baseConstraint, reinterpretedBatchNdims }) =>
      new IndependentTransform(registry(baseConstraint), reinterpretedBatchNdims),
  );
  registry.register(constraints.greaterThan, above);
  registry.register(constraints.greaterThanEq, above);
  registry.register(
    constraints.lessThan,
    ({ upperBound }) => new ComposeTransform([new ExpTransform(), new AffineTransform(upperBound, -1)]),
  );
  registry.register(constraints.interval, between);
  registry.register(constraints.halfOpenInterval, between);
  registry.register(constraints.corrCholesky, () => new CorrCholeskyTransform());
  registry.register(constraints.cat, ({ cseq, dim, lengths }) => new CatTransform(cseq.map(registry), dim, lengths));
  registry.register(constraints.stack, ({ cseq, dim }) => new StackTransform(cseq.map(registry), dim));
}
bijectTo.register(constraints.simplex, () => new StickBreakingTransform());
transformTo.register(constraints.simplex, () => new SoftmaxTransform());
transformTo.register(constraints.lowerCholesky, () => new LowerCholeskyTransform());
transformTo.register(constraints.positiveDefinite, () => new PositiveDefiniteTransform());
transformTo.register(constraints.positiveSemidefinite, () => new PositiveDefiniteTransform());
