/** Categories as columns of zeros and ones. */
import torch, { type DType, type Tensor } from "flambeau";
import { anything, dtype, keyword, optional, type Param, type Params, word } from "flambeau/arguments";
import { Estimator, show } from "../estimator.js";
import { type Label, placesOf, readLabels, shapeOf, showLabels, uniqueLabels } from "../labels/labels.js";
import { checkFeatures, readMatrix } from "./matrix.js";

/** A table of numbers and texts, those of a column of one kind. */
export type Table = Tensor | readonly (readonly Label[])[];

type Drop = "first" | "if_binary" | readonly Label[] | null;
type Categories = "auto" | readonly (readonly Label[])[];

export interface OneHotEncoderOptions {
  /** The categories of each column; those that are in the data by default. */
  categories?: Categories;
  /** Which category of each column gets no column: the first, the first of two, or those of a list. */
  drop?: Drop;
  /** The dtype of what `transform` gives; float64 by default, as in scikit-learn. */
  dtype?: DType;
  /** Whether a category that was not learned is an error, or has no column. */
  handleUnknown?: "error" | "ignore";
}

const params = {
  categories: keyword(optional(anything as Param<Categories>, "auto")),
  drop: keyword(optional(anything as Param<Drop>, null)),
  dtype: keyword(optional(dtype, torch.float64)),
  handleUnknown: keyword(optional(word("error", "ignore"), "error")),
};

/**
 * Turns each column of categories into columns of zeros and ones, one for each category, and back.
 *
 * @example
 * const encoder = new OneHotEncoder({ handleUnknown: "ignore" }).fit([["Male", 1], ["Female", 3], ["Female", 2]]);
 * encoder.categories_; // [["Female", "Male"], [1, 2, 3]]
 * encoder.transform([["Female", 1], ["Male", 4]]).tolist(); // [[1, 0, 1, 0, 0], [0, 1, 0, 0, 0]]
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.preprocessing.OneHotEncoder.html
 */
export class OneHotEncoder extends Estimator {
  declare readonly categories: Categories;
  declare readonly drop: Drop;
  declare readonly dtype: DType;
  declare readonly handleUnknown: "error" | "ignore";
  /** The categories of each column, in order. */
  declare categories_: Label[][];
  /** The place of the category of each column that has no column; null where none is dropped. */
  declare dropIdx_: (number | null)[] | null;
  declare nFeaturesIn_: number;

  constructor(...args: [options?: OneHotEncoderOptions]) {
    super(args);
    const { drop, categories } = this;
    if (!(drop === null || drop === "first" || drop === "if_binary" || Array.isArray(drop))) {
      throw new TypeError(
        `The 'drop' parameter of OneHotEncoder must be a str among {'first', 'if_binary'}, an array-like or None. Got ${show(drop)} instead.`,
      );
    }
    if (categories !== "auto" && !Array.isArray(categories))
      throw new TypeError(
        `The 'categories' parameter of OneHotEncoder must be a str among {'auto'} or an array-like. Got ${show(categories)} instead.`,
      );
  }

  protected override get params(): Params {
    return params;
  }

  protected get isFitted(): boolean {
    return this.categories_ !== undefined;
  }

  /**
   * Learns the categories.
   *
   * @throws Error if a category is not among those that were given.
   */
  fit(x: Table): this {
    const columns = readColumns(x, this);
    const categories = this.categories === "auto" ? columns.map(uniqueLabels) : this.given(columns);
    this.dropIdx_ = dropped(this.drop, categories);
    this.categories_ = categories;
    this.nFeaturesIn_ = columns.length;
    return this;
  }

  private given(columns: readonly Label[][]): Label[][] {
    const categories = (this.categories as readonly (readonly Label[])[]).map((list) => [...list]);
    if (categories.length !== columns.length)
      throw new Error("Shape mismatch: if categories is an array, it has to be of shape (n_features,).");
    for (const [i, list] of categories.entries()) {
      if (typeof list[0] === "number" && uniqueLabels(list).join() !== list.join())
        throw new Error("Unsorted categories are not supported for numerical categories");
      if (this.handleUnknown === "error") checkKnown(columns[i] as Label[], placesOf(list), i, "fit");
    }
    return categories;
  }

  /** Learns the categories, and gives the columns. */
  fitTransform(x: Table): Tensor {
    return this.fit(x).transform(x);
  }

  /**
   * The columns of zeros and ones: of shape [rows, categories that are not dropped].
   *
   * @throws Error if a category was not learned, unless that is to be ignored.
   */
  transform(x: Table): Tensor {
    this.checkIsFitted();
    const columns = readColumns(x, this);
    checkFeatures(columns.length, this.nFeaturesIn_, this);
    const parts = columns.map((column, i) => {
      const places = placesOf(this.categories_[i] as Label[]);
      if (this.handleUnknown === "error") checkKnown(column, places, i, "transform");
      const kept = this.kept(i);
      return column.map((value) => kept.map((place) => (places.get(value) === place ? 1 : 0)));
    });
    const rows = Array.from({ length: columns[0]?.length ?? 0 }, (_, row) =>
      parts.flatMap((part) => part[row] as number[]),
    );
    return torch.tensor(rows, { dtype: this.dtype });
  }

  /** The places of the categories of a column that have columns. */
  private kept(column: number): number[] {
    const count = (this.categories_[column] as Label[]).length;
    return Array.from({ length: count }, (_, place) => place).filter((place) => place !== this.dropIdx_?.[column]);
  }

  /**
   * The categories of rows of zeros and ones; null where there is none, which is an error unless unknown ones are ignored.
   */
  inverseTransform(x: Tensor | readonly (readonly number[])[]): (Label | null)[][] {
    this.checkIsFitted();
    const rows = readMatrix(x, this).tolist() as number[][];
    const kept = this.categories_.map((_, i) => this.kept(i));
    const expected = kept.reduce((sum, { length }) => sum + length, 0);
    const width = rows[0]?.length as number;
    if (width !== expected)
      throw new Error(`Shape of the passed X data is not correct. Expected ${expected} columns, got ${width}.`);
    let at = 0;
    const columns = kept.map((places, i) => {
      const begin = at;
      at += places.length;
      return this.categoriesOf(
        i,
        places,
        rows.map((row) => row.slice(begin, begin + places.length)),
      );
    });
    return columnsOf(columns);
  }

  /** The categories of one column, from the parts of the rows that tell of it. */
  private categoriesOf(column: number, places: readonly number[], parts: readonly number[][]): (Label | null)[] {
    const list = this.categories_[column] as Label[];
    const dropped = this.dropIdx_?.[column] ?? null;
    const empty = parts.flatMap((part, row) => (part.some((value) => value !== 0) ? [] : [row]));
    if (empty.length > 0 && dropped === null && this.handleUnknown === "error") {
      throw new Error(
        `Samples [${empty.join(" ")}] can not be inverted when drop=${show(this.drop)} and handle_unknown='error' because they contain all zeros`,
      );
    }
    const missing = dropped === null ? null : (list[dropped] as Label);
    const isEmpty = new Set(empty);
    return parts.map((part, row) =>
      isEmpty.has(row) ? missing : (list[places[part.indexOf(Math.max(...part))] as number] as Label),
    );
  }

  /** The names of the columns that `transform` gives: `x0_Female`, `x0_Male`, … */
  getFeatureNamesOut(inputFeatures?: readonly string[] | null): string[] {
    this.checkIsFitted();
    const names = inputFeatures ?? this.categories_.map((_, i) => `x${i}`);
    if (names.length !== this.nFeaturesIn_) {
      throw new Error(
        `input_features should have length equal to number of features (${this.nFeaturesIn_}), got ${names.length}`,
      );
    }
    return this.categories_.flatMap((list, i) => this.kept(i).map((place) => `${names[i]}_${list[place]}`));
  }
}

/** The columns of a table, each of one kind. */
function readColumns(x: Table, estimator: object): Label[][] {
  if (x instanceof torch.Tensor || (Array.isArray(x) && (x.length === 0 || typeof x[0] === "number")))
    return columnsOf(readMatrix(x, estimator).tolist() as number[][]);
  const rows = Array.from(x as readonly (readonly Label[])[]);
  if (!Array.isArray(rows[0])) {
    throw new Error(
      `Expected 2D array, got 1D array instead:\narray=${showLabels(rows as unknown as Label[])}.\nReshape your data either using array.reshape(-1, 1) ` +
        "if your data has a single feature or array.reshape(1, -1) if it contains a single sample.",
    );
  }
  const [, width = 0] = shapeOf(rows);
  if (rows.some((row) => row.length !== width)) throw new Error("rows of a table have one length");
  return columnsOf(rows).map((column) => readLabels(column) as Label[]);
}

function columnsOf<T>(rows: readonly (readonly T[])[]): T[][] {
  return Array.from({ length: rows[0]?.length ?? 0 }, (_, i) => rows.map((row) => row[i] as T));
}

function checkKnown(column: readonly Label[], places: ReadonlyMap<Label, number>, index: number, during: string): void {
  const unknown = uniqueLabels(column.filter((value) => !places.has(value)));
  if (unknown.length > 0)
    throw new Error(`Found unknown categories ${showLabels(unknown)} in column ${index} during ${during}`);
}

function dropped(drop: Drop, categories: readonly Label[][]): (number | null)[] | null {
  if (drop === null) return null;
  if (drop === "first") return categories.map(() => 0);
  if (drop === "if_binary") return categories.map((list) => (list.length === 2 ? 0 : null));
  if (drop.length !== categories.length)
    throw new Error(
      `\`drop\` should have length equal to the number of features (${categories.length}), got ${drop.length}`,
    );
  return categories.map((list, i) => {
    const place = list.indexOf(drop[i] as Label);
    if (place >= 0) return place;
    throw new Error(
      `The following categories were supposed to be dropped, but were not found in the training data.\nCategory: ${i}, Feature: ${drop[i]}`,
    );
  });
}

torch.utils.data.shareable(import.meta.url, { OneHotEncoder });
