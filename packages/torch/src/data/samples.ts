/** Getting samples out of data sets, one by one or many at once. */
import { type Collated, defaultCollate } from "./collate.js";
import type { MapDataset, MapDatasetLike } from "./dataset.js";
import { type Index, placeOf, toIndex } from "./indices.js";

/**
 * Whether an object's fast way of doing something belongs to its plain way: it does not where a subclass has a plain
 * way of its own and inherits the fast one.
 */
export function serves(object: object, fast: string, plain: string): boolean {
  for (let owner = Object(object); owner !== null; owner = Object.getPrototypeOf(owner)) {
    if (Object.hasOwn(owner, fast)) return typeof (object as Record<string, unknown>)[fast] === "function";
    if (Object.hasOwn(owner, plain)) return false;
  }
  return false;
}

/** The sample of a data set at an index. */
export function sampleOf<T>(dataset: MapDatasetLike<T>, index: Index): T {
  // A data set says itself what it has; lists give undefined for what they have not.
  const isList = Array.isArray(dataset) || ArrayBuffer.isView(dataset) || typeof dataset === "string";
  const place = isList ? placeOf(index, dataset.length) : toIndex(index);
  return (dataset as MapDataset<T>).at(place);
}

/** The samples of a data set at several indices. */
export function itemsOf<T>(dataset: MapDatasetLike<T>, indices: readonly number[]): T[] {
  const source = dataset as MapDataset<T>;
  if (serves(source, "getItems", "at")) return source.getItems?.(indices) as T[];
  return indices.map((index) => sampleOf(dataset, index));
}

/** The samples of a data set at several indices, as `defaultCollate` puts them together. */
export function batchOf<T>(dataset: MapDatasetLike<T>, indices: readonly number[]): Collated<T> {
  if (serves(dataset, "getBatch", "at")) return (dataset as MapDataset<T>).getBatch?.(indices) as Collated<T>;
  return defaultCollate(itemsOf(dataset, indices));
}
