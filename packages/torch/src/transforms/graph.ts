/** A program as a graph of operations: what `capture` records. */
import { DType } from "../core/dtype.js";
import type { Shape } from "../core/shape.js";
import type { Tensor } from "../core/tensor.js";
import { type CallForm, callName } from "../ops/dispatch.js";

/** Where a value comes from. */
export type ValueKind = "input" | "parameter" | "buffer" | "constant" | "result";

/** A tensor of the program; a change in place makes a new value. */
export class GraphValue {
  constructor(
    readonly kind: ValueKind,
    /** Unique in the graph: a parameter's is its key in the state dict. */
    readonly name: string,
    readonly dtype: DType,
    readonly sizes: Shape,
    /** The tensor itself, of a parameter, buffer or constant, and of what was computed from these alone. */
    public tensor: Tensor | undefined = undefined,
  ) {}

  toString(): string {
    return `%${this.name}`;
  }

  /** The name with dtype and sizes. */
  describe(): string {
    return `${this}: ${this.dtype.name}[${this.sizes.join(", ")}]`;
  }
}

/** An argument of a call: a value, a list that may hold some, or a constant that belongs to the call. */
export type GraphArgument = GraphValue | readonly GraphArgument[] | AttributeValue;

/** What an argument may be beside values. */
export type AttributeValue = number | bigint | boolean | string | DType | null | undefined | object;

/** One call of an operation. */
export interface GraphNode {
  /** The id of the operation. */
  readonly operation: string;
  readonly form: CallForm;
  /** The arguments by the names of the operation's parameters. */
  readonly args: Readonly<Record<string, GraphArgument>>;
  readonly outputs: readonly GraphValue[];
  /** The line of the program that called, as `file:line:column`, where it is known. */
  readonly location: string | undefined;
  /** What a composite called in its turn, where composites are recorded. */
  readonly inside?: readonly GraphNode[];
}

function formatArgument(value: GraphArgument): string {
  if (value instanceof GraphValue || value instanceof DType) return String(value);
  if (Array.isArray(value)) return `[${value.map(formatArgument).join(", ")}]`;
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return `[${value.name || "function"}]`;
  return typeof value === "object" && value !== null ? `[${value.constructor?.name ?? "object"}]` : String(value);
}

function formatNode({ operation, form, args, outputs }: GraphNode): string {
  const shown = Object.entries(args).filter(([, value]) => value !== undefined);
  const list = shown.map(([name, value]) => `${name}=${formatArgument(value)}`).join(", ");
  return `${outputs.map((output) => output.describe()).join(", ")} = ${callName(operation, form)}(${list})`;
}

/** The operations of a program in the order of their calls, each after those whose values it uses. */
export class Graph {
  constructor(
    readonly inputs: readonly GraphValue[],
    readonly parameters: readonly GraphValue[],
    readonly buffers: readonly GraphValue[],
    /** Tensors that the program used and that are neither inputs nor belong to the module. */
    readonly constants: readonly GraphValue[],
    readonly nodes: readonly GraphNode[],
    readonly outputs: readonly GraphValue[],
    /** How often the program read numbers of tensors: what it decided by them is decided in the graph. */
    readonly reads = 0,
  ) {}

  /** The graph as text, a line for each value that comes in, for each call, and for what comes out. */
  toString(): string {
    const values = (title: string, list: readonly GraphValue[]) =>
      list.length === 0 ? [] : [`${title}:`, ...list.map((value) => `  ${value.describe()}`)];
    return [
      ...values("inputs", this.inputs),
      ...values("parameters", this.parameters),
      ...values("buffers", this.buffers),
      ...values("constants", this.constants),
      "nodes:",
      ...this.nodes.map((node) => `  ${formatNode(node)}`),
      `return ${this.outputs.join(", ")}`,
    ].join("\n");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}
