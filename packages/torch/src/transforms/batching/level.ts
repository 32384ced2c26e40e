/**
 * A dim that a function does not see: what `vmap` runs it in.
 *
 * Tensors that have the dim are wrapped, with the dim first in what they stand for. An operation that is called with one
 * is computed for all entries at once by the rule that its id has in the table; where there is none, once for each entry,
 * with a warning. The modes around this one see the calls of the rules like any others.
 *
 * Source: https://pytorch.org/docs/stable/func.batch_norm.html and the design of functorch
 */
import { warn } from "../../arguments/warn.js";
import {
  type CustomCall,
  type CustomFunction,
  type CustomResult,
  callForward,
  FunctionContext,
} from "../../autograd/function.js";
import { sameShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { checkNotWrapped, Wrapper } from "../../core/wrapper.js";
import { DispatchMode, type OperationCall } from "../../ops/dispatch.js";
import { mapResult, outputsOf, type Result } from "../../ops/results.js";
import { stack } from "../../ops/shape/joining.js";
import { BatchedCall } from "./call.js";
import { dynamicShape } from "./dynamicShape.js";
import { changeInPlace } from "./inplace.js";
import { randomRules } from "./random.js";
import { batches, compositionOf, inBatch, isKnown, ruleOf } from "./rules.js";

/** How random numbers are drawn for the entries of a batch. */
export type Randomness = "error" | "different" | "same";

/** A tensor of one entry, that stands for those of all: `[size, ...sizes]`. */
export class Batched extends Wrapper {
  constructor(
    value: Tensor,
    /** @internal */
    readonly level: BatchLevel,
  ) {
    super(value, value.sizes.slice(1), value.strides.slice(1));
  }

  override like(value: Tensor): Batched {
    return new Batched(value, this.level);
  }

  /** Takes over the form of what it stands for, after a change in place. */
  follow(): void {
    const { storage, offset, sizes, strides } = this.value;
    const entry = this.value.viewOf(sizes.slice(1), strides.slice(1), offset);
    Object.assign(this, {
      storage,
      offset,
      sizes: entry.sizes,
      strides: entry.strides,
      contiguousFlag: entry.contiguousFlag,
    });
  }

  override checkReadable(what: string): void {
    throw new Error(
      `vmap: It looks like you're calling ${what} on a Tensor. We don't support vmap over calling ${what} on a Tensor, please try to rewrite what you're doing with other operations.`,
    );
  }

  override toString(): string {
    return `BatchedTensor(lvl=${this.level.depth}, bdim=0, value=${this.value})`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

// Whether something is recorded is decided by what it stands for, and so is what is out of the graph.
Object.defineProperties(Batched.prototype, {
  requiresGrad: {
    get(this: Batched): boolean {
      return this.value.requiresGrad;
    },
    set(this: Batched, wanted: boolean) {
      Object.getOwnPropertyDescriptor(Tensor.prototype, "requiresGrad")?.set?.call(this, wanted);
    },
  },
  data: {
    get(this: Batched): Tensor {
      return this.level.wrap(this.value.data);
    },
    set(this: Batched) {
      checkNotWrapped("data =", this);
    },
  },
});

export class BatchLevel extends DispatchMode {
  override readonly keepsTensors = false;
  override readonly isTransform = true;
  readonly depth = batches() + 1;

  constructor(
    /** How many entries the batch has. */
    readonly size: number,
    readonly randomness: Randomness,
  ) {
    super();
  }

  /** Runs a function for all entries. */
  override run<T>(body: () => T): T {
    return inBatch(() => super.run(body));
  }

  /** The tensor of an entry, of which all entries are along a first dim. */
  wrap(value: Tensor): Tensor {
    return new Batched(value, this);
  }

  /** Whether a value is a tensor that differs from entry to entry. */
  owns(value: unknown): value is Batched {
    return value instanceof Batched && value.level === this;
  }

  /** Whether a tensor in a value differs from entry to entry. */
  holds(value: unknown): boolean {
    return Array.isArray(value) ? value.some((item) => this.owns(item)) : this.owns(value);
  }

  /** A tensor with the entries along a first dim, also where all are the same. */
  full(tensor: Tensor): Tensor {
    return this.owns(tensor) ? tensor.value : tensor.expand([this.size, ...tensor.sizes]);
  }

  override operation(call: OperationCall): Result {
    const { operation, form, args } = call;
    const random = randomRules.get(operation.id);
    if (random !== undefined) return random(new BatchedCall(operation, args, this), form, call);
    if (!args.some((arg) => this.holds(arg))) return call.run();
    if (form === "out") {
      throw new Error(
        `vmap: ${operation.definition.name}(..., out=) is not possible: vmap can not write into tensors that are given as out; use the form that makes a new tensor`,
      );
    }
    const batched = new BatchedCall(operation, args, this);
    if (operation.isComposite && (form === "inplace" || !isKnown(operation.id))) return call.run();
    if (form === "inplace") return changeInPlace(batched);
    return this.compute(batched);
  }

  override customFunction(call: CustomCall, next: (call: CustomCall) => CustomResult): CustomResult {
    if (!call.args.some((arg) => this.owns(arg))) return next(call);
    const values = call.args.map((arg) => (this.owns(arg) ? arg.value : arg));
    const { owner } = call;
    if (owner.vmap !== undefined) return this.#byOwnRule(call, values);
    if (owner.generateVmapRule !== true) {
      throw new Error(
        `You tried to vmap over ${owner.name}, but it does not have vmap support. Please override and implement the vmap staticmethod or set generateVmapRule = true.`,
      );
    }
    const { result, context } = next({ ...call, owner: this.#batchedFunction(call), args: values });
    const wrap = (output: unknown) => (output instanceof Tensor ? this.wrap(output) : output);
    return { result: Array.isArray(result) ? result.map(wrap) : wrap(result), context };
  }

  /** A custom function whose forward and backward run in this batch. */
  #batchedFunction({ owner, args }: CustomCall): CustomFunction {
    const isBatched = args.map((arg) => this.owns(arg));
    const full = (value: unknown) => (value instanceof Tensor ? this.full(value) : value);
    const inBatchOf = (values: readonly unknown[]) =>
      values.map((value, i) => (isBatched[i] ? this.wrap(value as Tensor) : value));
    const unwrapped = (result: unknown) => (Array.isArray(result) ? result.map(full) : full(result));
    const batched: CustomFunction = {
      name: owner.name,
      forward: (context, ...values) => unwrapped(this.run(() => callForward(owner, context, inBatchOf(values)))),
      backward: (context, ...grads) => {
        const entries = (grads as (Tensor | null)[]).map((grad) => grad && this.wrap(grad));
        const found = this.run(() => owner.backward(context, ...(entries as never[])));
        const list = Array.isArray(found) ? (found as readonly unknown[]) : [found];
        return list.map((grad, i) => {
          if (!(grad instanceof Tensor)) return null;
          return isBatched[i] ? this.full(grad) : this.full(grad).sum(0);
        });
      },
    };
    return batched;
  }

  #byOwnRule(call: CustomCall, values: readonly unknown[]): CustomResult {
    const { owner, args } = call;
    const inDims = args.map((arg) => (this.owns(arg) ? 0 : null));
    const info = { batchSize: this.size, randomness: this.randomness };
    const returned = owner.vmap?.(info, inDims, ...(values as never[]));
    if (!Array.isArray(returned) || returned.length !== 2) {
      throw new TypeError(`${owner.name}.vmap: expected it to return [outputs, outDims]`);
    }
    const [outputs, outDims] = returned as [unknown, unknown];
    const wrap = (output: unknown, dim: unknown) =>
      output instanceof Tensor && typeof dim === "number" ? this.wrap(output.movedim(dim, 0)) : output;
    const dimOf = (i: number) => (Array.isArray(outDims) ? outDims[i] : outDims);
    const result = Array.isArray(outputs)
      ? outputs.map((output, i) => wrap(output, dimOf(i)))
      : wrap(outputs, dimOf(0));
    return { result, context: new FunctionContext() };
  }

  /** The result of an operation for all entries. */
  compute(call: BatchedCall): Result {
    const rule = ruleOf(call.operation);
    const value = rule?.(call);
    if (value !== undefined) return mapResult(value, (tensor) => this.wrap(tensor));
    const composition = compositionOf(call.operation.id);
    if (composition !== undefined) return this.#compose(call, composition);
    warnOfLoop(call.operation.definition.name);
    return this.each(call);
  }

  /** The results of an operation that is called once for each entry. */
  each(call: BatchedCall): Result {
    const { name } = call.operation.definition;
    if (this.size === 0) {
      throw new RangeError(`vmap: ${name}: The fallback path does not support vmap over dims of size 0.`);
    }
    const results = Array.from({ length: this.size }, (_, i) => call.entry(i));
    return mapResult(joined(name, results), (tensor) => this.wrap(tensor));
  }

  #compose(call: BatchedCall, composition: (args: never) => Result): Result {
    return this.run(() => composition(call.operation.signature.byName(call.given) as never));
  }
}

const warned = new Set<string>();

function warnOfLoop(name: string): void {
  if (warned.has(name)) return;
  warned.add(name);
  warn(
    `There is a performance drop because we have not yet implemented the batching rule for ${name}: it is called once for each entry of the batch.`,
  );
}

/** Results of entries along a new first dim. */
function joined(name: string, results: readonly Result[]): Result {
  const [first] = results as [Result, ...Result[]];
  let at = 0;
  const lists = results.map(outputsOf);
  return mapResult(first, () => {
    const parts = lists.map((list) => list[at] as Tensor);
    at++;
    const { sizes } = parts[0] as Tensor;
    if (!parts.every((part) => sameShape(part.sizes, sizes))) throw dynamicShape(name);
    return stack(parts);
  });
}
