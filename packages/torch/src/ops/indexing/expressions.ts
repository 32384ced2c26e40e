/**
 * Index expressions: `x.at(":", 1)` for `x[:, 1]`, `x.setAt([":", 1], 0)` for `x[:, 1] = 0`, and iteration.
 *
 * Source: https://pytorch.org/docs/stable/notes/numpy_indexing.html
 */
import { describe } from "../../arguments/parse.js";
import { Complex } from "../../core/complex.js";
import { installMembers } from "../../core/installMembers.js";
import { steps } from "../../core/steps.js";
import { Tensor } from "../../core/tensor.js";
import type { Scalar } from "../../core/view.js";
import { alias } from "../shape/viewParts.js";
import { index } from "./elements.js";
import { applyItems, type IndexItem, selectIndex } from "./items.js";

export type { IndexArray, IndexItem, SliceText } from "./items.js";

/** The value without leading dims of size 1, which assignment ignores. */
function withoutLeadingOnes(value: Tensor): Tensor {
  const first = value.sizes.findIndex((size) => size !== 1);
  const drop = first < 0 ? value.sizes.length : first;
  return drop === 0 ? value : value.view(value.sizes.slice(drop));
}

function partOf(tensor: Tensor, items: readonly IndexItem[]): Tensor {
  const [first] = items;
  // A loop over rows asks for one integer at a time.
  if (items.length === 1 && Number.isInteger(first) && tensor.sizes.length > 0) {
    return selectIndex(tensor, 0, first as number, 0);
  }
  const { view, indices } = applyItems(tensor, items);
  if (indices.length > 0) return index(view, indices);
  return view === tensor ? alias(tensor) : view;
}

function assign(tensor: Tensor, items: readonly IndexItem[], value: Tensor | Scalar): void {
  if (
    !(value instanceof Tensor || value instanceof Complex || ["number", "bigint", "boolean"].includes(typeof value))
  ) {
    throw new TypeError(`can't assign a ${describe(value)} to a tensor of ${tensor.dtype}`);
  }
  const { view, indices } = applyItems(tensor, items);
  const written = value instanceof Tensor ? withoutLeadingOnes(value) : value;
  if (indices.length > 0) view.indexPut_(indices, written);
  else if (written instanceof Tensor) view.copy_(written);
  else view.fill_(written);
}

export class IndexingMembers {
  /**
   * The part of the tensor that an index expression names: `x.at(0)` is `x[0]`, `x.at(":", 1)` is `x[:, 1]`.
   *
   * Items are integers, slices as strings (`"1:3"`, `"::2"`, `":"`), `"..."`, null for a new dim, masks, index
   * tensors, and arrays, each of which is one index tensor. Without masks and index tensors the result is a view.
   *
   * @throws RangeError if an index is out of range or there are too many; TypeError if an item is no index.
   * @example x.at("...", -1) // x[..., -1]
   * x.at(x.gt(0)) // x[x > 0]
   * x.at([0, 2]) // x[[0, 2]]
   */
  at(this: Tensor, ...items: readonly IndexItem[]): Tensor {
    // Not by `asStep`, whose spreading of arguments takes a tenth of the time of a row.
    const { watcher } = steps;
    return watcher === undefined
      ? partOf(this, items)
      : watcher("getitem", [this, ...items], () => partOf(this, items));
  }

  /**
   * Writes a value to the part of the tensor that an index expression names: `x.setAt([":", 1], 0)` is
   * `x[:, 1] = 0`.
   *
   * @param items one item, or an array of the items.
   * @param value a number, or a tensor that broadcasts to the part.
   * @example x.setAt(0, y); x.setAt(mask, 1); x.setAt([[0, 2], ":"], 5) // x[[0, 2], :] = 5
   */
  setAt(this: Tensor, items: IndexItem | readonly IndexItem[], value: Tensor | Scalar): void {
    assign(this, Array.isArray(items) ? items : [items], value);
  }

  /** The indices of the first dim, one after the other, as views. */
  *[Symbol.iterator](this: Tensor): IterableIterator<Tensor> {
    if (this.sizes.length === 0) throw new TypeError("iteration over a 0-d tensor");
    yield* this.unbind(0);
  }
}

installMembers(IndexingMembers);

declare module "../../core/tensor.js" {
  interface Tensor extends IndexingMembers {}
}
