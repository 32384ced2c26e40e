/**
 * Watches a model run, and tells of the nodes that PyTorch's `torch.fx` would have for it, in the order in which they are
 * computed: inputs, the parameters that the program itself uses, modules that are not looked into, operations and
 * functions.
 */
import { noGrad } from "../autograd/modes.js";
import { toSnakeCase } from "../core/names.js";
import { asStep, steps } from "../core/steps.js";
import { Tensor } from "../core/tensor.js";
import { dropHooks, type Module } from "../nn/module.js";
import { moduleWatch } from "../nn/observe.js";
import { Parameter } from "../nn/parameter.js";
import { deepcopy, shapeCopy } from "../ops/creation/deepcopy.js";
import type { Result } from "../ops/define.js";
import { device } from "../ops/devices.js";
import { DispatchMode, type OperationCall, tensorsIn } from "../ops/dispatch.js";

/** What a node is, in the words of `torch.fx`. */
export type NodeKind = "placeholder" | "get_attr" | "call_module" | "call_function";

/** A node, and what it gives. */
export interface ObservedNode {
  readonly kind: NodeKind;
  /** The path of the module whose program computes it; of a module, its own path. */
  readonly scope: string;
  /** The name of an input, the key of a parameter, or the name of an operation or function, in snake_case. */
  readonly target: string;
  readonly value: unknown;
}

/** How a model is watched. */
export interface ObserveOptions {
  /** Which modules are nodes, rather than the operations in them. */
  isLeaf: (module: Module) => boolean;
  /**
   * Told of each node when it was computed. Says `"keep"` of a value that is used after the program has gone on, and
   * `"stop"` of one after which nothing more need be computed.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that says nothing is meant
  visit: (node: ObservedNode) => "keep" | "stop" | void;
  /** Told of a tensor that the program is about to change by an operator such as `+=`, which `torch.fx` does not do. */
  beforeChange?: (tensor: Tensor) => void;
}

/** Thrown where a run ends before its time. */
const stopped: unique symbol = Symbol("stopped");

/** Operations that have other names in PyTorch's programs. */
const spellings: Readonly<Record<string, string>> = {
  constantPadNd: "pad",
  div: "truediv",
  floorDivide: "floordiv",
  im2col: "unfold",
};
/** In-place operations that stand for Python's operators. */
const operators = new Set(["add", "sub", "mul", "div"]);

function spelled(id: string, args: readonly unknown[]): string {
  if (id === "hardtanh" && args[1] === 0 && args[2] === 6) return "relu6";
  const name = id.slice(id.lastIndexOf(".") + 1);
  return spellings[name] ?? toSnakeCase(name);
}

class Observer extends DispatchMode {
  readonly #paths: ReadonlyMap<unknown, string>;
  /** The keys of parameters that the program did not use yet. */
  readonly #unused: Map<unknown, string>;
  #scope = "";
  /** How many nodes are under way, in which nothing is a node. */
  #depth = 0;

  constructor(
    readonly model: Module,
    readonly options: ObserveOptions,
  ) {
    super();
    this.#paths = new Map([...model.namedModules()].map(([path, module]) => [module, path]));
    this.#unused = new Map([...model.namedParameters()].map(([key, parameter]) => [parameter, key]));
  }

  override operation(call: OperationCall): Result {
    if (this.#depth > 0) return call.run();
    const { operation, form, args } = call;
    this.#useParameters(args);
    if (form === "inplace" && operators.has(operation.id)) this.options.beforeChange?.(args[0] as Tensor);
    const value = this.#within(call.run);
    this.#visit("call_function", spelled(operation.id, args), value);
    return value;
  }

  /** Runs a function as one node. */
  call<R>(name: string, args: readonly unknown[], run: () => R): R {
    if (this.#depth > 0) return run();
    this.#useParameters(args);
    const value = this.#within(run);
    this.#tell("call_function", name, value);
    return value;
  }

  /** Runs a module: as one node, or with nodes in it. */
  module(module: Module, run: () => unknown): unknown {
    const path = this.#paths.get(module);
    if (this.#depth > 0 || path === undefined) return run();
    const outer = this.#scope;
    this.#scope = path;
    try {
      if (path === "" || !this.options.isLeaf(module)) return run();
      const value = this.#within(run);
      this.#tell("call_module", "", value);
      this.#scope = outer;
      this.#tellParts(value);
      return value;
    } finally {
      this.#scope = outer;
    }
  }

  /** Tells of the inputs, and runs the model. */
  start(inputs: readonly unknown[], names: readonly string[]): unknown {
    inputs.forEach((input, i) => {
      this.#tell("placeholder", names[i] ?? `input_${i}`, input);
    });
    return (this.model as unknown as (...args: readonly unknown[]) => unknown)(...inputs);
  }

  #within<R>(run: () => R): R {
    this.#depth++;
    try {
      return run();
    } finally {
      this.#depth--;
    }
  }

  #useParameters(args: readonly unknown[]): void {
    for (const parameter of tensorsIn(args).filter((tensor) => tensor instanceof Parameter)) {
      const key = this.#unused.get(parameter);
      if (key === undefined) continue;
      this.#unused.delete(parameter);
      this.#tell("get_attr", key, parameter);
    }
  }

  #visit(kind: NodeKind, target: string, value: unknown): void {
    this.#tell(kind, target, value);
    this.#tellParts(value);
  }

  /** The items of a list are nodes of their own: a program takes it apart. */
  #tellParts(value: unknown): void {
    if (value instanceof Tensor || typeof value !== "object" || value === null || !(Symbol.iterator in value)) return;
    for (const part of value as Iterable<unknown>) this.#tell("call_function", "getitem", part);
  }

  #tell(kind: NodeKind, target: string, value: unknown): void {
    const said = this.options.visit({ kind, scope: this.#scope, target, value });
    if (said === undefined) return;
    for (const { storage } of tensorsIn(value)) storage.keep();
    if (said === "stop") throw stopped;
  }
}

/** The names of the parameters of a function, as far as they are plain. */
function parameterNames(forward: unknown): string[] {
  const [, list = ""] = /^[^(]*\(([^)]*)\)/.exec(String(forward)) ?? [];
  return [...list.matchAll(/(?:^|,)\s*(?:\.\.\.)?([A-Za-z_$][\w$]*)/g)].map(([, name]) => toSnakeCase(name as string));
}

/**
 * Runs a model, and tells of its nodes.
 *
 * A program that takes a list apart, of an operation or a module, has a node `getitem` for each item of it. Of the parameters
 * those are nodes that modules which are looked into use themselves, where they are used first.
 *
 * @returns what the model gives; undefined if it was stopped.
 */
export function observe(model: Module, inputs: readonly unknown[], options: ObserveOptions): unknown {
  const observer = new Observer(model, options);
  const before = steps.watcher;
  steps.watcher = (name, args, run) => observer.call(name, args, run);
  using _watch = moduleWatch.observe((module, run) => observer.module(module, run));
  try {
    return observer.run(() => observer.start(inputs, parameterNames(model.forward)));
  } catch (error) {
    if (error === stopped) return undefined;
    throw error;
  } finally {
    steps.watcher = before;
  }
}

/** How a copy of a model is watched. */
export interface ObserveCopyOptions extends ObserveOptions {
  /** Makes of the copy what shall run, such as a model in training mode. */
  prepare?: (copy: Module) => void;
  /** Whether the copy has no numbers and runs on the device `meta`, so that nothing is computed. */
  shapesOnly?: boolean;
}

/** Runs a copy of a model, without its hooks, and tells of its nodes; the model stays as it is. */
export function observeCopy(model: Module, inputs: readonly unknown[], options: ObserveCopyOptions): void {
  const { shapesOnly = false } = options;
  const [copy, given] = shapesOnly ? shapeCopy([model, inputs] as const) : [deepcopy(model), inputs];
  dropHooks(copy);
  options.prepare?.(copy);
  using _device = device(shapesOnly ? "meta" : "cpu");
  noGrad(() => observe(copy, given, options));
}

/**
 * A function that is one node where a model is watched, whatever operations it is made of.
 *
 * @param name of the node, in snake_case.
 * @example const center = torch.fx.wrap((x: Tensor) => x.sub(x.mean()), "center");
 * @see https://pytorch.org/docs/stable/fx.html#torch.fx.wrap
 */
export function wrap<F extends (...args: never[]) => unknown>(body: F, name: string): F {
  return asStep(body, name);
}
