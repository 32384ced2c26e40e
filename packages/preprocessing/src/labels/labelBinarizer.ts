/** Classes as columns of zeros and ones. */
import torch, { type Tensor } from "flambeau";
import { int, keyword, number, optional, type Params, Signature } from "flambeau/arguments";
import { Estimator } from "../estimator.js";
import { readMatrix } from "../features/matrix.js";
import { type Label, type Labels, placesOf, readLabels, shapeOf, uniqueLabels } from "./labels.js";

/** What labels say: one of two classes, one of several, or for each class whether it is there. */
type TargetKind = "binary" | "multiclass" | "multilabel-indicator";

const params = { negLabel: keyword(optional(int, 0)), posLabel: keyword(optional(int, 1)) };

const inverseSignature = new Signature("inverseTransform", {
  threshold: optional(number),
});

/**
 * Turns labels into rows with a number for each class (one number where there are two classes), and back.
 *
 * @example
 * const binarizer = new LabelBinarizer().fit([0, 1, 2, 3]);
 * binarizer.transform([2, 0]).tolist(); // [[0, 0, 1, 0], [1, 0, 0, 0]]
 * binarizer.inverseTransform([[0, 0, 0, 1]]); // [3]
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.preprocessing.LabelBinarizer.html
 */
export class LabelBinarizer<L extends Label = Label> extends Estimator {
  /** What stands in a row for the classes that it is not. */
  declare readonly negLabel: number;
  /** What stands in a row for the class that it is. */
  declare readonly posLabel: number;
  /** The classes, in order. */
  declare classes_: L[];
  /** What the labels were that were learned from. */
  declare yType_: TargetKind;

  constructor(...args: [options?: { negLabel?: number; posLabel?: number }]) {
    super(args);
  }

  protected override get params(): Params {
    return params;
  }

  protected get isFitted(): boolean {
    return this.classes_ !== undefined;
  }

  /**
   * Learns the classes.
   *
   * @param y labels, or rows of zeros and ones for each class.
   * @throws Error if there are none, or fractions among them.
   */
  fit(y: Labels<L> | readonly (readonly number[])[]): this {
    if (this.negLabel >= this.posLabel) {
      throw new RangeError(`neg_label=${this.negLabel} must be strictly less than pos_label=${this.posLabel}.`);
    }
    const labels = readLabels(y);
    if (labels.length === 0) throw new Error("y has 0 samples: []");
    const kind = kindOf(labels);
    this.yType_ = kind;
    const columns = shapeOf(labels)[1];
    this.classes_ = (
      kind === "multilabel-indicator"
        ? Array.from({ length: columns as number }, (_, i) => i)
        : uniqueLabels(labels.flat())
    ) as L[];
    return this;
  }

  /** Learns the classes, and gives the rows of the labels. */
  fitTransform(y: Labels<L> | readonly (readonly number[])[]): Tensor {
    const labels = readLabels(y) as L[];
    return this.fit(labels).transform(labels);
  }

  /**
   * A row for each label: int64 of shape [labels, classes], or [labels, 1] for two classes. A label that is of no class
   * has a row without any.
   */
  transform(y: Labels<L> | readonly (readonly number[])[]): Tensor {
    this.checkIsFitted();
    const labels = readLabels(y);
    if (labels.length === 0) throw new Error("y has 0 samples: []");
    const isIndicator = kindOf(labels) === "multilabel-indicator";
    if (isIndicator && this.yType_ !== "multilabel-indicator")
      throw new Error("The object was not fitted with multilabel input.");
    const { negLabel, posLabel, classes_: classes } = this;
    const signed = isIndicator
      ? (labels as number[][]).map((row) => row.map((value) => value !== 0))
      : this.rows(labels.flat());
    const isBinary = !isIndicator && classes.length <= 2;
    const rows = signed.map((row) => (isBinary ? row.slice(-1) : row).map((isIt) => (isIt ? posLabel : negLabel)));
    if (isBinary && classes.length === 1) for (const row of rows) row[0] = negLabel;
    return torch.tensor(rows, { dtype: torch.int64 });
  }

  private rows(labels: readonly Label[]): boolean[][] {
    const places = placesOf(this.classes_);
    return labels.map((label) => {
      const row = new Array<boolean>(this.classes_.length).fill(false);
      const place = places.get(label);
      if (place !== undefined) row[place] = true;
      return row;
    });
  }

  /**
   * The label of each row: that of its greatest number, or of two classes the second one where the number is above a
   * threshold.
   *
   * @param y rows as `transform` gives them, or what a model has in their place.
   * @param threshold of two classes, or of each class where labels were rows; halfway between the two labels by default.
   */
  inverseTransform(...args: [y: Tensor | readonly (readonly number[])[], threshold?: number | null]): L[] {
    this.checkIsFitted();
    const [y, ...rest] = args;
    const { threshold = (this.posLabel + this.negLabel) / 2 } = inverseSignature.parse(rest as []);
    const rows = readMatrix(y, this).tolist() as number[][];
    const classes = this.classes_;
    if (this.yType_ === "multiclass")
      return rows.map((row) => classes[Math.min(greatest(row), classes.length - 1)] as L);
    const width = rows[0]?.length ?? 0;
    if (this.yType_ === "multilabel-indicator") {
      if (width !== classes.length)
        throw new Error("The number of class is not equal to the number of dimension of y.");
      return rows.map((row) => row.map((value) => (value > threshold ? 1 : 0))) as unknown as L[];
    }
    if (width > 2) throw new Error(`output_type='binary', but y.shape = (${rows.length}, ${width})`);
    if (classes.length === 1) return rows.map(() => classes[0] as L);
    return rows.map((row) => classes[(row.at(-1) as number) > threshold ? 1 : 0] as L);
  }
}

function greatest(row: readonly number[]): number {
  return row.reduce((best, value, i) => (value > (row[best] as number) ? i : best), 0);
}

function kindOf(labels: Label[] | Label[][]): TargetKind {
  const [, columns = 1] = shapeOf(labels);
  const flat = labels.flat() as Label[];
  const different = new Set(flat);
  if (columns > 1) {
    if ([...different].every((value) => value === 0 || value === 1 || typeof value === "boolean"))
      return "multilabel-indicator";
    throw new Error("Multioutput target data is not supported with label binarization");
  }
  if (flat.some((label) => typeof label === "number" && !Number.isInteger(label)))
    throw new Error(`Unknown label type: (${JSON.stringify(flat).replaceAll(",", ", ")},)`);
  return different.size <= 2 ? "binary" : "multiclass";
}

torch.utils.data.shareable(import.meta.url, { LabelBinarizer });
