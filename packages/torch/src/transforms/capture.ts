/**
 * Records what a program does as a graph of operations, by running it once.
 *
 * Composites are taken apart unless they are asked for; what is recorded are primitives. Whatever the program decides on
 * by looking at numbers is decided as in this run. Changes in place make new values, also of the tensors of which the
 * changed one is a view.
 */
import { hostReads } from "../backend/reading.js";
import { callerFrames } from "../core/callers.js";
import type { Storage } from "../core/storage.js";
import { Tensor } from "../core/tensor.js";
import { Module } from "../nn/module.js";
import type { Result } from "../ops/define.js";
import { DispatchMode, type OperationCall, tensorsIn } from "../ops/dispatch.js";
import { Graph, type GraphArgument, type GraphNode, GraphValue, type ValueKind } from "./graph.js";
import { afterChange, type Said, type View, viewAgain } from "./viewChanges.js";

/** A value, and the version of the memory at which it is what the tensor holds. */
interface Known {
  readonly value: GraphValue;
  readonly version: number;
}

/** The line of the program that called the library, from the calls that are under way. */
function callerLocation(): string | undefined {
  for (const frame of callerFrames()) {
    const [, place] = /\(?((?:file:\/\/|\/|[A-Z]:\\)[^()]*:\d+:\d+)\)?$/.exec(frame) ?? [];
    if (place !== undefined) return place;
  }
  return undefined;
}

function valuesIn(argument: GraphArgument): GraphValue[] {
  if (argument instanceof GraphValue) return [argument];
  if (Array.isArray(argument)) return argument.flatMap(valuesIn);
  return [];
}

/** Operations that look at the shape and the dtype of a tensor, and not at its elements. */
const ofLooks = new Set([
  "zerosLike",
  "onesLike",
  "fullLike",
  "emptyLike",
  "newZeros",
  "newOnes",
  "newFull",
  "newEmpty",
  "newTensor",
]);

/** Whether all tensors that a call uses are known without the inputs. */
function areFixed(args: GraphNode["args"]): boolean {
  return Object.values(args)
    .flatMap(valuesIn)
    .every(({ tensor }) => tensor !== undefined);
}

/** The error of a tensor that no operation made of the memory of a value: as a constant it would be wrong. */
function unsaid({ dtype }: Tensor, owner: GraphValue): Error {
  const place = callerLocation();
  const where = place === undefined ? "" : ` (called at ${place.replace(/^file:\/\//, "")})`;
  return new Error(
    `capture: a tensor of ${dtype} has the memory of ${owner.describe()}, and no operation says how, as with view(dtype) and data, which a graph cannot say; take detach() in the place of data${where}`,
  );
}

class Capture extends DispatchMode {
  #nodes: GraphNode[] = [];
  readonly #known = new Map<Tensor, Known>();
  readonly #values: Record<ValueKind, GraphValue[]> = {
    input: [],
    parameter: [],
    buffer: [],
    constant: [],
    result: [],
  };
  /** Tensors that are views of others. */
  readonly #views = new Map<Tensor, { readonly of: Tensor; readonly view: View }>();
  /** How often numbers were read before the program ran, or by operations. */
  #ownReads = hostReads();
  #depth = 0;
  /** The values whose tensors have a memory. */
  readonly #kept = new Map<Storage, GraphValue[]>();
  /** The values that are other ones for other inputs, by their memory. */
  readonly #owners = new WeakMap<object, GraphValue>();

  constructor(readonly composites: boolean) {
    super();
  }

  override operation(call: OperationCall): Result {
    const { operation, form, args } = call;
    const { names } = operation.signature;
    // What draws numbers is a node in any case: it is no operation that draws them.
    const isRandom = names.includes("generator");
    if (operation.isComposite && !this.composites && !isRandom) return call.run();
    const recorded = Object.fromEntries(names.map((name, i) => [name, this.#argument(args[i])]));
    const node = { operation: operation.id, form, args: recorded, location: callerLocation() };
    if (operation.isComposite && !isRandom) {
      const inside: GraphNode[] = [];
      const result = this.#run(call, inside);
      this.#nodes.push({ ...node, outputs: tensorsIn(result).map((tensor) => this.current(tensor)), inside });
      return result;
    }
    if (form !== "call") this.#saveBeforeChange(form === "inplace" ? args[0] : args.at(-1));
    const isFixed = !isRandom && (ofLooks.has(operation.id) || areFixed(recorded));
    const result = this.#run(call, []);
    const outputs = tensorsIn(result).map((tensor) => {
      const name = String(this.#values.result.length);
      return this.add("result", name, tensor, isFixed);
    });
    this.#nodes.push({ ...node, outputs });
    if (form === "call" && (operation.definition.view || operation.id === "detach")) {
      const of = args[0] as Tensor;
      tensorsIn(result).forEach((tensor, place) => {
        this.#views.set(tensor, { of, view: { operation: operation.id, args: recorded, place } });
      });
    } else if (form !== "call") {
      for (const tensor of tensorsIn(result)) this.#changeBases(tensor, node.location);
    }
    return result;
  }

  /** Makes new values of the tensors of which a changed one is a view. */
  #changeBases(changed: Tensor, location: string | undefined): void {
    let tensor = changed;
    for (let link = this.#views.get(tensor); link !== undefined; link = this.#views.get(tensor)) {
      const before = this.#known.get(link.of)?.value;
      const after = this.#known.get(tensor)?.value;
      const said = before && after && afterChange(link.view, before, after);
      // Who uses it again hears of it.
      if (said === undefined) return;
      this.#say(said, link.of, location);
      tensor = link.of;
    }
  }

  /** Records a call that was not made, as what a tensor is now. */
  #say({ operation, args }: Said, tensor: Tensor, location: string | undefined): GraphValue {
    const value = this.add("result", String(this.#values.result.length), tensor, areFixed(args));
    this.#nodes.push({ operation, form: "call", args, outputs: [value], location });
    return value;
  }

  /** Makes a call; what it calls in its turn goes into a list. */
  #run(call: OperationCall, inside: GraphNode[]): Result {
    const outer = this.#nodes;
    const before = hostReads();
    this.#nodes = inside;
    this.#depth++;
    try {
      return call.run();
    } finally {
      this.#nodes = outer;
      if (--this.#depth === 0) this.#ownReads += hostReads() - before;
    }
  }

  /** Makes a tensor a value of the graph, in the place of what it was. */
  add(kind: ValueKind, name: string, tensor: Tensor, keep = kind !== "input"): GraphValue {
    const value = new GraphValue(kind, name, tensor.dtype, tensor.shape, keep ? tensor : undefined);
    if (keep) this.#keep(value, tensor.storage);
    else this.#owners.set(tensor.storage.origin, value);
    this.#values[kind].push(value);
    this.#known.set(tensor, { value, version: tensor._version });
    return value;
  }

  #keep(value: GraphValue, storage: Storage): void {
    storage.keep();
    const others = this.#kept.get(storage);
    if (others === undefined) this.#kept.set(storage, [value]);
    else others.push(value);
  }

  /** Gives the values that share the memory of what is about to change a tensor of their own. */
  #saveBeforeChange(changed: unknown): void {
    for (const { storage } of tensorsIn(changed)) {
      for (const value of this.#kept.get(storage) ?? []) {
        if (value.kind === "constant" || value.kind === "result") value.tensor = value.tensor?.detach().clone();
      }
      this.#kept.delete(storage);
    }
  }

  /** The value that a tensor is now; a constant if it was never seen. */
  current(tensor: Tensor): GraphValue {
    const known = this.#known.get(tensor);
    if (known === undefined) {
      const owner = this.#owners.get(tensor.storage.origin);
      if (owner !== undefined) throw unsaid(tensor, owner);
      return this.add("constant", `constant${this.#values.constant.length}`, tensor);
    }
    if (known.version !== tensor._version) {
      const link = this.#views.get(tensor);
      if (link !== undefined) return this.#say(viewAgain(link.view, this.current(link.of)), tensor, callerLocation());
      throw new Error(
        `capture: the tensor that was ${known.value.describe()} was changed in place through another view of its memory, which a graph cannot say; write the program without that change`,
      );
    }
    return known.value;
  }

  #argument(value: unknown): GraphArgument {
    if (value instanceof Tensor) return this.current(value);
    return Array.isArray(value) ? value.map((item) => this.#argument(item)) : (value as GraphArgument);
  }

  finish(result: unknown): Graph {
    const outputs = tensorsIn(result).map((tensor) => this.current(tensor));
    const { input, parameter, buffer, constant } = this.#values;
    const reads = hostReads() - this.#ownReads;
    return new Graph(input, parameter, buffer, constant, this.#nodes, outputs, reads);
  }
}

/**
 * Runs a module or function on example inputs and returns the graph of the operations that it called.
 *
 * @param args the arguments of the call; the tensors in them become the inputs of the graph.
 * @param options.composites whether operations that are made of others are nodes, too, which hold those `inside`.
 * @throws TypeError for what is no module or function; Error for a tensor that is used after it was changed in place
 *   through another view of which that cannot be said (one of `expand`, `unfold` or `asStrided`).
 * @example
 * const graph = torch.fx.capture(model, [torch.rand(1, 784)]);
 * console.log(graph);
 */
export function capture(
  program: Module | ((...args: never[]) => unknown),
  args: readonly unknown[],
  { composites = false }: { composites?: boolean } = {},
): Graph {
  if (typeof program !== "function")
    throw new TypeError(`capture(): expected a module or function, got ${typeof program}`);
  const mode = new Capture(composites);
  args.flatMap(tensorsIn).forEach((tensor, i) => {
    mode.add("input", `input${i}`, tensor);
  });
  if (program instanceof Module) {
    for (const [name, parameter] of program.namedParameters()) mode.add("parameter", name, parameter);
    for (const [name, buffer] of program.namedBuffers()) mode.add("buffer", name, buffer);
  }
  const call = program as (...args: unknown[]) => unknown;
  return mode.finish(mode.run(() => call(...args)));
}
