/** Faces of people whom many know. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import torch, { type Tensor } from "flambeau";
import { flag, optional, Signature, text, word } from "flambeau/arguments";
import { Image } from "../image.js";
import { checkIntegrity, downloadUrl, extractArchive, isFolder } from "./fetch/archive.js";
import { ImageDataset } from "./imageDataset.js";
import { targetOf, targetTypes } from "./targetTypes.js";
import { provideFiles, type TransformFunction, transformParams } from "./visionDataset.js";

const { shareable } = torch.utils.data;

type TargetType = "attr" | "identity" | "bbox" | "landmarks";

/** The numbers by which the file of the splits names them. */
const splits = { train: 0, valid: 1, test: 2, all: undefined } as const;
type Split = keyof typeof splits;

export interface CelebAOptions<X, Y> {
  /** The training set by default. */
  split?: Split;
  /**
   * What a target is: by default 40 attributes that are there or not, or who it is, or the box `[x, y, width, height]`
   * around the face, or ten numbers for eyes, nose and mouth; or a list of these. With an empty one there is no target.
   */
  targetType?: TargetType | readonly TargetType[];
  transform?: TransformFunction<Image, X> | null;
  targetTransform?: TransformFunction<never, Y> | null;
  /** Whether to fetch the data where it is not there yet. */
  download?: boolean;
}

const params = {
  root: text,
  split: optional(word("train", "valid", "test", "all"), "train"),
  targetType: targetTypes<TargetType>("attr", "attr", "identity", "bbox", "landmarks"),
  ...transformParams,
  download: flag,
};

const drive = (id: string): string => `https://drive.google.com/file/d/${id}`;

/**
 * 202,599 photographs of faces, with what is seen on them.
 *
 * @throws Error if the files are not there, or are others than were published.
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.CelebA.html
 */
export class CelebA<X = Image, Y = Tensor> extends ImageDataset<X, Y> {
  static readonly baseFolder: string = "celeba";
  /** Address, checksum and name of the files. */
  static readonly fileList: readonly (readonly [url: string, md5: string, filename: string])[] = [
    [drive("0B7EVK8r0v71pZjFTYXZWM3FlRnM"), "00d2c5bc6d35e252742224ab0c1e8fcb", "img_align_celeba.zip"],
    [drive("0B7EVK8r0v71pblRyaVFSWGxPY0U"), "75e246fa4810816ffd6ee81facbd244c", "list_attr_celeba.txt"],
    [drive("1_ee_0u7vcNLOfNLegJRHmolfH5ICW-XS"), "32bd1bd63d3c78cd57e08160ec5ed1e2", "identity_CelebA.txt"],
    [drive("0B7EVK8r0v71pbThiMVRxWXZ4dU0"), "00566efa6fedff7a56946cd1c10f1c16", "list_bbox_celeba.txt"],
    [drive("0B7EVK8r0v71pd0FJY3Blby1HUTQ"), "cc24ecafdb5b50baae59b03474781f8c", "list_landmarks_align_celeba.txt"],
    [drive("0B7EVK8r0v71pY0NSMzRuSXJEVkk"), "d32c9cbf5e040fd4025c592c306e6668", "list_eval_partition.txt"],
  ];

  readonly split: Split;
  readonly targetType: readonly TargetType[];
  /** The names of the images. */
  readonly filename: string[];
  /** int64 of shape [images, 40], [images, 1], [images, 4] and [images, 10]. */
  readonly attr: Tensor;
  readonly identity: Tensor;
  readonly bbox: Tensor;
  readonly landmarksAlign: Tensor;
  readonly attrNames: string[];

  /** @param root the folder that holds a folder `celeba`, or will hold it. */
  constructor(...args: [root: string, options?: CelebAOptions<X, Y>]) {
    const { root, split, targetType, transform, targetTransform, download } = new Signature(
      new.target.name,
      params,
    ).parse(args as never);
    super(root, { transform, targetTransform });
    if (targetType.length === 0 && targetTransform !== undefined)
      throw new Error("target_transform is specified but target_type is empty");
    this.split = split;
    this.targetType = targetType;
    provideFiles(() => this.isWhole(), download && (() => this.download()));
    const partition = this.readTable("list_eval_partition.txt");
    const isChosen = (row: number): boolean => split === "all" || partition.rows[row]?.[0] === splits[split];
    const chosen = partition.names.flatMap((_, row) => (isChosen(row) ? [row] : []));
    const numbers = ({ rows }: Table): Tensor =>
      torch.tensor(
        chosen.map((row) => rows[row] as number[]),
        { dtype: torch.int64 },
      );
    const attributes = this.readTable("list_attr_celeba.txt", 1);
    this.filename = chosen.map((row) => partition.names[row] as string);
    this.identity = numbers(this.readTable("identity_CelebA.txt"));
    this.bbox = numbers(this.readTable("list_bbox_celeba.txt", 1));
    this.landmarksAlign = numbers(this.readTable("list_landmarks_align_celeba.txt", 1));
    // What is there is told as 1, and what is not as -1.
    this.attr = numbers(attributes).add(1).div(2, { roundingMode: "floor" });
    this.attrNames = attributes.header;
  }

  /** A file of words between spaces: a name and numbers in each line, behind some lines of which the last is the header. */
  private readTable(name: string, header = -1): Table {
    const lines = readFileSync(this.path(name), "utf8").split("\n");
    const content = lines
      .slice(header + 1)
      .map((line) => line.trim().split(/\s+/))
      .filter((words) => words.length > 1);
    return {
      // A space behind the last name makes one more, without letters.
      header: lines[header]?.replace(/\r$/, "").split(/ +/) ?? [],
      names: content.map(([first]) => first as string),
      rows: content.map(([, ...rest]) => rest.map(Number)),
    };
  }

  override get length(): number {
    return this.filename.length;
  }

  protected imageAt(index: number): Image {
    return Image.open(this.path(join("img_align_celeba", this.filename[index] as string)));
  }

  protected targetAt(index: number): unknown {
    const { attr, identity, bbox, landmarksAlign: landmarks } = this;
    const tables = { attr, identity, bbox, landmarks };
    return targetOf(
      this.targetType.map((type) => {
        const row = tables[type].select(0, index);
        return type === "identity" ? row.select(0, 0) : row;
      }),
    );
  }

  private get published(): typeof CelebA {
    return this.constructor as typeof CelebA;
  }

  private path(name: string): string {
    return join(this.root, this.published.baseFolder, name);
  }

  private isWhole(): boolean {
    const texts = this.published.fileList.filter(([, , name]) => !name.endsWith(".zip"));
    return (
      texts.every(([, md5, name]) => checkIntegrity(this.path(name), md5)) && isFolder(this.path("img_align_celeba"))
    );
  }

  /** Fetches the files, unless they are there. */
  download(): void {
    if (this.isWhole()) return;
    for (const [url, md5, name] of this.published.fileList) downloadUrl(url, this.path(""), name, md5);
    extractArchive(this.path("img_align_celeba.zip"));
  }

  override extraRepr(): string {
    return `Target type: [${this.targetType.map((type) => `'${type}'`).join(", ")}]\nSplit: ${this.split}`;
  }
}

interface Table {
  readonly header: string[];
  readonly names: string[];
  readonly rows: number[][];
}

shareable(import.meta.url, { CelebA });
