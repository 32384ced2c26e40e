/** Classes as numbers. */
import torch, { type Tensor } from "flambeau";
import { Estimator } from "../estimator.js";
import { type Label, type Labels, placesOf, readColumn, showLabels, uniqueLabels } from "./labels.js";

/**
 * Turns labels into numbers from 0 to the number of classes less one, and back.
 *
 * @example
 * const encoder = new LabelEncoder();
 * encoder.fitTransform(["paris", "paris", "tokyo", "amsterdam"]); // tensor([1, 1, 2, 0])
 * encoder.inverseTransform([2, 0]); // ["tokyo", "amsterdam"]
 * @see https://scikit-learn.org/stable/modules/generated/sklearn.preprocessing.LabelEncoder.html
 */
export class LabelEncoder<L extends Label = Label> extends Estimator {
  /** The classes, in order. */
  declare classes_: L[];

  constructor(...args: []) {
    super(args);
  }

  protected get isFitted(): boolean {
    return this.classes_ !== undefined;
  }

  /** Learns the classes from labels. */
  fit(y: Labels<L>): this {
    this.classes_ = uniqueLabels(readColumn(y)) as L[];
    return this;
  }

  /** Learns the classes, and gives the number of each label. */
  fitTransform(y: Labels<L>): Tensor {
    const labels = readColumn(y) as L[];
    return this.fit(labels).transform(labels);
  }

  /**
   * The number of each label: int64.
   *
   * @throws Error if a label is of no class.
   */
  transform(y: Labels<L>): Tensor {
    this.checkIsFitted();
    const labels = readColumn(y);
    const places = placesOf(this.classes_);
    checkSeen(labels.filter((label) => !places.has(label)));
    return torch.tensor(
      labels.map((label) => places.get(label) as number),
      { dtype: torch.int64 },
    );
  }

  /**
   * The labels of numbers.
   *
   * @throws Error if a number is that of no class.
   */
  inverseTransform(y: Labels<number>): L[] {
    this.checkIsFitted();
    const numbers = readColumn(y) as number[];
    checkSeen(numbers.filter((number) => !Object.hasOwn(this.classes_, number)));
    return numbers.map((number) => this.classes_[number] as L);
  }
}

function checkSeen(unseen: readonly Label[]): void {
  if (unseen.length > 0) throw new Error(`y contains previously unseen labels: ${showLabels(uniqueLabels(unseen))}`);
}

torch.utils.data.shareable(import.meta.url, { LabelEncoder });
