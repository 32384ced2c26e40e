/** COCO: scenes, in which things are outlined and described. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import torch from "flambeau";
import { callable, optional, Signature, text } from "flambeau/arguments";
import { Image } from "../image.js";
import { ImageDataset } from "./imageDataset.js";
import { type SampleFunction, type TransformFunction, transformParams } from "./visionDataset.js";

const { shareable } = torch.utils.data;

/** What is said of one thing in an image, as it stands in the file. */
export interface CocoAnnotation {
  // biome-ignore lint/suspicious/noExplicitAny: what a file says, only its reader knows
  readonly [name: string]: any;
}

/** What is known of an image. */
export interface CocoImage {
  readonly id: number;
  readonly file_name: string;
}

interface CocoArguments<T, X, Y> {
  transform?: TransformFunction<Image, X> | null;
  targetTransform?: TransformFunction<T, Y> | null;
  /** What is done to image and target together. */
  transforms?: ((image: Image, target: T) => readonly [X, Y]) | null;
}

const params = {
  root: text,
  annFile: { ...text, endsPositional: false },
  ...transformParams,
  transforms: optional(callable),
};

abstract class CocoDataset<T, X, Y> extends ImageDataset<X, Y> {
  /** The numbers of the images, in order. */
  readonly ids: number[];
  /** What is known of each image, and of what is in it, by its number. */
  readonly imgs: Map<number, CocoImage>;
  readonly imgToAnns: Map<number, CocoAnnotation[]>;

  /**
   * @param root the folder with the images.
   * @param annFile the path of the JSON file with the annotations.
   */
  constructor(
    ...args:
      | [root: string, annFile: string, options?: CocoArguments<T, X, Y>]
      | [
          root: string,
          annFile: string,
          transform: TransformFunction<Image, X> | null | undefined,
          targetTransform?: TransformFunction<T, Y> | null,
          transforms?: ((image: Image, target: T) => readonly [X, Y]) | null,
        ]
  ) {
    const { root, annFile, transform, targetTransform, transforms } = new Signature(new.target.name, params).parse(
      args as never,
    );
    super(root, { transform, targetTransform, transforms: transforms as SampleFunction | undefined });
    const content = JSON.parse(readFileSync(annFile, "utf8")) as {
      images?: CocoImage[];
      annotations?: CocoAnnotation[];
    };
    if (!Array.isArray(content.images)) throw new Error(`${annFile} has no list of images`);
    this.imgs = new Map(content.images.map((image) => [image.id, image]));
    this.ids = [...this.imgs.keys()].sort((a, b) => a - b);
    this.imgToAnns = new Map(this.ids.map((id) => [id, []]));
    for (const annotation of content.annotations ?? []) this.imgToAnns.get(annotation.image_id)?.push(annotation);
  }

  override get length(): number {
    return this.ids.length;
  }

  protected imageAt(index: number): Image {
    const { file_name: name } = this.imgs.get(this.ids[index] as number) as CocoImage;
    return Image.open(join(this.root, name)).convert("RGB");
  }

  protected annotationsAt(index: number): CocoAnnotation[] {
    return this.imgToAnns.get(this.ids[index] as number) as CocoAnnotation[];
  }
}

/**
 * Scenes with what is in them as target: a list of objects with the keys of the file (`bbox`, `category_id`,
 * `segmentation`, …).
 *
 * @example new CocoDetection("val2017", "annotations/instances_val2017.json", { transform: new ToTensor() })
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.CocoDetection.html
 */
export class CocoDetection<X = Image, Y = CocoAnnotation[]> extends CocoDataset<CocoAnnotation[], X, Y> {
  protected targetAt(index: number): CocoAnnotation[] {
    return this.annotationsAt(index);
  }
}

/**
 * Scenes with sentences about them as target.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.CocoCaptions.html
 */
export class CocoCaptions<X = Image, Y = string[]> extends CocoDataset<string[], X, Y> {
  protected targetAt(index: number): string[] {
    return this.annotationsAt(index).map(({ caption }) => caption as string);
  }
}

shareable(import.meta.url, { CocoDetection, CocoCaptions });
