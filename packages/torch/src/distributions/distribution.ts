/** What a distribution is: shapes, checks of parameters and values, expansion, the printed form. */

import { anything, flagOn, ints, keyword, type Operand, openFlag, optional } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import { warn } from "../arguments/warn.js";
import { noGrad } from "../autograd/modes.js";
import { toSnakeCase } from "../core/names.js";
import { type Shape, sameShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { py } from "../nn/repr.js";
import type { Args } from "../ops/types.js";
import { type Constraint, isDependent } from "./constraints.js";
import { broadcastAll, formatted, holdsEverywhere, isBroadcastable, setOwn, sizeText } from "./utils.js";

/** Constraints by the names of parameters. */
export type Constraints<K extends string = string> = { readonly [name in K]: Constraint };

/** The option that every distribution has. */
export interface Validated {
  /** Whether parameters and values are checked; `setDefaultValidateArgs` tells what holds where it is not given. */
  validateArgs?: boolean;
}

/** What subclasses may pass on. */
export interface DistributionOptions extends Validated {
  /** Parameters, which become properties, and are checked; and what else is to be there before they are. */
  parameters?: Readonly<Record<string, unknown>>;
}

/** The arguments of `sample`. */
export type SampleArguments = Args<[sampleShape?: readonly number[]], ["sampleShape"]>;

/** The last parameter of every distribution. */
export const validated = { validateArgs: openFlag };
/** The last ones of those that others are made of. */
export const passedOn = { ...validated, parameters: keyword(optional(anything)) };

/** What was read for a distribution of single numbers. */
interface ReadParameters {
  readonly validateArgs: boolean | undefined;
  readonly [name: string]: unknown;
}

/** What a distribution of single numbers passes on: the shape of the batch, and parameters that are tensors of that shape. */
export function broadcastParameters({ validateArgs, ...given }: ReadParameters): [Shape, DistributionOptions] {
  const tensors = broadcastAll(...(Object.values(given) as Operand[]));
  const parameters = Object.fromEntries(Object.keys(given).map((name, i) => [name, tensors[i]]));
  return [(tensors[0] as Tensor).shape, { validateArgs, parameters }];
}

const signature = new Signature("Distribution", {
  batchShape: optional(ints, []),
  eventShape: optional(ints, []),
  ...passedOn,
});
const sampleSignature = new Signature("sample", { sampleShape: optional(ints, []) });
const sampleNSignature = new Signature("sampleN", { n: { ...ints, expected: "int", read: (n) => ints.read([n]) } });
const expandSignature = new Signature("expand", { batchShape: ints });
const enumerateSignature = new Signature("enumerateSupport", { expand: flagOn });

/** The shape that was asked of `sample` or `rsample`. */
export function sampleShapeOf(args: SampleArguments): Shape {
  return sampleSignature.parse(args).sampleShape;
}

/** The shape that was asked of `expand`. */
export function batchShapeOf(args: [batchShape: readonly number[]]): Shape {
  return expandSignature.parse(args).batchShape;
}

/** Whether `enumerateSupport` is to give the whole shape. */
export function isExpanded(args: EnumerateArguments): boolean {
  return enumerateSignature.parse(args).expand;
}

export type EnumerateArguments = [options?: { expand?: boolean }];

let validatesByDefault = true;

/**
 * A probability distribution, or a batch of them: `batchShape` is the shape of the batch, and `eventShape` that of one
 * value. Samples have the shape that was asked for, then `batchShape`, then `eventShape`.
 *
 * Subclasses give parameters to the constructor of this class, which makes them properties and checks them:
 * `super(batchShape, eventShape, { validateArgs, parameters: { loc, scale } })`. What they need to be expanded is known by
 * `argConstraints`.
 */
export abstract class Distribution {
  /** What the parameters have to satisfy. */
  static readonly argConstraints: Constraints | undefined = undefined;
  /** Which values there are. */
  static readonly support: Constraint | undefined = undefined;
  /** Whether samples move with the parameters: whether there is `rsample`. */
  static readonly hasRsample: boolean = false;
  /** Whether there is `enumerateSupport`. */
  static readonly hasEnumerateSupport: boolean = false;

  /** The shape of the batch. */
  readonly batchShape: Shape;
  /** The shape of one value. */
  readonly eventShape: Shape;
  /** Whether arguments are checked. */
  readonly _validateArgs: boolean;

  constructor(
    ...args: Args<
      [batchShape?: readonly number[], eventShape?: readonly number[]],
      ["batchShape", "eventShape"],
      DistributionOptions
    >
  ) {
    const { batchShape, eventShape, validateArgs, parameters } = signature.parse(args);
    this.batchShape = batchShape;
    this.eventShape = eventShape;
    this._validateArgs = validateArgs ?? validatesByDefault;
    for (const [name, value] of Object.entries((parameters ?? {}) as object)) {
      setOwn(this as Record<string, unknown>, name, value);
    }
    if (this._validateArgs) checkParameters(this);
  }

  /** Sets whether the arguments of distributions are checked where `validateArgs` does not tell. They are at first. */
  static setDefaultValidateArgs(value: boolean): void {
    if (typeof value !== "boolean") throw new TypeError("setDefaultValidateArgs(): argument 'value' must be bool");
    validatesByDefault = value;
  }

  /** What the parameters have to satisfy. */
  get argConstraints(): Constraints {
    return (this.constructor as typeof Distribution).argConstraints ?? {};
  }

  /** Which values there are. */
  get support(): Constraint {
    return (this.constructor as typeof Distribution).support ?? lacks(this, "support");
  }

  /** Whether there is `rsample`. */
  get hasRsample(): boolean {
    return (this.constructor as typeof Distribution).hasRsample;
  }

  /** Whether there is `enumerateSupport`. */
  get hasEnumerateSupport(): boolean {
    return (this.constructor as typeof Distribution).hasEnumerateSupport;
  }

  /** Throws for a value of the wrong shape, or outside of the support, if arguments are checked. */
  _validateSample(value: Tensor): void {
    if (!(value instanceof Tensor)) throw new TypeError("The value argument to log_prob must be a Tensor");
    if (!this._validateArgs) return;
    const { shape } = value;
    const { batchShape, eventShape } = this;
    const event = shape.slice(Math.max(shape.length - eventShape.length, 0));
    if (!sameShape(event, eventShape)) {
      const sizes = `${sizeText(shape)} vs ${sizeText(eventShape)}`;
      throw new Error(`The right-most size of value must match event_shape: ${sizes}.`);
    }
    const expected = [...batchShape, ...eventShape];
    if (!isBroadcastable(shape, expected)) {
      const sizes = `${sizeText(shape)} vs ${sizeText(expected)}`;
      throw new Error(`Value is not broadcastable with batch_shape+event_shape: ${sizes}.`);
    }
    if (holdsEverywhere(this.support.check(value))) return;
    throw new Error(
      `Expected value argument (${described(value)}) to be within the support (${this.support}) of the distribution ` +
        `${this}, but found invalid values:\n${formatted(value)}`,
    );
  }

  /** The same distribution with a larger batch; the parameters are expanded, and share their memory. */
  expand(...args: [batchShape: readonly number[]]): this {
    const batchShape = batchShapeOf(args);
    const expanded = Object.create(Object.getPrototypeOf(this), Object.getOwnPropertyDescriptors(this));
    setOwn(expanded, "batchShape", batchShape);
    for (const [name, { eventDim }] of ownParameters(this)) {
      const value = (this as Record<string, unknown>)[name] as Tensor;
      const event = eventDim === 0 ? [] : value.shape.slice(-eventDim);
      setOwn(expanded, name, value.expand([...batchShape, ...event]));
    }
    return expanded;
  }

  /** The mean. */
  get mean(): Tensor {
    return lacks(this, "mean");
  }

  /** The value of the highest density or probability. */
  get mode(): Tensor {
    return lacks(this, "mode");
  }

  /** The variance. */
  get variance(): Tensor {
    return lacks(this, "variance");
  }

  /** The standard deviation. */
  get stddev(): Tensor {
    return this.variance.sqrt();
  }

  /** Values, `[…sampleShape, …batchShape, …eventShape]`, through which no gradient flows. */
  sample(...args: SampleArguments): Tensor {
    return noGrad(() => this.rsample(...args));
  }

  /** Values through which gradients flow into the parameters. */
  rsample(..._args: SampleArguments): Tensor {
    return lacks(this, "rsample");
  }

  /** `sample([n])`. */
  sampleN(n: number): Tensor {
    warn("sample_n will be deprecated. Use .sample([n]) instead");
    return this.sample(sampleNSignature.parse([n]).n);
  }

  /** The logarithm of the density or probability of values. */
  logProb(_value: Tensor): Tensor {
    return lacks(this, "logProb");
  }

  /** The probability of a value up to the one that is given. */
  cdf(_value: Tensor): Tensor {
    return lacks(this, "cdf");
  }

  /** The value up to which there is such a probability: the inverse of `cdf`. */
  icdf(_value: Tensor): Tensor {
    return lacks(this, "icdf");
  }

  /**
   * All values of a discrete distribution along the first dim.
   *
   * @param options.expand whether they are repeated for each distribution of the batch, which they are by default.
   */
  enumerateSupport(..._args: EnumerateArguments): Tensor {
    return lacks(this, "enumerateSupport");
  }

  /** The entropy, of the shape of the batch. */
  entropy(): Tensor {
    return lacks(this, "entropy");
  }

  /** The exponential of the entropy. */
  perplexity(): Tensor {
    return this.entropy().exp();
  }

  /** The shape of samples. */
  _extendedShape(sampleShape: Shape = []): number[] {
    return [...sampleShape, ...this.batchShape, ...this.eventShape];
  }

  /** @internal What stands in the printed form: the parameters that are properties of the object. */
  get printed(): readonly string[] {
    return ownParameters(this).map(([name]) => name);
  }

  toString(): string {
    const values = this.printed.map((name) => {
      const value = (this as Record<string, unknown>)[name] as Tensor;
      return `${toSnakeCase(name)}: ${value.numel() === 1 ? formatted(value) : sizeText(value.shape)}`;
    });
    return `${this.constructor.name}(${values.join(", ")})`;
  }

  /** @internal */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** Throws for probabilities that are no tensor. */
export function checkProbabilities(value: unknown): void {
  if (!(value instanceof Tensor)) throw new TypeError("The value argument to icdf must be a Tensor");
}

/** The class and the shape of a tensor, for messages. */
export function described(value: Tensor): string {
  return `${value.constructor.name} of shape ${py([...value.shape])}`;
}

function lacks(distribution: Distribution, name: string): never {
  throw new Error(`${distribution.constructor.name} does not implement ${name}`);
}

/** The parameters that are properties of a distribution, with their constraints. */
function ownParameters(distribution: Distribution): [name: string, constraint: Constraint][] {
  return Object.entries(distribution.argConstraints).filter(([name]) => Object.hasOwn(distribution, name));
}

/** Parameters that are computed of others when they are first asked for, and valid if those are. */
const computed = new Set(["probs", "logits", "covarianceMatrix", "precisionMatrix", "scaleTril"]);

function checkParameters(distribution: Distribution): void {
  const Class = distribution.constructor as typeof Distribution;
  if (Class.argConstraints === undefined) {
    const advice = "Please set `argConstraints = {}` or initialize the distribution with `validateArgs: false`";
    warn(`${Class.name} does not define \`argConstraints\`. ${advice} to turn off validation.`);
    return;
  }
  for (const [name, constraint] of Object.entries(distribution.argConstraints)) {
    const isComputed = computed.has(name) && !Object.hasOwn(distribution, name);
    if (isDependent(constraint) || isComputed) continue;
    const value = (distribution as unknown as Record<string, Tensor | undefined>)[name];
    if (value === undefined || holdsEverywhere(constraint.check(value))) continue;
    throw new Error(
      `Expected parameter ${toSnakeCase(name)} (${described(value)}) of distribution ${distribution} to satisfy the ` +
        `constraint ${constraint}, but found invalid values:\n${formatted(value)}`,
    );
  }
}
