/**
 * Records what a program does as a graph of operations, by running it once.
 *
 * Composites are taken apart; what is recorded are primitives. Whatever the program decides on by looking at
 * numbers is decided as in this run.
 */
import { callerFrames } from "../core/callers.js";
import { Tensor } from "../core/tensor.js";
import { Module } from "../nn/module.js";
import type { Result } from "../ops/define.js";
import { DispatchMode, type OperationCall, tensorsIn } from "../ops/dispatch.js";
import { Graph, type GraphArgument, type GraphNode, GraphValue, type ValueKind } from "./graph.js";

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

class Capture extends DispatchMode {
  readonly nodes: GraphNode[] = [];
  readonly #known = new Map<Tensor, Known>();
  readonly #values: Record<ValueKind, GraphValue[]> = {
    input: [],
    parameter: [],
    buffer: [],
    constant: [],
    result: [],
  };

  override operation(call: OperationCall): Result {
    if (call.operation.isComposite) return call.run();
    const { operation, form, args } = call;
    const { names } = operation.signature;
    const recorded = Object.fromEntries(names.map((name, i) => [name, this.#argument(args[i])]));
    const result = call.run();
    const outputs = tensorsIn(result).map((tensor) => this.add("result", String(this.#values.result.length), tensor));
    this.nodes.push({ operation: operation.id, form, args: recorded, outputs, location: callerLocation() });
    return result;
  }

  /** Makes a tensor a value of the graph, in the place of what it was. */
  add(kind: ValueKind, name: string, tensor: Tensor): GraphValue {
    const kept = kind === "input" || kind === "result" ? undefined : tensor;
    const value = new GraphValue(kind, name, tensor.dtype, tensor.shape, kept);
    this.#values[kind].push(value);
    this.#known.set(tensor, { value, version: tensor._version });
    return value;
  }

  /** The value that a tensor is now; a constant if it was never seen. */
  current(tensor: Tensor): GraphValue {
    const known = this.#known.get(tensor);
    if (known === undefined) return this.add("constant", `constant${this.#values.constant.length}`, tensor);
    if (known.version !== tensor._version) {
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
    return new Graph(input, parameter, buffer, constant, this.nodes, outputs);
  }
}

/**
 * Runs a module or function on example inputs and returns the graph of the operations that it called.
 *
 * @param args the arguments of the call; the tensors in them become the inputs of the graph.
 * @throws TypeError for what is no module or function; Error for a tensor that is used after it was changed in place through another view.
 * @example
 * const graph = torch.fx.capture(model, [torch.rand(1, 784)]);
 * console.log(graph);
 */
export function capture(program: Module | ((...args: never[]) => unknown), args: readonly unknown[]): Graph {
  if (typeof program !== "function")
    throw new TypeError(`capture(): expected a module or function, got ${typeof program}`);
  const mode = new Capture();
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
