/**
 * The base of all metrics: a module that sees one batch after the other, and computes a value of all of them.
 *
 * Source: https://lightning.ai/docs/torchmetrics/stable/references/metric.html
 */
import type { Axes } from "@flambeau/pyplot";
import torch, { type Device, type DType, nn, type Tensor } from "flambeau";
import { describe, flagOn, Signature, warn } from "flambeau/arguments";
import { type Plot, type PlotOptions, type PlotTraits, plotValue } from "../plot/plot.js";
import type { Arithmetic } from "./composition.js";
import { type LoadResult, loadWithLists, persistentLists, type StateDict, withLists } from "./lists.js";
import { joined, type Reduction, reductions, type State } from "./state.js";
import { isPlain, mapTensors, squeezeScalar } from "./values.js";

/** What every metric may be told. */
export interface MetricOptions {
  /** Keep the computed value until the next update; true by default. */
  computeWithCache?: boolean;
}

const metricSignature = new Signature("Metric", { computeWithCache: flagOn });

interface StateEntry {
  /** A tensor, or null for an empty list. */
  start: Tensor | null;
  readonly reduction: Reduction;
  persistent: boolean;
}

/** What a metric keeps for itself, of all that it is. */
interface Bookkeeping {
  readonly states: Record<string, StateEntry>;
  computed: { readonly value: unknown } | null;
  /** Whether gradients flow: only while one batch is looked at for its own value. */
  enableGrad: boolean;
}

/** @internal */
export const book: unique symbol = Symbol("book");

/**
 * A metric: `update` adds a batch to its state, `compute` gives the value of all batches since the last `reset`, and a
 * call adds the batch and gives the value of the batch alone.
 *
 * A subclass adds its states with `addState` in the constructor, and writes `update` and `compute`. Batches are added
 * without gradients; what a call returns has them.
 *
 * @typeParam I what `update` takes.
 * @typeParam V what `compute` returns.
 * @example
 * class MyAccuracy extends Metric<[preds: Tensor, target: Tensor]> {
 *   declare correct: Tensor;
 *   declare total: Tensor;
 *   constructor() {
 *     super();
 *     this.addState("correct", torch.tensor(0), { distReduceFx: "sum" });
 *     this.addState("total", torch.tensor(0), { distReduceFx: "sum" });
 *   }
 *   update(preds: Tensor, target: Tensor) {
 *     this.correct = this.correct.add(preds.argmax(1).eq(target).sum());
 *     this.total = this.total.add(target.numel());
 *   }
 *   compute() {
 *     return this.correct.div(this.total);
 *   }
 * }
 * @see https://lightning.ai/docs/torchmetrics/stable/pages/implement.html
 */
// biome-ignore lint/suspicious/noExplicitAny: subclasses say what they take and give
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: composition.ts adds what the interface says
export abstract class Metric<I extends any[] = any[], V = any> extends nn.Module {
  /** @internal */
  [book]: Bookkeeping = { states: {}, computed: null, enableGrad: false };

  /** Whether a greater value is a better one, where one of the two is. */
  higherIsBetter?: boolean;
  /** Whether the value can be differentiated. */
  isDifferentiable?: boolean;
  /**
   * Whether `update` reads the state of earlier batches. If not (false), a call updates once, and joins the state of the
   * batch with the others'; otherwise it updates twice.
   */
  fullStateUpdate?: boolean;
  /** The least and the greatest value there can be, and what the values of several classes are called, in plots. */
  plotLowerBound?: number;
  plotUpperBound?: number;
  plotLegendName?: string;
  /** Whether the computed value is kept until the next update. */
  computeWithCache: boolean;
  /** How many batches there have been since the last `reset`. */
  updateCount = 0;

  constructor(options: MetricOptions = {}) {
    super();
    this.computeWithCache = metricSignature.parse([options]).computeWithCache;
    // Own properties, so that they stand before the methods that the subclass writes.
    this.update = counted(this.update);
    this.compute = cached(this.compute);
  }

  /** Adds a batch to the state. */
  abstract update(...inputs: I): void;

  /** The value of all batches since the last `reset`. */
  abstract compute(): V;

  /**
   * Adds a state, which is a property of that name from then on.
   *
   * @param start a tensor, or an empty array, to which `update` pushes tensors.
   * @param options.distReduceFx how the states of two parts of the data become that of both.
   * @param options.persistent whether the state dict has it; false by default.
   * @throws TypeError if `start` is neither of the two, or for a reduction that does not exist.
   */
  addState(name: string, start: Tensor | [], options: { distReduceFx?: Reduction; persistent?: boolean } = {}): void {
    const { distReduceFx: reduction = null, persistent = false } = options;
    const isTensor = start instanceof torch.Tensor;
    if (!isTensor && !(Array.isArray(start) && (start as unknown[]).length === 0)) {
      throw new TypeError("state variable must be a tensor or any empty list (where you can append tensors)");
    }
    if (typeof reduction !== "function" && reduction !== null && !reductions.includes(reduction)) {
      throw new TypeError("`distReduceFx` must be callable or one of ['mean', 'sum', 'cat', 'min', 'max', null]");
    }
    const property = toCamelCase(name);
    this[book].states[property] = { start: isTensor ? start.detach().clone() : null, reduction, persistent };
    if (isTensor) this.registerBuffer(toSnakeCase(property), start.detach().clone(), { persistent });
    else own(this)[property] = [];
  }

  /** Whether there has been a batch since the last `reset`. */
  get updateCalled(): boolean {
    return this.updateCount > 0;
  }

  /** The states by their names. */
  get metricState(): Record<string, State> {
    return Object.fromEntries(Object.keys(this[book].states).map((name) => [name, own(this)[name] as State]));
  }

  /** Where the states are. */
  get device(): Device {
    const [tensor] = Object.values(this.metricState).flat();
    return tensor?.device ?? "cpu";
  }

  // ---- a batch ----

  /** Adds a batch, and gives the value of this batch alone. */
  override forward(...inputs: I): V {
    const isJoined = this.fullStateUpdate === false;
    if (!isJoined) this.update(...inputs);
    const [before, count] = [this.metricState, this.updateCount];
    return aside(this, inputs, () => {
      if (!isJoined) return restore(this, before, count);
      this.updateCount = count + 1;
      torch.noGrad(() => this.joinStates(before, this.metricState));
    });
  }

  /** Notes a batch that did not come by `update`: the value has to be computed anew. */
  protected noteBatch(): void {
    this.updateCount++;
    this[book].computed = null;
  }

  /** Puts the states of two parts of the data, of which the later one is of one update, in the place of the own. */
  protected joinStates(earlier: Record<string, State>, later: Record<string, State>): void {
    for (const [name, { reduction }] of Object.entries(this[book].states)) {
      const [a, b] = [earlier[name], later[name]];
      if (a === undefined || b === undefined) {
        throw new Error(`Expected state variable ${name} to be present in incoming state`);
      }
      own(this)[name] = joined(reduction, a, b, this.updateCount);
    }
  }

  /**
   * Adds what another metric of the same class has seen, or states by their names.
   *
   * @throws TypeError for anything else; Error if states of this metric cannot be joined, or one is missing.
   */
  mergeState(incomingState: Metric<I, V> | Record<string, State>): void {
    const isMetric = incomingState instanceof Metric;
    if (isMetric && !(incomingState instanceof (this.constructor as new () => object))) {
      throw new TypeError(
        `Expected incoming state to be an instance of ${this.constructor.name} but got ${describe(incomingState)}`,
      );
    }
    if (this.fullStateUpdate !== false) {
      throw new Error(
        "`mergeState` is not supported for metrics whose `fullStateUpdate` is not false; write the method",
      );
    }
    const states = isMetric ? incomingState.metricState : incomingState;
    const count = this.updateCount;
    this.updateCount += isMetric ? incomingState.updateCount : 1;
    try {
      torch.noGrad(() => this.joinStates(states, this.metricState));
    } catch (error) {
      this.updateCount = count;
      throw error;
    }
    this[book].computed = null;
  }

  /** Forgets all batches. */
  reset(): void {
    this.updateCount = 0;
    this[book].computed = null;
    const { device } = this;
    for (const [name, { start }] of Object.entries(this[book].states)) {
      own(this)[name] = start === null ? [] : start.clone().to(device);
    }
  }

  /** A copy with a state of its own. */
  clone(): this {
    return torch.deepcopy(this);
  }

  /**
   * Draws a value, or a list of values as a line over steps; by default what is computed.
   *
   * @param ax the axes to draw in, or further options.
   * @returns the figure, null if axes were given, and the axes.
   * @example
   * const [figure] = metric.plot([first, second, third]);
   * figure?.savefig("accuracy.png");
   */
  plot(value: unknown = this.compute(), ax: Axes | PlotOptions = {}): Plot {
    return this.draw(value, isPlain(ax) ? ax : { ax });
  }

  /** Draws a value; metrics whose values are no numbers draw them in their own way. */
  protected draw(value: unknown, options: PlotOptions): Plot {
    return plotValue(value, options, { ...this, name: this.constructor.name } as PlotTraits);
  }

  // ---- as a module ----

  /** The state as that of any module; a list state, if it is persistent, is an array of tensors. */
  override stateDict(options: Parameters<nn.Module["stateDict"]>[0] = {}): StateDict {
    return withLists(this, super.stateDict(options), options.prefix);
  }

  override loadStateDict(stateDict: StateDict, options: Parameters<nn.Module["loadStateDict"]>[1] = {}): LoadResult {
    return loadWithLists(this, stateDict, (rest) => super.loadStateDict(rest, options));
  }

  /** @internal */
  get [persistentLists](): Record<string, string> {
    const lists = Object.entries(this[book].states).filter(([, { start, persistent }]) => start === null && persistent);
    return Object.fromEntries(lists.map(([name]) => [toSnakeCase(name), name]));
  }

  /** Decides whether the states are in the state dict. */
  persistent(mode = false): void {
    for (const [name, entry] of Object.entries(this[book].states)) {
      entry.persistent = mode;
      if (entry.start !== null) {
        this.registerBuffer(toSnakeCase(name), own(this)[name] as Tensor, { persistent: mode });
      }
    }
  }

  /** Does nothing: a metric that is part of a model keeps the dtype of its states. See `setDtype`. */
  override half(): this {
    return this;
  }

  /** Does nothing; see `setDtype`. */
  override bfloat16(): this {
    return this;
  }

  /** Does nothing; see `setDtype`. */
  override float(): this {
    return this;
  }

  /** Does nothing; see `setDtype`. */
  override double(): this {
    return this;
  }

  /** Does nothing; see `setDtype`. */
  override type(_dstType: DType): this {
    return this;
  }

  /** Converts the floating states to a dtype, in which the metric is computed from then on. */
  setDtype(dstType: DType): this {
    const convert = (tensor: Tensor) => (tensor.dtype.isFloatingPoint ? tensor.to(dstType) : tensor);
    for (const [name, entry] of Object.entries(this[book].states)) {
      own(this)[name] = mapTensors(own(this)[name], convert);
      if (entry.start !== null) entry.start = convert(entry.start);
    }
    this[book].computed = null;
    return this;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: the parameters have to be those of the class
export interface Metric<I extends any[] = any[], V = any> extends Arithmetic {
  (...inputs: I): V;
}

/** A metric's states, as properties of it. */
function own(metric: Metric): Record<string, unknown> {
  return metric as unknown as Record<string, unknown>;
}

function restore(metric: Metric, states: Record<string, State>, count: number): void {
  Object.assign(metric, states);
  metric.updateCount = count;
}

/** The value of one batch, seen from the start; then `finish` makes of the states what they are to be. */
function aside<I extends unknown[], V>(metric: Metric<I, V>, inputs: I, finish: () => void): V {
  const [before, count] = [metric.metricState, metric.updateCount];
  const kept = metric[book];
  let isDone = false;
  try {
    metric.reset();
    kept.enableGrad = true;
    metric.update(...inputs);
    const value = metric.compute();
    finish();
    isDone = true;
    return value;
  } finally {
    if (!isDone) restore(metric, before, count);
    kept.enableGrad = false;
    kept.computed = null;
  }
}

type Method<I extends unknown[], R> = (this: Metric<I>, ...inputs: I) => R;

/** An `update` that counts, and after which the value has to be computed anew. */
function counted<I extends unknown[]>(update: Method<I, void>): Method<I, void> {
  return function (...inputs) {
    const kept = this[book];
    torch.setGradEnabled(kept.enableGrad, () => update.apply(this, inputs));
    this.updateCount++;
    kept.computed = null;
  };
}

/** A `compute` that keeps its result. */
function cached<V>(compute: Method<[], V>): Method<[], V> {
  return function () {
    if (!this.updateCalled) {
      warn(
        `The \`compute\` method of metric ${this.constructor.name} was called before the \`update\` method which may lead to errors, as metric states have not yet been updated.`,
      );
    }
    const kept = this[book];
    if (kept.computed !== null) return kept.computed.value as V;
    const value = finished(compute.call(this));
    if (this.computeWithCache) kept.computed = { value };
    return value as V;
  };
}

/** @internal A result as it is given away: what is done to it must not reach the state. */
export function finished(value: unknown): unknown {
  return mapTensors(value, (tensor) => squeezeScalar(tensor).clone());
}

/** @internal The name of a state in the state dict. */
export function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function toCamelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
