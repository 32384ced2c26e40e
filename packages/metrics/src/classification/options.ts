/** The options that metrics of classes share. */

import torch, { type Tensor } from "flambeau";
import {
  flagOn,
  int,
  invalid,
  nullable,
  number,
  numbers,
  optional,
  type Param,
  tensor,
  word,
} from "flambeau/arguments";

/**
 * How the values of the classes become one: `"micro"` counts all classes together, `"macro"` takes the mean, leaving out
 * a class that is in neither target nor predictions, `"weighted"` the mean weighted by how often each is in the target,
 * and `"none"` or null gives the value of each.
 */
export type Average = "micro" | "macro" | "weighted" | "none" | null;

/** Which kind of classes: two, one of several, or any of several. */
export type Task = "binary" | "multiclass" | "multilabel";

/** The name of the metric of one task: `"binaryRoc"`. */
export function nameOf(task: Task, name: string): string {
  return task + name[0]?.toUpperCase() + name.slice(1);
}

/** What several values of one metric are called in plots. */
export const legendNames: Readonly<Record<Task, string>> = { binary: "", multiclass: "Class", multilabel: "Label" };

export interface CommonOptions {
  /** A target that does not count. */
  ignoreIndex?: number;
  /** Whether tensors are checked first, which takes time; true by default. */
  validateArgs?: boolean;
}

export interface ThresholdOption {
  /** The probability above which something counts as positive; 0.5 by default. */
  threshold?: number;
}

/** Thresholds: how many, evenly spaced, or which; by default all that make a difference. */
export type Thresholds = number | readonly number[] | Tensor | null;

export interface ZeroDivision {
  /** The value where nothing can be divided: 0 (by default) or 1. */
  zeroDivision?: number;
}

export const averages = ["micro", "macro", "weighted", "none"] as const;

export const average = <D extends Average>(start: D) =>
  optional<Average>(nullable(word(...averages)) as Param<Average>, start);
export const threshold = optional(number, 0.5);
export const ignoreIndex = optional(int);
export const validateArgs = flagOn;
export const zeroDivision = optional(number, 0);
export const common = { ignoreIndex, validateArgs };
export const numClasses = int;
export const numLabels = int;

export const thresholds: Param<Thresholds> = optional<Thresholds>(
  {
    ...(nullable(numbers) as unknown as Param<Thresholds>),
    expected: "int, list of floats or Tensor",
    read: (value: unknown) => {
      if (value instanceof torch.Tensor) return tensor.read(value);
      const count = int.read(value);
      return count === invalid ? numbers.read(value) : count;
    },
  },
  null,
);

/** @throws RangeError for less than two classes. */
export function checkNumClasses(count: number | undefined, name = "numClasses"): void {
  if (count !== undefined && count < 2) {
    throw new RangeError(`Expected argument \`${name}\` to be an integer larger than 1, but got ${count}`);
  }
}

/** @throws RangeError for a threshold that no probability is. */
function checkThreshold(value: number | undefined): void {
  if (value !== undefined && !(value >= 0 && value <= 1)) {
    throw new RangeError(`Expected argument \`threshold\` to be a float in the [0,1] range, but got ${value}.`);
  }
}

/** @throws RangeError for a threshold, or a number of classes or labels, that is out of range. */
export function checkCommon(options: object): void {
  const { threshold, numClasses, numLabels } = options as Partial<
    Record<"threshold" | "numClasses" | "numLabels", number>
  >;
  checkThreshold(threshold);
  checkNumClasses(numClasses);
  checkNumClasses(numLabels, "numLabels");
}

/** @throws RangeError for an integer, or thresholds, that are out of range. */
export function checkThresholds(value: Thresholds): void {
  if (typeof value === "number" && value < 2) {
    throw new RangeError(`If argument \`thresholds\` is an integer, expected it to be larger than 1, but got ${value}`);
  }
  if (Array.isArray(value) && !value.every((one) => one >= 0 && one <= 1)) {
    throw new RangeError(
      `If argument \`thresholds\` is a list, expected all elements to be floats in the [0,1] range, but got [${value.join(", ")}]`,
    );
  }
  if (value instanceof torch.Tensor && value.ndim !== 1) {
    throw new Error("If argument `thresholds` is an tensor, expected the tensor to be 1d");
  }
}

/** Thresholds as a tensor; undefined for all that make a difference. */
export function thresholdTensor(value: Thresholds): Tensor | undefined {
  if (value === null) return undefined;
  if (value instanceof torch.Tensor) return value;
  return typeof value === "number" ? torch.linspace(0, 1, value) : torch.tensor([...value]);
}
