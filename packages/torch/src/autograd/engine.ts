/**
 * Walks a graph backward: sums what arrives at each node, runs it, and sends its results on.
 *
 * Nodes run in the reverse order of their making, which respects every dependency. Where no graph of the
 * backward pass itself is wanted (`createGraph`), temporaries go back to the allocator as soon as they were
 * used: a gradient that the engine made, and that no code of the user has seen, has no other owner.
 */

import { onDevice, severalDevices } from "../backend/devices.js";
import { endStep } from "../backend/memory.js";
import { isNonOverlappingAndDense } from "../core/shape.js";
import { beginTrace, endTrace, keepingTemporaries, releaseMade, type Storage, wasMade } from "../core/storage.js";
import type { Tensor } from "../core/tensor.js";
import { addToGrad, addToRetained, metaOf } from "./meta.js";
import { withRecording } from "./modes.js";
import { AccumulateGrad, type Edge, type Grads, type Node, type OutputMeta, type Wanted } from "./node.js";
import { gradientsAreSeen, nodeWatch } from "./observe.js";
import { checkUnchanged, fitGradient, fitResults, replacedGradient, replacedGradients } from "./validate.js";

/** How the engine walks a graph. */
export interface WalkOptions {
  /** Keep what the graph has saved, so that it can be walked again. */
  retainGraph: boolean;
  /** Record the backward pass itself. */
  createGraph: boolean;
}

/** A gradient on its way; `owned` if nothing else refers to its memory. */
interface Pending {
  grad: Tensor;
  owned: boolean;
}

/** What has arrived at a node by output of its operation, or goes on from it by edge. */
type Received = readonly (Pending | undefined)[];

/** Asks for the gradient that arrives at one input of a node. */
export interface Capture {
  readonly edge: Edge;
  result: Tensor | undefined;
}

/** A queue that gives the node with the largest sequence number first; leaves come before all others. */
class ReadyQueue {
  readonly #heap: Node[] = [];

  get size(): number {
    return this.#heap.length;
  }

  push(node: Node): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(node);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!ReadyQueue.#before(node, heap[parent] as Node)) break;
      heap[at] = heap[parent] as Node;
      at = parent;
    }
    heap[at] = node;
  }

  pop(): Node {
    const heap = this.#heap;
    const top = heap[0] as Node;
    const last = heap.pop() as Node;
    if (heap.length === 0) return top;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && ReadyQueue.#before(heap[child + 1] as Node, heap[child] as Node)) child++;
      if (!ReadyQueue.#before(heap[child] as Node, last)) break;
      heap[at] = heap[child] as Node;
      at = child;
    }
    heap[at] = last;
    return top;
  }

  static #before(a: Node, b: Node): boolean {
    if (a instanceof AccumulateGrad !== b instanceof AccumulateGrad) return a instanceof AccumulateGrad;
    return a.sequence > b.sequence;
  }
}

/** How far a pass has come at a node. It stands in the node itself, where it is found without a search. */
export interface Progress {
  readonly task: object;
  /** Edges along which a gradient may still arrive. */
  dependencies: number;
  /** What has arrived so far, by output of the operation. */
  readonly inputs: (Pending | undefined)[];
  /** That of a pass in which, from a hook, this one was started. */
  readonly outer: Progress | undefined;
}

/** The nodes from which one of the captured edges can be reached. */
function nodesTowards(captures: readonly Capture[], reachable: readonly Node[]): Set<Node> {
  const needed = new Set<Node>(captures.map(({ edge }) => edge.node));
  // A node is older than those that lead to it, except where an in-place operation gave a base a new node;
  // so repeat until nothing is added.
  const nodes = [...reachable].sort((a, b) => a.sequence - b.sequence);
  for (let before = -1; before !== needed.size; ) {
    before = needed.size;
    for (const node of nodes) {
      if (!needed.has(node) && node.edges.some((edge) => edge !== undefined && needed.has(edge.node))) needed.add(node);
    }
  }
  return needed;
}

class Task {
  readonly #ready = new ReadyQueue();
  /** The nodes that the roots can reach. */
  readonly #reached: Node[] = [];
  readonly #needed: Set<Node> | undefined;
  readonly #captures: Map<Node, Capture[]> | undefined;
  /** Whether code of the user had gradients of this pass in hand, and so may change any of them. */
  #callsUser = false;

  constructor(
    readonly roots: readonly Edge[],
    readonly options: WalkOptions,
    captures: readonly Capture[] | undefined,
  ) {
    this.#reach();
    if (captures === undefined) return;
    this.#needed = nodesTowards(captures, this.#reached);
    this.#captures = new Map();
    for (const capture of captures) {
      const list = this.#captures.get(capture.edge.node);
      if (list === undefined) this.#captures.set(capture.edge.node, [capture]);
      else list.push(capture);
    }
  }

  run(grads: readonly Tensor[]): void {
    try {
      for (const [i, edge] of this.roots.entries()) {
        const output = edge.node.outputs[edge.inputNr] as OutputMeta;
        this.#receive(edge, { grad: fitGradient(grads[i] as Tensor, output, i), owned: false });
      }
      for (const { node } of this.roots) {
        const progress = node.progress as Progress;
        if (progress.dependencies !== 0) continue;
        this.#ready.push(node);
        // Lest it be found once more where it is the root of several outputs.
        progress.dependencies = -1;
      }
      while (this.#ready.size > 0) this.#visit(this.#ready.pop());
    } finally {
      for (const node of this.#reached) node.progress = node.progress?.outer;
    }
  }

  /** Notes at each node that the roots can reach how many edges lead to it. */
  #reach(): void {
    const reached = this.#reached;
    for (const { node } of this.roots) if (node.progress?.task !== this) this.#enter(node, 0);
    for (let i = 0; i < reached.length; i++) {
      const { edges } = reached[i] as Node;
      for (let j = 0; j < edges.length; j++) {
        const node = edges[j]?.node;
        if (node === undefined) continue;
        if (node.progress?.task === this) node.progress.dependencies++;
        else this.#enter(node, 1);
      }
    }
  }

  #enter(node: Node, dependencies: number): void {
    node.progress = { task: this, dependencies, inputs: new Array(node.outputs.length), outer: node.progress };
    this.#reached.push(node);
  }

  /** Adds a gradient to what has arrived at a node's input so far. */
  #receive({ node, inputNr }: Edge, arriving: Pending): void {
    const { inputs } = node.progress as Progress;
    const present = inputs[inputNr];
    inputs[inputNr] = present === undefined ? arriving : this.#sum(present, arriving);
  }

  #sum(a: Pending, b: Pending): Pending {
    if (this.#keepsAll) return { grad: a.grad.add(b.grad), owned: false };
    if (!a.owned && b.owned) return this.#sum(b, a);
    // An owned gradient may still be an expanded view, whose elements share places.
    // One that stands for a batch can only be added to another that does.
    const isWritable =
      a.owned && a.grad.constructor === b.grad.constructor && isNonOverlappingAndDense(a.grad.sizes, a.grad.strides);
    const grad = isWritable ? a.grad.add_(b.grad) : a.grad.add(b.grad);
    if (b.owned) b.grad.storage.release();
    return { grad, owned: true };
  }

  #visit(node: Node): void {
    const { inputs } = node.progress as Progress;
    this.#runTensorHooks(node, inputs);
    if (this.#callsUser) checkUnchanged(node, (i) => inputs[i]?.grad);
    this.#capture(node, inputs);
    if (node instanceof AccumulateGrad) {
      if (this.#needed === undefined) this.#reachLeaf(node, inputs[0]);
      return;
    }
    const wanted = this.#wantedOf(node);
    const results = wanted?.includes(true) === false ? noResults : this.#observed(node, inputs, wanted);
    const { edges } = node;
    for (let i = 0; i < edges.length; i++) {
      const edge = edges[i];
      if (edge === undefined) continue;
      const result = results[i];
      if (result !== undefined) this.#receive(edge, result);
      if (--(edge.node.progress as Progress).dependencies === 0) this.#ready.push(edge.node);
    }
  }

  #capture(node: Node, inputs: readonly (Pending | undefined)[]): void {
    for (const capture of this.#captures?.get(node) ?? []) {
      const pending = inputs[capture.edge.inputNr];
      if (pending !== undefined) pending.owned = false;
      capture.result = pending?.grad;
    }
  }

  /** Which edges of the node lead to something that is wanted, where not all do. */
  #wantedOf(node: Node): Wanted | undefined {
    const needed = this.#needed;
    return needed && node.edges.map((edge) => edge !== undefined && needed.has(edge.node));
  }

  #runTensorHooks(node: Node, inputs: readonly (Pending | undefined)[]): void {
    for (let i = 0; i < node.outputs.length; i++) {
      const output = node.outputs[i];
      const pending = inputs[i];
      if (output === undefined || pending === undefined) continue;
      const { hooks, retains } = output;
      if (hooks === undefined && retains === undefined) continue;
      pending.owned = false;
      if (hooks !== undefined) this.#callsUser = true;
      for (const hook of [...(hooks?.values() ?? [])]) {
        const { grad } = pending;
        pending.grad = replacedGradient(
          hook,
          grad,
          keepingTemporaries(() => hook(grad)),
        );
      }
      if (retains !== undefined) addToRetained(retains, pending.grad);
    }
  }

  /** Whether gradients on their way may be kept by somebody: the graph of the pass, or who looks on. */
  get #keepsAll(): boolean {
    return this.options.createGraph || gradientsAreSeen();
  }

  #observed(node: Node, inputs: Received, wanted: Wanted | undefined): Received {
    const { watcher } = nodeWatch;
    if (watcher === undefined) return this.#evaluateThere(node, inputs, wanted);
    return watcher(node, () => this.#evaluateThere(node, inputs, wanted), noResults) as Received;
  }

  /** Runs a node with the device of its gradients in force, on which its derivative makes tensors. */
  #evaluateThere(node: Node, inputs: Received, wanted: Wanted | undefined): Received {
    if (!severalDevices) return this.#evaluate(node, inputs, wanted);
    const device = inputs.find((input) => input !== undefined)?.grad.device ?? "cpu";
    return onDevice(device, () => this.#evaluate(node, inputs, wanted));
  }

  #evaluate(node: Node, inputs: Received, wanted: Wanted | undefined): Received {
    const grads: (Tensor | undefined)[] = [];
    let arrived = false;
    for (let i = 0; i < node.outputs.length; i++) {
      const grad = inputs[i]?.grad;
      grads.push(grad);
      if (grad !== undefined) arrived = true;
    }
    let results: Received = noResults;
    // Code of the user is called also where nothing arrives.
    if (isSeenByUser(node)) {
      this.#callsUser = true;
      results = keepingTemporaries(() => applyWithHooks(node, grads, arrived, wanted)).map(shared);
    } else if (arrived && this.#keepsAll) results = fitResults(node, node.apply(grads, wanted)).map(shared);
    else if (arrived) results = this.#applyReleasing(node, grads, inputs, wanted);
    if (!this.options.retainGraph) node.release();
    return results;
  }

  /** Runs a node, gives its temporaries back, and finds out which of its results nothing else refers to. */
  #applyReleasing(node: Node, grads: Grads, inputs: Received, wanted: Wanted | undefined): Received {
    const from = beginTrace();
    try {
      const results = fitResults(node, node.apply(grads, wanted));
      releaseMade(from, results, isUsed);
      const pending = new Array<Pending | undefined>(results.length);
      for (let i = 0; i < results.length; i++) {
        const grad = results[i];
        if (grad === undefined) continue;
        pending[i] = { grad, owned: countUses(results, grad.storage) === 1 && wasMade(from, grad.storage) };
      }
      for (let i = 0; i < inputs.length; i++) {
        const input = inputs[i];
        if (!input?.owned) continue;
        // A gradient that was used up goes back; where one result is still in its memory, that owns it now.
        const { storage } = input.grad;
        const uses = countUses(results, storage);
        if (uses === 0) storage.release();
        else if (uses === 1) for (const result of pending) if (result?.grad.storage === storage) result.owned = true;
      }
      return pending;
    } finally {
      endTrace();
    }
  }

  #reachLeaf(node: AccumulateGrad, pending: Pending | undefined): void {
    if (!isSeenByUser(node)) {
      this.#accumulate(node.variable, pending);
      return;
    }
    this.#callsUser = true;
    const grads = keepingTemporaries(() => runPreHooks(node, [pending?.grad]));
    this.#accumulate(node.variable, shared(grads[0]));
    keepingTemporaries(() => runPostHooks(node, [], grads));
  }

  #accumulate(variable: Tensor, pending: Pending | undefined): void {
    if (pending === undefined) return;
    const { grad, owned } = pending;
    const meta = metaOf(variable);
    if (owned && meta.grad === null && grad.contiguousFlag && grad.nbytes === grad.storage.nbytes) {
      meta.grad = grad;
      meta.ownsGrad = true;
      return;
    }
    addToGrad(variable, grad, this.options.createGraph);
    if (owned) grad.storage.release();
  }
}

const noResults: readonly undefined[] = [];

function isUsed(grads: Grads, storage: Storage): boolean {
  return countUses(grads, storage) > 0;
}

function countUses(grads: Grads, storage: Storage): number {
  let uses = 0;
  for (let i = 0; i < grads.length; i++) if (grads[i]?.storage === storage) uses++;
  return uses;
}

function shared(grad: Tensor | undefined): Pending | undefined {
  return grad && { grad, owned: false };
}

/** Whether code of the user gets hold of gradients at a node. */
function isSeenByUser(node: Node): boolean {
  return node.runsUserCode || node.preHooks !== undefined || node.postHooks !== undefined;
}

function orNull(grads: Grads): (Tensor | null)[] {
  return grads.map((grad) => grad ?? null);
}

function runPreHooks(node: Node, incoming: Grads): Grads {
  let grads = incoming;
  for (const hook of [...(node.preHooks?.values() ?? [])]) grads = replacedGradients(hook, grads, hook(orNull(grads)));
  checkUnchanged(node, (i) => grads[i]);
  return grads;
}

function runPostHooks(node: Node, computed: Grads, grads: Grads): Grads {
  let results = computed;
  for (const hook of [...(node.postHooks?.values() ?? [])]) {
    results = replacedGradients(hook, results, hook(orNull(results), orNull(grads)));
  }
  return results;
}

function applyWithHooks(node: Node, incoming: Grads, arrived: boolean, wanted: Wanted | undefined): Grads {
  const grads = runPreHooks(node, incoming);
  const results = arrived || node.runsUserCode ? node.apply(grads, wanted) : node.edges.map(() => undefined);
  return runPostHooks(node, fitResults(node, results), grads);
}

let isPartial = false;

/** Whether the pass that runs goes towards some tensors alone. */
export function isPassPartial(): boolean {
  return isPartial;
}

/** Sends gradients backward from the roots; with `captures`, only towards those, and leaves stay as they are. */
export function runBackward(
  roots: readonly Edge[],
  grads: readonly Tensor[],
  options: WalkOptions,
  captures?: readonly Capture[],
): void {
  const outer = isPartial;
  isPartial = captures !== undefined;
  try {
    withRecording(options.createGraph, () => new Task(roots, options, captures).run(grads));
  } finally {
    isPartial = outer;
  }
  endStep();
}
