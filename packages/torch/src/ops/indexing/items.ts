/**
 * The items between the brackets of an index expression: numbers, slices, `"..."`, null, masks and tensors.
 *
 * Basic items make a view; what remains are index tensors, one place for each dim of that view.
 *
 * Source: https://numpy.org/doc/stable/user/basics.indexing.html
 */
import { describe } from "../../arguments/parse.js";
import { onDevice } from "../../backend/devices.js";
import { bool, Category, int64, uint8 } from "../../core/dtype.js";
import { safeInteger } from "../../core/scalars.js";
import { maxDims } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { tensor as makeTensor, type TensorData } from "../creation/data.js";
import { slice } from "../shape/viewParts.js";

/** A slice as Python writes it, such as `"1:3"`, `":"` and `"::2"`. */
export type SliceText = `${string}:${string}`;

/** Numbers in nested arrays, which stand for one index tensor. */
export type IndexArray = readonly (number | bigint | boolean | Tensor | IndexArray)[];

/** One item of an index expression. */
export type IndexItem = number | bigint | boolean | null | "..." | SliceText | Tensor | IndexArray;

/** Index tensors and masks by dim; null stands for a whole dim. */
export type IndexList = readonly (Tensor | null)[];

/** What basic items leave to do: a view (or the tensor itself), and index tensors for its first dims. */
export interface Sliced {
  readonly view: Tensor;
  readonly indices: IndexList;
}

interface Slice {
  readonly start: number | undefined;
  readonly end: number | undefined;
  readonly step: number;
}

const slicePattern = /^\s*(-?\d+)?\s*:\s*(-?\d+)?\s*(?::\s*(-?\d+)?\s*)?$/;

/** A bound or step of a slice; further out than any size it may be any number. */
function bound(text: string): number {
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number(text), Number.MAX_SAFE_INTEGER));
}

/** Reads a slice such as `"1:-1:2"`. */
function parseSlice(text: string): Slice {
  const match = slicePattern.exec(text);
  if (match === null) {
    throw new TypeError(
      `"${text}" is not an index; a string is a slice ("1:3", "::2", ":") or "...", and an integer is a number`,
    );
  }
  const [start, end, step] = match.slice(1).map((part) => (part === undefined ? undefined : bound(part)));
  if (step === 0) throw new RangeError("slice step cannot be zero");
  if (step !== undefined && step < 0) throw new RangeError("step must be greater than zero");
  return { start, end, step: step ?? 1 };
}

/** An item in the form in which it is applied. */
type Prepared = number | boolean | null | "..." | Slice | Tensor;

/** One number and one new dim for each dim there can be, and the ellipsis. */
const longestIndex = 2 * maxDims + 1;

function prepare(item: unknown): Prepared {
  if (typeof item === "bigint" || (typeof item === "number" && Number.isInteger(item))) return safeInteger(item);
  if (typeof item === "boolean" || item === null || item === "...") return item;
  if (typeof item === "string") return parseSlice(item);
  if (Array.isArray(item)) return indexFromArray(item);
  if (item instanceof Tensor) return prepareTensor(item);
  throw new TypeError(
    `only integers, slices (\`:\`), ellipsis (\`...\`), null and long or byte tensors are valid indices (got ${describe(item)})`,
  );
}

/** A 0-d integer counts as a number, a 0-d mask as a boolean. */
function prepareTensor(index: Tensor): Prepared {
  if (index.dtype.category === Category.Floating) {
    throw new TypeError(
      `tensors used as indices must be long, int, byte or bool tensors, got ${index.dtype}; convert with { dtype: torch.long }`,
    );
  }
  if (index.sizes.length > 0) return index;
  return isMask(index) ? index.item() !== 0 : index.item();
}

/** Whether an index tensor is a mask: bool, or uint8 as of old. */
export function isMask(index: Tensor): boolean {
  return index.dtype === bool || index.dtype === uint8;
}

function indexFromArray(items: readonly unknown[]): Tensor {
  const kinds = new Set<string>();
  const visit = (item: unknown, depth = 0): void => {
    if (Array.isArray(item)) {
      if (depth === maxDims) throw new RangeError(`an index has at most ${maxDims} dims`);
      for (const inner of item) visit(inner, depth + 1);
      return;
    }
    const valid =
      item instanceof Tensor || typeof item === "bigint" || typeof item === "boolean" || Number.isInteger(item);
    if (!valid)
      throw new TypeError(
        `an array is one index and holds integers or booleans, got ${describe(item)}; to give several items, spread them`,
      );
    kinds.add(item instanceof Tensor ? item.dtype.name : typeof item);
  };
  visit(items);
  const mask = kinds.size === 1 && (kinds.has("boolean") || kinds.has("bool"));
  return makeTensor(items as TensorData, { dtype: mask ? bool : int64 });
}

/** How many dims of the indexed tensor an item takes. */
function dimsTaken(item: Prepared): number {
  if (item === null || item === "..." || typeof item === "boolean") return 0;
  return item instanceof Tensor && isMask(item) ? item.sizes.length : 1;
}

/**
 * One index of a dim.
 *
 * @param place the dim of the indexed tensor, for the message.
 */
export function selectIndex(view: Tensor, dim: number, index: number, place: number): Tensor {
  const size = view.sizes[dim] as number;
  if (index < -size || index >= size) {
    throw new RangeError(`index ${index} is out of bounds for dimension ${place} with size ${size}`);
  }
  return view.select(dim, index);
}

/**
 * Applies the basic items of an index expression.
 *
 * @param items as the user wrote them.
 * @throws TypeError if one is no index, RangeError if one is out of range or there are too many.
 */
export function applyItems(input: Tensor, items: readonly unknown[]): Sliced {
  return onDevice(input.device, () => applyThere(input, items));
}

/** The same, with the device of the input in force, on which indices are made; those of the CPU are brought there. */
function applyThere(input: Tensor, items: readonly unknown[]): Sliced {
  if (items.length > longestIndex) throw new RangeError(`an index has at most ${longestIndex} items`);
  const prepared = Array.from(items, prepare);
  const ndim = input.sizes.length;
  const taken = prepared.reduce((sum: number, item) => sum + dimsTaken(item), 0);
  if (prepared.filter((item) => item === "...").length > 1) {
    throw new RangeError("an index can only have a single ellipsis ('...')");
  }
  if (taken > ndim) {
    if (ndim === 0 && prepared.some((item) => typeof item === "number")) {
      throw new RangeError(
        "invalid index of a 0-dim tensor. Use `tensor.item()` to convert a 0-dim tensor to a number",
      );
    }
    throw new RangeError(`too many indices for tensor of dimension ${ndim}`);
  }
  let view = input;
  let dim = 0;
  let place = 0;
  const indices: (Tensor | null)[] = [];
  let covered = 0;
  const record = (index: Tensor): void => {
    for (; covered < dim; covered++) indices.push(null);
    indices.push(index.device === "cpu" && input.device !== "cpu" ? index.to(input.device) : index);
    covered += dimsTaken(index);
  };
  for (const item of prepared) {
    if (typeof item === "number") view = selectIndex(view, dim, item, place);
    else if (item === null) view = view.unsqueeze(dim++);
    else if (item === "...") dim += ndim - taken;
    else if (typeof item === "boolean") {
      view = view.unsqueeze(dim);
      record(makeTensor(item ? [0] : [], { dtype: int64 }));
      dim++;
    } else if (item instanceof Tensor) {
      record(item);
      dim += dimsTaken(item);
    } else {
      view = slice(view, dim++, item.start, item.end, item.step);
    }
    place += item === "..." ? ndim - taken : dimsTaken(item);
  }
  return { view, indices };
}
