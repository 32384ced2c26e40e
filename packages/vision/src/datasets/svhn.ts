/** House numbers, as one sees them in a street. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import torch, { type Tensor } from "flambeau";
import { flag, optional, Signature, text, word } from "flambeau/arguments";
import type { Image } from "../image.js";
import { checkIntegrity, downloadUrl } from "./fetch/archive.js";
import { readMat } from "./files/mat.js";
import { PixelDataset } from "./imageDataset.js";
import { provideFiles, type TransformFunction, transformParams } from "./visionDataset.js";

const { shareable } = torch.utils.data;

type Split = "train" | "test" | "extra";

export interface SVHNOptions<X, Y> {
  /** The training set by default. */
  split?: Split;
  transform?: TransformFunction<Image, X> | null;
  targetTransform?: TransformFunction<number, Y> | null;
  /** Whether to fetch the data where it is not there yet. */
  download?: boolean;
}

const params = {
  root: text,
  split: optional(word("train", "test", "extra"), "train"),
  ...transformParams,
  download: flag,
};

/**
 * Digits of house numbers, of 32x32 pixels in colour: 73,257 to train with, 26,032 to test, and 531,131 easier ones.
 *
 * @throws Error if the file is not there, or is another than was published.
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.SVHN.html
 */
export class SVHN<X = Image, Y = number> extends PixelDataset<X, Y> {
  /** Address, name and checksum of the file of each split. */
  static readonly splitList: Readonly<Record<Split, readonly [url: string, filename: string, md5: string]>> = {
    train: [
      "http://ufldl.stanford.edu/housenumbers/train_32x32.mat",
      "train_32x32.mat",
      "e26dedcc434d2e4c54c9b2d4a06d8373",
    ],
    test: [
      "http://ufldl.stanford.edu/housenumbers/test_32x32.mat",
      "test_32x32.mat",
      "eb5a983be6a315427106f1b164d9cef3",
    ],
    extra: [
      "http://ufldl.stanford.edu/housenumbers/extra_32x32.mat",
      "extra_32x32.mat",
      "a93ce644f1a588dc4d68dda5feec44a7",
    ],
  };

  readonly split: Split;
  /** The images: uint8 of shape [images, 3, 32, 32]. */
  readonly data: Tensor;
  /** The digits: int64. */
  readonly labels: Tensor;

  /** @param root the folder that holds the file, or will hold it. */
  constructor(...args: [root: string, options?: SVHNOptions<X, Y>]) {
    const { root, split, transform, targetTransform, download } = new Signature(new.target.name, params).parse(args);
    super(root, { transform, targetTransform });
    this.split = split;
    const [, filename, md5] = this.published;
    const path = join(this.root, filename);
    provideFiles(() => checkIntegrity(path, md5), download && (() => this.download()));
    const arrays = readMat(readFileSync(path), path);
    const [images, digits] = [arrays.get("X"), arrays.get("y")];
    const count = digits?.data.length ?? 0;
    if (!(images?.data instanceof Uint8Array) || images.shape.join() !== `32,32,3,${count}`)
      throw new Error(`${path} is broken: it holds no images of 32x32 pixels with labels`);
    // The columns of each colour of each image stand one after the other.
    this.data = torch.tensor(images.data).view(count, 3, 32, 32).transpose(2, 3);
    // The digit 0 is told as 10.
    const told = torch.tensor(Float64Array.from(digits?.data ?? []), { dtype: torch.int64 });
    this.labels = told.maskedFill(told.eq(10), 0);
  }

  protected get pixels(): Tensor {
    return this.data.permute(0, 2, 3, 1);
  }

  private get published(): readonly [url: string, filename: string, md5: string] {
    return (this.constructor as typeof SVHN).splitList[this.split];
  }

  /** Fetches the file, unless it is there. */
  download(): void {
    const [url, filename, md5] = this.published;
    downloadUrl(url, this.root, filename, md5);
  }

  override extraRepr(): string {
    return `Split: ${this.split}`;
  }
}

shareable(import.meta.url, { SVHN });
