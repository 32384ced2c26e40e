/**
 * Custom functions: a forward computation with a gradient of the user's own.
 *
 * Source: https://pytorch.org/docs/stable/autograd.html#function
 */

import { describe } from "../arguments/parse.js";
import { warn } from "../arguments/warn.js";
import { keepingTemporaries } from "../core/storage.js";
import { Tensor, ViewCreation } from "../core/tensor.js";
import { replaced } from "../core/wrapper.js";
import { isGradEnabled, withoutRecording } from "./modes.js";
import {
  checkVersions,
  freedGraphMessage,
  type Grads,
  gradEdge,
  Node,
  noteVersion,
  type SavedVersion,
  setHistory,
} from "./node.js";
import { checkInplace, rebaseHistory } from "./views.js";

/** What connects the forward and the backward computation of one call. */
export class FunctionContext {
  /** Whether each argument of `apply` wants a gradient. */
  needsInputGrad: readonly boolean[] = [];
  /** @internal */
  materializesGrads = true;
  /** @internal */
  readonly dirty = new Set<Tensor>();
  /** @internal */
  readonly nonDifferentiable = new Set<Tensor>();
  #toSave: readonly (Tensor | null)[] = [];
  #versions: SavedVersion | undefined;
  #node: Node | undefined;
  #released = false;

  // biome-ignore lint/suspicious/noExplicitAny: what else the user wants to remember, as in PyTorch
  [name: string]: any;

  /** Keeps tensors for `backward`; to be called once, with inputs or outputs. */
  saveForBackward(...tensors: (Tensor | null)[]): void {
    for (const tensor of tensors) {
      if (tensor !== null && !(tensor instanceof Tensor)) {
        throw new TypeError(`saveForBackward can only save variables, but argument is of type ${describe(tensor)}`);
      }
    }
    this.#toSave = tensors;
  }

  /**
   * The tensors that `forward` kept.
   *
   * @throws Error if one was changed in place since, or if the graph was freed.
   */
  get savedTensors(): (Tensor | null)[] {
    if (this.#released) throw new Error(freedGraphMessage);
    if (this.#node !== undefined) checkVersions(this.#versions, this.#node);
    return [...this.#toSave];
  }

  /** Says that inputs were changed in place; each has to be an output as well. */
  markDirty(...tensors: Tensor[]): void {
    tensors.forEach((tensor, i) => {
      if (tensor instanceof Tensor) this.dirty.add(tensor);
      else
        throw new TypeError(`mark_dirty can only accept variables, but argument ${i} is of type ${describe(tensor)}`);
    });
  }

  /** Says that outputs take no gradient. */
  markNonDifferentiable(...tensors: Tensor[]): void {
    for (const tensor of tensors) {
      if (tensor instanceof Tensor) this.nonDifferentiable.add(tensor);
      else throw new TypeError(`mark_non_differentiable only accepts variable arguments, but got ${describe(tensor)}`);
    }
  }

  /** Whether `backward` gets zeros (true) or null (false) for an output to which no gradient flows. */
  setMaterializeGrads(value: boolean): void {
    this.materializesGrads = value;
  }

  /** @internal The same for a level that knows tensors by others that stand for them. */
  withTensors(by: ReadonlyMap<Tensor, Tensor>): FunctionContext {
    const change = (value: unknown) => (value instanceof Tensor ? replaced(value, by) : value);
    const own = Object.entries(this).map(([name, value]) => [name, change(value)]);
    const context = Object.assign(new FunctionContext(), Object.fromEntries(own), {
      dirty: new Set([...this.dirty].map(change)),
      nonDifferentiable: new Set([...this.nonDifferentiable].map(change)),
    }) as FunctionContext;
    context.#toSave = this.#toSave.map((tensor) => change(tensor) as Tensor | null);
    return context;
  }

  /** @internal */
  seal(node: Node): void {
    this.#node = node;
    for (const tensor of this.#toSave) if (tensor !== null) this.#versions = noteVersion(tensor, this.#versions);
  }

  /** @internal */
  release(): void {
    this.#released = true;
    this.#toSave = [];
    this.#versions = undefined;
  }
}

type GradResult = Tensor | null | undefined;

/** What a subclass of `Function` has as static members. */
interface FunctionClass<A extends unknown[], R> {
  readonly name: string;
  forward(context: FunctionContext, ...args: A): R;
  backward(context: FunctionContext, ...grads: never[]): GradResult | readonly GradResult[];
}

/** The static members that are called, those that a subclass need not have among them. */
export interface CustomFunction {
  readonly name: string;
  forward(context: FunctionContext, ...args: never[]): unknown;
  setupContext?(context: FunctionContext, inputs: readonly unknown[], output: unknown): void;
  backward(context: FunctionContext, ...grads: never[]): GradResult | readonly GradResult[];
  jvp?(context: FunctionContext, ...tangents: never[]): unknown;
  vmap?(info: object, inDims: readonly (number | null)[], ...args: never[]): unknown;
  readonly generateVmapRule?: boolean;
}

/** A call of a custom function: what it is called with, and which arguments are to get a gradient. */
export interface CustomCall {
  readonly owner: CustomFunction;
  readonly args: readonly unknown[];
  readonly needs: readonly boolean[];
}

/** What a call gave, and what its backward knows. */
export interface CustomResult {
  readonly result: unknown;
  readonly context: FunctionContext;
}

type Transformer = (call: CustomCall, run: (call: CustomCall) => CustomResult) => CustomResult;

let transformer: Transformer | undefined;

/** @internal Lets transforms see the calls of custom functions. */
export function transformCustomFunctionsBy(transform: Transformer): void {
  transformer = transform;
}

/** @internal */
export class FunctionNode extends Node {
  override get runsUserCode(): boolean {
    return true;
  }

  constructor(
    readonly owner: CustomFunction,
    readonly context: FunctionContext,
    /** Which arguments are tensors. */
    readonly areTensors: readonly boolean[],
    edges: Node["edges"],
  ) {
    super(edges);
  }

  override name(): string {
    return `${this.owner.name}Backward`;
  }

  override apply(grads: Grads): Grads {
    const given = grads.map((grad, i) => grad ?? (this.context.materializesGrads ? this.zeroGrad(i) : null));
    const returned = this.owner.backward(this.context, ...(given as never[]));
    const results = Array.isArray(returned) ? (returned as readonly GradResult[]) : [returned as GradResult];
    const extra = results.slice(this.edges.length).some((grad) => grad !== null && grad !== undefined);
    if (results.length < this.edges.length || extra) {
      throw new Error(
        `function ${this.name()} returned an incorrect number of gradients (expected ${this.edges.length}, got ${results.length})`,
      );
    }
    return this.edges.map((edge, i) => {
      const grad = this.#checked(results[i], i);
      return edge && grad;
    });
  }

  override release(): void {
    this.context.release();
  }

  #checked(grad: unknown, index: number): Tensor | undefined {
    if (grad === null || grad === undefined) return undefined;
    if (!this.areTensors[index]) {
      throw new Error(
        `function ${this.name()} returned a gradient different than None at position ${index + 1}, but the corresponding forward input was not a Variable`,
      );
    }
    if (grad instanceof Tensor) return grad;
    throw new TypeError(`expected Variable or None (got ${describe(grad)}) as gradient ${index} of ${this.name()}`);
  }
}

/**
 * The base of custom functions. A subclass has two static methods, and is called by `apply`.
 *
 * @example
 * class Exp extends torch.autograd.Function {
 *   static override forward(ctx: FunctionContext, x: Tensor) {
 *     const result = x.exp();
 *     ctx.saveForBackward(result);
 *     return result;
 *   }
 *   static override backward(ctx: FunctionContext, grad: Tensor) {
 *     const [result] = ctx.savedTensors;
 *     return grad.mul(result as Tensor);
 *   }
 * }
 * const y = Exp.apply(x);
 */
// biome-ignore lint/complexity/noStaticOnlyClass: PyTorch's form of a custom function
export abstract class Function {
  /**
   * Computes the result; runs without being recorded. In a class that has `setupContext` it is called without a context.
   *
   * For `torch.func`: `static jvp(ctx, ...tangents)` tells how the result changes along a direction; and either
   * `static generateVmapRule = true` says that forward and backward may run for a whole batch, or
   * `static vmap(info, inDims, ...args)` computes the results of a batch, as `[outputs, outDims]`.
   */
  static forward(_context: FunctionContext, ..._args: never[]): unknown {
    throw new Error("You must implement the forward function for custom autograd.Function.");
  }

  /** Computes the gradients of the arguments of `forward`, one for each; null where there is none. */
  static backward(_context: FunctionContext, ..._grads: never[]): GradResult | readonly GradResult[] {
    throw new Error(
      "You must implement the backward function for your custom autograd.Function to use it with backward mode AD.",
    );
  }

  /** Calls `forward`, and records the call where an argument wants a gradient. */
  static apply<A extends unknown[], R>(this: FunctionClass<A, R>, ...args: A): R {
    // biome-ignore lint/complexity/noThisInStatic: the subclass on which it is called
    const owner = this as unknown as CustomFunction;
    const call: CustomCall = { owner, args, needs: args.map(() => false) };
    return (transformer === undefined ? run(call) : transformer(call, run)).result as R;
  }
}

function run({ owner, args, needs }: CustomCall): CustomResult {
  const context = new FunctionContext();
  const wanted = args.map((arg) => arg instanceof Tensor && arg.requiresGrad);
  context.needsInputGrad = wanted.map((own, i) => own || (needs[i] as boolean));
  const recorded = isGradEnabled() && wanted.includes(true);
  const result = keepingTemporaries(() => withoutRecording(() => callForward(owner, context, args)));
  const several = Array.isArray(result);
  const outputs = several ? (result as unknown[]) : [result];
  checkDirty(context, args, outputs, recorded);
  if (!recorded) return { result, context };
  const node = new FunctionNode(
    owner,
    context,
    args.map((arg) => arg instanceof Tensor),
    args.map((arg) => (arg instanceof Tensor ? gradEdge(arg) : undefined)),
  );
  const connected = outputs.map((output) => connect(output, node, context, args));
  context.seal(node);
  return { result: several ? connected : connected[0], context };
}

/** @internal Calls `forward`; of a class that has `setupContext`, without a context, and then that. */
export function callForward(owner: CustomFunction, context: FunctionContext, args: readonly unknown[]): unknown {
  if (owner.setupContext === undefined) return owner.forward(context, ...(args as never[]));
  const bare = owner.forward as unknown as (...all: readonly unknown[]) => unknown;
  const result = bare.call(owner, ...args);
  owner.setupContext(context, args, result);
  return result;
}

/** Checks what `forward` says that it changed, and notes that it did. */
function checkDirty(
  context: FunctionContext,
  args: readonly unknown[],
  outputs: readonly unknown[],
  recorded: boolean,
): void {
  for (const tensor of context.dirty) {
    if (!outputs.includes(tensor)) {
      throw new Error(
        "Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified inplace must all be outputs of the Function.",
      );
    }
    if (!args.includes(tensor)) {
      warn(
        "Only input Tensors should be given to ctx.mark_dirty(). If a Tensor is not an input, there is no need to pass it to mark_dirty().",
      );
      context.dirty.delete(tensor);
      continue;
    }
    checkInplace(tensor, recorded);
    if (recorded && tensor.base !== undefined && outputs.length > 1) {
      throw new Error(
        "If your Function modifies inplace an input that is a view of another Tensor, your Function cannot return more than one Tensor. This is not supported by the current autograd engine. You should either make sure the input is not a view (using .clone() for example) or make your Function only return one Tensor (potentially splitting it into two Functions: one doing the inplace that returns a single Tensor and a second one that does the other operations). You can ask on the forum https://discuss.pytorch.org/ if you need help to do this change.",
      );
    }
    tensor.bumpVersion();
  }
}

/** Makes an output of `forward` the output of the node. */
function connect(output: unknown, node: FunctionNode, context: FunctionContext, args: readonly unknown[]): unknown {
  if (!(output instanceof Tensor)) return output;
  if (context.nonDifferentiable.has(output) || !output.dtype.isDifferentiable) {
    node.addOutput(output);
    // An input keeps its own history.
    return output.requiresGrad && args.includes(output) ? output.detach() : output;
  }
  if (context.dirty.has(output)) {
    rebaseHistory(output, node, args.indexOf(output));
    return output;
  }
  // An input that is returned as it is gets an alias, so that the input keeps its own history.
  const own = args.includes(output) ? output.viewOf(output.sizes, output.strides, output.offset) : output;
  if (own.base !== undefined) own.viewCreation = ViewCreation.Custom;
  setHistory(own, node);
  return own;
}
