/**
 * How an operation is defined: its parameters, its forward computation and its derivative, in one place.
 *
 * From the definition come the function, the method, the in-place form, the handling of `out`, and the node
 * with PyTorch's name that is recorded for the backward pass. There are two kinds: a primitive computes with
 * kernels and states its derivative; a composite is made of other operations and inherits theirs.
 */
import { keyword, optional, type Param, type Params, tensor, tensors, type ValuesOf } from "../arguments/params.js";
import { describe, Signature } from "../arguments/parse.js";
import { isGradEnabled, isInferenceModeEnabled, switchRecording, withoutRecording } from "../autograd/modes.js";
import { type Grads, setHistory } from "../autograd/node.js";
import { releasingTemporaries } from "../autograd/temporaries.js";
import { checkInferenceUpdate, checkInplace, markAsView, rebaseHistory } from "../autograd/views.js";
import { runOperation, severalDevices } from "../backend/devices.js";
import { Tensor, ViewCreation } from "../core/tensor.js";
import { checkCast, checkWritable, copyInto } from "./copyInto.js";
import { deviceOfCall } from "./deviceOfCall.js";
import { activeMode, type CallForm, throughModes } from "./dispatch.js";
import { NodeLayout, OpNode, outlineOf, type TensorOutline } from "./opNode.js";
import { checkOutDtypes, checkOutGrad, writeOut } from "./out.js";
import { OverlapCheck, type OverlapRules } from "./overlap.js";
import type { Result } from "./results.js";
import type { AnyFunction, InplaceFunction, Op, Variants } from "./types.js";

export { type Named, type NamedResult, named, type Result } from "./results.js";

type SavedValue<T, IsSaved> = T extends Tensor
  ? IsSaved extends true
    ? Tensor
    : TensorOutline
  : T extends readonly Tensor[]
    ? IsSaved extends true
      ? readonly Tensor[]
      : readonly TensorOutline[]
    : T;

/**
 * What a derivative may use: the arguments of the call (tensors among them only if the definition `saves`
 * them, else what they look like), and the result under the name `result`, if that is saved.
 */
export type Saved<P, S extends string> = {
  readonly [K in keyof P]: SavedValue<ValuesOf<P>[K], K extends S ? true : false>;
} & { readonly result: "result" extends S ? Tensor : never; readonly results: readonly Tensor[] };

type Gradients<P> = { readonly [K in keyof P]?: Tensor | Grads | undefined };

export interface Definition<P, S extends string = string, V extends Variants = Variants> {
  /** The camelCase name: of the function and of the method. */
  readonly name: string;
  /** What tells it from every other operation, where the name does not: `"split.sizes"`. */
  readonly id?: string;
  readonly params: P;
  /** Function and method unless said otherwise. */
  readonly variants?: V;
  /** Computes with kernels; may write into `out` where that fits and return it, else makes a new tensor. */
  readonly forward?: (args: ValuesOf<P>, out: Tensor | undefined) => Result;
  /** Computes with other operations. */
  readonly composite?: (args: ValuesOf<P>) => unknown;
  /** The tensors that derivatives use: names of parameters, `result`, or `results` where there are several. */
  readonly saves?: readonly S[];
  /** The places of those of several results that are saved; all of them unless said. Of the others the looks are kept. */
  readonly savedResults?: readonly number[];
  /** For saved tensors that the gradients of some inputs alone use: which. They are kept where one of those is wanted. */
  readonly savedFor?: { readonly [K in S]?: keyof P | readonly (keyof P)[] };
  /** The gradient of each differentiable input; brought to its shape and dtype by the caller. */
  readonly derivative?: { readonly [K in keyof P]?: (grad: Tensor, saved: Saved<P, S>) => Tensor | undefined };
  /**
   * Whether the derivative is that of complex numbers, as PyTorch states it. Functions that are not holomorphic have such
   * ones. All others state the derivative of real numbers, of which the node makes that of complex ones: it conjugates
   * the gradients before and after.
   */
  readonly ownConjugation?: boolean;
  /** All gradients at once, where they share work or there are several outputs. */
  readonly backward?: (grads: Grads, saved: Saved<P, S>, needs: { readonly [K in keyof P]: boolean }) => Gradients<P>;
  /** Which of PyTorch's overloads a call is: the number at the end of the node's name. */
  readonly overload?: (args: ValuesOf<P>) => number;
  /** The node's name, where it is not made of the operation's own and the overload (`MulBackward0`). */
  readonly nodeName?: string | ((args: ValuesOf<P>) => string);
  /** False for what no gradient flows through: it is never recorded. */
  readonly differentiable?: false;
  /** The result shares the memory of the first argument. */
  readonly view?: boolean;
  /** Each element of the result is made of those at its place in the tensors, which broadcast. */
  readonly elementwise?: boolean;
  /** The function itself changes its first argument in place (`copy_`). */
  readonly changesInput?: boolean;
  /**
   * Accepts `out`: one tensor of the result's dtype (`true`) or of one to which that can be converted (`"cast"`), so
   * many tensors, or either (`"any"`).
   */
  readonly out?: boolean | number | "any" | "cast";
  /** Whether tensors may be on several devices; the operation runs on that of the first one. */
  readonly acrossDevices?: boolean;
  /** How inputs may share memory with what is written, in place or as `out`, where that is not element for element. */
  readonly overlap?: OverlapRules<P>;
}

type AnyDefinition = Definition<Params>;

/** Operations by the function that stands for them. */
const operations = new WeakMap<object, Operation>();

const byId = new Map<string, Operation>();

/** Every operation, by its id. */
export function allOperations(): ReadonlyMap<string, Operation> {
  return byId;
}

/** The operation behind a function, if there is one. */
export function operationOf(callable: unknown): Operation | undefined {
  return typeof callable === "function" ? operations.get(callable) : undefined;
}

/**
 * Defines an operation. The signature that TypeScript sees is that of the constant it is assigned to; the
 * variants in it have to be those of the definition.
 */
export function op<const P, const S extends string = never, const V extends Variants = "function, method">(
  definition: Definition<P, S, V>,
): Op<AnyFunction, V> {
  const operation = new Operation({ ...noDefinition, ...(definition as unknown as AnyDefinition) });
  if (byId.has(operation.id)) throw new Error(`two operations have the id "${operation.id}"`);
  byId.set(operation.id, operation);
  return callable(definition.name, operation);
}

/** All fields of a definition: an operation is read faster when all of them look alike to V8, also those left out. */
const noDefinition: Record<keyof AnyDefinition, undefined> = {
  name: undefined,
  id: undefined,
  params: undefined,
  variants: undefined,
  forward: undefined,
  composite: undefined,
  saves: undefined,
  savedResults: undefined,
  savedFor: undefined,
  derivative: undefined,
  ownConjugation: undefined,
  backward: undefined,
  overload: undefined,
  nodeName: undefined,
  differentiable: undefined,
  view: undefined,
  elementwise: undefined,
  changesInput: undefined,
  out: undefined,
  acrossDevices: undefined,
  overlap: undefined,
};

/** An operation under another name. Nodes are still printed with the first one, as PyTorch's aliases are. */
export function synonym<O extends AnyFunction>(name: string, of: O): O {
  const { definition } = operationOf(of) as Operation;
  return callable(name, new Operation(definition, name)) as O;
}

/** The in-place form of an operation as a function. */
export function inplace<O extends AnyFunction>(of: O): InplaceFunction<O> {
  const operation = operationOf(of) as Operation;
  const call = (...args: unknown[]) => operation.callInplace(args);
  Object.defineProperty(call, "name", { value: `${operation.signature.functionName}_` });
  return call as InplaceFunction<O>;
}

function callable(name: string, operation: Operation): AnyFunction {
  const { variants, signature } = operation;
  const call: AnyFunction =
    signature.spread > 0 && variants !== "function"
      ? (...args) => operation.call(refuseSpread(signature, args))
      : (...args) => operation.call(args);
  Object.defineProperty(call, "name", { value: name });
  operations.set(call, operation);
  return call;
}

/** As in PyTorch, a method takes sizes spread or in one array, and its function in one array. */
function refuseSpread(signature: Signature<Params>, args: readonly unknown[]): readonly unknown[] {
  const value = args[signature.spread];
  if (typeof value !== "number" && typeof value !== "bigint") return args;
  const { functionName, names, spread } = signature;
  throw new TypeError(
    `${functionName}(): argument '${names[spread]}' must be tuple of ints, not int; write it in brackets`,
  );
}

/** Bytes up to which memory is shared by many tensors, and is not given back by hand. */
const smallMemory = 8192;

function isLarge(value: unknown): boolean {
  return value instanceof Tensor && value.storage.nbytes > smallMemory;
}

/** A defined operation: runs it, and records it where a gradient is wanted. */
export class Operation {
  readonly signature: Signature<Params>;
  readonly #layout: NodeLayout;
  readonly #overlap: OverlapCheck;

  constructor(
    readonly definition: AnyDefinition,
    name = definition.name,
  ) {
    const { params } = definition;
    const withOut = definition.out ? { ...params, out: keyword(optional(outParam(definition.out))) } : params;
    this.signature = new Signature(name, withOut);
    this.#layout = new NodeLayout(definition, this.signature.names);
    this.#overlap = new OverlapCheck(this.#layout, definition.overlap);
  }

  get variants(): Variants {
    return this.definition.variants ?? "function, method";
  }

  /** The name under which modes know it; no two operations share one. */
  get id(): string {
    return this.definition.id ?? this.definition.name;
  }

  /** Whether it is made of other operations. */
  get isComposite(): boolean {
    return this.definition.composite !== undefined;
  }

  call(args: readonly unknown[]): Result {
    if (this.definition.changesInput) return this.callInplace(args);
    const given = this.signature.read(args);
    // `out` is the last parameter of those that have it.
    return this.invoke(this.definition.out && given.at(-1) !== undefined ? "out" : "call", given);
  }

  /** Runs with the first argument as the place of the result. */
  callInplace(args: readonly unknown[]): Tensor {
    const given = this.signature.read(args);
    // Some functions take a number there, too.
    if (!(given[0] instanceof Tensor)) {
      const { functionName, names } = this.signature;
      throw new TypeError(`${functionName}_(): argument '${names[0]}' must be Tensor, not ${describe(given[0])}`);
    }
    return this.invoke("inplace", given) as Tensor;
  }

  /** Runs on arguments that were read: by way of the modes that are on. */
  invoke(form: CallForm, given: unknown[]): Result {
    if (activeMode !== undefined) return throughModes(this, form, given);
    if (severalDevices) return this.perform(form, given);
    return form === "call" ? this.#run(given) : this.#perform(form, given);
  }

  /** Runs on arguments that were read, with the device in force on which they are. */
  perform(form: CallForm, given: unknown[]): Result {
    if (!severalDevices) return this.#perform(form, given);
    const device = deviceOfCall(this.#layout, form, given);
    return runOperation(this.definition.name, device, () => this.#perform(form, given));
  }

  #perform(form: CallForm, given: unknown[]): Result {
    if (form === "call") return this.#run(given);
    if (this.isComposite) return releasingTemporaries(() => this.#runInto(form, given), undefined);
    return this.#runInto(form, given);
  }

  #runInto(form: CallForm, given: unknown[]): Result {
    return form === "inplace" ? this.#runInplace(given) : this.#runOut(given);
  }

  #run(given: unknown[]): Result {
    const { composite, view } = this.definition;
    const values = this.signature.byName(given);
    if (composite !== undefined) return releasingTemporaries(composite as AnyFunction, values) as Result;
    const recorded = this.#needsRecording(given);
    const result = recorded ? this.#compute(given, values, undefined) : this.#forward(given, values, undefined);
    if (view) this.#markViews(result, given[0] as Tensor);
    else if ((result as Tensor).base !== undefined) forgetBase(result as Tensor);
    if (recorded) this.#record(given, values, result);
    else if (isInferenceModeEnabled()) markInference(result, given);
    return result;
  }

  /** Runs the kernels; nothing is recorded meanwhile. */
  #compute(given: readonly unknown[], values: object, out: Tensor | undefined): Result {
    const before = switchRecording(false);
    try {
      return this.#forward(given, values, out);
    } finally {
      switchRecording(before);
    }
  }

  /** Runs the kernels, and gives the memory back that they needed on the way (operands in another dtype, say). */
  #forward(given: readonly unknown[], values: object, out: Tensor | undefined): Result {
    const { forward, view } = this.definition;
    if (view || (!isLarge(given[0]) && !isLarge(given[1]))) return forward?.(values as never, out) as Result;
    return releasingTemporaries(() => forward?.(values as never, out) as Result, undefined);
  }

  #runInplace(given: unknown[]): Tensor {
    const { composite } = this.definition;
    const self = given[0] as Tensor;
    const recorded = this.#needsRecording(given);
    const values = this.signature.byName(given);
    const separate = this.#overlap.separate(self, given, values, 1);
    if (composite !== undefined) {
      checkInferenceUpdate(self);
      // What is composed may save its input, which must not change then.
      const input = recorded ? self.clone() : self;
      const result = composite(this.signature.byName([input, ...given.slice(1)]) as never) as Tensor;
      checkCast(result.dtype, self.dtype);
      checkWritable(self, result.sizes);
      return self.copy_(result);
    }
    checkInplace(self, recorded);
    let node: OpNode | undefined;
    if (recorded) {
      // What it holds, or at least what it looks like, before the change.
      const before = this.#layout.savesFirst(given) ? self.clone() : outlineOf(self);
      node = new OpNode(this.#layout, given, [before, ...given.slice(1)], values);
    }
    const read = separate === given ? values : this.signature.byName(separate);
    const result = this.#compute(given, read, self) as Tensor;
    if (this.definition.view) {
      node?.keepResult(result);
      return this.#adoptGeometry(self, result, node);
    }
    if (result !== self) copyInto(self, result);
    self.bumpVersion();
    if (node !== undefined) {
      node.keepResult(self);
      rebaseHistory(self, node);
    }
    return self;
  }

  /** Gives a tensor the geometry of a view of it. The memory stays as it is, so its base has no part in this. */
  #adoptGeometry(self: Tensor, view: Tensor, node: OpNode | undefined): Tensor {
    self.offset = view.offset;
    self.sizes = view.sizes;
    self.strides = view.strides;
    self.contiguousFlag = view.contiguousFlag;
    self.bumpVersion();
    if (node !== undefined) setHistory(self, node);
    return self;
  }

  #runOut(given: readonly unknown[]): Result {
    const { composite, name } = this.definition;
    const out = given.at(-1);
    const outs = (Array.isArray(out) ? out : [out]) as Tensor[];
    checkOutGrad(name, outs, this.#needsRecording(given));
    for (const one of outs) checkInferenceUpdate(one);
    const values = this.signature.byName(given);
    let separate: readonly unknown[] = given;
    for (const written of outs) separate = this.#overlap.separate(written, separate, values, 0);
    const read = separate === given ? values : this.signature.byName(separate);
    return withoutRecording(() => {
      const result = composite
        ? composite(values as never)
        : this.#forward(given, read, outs.length === 1 ? outs[0] : undefined);
      if (this.definition.out !== "cast") checkOutDtypes(outs, result as Result);
      return writeOut(name, outs, result as Result);
    });
  }

  /**
   * Records a call on tensors that stand for others, of which somebody else computes the result.
   *
   * @param compute makes the result; of a call in place, it changes the first argument and returns it.
   * @param copy a copy of a tensor with what it holds now.
   */
  record(form: "call" | "inplace", given: unknown[], compute: () => Result, copy: (tensor: Tensor) => Tensor): Result {
    const recorded = this.#needsRecording(given);
    const values = this.signature.byName(given);
    if (form === "call") {
      const result = compute();
      if (this.definition.view) this.#markViews(result, given[0] as Tensor);
      if (recorded) this.#record([...given], values, result);
      return result;
    }
    const self = given[0] as Tensor;
    checkInplace(self, recorded);
    let node: OpNode | undefined;
    if (recorded) {
      const before = this.#layout.savesFirst(given) ? copy(self) : outlineOf(self);
      node = new OpNode(this.#layout, given, [before, ...given.slice(1)], values);
    }
    compute();
    if (node === undefined) return self;
    node.keepResult(self);
    if (this.definition.view) setHistory(self, node);
    else rebaseHistory(self, node);
    return self;
  }

  #needsRecording(given: readonly unknown[]): boolean {
    if (!isGradEnabled() || this.definition.differentiable === false) return false;
    const { tensorPlaces, listPlaces } = this.#layout;
    for (let i = 0; i < tensorPlaces.length; i++) {
      const value = given[tensorPlaces[i] as number];
      if (value instanceof Tensor && value.requiresGrad) return true;
    }
    for (let i = 0; i < listPlaces.length; i++) {
      const list = given[listPlaces[i] as number] as readonly (Tensor | null)[] | undefined;
      if (list?.some((item) => item?.requiresGrad)) return true;
    }
    return false;
  }

  #record(given: unknown[], values: object, result: Result): void {
    if (result instanceof Tensor) {
      if (result.dtype.isDifferentiable) setHistory(result, this.#nodeOf(given, values, result));
      return;
    }
    const outputs = [...(result as Iterable<Tensor>)];
    if (!outputs.some((output) => output.dtype.isDifferentiable)) return;
    const node = this.#nodeOf(given, values, result);
    for (const output of outputs) {
      if (output.dtype.isDifferentiable) setHistory(output, node);
      else node.addOutput(output);
    }
  }

  #nodeOf(given: unknown[], values: object, result: Result): OpNode {
    const node = new OpNode(this.#layout, given, given, values);
    node.keepResult(result);
    return node;
  }

  #markViews(result: Result, of: Tensor): void {
    if (result instanceof Tensor) markView(result, of, ViewCreation.Normal);
    else for (const view of result as Iterable<Tensor>) markView(view, of, ViewCreation.MultiOutput);
  }
}

/** Marks what shares memory with the tensor of which it was made as a view of it. */
function markView(view: Tensor, of: Tensor, creation: ViewCreation): void {
  if (view === of || view.storage !== of.storage) return;
  if (isInferenceModeEnabled()) markAsView(view, of, ViewCreation.Inference);
  else markAsView(view, of, isGradEnabled() ? creation : ViewCreation.NoGrad);
}

function outParam(kind: Definition<Params>["out"]): Param<unknown> {
  if (kind === true || kind === "cast") return tensor;
  if (kind !== "any") return tensors;
  return {
    ...tensors,
    expected: "Tensor or list of Tensors",
    read: (value) => (value instanceof Tensor ? value : tensors.read(value)),
  };
}

/** Makes a result no view: that of which it is one, in the shape in which kernels wrote it, is nobody else's. */
function forgetBase(result: Tensor): void {
  result.base = undefined;
  result.viewCreation = ViewCreation.Normal;
}

/** Makes what an operation computed tensors of inference mode; what shares memory with an argument is as that is. */
function markInference(result: Result, given: readonly unknown[]): void {
  for (const tensor of result instanceof Tensor ? [result] : (result as Iterable<Tensor>)) {
    const isShared = given.some((value) => value instanceof Tensor && value.storage === tensor.storage);
    if (!isShared) tensor.inference = true;
  }
}
