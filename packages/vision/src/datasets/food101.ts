/** Dishes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import torch from "flambeau";
import { flag, optional, Signature, text, word } from "flambeau/arguments";
import { Image } from "../image.js";
import { downloadAndExtractArchive, isFolder } from "./fetch/archive.js";
import { ImageDataset } from "./imageDataset.js";
import { provideFiles, type TransformFunction, transformParams } from "./visionDataset.js";

const { shareable } = torch.utils.data;

export interface Food101Options<X, Y> {
  /** The training set by default. */
  split?: "train" | "test";
  transform?: TransformFunction<Image, X> | null;
  targetTransform?: TransformFunction<number, Y> | null;
  /** Whether to fetch the data where it is not there yet. */
  download?: boolean;
}

const params = {
  root: text,
  split: optional(word("train", "test"), "train"),
  ...transformParams,
  download: flag,
};

/**
 * 101,000 photographs of dishes of 101 kinds: of each 750 to train with, and 250 to test.
 *
 * @throws Error if the files are not there.
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.Food101.html
 */
export class Food101<X = Image, Y = number> extends ImageDataset<X, Y> {
  static readonly url: string | readonly string[] = "http://data.vision.ee.ethz.ch/cvl/food-101.tar.gz";
  static readonly md5: string = "85eeb15f3717b99a5da872d97d918f87";

  readonly split: "train" | "test";
  /** The names of the classes, at their numbers. */
  readonly classes: string[];
  readonly classToIdx: Record<string, number>;
  /** The paths of the images, and their classes. */
  readonly imageFiles: string[];
  readonly labels: number[];

  constructor(...args: [root: string, options?: Food101Options<X, Y>]) {
    const { root, split, transform, targetTransform, download } = new Signature(new.target.name, params).parse(args);
    super(root, { transform, targetTransform });
    this.split = split;
    provideFiles(() => this.isThere(), download && (() => this.download()), "Dataset not found.");
    const list = JSON.parse(readFileSync(join(this.folder, "meta", `${split}.json`), "utf8")) as Record<
      string,
      string[]
    >;
    this.classes = Object.keys(list).sort();
    this.classToIdx = Object.fromEntries(this.classes.map((name, index) => [name, index]));
    this.labels = Object.entries(list).flatMap(([name, images]) => images.map(() => this.classToIdx[name] as number));
    this.imageFiles = Object.values(list).flatMap((images) =>
      images.map((image) => join(this.folder, "images", `${image}.jpg`)),
    );
  }

  override get length(): number {
    return this.imageFiles.length;
  }

  protected imageAt(index: number): Image {
    return Image.open(this.imageFiles[index] as string).convert("RGB");
  }

  protected targetAt(index: number): number {
    return this.labels[index] as number;
  }

  private get folder(): string {
    return join(this.root, "food-101");
  }

  private isThere(): boolean {
    return isFolder(join(this.folder, "meta")) && isFolder(join(this.folder, "images"));
  }

  /** Fetches the files, unless they are there. */
  download(): void {
    if (this.isThere()) return;
    const { url, md5 } = this.constructor as typeof Food101;
    downloadAndExtractArchive(url, this.root, { md5 });
  }

  override extraRepr(): string {
    return `split=${this.split}`;
  }
}

shareable(import.meta.url, { Food101 });
