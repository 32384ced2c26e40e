/**
 * The base of all optimizers: parameter groups, state, and their dictionary form that PyTorch can read.
 *
 * Source: https://pytorch.org/docs/stable/optim.html
 */

import { flagOn } from "../arguments/params.js";
import { describe, isOptions, Signature } from "../arguments/parse.js";
import { enableGrad, withRecording } from "../autograd/modes.js";
import { getDefaultDtype } from "../core/dtype.js";
import { addHook, type RemovableHandle } from "../core/hooks.js";
import { toCamelCase, toSnakeCase } from "../core/names.js";
import { Tensor } from "../core/tensor.js";

/** What an option of a group can be. */
export type OptionValue = number | boolean | string | readonly number[] | null | undefined;

/** Parameters that are updated with the same options. */
export type ParamGroup<O extends object = Record<string, OptionValue>> = O & { params: Tensor[] };

/** Parameters as a constructor takes them: all with the same options, or in groups with options of their own. */
export type ParamsInput<O extends object> =
  | Iterable<Tensor>
  | Iterable<readonly [string, Tensor]>
  | Iterable<{ params: Tensor | Iterable<Tensor> } & Partial<O>>;

/** What an optimizer keeps for one parameter. */
export type ParamState = Record<string, Tensor | number | null | undefined>;

/** The dictionary form: parameters are numbered in the order of the groups; keys are PyTorch's. */
export interface OptimizerStateDict {
  state: Record<number, Record<string, unknown>>;
  param_groups: (Record<string, unknown> & { params: number[] })[];
}

/** Called before a step with the arguments of `step`; an array that it returns takes their place. */
export type StepPreHook = (optimizer: Optimizer, args: readonly unknown[]) => unknown;
/** Called after a step with the arguments of `step`. */
export type StepPostHook = (optimizer: Optimizer, args: readonly unknown[]) => void;

/** What a group is given as. */
type GroupInput<O extends object> = { params: Tensor | Iterable<Tensor> | Iterable<NamedTensor> } & Partial<O>;
type NamedTensor = readonly [name: string, tensor: Tensor];

const zeroGradSignature = new Signature("zeroGrad", { setToNone: flagOn });

export abstract class Optimizer<O extends object = Record<string, OptionValue>> {
  /** The groups; options may be changed at any time, as learning-rate schedulers do. */
  readonly paramGroups: ParamGroup<O>[] = [];
  readonly state = new Map<Tensor, ParamState>();
  readonly #preHooks = new Map<number, StepPreHook>();
  readonly #postHooks = new Map<number, StepPostHook>();

  /**
   * @param params tensors, `[name, tensor]` pairs, or groups `{ params, …options }`.
   * @param defaults options for groups that do not say otherwise.
   * @throws TypeError if there is anything but tensors among the parameters; Error if one is there twice or no leaf.
   */
  constructor(
    params: ParamsInput<O>,
    readonly defaults: O,
  ) {
    const items = itemsOf(params);
    if (items.length === 0) throw new Error("optimizer got an empty parameter list");
    if (isOptions(items[0])) for (const group of items) this.addParamGroup(group as GroupInput<O>);
    else this.addParamGroup({ params: items } as unknown as GroupInput<O>);
  }

  /**
   * Adds parameters with options of their own.
   *
   * @throws as the constructor; nothing is added then.
   */
  addParamGroup(group: GroupInput<O>): void {
    if (!isOptions(group)) throw new TypeError("param_group must be a plain object with `params`");
    const { params: given, ...options } = group as { params: unknown };
    const items = given instanceof Tensor ? [given] : iterate(given, "params of a group");
    const params = items.map((item) => (Array.isArray(item) ? item[1] : item)) as Tensor[];
    for (const param of params) this.#checkParam(param);
    this.#checkOptions(options);
    if (new Set(params).size !== params.length) {
      throw new Error("some parameters appear more than once in one parameter group");
    }
    const names = items.filter(Array.isArray).map(([name]) => String(name));
    this.#checkNames(names.length, items.length);
    const named = names.length > 0 ? { paramNames: names } : {};
    this.paramGroups.push({ ...this.defaults, ...definedOnly(options), ...named, params } as ParamGroup<O>);
  }

  #checkParam(param: unknown): void {
    if (!(param instanceof Tensor)) {
      throw new TypeError(`optimizer can only optimize Tensors, but one of the params is ${describe(param)}`);
    }
    const isFinal = param.isLeaf || param.retainsGrad || isDifferentiable(this.defaults);
    if (!isFinal) throw new Error("can't optimize a non-leaf Tensor");
    if (this.paramGroups.some((group) => group.params.includes(param))) {
      throw new Error("some parameters appear in more than one parameter group");
    }
  }

  /** Either all parameters have names, or none. */
  #checkNames(named: number, all: number): void {
    if (named !== 0 && named !== all) {
      throw new Error("all optimizer params should be with/without names. Some param names are missing");
    }
    const [first] = this.paramGroups;
    if (first !== undefined && "paramNames" in first !== named > 0) {
      throw new Error("all optimizer param groups should be with/without names.");
    }
  }

  /** Updates the parameters of one group; a subclass has this, or a `step` of its own. */
  protected update(_group: ParamGroup<O>): void {
    throw new Error(`${this.constructor.name}: an optimizer needs the method \`update\` or \`step\``);
  }

  /**
   * Updates all parameters by their gradients.
   *
   * @param closure computes the loss anew and returns it.
   * @returns what the closure returned.
   */
  step(): undefined;
  step<T>(closure: () => T): T;
  step<T>(closure?: () => T): T | undefined {
    let args: readonly unknown[] = closure === undefined ? [] : [closure];
    for (const hook of [...this.#preHooks.values()]) {
      const replaced = hook(this as unknown as Optimizer, args);
      if (Array.isArray(replaced)) args = replaced;
    }
    const [compute] = args;
    if (compute !== undefined && compute !== null && typeof compute !== "function") {
      throw new TypeError(`step(): argument 'closure' must be a function, not ${describe(compute)}`);
    }
    const loss = compute ? enableGrad(compute as () => T) : undefined;
    for (const group of this.paramGroups) withRecording(isDifferentiable(group), () => this.update(group));
    for (const hook of [...this.#postHooks.values()]) hook(this as unknown as Optimizer, args);
    return loss;
  }

  /**
   * Takes the gradients of all parameters away.
   *
   * @param options.setToNone false sets them to zeros instead.
   */
  zeroGrad(...options: [options?: { setToNone?: boolean }]): void {
    const { setToNone } = zeroGradSignature.parse(options);
    for (const { params } of this.paramGroups) {
      for (const param of params) {
        if (param.grad === null) continue;
        if (setToNone) param.grad = null;
        else clear(param.grad);
      }
    }
  }

  /** Calls a function before each step. */
  registerStepPreHook(hook: StepPreHook): RemovableHandle {
    return addHook(this.#preHooks, hook);
  }

  /** Calls a function after each step. */
  registerStepPostHook(hook: StepPostHook): RemovableHandle {
    return addHook(this.#postHooks, hook);
  }

  /** State and options with PyTorch's keys. */
  stateDict(): OptimizerStateDict {
    const numbers = new Map<Tensor, number>();
    for (const group of this.paramGroups) for (const param of group.params) numbers.set(param, numbers.size);
    const state: OptimizerStateDict["state"] = {};
    for (const [param, values] of this.state) {
      const number = numbers.get(param);
      if (number !== undefined) state[number] = mapKeys(values, toSnakeCase);
    }
    const groups = this.paramGroups.map(({ params, ...options }) => ({
      ...mapKeys(options, toSnakeCase),
      params: params.map((param) => numbers.get(param) as number),
    }));
    return { state, param_groups: groups };
  }

  /**
   * Takes over state and options from a dictionary; tensors are copied in the dtype of their parameter.
   *
   * @throws Error if the groups do not fit those of this optimizer; nothing is changed then.
   */
  loadStateDict(dict: OptimizerStateDict): void {
    const saved = dict?.param_groups;
    if (!Array.isArray(saved) || !isOptions(dict.state))
      throw new TypeError("loadStateDict(): expected the state dict of an optimizer");
    if (saved.length !== this.paramGroups.length)
      throw new Error("loaded state dict has a different number of parameter groups");
    const params = new Map<number, Tensor>();
    for (const group of saved) this.#checkSavedGroup(group);
    saved.forEach((group, i) => {
      const own = this.paramGroups[i]?.params ?? [];
      if (group.params.length !== own.length) {
        throw new Error(
          "loaded state dict contains a parameter group that doesn't match the size of optimizer's group",
        );
      }
      group.params.forEach((number, j) => {
        params.set(number, own[j] as Tensor);
      });
    });
    const state = new Map<Tensor, ParamState>();
    for (const [number, values] of Object.entries(dict.state)) {
      const param = params.get(Number(number));
      if (!isOptions(values)) throw new TypeError("loadStateDict(): the state of a parameter must be an object");
      if (param !== undefined)
        state.set(
          param,
          mapKeys(values, toCamelCase, (value, key) => copyState(value, key, param)),
        );
    }
    this.state.clear();
    for (const [param, values] of state) this.state.set(param, values);
    saved.forEach((group, i) => {
      this.#takeOptions(this.paramGroups[i] as ParamGroup<O>, group);
    });
  }

  /** Throws for a group of a dictionary, which may come from anywhere, that is not made as one. */
  #checkSavedGroup(group: unknown): void {
    const isGroup = isOptions(group) && Array.isArray(group.params) && group.params.every(Number.isInteger);
    if (!isGroup) throw new TypeError("loadStateDict(): a parameter group must list the numbers of its parameters");
    this.#checkOptions(mapKeys(group as object, toCamelCase));
  }

  /** Throws for an option of a group that is not of the kind of its default; unknown ones are kept as they are. */
  #checkOptions(options: Readonly<Record<string, unknown>>): void {
    for (const [name, value] of Object.entries(options)) {
      const usual = (this.defaults as Record<string, unknown>)[name];
      if (value === undefined || usual === undefined || isSameKind(value, usual)) continue;
      throw new TypeError(`param_group: option '${name}' must be ${describe(usual)}, not ${describe(value)}`);
    }
  }

  /** Puts loaded options in the place of a group's; the object stays, since schedulers hold it. */
  #takeOptions(group: ParamGroup<O>, { params: _, ...saved }: Record<string, unknown>): void {
    const { params, paramNames } = group as { params: Tensor[]; paramNames?: readonly string[] };
    const named = paramNames === undefined ? {} : { paramNames };
    for (const name of Object.keys(group)) delete (group as Record<string, unknown>)[name];
    Object.assign(group, this.defaults, named, mapKeys(copyOptions(saved), toCamelCase), { params });
  }

  toString(): string {
    const lines = this.paramGroups.map(({ params: _, ...options }, i) => {
      const entries = Object.entries(mapKeys(options, toSnakeCase)).sort(([a], [b]) => (a < b ? -1 : 1));
      return `Parameter Group ${i}\n${entries.map(([key, value]) => `    ${key}: ${formatOption(value)}\n`).join("")}`;
    });
    return `${this.constructor.name} (\n${lines.join("\n")})`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

function definedOnly<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

function mapKeys<V, W = V>(
  values: Readonly<Record<string, V>> | object,
  rename: (key: string) => string,
  convert: (value: V, key: string) => W = (value) => value as unknown as W,
): Record<string, W> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [rename(key), convert(value as V, key)]));
}

/** The list of what a constructor was given, checked only for being one. */
function itemsOf(params: unknown): unknown[] {
  if (params instanceof Tensor) {
    throw new TypeError(
      "params argument given to the optimizer should be an iterable of Tensors or dicts, but got Tensor",
    );
  }
  return iterate(params, "params argument given to the optimizer");
}

function iterate(values: unknown, what: string): unknown[] {
  if (
    typeof values === "string" ||
    typeof (values as Iterable<unknown> | undefined)?.[Symbol.iterator] !== "function"
  ) {
    throw new TypeError(`${what} should be an iterable of Tensors or dicts, but got ${describe(values)}`);
  }
  const items: unknown[] = [];
  for (const item of values as Iterable<unknown>) {
    // At once, not after the last: there may be no end.
    if (typeof item !== "object" || item === null) {
      throw new TypeError(`optimizer can only optimize Tensors, but one of the params is ${describe(item)}`);
    }
    items.push(item);
  }
  return items;
}

function isDifferentiable(options: object): boolean {
  return (options as { differentiable?: boolean }).differentiable === true;
}

/** Sets a gradient to zeros where it is, out of any graph. */
function clear(grad: Tensor): void {
  if (grad.isLeaf) grad.requiresGrad = false;
  else grad.detach_();
  grad.zero_();
}

/** A copy of a state's tensor, in the dtype of the parameter where it stands for its elements. */
function copyState(value: unknown, key: string, param: Tensor): Tensor | number | null | undefined {
  if (value === null || value === undefined) return undefined;
  // Older files have the step as a number.
  if (key === "step" && typeof value === "number") return Tensor.empty([], getDefaultDtype()).fill_(value);
  if (!(value instanceof Tensor)) {
    throw new TypeError(`loadStateDict(): the state '${key}' must be a Tensor, not ${describe(value)}`);
  }
  const converts = key !== "step" && param.dtype.isFloatingPoint;
  return value.detach().to(converts ? param.dtype : value.dtype, { copy: true });
}

function copyOptions(options: Record<string, unknown>): Record<string, unknown> {
  return mapKeys(
    options,
    (key) => key,
    (value) => (Array.isArray(value) ? Object.assign([], value) : value),
  );
}

/** Whether an option is of the kind of its default: a number, a flag (null if that is unset), a list of numbers. */
function isSameKind(value: unknown, usual: unknown): boolean {
  if (usual === null) return value === null || typeof value === "boolean";
  if (!Array.isArray(usual)) return typeof value === typeof usual;
  return Array.isArray(value) && value.length === usual.length && value.every((item) => typeof item === "number");
}

/** An option as Python prints it. */
function formatOption(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return formatList(value);
  if (typeof value === "number" && value !== 0 && Math.abs(value) < 1e-4) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return typeof value === "object" ? describe(value) : String(value);
}

/** Numbers as a tuple, names as a list; options that nobody knows may be anything else. */
function formatList(values: readonly unknown[]): string {
  if (values.length > 16 || values.some((value) => typeof value === "object")) return describe(values);
  if (typeof values[0] === "string") return `[${values.map((value) => `'${String(value)}'`).join(", ")}]`;
  return `(${values.map(formatOption).join(", ")})`;
}
