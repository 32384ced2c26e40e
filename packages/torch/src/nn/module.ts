/**
 * The base of every neural network: a function with parameters, buffers and child modules.
 *
 * Source: https://pytorch.org/docs/stable/generated/torch.nn.Module.html
 */
import { callable, text } from "../arguments/params.js";
import { readArgument } from "../arguments/parse.js";
import { warn } from "../arguments/warn.js";
import { replaceGrad } from "../autograd/meta.js";
import type { Device } from "../core/devices.js";
import { bfloat16, type DType, float16, float32, float64 } from "../core/dtype.js";
import type { RemovableHandle } from "../core/hooks.js";
import { toCamelCase } from "../core/names.js";
import { Tensor } from "../core/tensor.js";
import { type Copy, copyProperties, duplicate } from "../ops/creation/deepcopy.js";
import { emptyLike } from "../ops/creation/filled.js";
import { type ToArguments, wantedDevice, wantedDtype } from "../ops/creation/memory.js";
import { fitsFormat } from "../ops/creation/memoryFormat.js";
import { beforeDefine, beforeDelete, Callable, invoke } from "./callable.js";
import { convert } from "./convert.js";
import { inModule } from "./failure.js";
import { runForward } from "./forward.js";
import {
  type BackwardHook,
  type BackwardPreHook,
  type ForwardHook,
  type ForwardPreHook,
  type HookOptions,
  ModuleHooks,
  putHook,
} from "./hooks.js";
import type { unsized } from "./lazy.js";
import {
  bufferArgs,
  forwardHookArgs,
  hookArgs,
  loadStateDictArgs,
  type NamedModulesArguments,
  type NamedTensorsArguments,
  namedModulesArgs,
  namedTensorsArgs,
  parametersArgs,
  stateDictArgs,
  switchArgs,
  toArgs,
  toEmptyArgs,
  zeroGradArgs,
} from "./moduleArguments.js";
import {
  checkKeyIsFree,
  checkMember,
  checkName,
  findMember,
  hasKey,
  joinName,
  type Member,
  type MemberKind,
  MemberTable,
  members,
  walk,
  warnOfHidden,
} from "./moduleMembers.js";
import { moduleWatch } from "./observe.js";
import type { Parameter } from "./parameter.js";
import { moduleText } from "./repr.js";
import { type IncompatibleKeys, loadState, type StateDict, saveState } from "./stateDict.js";

/** The hooks of a module. */
const hooks: unique symbol = Symbol("hooks");

/** @internal The functions that are called before `forward`, by their numbers. */
export const preHooks: unique symbol = Symbol("preHooks");

/** @internal Lets properties have other values for a while. */
export const lend: unique symbol = Symbol("lend");

/** Which properties of a module are its members. */
const table: unique symbol = Symbol("table");

/**
 * A part of a neural network. Subclasses assign parameters and other modules to their properties, and write
 * `forward`, which runs when the module is called. A property that is a parameter, buffer or module takes another
 * one or null; anything else in its place is a `TypeError`, since it would be gone from the state dict.
 *
 * @example
 * class Net extends nn.Module {
 *   hidden = new nn.Linear(784, 128);
 *   output = new nn.Linear(128, 10);
 *   forward(x: Tensor) {
 *     return this.output(F.relu(this.hidden(x)));
 *   }
 * }
 * const logits = new Net()(x);
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: this is how a class gets a call signature
export class Module extends Callable {
  // Private names would be known to the proxy only, not to the function behind it.
  /** @internal */
  private [table] = new MemberTable();
  /** @internal */
  private [hooks]: ModuleHooks | undefined = undefined;
  /** @internal Of a lazy module. */
  declare [unsized]?: Set<string>;
  /** Whether the module is in training rather than evaluation mode; `train` and `eval` set it. */
  training = true;

  /** Computes the result of a call; written by subclasses, and called by nobody but the module itself. */
  // biome-ignore lint/suspicious/noExplicitAny: subclasses say what they take and give
  forward(..._inputs: any[]): any {
    throw new Error(`Module [${this.constructor.name}] is missing the required "forward" function`);
  }

  /** What is printed in the parentheses behind the module's name. */
  extraRepr(): string {
    return "";
  }

  override toString(): string {
    return moduleText(this);
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }

  /** @internal */
  override [invoke](self: this, inputs: unknown[]): unknown {
    try {
      const { watcher } = moduleWatch;
      if (watcher !== undefined) return watcher(self, () => runForward(this, self, this[hooks], inputs), inputs);
      return runForward(this, self, this[hooks], inputs);
    } catch (error) {
      throw inModule(error, self, inputs);
    }
  }

  /** @internal */
  [duplicate](copy: Copy, remember: (twin: Module) => void): void {
    const twin = Reflect.construct(Module, [], this.constructor as new () => Module) as Module;
    remember(twin);
    twin[table] = new MemberTable(this[table]);
    twin[hooks] = this[hooks]?.clone();
    copyProperties(twin, this, copy, [table, hooks]);
    twin[table] = new MemberTable(this[table]);
  }

  // ---- what belongs to the module ----

  /** @internal */
  *[members](): Generator<Member> {
    const own = this as unknown as Record<string, Member["value"] | null | undefined>;
    for (const [property, registration] of [...this[table]]) {
      const value = own[property];
      if (value === null || value === undefined) continue;
      const replace = (next: Member["value"]) => {
        own[property] = next;
      };
      yield { ...registration, value, replace };
    }
  }

  /** @internal Whether a name in the state dict is taken. */
  [hasKey](key: string): boolean {
    return this[table].hasKey(key);
  }

  /** @internal */
  override [beforeDefine](property: string, descriptor: PropertyDescriptor): void {
    if (descriptor.get !== undefined) this[table].delete(property);
    if (!("value" in descriptor)) return;
    if (descriptor.value instanceof Tensor) descriptor.value.storage.keep();
    const registration = this[table].becomes(property, descriptor.value);
    if (registration === undefined) return;
    if (!this[table].has(property)) checkKeyIsFree(this, property, registration.key);
    this[table].delete(property);
    this[table].set(property, registration);
  }

  /** @internal */
  override [beforeDelete](property: string): void {
    this[table].delete(property);
  }

  /** @internal Gives properties values of any kind, and returns what gives them their own back. */
  [lend](values: ReadonlyMap<string, unknown>): () => void {
    const own = this as unknown as Record<string, unknown>;
    const before = new MemberTable(this[table]);
    const lent = [...values.keys()].map((property) => [property, own[property]] as const);
    const set = (property: string, value: unknown) => {
      this[table].delete(property);
      own[property] = value;
    };
    for (const [property, value] of values) set(property, value);
    return () => {
      for (const [property, value] of lent) set(property, value);
      this[table] = before;
    };
  }

  /** Adds a parameter, or null for one that is absent, under a name that the state dict keeps as it is. */
  registerParameter(name: string, param: Parameter | null): void {
    this.#register("parameter", name, param);
  }

  /**
   * Adds a tensor that is no parameter but part of the state, such as a running mean.
   *
   * @param options.persistent whether the state dict has it; true by default.
   */
  registerBuffer(name: string, tensor: Tensor | null, options: { persistent?: boolean } = {}): void {
    const { persistent } = bufferArgs.parse([name, tensor, options]);
    this.#register("buffer", name, tensor, persistent);
  }

  /** Adds a child module under a name that the state dict keeps as it is. */
  registerModule(name: string, module: Module | null): void {
    this.#register("module", name, module);
  }

  /** The same as `registerModule`. */
  addModule(name: string, module: Module | null): void {
    this.#register("module", name, module);
  }

  #register(kind: MemberKind, name: string, value: Parameter | Tensor | Module | null, isPersistent = true): void {
    checkName(kind, name);
    const own = this as unknown as Record<string, unknown>;
    const property = toCamelCase(name);
    const known = this[table].get(property);
    const isFree = known === undefined ? own[property] === undefined : known.kind === kind && known.key === name;
    if (!isFree) throw new Error(`attribute '${name}' already exists`);
    checkMember(kind, name, value);
    if (known === undefined) checkKeyIsFree(this, property, name);
    const registration = { kind, key: name, isPersistent };
    this[table].set(property, registration);
    own[property] = value;
    // A parameter that is registered as a buffer is one, though it would not be by assignment.
    this[table].set(property, registration);
  }

  /** Every parameter, those of children too unless `recurse` is false. */
  parameters(options: { recurse?: boolean } = {}): Parameter[] {
    return this.namedParameters(parametersArgs.parse([options])).map(([, parameter]) => parameter);
  }

  /** Every parameter with its name: `["hidden.weight", …]`. */
  namedParameters(...args: NamedTensorsArguments): [name: string, parameter: Parameter][] {
    return this.#namedMembers("parameter", args);
  }

  /** Every buffer, those of children too unless `recurse` is false. */
  buffers(options: { recurse?: boolean } = {}): Tensor[] {
    return this.namedBuffers(parametersArgs.parse([options])).map(([, buffer]) => buffer);
  }

  /** Every buffer with its name. */
  namedBuffers(...args: NamedTensorsArguments): [name: string, buffer: Tensor][] {
    return this.#namedMembers("buffer", args);
  }

  #namedMembers<T>(kind: MemberKind, args: NamedTensorsArguments): [name: string, member: T][] {
    const { prefix, recurse, removeDuplicate } = namedTensorsArgs.parse(args);
    const seen = new Set<unknown>();
    const found: [name: string, member: T][] = [];
    const modules = recurse ? this.namedModules({ prefix, removeDuplicate }) : [[prefix, this] as const];
    for (const [path, module] of modules) {
      for (const member of module[members]()) {
        if (member.kind !== kind || seen.has(member.value)) continue;
        if (removeDuplicate) seen.add(member.value);
        found.push([joinName(path, member.key), member.value as T]);
      }
    }
    if (kind === "parameter" && recurse) warnOfHidden(this.modules());
    return found;
  }

  /** The modules right below this one. */
  children(): Module[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** The modules right below this one, with their names. */
  namedChildren(): [name: string, child: Module][] {
    const seen = new Set<unknown>();
    const found: [name: string, child: Module][] = [];
    for (const { kind, key, value } of this[members]()) {
      if (kind !== "module" || seen.has(value)) continue;
      seen.add(value);
      found.push([key, value as Module]);
    }
    return found;
  }

  /** This module and all below it. */
  modules(): Module[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** This module and all below it, with their names; its own name is the prefix. */
  namedModules(...args: NamedModulesArguments): [name: string, module: Module][] {
    const { prefix, removeDuplicate } = namedModulesArgs.parse(args);
    const seen = new Set<Module>();
    return [...walk(this, prefix, removeDuplicate ? seen : undefined)];
  }

  /**
   * The module at a path such as `"layers.0"`.
   *
   * @throws Error if there is none.
   */
  getSubmodule(target: string): Module {
    readArgument("getSubmodule", "target", text, target);
    let module: Module = this;
    for (const part of target === "" ? [] : target.split(".")) module = findMember(module, part, "module") as Module;
    return module;
  }

  /** The parameter at a path such as `"layers.0.weight"`. */
  getParameter(target: string): Parameter {
    return this.#getTensor(target, "parameter") as Parameter;
  }

  /** The buffer at a path. */
  getBuffer(target: string): Tensor {
    return this.#getTensor(target, "buffer");
  }

  #getTensor(target: string, kind: MemberKind): Tensor {
    readArgument(kind === "buffer" ? "getBuffer" : "getParameter", "target", text, target);
    const at = target.lastIndexOf(".");
    return findMember(this.getSubmodule(target.slice(0, Math.max(at, 0))), target.slice(at + 1), kind) as Tensor;
  }

  // ---- what is done to all of it ----

  /** Calls a function with every module below this one, and with this one last. */
  apply(fn: (module: Module) => void): this {
    readArgument("apply", "fn", callable, fn);
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  /** Sets training mode, or evaluation mode if `mode` is false, here and below. */
  train(mode = true): this {
    switchArgs.parse([mode]);
    this.training = mode;
    for (const child of this.children()) child.train(mode);
    return this;
  }

  /** Sets evaluation mode: dropout does nothing, batch norm uses its running statistics. */
  eval(): this {
    return this.train(false);
  }

  /** Switches gradients of all parameters on or off. */
  requiresGrad_(requiresGrad = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(requiresGrad);
    return this;
  }

  /** Drops the gradients of all parameters; with `setToNone: false` sets them to zero. */
  zeroGrad(options: { setToNone?: boolean } = {}): void {
    const { setToNone } = zeroGradArgs.parse([options]);
    for (const parameter of this.parameters()) {
      if (setToNone || parameter.grad === null) replaceGrad(parameter, null);
      else parameter.grad = parameter.grad.detach().zero_();
    }
  }

  /**
   * Brings parameters and buffers to a device, and the floating and complex ones to a dtype, or to those of a tensor; in place, so
   * that an optimizer keeps its parameters.
   *
   * @throws TypeError for a dtype that is neither floating nor complex; Error from the device `meta` to another: see `toEmpty`.
   */
  to(...args: ToArguments): this {
    const given = toArgs.parse(args);
    const [dtype, device, memoryFormat = "preserve"] = [wantedDtype(given), wantedDevice(given), given.memoryFormat];
    if (dtype?.isComplex) {
      warn(
        "Complex modules are a new feature under active development whose design may change, and some modules might not work as expected when using complex tensors as parameters or buffers.",
      );
    }
    if (dtype !== undefined && !dtype.isDifferentiable) {
      throw new TypeError(`nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=${dtype}`);
    }
    convert(this, (tensor) =>
      tensor.to({
        dtype: tensor.dtype.isDifferentiable ? (dtype ?? tensor.dtype) : tensor.dtype,
        device: device ?? tensor.device,
        // Only weights of as many dims as images or volumes have such a format.
        memoryFormat: fitsFormat(tensor, memoryFormat) ? memoryFormat : "preserve",
      }),
    );
    return this;
  }

  /**
   * Brings parameters and buffers to a device without their elements, which are undefined then.
   *
   * @example
   * const model = torch.device("meta", () => new nn.Linear(10, 10));
   * model.toEmpty({ device: "cpu" }).resetParameters();
   */
  toEmpty(options: { device: Device }): this {
    const { device } = toEmptyArgs.parse([options]);
    convert(this, (tensor) => emptyLike(tensor, { device }));
    return this;
  }

  /** Converts floating parameters and buffers to float16. */
  half(): this {
    return this.to(float16);
  }

  /** Converts floating parameters and buffers to bfloat16. */
  bfloat16(): this {
    return this.to(bfloat16);
  }

  /** Converts floating parameters and buffers to float32. */
  float(): this {
    return this.to(float32);
  }

  /** Converts floating parameters and buffers to float64. */
  double(): this {
    return this.to(float64);
  }

  /** Converts all parameters and buffers to a dtype. */
  type(dstType: DType): this {
    convert(this, (tensor) => tensor.to(dstType));
    return this;
  }

  /** Brings everything to the CPU. */
  cpu(): this {
    return this.to("cpu");
  }

  // ---- state ----

  /**
   * The parameters and persistent buffers by name, sharing their memory, without gradients unless `keepVars`.
   *
   * @see https://pytorch.org/docs/stable/generated/torch.nn.Module.html#torch.nn.Module.state_dict
   */
  stateDict(options: { destination?: StateDict; prefix?: string; keepVars?: boolean } = {}): StateDict {
    const { prefix, keepVars } = stateDictArgs.parse([options]);
    return saveState(this, prefix, keepVars, options.destination ?? {});
  }

  /**
   * Copies a state into the parameters and buffers.
   *
   * @param options.strict throw unless the keys are exactly the module's own; true by default.
   * @param options.assign use the tensors of the state themselves.
   * @returns the keys that are missing in the state, and those that the module does not have.
   * @throws Error if something does not fit; nothing is changed then.
   */
  loadStateDict(stateDict: StateDict, options: { strict?: boolean; assign?: boolean } = {}): IncompatibleKeys {
    const { strict, assign } = loadStateDictArgs.parse([stateDict, options]);
    return loadState(this, stateDict, strict, assign);
  }

  /**
   * Called before a state is loaded, for the module and for each of its children: may rename or drop keys of the state,
   * which is a copy, such as those of an older version. By itself it does nothing.
   *
   * @param prefix with what the keys of this module begin.
   */
  _loadFromStateDict(_stateDict: StateDict, _prefix: string): void {}

  // ---- hooks ----

  get #ownHooks(): ModuleHooks {
    this[hooks] ??= new ModuleHooks();
    return this[hooks];
  }

  /** @internal */
  get [preHooks](): Map<number, ForwardPreHook> {
    return this.#ownHooks.forwardPre;
  }

  /** Calls a function before each `forward`; what it returns replaces the inputs. */
  registerForwardPreHook(
    hook: (module: this, inputs: Parameters<this["forward"]>) => unknown,
    options: HookOptions = {},
  ): RemovableHandle {
    const { prepend } = hookArgs.parse([hook, options]);
    return putHook(this.#ownHooks.forwardPre, hook as ForwardPreHook, prepend);
  }

  /**
   * Calls a function after each `forward`; what it returns replaces the output.
   *
   * @param options.alwaysCall also if `forward` throws.
   */
  registerForwardHook(
    hook: (module: this, inputs: Parameters<this["forward"]>, output: ReturnType<this["forward"]>) => unknown,
    options: HookOptions & { alwaysCall?: boolean } = {},
  ): RemovableHandle {
    const { prepend, alwaysCall } = forwardHookArgs.parse([hook, options]);
    return putHook(this.#ownHooks.forward, { hook: hook as ForwardHook, always: alwaysCall }, prepend);
  }

  /** Calls a function when the gradients of the outputs are known; what it returns replaces them. */
  registerFullBackwardPreHook(hook: BackwardPreHook, options: HookOptions = {}): RemovableHandle {
    const { prepend } = hookArgs.parse([hook, options]);
    return putHook(this.#ownHooks.backwardPre, hook, prepend);
  }

  /** Calls a function when the gradients of the inputs are known; what it returns replaces them. */
  registerFullBackwardHook(hook: BackwardHook, options: HookOptions = {}): RemovableHandle {
    const { prepend } = hookArgs.parse([hook, options]);
    return putHook(this.#ownHooks.backward, hook, prepend);
  }
}

/** A module is called like the function that its `forward` is. */
export interface Module {
  // biome-ignore lint/style/useShorthandFunctionType: the interface merges with the class
  (...inputs: Parameters<this["forward"]>): ReturnType<this["forward"]>;
}

/** @internal Takes all hooks away from a module and those in it. */
export function dropHooks(model: Module): void {
  for (const module of model.modules()) module[hooks] = undefined;
}

/** @internal Whether a call runs a certain `forward` and nothing else: no hooks, and nobody looks on. */
export function isPlain(module: Module, forward: Module["forward"]): boolean {
  return module.forward === forward && module[hooks] === undefined && moduleWatch.watcher === undefined;
}
