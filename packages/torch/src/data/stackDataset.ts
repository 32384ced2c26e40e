/** Data sets side by side. */
import { isPlainObject } from "../core/kinds.js";
import type { Collated } from "./collate.js";
import { checkDataset, Dataset, type MapDatasetLike } from "./dataset.js";
import { type Index, toIndex } from "./indices.js";
import { batchOf, itemsOf, sampleOf } from "./samples.js";
import { shareable } from "./workers/shareable.js";

type Datasets = Readonly<Record<string, MapDatasetLike<unknown>>> | readonly MapDatasetLike<unknown>[];

type SampleOf<D> = D extends MapDatasetLike<infer T> ? T : never;

/** The sample of each data set, in an array or under its name. */
export type Stacked<D> = { -readonly [K in keyof D]: SampleOf<D[K]> };

/**
 * The samples of several data sets of one length side by side: an array of them, or an object where the data sets
 * have names.
 *
 * @throws Error if the lengths differ, or if there is no data set.
 * @example
 * new StackDataset(images, texts).at(0) // [image, text]
 * new StackDataset({ image: images, text: texts }).at(0) // { image, text }
 * @see https://pytorch.org/docs/stable/data.html#torch.utils.data.StackDataset
 */
export class StackDataset<D extends Datasets = Datasets> extends Dataset<Stacked<D>> {
  readonly datasets: D;

  constructor(datasets: D & Readonly<Record<string, MapDatasetLike<unknown>>>);
  constructor(...datasets: D & readonly MapDatasetLike<unknown>[]);
  constructor(...datasets: readonly unknown[]) {
    super();
    const [first] = datasets;
    const isNamed = isPlainObject(first) && !isDataset(first);
    if (isNamed && datasets.length > 1) {
      throw new TypeError("StackDataset() takes data sets, or one object of named data sets, but both were given");
    }
    this.datasets = (isNamed ? first : datasets) as D;
    for (const dataset of Object.values(this.datasets)) checkDataset("StackDataset", dataset);
    const lengths = Object.values(this.datasets).map((dataset: MapDatasetLike<unknown>) => dataset.length);
    if (lengths.length === 0) throw new Error("At least one dataset should be passed");
    if (lengths.some((length) => length !== lengths[0])) {
      throw new Error(`Size mismatch between datasets: lengths are ${lengths.join(", ")}`);
    }
  }

  get length(): number {
    return (Object.values(this.datasets)[0] as MapDatasetLike<unknown>).length;
  }

  at(index: Index): Stacked<D> {
    const number = toIndex(index);
    return ofEach(this.datasets, (dataset) => sampleOf(dataset, number));
  }

  getItems(indices: readonly number[]): Stacked<D>[] {
    const columns = ofEach(this.datasets, (dataset) => itemsOf(dataset, indices)) as unknown as Record<
      string,
      unknown[]
    >;
    return indices.map((_, i) => mapFields(columns, (column) => column[i]) as unknown as Stacked<D>);
  }

  getBatch(indices: readonly number[]): Collated<Stacked<D>> {
    return ofEach(this.datasets, (dataset) => batchOf(dataset, indices)) as Collated<Stacked<D>>;
  }
}

function ofEach<D extends Datasets>(datasets: D, read: (dataset: MapDatasetLike<unknown>) => unknown): Stacked<D> {
  return mapFields(datasets as Record<string, MapDatasetLike<unknown>>, read) as unknown as Stacked<D>;
}

/** The fields of an object, or the items of an array, each replaced by another value. */
function mapFields<T, U>(fields: Record<string, T>, map: (field: T) => U): Record<string, U> | U[] {
  if (Array.isArray(fields)) return fields.map(map);
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, map(field)]));
}

function isDataset(value: object): boolean {
  return "at" in value && typeof value.at === "function" && "length" in value;
}

shareable(import.meta.url, { StackDataset });
