/**
 * Derivatives along a direction, computed together with the values: what `jvp` and `forwardAd` run a program in.
 *
 * The level knows of tensors how they change along the direction, their tangents. An operation that is called with one is
 * computed as always, and then what its result's tangent is, by a rule, or from its own derivative. What the level computes
 * is seen by the modes around it.
 *
 * Source: https://pytorch.org/tutorials/intermediate/forward_ad_usage.html
 */
import type { CustomCall, CustomResult } from "../../autograd/function.js";
import { sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { Wrapper } from "../../core/wrapper.js";
import { zerosLike } from "../../ops/creation/filled.js";
import { type Operation, operationOf } from "../../ops/define.js";
import { DispatchMode, type OperationCall, outside } from "../../ops/dispatch.js";
import { outputsOf, type Result } from "../../ops/results.js";
import { alias } from "../../ops/shape/viewParts.js";
import { asStrided } from "../../ops/shape/views.js";
import { compositionOf, isBatching, transparentOf } from "../batching/rules.js";
import { type Tangents, tangentOf } from "./rules.js";

export class ForwardLevel extends DispatchMode {
  override readonly keepsTensors = false;
  override readonly isTransform = true;
  readonly #tangents = new WeakMap<Tensor, Tensor>();
  /** Tensors of which others are views, so that a change in place is one of theirs. */
  readonly #viewed = new WeakSet<Tensor>();
  /** Tensors that have none, though what they are views of has one. */
  readonly #primals = new WeakSet<Tensor>();

  /** A tensor with the same elements that has a tangent. */
  dual(primal: Tensor, tangent: Tensor): Tensor {
    const dual = alias(primal);
    this.#set(dual, tangent);
    return dual;
  }

  /** The tangent of a tensor, if it has one. */
  tangent(tensor: Tensor): Tensor | undefined {
    const own = this.#tangents.get(tensor);
    if (own !== undefined || tensor.base === undefined || this.#primals.has(tensor)) return own;
    const ofBase = this.#tangents.get(tensor.base);
    if (ofBase === undefined || tensor.base.storage !== tensor.storage) return undefined;
    // A view that was made before what it is a view of got one.
    const { sizes, strides, offset, base } = tensor;
    const view = outside(this, () =>
      sameShape(ofBase.strides, base.strides)
        ? ofBase.asStrided(sizes, strides, ofBase.offset + offset - base.offset)
        : tangentOf(showing, [base, sizes, strides, offset], [ofBase], tensor)[0],
    );
    if (view !== undefined) this.#set(tensor, view);
    return view;
  }

  /** A tensor with the same elements and no tangent. */
  primal(tensor: Tensor): Tensor {
    const primal = outside(this, () => alias(tensor));
    this.#primals.add(primal);
    return primal;
  }

  #set(tensor: Tensor, tangent: Tensor): void {
    tangent.storage.keep();
    this.#tangents.set(tensor, tangent);
  }

  #tangentsOf(args: readonly unknown[]): Tangents | undefined {
    let any = false;
    const find = (arg: unknown): unknown => {
      if (arg instanceof Tensor) {
        const tangent = this.tangent(arg);
        if (tangent !== undefined) any = true;
        return tangent;
      }
      if (!Array.isArray(arg)) return undefined;
      const items = arg.map(find);
      return items.some((item) => item !== undefined) ? items : undefined;
    };
    const found = args.map(find) as Tangents;
    return any ? found : undefined;
  }

  override operation(call: OperationCall): Result {
    const { operation, form } = call;
    // The list is the node's that is recorded, if one is.
    const args = [...call.args];
    const parts = form === "call" ? this.#partsOf(operation) : undefined;
    if (operation.isComposite && parts === undefined) return call.run();
    const tangents = this.#tangentsOf(args);
    if (tangents === undefined) return call.run();
    if (parts !== undefined) return this.run(() => parts(operation.signature.byName(args) as never));
    if (form === "out") {
      throw new Error(
        `${operation.definition.name}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments has a tangent.`,
      );
    }
    return form === "inplace" ? this.#changeInPlace(call, args, tangents) : this.#compute(call, args, tangents);
  }

  override customFunction(call: CustomCall, next: (call: CustomCall) => CustomResult): CustomResult {
    const tangents = this.#tangentsOf(call.args);
    if (tangents === undefined) return next(call);
    const { owner } = call;
    if (owner.jvp === undefined) {
      throw new Error(
        "You must implement the jvp function for custom autograd.Function to use it with forward mode AD.",
      );
    }
    const done = next(call);
    const outputs = Array.isArray(done.result) ? (done.result as unknown[]) : [done.result];
    const returned = owner.jvp(done.context, ...(tangents.map((one) => one ?? null) as never[]));
    const found = Array.isArray(returned) ? (returned as unknown[]) : [returned];
    outputs.forEach((output, i) => {
      const tangent = found[i];
      if (output instanceof Tensor && tangent instanceof Tensor) this.#set(output, tangent);
    });
    return done;
  }

  #partsOf(operation: Operation) {
    if (isBatching()) {
      const parts = transparentOf(operation.id);
      if (parts !== undefined) return parts;
    }
    return sums.has(operation.id) ? compositionOf(operation.id) : undefined;
  }

  #compute(call: OperationCall, args: readonly unknown[], tangents: Tangents): Result {
    const { operation } = call;
    const result = call.run();
    const found = tangentOf(operation, args, tangents, result);
    outputsOf(result).forEach((output, i) => {
      const tangent = found[i];
      if (tangent !== undefined && output instanceof Tensor && output.dtype.isDifferentiable) {
        // What is handed on as it is may be changed in place with one of the two alone.
        const isShared = !operation.definition.view && tangents.flat().includes(tangent);
        this.#set(output, isShared ? tangent.clone() : tangent);
      }
    });
    if (operation.definition.view) this.#viewed.add(args[0] as Tensor);
    return result;
  }

  #changeInPlace(call: OperationCall, args: readonly unknown[], tangents: Tangents): Result {
    const { operation } = call;
    const [self] = args as [Tensor];
    const before = self.clone();
    const result = call.run() as Tensor;
    const { view } = operation.definition;
    const [found] = tangentOf(operation, [before, ...args.slice(1)], tangents, result);
    const tangent = found ?? zerosLike(result);
    const existing = view ? undefined : this.tangent(self);
    const isAlone = self.base === undefined && !this.#viewed.has(self);
    if (view || isAlone) this.#set(self, tangent);
    else if (existing !== undefined && canHold(existing, tangent)) existing.copy_(tangent);
    else this.#writeThrough(self, tangent);
    return result;
  }

  /** Gives a view a tangent that is a view of one that its base gets with it. */
  #writeThrough(self: Tensor, tangent: Tensor): void {
    const { base } = self;
    if (base === undefined) {
      this.#set(self, tangent);
      return;
    }
    const before = this.#tangents.get(base);
    const ofBase = tangent.newZeros(base.sizes);
    if (before !== undefined) ofBase.copy_(before);
    this.#set(base, ofBase);
    const { sizes, strides, offset } = self;
    if (!sameShape(ofBase.strides, base.strides)) {
      this.#set(self, tangent);
      return;
    }
    const view = ofBase.asStrided(sizes, strides, offset - base.offset);
    view.copy_(tangent);
    this.#set(self, view);
  }
}

/** Whether a tangent can be written over another: one that stands for a batch needs one that does. */
function canHold(target: Tensor, tangent: Tensor): boolean {
  return target instanceof Wrapper || !(tangent instanceof Wrapper);
}

/** The operation that shows memory as a view does. */
const showing = operationOf(asStrided) as Operation;

/** Sums of products, whose terms have rules. */
const sums = new Set(["addmm", "addmv", "addr", "baddbmm", "addbmm"]);
