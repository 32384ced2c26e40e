/** The node that is recorded for an operation. */
import type { Params } from "../arguments/params.js";
import { type Edge, freedGraphMessage, type Grads, gradEdge, Node, SavedVersions } from "../autograd/node.js";
import type { DType } from "../core/dtype.js";
import { sameShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import type { Definition, Result } from "./define.js";

/** What stays known of a tensor that was not saved. */
export interface TensorMeta {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  readonly dtype: DType;
}

type Values = Record<string, unknown>;

function metaOf({ sizes, strides, offset, dtype }: Tensor): TensorMeta {
  return { sizes, strides, offset, dtype };
}

/** What the node of an operation needs to know of its definition, found out once. */
export class NodeLayout {
  readonly saves: ReadonlySet<string>;

  constructor(
    readonly definition: Definition<Params>,
    /** Parameters that hold one tensor. */
    readonly tensorNames: readonly string[],
    /** Parameters that hold a list of them. */
    readonly listNames: readonly string[],
  ) {
    this.saves = new Set(definition.saves ?? []);
  }
}

export class OpNode extends Node {
  readonly #layout: NodeLayout;
  readonly #name: string | undefined;
  readonly #overload: number;
  /** The arguments and the result by name; tensors among them that are not saved are what they looked like. */
  #saved: Values | undefined;
  readonly #versions = new SavedVersions();

  /**
   * @param values the arguments of the call.
   * @param kept the same, with a copy of what an in-place operation overwrites; the node takes the object over.
   */
  constructor(layout: NodeLayout, values: Values, kept: Values, result: Result) {
    const { definition, saves } = layout;
    const edges: (Edge | undefined)[] = [];
    for (const name of layout.tensorNames) edges.push(edgeOf(values[name]));
    for (const name of layout.listNames) for (const item of listOf(values[name])) edges.push(edgeOf(item));
    const { nodeName, overload } = definition;
    const ownName = typeof nodeName === "function" ? nodeName(values as never) : nodeName;
    const ownOverload = overload === undefined ? 0 : overload(values as never);
    super(edges);
    this.#layout = layout;
    this.#name = ownName;
    this.#overload = ownOverload;
    for (const name of layout.tensorNames) kept[name] = this.#keep(kept[name], saves.has(name));
    for (const name of layout.listNames)
      kept[name] = listOf(kept[name]).map((item) => this.#keep(item, saves.has(name)));
    if (result instanceof Tensor) kept.result = this.#keep(result, saves.has("result"));
    else if (saves.has("results"))
      kept.results = Array.from(result as Iterable<Tensor>, (one) => this.#keep(one, true));
    this.#saved = kept;
  }

  /** What stays of an argument: a number as it is, a tensor itself or what it looks like. */
  #keep(value: unknown, saved: boolean): unknown {
    if (!(value instanceof Tensor)) return value;
    if (!saved) return metaOf(value);
    this.#versions.add(value);
    return value;
  }

  override name(): string {
    if (this.#name !== undefined) return this.#name;
    const name = this.#layout.definition.name.replace(/_$/, "");
    const capitalized = name.replace(/^[a-z]|\d[a-z]/g, (letter) => letter.toUpperCase());
    return `${capitalized}Backward${this.#overload}`;
  }

  override apply(grads: Grads): Grads {
    const saved = this.#saved;
    if (saved === undefined) throw new Error(freedGraphMessage);
    this.#versions.check(this);
    const { backward, derivative } = this.#layout.definition;
    const results: (Tensor | undefined)[] = new Array(this.edges.length).fill(undefined);
    const grad = grads[0];
    if (backward !== undefined) {
      this.#spread(backward(grads, saved as never, this.#needs(saved) as never), saved, results);
    } else if (grad !== undefined) {
      const { tensorNames } = this.#layout;
      for (let at = 0; at < tensorNames.length; at++) {
        if (this.edges[at] === undefined) continue;
        const name = tensorNames[at] as string;
        const compute = derivative?.[name];
        if (compute === undefined) {
          throw new Error(`the derivative for '${name}' of ${this.#layout.definition.name} is not defined`);
        }
        this.#set(results, at, compute(grad, saved as never), saved[name]);
      }
    }
    return results;
  }

  /** Puts what `backward` returned by name to the edges. */
  #spread(
    computed: Readonly<Record<string, Tensor | Grads | undefined>>,
    saved: Values,
    results: (Tensor | undefined)[],
  ): void {
    let at = 0;
    for (const name of this.#layout.tensorNames)
      this.#set(results, at++, computed[name] as Tensor | undefined, saved[name]);
    for (const name of this.#layout.listNames) {
      const list = listOf(computed[name]);
      for (const [i, input] of listOf(saved[name]).entries())
        this.#set(results, at++, list[i] as Tensor | undefined, input);
    }
  }

  #set(results: (Tensor | undefined)[], at: number, grad: Tensor | undefined, input: unknown): void {
    if (grad !== undefined && this.edges[at] !== undefined) results[at] = fit(grad, input as TensorMeta);
  }

  override release(): void {
    this.#saved = undefined;
    this.#versions.clear();
  }

  /** Which parameters want a gradient. */
  #needs(saved: Values): Record<string, boolean> {
    const needs: Record<string, boolean> = {};
    let at = 0;
    for (const name of this.#layout.tensorNames) needs[name] = this.edges[at++] !== undefined;
    for (const name of this.#layout.listNames) {
      const end = at + listOf(saved[name]).length;
      needs[name] = this.edges.slice(at, end).some((edge) => edge !== undefined);
      at = end;
    }
    return needs;
  }
}

function edgeOf(value: unknown): Edge | undefined {
  return value instanceof Tensor ? gradEdge(value) : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return (value ?? []) as readonly unknown[];
}

/** Brings a gradient to the shape (an input that was broadcast) and dtype (one that was promoted) of its input. */
function fit(grad: Tensor, input: TensorMeta): Tensor {
  let result = grad;
  if (!sameShape(result.sizes, input.sizes)) result = result.sumToSize(input.sizes);
  if (result.dtype !== input.dtype) result = result.to(input.dtype);
  return result;
}
