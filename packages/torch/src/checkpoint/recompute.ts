/**
 * `torch.utils.checkpoint`: the backward pass computes again what the forward pass did not keep.
 *
 * Source: https://pytorch.org/docs/stable/checkpoint.html
 */
import { callable, flagOn, openFlag } from "../arguments/params.js";
import { readArgument, Signature } from "../arguments/parse.js";
import { warn } from "../arguments/warn.js";
import { backward, grad as gradients } from "../autograd/backward.js";
import { isPassPartial } from "../autograd/engine.js";
import { Function, type FunctionContext } from "../autograd/function.js";
import { isGradEnabled, withRecording } from "../autograd/modes.js";
import {
  checkVersions,
  freedGraphMessage,
  type Grads,
  gradEdge,
  Node,
  noteVersion,
  type OutputMeta,
  type SavedVersion,
  setHistory,
} from "../autograd/node.js";
import { defaultGenerator } from "../backend/generator.js";
import { isPlainObject } from "../core/kinds.js";
import { sameShape } from "../core/shape.js";
import { keepingTemporaries } from "../core/storage.js";
import { Tensor, ViewCreation } from "../core/tensor.js";
import { autocast, getAutocastCpuDtype, isAutocastCacheEnabled, isAutocastCpuEnabled } from "../ops/autocast.js";
import type { Result } from "../ops/define.js";
import { DispatchMode, type OperationCall, tensorsIn } from "../ops/dispatch.js";

export interface CheckpointOptions {
  /**
   * False, which is the default, makes the part of the graph that is recomputed one node of the whole graph: everything
   * works as without a checkpoint. True starts a backward pass of its own inside the other one, as PyTorch first did: one
   * of the arguments must want a gradient, and `torch.autograd.grad` cannot go through it.
   */
  useReentrant?: boolean;
  /** Whether the second computation gets the random numbers of the first one; true unless said. */
  preserveRngState?: boolean;
}

export const optionParams = { useReentrant: openFlag, preserveRngState: flagOn };

const signature = new Signature("checkpoint", optionParams);

type Body = (...args: unknown[]) => unknown;

/** What a computation was like, so that it can be made again. */
class Computation {
  readonly #state: Tensor | undefined;
  readonly #autocast = {
    enabled: isAutocastCpuEnabled(),
    dtype: getAutocastCpuDtype(),
    cacheEnabled: isAutocastCacheEnabled(),
  };

  constructor(
    readonly body: Body,
    preservesState: boolean,
  ) {
    if (preservesState) this.#state = defaultGenerator.getState();
  }

  /** Computes again, with recording, and leaves random numbers as they are now. */
  again(args: readonly unknown[]): unknown {
    const now = this.#state && defaultGenerator.getState();
    try {
      if (this.#state !== undefined) defaultGenerator.setState(this.#state);
      return autocast("cpu", this.#autocast, () => withRecording(true, () => this.body(...args)));
    } finally {
      if (now !== undefined) defaultGenerator.setState(now);
    }
  }
}

/** A tensor with the memory of another one, and no history: a leaf that wants a gradient as that does. */
function leafOf(value: unknown): unknown {
  return value instanceof Tensor ? value.detach().requiresGrad_(value.requiresGrad) : value;
}

/**
 * Calls a function so that what it computes on the way is not kept for the backward pass, which computes it again: less
 * memory for more time. The function must compute the same when it is called again; random numbers are the same.
 *
 * @param fn the function, which gets the other arguments.
 * @param args what it is called with; plain options of this call may stand behind that.
 * @returns what the function returns.
 * @example const y = torch.utils.checkpoint.checkpoint((x: Tensor) => block(x), x, { useReentrant: false });
 * @see https://pytorch.org/docs/stable/checkpoint.html#torch.utils.checkpoint.checkpoint
 */
export function checkpoint<A extends unknown[], R>(
  fn: (...args: A) => R,
  ...args: [...args: A] | [...args: A, options: CheckpointOptions]
): R {
  const body = readArgument("checkpoint", "fn", callable, fn) as Body;
  const hasOptions = isPlainObject(args.at(-1));
  const given = signature.parse(hasOptions ? [args.at(-1)] : []);
  const inputs = hasOptions ? args.slice(0, -1) : args;
  return runCheckpoint(body, inputs, given.useReentrant === true, given.preserveRngState) as R;
}

/** The same with options that were read. */
export function runCheckpoint(body: Body, inputs: readonly unknown[], reentrant: boolean, preserves: boolean): unknown {
  if (!isGradEnabled()) return body(...inputs);
  const computation = new Computation(body, preserves);
  if (!reentrant) return runRecorded(computation, inputs);
  if (!inputs.some((input) => input instanceof Tensor && input.requiresGrad)) {
    warn("None of the inputs have requires_grad=True. Gradients will be None");
  }
  return ReentrantCheckpoint.apply(computation, ...inputs);
}

/** Follows a function that is not recorded: which tensors from outside it uses that want gradients, and which depend on them. */
class Outsiders extends DispatchMode {
  readonly found = new Set<Tensor>();
  readonly #dependent = new WeakSet<Tensor>();

  override operation({ operation, args, run }: OperationCall): Result {
    const sources = tensorsIn(args);
    for (const tensor of sources) if (tensor.requiresGrad) this.found.add(tensor);
    const result = run();
    if (operation.id === "detach" || !sources.some((tensor) => this.depends(tensor))) return result;
    for (const tensor of tensorsIn(result)) this.#dependent.add(tensor);
    return result;
  }

  depends(tensor: Tensor): boolean {
    return tensor.requiresGrad || this.#dependent.has(tensor);
  }
}

/** Computes without recording, and makes the results the outputs of one node. */
function runRecorded(computation: Computation, inputs: readonly unknown[]): unknown {
  const leaves = inputs.map(leafOf);
  const outsiders = new Outsiders();
  const result = keepingTemporaries(() => withRecording(false, () => outsiders.run(() => computation.body(...leaves))));
  for (const leaf of leaves) outsiders.found.delete(leaf as Tensor);
  const { found } = outsiders;
  const results = [...new Set(tensorsIn(result))];
  // A tensor of somebody else's keeps its own history.
  const places = [...results.keys()].filter((i) => {
    const output = results[i] as Tensor;
    return output.dtype.isDifferentiable && outsiders.depends(output) && !found.has(output);
  });
  if (places.length === 0) return result;
  const node = new CheckpointNode(computation, inputs, [...found], places);
  for (const place of places) {
    const output = (results[place] as Tensor).requiresGrad_(false);
    output.viewCreation = ViewCreation.Custom;
    setHistory(output, node);
  }
  return result;
}

function wantsGradient(value: unknown): value is Tensor {
  return value instanceof Tensor && value.requiresGrad;
}

/** All that happened inside of a checkpoint, as one node of the graph. */
class CheckpointNode extends Node {
  #inputs: readonly unknown[] | undefined;
  readonly #versions: SavedVersion | undefined;

  constructor(
    readonly computation: Computation,
    inputs: readonly unknown[],
    readonly outsiders: readonly Tensor[],
    /** Which tensors of the result are outputs of the node. */
    readonly places: readonly number[],
  ) {
    super([...inputs.filter(wantsGradient), ...outsiders].map(gradEdge));
    this.#inputs = inputs;
    for (const input of inputs) if (input instanceof Tensor) this.#versions = noteVersion(input, this.#versions);
  }

  override get runsUserCode(): boolean {
    return true;
  }

  override name(): string {
    return "CheckpointBackward";
  }

  override apply(grads: Grads): Grads {
    const inputs = this.#inputs;
    if (inputs === undefined) throw new Error(freedGraphMessage);
    checkVersions(this.#versions, this);
    const createGraph = isGradEnabled();
    // For second derivatives the gradients must lead to the inputs themselves.
    const again = withRecording(true, () =>
      inputs.map((input) => (createGraph && wantsGradient(input) ? input.viewAs(input) : leafOf(input))),
    );
    const outputs = this.#recompute(again);
    const known = outputs.flatMap((output, i) =>
      grads[i] !== undefined && output.requiresGrad ? [[output, grads[i]]] : [],
    );
    const sources = [...again.filter(wantsGradient), ...this.outsiders];
    if (known.length === 0) return sources.map(() => undefined);
    const found = gradients(
      known.map(([output]) => output as Tensor),
      sources,
      known.map(([, grad]) => grad as Tensor),
      {
        allowUnused: true,
        createGraph,
      },
    );
    return found.map((gradient) => gradient ?? undefined);
  }

  /** The outputs once more, with the graph that leads to them. */
  #recompute(inputs: readonly unknown[]): Tensor[] {
    const results = [...new Set(tensorsIn(this.computation.again(inputs)))];
    const outputs = this.places.flatMap((place) => results[place] ?? []);
    const isSame =
      outputs.length === this.outputs.length &&
      outputs.every(({ sizes }, i) => sameShape(sizes, (this.outputs[i] as OutputMeta).sizes));
    if (isSame) return outputs;
    throw new Error(
      "torch.utils.checkpoint: Recomputed values have different metadata than during the forward pass: " +
        "the function must compute the same whenever it is called",
    );
  }

  override release(): void {
    this.#inputs = undefined;
  }
}

/** A checkpoint with a backward pass of its own, which adds to the `grad` of leaves by itself. */
class ReentrantCheckpoint extends Function {
  static override forward(ctx: FunctionContext, computation: Computation, ...args: unknown[]): unknown {
    ctx.computation = computation;
    ctx.args = args;
    ctx.saveForBackward(...args.filter((arg) => arg instanceof Tensor));
    return computation.body(...args);
  }

  static override backward(ctx: FunctionContext, ...grads: Tensor[]): (Tensor | null)[] {
    if (isPassPartial()) {
      throw new Error(
        "Checkpointing is not compatible with .grad() or when an `inputs` parameter is passed to .backward(). Please use .backward() and do not pass its `inputs` argument.",
      );
    }
    // Looks whether they were changed since.
    ctx.savedTensors;
    const args = (ctx.args as readonly unknown[]).map(leafOf);
    const result = (ctx.computation as Computation).again(args);
    const outputs = Array.isArray(result) ? result : [result];
    const known = outputs.flatMap((output, i) => (wantsGradient(output) ? [[output, grads[i]] as const] : []));
    if (known.length === 0) {
      throw new Error("none of output has requires_grad=True, this checkpoint() is not necessary");
    }
    backward(
      known.map(([output]) => output),
      known.map(([, grad]) => grad as Tensor),
    );
    return [null, ...args.map((arg) => (arg instanceof Tensor ? arg.grad : null))];
  }
}
