/** What MNIST and the data sets in its form have in common: small grey images in one IDX file, their labels in another. */
import { join } from "node:path";
import torch, { type Tensor } from "flambeau";
import { readIdx } from "./files/idx.js";
import { PixelDataset } from "./imageDataset.js";

/** The base of data sets of which a subclass says in which files they are, and what their classes are called. */
export abstract class IdxDataset<X, Y> extends PixelDataset<X, Y> {
  abstract readonly train: boolean;
  /** The images: uint8 of shape [images, 28, 28]. */
  abstract readonly data: Tensor;
  /** The labels: int64. */
  abstract readonly targets: Tensor;
  /** The names of the classes, at their numbers. */
  abstract get classes(): readonly string[];

  /** @throws Error if the files are broken, or do not fit each other. */
  protected read(imagesFile: string, labelsFile: string): [images: Tensor, labels: Tensor] {
    const { sizes, data } = readIdx(imagesFile, 3);
    const { data: labels } = readIdx(labelsFile, 1);
    if (labels.length !== sizes[0])
      throw new Error(`${this.rawFolder} is broken: there are ${sizes[0]} images, but ${labels.length} labels`);
    // The images stay where they were read: a copy would double what a large data set takes.
    return [torch.asarray(data).view(sizes), torch.tensor(labels, { dtype: torch.int64 })];
  }

  protected get pixels(): Tensor {
    return this.data.unsqueeze(-1);
  }

  protected get labels(): Tensor {
    return this.targets;
  }

  /** The number of each class. */
  get classToIdx(): Record<string, number> {
    return Object.fromEntries(this.classes.map((name, number) => [name, number]));
  }

  get rawFolder(): string {
    return join(this.root, this.constructor.name, "raw");
  }

  override extraRepr(): string {
    return `Split: ${this.train ? "Train" : "Test"}`;
  }
}
