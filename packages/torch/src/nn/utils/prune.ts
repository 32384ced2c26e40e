/**
 * Pruning: numbers of a parameter that stay 0, by a mask with which it is multiplied before each call.
 *
 * The parameter that is trained becomes `weight_orig`, and the mask the buffer `weight_mask`.
 *
 * Source: https://pytorch.org/docs/stable/nn.html#utilities
 */

import type { Flat } from "../../arguments/args.js";
import {
  anything,
  callable,
  int,
  iterable,
  keyword,
  nullable,
  number,
  optional,
  type Param,
  type Params,
  tensor,
  text,
  type ValuesOf,
} from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { withoutRecording } from "../../autograd/modes.js";
import { sameShape, wrapDim } from "../../core/shape.js";
import type { Tensor } from "../../core/tensor.js";
import { onesLike, zerosLike } from "../../ops/creation/filled.js";
import { rand, randLike } from "../../ops/random/randomTensors.js";
import { cat } from "../../ops/shape/joining.js";
import type { Args } from "../../ops/types.js";
import type { Module } from "../module.js";
import type { Parameter } from "../parameter.js";
import { findTensor, Recomputed, recomputedOf, setTensor, takeOut, tensorOf } from "./members.js";

/** What a method prunes: single numbers, whole slices along its `dim`, or what it finds itself. */
export type PruningType = "unstructured" | "structured" | "global";

/**
 * A way to choose what is pruned. Subclasses say in `computeMask` what stays.
 *
 * @example
 * class EveryOther extends nn.utils.prune.BasePruningMethod {
 *   pruningType = "unstructured" as const;
 *   computeMask(t: Tensor, defaultMask: Tensor) {
 *     const mask = defaultMask.clone();
 *     mask.view(-1).at("::2").fill_(0);
 *     return mask;
 *   }
 * }
 * EveryOther.apply(layer, "weight");
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.BasePruningMethod.html
 */
export abstract class BasePruningMethod extends Recomputed {
  abstract readonly pruningType: PruningType;
  /** Along which dim slices are pruned, for structured pruning. */
  readonly dim?: number;

  /**
   * A mask of ones for what stays.
   *
   * @param t how important each number is.
   * @param defaultMask the mask of earlier pruning.
   */
  abstract computeMask(t: Tensor, defaultMask: Tensor): Tensor;

  /** The parameter with its mask. */
  override compute(module: Module): Tensor {
    const mask = tensorOf(module, `${this.name}_mask`) as Tensor;
    const original = tensorOf(module, `${this.name}_orig`) as Tensor;
    return original.mul(mask.to(original.dtype));
  }

  /** A tensor with what is pruned set to 0. */
  prune(t: Tensor, defaultMask: Tensor = onesLike(t), importanceScores: Tensor = t): Tensor {
    checkScores(importanceScores, t);
    return t.mul(this.computeMask(importanceScores, defaultMask));
  }

  /** Prunes a parameter of a module; further pruning adds to what was pruned before. */
  static override apply<A extends unknown[]>(
    this: new (
      ...args: A
    ) => BasePruningMethod,
    module: Module,
    name: string,
    ...args: A
  ): BasePruningMethod {
    return attach(new this(...args), module, name);
  }
}

function checkScores(scores: Tensor, t: Tensor): void {
  if (!sameShape(scores.sizes, t.sizes)) throw new Error("importance_scores should have the same shape as tensor t");
}

function methodOf(module: Module, name: string): BasePruningMethod | undefined {
  return recomputedOf(module).find(
    (one): one is BasePruningMethod => one instanceof BasePruningMethod && one.name === name,
  );
}

/** Prunes a parameter; nothing is changed if no mask can be found. */
function attach(method: BasePruningMethod, module: Module, name: string, scores?: Tensor | null): BasePruningMethod {
  const before = methodOf(module, name);
  const current = tensorOf(module, name);
  const found = findTensor(module, name);
  if (!current || (before === undefined && found?.kind !== "parameter"))
    throw new Error(`${module.constructor.name} has no parameter '${name}'`);
  const importance = (scores ?? current).detach();
  checkScores(importance, current);
  const key = before?.name ?? (found?.key as string);
  method.name = key;
  const used = before === undefined ? method : containing(before, method);
  const mask = withoutRecording(() => {
    const base = before === undefined ? onesLike(current) : (tensorOf(module, `${key}_mask`) as Tensor).clone();
    return used.computeMask(importance, base).detach();
  });
  if (before === undefined) {
    takeOut(module, key);
    module.registerParameter(`${key}_orig`, current as Parameter);
    module.registerBuffer(`${key}_mask`, mask);
  } else {
    before.detach(module);
    setTensor(module, `${key}_mask`, mask);
  }
  used.attach(module);
  return used;
}

/** Several methods, one after the other, each of which sees what those before it left. */
export class PruningContainer extends BasePruningMethod {
  override readonly pruningType = "global";
  readonly #methods: BasePruningMethod[] = [];

  constructor(...methods: BasePruningMethod[]) {
    super(methods[0]?.name);
    for (const method of methods) this.addPruningMethod(method);
  }

  /** @throws Error if the method prunes another parameter. */
  addPruningMethod(method: BasePruningMethod): void {
    if (this.#methods.length > 0 && method.name !== this.name) {
      throw new Error(
        `Can only add pruning methods acting on the parameter named '${this.name}' to PruningContainer. Found '${method.name}'`,
      );
    }
    this.name = method.name;
    this.#methods.push(method);
  }

  get length(): number {
    return this.#methods.length;
  }

  [Symbol.iterator](): Iterator<BasePruningMethod> {
    return this.#methods.values();
  }

  at(index: number): BasePruningMethod | undefined {
    return this.#methods.at(index);
  }

  override computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const method = this.#methods.at(-1) as BasePruningMethod;
    const mask = defaultMask.to(t.dtype);
    if (method.pruningType === "global") return method.computeMask(t, defaultMask);
    if (method.pruningType === "unstructured") {
      const places = defaultMask.reshape(-1).eq(1).nonzero().squeeze(1);
      const chosen = (x: Tensor) => x.reshape(-1).indexSelect(0, places);
      const part = method.computeMask(chosen(t), chosen(defaultMask));
      return mask.reshape(-1).indexCopy(0, places, part.to(t.dtype)).view(t.sizes);
    }
    const dim = wrapDim(method.dim as number, t.sizes.length);
    const others = t.sizes.map((_, d) => d).filter((d) => d !== dim);
    const places = defaultMask.sum(others).ne(0).nonzero().squeeze(1);
    const part = method.computeMask(t.indexSelect(dim, places), defaultMask.indexSelect(dim, places));
    return mask.indexCopy(dim, places, part.to(t.dtype));
  }
}

function containing(before: BasePruningMethod, method: BasePruningMethod): PruningContainer {
  const container = before instanceof PruningContainer ? before : new PruningContainer(before);
  container.addPruningMethod(method);
  return container;
}

/** Throws unless an amount is a share from 0 to 1, or how many. */
function checkAmount(amount: unknown): asserts amount is number {
  if (typeof amount !== "number")
    throw new TypeError(`Invalid type for amount: ${String(amount)}. Must be int or float.`);
  if (!(amount >= 0 && (amount <= 1 || Number.isInteger(amount)))) {
    throw new RangeError(`amount=${amount} should either be a float in the range [0, 1] or a non-negative integer`);
  }
}

/** How many of a size an amount is: a whole number itself, otherwise a share, rounded to the nearest and then even one. */
function countOf(amount: number, size: number): number {
  if (Number.isInteger(amount)) {
    if (amount > size)
      throw new RangeError(`amount=${amount} should be smaller than the number of parameters to prune=${size}`);
    return amount;
  }
  const exact = amount * size;
  const down = Math.floor(exact);
  if (exact - down !== 0.5) return Math.round(exact);
  return down % 2 === 0 ? down : down + 1;
}

/** Prunes nothing, but lets masks be given. */
export class Identity extends BasePruningMethod {
  override readonly pruningType = "unstructured";

  override computeMask(_t: Tensor, defaultMask: Tensor): Tensor {
    return defaultMask;
  }
}

/** Numbers that are pruned by a score: those at the ends of an order of it. */
abstract class Unstructured extends BasePruningMethod {
  override readonly pruningType = "unstructured";

  constructor(readonly amount: number) {
    super();
    checkAmount(amount);
  }

  /** Places of so many numbers. */
  protected abstract places(t: Tensor, count: number): Tensor;

  override computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const count = countOf(this.amount, t.numel());
    const mask = defaultMask.clone({ memoryFormat: "contiguous" });
    if (count > 0) mask.view(-1).indexFill_(0, this.places(t, count), 0);
    return mask;
  }
}

/** Prunes numbers at random. */
export class RandomUnstructured extends Unstructured {
  protected override places(t: Tensor, count: number): Tensor {
    return randLike(t).view(-1).topk(count).indices;
  }
}

/** Prunes the numbers of the least magnitude. */
export class L1Unstructured extends Unstructured {
  protected override places(t: Tensor, count: number): Tensor {
    return t.abs().reshape(-1).topk(count, -1, { largest: false }).indices;
  }
}

/** Whole slices along a dim. */
abstract class Structured extends BasePruningMethod {
  override readonly pruningType = "structured";

  constructor(
    readonly amount: number,
    override readonly dim: number,
  ) {
    super();
    checkAmount(amount);
  }

  /** Places of the slices that stay, or a mask of them. */
  protected abstract kept(t: Tensor, size: number, count: number): Tensor;

  override computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    if (t.sizes.length < 2) {
      throw new Error(
        `Structured pruning can only be applied to multidimensional tensors. Found tensor of shape torch.Size([${t.sizes}]) with ${t.sizes.length} dims`,
      );
    }
    const dim = wrapDim(this.dim, t.sizes.length);
    const size = t.sizes[dim] as number;
    const count = countOf(this.amount, size);
    if (count === 0) return defaultMask;
    return zerosLike(t)
      .indexFill(dim, this.kept(t, size, count), 1)
      .mul(defaultMask.to(t.dtype));
  }
}

/** Prunes slices at random. */
export class RandomStructured extends Structured {
  constructor(amount: number, dim = -1) {
    super(amount, dim);
  }

  protected override kept(_t: Tensor, size: number, count: number): Tensor {
    const chances = rand([size]);
    return chances.gt(chances.kthvalue(count).values).nonzero().squeeze(1);
  }
}

/** Prunes the slices of the least n-norm. */
export class LnStructured extends Structured {
  constructor(
    amount: number,
    readonly n: number,
    dim = -1,
  ) {
    super(amount, dim);
  }

  protected override kept(t: Tensor, size: number, count: number): Tensor {
    const dim = wrapDim(this.dim, t.sizes.length);
    const others = t.sizes.map((_, d) => d).filter((d) => d !== dim);
    return t.norm(this.n, others).topk(size - count).indices;
  }
}

/** Prunes what a given mask says. */
export class CustomFromMask extends BasePruningMethod {
  override readonly pruningType = "global";

  constructor(readonly mask: Tensor) {
    super();
  }

  override computeMask(_t: Tensor, defaultMask: Tensor): Tensor {
    checkScores(this.mask, defaultMask);
    return defaultMask.mul(this.mask.to(defaultMask.dtype));
  }
}

/**
 * The required arguments behind the module and the name: in their places, or from any of them on by name.
 *
 * `P` lists their types, `N` their names, `O` what may follow.
 */
type Needed<P extends readonly unknown[], N extends readonly string[], O = unknown> =
  | (unknown extends O ? P : [...P, options: O])
  | (P extends readonly [...infer Before, infer Last]
      ? N extends readonly [...infer Names extends string[], infer Name extends string]
        ? Needed<Before, Names, Flat<O & Record<Name, Last>>>
        : never
      : never);

const target = { module: anything as Param<Module>, name: text };
const amountParam = { amount: anything as Param<number> };
const scoresParam = { importanceScores: optional(nullable(tensor), null) };
type Scores = { importanceScores?: Tensor | null };

/** Reads the arguments of a function that prunes; `needed` has to be given, but may be given by name. */
function reader<P extends Params, O extends Params>(
  functionName: string,
  needed: P,
  others: O,
): (args: readonly unknown[]) => ValuesOf<typeof target & P & O> {
  const open = Object.fromEntries(Object.entries(needed).map(([name, param]) => [name, optional(param)]));
  const signature = new Signature(functionName, { ...target, ...open, ...others });
  return (args) => {
    const values = signature.parse(args) as ValuesOf<typeof target & P & O>;
    const missing = Object.keys(needed).find((name) => values[name] === undefined);
    if (missing === undefined) return values;
    throw new TypeError(`${functionName}() missing 1 required argument: '${missing}'`);
  };
}

const readIdentity = reader("identity", {}, {});
const readRandomUnstructured = reader("randomUnstructured", amountParam, {});
const readL1Unstructured = reader("l1Unstructured", amountParam, scoresParam);
const readRandomStructured = reader("randomStructured", { ...amountParam, dim: int }, {});
const readLnStructured = reader("lnStructured", { ...amountParam, n: number, dim: int }, scoresParam);
const readCustomFromMask = reader("customFromMask", { mask: tensor }, {});
const readRemove = reader("remove", {}, {});

/** Begins to prune a parameter without pruning anything yet. */
export function identity<M extends Module>(...args: [module: M, name: string]): M {
  const { module, name } = readIdentity(args);
  attach(new Identity(), module, name);
  return module as M;
}

/**
 * Prunes numbers of a parameter at random.
 *
 * @param amount how many; or, with a fraction, what share.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.random_unstructured.html
 */
export function randomUnstructured<M extends Module>(
  ...args: [module: M, name: string, ...rest: Needed<[amount: number], ["amount"]>]
): M {
  const { module, name, amount } = readRandomUnstructured(args);
  attach(new RandomUnstructured(amount), module, name);
  return module as M;
}

/**
 * Prunes the numbers of a parameter that have the least magnitude, or the least scores where those are given.
 *
 * @param amount how many; or, with a fraction, what share.
 * @example nn.utils.prune.l1Unstructured(layer, "weight", 0.3);
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.l1_unstructured.html
 */
export function l1Unstructured<M extends Module>(
  ...args: [
    module: M,
    name: string,
    ...rest: [amount: number, importanceScores?: Tensor | null] | Needed<[amount: number], ["amount"], Scores>,
  ]
): M {
  const { module, name, amount, importanceScores } = readL1Unstructured(args);
  attach(new L1Unstructured(amount), module, name, importanceScores);
  return module as M;
}

/**
 * Prunes slices of a parameter along a dim at random.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.random_structured.html
 */
export function randomStructured<M extends Module>(
  ...args: [module: M, name: string, ...rest: Needed<[amount: number, dim: number], ["amount", "dim"]>]
): M {
  const { module, name, amount, dim } = readRandomStructured(args);
  attach(new RandomStructured(amount, dim), module, name);
  return module as M;
}

/**
 * Prunes the slices of a parameter along a dim that have the least n-norm.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.ln_structured.html
 */
export function lnStructured<M extends Module>(
  ...args: [
    module: M,
    name: string,
    ...rest:
      | [amount: number, n: number, dim: number, importanceScores?: Tensor | null]
      | Needed<[amount: number, n: number, dim: number], ["amount", "n", "dim"], Scores>,
  ]
): M {
  const { module, name, amount, n, dim, importanceScores } = readLnStructured(args);
  attach(new LnStructured(amount, n, dim), module, name, importanceScores);
  return module as M;
}

/** A parameter of a module. */
type Place = readonly [module: Module, name: string];
/** Scores of parameters. */
type PlaceScores = Iterable<readonly [Place, Tensor]>;

const globalSignature = new Signature("globalUnstructured", {
  parameters: iterable as Param<Iterable<Place>>,
  pruningMethod: callable as Param<unknown> as Param<new (amount: number) => BasePruningMethod>,
  importanceScores: optional(nullable(iterable as Param<PlaceScores>), null),
  amount: keyword(optional(anything as Param<number>)),
});

/**
 * Prunes several parameters together, so that the least important numbers of all of them go.
 *
 * @param parameters modules, each with the name of one of its parameters.
 * @param pruningMethod an unstructured method.
 * @param importanceScores pairs of a parameter and its scores, in the place of the parameters themselves.
 * @param options.amount what it is made with.
 * @example
 * nn.utils.prune.globalUnstructured([[conv, "weight"], [head, "weight"]], nn.utils.prune.L1Unstructured, { amount: 0.2 });
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.global_unstructured.html
 */
export function globalUnstructured(
  ...args: [
    parameters: Iterable<Place>,
    pruningMethod: new (amount: number) => BasePruningMethod,
    ...rest: Args<[importanceScores?: PlaceScores | null], ["importanceScores"], { amount?: number }>,
  ]
): void {
  const { parameters, pruningMethod, importanceScores, amount } = globalSignature.parse(args);
  const places = [...parameters];
  const given = [...(importanceScores ?? [])];
  const scoresOf = ([module, name]: Place) => {
    const own = tensorOf(module, name) as Tensor;
    const scores = given.find(([[of, key]]) => of === module && key === name)?.[1] ?? own;
    checkScores(scores, own);
    return scores.detach().reshape(-1);
  };
  const maskOf = ([module, name]: Place) =>
    (tensorOf(module, `${name}_mask`) ?? onesLike((tensorOf(module, name) as Tensor).detach())).reshape(-1);
  const method = new pruningMethod(amount as number);
  if (method.pruningType !== "unstructured") {
    throw new TypeError(
      `Only "unstructured" PRUNING_TYPE supported for the \`pruning_method\`. Found method ${pruningMethod.name} of type ${method.pruningType}`,
    );
  }
  const mask = withoutRecording(() =>
    new PruningContainer(method).computeMask(cat(places.map(scoresOf)), cat(places.map(maskOf))),
  );
  let at = 0;
  for (const [module, name] of places) {
    const { sizes } = tensorOf(module, name) as Tensor;
    const count = sizes.reduce((a, b) => a * b, 1);
    customFromMask(module, name, mask.narrow(0, at, count).view(sizes));
    at += count;
  }
}

/**
 * Prunes what a mask of zeros and ones says.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.custom_from_mask.html
 */
export function customFromMask<M extends Module>(
  ...args: [module: M, name: string, ...rest: Needed<[mask: Tensor], ["mask"]>]
): M {
  const { module, name, mask } = readCustomFromMask(args);
  attach(new CustomFromMask(mask), module, name);
  return module as M;
}

/**
 * Makes pruning permanent: the parameter is one again, with zeros where it was pruned.
 *
 * @throws Error if it is not pruned.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.prune.remove.html
 */
export function remove<M extends Module>(...args: [module: M, name: string]): M {
  const { module, name } = readRemove(args);
  const method = methodOf(module, name);
  if (method === undefined)
    throw new Error(`Parameter '${name}' of module ${module} has to be pruned before pruning can be removed`);
  const pruned = withoutRecording(() => method.compute(module));
  const original = tensorOf(module, `${name}_orig`) as Parameter;
  method.detach(module);
  for (const part of ["", "_orig", "_mask"]) takeOut(module, name + part);
  original.data = pruned;
  module.registerParameter(name, original);
  return module as M;
}

/** Whether a parameter of a module, or of one below it, is pruned. */
export function isPruned(module: Module): boolean {
  return [...module.modules()].some((part) => recomputedOf(part).some((one) => one instanceof BasePruningMethod));
}
