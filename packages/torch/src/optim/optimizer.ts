/**
 * The base of all optimizers: parameter groups, state, and their dictionary form that PyTorch can read.
 *
 * Source: https://pytorch.org/docs/stable/optim.html
 */
import { enableGrad, withRecording } from "../autograd/modes.js";
import { float32 } from "../core/dtype.js";
import { Tensor } from "../core/tensor.js";
import { addHook, type RemovableHandle } from "../core/hooks.js";
import { toCamelCase, toSnakeCase } from "../core/names.js";
import { flagOn } from "../arguments/params.js";
import { describe, isOptions, Signature } from "../arguments/parse.js";

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

const zeroGradSignature = new Signature("zeroGrad", { setToNone: flagOn });

type StepHook = (optimizer: Optimizer) => void;

export abstract class Optimizer<O extends object = Record<string, OptionValue>> {
  /** The groups; options may be changed at any time, as learning-rate schedulers do. */
  readonly paramGroups: ParamGroup<O>[] = [];
  readonly state = new Map<Tensor, ParamState>();
  readonly #preHooks = new Map<number, StepHook>();
  readonly #postHooks = new Map<number, StepHook>();

  /**
   * @param params tensors, or groups `{ params, …options }`.
   * @param defaults options for groups that do not say otherwise.
   * @throws TypeError if there is anything but leaf tensors among the parameters; Error if one is there twice.
   */
  constructor(
    params: ParamsInput<O>,
    readonly defaults: O,
  ) {
    if (params instanceof Tensor) {
      throw new TypeError("params argument given to the optimizer should be an iterable of Tensors or dicts, but got torch.FloatTensor");
    }
    if (typeof (params as Iterable<unknown>)?.[Symbol.iterator] !== "function") {
      throw new TypeError("params argument given to the optimizer should be an iterable of Tensors or groups");
    }
    const items = [...(params as Iterable<Tensor | readonly [string, Tensor] | { params: Tensor | Iterable<Tensor> }>)];
    if (items.length === 0) throw new Error("optimizer got an empty parameter list");
    if (isOptions(items[0])) {
      for (const group of items) this.addParamGroup(group as { params: Tensor | Iterable<Tensor> } & Partial<O>);
    } else {
      const tensors = items.map((item) => (Array.isArray(item) ? item[1] : item));
      this.addParamGroup({ params: tensors } as unknown as { params: Tensor[] } & Partial<O>);
    }
  }

  /** Adds parameters with options of their own. */
  addParamGroup(group: { params: Tensor | Iterable<Tensor> } & Partial<O>): void {
    if (!isOptions(group)) throw new TypeError("param group must be an object with `params`");
    if (typeof (group.params as Iterable<Tensor>)?.[Symbol.iterator] !== "function") {
      throw new TypeError("a param group must have `params`, a Tensor or an iterable of Tensors");
    }
    this.#checkOptions(group);
    const params = group.params instanceof Tensor ? [group.params] : [...(group.params as Iterable<Tensor>)];
    for (const param of params) this.#checkParam(param);
    if (new Set(params).size !== params.length) {
      throw new Error("some parameters appear more than once in one parameter group");
    }
    this.paramGroups.push({ ...this.defaults, ...definedOnly(group), params } as ParamGroup<O>);
  }

  #checkParam(param: unknown): void {
    if (!(param instanceof Tensor)) throw new TypeError(`optimizer can only optimize Tensors, but one of the params is ${typeof param}`);
    if (!param.isLeaf && !param.retainsGrad) throw new Error("can't optimize a non-leaf Tensor");
    if (this.paramGroups.some((group) => group.params.includes(param))) {
      throw new Error("some parameters appear in more than one parameter group");
    }
  }

  /** Throws if an option is of another kind than its default. */
  #checkOptions(options: object): void {
    for (const [name, value] of Object.entries(options)) {
      const usual = (this.defaults as Record<string, unknown>)[name];
      if (value !== undefined && usual !== undefined && usual !== null && !sameKind(value, usual)) {
        throw new TypeError(`optimizer option '${name}' must be like ${formatOption(usual)}, not ${describe(value)}`);
      }
    }
  }

  /** Updates the parameters of one group. */
  protected abstract update(group: ParamGroup<O>): void;

  /**
   * Updates all parameters by their gradients.
   *
   * @param closure computes the loss anew and returns it.
   * @returns what the closure returned.
   */
  step(): undefined;
  step<T>(closure: () => T): T;
  step<T>(closure?: () => T): T | undefined {
    for (const hook of this.#preHooks.values()) hook(this as unknown as Optimizer);
    const loss = closure === undefined ? undefined : enableGrad(closure);
    for (const group of this.paramGroups) {
      const recorded = Boolean((group as Record<string, unknown>).differentiable);
      withRecording(recorded, () => this.update(group));
    }
    for (const hook of this.#postHooks.values()) hook(this as unknown as Optimizer);
    return loss;
  }

  /**
   * Takes the gradients of all parameters away.
   *
   * @param options.setToNone false sets them to zeros instead.
   */
  zeroGrad(options?: { setToNone?: boolean }): void {
    const { setToNone } = zeroGradSignature.parse([options]);
    for (const group of this.paramGroups) {
      for (const param of group.params) {
        if (param.grad === null) continue;
        if (setToNone) param.grad = null;
        else param.grad = param.grad.detach().zero_();
      }
    }
  }

  /** Calls a function before each step. */
  registerStepPreHook(hook: StepHook): RemovableHandle {
    return addHook(this.#preHooks, hook);
  }

  /** Calls a function after each step. */
  registerStepPostHook(hook: StepHook): RemovableHandle {
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
    const isGroup = (group: unknown) => isOptions(group) && Array.isArray(group.params);
    if (!Array.isArray(saved) || !saved.every(isGroup) || !isOptions(dict.state) || !Object.values(dict.state).every(isOptions)) {
      throw new TypeError("loadStateDict(): expected the state dict of an optimizer");
    }
    if (saved.length !== this.paramGroups.length) throw new Error("loaded state dict has a different number of parameter groups");
    const params = new Map<number, Tensor>();
    saved.forEach((group, i) => {
      const own = this.paramGroups[i]?.params ?? [];
      if (group.params.length !== own.length) {
        throw new Error("loaded state dict contains a parameter group that doesn't match the size of optimizer's group");
      }
      group.params.forEach((number, j) => {
        params.set(number, own[j] as Tensor);
      });
    });
    const options = saved.map(({ params: _, ...options }) => mapKeys(options, toCamelCase));
    for (const group of options) this.#checkOptions(group);
    const state = new Map<Tensor, ParamState>();
    for (const [number, values] of Object.entries(dict.state)) {
      const param = params.get(Number(number));
      if (param !== undefined) state.set(param, mapKeys(values, toCamelCase, (value, key) => copyState(value, key, param)));
    }
    this.state.clear();
    for (const [param, values] of state) this.state.set(param, values);
    for (const [i, group] of this.paramGroups.entries()) Object.assign(group, options[i]);
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

/** A copy of a state's tensor, in the dtype of the parameter where it stands for its elements. */
function copyState(value: unknown, key: string, param: Tensor): Tensor | number | null | undefined {
  // Files of old have the step as a number.
  if (key === "step" && typeof value === "number") return Tensor.empty([], float32).fill_(value);
  if (value === null || value === undefined) return undefined;
  if (!(value instanceof Tensor)) throw new TypeError(`loadStateDict(): the state '${key}' must be a Tensor, not ${describe(value)}`);
  const converts = key !== "step" && param.dtype.isFloatingPoint;
  return value.detach().to(converts ? param.dtype : value.dtype, { copy: true, memoryFormat: "contiguous" });
}

function sameKind(value: unknown, usual: unknown): boolean {
  if (!Array.isArray(usual)) return typeof value === typeof usual;
  return Array.isArray(value) && value.length === usual.length && value.every((item, i) => sameKind(item, usual[i]));
}

/** An option as Python prints it. */
function formatOption(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "object") {
    const isPlain = Array.isArray(value) && value.length < 16 && value.every((item) => typeof item !== "object");
    return isPlain ? `(${value.map(formatOption).join(", ")})` : describe(value);
  }
  if (typeof value === "number" && value !== 0 && Math.abs(value) < 1e-4) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return String(value);
}
