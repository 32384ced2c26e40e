/** Pascal VOC: scenes, in which things of twenty kinds are outlined or in boxes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import torch from "flambeau";
import { callable, flag, optional, Signature, text, word } from "flambeau/arguments";
import { Image } from "../image.js";
import { downloadAndExtractArchive, isFolder } from "./fetch/archive.js";
import { parseXml, type XmlElement } from "./files/xml.js";
import { ImageDataset } from "./imageDataset.js";
import { provideFiles, type SampleFunction, type TransformFunction, transformParams } from "./visionDataset.js";

const { shareable } = torch.utils.data;

const years = ["2007", "2008", "2009", "2010", "2011", "2012"] as const;
type Year = (typeof years)[number];
type ImageSet = "train" | "trainval" | "val" | "test";

/** A published archive. */
export interface VOCArchive {
  readonly url: string;
  readonly filename: string;
  readonly md5: string;
  /** The folder in it in which the data is. */
  readonly baseDir: string;
}

const archive = (year: string, name: string, md5: string, baseDir = `VOCdevkit/VOC${year}`): VOCArchive => ({
  url: `http://host.robots.ox.ac.uk/pascal/VOC/voc${year}/${name}`,
  filename: name,
  md5,
  baseDir,
});

export interface VOCOptions<T, X, Y> {
  /** 2012 by default. */
  year?: Year;
  /** The training set by default; `test` is there for 2007 alone. */
  imageSet?: ImageSet;
  /** Whether to fetch the data where it is not there yet. */
  download?: boolean;
  transform?: TransformFunction<Image, X> | null;
  targetTransform?: TransformFunction<T, Y> | null;
  /** What is done to image and target together. */
  transforms?: ((image: Image, target: T) => readonly [X, Y]) | null;
}

const params = {
  root: text,
  year: optional(word(...years), "2012"),
  imageSet: optional(word("train", "trainval", "val", "test"), "train"),
  download: flag,
  ...transformParams,
  transforms: optional(callable),
};

/** Where a data set finds its list of images, and its targets. */
interface Layout {
  readonly splits: string;
  readonly folder: string;
  readonly extension: string;
}

abstract class VOCDataset<T, X, Y> extends ImageDataset<X, Y> {
  /** The published archives by year. */
  static readonly archives: Readonly<Record<string, VOCArchive>> = {
    "2012": archive("2012", "VOCtrainval_11-May-2012.tar", "6cd6e144f989b92b3379bac3b3de84fd"),
    "2011": archive(
      "2011",
      "VOCtrainval_25-May-2011.tar",
      "6c3384ef61512963050cb5d687e5bf1e",
      "TrainVal/VOCdevkit/VOC2011",
    ),
    "2010": archive("2010", "VOCtrainval_03-May-2010.tar", "da459979d0c395079b5c75ee67908abb"),
    "2009": archive("2009", "VOCtrainval_11-May-2009.tar", "a3e00b113cfcfebf17e343f59da3caa1"),
    "2008": archive("2008", "VOCtrainval_14-Jul-2008.tar", "2629fa636546599198acfcfbfcf1904a"),
    "2007": archive("2007", "VOCtrainval_06-Nov-2007.tar", "c52e279531787c972589f7e41ab4ae64"),
    "2007-test": archive("2007", "VOCtest_06-Nov-2007.tar", "b6e924de25625d8de591ea690078ad9f"),
  };

  static readonly layout: Layout;

  readonly year: Year;
  readonly imageSet: ImageSet;
  /** The paths of the images and of the targets. */
  readonly images: string[];
  readonly targets: string[];

  constructor(...args: [root: string, options?: VOCOptions<T, X, Y>]) {
    const { root, year, imageSet, download, transform, targetTransform, transforms } = new Signature(
      new.target.name,
      params,
    ).parse(args as never);
    super(root, { transform, targetTransform, transforms: transforms as SampleFunction | undefined });
    if (imageSet === "test" && year !== "2007")
      throw new TypeError(`${new.target.name}(): the image set 'test' is there for the year 2007 alone`);
    this.year = year;
    this.imageSet = imageSet;
    const kind = new.target as unknown as typeof VOCDataset;
    const key = imageSet === "test" ? `${year}-test` : year;
    const { url, filename, md5, baseDir } = kind.archives[key] as VOCArchive;
    const folder = join(this.root, baseDir);
    const { splits, folder: targetFolder, extension } = kind.layout;
    const list = join(folder, "ImageSets", splits, `${imageSet}.txt`);
    const fetch = download && (() => downloadAndExtractArchive(url, this.root, { filename, md5 }));
    provideFiles(() => isFolder(folder), fetch);
    const names = readFileSync(list, "utf8")
      .trim()
      .split("\n")
      .map((line) => line.trim());
    this.images = names.map((name) => join(folder, "JPEGImages", `${name}.jpg`));
    this.targets = names.map((name) => join(folder, targetFolder, name + extension));
  }

  override get length(): number {
    return this.images.length;
  }

  protected imageAt(index: number): Image {
    return Image.open(this.images[index] as string).convert("RGB");
  }
}

/**
 * Scenes with an image as target that tells the class of each pixel.
 *
 * @throws Error if the files are not there.
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.VOCSegmentation.html
 */
export class VOCSegmentation<X = Image, Y = Image> extends VOCDataset<Image, X, Y> {
  static override readonly layout = { splits: "Segmentation", folder: "SegmentationClass", extension: ".png" };

  get masks(): string[] {
    return this.targets;
  }

  protected targetAt(index: number): Image {
    return Image.open(this.targets[index] as string);
  }
}

/** What an annotation says: texts, and what is in other elements. */
export interface VOCAnnotation {
  readonly [name: string]: string | VOCAnnotation | readonly (string | VOCAnnotation)[];
}

/**
 * Scenes with what the annotation of each says as target: `target.annotation.object` is the list of the things in it,
 * each with its `name` and its box, `bndbox`.
 *
 * @throws Error if the files are not there.
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.VOCDetection.html
 */
export class VOCDetection<X = Image, Y = VOCAnnotation> extends VOCDataset<VOCAnnotation, X, Y> {
  static override readonly layout = { splits: "Main", folder: "Annotations", extension: ".xml" };

  get annotations(): string[] {
    return this.targets;
  }

  protected targetAt(index: number): VOCAnnotation {
    const path = this.targets[index] as string;
    return VOCDetection.parseVocXml(parseXml(readFileSync(path, "utf8"), path));
  }

  /** An element as an object: what is there several times is a list, and so are the things in any case. */
  static parseVocXml(node: XmlElement): VOCAnnotation {
    if (node.children.length === 0) {
      return node.text === "" ? {} : { [node.tag]: node.text.trim() };
    }
    const found = new Map<string, VOCAnnotation[string][]>();
    if (node.tag === "annotation") found.set("object", []);
    for (const child of node.children.map(VOCDetection.parseVocXml)) {
      for (const [name, value] of Object.entries(child)) found.set(name, [...(found.get(name) ?? []), value]);
    }
    const entries = [...found].map(([name, values]) => {
      const isList = values.length !== 1 || (node.tag === "annotation" && name === "object");
      return [name, isList ? values : values[0]];
    });
    return { [node.tag]: Object.fromEntries(entries) };
  }
}

shareable(import.meta.url, { VOCSegmentation, VOCDetection });
