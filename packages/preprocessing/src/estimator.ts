/** What encoders and scalers have in common: arguments that are kept under their names, and a printed form. */
import { type Params, Signature } from "flambeau/arguments";

/**
 * The base of encoders and scalers: `fit` learns from data and returns the estimator itself; what it learned has names
 * that end with an underscore.
 *
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.base.BaseEstimator.html
 */
export abstract class Estimator {
  /** Reads the arguments of the constructor, each of which becomes a property. */
  constructor(args: readonly unknown[]) {
    Object.assign(this, new Signature(new.target.name, this.params).parse(args as never));
  }

  /** What arguments there are; a subclass that has some says so. */
  protected get params(): Params {
    return {};
  }

  /** Whether `fit` was called. */
  protected abstract get isFitted(): boolean;

  /** @throws Error unless `fit` was called. */
  protected checkIsFitted(): void {
    if (this.isFitted) return;
    throw new Error(
      `This ${this.constructor.name} instance is not fitted yet. Call 'fit' with appropriate arguments before using this estimator.`,
    );
  }

  /** The class, and those of its arguments that are not as they are by default, as scikit-learn prints them. */
  toString(): string {
    const changed = Object.entries(this.params)
      .map(([name, { defaultValue }]) => [name, (this as Record<string, unknown>)[name], defaultValue] as const)
      .filter(([, value, usual]) => JSON.stringify(value) !== JSON.stringify(usual))
      .map(([name, value]) => `${name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}=${show(value)}`);
    return `${this.constructor.name}(${changed.sort().join(", ")})`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** A value as Python prints it. */
export function show(value: unknown): string {
  if (typeof value === "string") return `'${value}'`;
  if (typeof value === "boolean") return value ? "True" : "False";
  if (value === null || value === undefined) return "None";
  return Array.isArray(value) ? `[${value.map(show).join(", ")}]` : String(value);
}
