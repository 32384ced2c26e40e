/**
 * Several metrics of the same data, which are updated and computed together.
 *
 * Source: https://lightning.ai/docs/torchmetrics/stable/pages/overview.html#metriccollection
 */
import { Axes } from "@flambeau/pyplot";
import torch, { type DType, nn } from "flambeau";
import { describe, flag, listOf, readArgument, Signature, text } from "flambeau/arguments";
import { type Plot, plotValue } from "../plot/plot.js";
import { measurement, RuleMetric, shareState } from "./define.js";
import { type LoadResult, loadWithLists, type StateDict, withLists } from "./lists.js";
import { Metric } from "./metric.js";
import type { State } from "./state.js";
import { isPlain } from "./values.js";

/** Metrics, as one, an array, or by their names. */
export type Metrics = Member | readonly Member[] | { readonly [name: string]: Member };

// biome-ignore lint/suspicious/noExplicitAny: the metrics of a collection may take anything
type Member = Metric<any, any> | MetricCollection;

export interface CollectionOptions {
  /** What stands before, and after, each name in results. */
  prefix?: string;
  postfix?: string;
  /**
   * Whether metrics that measure the same in a batch, such as precision and recall with the same options, measure it
   * once (true by default), or the names of those that do.
   */
  computeGroups?: boolean | readonly (readonly string[])[];
}

const optionsSignature = new Signature("MetricCollection", {
  prefix: { ...text, isOptional: true, isKeyword: true },
  postfix: { ...text, isOptional: true, isKeyword: true },
});

/**
 * Metrics that see the same batches. The results are an object with a value for each name: that of its class, or the one
 * that was given.
 *
 * @typeParam V what the values are, where all are alike: `new MetricCollection<Tensor>(…)`.
 * @example
 * const metrics = new MetricCollection([
 *   new MulticlassAccuracy(10),
 *   new MulticlassPrecision(10),
 * ], { prefix: "val_" });
 * for (const [images, labels] of loader) metrics.update(model(images), labels);
 * metrics.compute(); // { val_MulticlassAccuracy: tensor(0.8712), val_MulticlassPrecision: tensor(0.8731) }
 */
// biome-ignore lint/suspicious/noExplicitAny: metrics give what they give
export class MetricCollection<V = any> extends nn.Module {
  prefix: string | undefined;
  postfix: string | undefined;
  private readonly wantedGroups: boolean | readonly (readonly string[])[];
  private groups: string[][] = [];

  /** @throws TypeError for what is no metric; Error for two metrics of one name. */
  constructor(metrics: Metrics, options?: CollectionOptions);
  constructor(...metrics: [Member, ...Member[], CollectionOptions]);
  constructor(...metrics: [Member, ...Member[]]);
  constructor(...args: unknown[]) {
    super();
    const last = args.at(-1);
    const hasOptions = args.length > 1 && !isMember(last) && isPlain(last);
    const { computeGroups = true, ...affixes } = (hasOptions ? args.pop() : {}) as CollectionOptions;
    const { prefix, postfix } = optionsSignature.parse([affixes]) as CollectionOptions;
    this.prefix = prefix;
    this.postfix = postfix;
    if (Array.isArray(computeGroups)) {
      readArgument(
        "MetricCollection",
        "computeGroups",
        listOf("list of lists of names", listOf("names", text)),
        computeGroups,
      );
    } else readArgument("MetricCollection", "computeGroups", flag, computeGroups);
    this.wantedGroups = computeGroups;
    this.addMetrics(...(args as [Metrics]));
  }

  /** Adds metrics, as the constructor does. */
  addMetrics(...metrics: [Metrics] | Member[]): void {
    const given = metrics.length === 1 ? metrics[0] : metrics;
    for (const [name, metric] of named(given)) {
      if (this.has(name)) throw new Error(`Encountered two metrics both named ${name}`);
      this.registerModule(name, metric);
    }
    this.groups = this.findGroups();
  }

  private findGroups(): string[][] {
    const names = [...this.keys({ keepBase: true })];
    const wanted = this.wantedGroups;
    if (typeof wanted !== "boolean") {
      const unknown = wanted.flat().find((name) => !this.has(name));
      if (unknown !== undefined) {
        throw new Error(
          `Input ${unknown} in \`computeGroups\` argument does not match a metric in the collection: ${names.join(", ")}`,
        );
      }
      const rest = names.filter((name) => !wanted.flat().includes(name));
      return [...wanted.map((group) => [...group]), ...rest.map((name) => [name])];
    }
    const groups: { key: readonly unknown[] | undefined; names: string[] }[] = [];
    for (const [name, metric] of this.members()) {
      const key = wanted && metric instanceof RuleMetric ? metric[measurement] : undefined;
      const group = key && groups.find((one) => one.key !== undefined && sameItems(one.key, key));
      if (group) group.names.push(name);
      else groups.push({ key, names: [name] });
    }
    return groups.map((group) => group.names);
  }

  /** The names of the metrics that share what they measure, by the number of their group. */
  get computeGroups(): Record<number, string[]> {
    return Object.fromEntries(this.groups.map((names, i) => [i, [...names]]));
  }

  private members(): [name: string, metric: Metric][] {
    return this.namedChildren() as [string, Metric][];
  }

  private groupMembers(): Metric[][] {
    const members = new Map(this.members());
    return this.groups.map((names) => names.map((name) => members.get(name) as Metric));
  }

  /** Adds a batch to all metrics. */
  update(...inputs: unknown[]): void {
    for (const members of this.groupMembers()) {
      members[0]?.update(...inputs);
      shareState(members);
    }
  }

  /** Adds a batch to all metrics, and gives the values of this batch alone. */
  override forward(...inputs: unknown[]): Record<string, V> {
    const values = new Map<Metric, unknown>();
    for (const members of this.groupMembers()) {
      const results = members.every((one) => one instanceof RuleMetric && one[measurement] !== undefined)
        ? RuleMetric.callTogether(members as RuleMetric<unknown[], unknown>[], inputs)
        : members.map((member) => member(...inputs));
      members.forEach((member, i) => values.set(member, results[i]));
    }
    return this.results((metric) => values.get(metric));
  }

  /** The values of all batches since the last `reset`. */
  compute(): Record<string, V> {
    return this.results((metric) => metric.compute());
  }

  /** Values by name; those of a metric that gives several by their own names. */
  private results(valueOf: (metric: Metric) => unknown): Record<string, V> {
    const all = this.members().map(([name, metric]) => [name, valueOf(metric)] as const);
    const inner = all.flatMap(([, value]) => (isPlain(value) ? Object.keys(value) : []));
    const hasTwice = new Set(inner).size < inner.length;
    const entries = all.flatMap(([name, value]): [string, unknown][] => {
      if (!isPlain(value)) return [[name, value]];
      return Object.entries(value).map(([key, one]) => [hasTwice ? `${name}_${key}` : key, one]);
    });
    return Object.fromEntries(entries.map(([name, value]) => [this.nameOf(name), value])) as Record<string, V>;
  }

  /** A name with what stands before and after it. */
  private nameOf(name: string): string {
    return `${this.prefix ?? ""}${name}${this.postfix ?? ""}`;
  }

  /** Forgets all batches. */
  reset(): void {
    for (const [, metric] of this.members()) metric.reset();
  }

  /** A copy with states of its own, and other names in its results if they are given. */
  clone(options: { prefix?: string; postfix?: string } = {}): this {
    const { prefix, postfix } = optionsSignature.parse([options]) as CollectionOptions;
    const copy = torch.deepcopy(this);
    if (prefix !== undefined) copy.prefix = prefix;
    if (postfix !== undefined) copy.postfix = postfix;
    return copy;
  }

  /** Decides whether the states are in the state dict. */
  persistent(mode = true): void {
    for (const [, metric] of this.members()) metric.persistent(mode);
  }

  /** Converts the floating states to a dtype. */
  setDtype(dstType: DType): this {
    for (const [, metric] of this.members()) metric.setDtype(dstType);
    return this;
  }

  /** The states of all metrics by their names. */
  get metricState(): Record<string, Record<string, State>> {
    return Object.fromEntries(this.members().map(([name, metric]) => [this.nameOf(name), metric.metricState]));
  }

  /**
   * Draws the values of the metrics, each in a figure of its own, or together in one.
   *
   * @param value what `compute` or a call gave, or a list of such; by default what is computed.
   */
  plot(value: unknown = this.compute(), options: { ax?: Axes | readonly Axes[]; together?: boolean } = {}): Plot[] {
    const { ax, together = false } = options;
    if (together) return [plotValue(value, ax instanceof Axes ? { ax } : {}, {})];
    const of = (one: unknown, name: string) => (one as Record<string, unknown>)[name];
    return this.items().map(([name, metric], i) => {
      const own = Array.isArray(value) ? value.map((one) => of(one, name)) : of(value, name);
      const at = Array.isArray(ax) ? ax[i] : ax;
      return metric.plot(own, at === undefined ? {} : { ax: at });
    });
  }

  // ---- as a container ----

  /** How many metrics there are. */
  override get length(): number {
    return this.members().length;
  }

  /** The names; with `keepBase` without what stands before and after them. */
  keys(options: { keepBase?: boolean } = {}): string[] {
    return this.items(options).map(([name]) => name);
  }

  values(): Metric[] {
    return this.members().map(([, metric]) => metric);
  }

  items({ keepBase = false }: { keepBase?: boolean } = {}): [name: string, metric: Metric][] {
    return this.members().map(([name, metric]) => [keepBase ? name : this.nameOf(name), metric]);
  }

  /** Whether there is a metric of this name. */
  has(name: string): boolean {
    return this.members().some(([own]) => own === name || this.nameOf(own) === name);
  }

  /**
   * The metric of a name, with or without what stands before and after it.
   *
   * @throws Error if there is none.
   */
  at(name: string): Metric {
    const found = this.members().find(([own]) => own === name || this.nameOf(own) === name);
    if (found === undefined) throw new Error(`MetricCollection has no key '${name}'`);
    return found[1];
  }

  *[Symbol.iterator](): Generator<string> {
    yield* this.keys();
  }

  override stateDict(options: Parameters<nn.Module["stateDict"]>[0] = {}): StateDict {
    return withLists(this, super.stateDict(options), options.prefix);
  }

  override loadStateDict(stateDict: StateDict, options: Parameters<nn.Module["loadStateDict"]>[1] = {}): LoadResult {
    return loadWithLists(this, stateDict, (rest) => super.loadStateDict(rest, options));
  }

  override toString(): string {
    const own = super.toString();
    const affixes = [`prefix=${this.prefix}`, `postfix=${this.postfix}`].filter((one) => !one.endsWith("undefined"));
    return affixes.length === 0 ? own : `${own.slice(0, -2)},\n  ${affixes.join(",\n  ")}\n)`;
  }
}

function isMember(value: unknown): value is Metric | MetricCollection {
  return value instanceof Metric || value instanceof MetricCollection;
}

/** Metrics with their names: those in an object in the order of these, those of other collections each by itself. */
function* named(given: unknown): Generator<[name: string, metric: Metric]> {
  if (given instanceof Metric) yield [given.constructor.name, given];
  else if (given instanceof MetricCollection) yield* given.items();
  else if (Array.isArray(given)) for (const one of given) yield* named(expectMember(one));
  else if (isPlain(given)) {
    for (const name of Object.keys(given).sort()) {
      const one = expectMember(given[name]);
      if (one instanceof Metric) yield [name, one];
      else for (const [inner, metric] of one.items()) yield [`${name}_${inner}`, metric];
    }
  } else expectMember(given);
}

function expectMember(value: unknown): Metric | MetricCollection {
  if (isMember(value)) return value;
  throw new TypeError(
    `Input ${describe(value)} to \`MetricCollection\` is not a instance of Metric or MetricCollection`,
  );
}

/** Whether two lists have the same items; lists among these are compared by theirs. */
function sameItems(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((one, i) => {
    const other = b[i];
    return Array.isArray(one) && Array.isArray(other) ? sameItems(one, other) : one === other;
  });
}
