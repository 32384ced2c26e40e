/**
 * `torch.autograd.functional`: derivatives of functions of tensors, by the graph that ordinary calls record.
 *
 * Products with a Jacobian from the right (`jvp`, `hvp`) take two passes: the gradient is linear in the gradients of the
 * outputs, and the gradient of that is the product.
 *
 * Source: https://pytorch.org/docs/stable/autograd.html#functional-higher-level-api
 */
import type { Args } from "../arguments/args.js";
import { anything, callable, flag, nullable, optional, type Param, word } from "../arguments/params.js";
import { describe, Signature } from "../arguments/parse.js";
import { grad } from "../autograd/backward.js";
import { isGradEnabled, withRecording } from "../autograd/modes.js";
import { formatShape, sameShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import { zerosLike } from "../ops/creation/filled.js";
import { stack } from "../ops/shape/joining.js";
import { blocksOf, standardBasis } from "./basis.js";
import { jacfwd, jacrev } from "./jacobians.js";

/** One tensor or several, as a function takes and returns them. */
type Several = Tensor | readonly Tensor[];

/** A tensor for each tensor, in the same form. */
type Like<T> = T extends Tensor ? Tensor : Tensor[];

/** For each tensor of `T`, what there is for each of `I`. */
type Blocks<T, I> = T extends Tensor ? Like<I> : Like<I>[];

/** A function whose arguments are the inputs. */
type Body<I, R> = (...inputs: I extends Tensor ? [Tensor] : Tensor[]) => R;

/** Options of products with Jacobians and Hessians. */
export interface ProductOptions {
  /** Record what is computed, so that it can be differentiated in turn. */
  createGraph?: boolean;
  /** Throw where a result does not depend on an input, instead of giving zeros. */
  strict?: boolean;
}

/** Options of `jacobian`. */
export interface JacobianOptions extends ProductOptions {
  /** Compute all rows in one pass, as `vmap` does. */
  vectorize?: boolean;
  /** `"forward-mode"` goes by columns, with `vectorize` alone; the better way where outputs are more than inputs. */
  strategy?: "reverse-mode" | "forward-mode";
}

/** Options of `hessian`. */
export interface HessianOptions extends ProductOptions {
  /** Compute all rows in one pass, as `vmap` does. */
  vectorize?: boolean;
  /** How the Jacobian of the gradient is computed. */
  outerJacobianStrategy?: "reverse-mode" | "forward-mode";
}

const func = callable as Param<(...inputs: Tensor[]) => unknown>;
const product = { func, inputs: anything, v: optional(nullable(anything)), createGraph: flag, strict: flag };
const strategy = optional(word("reverse-mode", "forward-mode"), "reverse-mode");
const rows = { func, inputs: anything, createGraph: flag, strict: flag, vectorize: flag };
const signatures = {
  vjp: new Signature("vjp", product),
  jvp: new Signature("jvp", product),
  vhp: new Signature("vhp", product),
  hvp: new Signature("hvp", product),
  jacobian: new Signature("jacobian", { ...rows, strategy }),
  hessian: new Signature("hessian", { ...rows, outerJacobianStrategy: strategy }),
};

/** Tensors, and whether they were given as a list. */
interface Listed {
  readonly list: readonly Tensor[];
  readonly isList: boolean;
}

function listed(value: unknown, what: string, caller: string): Listed {
  const isList = Array.isArray(value);
  const list: unknown[] = isList ? value : [value];
  const wrong = list.findIndex((item) => !(item instanceof Tensor));
  if (wrong < 0) return { list: list as Tensor[], isList };
  const which = isList ? `value at index ${wrong}` : `given ${what}`;
  throw new TypeError(
    `The ${what} given to ${caller} must be either a Tensor or a tuple of Tensors but the ${which} has type ${describe(list[wrong])}.`,
  );
}

/** A list as what it belongs to was given: one alone where that was no list. */
function inForm<T>(list: readonly T[], isList: boolean): T | T[] {
  return isList ? [...list] : (list[0] as T);
}

/**
 * Tensors of their own for the inputs, so that those that the function uses besides are not taken for them.
 *
 * @param createGraph whether derivatives are to reach the inputs.
 */
function ownInputs(inputs: readonly Tensor[], createGraph: boolean, requiresGrad = true): Tensor[] {
  return inputs.map((input) =>
    createGraph && input.requiresGrad ? input.viewAs(input) : input.detach().requiresGrad_(requiresGrad),
  );
}

/** Results as they are handed out: without a history unless one is wanted. */
function finished(results: readonly Tensor[], createGraph: boolean): Tensor[] {
  return results.map((result) => (createGraph ? result : result.detach()));
}

type Kind = "outputs" | "jacobian" | "hessian" | "gradInputs";

const independent: Readonly<Record<Kind, (i: number) => string>> = {
  outputs: (i) =>
    `Output ${i} of the user-provided function does not require gradients. The outputs must be computed in a differentiable manner from the input when running in strict mode.`,
  gradInputs: (i) =>
    `The gradient with respect to input ${i} is independent of the inputs of the user-provided function. This is not allowed in strict mode.`,
  jacobian: (i) =>
    `While computing the hessian, found that the jacobian of the user-provided function with respect to input ${i} is independent of the input. This is not allowed in strict mode. You should ensure that your function is twice differentiable and that the jacobian depends on the inputs (this would be violated by a linear function for example).`,
  hessian: (i) =>
    `The hessian of the user-provided function with respect to input ${i} is independent of the input. This is not allowed in strict mode. You should ensure that your function is thrice differentiable and that the hessian depends on the inputs.`,
};

function checkDepends(tensors: readonly (Tensor | null)[], kind: Kind, strict: boolean): void {
  if (!strict) return;
  tensors.forEach((tensor, i) => {
    if (tensor === null) {
      throw new Error(
        `The output of the user-provided function is independent of input ${i}. This is not allowed in strict mode.`,
      );
    }
    if (!tensor.requiresGrad) throw new Error(independent[kind](i));
  });
}

/** Gradients of those outputs that have a graph; null for an input of which none depends. */
function gradients(
  outputs: readonly (Tensor | null)[],
  inputs: readonly Tensor[],
  gradOutputs: readonly Tensor[] | undefined,
  options: { createGraph: boolean; retainGraph?: boolean; isGradsBatched?: boolean },
): readonly (Tensor | null)[] {
  const used = outputs.flatMap((output, i) =>
    output?.requiresGrad ? [{ output, outer: gradOutputs?.[i] ?? null }] : [],
  );
  if (used.length === 0) return inputs.map(() => null);
  return grad(
    used.map(({ output }) => output),
    inputs,
    used.map(({ outer }) => outer),
    { allowUnused: true, ...options },
  );
}

/** Which derivative a gradient is, for what is said where there is none. */
type Stage = "back" | "backTrick" | "doubleBack" | "doubleBackTrick";

const missing: Readonly<Record<Stage, (i: number) => string>> = {
  back: (i) =>
    `The output of the user-provided function is independent of input ${i}. This is not allowed in strict mode.`,
  backTrick: (i) =>
    `The gradient with respect to the input is independent of entry ${i} in the grad_outputs when using the double backward trick to compute forward mode gradients. This is not allowed in strict mode.`,
  doubleBack: (i) =>
    `The jacobian of the user-provided function is independent of input ${i}. This is not allowed in strict mode.`,
  doubleBackTrick: (i) =>
    `The hessian of the user-provided function is independent of entry ${i} in the grad_jacobian. This is not allowed in strict mode as it prevents from using the double backward trick to replace forward mode AD.`,
};

/** Gradients with zeros where there is none, or an error where that is not allowed. */
function completed(
  grads: readonly (Tensor | null)[],
  like: readonly Tensor[],
  { strict, createGraph }: { strict: boolean; createGraph: boolean },
  stage: Stage,
): Tensor[] {
  return grads.map((one, i) => {
    if (one === null) {
      if (strict) throw new Error(missing[stage](i));
      return zerosLike(like[i] as Tensor);
    }
    if (strict && createGraph && !one.requiresGrad) {
      const what = stage.startsWith("double") ? "hessian" : "jacobian";
      throw new Error(
        `The ${what} of the user-provided function is independent of input ${i}. This is not allowed in strict mode when createGraph: true.`,
      );
    }
    return one;
  });
}

/** The vector of a product, in the form of what it is multiplied with. */
function vectorLike(v: unknown, like: Listed, createGraph: boolean, caller: string): Tensor[] {
  const vector = listed(v, "v", caller).list;
  const own = ownInputs(vector, createGraph, false);
  if (own.length !== like.list.length) {
    throw new Error(
      like.isList
        ? `v is a tuple of invalid length: should be ${like.list.length} but got ${own.length}.`
        : "The given v should contain a single Tensor.",
    );
  }
  own.forEach((one, i) => {
    const wanted = (like.list[i] as Tensor).sizes;
    if (sameShape(one.sizes, wanted)) return;
    const start = like.isList ? `Entry ${i} in ` : "";
    throw new Error(`${start}v has invalid size: should be ${formatShape(wanted)} but got ${formatShape(one.sizes)}.`);
  });
  return own;
}

/** The vector of a product; none for tensors of a single element, whose vector is 1. */
function vectorOrNone(
  v: unknown,
  like: Listed,
  createGraph: boolean,
  caller: string,
  which: string,
): Tensor[] | undefined {
  if (v !== undefined && v !== null) return vectorLike(v, like, createGraph, caller);
  if (like.list.length === 1 && like.list[0]?.numel() === 1) return undefined;
  throw new Error(`The vector v can only be None if ${which} a single Tensor with a single element.`);
}

/** The one number that a function with a Hessian returns. */
function singleOutput(output: unknown, strict: boolean, caller: string): Tensor {
  const { list, isList } = listed(output, "outputs of the user-provided function", caller);
  checkDepends(list, "outputs", strict);
  if (isList) throw new Error(`The function given to ${caller} should return a single Tensor`);
  if (list[0]?.numel() !== 1) {
    throw new Error(`The Tensor returned by the function given to ${caller} should contain a single element`);
  }
  return list[0];
}

type ProductArguments<I, V> = [inputs: I, ...rest: Args<[v?: V | null], ["v"], ProductOptions>];

/**
 * A vector times the Jacobian of a function: the gradients of its inputs.
 *
 * @param func takes the inputs as arguments, and returns one tensor or a list.
 * @param inputs one tensor or a list.
 * @param v the vector, in the form of the outputs; may be left out where that is a single element.
 * @returns the outputs, and the products in the form of the inputs.
 * @example
 * const [y, product] = torch.autograd.functional.vjp((x) => x.exp().sum(1), torch.rand(4, 4), torch.ones(4));
 * @throws Error if `v` does not fit, or in strict mode if an output does not depend on an input.
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.functional.vjp.html
 */
export function vjp<I extends Several, R extends Several>(
  func: Body<I, R>,
  ...args: ProductArguments<I, R>
): [outputs: Like<R>, vjp: Like<I>] {
  const given = signatures.vjp.parse([func, ...args]);
  const { createGraph, strict } = given;
  const all = listed(given.inputs, "inputs", "vjp");
  const { inputs, outputs, v } = withRecording(true, () => {
    const inputs = ownInputs(all.list, createGraph);
    const outputs = listed(given.func(...inputs), "outputs of the user-provided function", "vjp");
    checkDepends(outputs.list, "outputs", strict);
    const v = vectorOrNone(given.v, outputs, createGraph, "vjp", "the user-provided function returns");
    return { inputs, outputs, v };
  });
  const products = withRecording(createGraph || isGradEnabled(), () =>
    completed(gradients(outputs.list, inputs, v, { createGraph }), inputs, given, "back"),
  );
  return [
    inForm(finished(outputs.list, createGraph), outputs.isList),
    inForm(finished(products, createGraph), all.isList),
  ] as [Like<R>, Like<I>];
}

/**
 * The Jacobian of a function times a vector: how the outputs change along a direction.
 *
 * @param func takes the inputs as arguments, and returns one tensor or a list.
 * @param inputs one tensor or a list.
 * @param v the direction, in the form of the inputs; may be left out where that is a single element.
 * @returns the outputs, and the products in the form of the outputs.
 * @example
 * const [y, product] = torch.autograd.functional.jvp((x) => x.exp().sum(1), torch.rand(4, 4), torch.ones(4, 4));
 * @throws Error if `v` does not fit, or in strict mode if an output does not depend on an input.
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.functional.jvp.html
 */
export function jvp<I extends Several, R extends Several>(
  func: Body<I, R>,
  ...args: ProductArguments<I, I>
): [outputs: Like<R>, jvp: Like<R>] {
  const given = signatures.jvp.parse([func, ...args]);
  const { createGraph, strict } = given;
  const all = listed(given.inputs, "inputs", "jvp");
  const { outputs, starts, back, v } = withRecording(true, () => {
    const inputs = ownInputs(all.list, createGraph);
    const own = { list: inputs, isList: all.isList };
    const v = vectorOrNone(given.v, own, createGraph, "jvp", "the input to the user-provided function is");
    const outputs = listed(given.func(...inputs), "outputs of the user-provided function", "jvp");
    checkDepends(outputs.list, "outputs", strict);
    const starts = outputs.list.map((output) => zerosLike(output, { requiresGrad: true }));
    const back = gradients(outputs.list, inputs, starts, { createGraph: true });
    checkDepends(back, "gradInputs", strict);
    return { outputs, starts, back, v };
  });
  const products = withRecording(createGraph || isGradEnabled(), () =>
    completed(gradients(back, starts, v, { createGraph }), outputs.list, given, "backTrick"),
  );
  return [
    inForm(finished(outputs.list, createGraph), outputs.isList),
    inForm(finished(products, createGraph), outputs.isList),
  ] as [Like<R>, Like<R>];
}

/**
 * A vector times the Hessian of a function that returns one number.
 *
 * @param func takes the inputs as arguments, and returns a tensor of one element.
 * @param inputs one tensor or a list.
 * @param v the vector, in the form of the inputs; may be left out where that is a single element.
 * @returns the output, and the products in the form of the inputs.
 * @example
 * const [y, product] = torch.autograd.functional.vhp((x) => x.pow(3).sum(), torch.rand(2, 2), torch.ones(2, 2));
 * @throws Error if `v` does not fit, or in strict mode if the gradient does not depend on an input.
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.functional.vhp.html
 */
export function vhp<I extends Several>(
  func: Body<I, Tensor>,
  ...args: ProductArguments<I, I>
): [output: Tensor, vhp: Like<I>] {
  const given = signatures.vhp.parse([func, ...args]);
  const { createGraph } = given;
  const { all, inputs, output, slope, v } = gradientOfNumber(given, "vhp");
  const products = withRecording(createGraph || isGradEnabled(), () =>
    completed(gradients(slope, inputs, v ?? [], { createGraph }), inputs, given, "doubleBack"),
  );
  return [createGraph ? output : output.detach(), inForm(finished(products, createGraph), all.isList) as Like<I>];
}

/**
 * The Hessian of a function that returns one number times a vector. It is the same product as `vhp`, which needs a pass
 * less.
 *
 * @param func takes the inputs as arguments, and returns a tensor of one element.
 * @param inputs one tensor or a list.
 * @param v the vector, in the form of the inputs; may be left out where that is a single element.
 * @returns the output, and the products in the form of the inputs.
 * @example
 * const [y, product] = torch.autograd.functional.hvp((x) => x.pow(3).sum(), torch.rand(2, 2), torch.ones(2, 2));
 * @throws Error if `v` does not fit, or in strict mode if the gradient does not depend on an input.
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.functional.hvp.html
 */
export function hvp<I extends Several>(
  func: Body<I, Tensor>,
  ...args: ProductArguments<I, I>
): [output: Tensor, hvp: Like<I>] {
  const given = signatures.hvp.parse([func, ...args]);
  const { createGraph } = given;
  const { all, inputs, output, slope, v } = gradientOfNumber(given, "hvp");
  const { starts, back } = withRecording(true, () => {
    const starts = inputs.map((input) => zerosLike(input, { requiresGrad: true }));
    return { starts, back: gradients(slope, inputs, starts, { createGraph: true }) };
  });
  const products = withRecording(createGraph || isGradEnabled(), () =>
    completed(gradients(back, starts, v, { createGraph }), inputs, given, "doubleBackTrick"),
  );
  return [createGraph ? output : output.detach(), inForm(finished(products, createGraph), all.isList) as Like<I>];
}

/** Runs a function that returns one number, and computes its gradient so that it can be differentiated. */
function gradientOfNumber(given: ReturnType<typeof signatures.vhp.parse>, caller: string) {
  return withRecording(true, () => {
    const { createGraph, strict } = given;
    const all = listed(given.inputs, "inputs", caller);
    const inputs = ownInputs(all.list, createGraph);
    const own = { list: inputs, isList: all.isList };
    const v = vectorOrNone(given.v, own, createGraph, caller, "the input to the user-provided function is");
    const output = singleOutput(given.func(...inputs), strict, caller);
    const slope = gradients([output], inputs, undefined, { createGraph: true });
    checkDepends(slope, "jacobian", strict);
    return { all, inputs, output, slope, v };
  });
}

/**
 * The Jacobian of a function: the derivative of every element of the outputs by every element of the inputs.
 *
 * @param func takes the inputs as arguments, and returns one tensor or a list.
 * @param inputs one tensor or a list.
 * @returns for one input and one output a tensor with the output's dims before the input's; a list of them for several
 *   inputs, and a list of what there is for each output for several of those.
 * @example
 * const jacobian = torch.autograd.functional.jacobian((x) => x.exp().sum(1), torch.rand(2, 2)); // of shape [2, 2, 2]
 * @throws Error in strict mode if an output does not depend on an input.
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.functional.jacobian.html
 */
export function jacobian<I extends Several, R extends Several>(
  func: Body<I, R>,
  inputs: I,
  options: JacobianOptions = {},
): Blocks<R, I> {
  const given = signatures.jacobian.parse([func, inputs, options]);
  return jacobianOf(given, given.strategy) as Blocks<R, I>;
}

type JacobianGiven = Pick<
  ReturnType<typeof signatures.jacobian.parse>,
  "func" | "inputs" | "createGraph" | "strict" | "vectorize"
>;

function jacobianOf(given: JacobianGiven, strategy: string): unknown {
  const { createGraph, strict, vectorize } = given;
  if (strategy === "forward-mode") return forwardJacobian(given);
  const all = listed(given.inputs, "inputs", "jacobian");
  return withRecording(true, () => {
    const inputs = ownInputs(all.list, createGraph);
    const outputs = listed(given.func(...inputs), "outputs of the user-provided function", "jacobian");
    checkDepends(outputs.list, "outputs", strict);
    if (vectorize && strict) {
      throw new Error(
        "torch.autograd.functional.jacobian: `strict: true` and `vectorize: true` are not supported together. Please either set `strict: false` or `vectorize: false`.",
      );
    }
    const blocks = vectorize
      ? allRows(outputs.list, inputs, createGraph)
      : outputs.list.map((output, i) => rowByRow(output, inputs, i, createGraph, strict));
    return inForm(
      blocks.map((block) => inForm(finished(block, createGraph), all.isList)),
      outputs.isList,
    );
  });
}

/** For each input, the derivatives of one output, an element at a time. */
function rowByRow(
  output: Tensor,
  inputs: readonly Tensor[],
  index: number,
  createGraph: boolean,
  strict: boolean,
): Tensor[] {
  const flat = output.reshape([-1]);
  const start = [output.newOnes([])];
  const rows = Array.from({ length: output.numel() }, (_, j) =>
    gradients([flat.select(0, j)], inputs, start, { createGraph, retainGraph: true }).map((row, k) => {
      if (row === null && strict) {
        throw new Error(
          `Output ${index} of the user-provided function is independent of input ${k}. This is not allowed in strict mode.`,
        );
      }
      if (strict && createGraph && !row?.requiresGrad) {
        throw new Error(
          `The jacobian of the user-provided function is independent of input ${index}. This is not allowed in strict mode when createGraph: true.`,
        );
      }
      return row ?? zerosLike(inputs[k] as Tensor);
    }),
  );
  return inputs.map((input, k) => {
    const shape = [...output.sizes, ...input.sizes];
    if (rows.length === 0) return input.newZeros(shape);
    return stack(rows.map((row) => row[k] as Tensor)).view(shape);
  });
}

/** The same for all outputs, in one pass for all elements. */
function allRows(outputs: readonly Tensor[], inputs: readonly Tensor[], createGraph: boolean): Tensor[][] {
  const total = outputs.reduce((sum, output) => sum + output.numel(), 0);
  const flat = outputs.map((output) => output.reshape([-1]));
  const options = { createGraph, isGradsBatched: true };
  const found = total === 0 ? [] : gradients(flat, inputs, standardBasis(flat), options);
  const rows = inputs.map((input, k) => found[k] ?? input.newZeros([total, ...input.sizes]));
  return blocksOf(rows, outputs, inputs);
}

/** Throws for what does not go forward. */
function checkForward({ createGraph, strict, vectorize }: JacobianGiven): void {
  const refused = strict ? "strict" : createGraph ? "createGraph" : undefined;
  if (refused !== undefined) {
    throw new Error(
      `torch.autograd.functional.jacobian: \`${refused}: true\` and \`strategy: "forward-mode"\` are not supported together (yet). Please either set \`${refused}: false\` or \`strategy: "reverse-mode"\`.`,
    );
  }
  if (!vectorize) {
    throw new Error(
      "Computing Jacobian using forward-AD or forward-over-reverse Hessian is only implemented for `vectorize: true`.",
    );
  }
}

/** All columns at once, along with the function. */
function forwardJacobian(given: JacobianGiven): unknown {
  checkForward(given);
  const all = listed(given.inputs, "inputs", "jacobian");
  const places = all.list.map((_, i) => i);
  let isList = false;
  const columns = jacfwd((...inputs: Tensor[]) => {
    const outputs = listed(given.func(...inputs), "outputs of the user-provided function", "jacobian");
    isList = outputs.isList;
    return outputs.list;
  }, places);
  const inputs = all.list.map((input) => input.detach());
  const blocks = columns(...inputs) as unknown as readonly (readonly Tensor[])[];
  return inForm(
    blocks.map((block) => inForm(finished(block, false), all.isList)),
    isList,
  );
}

/** The Hessian as the Jacobian, forward, of the gradient. */
function forwardHessian(given: JacobianGiven, number: (...own: Tensor[]) => Tensor, all: Listed): Tensor[][] {
  checkForward(given);
  const places = all.list.map((_, i) => i);
  const blocks = jacfwd(jacrev(number, places), places)(...all.list.map((input) => input.detach()));
  return blocks as unknown as Tensor[][];
}

/**
 * The Hessian of a function that returns one number: its second derivatives.
 *
 * @param func takes the inputs as arguments, and returns a tensor of one element.
 * @param inputs one tensor or a list.
 * @returns for one input a tensor with the input's dims twice; for several, a list of lists of those by all pairs of them.
 * @example
 * const hessian = torch.autograd.functional.hessian((x) => x.pow(3).sum(), torch.rand(2, 2)); // of shape [2, 2, 2, 2]
 * @throws Error if the function returns anything else, or in strict mode if the gradient does not depend on an input.
 * @see https://pytorch.org/docs/stable/generated/torch.autograd.functional.hessian.html
 */
export function hessian<I extends Several>(
  func: Body<I, Tensor>,
  inputs: I,
  options: HessianOptions = {},
): Blocks<I, I> {
  const given = signatures.hessian.parse([func, inputs, options]);
  const { strict, outerJacobianStrategy } = given;
  const all = listed(given.inputs, "inputs", "hessian");
  const number = (...own: Tensor[]) => singleOutput(given.func(...own), strict, "hessian").squeeze();
  const slope = (...own: Tensor[]) => {
    const inner = { func: number, inputs: own, createGraph: true, strict, vectorize: false };
    const found = jacobianOf(inner, "reverse-mode") as Tensor[];
    checkDepends(found, "jacobian", strict);
    return found;
  };
  const blocks =
    outerJacobianStrategy === "forward-mode"
      ? forwardHessian(given, number, all)
      : (jacobianOf({ ...given, func: slope, inputs: all.list }, outerJacobianStrategy) as Tensor[][]);
  return (all.isList ? blocks : (blocks[0] as Tensor[])[0]) as Blocks<I, I>;
}
