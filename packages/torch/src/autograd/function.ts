/**
 * Custom functions: a forward computation with a gradient of the user's own.
 *
 * Source: https://pytorch.org/docs/stable/autograd.html#function
 */

import { sameShape } from "../core/shape.js";
import { keepingTemporaries } from "../core/storage.js";
import { Tensor, ViewCreation } from "../core/tensor.js";
import { isGradEnabled, withoutRecording } from "./modes.js";
import { freedGraphMessage, type Grads, gradEdge, Node, SavedVersions, setHistory } from "./node.js";
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
  readonly #versions = new SavedVersions();
  #node: Node | undefined;
  #released = false;

  // biome-ignore lint/suspicious/noExplicitAny: what else the user wants to remember, as in PyTorch
  [name: string]: any;

  /** Keeps tensors for `backward`; to be called once, with inputs or outputs. */
  saveForBackward(...tensors: (Tensor | null)[]): void {
    for (const tensor of tensors) {
      if (tensor !== null && !(tensor instanceof Tensor)) {
        throw new TypeError(`saveForBackward can only save variables, but argument is of type ${typeof tensor}`);
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
    if (this.#node !== undefined) this.#versions.check(this.#node);
    return [...this.#toSave];
  }

  /** Says that inputs were changed in place. */
  markDirty(...tensors: Tensor[]): void {
    for (const tensor of tensors) this.dirty.add(tensor);
  }

  /** Says that outputs take no gradient. */
  markNonDifferentiable(...tensors: Tensor[]): void {
    for (const tensor of tensors) this.nonDifferentiable.add(tensor);
  }

  /** Whether `backward` gets zeros (true) or null (false) for an output to which no gradient flows. */
  setMaterializeGrads(value: boolean): void {
    this.materializesGrads = value;
  }

  /** @internal */
  seal(node: Node): void {
    this.#node = node;
    for (const tensor of this.#toSave) if (tensor !== null) this.#versions.add(tensor);
  }

  /** @internal */
  release(): void {
    this.#released = true;
    this.#toSave = [];
    this.#versions.clear();
  }
}

type GradResult = Tensor | null | undefined;

/** What a subclass of `Function` has as static members. */
interface FunctionClass<A extends unknown[], R> {
  readonly name: string;
  forward(context: FunctionContext, ...args: A): R;
  backward(context: FunctionContext, ...grads: never[]): GradResult | readonly GradResult[];
}

class FunctionNode extends Node {
  override readonly runsUserCode = true;

  constructor(
    readonly owner: FunctionClass<never[], unknown>,
    readonly context: FunctionContext,
    readonly args: readonly ({ readonly sizes: readonly number[]; readonly dtype: Tensor["dtype"] } | undefined)[],
    edges: Node["edges"],
  ) {
    super(edges);
  }

  override name(): string {
    return `${this.owner.name}Backward`;
  }

  override apply(grads: Grads): Grads {
    const given = grads.map((grad, i) => grad ?? (this.context.materializesGrads ? this.#zeros(i) : null));
    const returned = this.owner.backward(this.context, ...(given as never[]));
    const results = Array.isArray(returned) ? (returned as readonly GradResult[]) : [returned as GradResult];
    const extra = results.slice(this.edges.length).some((grad) => grad !== null && grad !== undefined);
    if (results.length < this.edges.length || extra) {
      throw new Error(
        `function ${this.name()} returned an incorrect number of gradients (expected ${this.edges.length}, got ${results.length})`,
      );
    }
    return this.edges.map((edge, i) => (edge === undefined ? undefined : this.#check(results[i], i)));
  }

  override release(): void {
    this.context.release();
  }

  #zeros(output: number): Tensor {
    const { sizes, dtype } = this.outputs[output] as { sizes: readonly number[]; dtype: Tensor["dtype"] };
    return Tensor.empty(sizes, dtype).zero_();
  }

  #check(grad: GradResult, index: number): Tensor | undefined {
    if (grad === null || grad === undefined) return undefined;
    if (!(grad instanceof Tensor)) {
      throw new TypeError(`expected Variable or None (got ${typeof grad}) as gradient ${index} of ${this.name()}`);
    }
    const { sizes, dtype } = this.args[index] as { sizes: readonly number[]; dtype: Tensor["dtype"] };
    let result = grad;
    if (!sameShape(result.sizes, sizes)) {
      const offset = result.sizes.length - sizes.length;
      if (offset < 0 || sizes.some((size, d) => size !== 1 && size !== result.sizes[d + offset])) {
        throw new Error(
          `Function ${this.name()} returned an invalid gradient at index ${index} - got [${result.sizes.join(", ")}] but expected shape compatible with [${sizes.join(", ")}]`,
        );
      }
      result = result.sumToSize(sizes);
    }
    return result.to(dtype);
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
  /** Computes the result; runs without being recorded. */
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
    return run(this as unknown as FunctionClass<never[], unknown>, args) as R;
  }
}

function run(owner: FunctionClass<never[], unknown>, args: readonly unknown[]): unknown {
  const context = new FunctionContext();
  context.needsInputGrad = args.map((arg) => arg instanceof Tensor && arg.requiresGrad);
  const recorded = isGradEnabled() && context.needsInputGrad.includes(true);
  const result = keepingTemporaries(() => withoutRecording(() => owner.forward(context, ...(args as never[]))));
  const several = Array.isArray(result);
  const outputs = several ? (result as unknown[]) : [result];
  for (const tensor of context.dirty) {
    if (!args.includes(tensor)) throw new Error("markDirty(): only inputs can be marked as dirty");
    checkInplace(tensor, recorded);
    tensor.bumpVersion();
  }
  if (!recorded) return result;
  const node = new FunctionNode(
    owner,
    context,
    args.map((arg) => (arg instanceof Tensor ? { sizes: arg.sizes, dtype: arg.dtype } : undefined)),
    args.map((arg) => (arg instanceof Tensor ? gradEdge(arg) : undefined)),
  );
  const connected = outputs.map((output) => connect(output, node, context, args));
  context.seal(node);
  return several ? connected : connected[0];
}

/** Makes an output of `forward` the output of the node. */
function connect(output: unknown, node: FunctionNode, context: FunctionContext, args: readonly unknown[]): unknown {
  if (!(output instanceof Tensor)) return output;
  if (context.nonDifferentiable.has(output) || !output.dtype.isFloatingPoint) {
    node.addOutput(output);
    return output;
  }
  if (context.dirty.has(output)) {
    rebaseHistory(output, node);
    return output;
  }
  // An input that is returned as it is gets an alias, so that the input keeps its own history.
  const own = args.includes(output) ? output.viewOf(output.sizes, output.strides, output.offset) : output;
  if (own.base !== undefined) own.viewCreation = ViewCreation.Custom;
  setHistory(own, node);
  return own;
}
