/** Nodes and edges of the graph that records how tensors were made. */
import { scalarTypeName } from "../core/dtype.js";
import { addHook, type RemovableHandle } from "../core/hooks.js";
import { Tensor } from "../core/tensor.js";
import type { Progress } from "./engine.js";
import { type AutogradMeta, metaOf, type TensorHook } from "./meta.js";
import { isGradEnabled } from "./modes.js";

/** Gradients of a node's outputs or inputs; undefined stands for zero. */
export type Grads = readonly (Tensor | undefined)[];

/** Where a gradient goes next: an input of a node (which is an output of the operation that was recorded). */
export interface Edge {
  readonly node: Node;
  readonly inputNr: number;
}

/** By edge, whether a pass that goes towards some tensors alone (`autograd.grad`) gets to one of them along it. */
export type Wanted = readonly boolean[];

// biome-ignore lint/suspicious/noConfusingVoidType: a hook may return nothing at all
type HookResult = (Tensor | null)[] | undefined | void;

export type NodeHook = (gradInputs: (Tensor | null)[], gradOutputs: (Tensor | null)[]) => HookResult;
export type NodePreHook = (gradOutputs: (Tensor | null)[]) => HookResult;

let nextSequence = 0;

const noOutputs: readonly OutputMeta[] = [];

/** A function of the graph: takes the gradients of an operation's outputs and gives those of its inputs. */
export abstract class Node {
  /** Later operations have larger numbers, so going backward in this order respects every dependency. */
  readonly sequence = nextSequence++;
  /** @internal What the outputs look like, for gradients that nobody sends. */
  outputs: readonly OutputMeta[] = noOutputs;
  /** @internal */
  postHooks: Map<number, NodeHook> | undefined = undefined;
  /** @internal */
  preHooks: Map<number, NodePreHook> | undefined = undefined;
  /** @internal How far a backward pass that is under way has come here. */
  progress: Progress | undefined = undefined;
  constructor(
    /** @internal One for each input; undefined where no gradient is wanted. */
    readonly edges: readonly (Edge | undefined)[],
  ) {}

  /** @internal Whether code of the user runs in `apply` and may keep what it is given. */
  get runsUserCode(): boolean {
    return false;
  }

  /** @internal Adds an output that looks like a tensor. */
  addOutput({ sizes, dtype }: Tensor): void {
    const output: OutputMeta = { sizes, dtype };
    // Nearly every node has one output, for which a list that can grow is a waste.
    if (this.outputs === noOutputs) this.outputs = [output];
    else (this.outputs as OutputMeta[]).push(output);
  }

  /** @internal A gradient of zeros for an output. */
  zeroGrad(outputNr: number): Tensor {
    const { sizes, dtype } = this.outputs[outputNr] as OutputMeta;
    return Tensor.empty(sizes, dtype).zero_();
  }

  /** PyTorch's name of the function, such as `"AddBackward0"`. */
  abstract name(): string;

  /** @internal Computes the gradients that go along `edges`, or along those that are wanted. */
  abstract apply(grads: Grads, wanted?: Wanted): Grads;

  /** @internal Lets go of saved tensors; a later `apply` throws. */
  release(): void {}

  /** The functions that come next on the way back, each with the number of the input that it feeds. */
  get nextFunctions(): readonly (readonly [Node | null, number])[] {
    return this.edges.map((edge) => (edge === undefined ? ([null, 0] as const) : ([edge.node, edge.inputNr] as const)));
  }

  /** Calls a function with the gradients of inputs and outputs after this node ran; a result replaces the former. */
  registerHook(hook: NodeHook): RemovableHandle {
    this.postHooks ??= new Map();
    return addHook(this.postHooks, hook);
  }

  /** Calls a function with the gradients of the outputs before this node runs; a result replaces them. */
  registerPrehook(hook: NodePreHook): RemovableHandle {
    this.preHooks ??= new Map();
    return addHook(this.preHooks, hook);
  }

  toString(): string {
    return `<${this.name()}>`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return `<${this.name()} object>`;
  }
}

/** What is needed to make a zero gradient of an output, and who wants to see its gradient. */
export interface OutputMeta {
  readonly sizes: readonly number[];
  readonly dtype: Tensor["dtype"];
  /** The hooks on the tensor that this output was. */
  hooks?: ReadonlyMap<number, TensorHook>;
  /** The state of a tensor that keeps its gradient. */
  retains?: AutogradMeta;
}

/** Adds what arrives to the `grad` of a leaf. */
export class AccumulateGrad extends Node {
  constructor(readonly variable: Tensor) {
    super([]);
    this.addOutput(variable);
    const hooks = variable.autograd?.hooks;
    if (hooks !== undefined) (this.outputs[0] as OutputMeta).hooks = hooks;
  }

  override name(): string {
    return "AccumulateGrad";
  }

  override apply(): Grads {
    throw new Error("the engine accumulates gradients itself");
  }
}

/** Where the gradient of a tensor has to go, or undefined if none is wanted. */
export function gradEdge(tensor: Tensor): Edge | undefined {
  if (!tensor.requiresGrad) return undefined;
  const meta = metaOf(tensor);
  const node = tensor.gradFn;
  if (node === null) {
    meta.accumulator ??= new AccumulateGrad(tensor);
    if (meta.edge?.node !== meta.accumulator) meta.edge = { node: meta.accumulator, inputNr: 0 };
    return meta.edge;
  }
  if (meta.edge?.node !== node || meta.edge.inputNr !== meta.outputNr) meta.edge = { node, inputNr: meta.outputNr };
  return meta.edge;
}

/** Whether an operation on these tensors is to be recorded. */
export function needsRecording(tensors: Iterable<Tensor>): boolean {
  if (!isGradEnabled()) return false;
  for (const tensor of tensors) if (tensor.requiresGrad) return true;
  return false;
}

/** Makes a tensor the output of a node. */
export function setHistory(tensor: Tensor, node: Node): void {
  const outputNr = node.outputs.length;
  node.addOutput(tensor);
  becomeOutput(tensor, node, outputNr);
}

/**
 * Makes a tensor an output of a node. After an in-place change, hooks stay with the value before it, and the
 * gradient that `retainGrad` keeps is that of the value after it.
 */
export function becomeOutput(tensor: Tensor, node: Node | null, outputNr: number): void {
  const meta = metaOf(tensor);
  if (meta.node !== null && meta.node !== node) {
    const before = meta.node.outputs[meta.outputNr];
    if (before?.retains === meta) delete before.retains;
    meta.hooks = undefined;
  }
  meta.node = node;
  meta.outputNr = outputNr;
  meta.nodeVersion = tensor.storage.version;
  if (!meta.retainsGrad) return;
  const output = node?.outputs[outputNr];
  if (output !== undefined) output.retains = meta;
}

/** A tensor as it was when it was saved for the backward pass, and what else was saved beside it. */
export interface SavedVersion {
  readonly tensor: Tensor;
  readonly version: number;
  readonly next: SavedVersion | undefined;
}

/**
 * Notes the version of a tensor that is saved, beside those of others. Its memory stays until `dropSaved`.
 *
 * @throws Error for a tensor of inference mode.
 */
export function noteVersion(tensor: Tensor, next: SavedVersion | undefined): SavedVersion {
  if (tensor.inference) {
    throw new Error(
      "Inference tensors cannot be saved for backward. To work around you can make a clone to get a normal tensor and use it in autograd.",
    );
  }
  tensor.storage.save();
  return { tensor, version: tensor.storage.version, next };
}

/** Lets go of tensors that a node has saved, and that nobody has seen who may still use them. */
export function dropSaved(first: SavedVersion | undefined): void {
  for (let saved = first; saved !== undefined; saved = saved.next) saved.tensor.storage.dropSave();
}

/** @throws Error if one of the tensors that a node has saved was changed in place since. */
export function checkVersions(first: SavedVersion | undefined, node: Node): void {
  for (let saved = first; saved !== undefined; saved = saved.next) {
    const { tensor } = saved;
    const { version } = tensor.storage;
    if (version === saved.version) continue;
    throw new Error(
      `one of the variables needed for gradient computation has been modified by an inplace operation: [torch.${tensorTypeName(tensor)} [${tensor.sizes.join(", ")}]], which is saved by ${node.name()}, is at version ${version}; expected version ${saved.version} instead.`,
    );
  }
}

export const freedGraphMessage =
  "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retainGraph: true if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.";

/** PyTorch's old name for a dtype's tensors, which its messages still use. */
export function tensorTypeName(tensor: Tensor): string {
  return `${scalarTypeName(tensor.dtype)}Tensor`;
}
