/** The node that is recorded for an operation. */
import type { Params } from "../arguments/params.js";
import { type RecordMaker, recordMaker } from "../arguments/record.js";
import {
  checkVersions,
  dropSaved,
  type Edge,
  freedGraphMessage,
  type Grads,
  gradEdge,
  Node,
  noteVersion,
  type SavedVersion,
  type Wanted,
} from "../autograd/node.js";
import type { Device } from "../core/devices.js";
import type { DType } from "../core/dtype.js";
import { Tensor } from "../core/tensor.js";
import type { Definition, Result } from "./define.js";

/** What stays known of a tensor that was not saved. */
export interface TensorOutline {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  readonly dtype: DType;
  readonly device: Device;
}

/** What a tensor looks like now. */
export function outlineOf(tensor: Tensor): TensorOutline {
  const { sizes, strides, offset, dtype, device } = tensor;
  return { sizes, strides, offset, dtype, device };
}

/** The bit that says that somebody wants a gradient, which who is recorded has always. */
const somewhere = 1 << 30;

/** What the node of an operation needs to know of its definition, found out once. */
export class NodeLayout {
  /** The places of parameters that hold one tensor. */
  readonly tensorPlaces: readonly number[];
  /** The places of parameters that hold a list of them. */
  readonly listPlaces: readonly number[];
  /** The place of the device that is asked for, or -1. */
  readonly devicePlace: number;
  /**
   * By place, whose gradients use the tensors there: a bit for each of `tensorPlaces`, all of them where any may, none
   * where nothing is saved.
   */
  readonly savedFor: readonly number[];
  /** The same for the result. */
  readonly resultSavedFor: number;
  readonly savesResults: boolean;
  /** By place, for parameters whose derivative is defined on its own. */
  readonly derivatives: readonly (((grad: Tensor, saved: never) => Tensor | undefined) | undefined)[];
  #makeRecord: RecordMaker | undefined;

  constructor(
    readonly definition: Definition<Params>,
    readonly names: readonly string[],
  ) {
    const { params, saves = [], savedFor, derivative } = definition;
    const placesOf = (kind: string) => [...names.keys()].filter((i) => params[names[i] as string]?.holds === kind);
    this.tensorPlaces = placesOf("tensor");
    this.listPlaces = placesOf("tensors");
    this.devicePlace = params.device === undefined ? -1 : names.indexOf("device");
    const usersOf = (name: string): number => {
      if (!saves.includes(name)) return 0;
      const users = savedFor?.[name];
      if (users === undefined) return -1;
      const bits = [users].flat().map((user) => 1 << this.tensorPlaces.indexOf(names.indexOf(user)));
      return bits.reduce((all, bit) => all | bit);
    };
    this.savedFor = names.map(usersOf);
    this.resultSavedFor = usersOf("result");
    this.savesResults = saves.includes("results");
    this.derivatives = names.map((name) => derivative?.[name]);
  }

  /** Whether a call with these arguments, if it is recorded, saves the first. */
  savesFirst(given: readonly unknown[]): boolean {
    let wanted = somewhere;
    for (let i = 0; i < this.tensorPlaces.length; i++) {
      const value = given[this.tensorPlaces[i] as number];
      if (value instanceof Tensor && value.requiresGrad) wanted |= 1 << i;
    }
    return ((this.savedFor[0] as number) & wanted) !== 0;
  }

  /** What was kept, by name: the arguments, then the result and the results. */
  byName(kept: readonly unknown[]): object {
    this.#makeRecord ??= recordMaker([...this.names, "result", "results"]);
    return this.#makeRecord(kept);
  }
}

export class OpNode extends Node {
  readonly #layout: NodeLayout;
  /** The node's own name, or which of the overloads is at the end of the operation's. */
  readonly #label: string | number;
  /** The arguments and the result by place; tensors among them that are not saved are what they looked like. */
  #kept: unknown[] | undefined;
  #versions: SavedVersion | undefined;

  /**
   * Saves the arguments: before an in-place operation changes one, lest another that shares its memory be taken for
   * what it was. The result is saved by `keepResult`.
   *
   * @param given the arguments of the call by place.
   * @param kept the same, with a copy of what an in-place operation overwrites; the node takes the list over.
   * @param values the arguments by name.
   */
  constructor(layout: NodeLayout, given: readonly unknown[], kept: unknown[], values: object) {
    const { tensorPlaces, listPlaces, savedFor } = layout;
    const edges = new Array<Edge | undefined>(tensorPlaces.length);
    for (let i = 0; i < tensorPlaces.length; i++) edges[i] = edgeOf(given[tensorPlaces[i] as number]);
    for (let i = 0; i < listPlaces.length; i++)
      for (const item of listOf(given[listPlaces[i] as number])) edges.push(edgeOf(item));
    const { nodeName, overload } = layout.definition;
    const ownName = typeof nodeName === "function" ? nodeName(values as never) : nodeName;
    const label = ownName ?? (overload === undefined ? 0 : overload(values as never));
    super(edges);
    this.#layout = layout;
    this.#label = label;
    const wanted = this.#wanted();
    for (let i = 0; i < tensorPlaces.length; i++) {
      const place = tensorPlaces[i] as number;
      kept[place] = this.#keep(kept[place], ((savedFor[place] as number) & wanted) !== 0);
    }
    for (let i = 0; i < listPlaces.length; i++) {
      const place = listPlaces[i] as number;
      kept[place] = listOf(kept[place]).map((item) => this.#keep(item, savedFor[place] !== 0));
    }
    this.#kept = kept;
  }

  /** Saves what the operation computed, where derivatives use it. */
  keepResult(result: Result): void {
    const { names, resultSavedFor, savesResults, definition } = this.#layout;
    const kept = this.#kept as unknown[];
    if (resultSavedFor !== 0 && (resultSavedFor & this.#wanted()) !== 0) {
      kept[names.length] = this.#keep(result, true);
    } else if (savesResults) {
      const saved = definition.savedResults;
      kept[names.length + 1] = Array.from(result as Iterable<Tensor>, (one, i) =>
        this.#keep(one, saved === undefined || saved.includes(i)),
      );
    }
  }

  /** Which of the tensors want a gradient, as a bit for each; those in lists count as one that uses all. */
  #wanted(): number {
    const { edges } = this;
    let wanted = somewhere;
    for (let i = 0; i < this.#layout.tensorPlaces.length; i++) if (edges[i] !== undefined) wanted |= 1 << i;
    return wanted;
  }

  /** What stays of an argument: a number as it is, a tensor itself or what it looks like. */
  #keep(value: unknown, saved: boolean): unknown {
    if (!(value instanceof Tensor)) return value;
    if (!saved) return outlineOf(value);
    this.#versions = noteVersion(value, this.#versions);
    return value;
  }

  override name(): string {
    if (typeof this.#label === "string") return this.#label;
    const name = this.#layout.definition.name.replace(/_$/, "");
    const capitalized = name.replace(/^[a-z]|\d[a-z]/g, (letter) => letter.toUpperCase());
    return `${capitalized}Backward${this.#label}`;
  }

  override apply(grads: Grads, wanted?: Wanted): Grads {
    if (this.#layout.definition.ownConjugation || !grads.some(isComplexGrad)) return this.#derive(grads, wanted);
    return this.#derive(grads.map(conjugate), wanted).map(conjugate);
  }

  #derive(grads: Grads, wanted: Wanted | undefined): Grads {
    const kept = this.#kept;
    if (kept === undefined) throw new Error(freedGraphMessage);
    checkVersions(this.#versions, this);
    const saved = this.#layout.byName(kept) as never;
    const { backward } = this.#layout.definition;
    const results: (Tensor | undefined)[] = new Array(this.edges.length).fill(undefined);
    const grad = grads[0];
    if (backward !== undefined) {
      this.#spread(backward(grads, saved, this.#needs(kept, wanted)), kept, results);
    } else if (grad !== undefined) {
      const { tensorPlaces, derivatives, names, definition } = this.#layout;
      for (let at = 0; at < tensorPlaces.length; at++) {
        if (!this.#isWanted(at, wanted)) continue;
        const place = tensorPlaces[at] as number;
        const compute = derivatives[place];
        if (compute === undefined) {
          throw new Error(`the derivative for '${names[place]}' of ${definition.name} is not defined`);
        }
        results[at] = compute(grad, saved);
      }
    }
    // A gradient that is in the memory of what was saved goes on.
    for (const result of results) if (result?.storage.isSaved) result.storage.keep();
    return results;
  }

  /** Puts what `backward` returned by name to the edges. */
  #spread(
    computed: Readonly<Record<string, Tensor | Grads | undefined>>,
    kept: readonly unknown[],
    results: (Tensor | undefined)[],
  ): void {
    const { tensorPlaces, listPlaces, names } = this.#layout;
    let at = 0;
    const put = (grad: unknown) => {
      if (this.edges[at] !== undefined) results[at] = grad as Tensor | undefined;
      at++;
    };
    for (const place of tensorPlaces) put(computed[names[place] as string]);
    for (const place of listPlaces) {
      const list = listOf(computed[names[place] as string]);
      for (let i = 0; i < listOf(kept[place]).length; i++) put(list[i]);
    }
  }

  override release(): void {
    dropSaved(this.#versions);
    this.#kept = undefined;
    this.#versions = undefined;
  }

  /** Whether a gradient is to go along an edge. */
  #isWanted(edge: number, wanted: Wanted | undefined): boolean {
    return this.edges[edge] !== undefined && (wanted === undefined || wanted[edge] === true);
  }

  /** Which parameters want a gradient. */
  #needs(kept: readonly unknown[], wanted: Wanted | undefined): never {
    const { tensorPlaces, listPlaces } = this.#layout;
    const needs: boolean[] = [];
    let at = 0;
    for (const place of tensorPlaces) needs[place] = this.#isWanted(at++, wanted);
    for (const place of listPlaces) {
      needs[place] = false;
      for (const end = at + listOf(kept[place]).length; at < end; at++) needs[place] ||= this.#isWanted(at, wanted);
    }
    return this.#layout.byName(needs) as never;
  }
}

function isComplexGrad(grad: Tensor | undefined): boolean {
  return grad?.dtype.isComplex === true;
}

function conjugate(grad: Tensor | undefined): Tensor | undefined {
  return grad?.conj();
}

function edgeOf(value: unknown): Edge | undefined {
  return value instanceof Tensor ? gradEdge(value) : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return (value ?? []) as readonly unknown[];
}
