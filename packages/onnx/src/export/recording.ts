/** A program recorded once, or several times with other sizes, walked through in all recordings at the same time. */
import torch, { type DType, type Tensor } from "flambeau";
import { bytesOf } from "../proto/tensors.js";
import { type Extent, extentOf, Size } from "./sizes.js";

export type GraphValue = torch.fx.GraphValue;
export type GraphNode = torch.fx.GraphNode;
type GraphArgument = torch.fx.GraphArgument;

/** A tensor of the program in all recordings. */
export class Value {
  readonly sizes: readonly Extent[];
  readonly dtype: DType;
  /** What it is called in the file. */
  name: string | undefined;

  constructor(readonly all: readonly GraphValue[]) {
    const [first] = all as [GraphValue];
    if (all.some(({ sizes }) => sizes.length !== first.sizes.length))
      throw new Error(`it has another number of dims for other sizes of the dynamic axes (${first.describe()})`);
    this.dtype = first.dtype;
    this.sizes = first.sizes.map((_, d) => extentOf(all.map(({ sizes }) => sizes[d] as number)));
  }

  get rank(): number {
    return this.sizes.length;
  }

  get isDynamic(): boolean {
    return this.sizes.some((size) => size instanceof Size);
  }

  /** The tensor, if it is the same whatever the inputs are. */
  get tensor(): Tensor | undefined {
    const [first, ...others] = this.all.map(({ tensor }) => tensor);
    if (first === undefined) return undefined;
    return others.every((other) => other !== undefined && isSame(first, other)) ? first : undefined;
  }
}

function isSame(a: Tensor, b: Tensor): boolean {
  if (a === b) return true;
  if (a.dtype !== b.dtype || a.shape.join() !== b.shape.join()) return false;
  return Buffer.compare(bytesOf(a), bytesOf(b)) === 0;
}

/** An argument of a call in all recordings. */
export type Argument =
  | Value
  | Size
  | readonly Argument[]
  | Exclude<GraphArgument, GraphValue | readonly GraphArgument[]>;

/** A call in all recordings. */
export interface Node {
  readonly operation: string;
  readonly form: string;
  readonly args: Readonly<Record<string, Argument>>;
  readonly outputs: readonly Value[];
  readonly location: string | undefined;
  readonly all: readonly GraphNode[];
}

const differs = "the program does something else for other sizes of the dynamic axes, which a file cannot say";

/** The values of the program, and what they are in each recording. */
export class Recording {
  readonly #values: Map<GraphValue, Value>[];

  constructor(readonly graphs: readonly torch.fx.Graph[]) {
    this.#values = graphs.map(() => new Map<GraphValue, Value>());
  }

  /** The value that these are, made if it is not known yet. */
  value(all: readonly GraphValue[]): Value {
    const known = this.#values[0]?.get(all[0] as GraphValue);
    const value = known ?? new Value(all);
    all.forEach((one, i) => {
      const map = this.#values[i] as Map<GraphValue, Value>;
      if (!map.has(one)) map.set(one, value);
    });
    return value;
  }

  /** The nodes of a list, in step. */
  *nodes(lists: readonly (readonly GraphNode[])[]): Generator<readonly GraphNode[]> {
    const [first] = lists as [readonly GraphNode[]];
    for (const [i, node] of first.entries()) {
      const all = lists.map((list) => list[i]);
      const odd = all.find((other) => other?.operation !== node.operation || other.form !== node.form);
      if (all.some((other) => other === undefined) || odd !== undefined) {
        throw located(node, `${differs}: ${node.operation} in one case, ${odd?.operation ?? "nothing"} in another`);
      }
      yield all as GraphNode[];
    }
    const longer = lists.find((list) => list.length > first.length)?.[first.length];
    if (longer !== undefined) throw located(longer, `${differs}: ${longer.operation} in one case, nothing in another`);
  }

  /** A node with what its arguments are. */
  node(all: readonly GraphNode[]): Node {
    const [first] = all as [GraphNode];
    const { operation, form, location } = first;
    try {
      const args = Object.fromEntries(
        Object.keys(first.args).map((name) => [name, this.#argument(all.map(({ args }) => args[name]))]),
      );
      const outputs = first.outputs.map((_, i) => this.value(all.map(({ outputs }) => outputs[i] as GraphValue)));
      return { operation, form, args, outputs, location, all };
    } catch (error) {
      throw located(first, (error as Error).message, error);
    }
  }

  #argument(all: readonly GraphArgument[]): Argument {
    const [first] = all;
    if (first instanceof torch.fx.GraphValue) return this.#valueOfArgument(all as GraphValue[]);
    if (Array.isArray(first)) {
      if (all.some((other) => !Array.isArray(other) || other.length !== first.length)) throw new Error(differs);
      return first.map((_, i) => this.#argument((all as GraphArgument[][]).map((list) => list[i])));
    }
    if (typeof first === "number" || typeof first === "bigint") {
      if (all.every((other) => Object.is(other, first))) return first;
      if (all.every((other) => typeof other === "number" || typeof other === "bigint"))
        return new Size(all.map(Number));
    }
    if (typeof first !== "object" && all.some((other) => other !== first)) throw new Error(differs);
    return first as Argument;
  }

  #valueOfArgument(all: readonly GraphValue[]): Value {
    if (all.some((one) => !(one instanceof torch.fx.GraphValue))) throw new Error(differs);
    const known = all.map((one, i) => this.#values[i]?.get(one));
    const [first] = known;
    if (known.every((one) => one === undefined)) return this.value(all);
    const agree = known.every((one) => one !== undefined && (one === first || one.name === first?.name));
    if (!agree || first === undefined) throw new Error(differs);
    return first;
  }
}

/** An error that names a call of the program. */
class CallError extends Error {
  override name = "Error";
}

/** An error about a call of the program; one that names a call already stays as it is. */
export function located(node: GraphNode | Node, message: string, cause?: unknown): Error {
  if (cause instanceof CallError) return cause;
  const { operation, location } = node;
  const place = location === undefined ? "" : `, called at ${location.replace(/^file:\/\//, "")}`;
  return new CallError(`onnx.export: ${operation}${place}: ${message}`, { cause });
}
