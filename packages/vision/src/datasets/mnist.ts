/** MNIST and the data sets made in its likeness: small grey images of ten classes. */
import { join } from "node:path";
import torch, { type Tensor } from "flambeau";
import { flag, flagOn, Signature, text } from "flambeau/arguments";
import type { Image } from "../image.js";
import { fetchAll } from "./fetch/idxFiles.js";
import type { Resource } from "./fetch/install.js";
import { hasIdx } from "./files/idx.js";
import { IdxDataset } from "./idxDataset.js";
import { type TransformFunction, transformParams } from "./visionDataset.js";

const { shareable } = torch.utils.data;

export interface MNISTOptions<X, Y> {
  /** The training set, or else the test set; true unless it is switched off. */
  train?: boolean;
  /** What is done to each image. */
  transform?: TransformFunction<Image, X> | null;
  /** What is done to each label. */
  targetTransform?: TransformFunction<number, Y> | null;
  /** Whether to fetch the data where it is not there yet. */
  download?: boolean;
}

const params = {
  root: text,
  train: flagOn,
  ...transformParams,
  download: flag,
};

/**
 * Handwritten digits: 60,000 images to train with and 10,000 to test, of 28×28 pixels.
 *
 * A sample is the image and the number of its class. In batches of a `DataLoader` the labels are int64, and
 * transforms that can take a whole batch do so.
 *
 * @throws Error if the files are not there, or not whole.
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.MNIST.html
 */
export class MNIST<X = Image, Y = number> extends IdxDataset<X, Y> {
  static readonly mirrors: readonly string[] = [
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
  ];
  /** The published files, and their checksums. */
  static readonly resources: readonly Resource[] = [
    { file: "train-images-idx3-ubyte.gz", md5: "f68b3c2dcbeaaa9fbdd348bbdeb94873" },
    { file: "train-labels-idx1-ubyte.gz", md5: "d53e105ee54ea40749a09fcbcd1e9432" },
    { file: "t10k-images-idx3-ubyte.gz", md5: "9fb629c4189551a2d022fa330f9573f3" },
    { file: "t10k-labels-idx1-ubyte.gz", md5: "ec29112dd5afa0611ce80d1b7f02629c" },
  ];
  /** A package of Debian that has the files too. */
  static readonly debianPackage: string | undefined = undefined;
  static readonly classes: readonly string[] = [
    "0 - zero",
    "1 - one",
    "2 - two",
    "3 - three",
    "4 - four",
    "5 - five",
    "6 - six",
    "7 - seven",
    "8 - eight",
    "9 - nine",
  ];

  readonly train: boolean;
  /** The images: uint8 of shape [images, 28, 28]. */
  readonly data: Tensor;
  /** The labels: int64. */
  readonly targets: Tensor;

  /** @param root the folder that holds a folder `MNIST/raw` with the files. */
  constructor(...args: [root: string, options?: MNISTOptions<X, Y>]) {
    const { root, train, transform, targetTransform, download } = new Signature(new.target.name, params).parse(args);
    super(root, { transform, targetTransform });
    this.train = train;
    if (download) this.download();
    [this.data, this.targets] = this.read(this.file("images-idx3-ubyte"), this.file("labels-idx1-ubyte"));
  }

  private file(name: string): string {
    const path = join(this.rawFolder, `${this.train ? "train" : "t10k"}-${name}`);
    if (!hasIdx(path))
      throw new Error(`Dataset not found: there is no ${path}. You can use { download: true } to download it`);
    return path;
  }

  /** The names of the classes, at their numbers. */
  get classes(): readonly string[] {
    return (this.constructor as typeof MNIST).classes;
  }

  /** Fetches the files that are not there yet: from a mirror, or from a package of the system that has them. */
  download(): void {
    const { mirrors, resources, debianPackage } = this.constructor as typeof MNIST;
    fetchAll({ folder: this.rawFolder, mirrors, resources, debianPackage });
  }
}

/**
 * Articles of clothing, in the form of MNIST.
 *
 * @example
 * const testData = new FashionMNIST("data", { train: false, download: true, transform: new ToTensor() });
 * const [image, label] = testData.at(0);
 * testData.classes[label] // "Ankle boot"
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.FashionMNIST.html
 */
export class FashionMNIST<X = Image, Y = number> extends MNIST<X, Y> {
  static override readonly mirrors = ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"];
  static override readonly resources = [
    {
      file: "train-images-idx3-ubyte.gz",
      md5: "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
      contentMd5: "f4a8712d7a061bf5bd6d2ca38dc4d50a",
    },
    {
      file: "train-labels-idx1-ubyte.gz",
      md5: "25c81989df183df01b3e8a0aad5dffbe",
      contentMd5: "9018921c3c673c538a1fc5bad174d6f9",
    },
    {
      file: "t10k-images-idx3-ubyte.gz",
      md5: "bef4ecab320f06d8554ea6380940ec79",
      contentMd5: "8181f5470baa50b63fa0f6fddb340f0a",
    },
    {
      file: "t10k-labels-idx1-ubyte.gz",
      md5: "bb300cfdad3c16e7a12a480ee83cd310",
      contentMd5: "15d484375f8d13e6eb1aabb0c3f46965",
    },
  ];
  static override readonly debianPackage = "dataset-fashion-mnist";
  static override readonly classes = [
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
  ];
}

/**
 * Handwritten Japanese characters, in the form of MNIST.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.KMNIST.html
 */
export class KMNIST<X = Image, Y = number> extends MNIST<X, Y> {
  static override readonly mirrors = ["http://codh.rois.ac.jp/kmnist/dataset/kmnist/"];
  static override readonly resources = [
    { file: "train-images-idx3-ubyte.gz", md5: "bdb82020997e1d708af4cf47b453dcf7" },
    { file: "train-labels-idx1-ubyte.gz", md5: "e144d726b3acfaa3e44228e80efcd344" },
    { file: "t10k-images-idx3-ubyte.gz", md5: "5c965bf0a639b31b8f53240b1b52f4d7" },
    { file: "t10k-labels-idx1-ubyte.gz", md5: "7320c461ea6c1c855c0b718fb2a4b134" },
  ];
  static override readonly classes = ["o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"];
}

shareable(import.meta.url, { MNIST, FashionMNIST, KMNIST });
