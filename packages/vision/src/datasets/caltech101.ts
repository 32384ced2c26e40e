/** Things of 101 kinds. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import torch, { type Tensor } from "flambeau";
import { flag, Signature, text } from "flambeau/arguments";
import { Image } from "../image.js";
import { downloadAndExtractArchive, isFolder } from "./fetch/archive.js";
import { readMat } from "./files/mat.js";
import { ImageDataset } from "./imageDataset.js";
import { targetOf, targetTypes } from "./targetTypes.js";
import { provideFiles, type TransformFunction, transformParams } from "./visionDataset.js";

const { shareable } = torch.utils.data;

type TargetType = "category" | "annotation";

export interface Caltech101Options<X, Y> {
  /** What a target is: the number of the class by default, or the outline that was drawn, `[2, points]`; or a list of both. */
  targetType?: TargetType | readonly TargetType[];
  transform?: TransformFunction<Image, X> | null;
  targetTransform?: TransformFunction<never, Y> | null;
  /** Whether to fetch the data where it is not there yet. */
  download?: boolean;
}

const params = {
  root: text,
  targetType: targetTypes<TargetType>("category", "category", "annotation"),
  ...transformParams,
  download: flag,
};

/** What folders of outlines are called that are not called as those of the images. */
const outlineFolders: Readonly<Record<string, string>> = {
  Faces: "Faces_2",
  Faces_easy: "Faces_3",
  Motorbikes: "Motorbikes_16",
  airplanes: "Airplanes_Side_2",
};

const numbered = (index: number): string => String(index).padStart(4, "0");

/**
 * 8,677 photographs of things of 101 kinds. Some are grey: an image is as it is in its file.
 *
 * @throws Error if the files are not there.
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.Caltech101.html
 */
export class Caltech101<X = Image, Y = number> extends ImageDataset<X, Y> {
  /** Address, name and checksum of the archives. */
  static readonly archives: readonly (readonly [url: string, filename: string, md5: string])[] = [
    [
      "https://drive.google.com/file/d/137RyRjvTBkBiIfeYBNZBtViDHQ6_Ewsp",
      "101_ObjectCategories.tar.gz",
      "b224c7392d521a49829488ab0f1120d9",
    ],
    [
      "https://drive.google.com/file/d/175kQy3UsZ0wUEHZjqkUDdNVssr7bgh_m",
      "Annotations.tar",
      "6f83eeb1f24d99cab4eb377263132c91",
    ],
  ];

  readonly targetType: readonly TargetType[];
  /** The names of the classes, at their numbers. */
  readonly categories: string[];
  /** The number of each image in its class, from 1, and the class. */
  readonly index: number[];
  readonly y: number[];

  /** @param root the folder that holds a folder `caltech101`, or will hold it. */
  constructor(...args: [root: string, options?: Caltech101Options<X, Y>]) {
    const { root, targetType, transform, targetTransform, download } = new Signature(new.target.name, params).parse(
      args as never,
    );
    super(join(root, "caltech101"), { transform, targetTransform });
    this.targetType = targetType;
    provideFiles(() => this.isThere(), download && (() => this.download()));
    this.categories = readdirSync(this.imageFolder)
      .filter((name) => name !== "BACKGROUND_Google")
      .sort();
    const counts = this.categories.map((name) => readdirSync(join(this.imageFolder, name)).length);
    this.index = counts.flatMap((count) => Array.from({ length: count }, (_, i) => i + 1));
    this.y = counts.flatMap((count, label) => new Array<number>(count).fill(label));
  }

  override get length(): number {
    return this.y.length;
  }

  private categoryOf(index: number): string {
    return this.categories[this.y[index] as number] as string;
  }

  protected imageAt(index: number): Image {
    const name = `image_${numbered(this.index[index] as number)}.jpg`;
    return Image.open(join(this.imageFolder, this.categoryOf(index), name));
  }

  protected targetAt(index: number): unknown {
    return targetOf(this.targetType.map((type) => (type === "category" ? this.y[index] : this.outlineAt(index))));
  }

  /** The outline of an image: float64 of shape [2, points]. */
  private outlineAt(index: number): Tensor {
    const category = this.categoryOf(index);
    const name = `annotation_${numbered(this.index[index] as number)}.mat`;
    const path = join(this.root, "Annotations", outlineFolders[category] ?? category, name);
    const outline = readMat(readFileSync(path), path).get("obj_contour");
    if (outline === undefined) throw new Error(`${path} is broken: it has no 'obj_contour'`);
    const [rows, columns] = outline.shape as [number, number];
    return torch.tensor(Float64Array.from(outline.data)).view(columns, rows).t();
  }

  private get imageFolder(): string {
    return join(this.root, "101_ObjectCategories");
  }

  private isThere(): boolean {
    return isFolder(this.imageFolder);
  }

  /** Fetches the files, unless they are there. */
  download(): void {
    if (this.isThere()) return;
    for (const [url, filename, md5] of (this.constructor as typeof Caltech101).archives)
      downloadAndExtractArchive(url, this.root, { filename, md5 });
  }

  override extraRepr(): string {
    return `Target type: [${this.targetType.map((type) => `'${type}'`).join(", ")}]`;
  }
}

shareable(import.meta.url, { Caltech101 });
