/** A folder of images with a CSV file of their labels: made from the sample of FashionMNIST, and read as a data set. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LabelBinarizer } from "@flambeau/preprocessing";
import { datasets, io } from "@flambeau/vision";
import torch, { type Tensor } from "flambeau";
import Papa from "papaparse";

const { Dataset, shareable } = torch.utils.data;

/** What pieces of clothing are called in the names of files. */
const names = ["tshirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankleboot"];
const numClasses = names.length;

/** Writes as many JPEG files as asked for into `images`, and their labels into `annotations.csv`. */
export function writeClothes(folder: string, count: number): void {
  const { data, targets } = new datasets.FashionMNIST(datasets.sampleRoot);
  mkdirSync(join(folder, "images"), { recursive: true });
  const rows = Array.from({ length: count }, (_, i) => {
    const label = targets.at(i).item();
    const name = `${names[label]}${i}.jpg`;
    io.writeJpeg(data.at(i).unsqueeze(0), join(folder, "images", name), 95);
    return [name, label];
  });
  writeFileSync(join(folder, "annotations.csv"), Papa.unparse([["Image_filename", "Label"], ...rows]));
}

/** One row of the file of labels. */
interface Annotation {
  readonly Image_filename: string;
  readonly Label: number;
}

/** Images in a folder, with labels in a CSV file. */
export class CustomImageDataset extends Dataset<[image: Tensor, label: Tensor]> {
  readonly imgLabels: Annotation[];

  constructor(
    annotationsFile: string,
    readonly imgDir: string,
    readonly transform: (image: Tensor) => Tensor,
    readonly targetTransform: (label: number) => Tensor,
  ) {
    super();
    const csv = readFileSync(annotationsFile, "utf8");
    this.imgLabels = Papa.parse<Annotation>(csv, { header: true, dynamicTyping: true }).data;
  }

  override get length(): number {
    return this.imgLabels.length;
  }

  override at(index: number): [image: Tensor, label: Tensor] {
    const { Image_filename: name, Label: label } = this.imgLabels[index] as Annotation;
    const image = io.readImage(join(this.imgDir, name));
    return [this.transform(image), this.targetTransform(label)];
  }
}

/** The label as a row of zeros with a one. */
export function labelTransform(label: number): Tensor {
  const binarizer = new LabelBinarizer().fit(Array(numClasses).keys());
  return binarizer.transform([label]).at(0);
}

// The workers of a loader look for these in this file.
shareable(import.meta.url, { CustomImageDataset, labelTransform });
