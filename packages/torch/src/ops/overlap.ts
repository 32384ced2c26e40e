/**
 * Memory that is written while it is read.
 *
 * An operation that writes into a tensor which exists already, in place or as `out`, must not read there what it has
 * written. Whether tensors share memory is decided by addresses, so that it does not matter how they came to do so.
 */
import type { Params } from "../arguments/params.js";
import { copy } from "../backend/kernels.js";
import { extentOf, isNonOverlappingAndDense, numelOf, sameShape } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import type { NodeLayout } from "./opNode.js";

/**
 * How an input may share memory with the tensor that is written: element for element the same places, unless a rule
 * says that it must not at all, or may as it likes.
 */
export type OverlapRule = "any" | "none";

/** Rules by parameter, or one for all; a function where they depend on the arguments. */
export type OverlapRules<P> =
  | OverlapRule
  | { readonly [K in keyof P]?: OverlapRule }
  | ((args: never) => { readonly [K in keyof P]?: OverlapRule });

const enum Overlap {
  None,
  /** The same places for the same elements. */
  Same,
  Partial,
  /** Perhaps: one of the two has gaps, or elements that share places. */
  Unknown,
}

function overlapOf(written: Tensor, input: Tensor): Overlap {
  if (written === input) return Overlap.Same;
  if (numelOf(written.sizes) === 0 || numelOf(input.sizes) === 0) return Overlap.None;
  const [start, inputStart] = [startOf(written), startOf(input)];
  if (start >= inputStart + spanOf(input) || inputStart >= start + spanOf(written)) return Overlap.None;
  if (start === inputStart && hasSamePlaces(written, input)) return Overlap.Same;
  return isDense(written) && isDense(input) ? Overlap.Partial : Overlap.Unknown;
}

function startOf({ storage, offset, dtype }: Tensor): number {
  return storage.pointer() + offset * dtype.itemsize;
}

/** The bytes from the first to the last that a tensor can reach. */
function spanOf({ sizes, strides, dtype }: Tensor): number {
  return extentOf(sizes, strides) * dtype.itemsize;
}

function isDense({ sizes, strides }: Tensor): boolean {
  return isNonOverlappingAndDense(sizes, strides);
}

function hasSamePlaces(a: Tensor, b: Tensor): boolean {
  return (
    a.dtype.itemsize === b.dtype.itemsize &&
    sameShape(a.sizes, b.sizes) &&
    a.sizes.every((size, d) => size === 1 || a.strides[d] === b.strides[d])
  );
}

/** Throws if several elements of a tensor that is to be changed share one place in memory. */
export function checkNoInternalOverlap(written: Tensor): void {
  const { sizes, strides, contiguousFlag } = written;
  if (contiguousFlag) return;
  if (sizes.some((size, d) => size > 1 && strides[d] === 0) && numelOf(sizes) > 0) {
    throw new Error(
      "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.",
    );
  }
}

/** What an operation needs to know of its rules, found out once. */
export class OverlapCheck {
  readonly #layout: NodeLayout;
  readonly #rules: OverlapRules<Params> | undefined;
  /** By place. */
  readonly #fixed: readonly (OverlapRule | undefined)[];

  constructor(layout: NodeLayout, rules: OverlapRules<Params> | undefined) {
    this.#layout = layout;
    this.#rules = rules;
    this.#fixed = typeof rules === "function" ? [] : rulesByPlace(layout.names, rules);
  }

  /**
   * Looks at the tensors among the arguments, from a place on, before anything is written.
   *
   * @returns the arguments, with copies of what would be read after it was written.
   * @throws Error if an input shares memory with the written tensor as it must not.
   */
  separate(written: Tensor, given: readonly unknown[], values: object, from: number): readonly unknown[] {
    const { tensorPlaces, listPlaces, names } = this.#layout;
    const rules = typeof this.#rules === "function" ? rulesByPlace(names, this.#rules(values as never)) : this.#fixed;
    let result: unknown[] | undefined;
    for (let i = 0; i < tensorPlaces.length; i++) {
      const place = tensorPlaces[i] as number;
      const input = given[place];
      if (place < from || !(input instanceof Tensor) || !input.storage.overlaps(written.storage)) continue;
      if (!needsCopy(written, input, rules[place])) continue;
      result ??= [...given];
      result[place] = copyOf(input);
    }
    for (let i = 0; i < listPlaces.length; i++) {
      const place = listPlaces[i] as number;
      const list = given[place] as readonly (Tensor | null)[] | undefined;
      if (!list?.some((item) => item?.storage.overlaps(written.storage))) continue;
      result ??= [...given];
      result[place] = list.map((item) => (item && needsCopy(written, item, rules[place]) ? copyOf(item) : item));
    }
    return result ?? given;
  }
}

function rulesByPlace(names: readonly string[], rules: Exclude<OverlapRules<Params>, (args: never) => unknown> = {}) {
  return names.map((name) => (typeof rules === "string" ? rules : rules[name]));
}

function needsCopy(written: Tensor, input: Tensor, rule: OverlapRule | undefined): boolean {
  const overlap = overlapOf(written, input);
  if (overlap === Overlap.None) return false;
  if (rule === "any") return true;
  if (overlap === Overlap.Partial || (overlap === Overlap.Same && rule === "none")) {
    throw new Error(
      "unsupported operation: some elements of the input tensor and the written-to tensor refer to a single memory location. Please clone() the tensor before performing the operation.",
    );
  }
  return overlap === Overlap.Unknown;
}

/** Throws if an input shares memory with the written tensor other than element for element, or has none any more. */
export function checkNoPartialOverlap(written: Tensor, input: Tensor): void {
  if (input.storage.overlaps(written.storage)) needsCopy(written, input, undefined);
}

/** The input, or a copy of it where it would be read after it was written. */
export function apartFrom(written: Tensor, input: Tensor): Tensor {
  if (!input.storage.overlaps(written.storage)) return input;
  const overlap = overlapOf(written, input);
  return overlap === Overlap.None || overlap === Overlap.Same ? input : copyOf(input);
}

/** A copy in memory of its own. Not recorded. */
function copyOf(input: Tensor): Tensor {
  const result = Tensor.empty(input.sizes, input.dtype);
  copy(result, input);
  return result;
}
