/** Arithmetic of metrics: a metric that computes something from the values of others. */
import torch, { type Tensor } from "flambeau";
import { callable, describe, readArgument } from "flambeau/arguments";
import { Metric } from "./metric.js";

/** What takes part in arithmetic: a metric, or a constant. */
export type Operand = Metric | Tensor | number;

type Operator = (a: never, b: never) => unknown;

/**
 * What an operator gives for the values of one or two metrics. A batch goes to both of them.
 *
 * @example
 * const f1 = precision.mul(recall).mul(2).div(precision.add(recall));
 * const error = new CompositionalMetric(torch.sub, 1, accuracy);
 */
export class CompositionalMetric extends Metric {
  readonly op: Operator;
  readonly metricA: Operand;
  readonly metricB: Operand | null;

  /**
   * @param operator takes the two values, or the one if there is no second metric.
   * @throws TypeError unless the operator is a function and the others metrics, tensors or numbers.
   */
  constructor(operator: Operator, metricA: Operand, metricB: Operand | null = null) {
    super();
    this.op = readArgument("CompositionalMetric", "operator", callable, operator) as Operator;
    for (const one of [metricA, metricB]) {
      const isFine = one === null || one instanceof Metric || one instanceof torch.Tensor || typeof one === "number";
      if (!isFine)
        throw new TypeError(`CompositionalMetric(): expected a Metric, Tensor or number, got ${describe(one)}`);
    }
    this.metricA = metricA;
    this.metricB = metricB;
  }

  private get parts(): Metric[] {
    return [this.metricA, this.metricB].filter((one) => one instanceof Metric);
  }

  override update(...inputs: unknown[]): void {
    for (const part of this.parts) part.update(...inputs);
  }

  override compute(): unknown {
    return this.combined((metric) => metric.compute());
  }

  override forward(...inputs: unknown[]): unknown {
    const value = this.combined((metric) => metric(...inputs));
    this.noteBatch();
    return value;
  }

  /** The operator's result for the values of the parts. */
  private combined(valueOf: (metric: Metric) => unknown): unknown {
    const values = [this.metricA, this.metricB].map((one) => (one instanceof Metric ? valueOf(one) : one));
    const op = this.op as (...args: unknown[]) => unknown;
    if (values[1] === null) return op(values[0]);
    // Operators take their first operand as a tensor.
    if (typeof values[0] === "number") values[0] = torch.tensor(values[0]);
    return op(...values);
  }

  override reset(): void {
    super.reset();
    for (const part of this.parts) part.reset();
  }

  override persistent(mode = false): void {
    for (const part of this.parts) part.persistent(mode);
  }

  override toString(): string {
    const parts = [this.metricA, this.metricB].filter((one) => one !== null);
    const inner = parts.map((one) => `    ${`${one}`.replaceAll("\n", "\n    ")}`).join(",\n");
    return `CompositionalMetric(\n  ${this.op.name}(\n${inner}\n  )\n)`;
  }
}

/** The operations of two operands, by the names of the functions of `torch`. */
const binary = [
  "add",
  "sub",
  "mul",
  "div",
  "floorDivide",
  "remainder",
  "fmod",
  "pow",
  "matmul",
  "eq",
  "ne",
  "lt",
  "le",
  "gt",
  "ge",
  "bitwiseAnd",
  "bitwiseOr",
  "bitwiseXor",
] as const;

const unary = ["abs", "neg", "bitwiseNot"] as const;

/** The operations of metrics, with the names that tensors have for them. */
export type Arithmetic = { [K in (typeof binary)[number]]: (other: Operand) => CompositionalMetric } & {
  [K in (typeof unary)[number]]: () => CompositionalMetric;
} & {
  /** The element of the value at an index. */
  at(index: number): CompositionalMetric;
};

function install(name: string, method: (this: Metric, other: Operand) => CompositionalMetric): void {
  Object.defineProperty(Metric.prototype, name, { value: method, writable: true, configurable: true });
}

for (const name of binary) {
  install(name, function (other) {
    return new CompositionalMetric(torch[name] as Operator, this, other);
  });
}
for (const name of unary) {
  install(name, function () {
    return new CompositionalMetric(torch[name] as Operator, this);
  });
}
install("at", function (index) {
  return new CompositionalMetric((value: Tensor) => value.at(index as number), this);
});
