/**
 * Parameters that are computed from others: a module that maps one tensor to another stands in the place of each.
 *
 * The class of a module with parametrizations is one of its own, which reads such a tensor from the list of its
 * parametrizations; the list has what is trained.
 *
 * Source: https://pytorch.org/docs/stable/nn.html#parametrizing-weights
 */
import { anything, flag, flagOn, keyword, type Param, text } from "../../arguments/params.js";
import { Signature } from "../../arguments/parse.js";
import { withoutRecording } from "../../autograd/modes.js";
import { toCamelCase } from "../../core/names.js";
import { formatShape, sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { ModuleDict } from "../containers/dict.js";
import { ModuleList } from "../containers/list.js";
import type { Module } from "../module.js";
import { Parameter } from "../parameter.js";
import { findTensor, takeOut } from "./members.js";
import { isNotImplemented } from "./notImplemented.js";

/** A module that maps one tensor, or several, to another, and can perhaps undo that. */
export interface Parametrization extends Module {
  /** What to begin with to end with a value. One that throws an error named `NotImplementedError` counts as absent. */
  rightInverse?(value: Tensor): Tensor | readonly Tensor[];
}

/** Makes a parameter of a tensor where another one is a parameter, and a buffer otherwise. */
function register(list: Module, key: string, tensor: Tensor, isParameter: boolean): void {
  if (!isParameter) list.registerBuffer(key, tensor);
  else list.registerParameter(key, tensor instanceof Parameter ? tensor : new Parameter(tensor));
}

/** What a tensor looks like, for messages. */
function describe(tensor: Tensor): string {
  return `${tensor.dtype} ${formatShape(tensor.sizes)}`;
}

/** The parametrizations of one tensor, in the order in which they are applied, and what they begin with. */
export class ParametrizationList extends ModuleList<Parametrization> {
  /** Whether they may change dtype and shape, and are not tried out. */
  unsafe!: boolean;
  /** How many tensors they begin with; undefined for a single one. */
  ntensors!: number | undefined;

  /** @internal The list is filled by `start`, as a copy of it begins empty. */
  static start(modules: readonly Parametrization[], original: Tensor, unsafe: boolean): ParametrizationList {
    const list = new ParametrizationList(modules);
    list.unsafe = unsafe;
    const isParameter = original instanceof Parameter;
    const begin = withoutRecording(() => undo(list, original, false));
    if (begin instanceof Tensor) {
      if (begin.dtype !== original.dtype) {
        throw new Error(
          `When \`right_inverse\` outputs one tensor, it may not change the dtype.\noriginal.dtype: ${original.dtype}\nright_inverse(original).dtype: ${begin.dtype}`,
        );
      }
      if (begin !== original) original.data = begin;
      register(list, "original", original, isParameter);
    } else {
      list.ntensors = begin.length;
      for (const [i, part] of begin.entries()) {
        register(list, `original${i}`, part.detach(), isParameter);
        if (isParameter) (list.originals()[i] as Tensor).requiresGrad_(original.requiresGrad);
      }
    }
    return list;
  }

  /** @internal What the parametrizations begin with. */
  originals(): Tensor[] {
    const own = this as unknown as Record<string, Tensor>;
    if (this.ntensors === undefined) return [own.original as Tensor];
    return Array.from({ length: this.ntensors }, (_, i) => own[`original${i}`] as Tensor);
  }

  override forward(): Tensor {
    const [first, ...rest] = [...this];
    const begun = (first as Parametrization)(...this.originals()) as Tensor;
    return rest.reduce((tensor, parametrization) => parametrization(tensor), begun);
  }

  /** Sets what the parametrizations begin with so that they end with a value. */
  rightInverse(value: Tensor): void {
    withoutRecording(() => {
      const begin = undo(this, value, true);
      const parts = begin instanceof Tensor ? [begin] : begin;
      for (const [i, original] of this.originals().entries()) original.data = (parts[i] as Tensor).detach();
    });
  }
}

/** What parametrizations have to begin with to end with a value; unless that is needed, those without an inverse change nothing. */
function undo(list: ParametrizationList, value: Tensor, isNeeded: boolean): Tensor | readonly Tensor[] {
  let result: Tensor | readonly Tensor[] = value;
  for (const parametrization of [...list].reverse()) {
    if (parametrization.rightInverse === undefined) {
      if (!isNeeded) continue;
      throw new Error(`parametrization ${parametrization.constructor.name} does not implement right_inverse.`);
    }
    try {
      result = parametrization.rightInverse(result as Tensor);
    } catch (error) {
      if (isNeeded || !isNotImplemented(error)) throw error;
    }
  }
  if (result instanceof Tensor || (Array.isArray(result) && result.every((one) => one instanceof Tensor)))
    return result;
  throw new Error("'right_inverse' must return a Tensor or a Sequence of tensors");
}

/** Throws if parametrizations change what is outside of their modules. */
function checkUnchanged(before: Tensor, after: unknown, what: string): void {
  if (!(after instanceof Tensor)) throw new Error(`A parametrization must return a tensor. Got ${typeof after}.`);
  if (after.dtype !== before.dtype || !sameShape(after.sizes, before.sizes)) {
    const part = after.dtype !== before.dtype ? "dtype" : "shape";
    throw new Error(
      `Registering a parametrization may not change the ${part} of the tensor, unless \`unsafe\` flag is enabled.\n${what}: ${describe(before)}\nparametrized: ${describe(after)}`,
    );
  }
}

const moduleAndName = { module: anything as Param<Module>, tensorName: text };
const registerSignature = new Signature("registerParametrization", {
  ...moduleAndName,
  parametrization: anything as Param<Parametrization>,
  unsafe: keyword(flag),
});
const removeSignature = new Signature("removeParametrizations", { ...moduleAndName, leaveParametrized: flagOn });

/** A module with parametrizations. */
type Parametrized = Module & { parametrizations: ModuleDict<ParametrizationList> };

/** Computed tensors while `cached` is in force. */
let cache: Map<ParametrizationList, Tensor> | undefined;
let cacheDepth = 0;

function computed(list: ParametrizationList): Tensor {
  if (cache === undefined) return list();
  const known = cache.get(list) ?? list();
  cache.set(list, known);
  return known;
}

/**
 * Computes each parametrized tensor once only: while a function runs, or for the rest of a block.
 *
 * @example const outputs = nn.utils.parametrize.cached(() => inputs.map((x) => model(x)));
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.cached.html
 */
export function cached(): Disposable;
export function cached<T>(body: () => T): T;
export function cached<T>(body?: () => T): T | Disposable {
  cacheDepth++;
  cache ??= new Map();
  const end = () => {
    if (--cacheDepth === 0) cache = undefined;
  };
  if (body === undefined) return { [Symbol.dispose]: end };
  try {
    return body();
  } finally {
    end();
  }
}

/** Gives a module a class of its own, on which its parametrized tensors are defined. */
function injectClass(module: Module): void {
  const Base = module.constructor as new () => Module;
  const Own = class extends Base {};
  Object.defineProperty(Own, "name", { value: `Parametrized${Base.name}` });
  Object.setPrototypeOf(module, Own.prototype);
  (module as Parametrized).parametrizations = new ModuleDict();
}

function injectProperty(module: Parametrized, key: string): void {
  Object.defineProperty(Object.getPrototypeOf(module), toCamelCase(key), {
    configurable: true,
    get(this: Parametrized) {
      return computed(this.parametrizations.at(key));
    },
    set(this: Parametrized, value: Tensor) {
      this.parametrizations.at(key).rightInverse(value);
    },
  });
}

/**
 * Computes a parameter or buffer of a module by a parametrization whenever it is read. What is trained is
 * `parametrizations.weight.original`, or `original0`, `original1`, … if the parametrization's `rightInverse` gives several
 * tensors. One that is parametrized already gets a further step.
 *
 * @param tensorName the name of the parameter or buffer.
 * @param options.unsafe whether the parametrization may change dtype and shape, and is not tried out before.
 * @example
 * class Symmetric extends nn.Module {
 *   forward(x: Tensor) {
 *     return x.triu().add(x.triu(1).t());
 *   }
 * }
 * const layer = nn.utils.parametrize.registerParametrization(new nn.Linear(3, 3), "weight", new Symmetric());
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.register_parametrization.html
 */
export function registerParametrization<M extends Module>(
  module: M,
  tensorName: string,
  parametrization: Parametrization,
  options: { unsafe?: boolean } = {},
): M {
  const { unsafe } = registerSignature.parse([module, tensorName, parametrization, options]);
  parametrization.train(module.training);
  if (isParametrized(module, tensorName)) {
    const list = (module as unknown as Parametrized).parametrizations.at(tensorName);
    if (!unsafe) checkStep(list, parametrization);
    list.append(parametrization);
    list.unsafe ||= unsafe;
    return module;
  }
  const found = findTensor(module, tensorName);
  if (found === undefined) {
    throw new Error(
      `Module '${module}' does not have a parameter, a buffer, or a parametrized element with name '${tensorName}'`,
    );
  }
  const { key, value } = found;
  const before = value.detach().clone();
  const list = ParametrizationList.start([parametrization], value, unsafe);
  if (!unsafe) {
    try {
      checkUnchanged(before, list(), "unparametrized");
    } catch (error) {
      value.data = before;
      throw error;
    }
  }
  takeOut(module, key);
  if (!isParametrized(module)) injectClass(module);
  const parametrized = module as unknown as Parametrized;
  injectProperty(parametrized, key);
  parametrized.parametrizations.setAt(key, list);
  return module;
}

/** Throws if a further parametrization changes dtype or shape, or its inverse does. */
function checkStep(list: ParametrizationList, parametrization: Parametrization): void {
  const before = list();
  const after: unknown = parametrization(before);
  checkUnchanged(before, after, "module.tensor");
  if (parametrization.rightInverse === undefined) return;
  try {
    checkUnchanged(before, parametrization.rightInverse(after as Tensor), "module.tensor");
  } catch (error) {
    if (!isNotImplemented(error)) throw error;
  }
}

/**
 * Whether a module, or a tensor of it, is parametrized.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.is_parametrized.html
 */
export function isParametrized(module: Module, tensorName?: string | null): boolean {
  const { parametrizations } = module as Parametrized;
  if (!(parametrizations instanceof ModuleDict)) return false;
  return tensorName === undefined || tensorName === null
    ? parametrizations.length > 0
    : parametrizations.has(tensorName);
}

/**
 * Takes the parametrizations of a tensor out.
 *
 * @param options.leaveParametrized keep what they compute (true, by default) rather than what they began with.
 * @throws Error if the tensor is not parametrized, or if what it began with is not one tensor.
 * @see https://pytorch.org/docs/stable/generated/torch.nn.utils.parametrize.remove_parametrizations.html
 */
export function removeParametrizations<M extends Module>(
  module: M,
  tensorName: string,
  options: { leaveParametrized?: boolean } = {},
): M {
  const { leaveParametrized } = removeSignature.parse([module, tensorName, options]);
  if (!isParametrized(module, tensorName))
    throw new Error(`Module ${module} does not have a parametrization on ${tensorName}`);
  const parametrized = module as unknown as Parametrized;
  const list = parametrized.parametrizations.at(tensorName);
  const [original] = list.originals() as [Tensor];
  if (!leaveParametrized && list.ntensors !== undefined) {
    throw new Error(
      "Cannot leave unparametrized (`leaveParametrized: false`) a tensor that is parametrized in terms of a sequence of tensors.",
    );
  }
  const value = leaveParametrized ? withoutRecording(() => list().detach()) : original.detach();
  const isParameter = original instanceof Parameter;
  let kept: Tensor = original;
  if (list.ntensors !== undefined)
    kept = isParameter ? new Parameter(value, { requiresGrad: original.requiresGrad }) : value;
  else if (leaveParametrized) original.data = value.clone();
  delete Object.getPrototypeOf(module)[toCamelCase(tensorName)];
  parametrized.parametrizations.delete(tensorName);
  if (!isParametrized(module)) {
    delete (module as unknown as Record<string, unknown>).parametrizations;
    Object.setPrototypeOf(module, Object.getPrototypeOf(Object.getPrototypeOf(module)));
  }
  if (isParameter) module.registerParameter(tensorName, kept as Parameter);
  else module.registerBuffer(tensorName, kept);
  return module;
}

/** The class of a module without its parametrizations. */
export function typeBeforeParametrizations(module: Module): new (...args: never[]) => Module {
  const own = Object.getPrototypeOf(module);
  return (isParametrized(module) ? Object.getPrototypeOf(own) : own).constructor;
}

/**
 * Gives a module the parametrizations of another one, with what they are computed from.
 *
 * @param tensorName which tensor; all that are parametrized by default.
 */
export function transferParametrizationsAndParams<M extends Module>(
  fromModule: Module,
  toModule: M,
  tensorName?: string | null,
): M {
  if (!isParametrized(fromModule)) return toModule;
  const from = (fromModule as Parametrized).parametrizations;
  for (const name of tensorName ? [tensorName] : [...from.keys()]) {
    const list = from.at(name);
    for (const parametrization of list) registerParametrization(toModule, name, parametrization, { unsafe: true });
    const to = (toModule as unknown as Parametrized).parametrizations.at(name);
    for (const [i, original] of to.originals().entries()) original.data = (list.originals()[i] as Tensor).detach();
  }
  return toModule;
}
