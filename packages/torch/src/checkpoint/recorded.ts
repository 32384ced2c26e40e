/** A checkpoint that is one node of the graph, through which everything goes as through any other. */
import { grad as gradients } from "../autograd/backward.js";
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
import { sameShape } from "../core/shape.js";
import { keepingTemporaries } from "../core/storage.js";
import { Tensor, ViewCreation } from "../core/tensor.js";
import type { Result } from "../ops/define.js";
import { DispatchMode, type OperationCall, tensorsIn } from "../ops/dispatch.js";
import { type Computation, leafOf, wantsGradient } from "./computation.js";

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
export function runRecorded(computation: Computation, inputs: readonly unknown[]): unknown {
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
