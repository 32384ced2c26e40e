/** Flowers that are common in the United Kingdom. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import torch from "flambeau";
import { flag, optional, Signature, text, word } from "flambeau/arguments";
import { Image } from "../image.js";
import { checkIntegrity, downloadAndExtractArchive, downloadUrl, isFolder } from "./fetch/archive.js";
import { type MatArray, readMat } from "./files/mat.js";
import { ImageDataset } from "./imageDataset.js";
import { provideFiles, type TransformFunction, transformParams } from "./visionDataset.js";

const { shareable } = torch.utils.data;

/** The variables in which the splits are told. */
const splits = { train: "trnid", val: "valid", test: "tstid" } as const;
type Split = keyof typeof splits;

export interface Flowers102Options<X, Y> {
  /** The training set by default. */
  split?: Split;
  transform?: TransformFunction<Image, X> | null;
  targetTransform?: TransformFunction<number, Y> | null;
  /** Whether to fetch the data where it is not there yet. */
  download?: boolean;
}

const params = {
  root: text,
  split: optional(word("train", "val", "test"), "train"),
  ...transformParams,
  download: flag,
};

/**
 * 8,189 photographs of flowers of 102 kinds: 1,020 to train with, as many to validate, and 6,149 to test.
 *
 * @throws Error if the files are not there, or are others than were published.
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.Flowers102.html
 */
export class Flowers102<X = Image, Y = number> extends ImageDataset<X, Y> {
  static readonly downloadUrlPrefix: string = "https://www.robots.ox.ac.uk/~vgg/data/flowers/102/";
  /** Names and checksums of the published files. */
  static readonly fileDict: Readonly<Record<"image" | "label" | "setid", readonly [filename: string, md5: string]>> = {
    image: ["102flowers.tgz", "52808999861908f626f3c1f4e79d11fa"],
    label: ["imagelabels.mat", "e0620be6f572b9609742df49c70aed4d"],
    setid: ["setid.mat", "a5357ecc9cb78c4bef273ce3793fc85c"],
  };

  readonly split: Split;
  /** The paths of the images, and their classes. */
  readonly imageFiles: string[];
  readonly labels: number[];

  constructor(...args: [root: string, options?: Flowers102Options<X, Y>]) {
    const { root, split, transform, targetTransform, download } = new Signature(new.target.name, params).parse(args);
    super(root, { transform, targetTransform });
    this.split = split;
    provideFiles(() => this.isWhole(), download && (() => this.download()));
    const ids = this.readMat("setid", splits[split]);
    const kinds = this.readMat("label", "labels");
    this.labels = ids.map((id) => (kinds[id - 1] as number) - 1);
    this.imageFiles = ids.map((id) => join(this.folder, "jpg", `image_${String(id).padStart(5, "0")}.jpg`));
  }

  private readMat(file: "label" | "setid", variable: string): number[] {
    const path = join(this.folder, this.published.fileDict[file][0]);
    const found = readMat(readFileSync(path), path).get(variable) as MatArray | undefined;
    if (found === undefined) throw new Error(`${path} is broken: it has no '${variable}'`);
    return Array.from(found.data);
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

  private get published(): typeof Flowers102 {
    return this.constructor as typeof Flowers102;
  }

  private get folder(): string {
    return join(this.root, "flowers-102");
  }

  private isWhole(): boolean {
    const { label, setid } = this.published.fileDict;
    return (
      isFolder(join(this.folder, "jpg")) &&
      [label, setid].every(([name, md5]) => checkIntegrity(join(this.folder, name), md5))
    );
  }

  /** Fetches the files, unless they are there. */
  download(): void {
    if (this.isWhole()) return;
    const { downloadUrlPrefix: prefix, fileDict } = this.published;
    const [archive, md5] = fileDict.image;
    downloadAndExtractArchive(prefix + archive, this.folder, { md5 });
    for (const [name, sum] of [fileDict.label, fileDict.setid]) downloadUrl(prefix + name, this.folder, name, sum);
  }

  override extraRepr(): string {
    return `split=${this.split}`;
  }
}

shareable(import.meta.url, { Flowers102 });
