/** MNIST with letters, and with more of what is known of each digit. */
import { existsSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import torch, { type Tensor } from "flambeau";
import { flag, flagOn, optional, Signature, text, word } from "flambeau/arguments";
import { Image } from "../image.js";
import { downloadAndExtractArchive, downloadUrl, extractArchive } from "./fetch/archive.js";
import { hasIdx, readIdx, readIdxInts } from "./files/idx.js";
import { IdxDataset } from "./idxDataset.js";
import { ImageDataset } from "./imageDataset.js";
import { MNIST, type MNISTOptions } from "./mnist.js";
import { provideFiles, type TransformFunction, transformParams } from "./visionDataset.js";

const { shareable } = torch.utils.data;

const splits = ["byclass", "bymerge", "balanced", "letters", "digits", "mnist"] as const;
type EMNISTSplit = (typeof splits)[number];

const digits = [..."0123456789"];
const lower = [..."abcdefghijklmnopqrstuvwxyz"];
const upper = lower.map((letter) => letter.toUpperCase());
/** Letters that look the same in both cases. */
const merged = digits.concat(
  upper,
  lower.filter((letter) => !"cijklmopsuvwxyz".includes(letter)),
);

const emnistParams = { root: text, split: { ...word(...splits) }, train: flagOn, ...transformParams, download: flag };

/**
 * Handwritten letters and digits, in the form of MNIST.
 *
 * @example new EMNIST("data", "letters", { download: true })
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.EMNIST.html
 */
export class EMNIST<X = Image, Y = number> extends IdxDataset<X, Y> {
  static readonly url: string | readonly string[] = [
    "https://biometrics.nist.gov/cs_links/EMNIST/gzip.zip",
    "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/gzip.zip",
  ];
  static readonly md5: string = "58c8d27c78d21e728a6bc7b3cc06412e";
  static readonly classesSplitDict: Readonly<Record<EMNISTSplit, readonly string[]>> = {
    byclass: [...digits, ...upper, ...lower],
    bymerge: merged,
    balanced: merged,
    letters: ["N/A", ...lower],
    digits,
    mnist: digits,
  };

  readonly split: EMNISTSplit;
  readonly train: boolean;
  /** The images, uint8 of shape [images, 28, 28], and the labels, int64. */
  readonly data: Tensor;
  readonly targets: Tensor;

  /** @param root the folder that holds a folder `EMNIST/raw` with the files. */
  constructor(...args: [root: string, split: EMNISTSplit, options?: MNISTOptions<X, Y>]) {
    const { root, split, train, transform, targetTransform, download } = new Signature(
      new.target.name,
      emnistParams,
    ).parse(args);
    super(root, { transform, targetTransform });
    this.split = split;
    this.train = train;
    provideFiles(() => this.isThere(), download && (() => this.download()), "Dataset not found.");
    const [imagesFile, labelsFile] = this.files;
    [this.data, this.targets] = this.read(imagesFile, labelsFile);
  }

  /** The names of the classes, at their numbers. */
  get classes(): readonly string[] {
    return (this.constructor as typeof EMNIST).classesSplitDict[this.split];
  }

  private get files(): [images: string, labels: string] {
    const prefix = join(this.rawFolder, `emnist-${this.split}-${this.train ? "train" : "test"}`);
    return [`${prefix}-images-idx3-ubyte`, `${prefix}-labels-idx1-ubyte`];
  }

  private isThere(): boolean {
    return this.files.every(hasIdx);
  }

  /** Fetches the files of all splits, unless those of this one are there. */
  download(): void {
    if (this.isThere()) return;
    const { url, md5 } = this.constructor as typeof EMNIST;
    downloadAndExtractArchive(url, this.rawFolder, { md5 });
    const folder = join(this.rawFolder, "gzip");
    for (const name of splits.flatMap((split) => ["train", "test"].map((part) => `emnist-${split}-${part}`))) {
      for (const file of [`${name}-images-idx3-ubyte.gz`, `${name}-labels-idx1-ubyte.gz`])
        if (existsSync(join(folder, file))) extractArchive(join(folder, file), this.rawFolder);
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

const subsets = { train: "train", test: "test", test10k: "test", test50k: "test", nist: "nist" } as const;
type What = keyof typeof subsets;

export interface QMNISTOptions<X, Y> extends Omit<MNISTOptions<X, Y>, "targetTransform"> {
  /** The part of the digits; by default what `train` says. */
  what?: What;
  /** Whether a target is the digit alone, as in MNIST, or all that is known, in eight numbers. */
  compat?: boolean;
  targetTransform?: TransformFunction<never, Y> | null;
}

const qmnistParams = {
  root: text,
  what: optional(word(...(Object.keys(subsets) as What[]))),
  compat: flagOn,
  train: flagOn,
  ...transformParams,
  download: flag,
};

const published = "https://raw.githubusercontent.com/facebookresearch/qmnist/master/";

/**
 * The digits of MNIST with what was known of each when it was written.
 *
 * The part `nist` is packed in a way (xz) that is not read here: its files have to be there unpacked.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.QMNIST.html
 */
export class QMNIST<X = Image, Y = number> extends ImageDataset<X, Y> {
  /** Address and checksum of the images and the labels of each part. */
  static readonly resources: Readonly<
    Record<"train" | "test" | "nist", readonly (readonly [url: string, md5: string])[]>
  > = {
    train: [
      [`${published}qmnist-train-images-idx3-ubyte.gz`, "ed72d4157d28c017586c42bc6afe6370"],
      [`${published}qmnist-train-labels-idx2-int.gz`, "0058f8dd561b90ffdd0f734c6a30e5e4"],
    ],
    test: [
      [`${published}qmnist-test-images-idx3-ubyte.gz`, "1394631089c404de565df7b7aeaf9412"],
      [`${published}qmnist-test-labels-idx2-int.gz`, "5b5b05890a5e13444e108efe57b788aa"],
    ],
    nist: [
      [`${published}xnist-images-idx3-ubyte.xz`, "7f124b3b8ab81486c9d8c2749c17f834"],
      [`${published}xnist-labels-idx2-int.xz`, "5ed0e788978e45d4a8bd4b7caec3d79d"],
    ],
  };
  static readonly classes: readonly string[] = MNIST.classes;

  readonly what: What;
  readonly compat: boolean;
  /** The images: uint8 of shape [images, 28, 28]. */
  readonly data: Tensor;
  /** What is known of each: int64 of shape [images, 8], of which the first is the digit. */
  readonly targets: Tensor;

  constructor(...args: [root: string, options?: QMNISTOptions<X, Y>]) {
    const { root, what, compat, train, transform, targetTransform, download } = new Signature(
      new.target.name,
      qmnistParams,
    ).parse(args);
    super(root, { transform, targetTransform });
    this.what = what ?? (train ? "train" : "test");
    this.compat = compat;
    provideFiles(() => this.isThere(), download && (() => this.download()), "Dataset not found.");
    const [imagesFile, labelsFile] = this.files;
    const { sizes, data } = readIdx(imagesFile, 3);
    const targets = readIdxInts(labelsFile, 2);
    const [from, to] =
      this.what === "test10k" ? [0, 10000] : this.what === "test50k" ? [10000, sizes[0]] : [0, sizes[0]];
    this.data = torch.asarray(data).view(sizes).at(`${from}:${to}`);
    this.targets = torch.tensor(targets.data, { dtype: torch.int64 }).view(targets.sizes).at(`${from}:${to}`);
  }

  override get length(): number {
    return this.data.length;
  }

  get classes(): readonly string[] {
    return QMNIST.classes;
  }

  /** The number of each class. */
  get classToIdx(): Record<string, number> {
    return Object.fromEntries(this.classes.map((name, number) => [name, number]));
  }

  get rawFolder(): string {
    return join(this.root, this.constructor.name, "raw");
  }

  private get resources(): readonly (readonly [url: string, md5: string])[] {
    return (this.constructor as typeof QMNIST).resources[subsets[this.what]];
  }

  private get files(): [images: string, labels: string] {
    return this.resources.map(([url]) => join(this.rawFolder, basename(url).replace(/\.[^.]*$/, ""))) as [
      string,
      string,
    ];
  }

  private isThere(): boolean {
    return this.files.every(hasIdx);
  }

  protected imageAt(index: number): Image {
    return Image.fromArray(this.data.select(0, index));
  }

  protected targetAt(index: number): unknown {
    const all = this.targets.select(0, index);
    return this.compat ? all.select(0, 0).item() : all;
  }

  /** Fetches the files of this part, unless they are there. */
  download(): void {
    if (this.isThere()) return;
    for (const [url, md5] of this.resources) {
      downloadUrl(url, this.rawFolder, undefined, md5);
      extractArchive(join(this.rawFolder, basename(url)));
    }
  }

  override extraRepr(): string {
    return `Split: ${this.what}`;
  }
}

shareable(import.meta.url, { EMNIST, QMNIST });
