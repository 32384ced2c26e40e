/** Cats and dogs. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import torch from "flambeau";
import { callable, flag, optional, Signature, text, word } from "flambeau/arguments";
import { Image } from "../image.js";
import { downloadAndExtractArchive, isFolder } from "./fetch/archive.js";
import { ImageDataset } from "./imageDataset.js";
import { targetOf, targetTypes } from "./targetTypes.js";
import { provideFiles, type SampleFunction, type TransformFunction, transformParams } from "./visionDataset.js";

const { shareable } = torch.utils.data;

type TargetType = "category" | "segmentation";
type Split = "trainval" | "test";

export interface OxfordIIITPetOptions<X, Y> {
  /** The images to train and validate with by default. */
  split?: Split;
  /** What a target is: the number of the class by default, or an image that tells animal, background and edge; or a list. */
  targetTypes?: TargetType | readonly TargetType[];
  /** What is done to image and target together. */
  transforms?: ((image: Image, target: never) => readonly [X, Y]) | null;
  transform?: TransformFunction<Image, X> | null;
  targetTransform?: TransformFunction<never, Y> | null;
  /** Whether to fetch the data where it is not there yet. */
  download?: boolean;
}

const params = {
  root: text,
  split: optional(word("trainval", "test"), "trainval"),
  targetTypes: targetTypes<TargetType>("category", "category", "segmentation"),
  transforms: optional(callable),
  ...transformParams,
  download: flag,
};

/**
 * 7,349 photographs of cats and dogs of 37 breeds.
 *
 * @throws Error if the files are not there.
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.OxfordIIITPet.html
 */
export class OxfordIIITPet<X = Image, Y = number> extends ImageDataset<X, Y> {
  /** Address and checksum of the archives. */
  static readonly resources: readonly (readonly [url: string, md5: string])[] = [
    ["https://www.robots.ox.ac.uk/~vgg/data/pets/data/images.tar.gz", "5c4f3ee8e5d25df40f4fd59a7f44e54c"],
    ["https://www.robots.ox.ac.uk/~vgg/data/pets/data/annotations.tar.gz", "95a8c909bbe2e81eed6a22bccdf3f68f"],
  ];

  readonly split: Split;
  readonly targetTypes: readonly TargetType[];
  /** The names of the classes, at their numbers. */
  readonly classes: string[];
  readonly classToIdx: Record<string, number>;
  /** What the files of the images are called, and their classes. */
  readonly imageIds: string[];
  readonly labels: number[];

  /** @param root the folder that holds a folder `oxford-iiit-pet`, or will hold it. */
  constructor(...args: [root: string, options?: OxfordIIITPetOptions<X, Y>]) {
    const { root, split, targetTypes, transforms, transform, targetTransform, download } = new Signature(
      new.target.name,
      params,
    ).parse(args as never);
    super(root, { transform, targetTransform, transforms: transforms as SampleFunction | undefined });
    this.split = split;
    this.targetTypes = targetTypes;
    provideFiles(() => this.isThere(), download && (() => this.download()), "Dataset not found.");
    const lines = readFileSync(join(this.folder, "annotations", `${split}.txt`), "utf8")
      .trim()
      .split("\n");
    const rows = lines.map((line) => line.trim().split(/\s+/) as [string, string]);
    this.imageIds = rows.map(([id]) => id);
    this.labels = rows.map(([, label]) => Number(label) - 1);
    const breeds = new Map(this.labels.map((label, i) => [label, this.imageIds[i] as string]));
    this.classes = [...breeds].sort(([a], [b]) => a - b).map(([, id]) => title(id.slice(0, id.lastIndexOf("_"))));
    this.classToIdx = Object.fromEntries(this.classes.map((name, index) => [name, index]));
  }

  override get length(): number {
    return this.labels.length;
  }

  protected imageAt(index: number): Image {
    return Image.open(join(this.folder, "images", `${this.imageIds[index]}.jpg`)).convert("RGB");
  }

  protected targetAt(index: number): unknown {
    const mask = (): Image => Image.open(join(this.folder, "annotations", "trimaps", `${this.imageIds[index]}.png`));
    return targetOf(this.targetTypes.map((type) => (type === "category" ? this.labels[index] : mask())));
  }

  private get folder(): string {
    return join(this.root, "oxford-iiit-pet");
  }

  private isThere(): boolean {
    return ["images", "annotations"].every((name) => isFolder(join(this.folder, name)));
  }

  /** Fetches the files, unless they are there. */
  download(): void {
    if (this.isThere()) return;
    for (const [url, md5] of (this.constructor as typeof OxfordIIITPet).resources)
      downloadAndExtractArchive(url, this.folder, { md5 });
  }
}

/** A name of a file as that of a breed: `Great Pyrenees`. */
function title(name: string): string {
  return name
    .split("_")
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1).toLowerCase())
    .join(" ");
}

shareable(import.meta.url, { OxfordIIITPet });
