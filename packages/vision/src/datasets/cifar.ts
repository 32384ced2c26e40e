/** CIFAR: small images in colour, of ten or a hundred classes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import torch, { type Tensor } from "flambeau";
import { flag, flagOn, Signature, text } from "flambeau/arguments";
import type { Image } from "../image.js";
import { checkIntegrity, downloadAndExtractArchive } from "./fetch/archive.js";
import { type PickledArray, readPickle } from "./files/pickle.js";
import { PixelDataset } from "./imageDataset.js";
import { provideFiles, type TransformFunction, transformParams } from "./visionDataset.js";

const { shareable } = torch.utils.data;

export interface CIFAROptions<X, Y> {
  /** The training set, or else the test set; true unless it is switched off. */
  train?: boolean;
  /** What is done to each image. */
  transform?: TransformFunction<Image, X> | null;
  /** What is done to each label. */
  targetTransform?: TransformFunction<number, Y> | null;
  /** Whether to fetch the data where it is not there yet. */
  download?: boolean;
}

/** A name of a file and its MD5 checksum. */
export type CheckedFile = readonly [name: string, md5: string];

const params = { root: text, train: flagOn, ...transformParams, download: flag };

/**
 * 50,000 images to train with and 10,000 to test, of 32x32 pixels in colour, of ten classes.
 *
 * Which files there are, and their checksums, are static properties, which a subclass may set.
 *
 * @example
 * const data = new CIFAR10("data", { download: true, transform: new ToTensor() });
 * const [image, label] = data.at(0); // image.shape is [3, 32, 32]
 * @throws Error if the files are not there, or are others than were published.
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.CIFAR10.html
 */
export class CIFAR10<X = Image, Y = number> extends PixelDataset<X, Y> {
  static readonly baseFolder: string = "cifar-10-batches-py";
  static readonly url: string | readonly string[] = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz";
  static readonly filename: string = "cifar-10-python.tar.gz";
  static readonly tgzMd5: string = "c58f30108f718f92721af3b95e74349a";
  static readonly trainList: readonly CheckedFile[] = [
    ["data_batch_1", "c99cafc152244af753f735de768cd75f"],
    ["data_batch_2", "d4bba439e000b95fd0a9bffe97cbabec"],
    ["data_batch_3", "54ebc095f3ab1f0389bbae665268c751"],
    ["data_batch_4", "634d18415352ddfa80567beed471001a"],
    ["data_batch_5", "482c414d41f54cd18b22e5b47cb7c3cb"],
  ];
  static readonly testList: readonly CheckedFile[] = [["test_batch", "40351d587109b95175f43aff81a1287e"]];
  /** The file with the names of the classes, and their key in it. */
  static readonly meta: { readonly filename: string; readonly key: string; readonly md5: string } = {
    filename: "batches.meta",
    key: "label_names",
    md5: "5ff9c542aee3614f3951f8cda6e48888",
  };

  readonly train: boolean;
  /** The images: uint8 of shape [images, 32, 32, 3]. */
  readonly data: Tensor;
  readonly targets: number[];
  /** The names of the classes, at their numbers. */
  readonly classes: string[];

  /** @param root the folder that holds a folder with the files, or will hold it. */
  constructor(...args: [root: string, options?: CIFAROptions<X, Y>]) {
    const { root, train, transform, targetTransform, download } = new Signature(new.target.name, params).parse(args);
    super(root, { transform, targetTransform });
    this.train = train;
    provideFiles(() => this.isWhole(), download && (() => this.download()));
    const { trainList, testList, meta } = this.published;
    const entries = (train ? trainList : testList).map(([name]) => this.read(name));
    const rows = entries.map((entry) => imagesOf(entry.get("data") as PickledArray));
    this.data = torch.cat(rows).view(-1, 3, 32, 32).permute(0, 2, 3, 1);
    this.targets = entries.flatMap((entry) => (entry.get("labels") ?? entry.get("fine_labels")) as number[]);
    if (this.targets.length !== this.data.length)
      throw new Error(
        `${this.path("")} is broken: there are ${this.data.length} images, but ${this.targets.length} labels`,
      );
    this.classes = this.read(meta.filename).get(meta.key) as string[];
  }

  protected get pixels(): Tensor {
    return this.data;
  }

  protected get labels(): readonly number[] {
    return this.targets;
  }

  /** The number of each class. */
  get classToIdx(): Record<string, number> {
    return Object.fromEntries(this.classes.map((name, number) => [name, number]));
  }

  private get published(): typeof CIFAR10 {
    return this.constructor as typeof CIFAR10;
  }

  private path(name: string): string {
    return join(this.root, this.published.baseFolder, name);
  }

  private read(name: string): Map<unknown, unknown> {
    const path = this.path(name);
    const content = readPickle(readFileSync(path), path);
    if (content instanceof Map) return content;
    throw new Error(`${path} is broken: it holds no dict`);
  }

  private isWhole(): boolean {
    const { trainList, testList, meta } = this.published;
    const files = [...trainList, ...testList, [meta.filename, meta.md5] as const];
    return files.every(([name, md5]) => checkIntegrity(this.path(name), md5));
  }

  /** Fetches the files, unless they are there. */
  download(): void {
    if (this.isWhole()) return;
    const { url, filename, tgzMd5: md5 } = this.published;
    downloadAndExtractArchive(url, this.root, { filename, md5 });
  }

  override extraRepr(): string {
    return `Split: ${this.train ? "Train" : "Test"}`;
  }
}

function imagesOf(array: PickledArray | undefined): Tensor {
  if (array?.kind !== "u1" || array.shape.length !== 2 || array.shape[1] !== 3072)
    throw new Error("a file of CIFAR has no rows of 3072 bytes");
  return torch.asarray(array.bytes).view(array.shape[0] as number, 3072);
}

/**
 * The like with a hundred classes, of 600 images each.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.CIFAR100.html
 */
export class CIFAR100<X = Image, Y = number> extends CIFAR10<X, Y> {
  static override readonly baseFolder: string = "cifar-100-python";
  static override readonly url: string | readonly string[] = "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz";
  static override readonly filename: string = "cifar-100-python.tar.gz";
  static override readonly tgzMd5: string = "eb9058c3a382ffc7106e4002c42a8d85";
  static override readonly trainList: readonly CheckedFile[] = [["train", "16019d7e3df5f24257cddd939b257f8d"]];
  static override readonly testList: readonly CheckedFile[] = [["test", "f0ef6b0ae62326f3e7ffdfab6717acfc"]];
  static override readonly meta = {
    filename: "meta",
    key: "fine_label_names",
    md5: "7973b15100ade9c7d40fb424638fde48",
  };
}

shareable(import.meta.url, { CIFAR10, CIFAR100 });
