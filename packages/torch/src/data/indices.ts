/** Indices of samples, as samplers and users give them. */

import { isIterable } from "../arguments/params.js";
import { describe } from "../arguments/parse.js";
import { bool } from "../core/dtype.js";
import { Tensor } from "../core/tensor.js";

/** An index of a sample: a whole number, also as a bigint or in a tensor of one element. */
export type Index = number | bigint | Tensor;

/**
 * An index as a number.
 *
 * @throws TypeError for anything but a whole number.
 */
export function toIndex(index: unknown): number {
  if (Number.isInteger(index)) return index as number;
  const number = valueOf(index);
  if (!Number.isInteger(number)) throw new TypeError(`an index must be an integer, got ${shown(index)}`);
  return number as number;
}

function valueOf(index: unknown): unknown {
  if (typeof index === "bigint") return Number(index);
  if (!(index instanceof Tensor)) return index;
  return index.numel() === 1 && index.dtype !== bool ? index.item() : undefined;
}

/** What a message shows of an index that is none. */
function shown(index: unknown): string {
  if (typeof index === "number" || typeof index === "boolean") return String(index);
  if (!(index instanceof Tensor)) return describe(index);
  return index.numel() === 1 ? String(index) : `a tensor of size [${index.sizes.join(", ")}]`;
}

/**
 * A list of indices as numbers.
 *
 * @throws TypeError unless it is a list, of whole numbers.
 */
export function toIndices(list: unknown): number[] {
  if (!isIterable(list) || typeof list === "string" || (list instanceof Tensor && list.ndim !== 1)) {
    throw new TypeError(`expected a list of indices, got ${shown(list)}`);
  }
  if (!Array.isArray(list)) return Array.from(list, toIndex);
  // What a batch sampler gives: `Array.from` takes several times as long.
  const indices = new Array<number>(list.length);
  for (let i = 0; i < indices.length; i++) indices[i] = toIndex(list[i]);
  return indices;
}

/**
 * Where an index points in a data set of some length, counted from its end if negative: what `at` of a data set does
 * first.
 *
 * @returns a whole number from 0 on, and less than the length.
 * @throws TypeError unless the index is a whole number (a bigint and a tensor of one element may hold it) and the length
 *   a number; RangeError if the index is out of range.
 * @example placeOf(-1, 10) // 9
 */
export function placeOf(index: Index, length: number): number {
  const number = toIndex(index);
  if (typeof length !== "number") throw new TypeError(`the length of a data set is a number, got ${describe(length)}`);
  if (number < -length || number >= length) {
    throw new RangeError(`index ${number} is out of range for a data set of length ${length}`);
  }
  return number < 0 ? number + length : number;
}
