/** What the gallery tells of a function, and how its graph is made. */
import type { Tensor } from "flambeau";

/** A number among the arguments, with the values that the page's slider takes. */
export interface Argument {
  readonly name: string;
  readonly meaning: string;
  readonly values: readonly number[];
  /** One of the values: what the function has unless it is told otherwise, or a good example. */
  readonly usual: number;
}

/** Lines over one axis. */
export interface Curve {
  readonly label: string;
  readonly x: readonly number[];
  readonly y: readonly number[];
}

export interface Entry {
  /** The name of the class. */
  readonly name: string;
  /** What the letters stand for, where that is not plain. */
  readonly alias?: string;
  /** In KaTeX's language. */
  readonly formula: string;
  /** Its kind in a few words: `"smooth"`, `"saturating"`. */
  readonly type: readonly string[];
  readonly differentiable?: string;
  readonly pros: readonly string[];
  readonly cons: readonly string[];
  readonly use: readonly string[];
  readonly args?: readonly Argument[];
  /** The line of a program that makes it. */
  readonly code: string;
  /** What is drawn for values of the arguments, in their order. */
  curves(values: readonly number[]): readonly Curve[];
  /** Runs it on many numbers, for the measurement of what it costs. */
  run?(x: Tensor): Tensor;
}

export interface Group {
  readonly title: string;
  readonly about: string;
  readonly entries: readonly Entry[];
}

/** So many numbers from one to another, without the noise of their last bits. */
export function steps(from: number, to: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Number((from + ((to - from) * i) / (count - 1)).toPrecision(6)));
}
