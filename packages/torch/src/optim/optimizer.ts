/**
 * The base of all optimizers: parameter groups, state, and their dictionary form that PyTorch can read.
 *
 * Source: https://pytorch.org/docs/stable/optim.html
 */
import { flag, flagOn, isIterable, listItems } from "../arguments/params.js";
import { describe, Signature } from "../arguments/parse.js";
import { borrowGrad, replaceGrad } from "../autograd/meta.js";
import { checkFinished, checkSynchronous, withRecording } from "../autograd/modes.js";
import { getDefaultDtype } from "../core/dtype.js";
import { addHook, type RemovableHandle } from "../core/hooks.js";
import { isMap, isPlainObject } from "../core/kinds.js";
import { toCamelCase, toSnakeCase } from "../core/names.js";
import { Tensor } from "../core/tensor.js";
import { type Copy, copyProperties, duplicate } from "../ops/creation/deepcopy.js";
import { viewAsReal } from "../ops/shape/complexViews.js";
import { checkOneElement, type Given, type Held, isRate, settled } from "./rate.js";
import { formatGroup } from "./repr.js";
import { checkStep, type FusedStep, inParts, StepList } from "./rule.js";
import {
  checkLists,
  copyOptions,
  copyState,
  type LoadableStateDict,
  mapKeys,
  type OptimizerStateDict,
  type ParamState,
} from "./stateDict.js";

/** What an option of a group can be. */
export type OptionValue = Tensor | number | boolean | string | readonly (number | null)[] | null | undefined;

/** Parameters that are updated with the same options. */
export type ParamGroup<O extends object = Record<string, OptionValue>> = O & { params: Tensor[] };

/** Parameters as a constructor takes them: all with the same options, or in groups with options of their own. */
export type ParamsInput<O extends object> =
  | Iterable<Tensor>
  | Iterable<readonly [string, Tensor]>
  | Iterable<{ params: Tensor | Iterable<Tensor> } & Partial<Given<O>>>;

/** Called before a step with the arguments of `step`; an array that it returns takes their place. */
export type StepPreHook = (optimizer: Optimizer, args: readonly unknown[]) => unknown;
/** Called after a step with the arguments of `step`. */
export type StepPostHook = (optimizer: Optimizer, args: readonly unknown[]) => void;

/** Called with a state dict; one that it returns takes its place. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook may return nothing at all
export type DictHook = (optimizer: Optimizer, dict: OptimizerStateDict) => OptimizerStateDict | undefined | null | void;

interface HookOptions {
  /** Call it before the hooks that are there already. */
  prepend?: boolean;
}

interface DictHooks {
  readonly statePre: Map<number, (optimizer: Optimizer) => void>;
  readonly statePost: Map<number, DictHook>;
  readonly loadPre: Map<number, DictHook>;
  readonly loadPost: Map<number, (optimizer: Optimizer) => void>;
}

const allPreHooks = new Map<number, StepPreHook>();
const allPostHooks = new Map<number, StepPostHook>();

/**
 * Calls a function before each step of every optimizer, before those of its own.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.optimizer.register_optimizer_step_pre_hook.html
 */
export function registerOptimizerStepPreHook(hook: StepPreHook): RemovableHandle {
  return addHook(allPreHooks, hook);
}

/**
 * Calls a function after each step of every optimizer, after those of its own.
 *
 * @see https://pytorch.org/docs/stable/generated/torch.optim.optimizer.register_optimizer_step_post_hook.html
 */
export function registerOptimizerStepPostHook(hook: StepPostHook): RemovableHandle {
  return addHook(allPostHooks, hook);
}

/** What a group is given as. */
type GroupInput<O extends object> = { params: Tensor | Iterable<Tensor> | Iterable<NamedTensor> } & Partial<Given<O>>;
type NamedTensor = readonly [name: string, tensor: Tensor];

const noState: ParamState = {};
const noKeys: readonly string[] = [];

const zeroGradSignature = new Signature("zeroGrad", { setToNone: flagOn });

// biome-ignore lint/suspicious/noExplicitAny: an optimizer with options of any kind
export abstract class Optimizer<O extends object = any> {
  /** The groups; options may be changed at any time, as learning-rate schedulers do. */
  readonly paramGroups: ParamGroup<Held<O>>[] = [];
  readonly state = new Map<Tensor, ParamState>();
  readonly #preHooks = new Map<number, StepPreHook>();
  readonly #postHooks = new Map<number, StepPostHook>();
  readonly #dictHooks: DictHooks = {
    statePre: new Map(),
    statePost: new Map(),
    loadPre: new Map(),
    loadPost: new Map(),
  };

  /**
   * @param params tensors, `[name, tensor]` pairs, or groups `{ params, …options }`.
   * @param defaults options for groups that do not say otherwise.
   * @throws TypeError if there is anything but tensors among the parameters; Error if one is there twice or no leaf.
   */
  constructor(
    params: ParamsInput<O>,
    readonly defaults: Given<O>,
  ) {
    const items = listOf(params, "params argument given to the optimizer");
    if (items.length === 0) throw new Error("optimizer got an empty parameter list");
    if (isPlainObject(items[0])) for (const group of items) this.addParamGroup(group as GroupInput<O>);
    else this.addParamGroup({ params: items } as unknown as GroupInput<O>);
  }

  /**
   * Adds parameters with options of their own.
   *
   * @throws as the constructor; nothing is added then.
   */
  addParamGroup(group: GroupInput<O>): void {
    if (!isPlainObject(group)) throw new TypeError("param_group must be a plain object with `params`");
    const { params: given, ...options } = group as { params: unknown };
    const params: Tensor[] = [];
    const paramNames: string[] = [];
    for (const item of given instanceof Tensor ? [given] : listOf(given, "params of a group")) {
      if (Array.isArray(item)) paramNames.push(nameOf(item));
      const param = Array.isArray(item) ? item[1] : item;
      this.#checkParam(param);
      params.push(param as Tensor);
    }
    if (new Set(params).size !== params.length) {
      throw new Error("some parameters appear more than once in one parameter group");
    }
    this.#checkNames(paramNames.length, params.length);
    this.#checkOptions(options, "addParamGroup");
    checkLists(options, "addParamGroup");
    const named = paramNames.length > 0 ? { paramNames } : {};
    this.paramGroups.push({ ...this.defaults, ...definedOnly(options), ...named, params } as ParamGroup<Held<O>>);
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

  /** Updates the parameters of one group, by the rule; a subclass may have this or a `step` of its own instead. */
  protected update(group: ParamGroup<O>): void {
    if (this.rule === undefined) {
      throw new Error(`${this.constructor.name}: an optimizer needs the method \`update\` or \`step\`, or a \`rule\``);
    }
    const fused = isDifferentiable(group) ? undefined : this.fused?.(group);
    const together = fused && new StepList(fused);
    for (const param of group.params) {
      const grad = borrowGrad(param);
      if (grad === null) continue;
      const known = this.state.get(param);
      const state = known ?? {};
      if (param.dtype.isComplex) {
        inParts(param, state, (parts, stateOfParts) => {
          this.prepare(stateOfParts, parts, group);
          this.rule?.(parts, viewAsReal(param.grad as Tensor), stateOfParts, group);
        });
      } else {
        this.prepare(state, param, group);
        if (!together?.add(param, grad, state)) this.rule(param, param.grad as Tensor, state, group);
      }
      if (known === undefined && Object.keys(state).length > 0) this.state.set(param, state);
    }
    together?.run();
  }

  /**
   * The rule: a step of one parameter, which is changed in place, in operations that autograd records if the step is
   * to be differentiable. Tensors of the state are replaced.
   */
  protected rule?(param: Tensor, grad: Tensor, state: ParamState, group: ParamGroup<O>): void;

  /** The kernel that does the same for all parameters of a group at once, where there is one. */
  protected fused?(group: ParamGroup<O>): FusedStep;

  /** Makes what the rule needs of the state of a parameter and is not there yet. */
  protected prepare(_state: ParamState, _param: Tensor, _group: ParamGroup<O>): void {}

  /**
   * The keys of the state that the rule changes, which is checked before anything is changed: counts, such as `step`,
   * and tensors. What `prepare` makes later is not among them.
   */
  protected changes(_state: ParamState, _group: ParamGroup<O>): readonly string[] {
    return [];
  }

  /** The sizes of a tensor of the state, where they are others than the parameter's. */
  protected sizesOf(_key: string, param: Tensor): readonly number[] {
    return param.sizes;
  }

  /** Throws, before the first parameter is updated, if one of them cannot be. */
  #checkSteps(groups: readonly ParamGroup<O>[]): void {
    // An optimizer of the user's own checks for itself.
    if (this.rule === undefined) return;
    let number = 0;
    const sizesOf = (key: string, param: Tensor) => this.sizesOf(key, param);
    const check = (group: ParamGroup<O>) => {
      for (const param of group.params) {
        const grad = borrowGrad(param);
        if (grad !== null) {
          const state = this.state.get(param) ?? noState;
          const changed = state === noState ? noKeys : this.changes(state, group);
          checkStep(`parameter ${number}`, param, grad, state, changed, sizesOf);
        }
        number++;
      }
    };
    for (const group of groups) withRecording(isDifferentiable(group), () => check(group));
  }

  /**
   * Updates all parameters by their gradients. Nothing is changed if one of them cannot be updated.
   *
   * @param closure computes the loss anew and returns it.
   * @returns what the closure returned.
   */
  step(): undefined;
  step<T>(closure: () => T): T;
  step<T>(closure?: () => T): T | undefined {
    return this.#step(closure);
  }

  #step<T>(closure: (() => T) | undefined): T | undefined {
    checkSynchronous("step", closure);
    let args: readonly unknown[] = closure === undefined ? [] : [closure];
    for (const hook of [...allPreHooks.values(), ...this.#preHooks.values()]) {
      const replaced = hook(this, args);
      if (Array.isArray(replaced)) args = replaced;
    }
    const [compute] = args;
    if (compute !== undefined && compute !== null && typeof compute !== "function") {
      throw new TypeError(`step(): argument 'closure' must be a function, not ${describe(compute)}`);
    }
    const loss = this.advance(compute as (() => T) | undefined);
    for (const hook of [...this.#postHooks.values(), ...allPostHooks.values()]) hook(this, args);
    return loss;
  }

  /** What a step does between the hooks: the loss, if it is asked for, and an update of each group. */
  protected advance<T>(closure: (() => T) | undefined): T | undefined {
    const loss = closure ? this.evaluate(closure) : undefined;
    this.checkGroups();
    const groups = this.paramGroups.map((group) => settled(group) as unknown as ParamGroup<O>);
    this.#checkSteps(groups);
    for (const group of groups) withRecording(isDifferentiable(group), () => this.update(group));
    return loss;
  }

  /** Throws for options that were changed to something else. */
  protected checkGroups(): void {
    for (const group of this.paramGroups) this.#checkOptions(group, "step");
  }

  /** Computes the loss anew. */
  protected evaluate<T>(closure: () => T): T {
    const loss = withRecording(true, closure);
    checkFinished("step", loss);
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
        const grad = borrowGrad(param);
        if (grad === null) continue;
        if (setToNone) replaceGrad(param, null);
        else clear(grad);
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

  /** Calls a function before `stateDict` makes the dictionary. */
  registerStateDictPreHook(hook: (optimizer: Optimizer) => void, options?: HookOptions): RemovableHandle {
    return this.#addDictHook("registerStateDictPreHook", this.#dictHooks.statePre, hook, options);
  }

  /** Calls a function with the dictionary that `stateDict` made; one that it returns takes its place. */
  registerStateDictPostHook(hook: DictHook, options?: HookOptions): RemovableHandle {
    return this.#addDictHook("registerStateDictPostHook", this.#dictHooks.statePost, hook, options);
  }

  /** Calls a function with the dictionary that `loadStateDict` is about to load; one that it returns takes its place. */
  registerLoadStateDictPreHook(hook: DictHook, options?: HookOptions): RemovableHandle {
    return this.#addDictHook("registerLoadStateDictPreHook", this.#dictHooks.loadPre, hook, options);
  }

  /** Calls a function after `loadStateDict`. */
  registerLoadStateDictPostHook(hook: (optimizer: Optimizer) => void, options?: HookOptions): RemovableHandle {
    return this.#addDictHook("registerLoadStateDictPostHook", this.#dictHooks.loadPost, hook, options);
  }

  #addDictHook<T>(name: string, hooks: Map<number, T>, hook: T, options: HookOptions | undefined): RemovableHandle {
    const { prepend } = new Signature(name, { prepend: flag }).parse(options === undefined ? [] : [options]);
    return addHook(hooks, hook, prepend);
  }

  /** @internal */
  [duplicate](copy: Copy, remember: (twin: Optimizer<O>) => void): void {
    const none = [[Tensor.empty([0], getDefaultDtype())], {}];
    const twin: Optimizer<O> = Reflect.construct(Optimizer, none, this.constructor as new () => Optimizer<O>);
    remember(twin);
    for (const [id, hook] of this.#preHooks) twin.#preHooks.set(id, hook);
    for (const [id, hook] of this.#postHooks) twin.#postHooks.set(id, hook);
    for (const [name, hooks] of Object.entries(this.#dictHooks) as [keyof DictHooks, Map<number, never>][]) {
      for (const [id, hook] of hooks) twin.#dictHooks[name].set(id, hook);
    }
    copyProperties(twin, this, copy);
  }

  /** State and options with PyTorch's keys; the state is a map from the numbers of the parameters. */
  stateDict(): OptimizerStateDict {
    for (const hook of [...this.#dictHooks.statePre.values()]) hook(this);
    return replacedBy(this.#dictHooks.statePost, this, this.#dictionary());
  }

  #dictionary(): OptimizerStateDict {
    const numbers = new Map<Tensor, number>();
    for (const group of this.paramGroups) for (const param of group.params) numbers.set(param, numbers.size);
    const state = new Map<number, Record<string, unknown>>();
    for (const [param, values] of this.state) {
      const number = numbers.get(param);
      if (number !== undefined) state.set(number, mapKeys(values, toSnakeCase));
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
  loadStateDict(dict: LoadableStateDict): void {
    this.#load(replacedBy(this.#dictHooks.loadPre, this, dict));
    for (const hook of [...this.#dictHooks.loadPost.values()]) hook(this);
  }

  #load(dict: LoadableStateDict): void {
    const saved = dict?.param_groups;
    const states: unknown = dict?.state;
    if (!Array.isArray(saved) || !(isPlainObject(states) || isMap(states)))
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
    for (const [number, values] of isMap(states) ? states : Object.entries(states)) {
      const param = params.get(Number(number));
      if (!isPlainObject(values)) throw new TypeError("loadStateDict(): the state of a parameter must be an object");
      if (param !== undefined)
        state.set(
          param,
          mapKeys(values, toCamelCase, (value, key) => copyState(value, key, param)),
        );
    }
    this.state.clear();
    for (const [param, values] of state) this.state.set(param, values);
    const copies = new Map<Tensor, Tensor>();
    saved.forEach((group, i) => {
      const { params: _, ...options } = group;
      this.#takeOptions(this.paramGroups[i] as ParamGroup<Held<O>>, copyOptions(options, toCamelCase, copies));
    });
  }

  /** Throws for a group of a dictionary, which may come from anywhere, that is not made as one. */
  #checkSavedGroup(group: unknown): void {
    if (isPlainObject(group)) checkLists(group, "loadStateDict");
    const isGroup = isPlainObject(group) && Array.isArray(group.params) && group.params.every(Number.isInteger);
    if (!isGroup) throw new TypeError("loadStateDict(): a parameter group must list the numbers of its parameters");
    this.#checkOptions(mapKeys(group, toCamelCase), "loadStateDict");
  }

  /** Throws for an option that is of another kind than the default: kernels take numbers for numbers. */
  #checkOptions(options: object, where: string): void {
    for (const [name, usual] of Object.entries(this.defaults)) {
      const value = (options as Record<string, unknown>)[name];
      if (name === "lr" && isRate(usual) && isRate(value)) checkOneElement(value);
      else if (value !== undefined && !isOfKind(value, usual)) {
        throw new TypeError(`${where}(): option '${name}' must be ${describe(usual)}, not ${describe(value)}`);
      }
    }
  }

  /** Puts loaded options in the place of a group's; the object stays, since schedulers hold it. */
  #takeOptions(group: ParamGroup<Held<O>>, saved: Record<string, unknown>): void {
    const { params, paramNames } = group as { params: Tensor[]; paramNames?: readonly string[] };
    const named = paramNames === undefined ? {} : { paramNames };
    for (const name of Object.keys(group)) delete (group as Record<string, unknown>)[name];
    Object.assign(group, this.defaults, named, definedOnly(saved), { params });
  }

  toString(): string {
    const lines = this.paramGroups.map((group, i) => formatGroup(group, i, this.floats));
    return `${this.constructor.name} (\n${lines.join("\n")})`;
  }

  /** Defaults that are whole but floating numbers in Python, by their names there: they print with `.0`. */
  protected get floats(): Readonly<Record<string, number>> {
    return {};
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** A dictionary, or what hooks put in its place. */
function replacedBy<D extends LoadableStateDict>(hooks: Map<number, DictHook>, optimizer: Optimizer, dict: D): D {
  let current = dict;
  for (const hook of [...hooks.values()]) current = (hook(optimizer, current as OptimizerStateDict) ?? current) as D;
  return current;
}

/** The name of a pair of name and parameter. */
function nameOf([name]: readonly unknown[]): string {
  if (typeof name !== "string") throw new TypeError(`the name of a parameter must be a string, not ${describe(name)}`);
  return name;
}

function definedOnly<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

/** The items of an iterable, not looked at yet; a tensor is no list of parameters. */
function listOf(values: unknown, what: string): readonly unknown[] {
  // An array is not copied: it may be longer than it can be filled.
  if (Array.isArray(values)) return values;
  if (!isIterable(values) || values instanceof Tensor || typeof values === "string") {
    const isModule = typeof (values as { parameters?: unknown } | null | undefined)?.parameters === "function";
    const isMethod = typeof values === "function" && values.name === "parameters";
    const cure = isModule ? "; pass model.parameters()" : isMethod ? "; call it: model.parameters()" : "";
    throw new TypeError(`${what} should be an iterable of Tensors or dicts, but got ${describe(values)}${cure}`);
  }
  return listItems(values);
}

/** Whether a value is a number where the usual one is, a list of as many, …; anything goes where that is null. */
function isOfKind(value: unknown, usual: unknown): boolean {
  if (usual === null || usual === undefined) return true;
  if (!Array.isArray(usual)) return typeof value === typeof usual && value !== null;
  return Array.isArray(value) && value.length === usual.length && usual.every((item, i) => isOfKind(value[i], item));
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
