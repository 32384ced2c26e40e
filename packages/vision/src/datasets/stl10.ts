/** STL10: images of ten classes, most of them without a label. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import torch, { type Tensor } from "flambeau";
import { flag, int, optional, Signature, text, word } from "flambeau/arguments";
import type { Image } from "../image.js";
import type { CheckedFile } from "./cifar.js";
import { checkIntegrity, downloadAndExtractArchive } from "./fetch/archive.js";
import { PixelDataset } from "./imageDataset.js";
import { provideFiles, type TransformFunction, transformParams } from "./visionDataset.js";

const { shareable } = torch.utils.data;

const splits = ["train", "train+unlabeled", "unlabeled", "test"] as const;
type Split = (typeof splits)[number];

export interface STL10Options<X, Y> {
  /** The training set by default. */
  split?: Split;
  /** One of the ten folds of the training set, from 0 to 9; all of it by default. */
  folds?: number | null;
  transform?: TransformFunction<Image, X> | null;
  targetTransform?: TransformFunction<number, Y> | null;
  /** Whether to fetch the data where it is not there yet. */
  download?: boolean;
}

const params = {
  root: text,
  split: optional(word(...splits), "train"),
  folds: optional(int),
  ...transformParams,
  download: flag,
};

const side = 96;

/**
 * Images of 96x96 pixels in colour: 5,000 to train with, 8,000 to test, and 100,000 without a label, whose target is -1.
 *
 * @throws Error if the files are not there, or are others than were published.
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.STL10.html
 */
export class STL10<X = Image, Y = number> extends PixelDataset<X, Y> {
  static readonly baseFolder: string = "stl10_binary";
  static readonly url: string | readonly string[] = "http://ai.stanford.edu/~acoates/stl10/stl10_binary.tar.gz";
  static readonly filename: string = "stl10_binary.tar.gz";
  static readonly tgzMd5: string = "91f7769df0f17e558f3565bffb0c7dfb";
  static readonly trainList: readonly CheckedFile[] = [
    ["train_X.bin", "918c2871b30a85fa023e0c44e0bee87f"],
    ["train_y.bin", "5a34089d4802c674881badbb80307741"],
    ["unlabeled_X.bin", "5242ba1fed5e4be9e1e742405eb56ca4"],
  ];
  static readonly testList: readonly CheckedFile[] = [
    ["test_X.bin", "7f263ba9f9e0b06b93213547f721ac82"],
    ["test_y.bin", "36f9794fa4beb8a2c72628de14fa638e"],
  ];

  readonly split: Split;
  readonly folds: number | undefined;
  /** The images: uint8 of shape [images, 3, 96, 96]. */
  readonly data: Tensor;
  /** The classes: int64, -1 where there is none. */
  readonly labels: Tensor;
  /** The names of the classes, where the file with them is there. */
  readonly classes: string[] | undefined;

  constructor(...args: [root: string, options?: STL10Options<X, Y>]) {
    const { root, split, folds, transform, targetTransform, download } = new Signature(new.target.name, params).parse(
      args,
    );
    super(root, { transform, targetTransform });
    if (folds !== undefined && (folds < 0 || folds > 9))
      throw new RangeError(`Value for argument folds should be in the range [0, 10), but got ${folds}.`);
    this.split = split;
    this.folds = folds;
    provideFiles(() => this.isWhole(), download && (() => this.download()));
    const parts = (split === "test" ? ["test"] : split.split("+")).map((part) => this.readPart(part));
    this.data = torch.cat(parts.map(([images]) => images));
    this.labels = torch.cat(parts.map(([, labels]) => labels));
    const names = this.path("class_names.txt");
    if (existsSync(names)) this.classes = readFileSync(names, "utf8").trim().split("\n");
  }

  /** Images and labels of a part; of the training set only the fold that was asked for. */
  private readPart(part: string): [images: Tensor, labels: Tensor] {
    // The columns of each colour stand one after the other.
    const images = torch
      .tensor(new Uint8Array(readFileSync(this.path(`${part}_X.bin`))))
      .view(-1, 3, side, side)
      .transpose(2, 3);
    if (part === "unlabeled") return [images, torch.full([images.length], -1, { dtype: torch.int64 })];
    const labels = torch
      .tensor(new Uint8Array(readFileSync(this.path(`${part}_y.bin`))))
      .long()
      .sub(1);
    if (part === "test" || this.folds === undefined) return [images, labels];
    const lines = readFileSync(this.path("fold_indices.txt"), "utf8").split("\n");
    const places = (lines[this.folds] ?? "").trim().split(/\s+/).map(Number);
    const rows = torch.tensor(places, { dtype: torch.int64 });
    return [images.indexSelect(0, rows), labels.indexSelect(0, rows)];
  }

  protected get pixels(): Tensor {
    return this.data.permute(0, 2, 3, 1);
  }

  private get published(): typeof STL10 {
    return this.constructor as typeof STL10;
  }

  private path(name: string): string {
    return join(this.root, this.published.baseFolder, name);
  }

  private isWhole(): boolean {
    const { trainList, testList } = this.published;
    return [...trainList, ...testList].every(([name, md5]) => checkIntegrity(this.path(name), md5));
  }

  /** Fetches the files, unless they are there. */
  download(): void {
    if (this.isWhole()) return;
    const { url, filename, tgzMd5: md5 } = this.published;
    downloadAndExtractArchive(url, this.root, { filename, md5 });
  }

  override extraRepr(): string {
    return `Split: ${this.split}`;
  }
}

shareable(import.meta.url, { STL10 });
