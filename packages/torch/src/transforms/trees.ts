/** Tensors in values that functions take and return: one, or lists and plain objects of such values. */
import { isPlainObject } from "../core/kinds.js";
import { Tensor } from "../core/tensor.js";

/** A tensor, or a list or plain object of such values. */
export type TensorTree = Tensor | readonly TensorTree[] | { readonly [name: string]: TensorTree };

/** A tree like `T` with `V` in the places of tensors. */
export type MapTree<T, V> = T extends Tensor ? V : { [K in keyof T]: MapTree<T[K], V> };

/** The parts of a list or object; undefined for what is a leaf. */
function partsOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (value instanceof Tensor || typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value) || isPlainObject(value) || Symbol.iterator in value) return Object.entries(value);
  return undefined;
}

/** A tree with other values in the places of its leaves. */
export function mapTree(tree: unknown, change: (leaf: unknown) => unknown): unknown {
  if (Array.isArray(tree)) return tree.map((item) => mapTree(item, change));
  const parts = partsOf(tree);
  if (parts === undefined) return change(tree);
  const changed = Object.fromEntries(parts.map(([name, value]) => [name, mapTree(value, change)]));
  // What has names and can be taken apart as a list, too, stays so.
  if (!(Symbol.iterator in (tree as object))) return changed;
  Object.values(changed).forEach((value, i) => {
    Object.defineProperty(changed, i, { value });
  });
  return Object.defineProperty(changed, Symbol.iterator, { value: () => Object.values(changed)[Symbol.iterator]() });
}

/** The leaves of a tree in order. */
export function leavesOf(tree: unknown): unknown[] {
  const parts = partsOf(tree);
  return parts === undefined ? [tree] : parts.flatMap(([, value]) => leavesOf(value));
}

/** The tree of a shape with leaves from a list, in order. */
export function fillTree(tree: unknown, leaves: readonly unknown[]): unknown {
  let at = 0;
  return mapTree(tree, () => leaves[at++]);
}

/** Whether two trees have leaves at the same places. */
export function sameTree(a: unknown, b: unknown): boolean {
  const [ours, theirs] = [partsOf(a), partsOf(b)];
  if (ours === undefined || theirs === undefined) return ours === theirs;
  if (ours.length !== theirs.length || Array.isArray(a) !== Array.isArray(b)) return false;
  return ours.every(([name, value], i) => theirs[i]?.[0] === name && sameTree(value, theirs[i]?.[1]));
}

/** How a tree looks, for messages: `[*, { a: * }]`. */
export function describeTree(tree: unknown): string {
  const parts = partsOf(tree);
  if (parts === undefined) return "*";
  if (Array.isArray(tree)) return `[${parts.map(([, value]) => describeTree(value)).join(", ")}]`;
  return `{ ${parts.map(([name, value]) => `${name}: ${describeTree(value)}`).join(", ")} }`;
}

/**
 * The tensors of a tree.
 *
 * @throws TypeError for a leaf that is none, in the words of `message`.
 */
export function tensorsOf(tree: unknown, message: (kind: string) => string): Tensor[] {
  return leavesOf(tree).map((leaf) => {
    if (leaf instanceof Tensor) return leaf;
    throw new TypeError(message(leaf === null ? "null" : typeof leaf));
  });
}
