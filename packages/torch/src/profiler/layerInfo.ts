/** What a summary knows of each call of a module, and how the calls come to stand below each other. */
import { isPlainObject } from "../core/kinds.js";
import { numelOf, type Shape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import type { Module } from "../nn/module.js";
import { members } from "../nn/moduleMembers.js";
import type { Parameter } from "../nn/parameter.js";

/** Where a module stands in a model. */
export interface Place {
  readonly module: Module;
  /** Its name in the module around it; of the outermost its class. */
  readonly varName: string;
  readonly depth: number;
  /** The modules around it, the outermost first. */
  readonly outer: readonly Place[];
}

/** The places of a model and of all below it, in order; a module that occurs twice has two. */
export function placesOf(module: Module): Place[] {
  return below({ module, varName: module.constructor.name, depth: 0, outer: [] });
}

function below(place: Place): Place[] {
  const outer = [...place.outer, place];
  const children = [...place.module[members]()].flatMap(({ kind, key, value }) =>
    kind === "module" ? below({ module: value as Module, varName: key, depth: outer.length, outer }) : [],
  );
  return [place, ...children];
}

/** One row of a summary: a call of a module, or a module around it that was not called itself. */
export class LayerInfo {
  readonly module: Module;
  readonly className: string;
  readonly varName: string;
  readonly depth: number;
  /** Whether there are no modules in this one. */
  readonly isLeafLayer: boolean;
  /** All rows that belong below this one. */
  readonly children: LayerInfo[] = [];
  /** Whether the module was called, and returned. */
  executed = false;
  inputSize: Shape = [];
  outputSize: Shape = [];
  outputBytes = 0;
  /** Products that are added up, for all of the batch. */
  multAdds = 0;
  readonly numParams: number;
  readonly trainableParams: number;
  /** The parameters of the module and of all below it by name, each once. */
  readonly parameters: ReadonlyMap<string, Parameter>;

  /**
   * @param depthIndex the number of this row among those of its depth, from 1
   * @param isRecursive whether the module has a row already
   */
  constructor(
    { module, varName, depth }: Place,
    readonly depthIndex: number,
    readonly isRecursive: boolean,
  ) {
    this.module = module;
    this.className = module.constructor.name;
    this.varName = varName;
    this.depth = depth;
    this.isLeafLayer = module.children().length === 0;
    this.parameters = new Map(module.namedParameters());
    this.numParams = countOf(this.parameters.values());
    this.trainableParams = countOf([...this.parameters.values()].filter(({ requiresGrad }) => requiresGrad));
  }

  /** How many parameters are in none of the rows below. */
  get leftoverParams(): number {
    const inRows = new Set(this.children.flatMap(({ parameters }) => [...parameters.values()]));
    return countOf([...this.parameters.values()].filter((parameter) => !inRows.has(parameter)));
  }

  /** The multiply-adds of a layer, or of the layers below this row. */
  get totalMultAdds(): number {
    return [this as LayerInfo, ...this.children].reduce((sum, row) => sum + (row.isLeafLayer ? row.multAdds : 0), 0);
  }

  /** Notes how a call went. */
  finish(inputs: readonly unknown[], output: unknown): void {
    const result = firstTensor(output);
    this.inputSize = firstTensor(inputs)?.shape ?? [];
    this.outputSize = result?.shape ?? [];
    this.outputBytes = result === undefined ? 0 : result.numel() * result.dtype.itemsize;
    this.executed = true;
    for (const [name, parameter] of this.parameters) this.multAdds += this.#usesOf(name) * parameter.numel();
  }

  /** How often an element of a parameter is multiplied or added. */
  #usesOf(name: string): number {
    const [batch = 1, ...inner] = this.outputSize;
    if (name === "weight" || name === "bias") {
      return this.className.includes("Conv") ? batch * numelOf(inner.slice(1)) : batch;
    }
    return name.includes("weight") || name.includes("bias") ? batch * (inner[0] ?? 1) : 0;
  }

  toString(): string {
    return `${this.className}: ${this.depth}`;
  }
}

function countOf(parameters: Iterable<Parameter>): number {
  return [...parameters].reduce((sum, parameter) => sum + parameter.numel(), 0);
}

/** The tensor by which a value counts: the first of a list, the last of an object. */
function firstTensor(value: unknown): Tensor | undefined {
  if (value instanceof Tensor) return value;
  if (Array.isArray(value)) return firstTensor(value[0]);
  return isPlainObject(value) ? firstTensor(Object.values(value).at(-1)) : undefined;
}

/** Makes the rows of a summary, in the order of the calls. */
export class LayerRecorder {
  readonly layers: LayerInfo[] = [];
  readonly #shown = new Set<Module>();
  /** How many rows there are of each depth. */
  readonly #counts: number[] = [];
  /** The last row, and those below which it stands, by depth. */
  readonly #path: LayerInfo[] = [];

  /** Adds a row, below those of the modules around it, which get theirs if they were not called. */
  add(place: Place): LayerInfo {
    for (const outer of place.outer) if (this.#path[outer.depth]?.module !== outer.module) this.#put(outer);
    return this.#put(place);
  }

  #put(place: Place): LayerInfo {
    const { module, depth } = place;
    const index = (this.#counts[depth] ?? 0) + 1;
    const layer = new LayerInfo(place, index, this.#shown.has(module));
    this.#counts[depth] = index;
    this.#shown.add(module);
    this.#path.length = Math.min(this.#path.length, depth);
    for (const outer of this.#path) outer.children.push(layer);
    this.#path.push(layer);
    this.layers.push(layer);
    return layer;
  }
}
