/** The node that is recorded for an operation. */
import type { Params } from "../arguments/params.js";
import { type Edge, type Grads, gradEdge, Node, SavedTensor } from "../autograd/node.js";
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

/** An input that holds one tensor or a list of them, and where its edges begin. */
interface Slot {
  readonly name: string;
  readonly first: number;
  /** -1 for a single tensor. */
  readonly count: number;
}

export class OpNode extends Node {
  readonly #definition: Definition<Params>;
  readonly #overload: number;
  readonly #nodeName: string | undefined;
  readonly #slots: readonly Slot[];
  /** What the inputs look like, by edge. */
  readonly #inputs: readonly (TensorMeta | undefined)[];
  readonly #saved: Values;

  /**
   * @param values the arguments of the call.
   * @param kept the same, with a copy of what an in-place operation overwrites.
   */
  constructor(
    definition: Definition<Params>,
    tensorNames: readonly string[],
    listNames: readonly string[],
    values: Values,
    kept: Values,
    result: Result,
  ) {
    const edges: (Edge | undefined)[] = [];
    const inputs: (TensorMeta | undefined)[] = [];
    const slots: Slot[] = [];
    const saved: Values = { ...kept };
    const add = (value: unknown) => {
      const edge = value instanceof Tensor ? gradEdge(value) : undefined;
      edges.push(edge);
      inputs.push(edge && metaOf(value as Tensor));
    };
    const saves = definition.saves ?? [];
    for (const name of tensorNames) {
      slots.push({ name, first: edges.length, count: -1 });
      add(values[name]);
      const value = kept[name];
      if (value instanceof Tensor) saved[name] = saves.includes(name) ? new SavedTensor(value) : metaOf(value);
    }
    for (const name of listNames) {
      const list = (values[name] ?? []) as readonly Tensor[];
      slots.push({ name, first: edges.length, count: list.length });
      list.forEach(add);
      const kind = saves.includes(name);
      const items = kept[name] as readonly (Tensor | null)[] | undefined;
      saved[name] = items?.map((item) => item && (kind ? new SavedTensor(item) : metaOf(item)));
    }
    super(edges);
    this.#definition = definition;
    const { nodeName } = definition;
    this.#overload = definition.overload?.(values as never) ?? 0;
    this.#nodeName = typeof nodeName === "function" ? nodeName(values as never) : nodeName;
    this.#slots = slots;
    this.#inputs = inputs;
    this.#saved = saved;
    if (result instanceof Tensor) saved.result = saves.includes("result") ? new SavedTensor(result) : metaOf(result);
    else if (saves.includes("results")) saved.results = [...(result as Iterable<Tensor>)].map((one) => new SavedTensor(one));
  }

  override name(): string {
    if (this.#nodeName !== undefined) return this.#nodeName;
    const name = this.#definition.name.replace(/_$/, "");
    const capitalized = name.replace(/^[a-z]|\d[a-z]/g, (letter) => letter.toUpperCase());
    return `${capitalized}Backward${this.#overload}`;
  }

  override apply(grads: Grads): Grads {
    const { backward, derivative } = this.#definition;
    const saved = this.#unpack();
    const results: (Tensor | undefined)[] = new Array(this.edges.length).fill(undefined);
    const set = (at: number, grad: Tensor | undefined) => {
      if (grad !== undefined && this.edges[at] !== undefined) results[at] = fit(grad, this.#inputs[at] as TensorMeta);
    };
    if (backward !== undefined) {
      const needs = Object.fromEntries(this.#slots.map((slot) => [slot.name, this.#isNeeded(slot)]));
      const computed = backward(grads, saved, needs as never);
      for (const { name, first, count } of this.#slots) {
        const value = computed[name];
        if (count < 0) set(first, value as Tensor | undefined);
        else (value as Grads | undefined)?.forEach((grad, i) => set(first + i, grad));
      }
      return results;
    }
    const grad = grads[0];
    if (grad === undefined) return results;
    for (const slot of this.#slots) {
      if (!this.#isNeeded(slot)) continue;
      const compute = derivative?.[slot.name];
      if (compute === undefined) throw new Error(`the derivative for '${slot.name}' of ${this.#definition.name} is not defined`);
      set(slot.first, compute(grad, saved));
    }
    return results;
  }

  override release(): void {
    for (const value of Object.values(this.#saved)) {
      if (value instanceof SavedTensor) value.release();
      else if (Array.isArray(value)) for (const item of value) if (item instanceof SavedTensor) item.release();
    }
  }

  #isNeeded({ first, count }: Slot): boolean {
    if (count < 0) return this.edges[first] !== undefined;
    return this.edges.slice(first, first + count).some((edge) => edge !== undefined);
  }

  // biome-ignore lint/suspicious/noExplicitAny: the definition's types say what is in it
  #unpack(): any {
    const values: Values = {};
    for (const [name, value] of Object.entries(this.#saved)) {
      if (value instanceof SavedTensor) values[name] = value.unpack(this);
      else if (Array.isArray(value)) {
        values[name] = value.map((item) => (item instanceof SavedTensor ? item.unpack(this) : item));
      } else values[name] = value;
    }
    return values;
  }
}

/** Brings a gradient to the shape (an input that was broadcast) and dtype (one that was promoted) of its input. */
function fit(grad: Tensor, input: TensorMeta): Tensor {
  let result = grad;
  if (!sameShape(result.sizes, input.sizes)) result = result.sumToSize(input.sizes);
  if (result.dtype !== input.dtype) result = result.to(input.dtype);
  return result;
}
