/**
 * How a metric is defined once, as function and as class.
 *
 * A rule says what a batch gives (`measure`: a few sums, or the batch itself), and what the value of that is (`compute`).
 * The function is the one after the other. The class adds up, batch by batch, what `measure` gives.
 */
import torch, { type Tensor } from "flambeau";
import { type Params, Signature, type ValuesOf } from "flambeau/arguments";
import type { Plot, PlotOptions } from "../plot/plot.js";
import { book, finished, Metric } from "./metric.js";
import { concatenated, type Reduction, type State } from "./state.js";

/** What a state is before the first batch, and how it grows. */
export interface StateStart {
  /** A tensor, or an empty list. */
  readonly start: Tensor | [];
  readonly reduction: Reduction;
}

/** A state that adds up. */
export const summed = (start: Tensor): StateStart => ({ start, reduction: "sum" });

/** A state that keeps what every batch gives. */
export const kept: StateStart = { start: [], reduction: "cat" };

/** What is known of the values of a metric. */
export interface Traits {
  readonly higherIsBetter?: boolean;
  readonly isDifferentiable?: boolean;
  readonly plotLowerBound?: number;
  readonly plotUpperBound?: number;
  readonly plotLegendName?: string;
}

/** A metric's definition; `I` is what `update` takes, `P` its options, `K` the names of its states, `V` its value. */
export interface Rule<I extends unknown[], P extends Params, K extends string, V> {
  /** The name of the function. */
  readonly name: string;
  readonly inputs: Params;
  readonly params: P;
  /** The options in the constructor's order, where that is another. */
  readonly classParams?: P;
  readonly traits?: Traits;
  /** Throws if options do not fit. */
  check?(options: ValuesOf<P>): void;
  /** The states before the first batch. */
  state(options: ValuesOf<P>): Record<K, StateStart>;
  /** What a batch adds to each state. */
  measure(inputs: I, options: ValuesOf<P>): Record<K, Tensor>;
  /** The states of two parts of the data, where each is not joined by itself. */
  join?(earlier: Record<K, Tensor>, later: Record<K, Tensor>): Record<K, Tensor>;
  /** The options that `measure` reads: metrics with the same `measure` that agree in these share one state. */
  readonly measured?: readonly (keyof P & string)[];
  compute(state: Record<K, Tensor>, options: ValuesOf<P>): V;
  /** Draws a value, where it is no number. */
  draw?(value: V, options: PlotOptions, metric: RuleMetric<I, V>): Plot;
}

/** A class of metrics that a rule made. */
export type MetricClass<I extends unknown[], A extends unknown[], V, O> = new (
  ...args: A
) => RuleMetric<I, V> & Readonly<O>;

/** The two faces of a rule. */
export interface Defined<I extends unknown[], A extends unknown[], C extends unknown[], V, O> {
  readonly function: (...args: [...inputs: I, ...args: A]) => V;
  readonly Class: MetricClass<I, C, V, O>;
}

/** @internal What a metric's measurements depend on: metrics for which it is equal have equal states. */
export const measurement: unique symbol = Symbol("measurement");

/**
 * Starts a definition: `define<Inputs, Arguments, Value>()(rule)`, since the compiler infers the rest from the rule.
 *
 * @typeParam I the tuple of what `update` takes.
 * @typeParam A the tuple of the function's further arguments.
 * @typeParam C the tuple of the constructor's arguments, where they are in another order.
 */
export function define<I extends unknown[], A extends unknown[], V = Tensor, C extends unknown[] = A>() {
  return <P extends Params, K extends string>(rule: Rule<I, P, K, V>): Defined<I, A, C, V, ValuesOf<P>> => ({
    function: functionOf<I, A, V, P, K>(rule),
    Class: classOf<I, C, V, P, K>(rule),
  });
}

function functionOf<I extends unknown[], A extends unknown[], V, P extends Params, K extends string>(
  rule: Rule<I, P, K, V>,
) {
  const signature = new Signature(rule.name, { ...rule.inputs, ...rule.params });
  const count = Object.keys(rule.inputs).length;
  return (...args: [...I, ...A]): V => {
    const given = signature.read(args);
    const options = signature.byName(given) as ValuesOf<P>;
    rule.check?.(options);
    return rule.compute(rule.measure(given.slice(0, count) as I, options), options);
  };
}

function classOf<I extends unknown[], C extends unknown[], V, P extends Params, K extends string>(
  rule: Rule<I, P, K, V>,
): MetricClass<I, C, V, ValuesOf<P>> {
  const params = rule.classParams ?? rule.params;
  const inputs = new Signature("update", rule.inputs);
  let signature: Signature<P> | undefined;
  class Made extends RuleMetric<I, V> {
    constructor(...args: unknown[]) {
      signature ??= new Signature(new.target.name, params);
      const options = signature.parse(args);
      rule.check?.(options);
      super();
      Object.assign(this, rule.traits, options);
      for (const [name, { start, reduction }] of Object.entries<StateStart>(rule.state(options))) {
        this.addState(name, start, { distReduceFx: reduction });
      }
    }

    protected override get rule(): AnyRule {
      return { rule: rule as unknown as AnyRule["rule"], inputs };
    }
  }
  return Made as unknown as MetricClass<I, C, V, ValuesOf<P>>;
}

/** A rule of any metric, and how its inputs are read. */
interface AnyRule {
  readonly rule: Rule<unknown[], Params, string, unknown>;
  readonly inputs: Signature<Params>;
}

/** A metric that a rule made; its options are properties. */
export class RuleMetric<I extends unknown[], V> extends Metric<I, V> {
  override fullStateUpdate = false;

  /** @internal */
  protected get rule(): AnyRule {
    throw new TypeError("a metric of this class is made by `define`");
  }

  /** What a batch gives, as the states of it alone. */
  private batchOf(args: I): Record<string, State> {
    const { rule, inputs } = this.rule;
    const batch = rule.measure(inputs.read(args), optionsOf(this));
    const isList = (name: string) => Array.isArray(optionsOf(this)[name]);
    return Object.fromEntries(
      Object.keys(this.metricState).map((name) => [
        name,
        isList(name) ? [batch[name] as Tensor] : (batch[name] as Tensor),
      ]),
    );
  }

  override update(...args: I): void {
    this.joinStates(this.metricState, this.batchOf(args));
  }

  override compute(): V {
    return this.valueFor(this.metricState);
  }

  /** The value of states. */
  private valueFor(states: Record<string, State>): V {
    return this.rule.rule.compute(tensorsOf(states), optionsOf(this)) as V;
  }

  /** Adds a batch, and gives the value of this batch alone; see `callTogether`. */
  override forward(...args: I): V {
    return this.isMade
      ? (RuleMetric.callTogether([this as RuleMetric<I, unknown>], args)[0] as V)
      : super.forward(...args);
  }

  /** Whether a subclass leaves `update` and `compute` as they are. */
  private get isMade(): boolean {
    const { update, compute } = Object.getPrototypeOf(this) as RuleMetric<I, V>;
    return update === RuleMetric.prototype.update && compute === RuleMetric.prototype.compute;
  }

  /**
   * @internal Adds a batch to metrics that measure the same: it is measured once.
   *
   * @returns the value of the batch for each of them.
   */
  static callTogether<I extends unknown[]>(members: readonly RuleMetric<I, unknown>[], args: I): unknown[] {
    const [leader] = members as [RuleMetric<I, unknown>];
    const batch = leader.batchOf(args);
    const values = members.map((member) => finished(member.valueFor(batch)));
    torch.noGrad(() => leader.joinStates(leader.metricState, batch));
    leader.noteBatch();
    shareState(members);
    return values;
  }

  protected override draw(value: unknown, options: PlotOptions): Plot {
    return this.rule.rule.draw?.(value, options, this as never) ?? super.draw(value, options);
  }

  protected override joinStates(earlier: Record<string, State>, later: Record<string, State>): void {
    const { join } = this.rule.rule;
    if (join === undefined) super.joinStates(earlier, later);
    else Object.assign(this, join(tensorsOf(earlier), tensorsOf(later)));
  }

  /** @internal */
  get [measurement](): readonly unknown[] | undefined {
    const { measure, measured } = this.rule.rule;
    const options = optionsOf(this);
    if (!this.isMade) return undefined;
    return measured && [measure, ...measured.map((name) => options[name])];
  }
}

/** Gives metrics the state of the first of them. */
export function shareState(members: readonly Metric[]): void {
  const [leader, ...others] = members;
  for (const other of others) {
    Object.assign(other, leader?.metricState);
    other.updateCount = leader?.updateCount ?? 0;
    other[book].computed = null;
  }
}

/** The options and states of a metric, which are properties of it. */
function optionsOf(metric: Metric): Record<string, unknown> {
  return metric as unknown as Record<string, unknown>;
}

function tensorsOf(states: Record<string, State>): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(states).map(([name, state]) => [name, concatenated(state)]));
}
