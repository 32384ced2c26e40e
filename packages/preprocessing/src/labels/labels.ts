/** Labels: numbers or texts, in a list or a tensor. */
import torch, { type Tensor } from "flambeau";
import { describe } from "flambeau/arguments";
import { show } from "../estimator.js";

/** What stands for a class. */
export type Label = number | string | boolean;

/** Labels in a list, in whatever iterates over them, or in a tensor of one dim. */
export type Labels<L extends Label = Label> = Iterable<L> | Tensor;

/**
 * Labels as an array.
 *
 * @throws TypeError for anything but a list; Error if labels are of several kinds.
 */
export function readLabels(y: unknown): Label[] | Label[][] {
  const values = y instanceof torch.Tensor ? (y.tolist() as Label[]) : listOf(y);
  const flat = values.flat() as Label[];
  for (const value of flat) {
    if (!["number", "string", "boolean"].includes(typeof value))
      throw new TypeError(`Labels should be numbers or strings, got ${describe(value)}`);
  }
  const kinds = new Set(flat.map((value) => typeof value === "string"));
  if (kinds.size > 1) throw new Error("Mix of label input types (string and number)");
  return values as Label[] | Label[][];
}

function listOf(y: unknown): unknown[] {
  if (typeof y === "string" || typeof (y as Iterable<unknown> | null)?.[Symbol.iterator] !== "function")
    throw new TypeError(`Expected array-like (array or non-string sequence), got ${describe(y)}`);
  return Array.from(y as Iterable<unknown>, (row) => (row instanceof torch.Tensor ? row.tolist() : row));
}

/** The shape of a list of labels, or of rows of them. */
export function shapeOf(labels: readonly unknown[]): number[] {
  const [first] = labels;
  return Array.isArray(first) ? [labels.length, first.length] : [labels.length];
}

/** Labels of one dim; a single column counts as one. */
export function readColumn(y: unknown): Label[] {
  const labels = readLabels(y);
  const shape = shapeOf(labels);
  if (shape.length === 1) return labels as Label[];
  if (shape[1] === 1) return labels.flat() as Label[];
  throw new Error(`y should be a 1d array, got an array of shape (${shape.join(", ")}) instead.`);
}

/** The different labels, in order: numbers by size, texts by their letters. */
export function uniqueLabels(labels: readonly Label[]): Label[] {
  return [...new Set(labels)].sort(compare);
}

function compare(a: Label, b: Label): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The place of each class. */
export function placesOf(classes: readonly Label[]): Map<Label, number> {
  return new Map(classes.map((label, place) => [label, place]));
}

/** Labels as messages show them. */
export function showLabels(labels: readonly Label[]): string {
  return `[${labels.map(show).join(", ")}]`;
}
