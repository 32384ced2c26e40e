/**
 * A graph of derivatives of its own: what `grad`, `vjp` and `jacrev` run a function in.
 *
 * The inputs are wrapped, and every operation that is called with one is recorded for the wrappers and computed with
 * what they stand for, by way of the modes around this one. So levels nest in each other and in `vmap`: what a level
 * computes is recorded by those around it like anything else, and none takes another's inputs for its own.
 *
 * Source: https://pytorch.org/functorch/stable/ux_limitations.html, "levels" of functorch
 */
import { type Capture, runBackward } from "../autograd/engine.js";
import {
  type CustomCall,
  type CustomFunction,
  type CustomResult,
  type FunctionContext,
  FunctionNode,
} from "../autograd/function.js";
import { metaOf } from "../autograd/meta.js";
import { isGradEnabled, withRecording } from "../autograd/modes.js";
import { gradEdge, setHistory } from "../autograd/node.js";
import { Tensor } from "../core/tensor.js";
import { Wrapper } from "../core/wrapper.js";
import { onesLike, zerosLike } from "../ops/creation/filled.js";
import { differentiateInLevel } from "../ops/differentiate.js";
import { activeMode, DispatchMode, type OperationCall } from "../ops/dispatch.js";
import { mapResult, type Result } from "../ops/results.js";
import { isBatching, transparentOf } from "./batching/rules.js";
import { mapTree } from "./trees.js";

/** A tensor with a place in the graph of a level. */
class Tracked extends Wrapper {
  constructor(
    value: Tensor,
    readonly level: GradLevel,
  ) {
    super(value, value.sizes, value.strides);
  }

  override like(value: Tensor): Tracked {
    return new Tracked(value, this.level);
  }

  /** Takes over the form of what it stands for, after a change in place. */
  follow(): void {
    const { storage, offset, sizes, strides, contiguousFlag } = this.value;
    Object.assign(this, { storage, offset, sizes, strides, contiguousFlag });
  }

  override toString(): string {
    return `GradTrackingTensor(value=${this.value})`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** The node of a custom function whose context belongs to the levels around, too. */
class KeptFunctionNode extends FunctionNode {
  override release(): void {}
}

export class GradLevel extends DispatchMode {
  override readonly keepsTensors = false;
  override readonly isTransform = true;
  /** Whether the modes around this level record what it computes. */
  #recordsBelow = isGradEnabled();
  /** Whether anything that was computed with wants a gradient of a level around this one. */
  #dependsOnOuter = false;
  #isGoingBack = false;

  /** Wraps an input; gradients of it can be asked for. */
  input(value: Tensor): Tensor {
    const tracked = new Tracked(value, this);
    if (value.dtype.isDifferentiable) metaOf(tracked).requiresGrad = true;
    else throw new Error("only Tensors of floating point and complex dtype can require gradients");
    return tracked;
  }

  /** What a tensor of this level stands for; others are what they are. */
  unwrap(tensor: Tensor): Tensor {
    return tensor instanceof Tracked && tensor.level === this ? tensor.value : tensor;
  }

  /** A value with all tensors of this level in it unwrapped. */
  unwrapTree(tree: unknown): unknown {
    return mapTree(tree, (leaf) => (leaf instanceof Tensor ? this.unwrap(leaf) : leaf));
  }

  /** Runs a function in this level, recorded whether the program around it is or not. */
  evaluate<T>(body: () => T): T {
    this.#recordsBelow = isGradEnabled();
    return this.run(() => withRecording(true, body));
  }

  override operation(call: OperationCall): Result {
    const { operation, form, args } = call;
    const parts = isBatching() && form === "call" ? transparentOf(operation.id) : undefined;
    if (parts !== undefined && args.some((arg) => this.#holdsOwn(arg))) {
      return this.run(() => parts(operation.signature.byName(args) as never));
    }
    if (operation.isComposite || !args.some((arg) => this.#holdsOwn(arg))) return call.run();
    const values = args.map((arg) => this.#unwrapArgument(arg));
    const compute = () => withRecording(this.#recordsBelow && isGradEnabled(), () => operation.invoke(form, values));
    if (form === "out") {
      compute();
      return args.at(-1) as Result;
    }
    const self = args[0];
    const run = (): Result => {
      const result = compute();
      if (form === "inplace") {
        if (self instanceof Tracked) self.follow();
        return self as Tensor;
      }
      return mapResult(result, (tensor) => new Tracked(tensor, this));
    };
    if (this.#isGoingBack || !isGradEnabled()) return run();
    const isOutside = form === "inplace" && !(self instanceof Tracked && self.level === this);
    if (isOutside && args.every((arg) => !this.#wantsGradient(arg))) return run();
    if (isOutside) {
      throw new Error(
        `grad: ${operation.definition.name}_ changes a tensor in place that was made outside of the function, and would write what depends on the function's inputs into it; use a form that makes a new tensor`,
      );
    }
    return operation.record(form, [...args], run, (tensor) => new Tracked(this.unwrap(tensor).clone(), this));
  }

  override customFunction(call: CustomCall, next: (call: CustomCall) => CustomResult): CustomResult {
    const { owner, args } = call;
    if (!args.some((arg) => this.#holdsOwn(arg))) return next(call);
    const values = args.map((arg) => this.#unwrapArgument(arg));
    const needs = args.map((arg, i) => (call.needs[i] as boolean) || this.#wantsGradient(arg));
    const recorded = isGradEnabled() && !this.#isGoingBack && args.some((arg) => this.#wantsGradient(arg));
    const { result, context } = withRecording(this.#recordsBelow && isGradEnabled(), () =>
      next({ owner, args: values, needs }),
    );
    if (context.dirty.size > 0) {
      throw new Error(
        `${owner.name}: a custom Function that changes its inputs in place can not be used in torch.func`,
      );
    }
    const several = Array.isArray(result);
    const made: unknown[] = several ? result : [result];
    const outputs = made.map((output) => (output instanceof Tensor ? new Tracked(output, this) : output));
    if (recorded) this.#recordCustom(owner, context, args, made, outputs);
    const ours = [...args, ...outputs] as Tensor[];
    const known = new Map(([...values, ...made] as Tensor[]).map((value, i) => [value, ours[i] as Tensor]));
    return { result: several ? outputs : outputs[0], context: context.withTensors(known) };
  }

  /** Records a custom function, whose context holds what the levels around this one know. */
  #recordCustom(
    owner: CustomFunction,
    context: FunctionContext,
    args: readonly unknown[],
    values: readonly unknown[],
    outputs: readonly unknown[],
  ): void {
    const node = new KeptFunctionNode(
      owner,
      context,
      args.map((arg) => arg instanceof Tensor),
      args.map((arg) => (arg instanceof Tracked && arg.level === this ? gradEdge(arg) : undefined)),
    );
    outputs.forEach((output, i) => {
      if (!(output instanceof Tensor)) return;
      const value = values[i] as Tensor;
      if (context.nonDifferentiable.has(value) || !value.dtype.isDifferentiable) node.addOutput(output);
      else setHistory(output, node);
    });
    context.seal(node);
  }

  #holdsOwn(arg: unknown): boolean {
    if (arg instanceof Tracked) return arg.level === this;
    return Array.isArray(arg) && arg.some((item) => item instanceof Tracked && item.level === this);
  }

  #wantsGradient(arg: unknown): boolean {
    if (Array.isArray(arg)) return arg.some((item) => this.#wantsGradient(item));
    return arg instanceof Tracked && arg.level === this && arg.requiresGrad;
  }

  #unwrapArgument(arg: unknown): unknown {
    if (arg instanceof Tensor) {
      const value = this.unwrap(arg);
      this.#dependsOnOuter ||= value.requiresGrad;
      return value;
    }
    return Array.isArray(arg) ? arg.map((item) => this.#unwrapArgument(item)) : arg;
  }

  /**
   * The gradients of inputs, as tensors of the levels around this one; zeros for what nothing depends on.
   *
   * @param cotangents the gradients of the outputs; ones where there is none.
   * @param isLast whether nobody asks again, so that what the graph saved may go.
   */
  gradients(
    outputs: readonly Tensor[],
    inputs: readonly Tensor[],
    cotangents: readonly (Tensor | undefined)[],
    isLast: boolean,
  ): Tensor[] {
    return this.gradientsOrNone(outputs, inputs, cotangents, isLast).map(
      (grad, i) => grad ?? zerosLike(this.unwrap(inputs[i] as Tensor)),
    );
  }

  /** The same with undefined where nothing depends on an input. */
  gradientsOrNone(
    outputs: readonly Tensor[],
    inputs: readonly Tensor[],
    cotangents: readonly (Tensor | undefined)[],
    isLast: boolean,
  ): (Tensor | undefined)[] {
    const used = outputs.flatMap((output, i) => {
      const edge = output instanceof Tracked && output.level === this ? gradEdge(output) : undefined;
      return edge === undefined ? [] : [{ edge, grad: startOf(this.unwrap(output), cotangents[i]) }];
    });
    if (used.length === 0) return inputs.map(() => undefined);
    const captures = inputs.map((input): Capture => ({ edge: gradEdge(input) as Capture["edge"], result: undefined }));
    const nested = activeMode !== undefined || this.#dependsOnOuter || used.some(({ grad }) => grad.requiresGrad);
    const options = { retainGraph: !isLast, createGraph: isGradEnabled() && nested };
    this.#recordsBelow = isGradEnabled();
    this.#isGoingBack = true;
    try {
      this.run(() =>
        runBackward(
          used.map(({ edge }) => edge),
          used.map(({ grad }) => grad),
          options,
          captures,
        ),
      );
    } finally {
      this.#isGoingBack = false;
    }
    return captures.map(({ result }) => result && this.unwrap(result));
  }
}

/** The gradient with which a pass begins: as many-sided as the output, so that nothing narrower is added to in place. */
function startOf(output: Tensor, given: Tensor | undefined): Tensor {
  if (given === undefined) return onesLike(output);
  return output instanceof Wrapper && !(given instanceof Wrapper) ? zerosLike(output).add(given) : given;
}

/** Gradients of a composition, of tensors that may stand for others. */
differentiateInLevel((compose, inputs, needs, grads) => {
  const level = new GradLevel();
  const wanted = inputs.map((input, i) => (input && needs[i] ? level.input(input) : input));
  const sources = wanted.filter((input, i): input is Tensor => needs[i] === true && input instanceof Tensor);
  const results = level.evaluate(() => compose(wanted));
  const used = results.flatMap((result, i) => (result && grads[i] ? [{ result, outer: grads[i] }] : []));
  const found = level.gradientsOrNone(
    used.map(({ result }) => result),
    sources,
    used.map(({ outer }) => outer),
    true,
  );
  let at = 0;
  return inputs.map((input, i) => (input && needs[i] ? found[at++] : undefined));
});
