/** What data sets of images have in common. */
import { homedir } from "node:os";
import torch from "flambeau";
import { callable, optional } from "flambeau/arguments";

const { Dataset } = torch.utils.data;

/** A function, or an object that can be called. */
export type TransformFunction<I, O> = (input: I) => O;

/** A function of a sample as a whole. */
export type SampleFunction = (image: never, target: never) => readonly [unknown, unknown];

/** What is done to samples: to image and target each, or to both together. */
export interface Transforms {
  readonly transform?: TransformFunction<never, unknown> | undefined;
  readonly targetTransform?: TransformFunction<never, unknown> | undefined;
  readonly transforms?: SampleFunction | undefined;
}

/** The arguments `transform` and `targetTransform`. */
export const transformParams = { transform: optional(callable), targetTransform: optional(callable) };

/**
 * The base of data sets of images on disk: knows its folder and transforms, and prints as torchvision's.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.VisionDataset.html
 */
export abstract class VisionDataset<T> extends Dataset<T> {
  readonly root: string;
  readonly transform: TransformFunction<never, unknown> | undefined;
  readonly targetTransform: TransformFunction<never, unknown> | undefined;
  readonly transforms: SampleFunction | undefined;

  constructor(root: string, { transform, targetTransform, transforms }: Transforms) {
    super();
    if (typeof root !== "string")
      throw new TypeError(`${new.target.name}(): argument 'root' must be str, not ${typeof root}`);
    if (transforms !== undefined && (transform !== undefined || targetTransform !== undefined))
      throw new TypeError("Only transforms or transform/target_transform can be passed as argument");
    this.root = root.replace(/^~(?=$|\/)/, homedir());
    this.transform = transform;
    this.targetTransform = targetTransform;
    this.transforms = transforms;
  }

  /** A sample after its transforms. */
  protected transformed(image: unknown, target: unknown): T {
    if (this.transforms !== undefined) return [...this.transforms(image as never, target as never)] as T;
    return [
      this.transform === undefined ? image : this.transform(image as never),
      this.targetTransform === undefined ? target : this.targetTransform(target as never),
    ] as T;
  }

  /** More lines of the printed form. */
  extraRepr(): string {
    return "";
  }

  override toString(): string {
    const lines = [
      `Number of datapoints: ${this.length}`,
      ...(this.root === "" ? [] : [`Root location: ${this.root}`]),
      ...this.extraRepr().split("\n"),
      ...(this.transforms === undefined ? [] : String(this.transforms).split("\n")),
    ];
    if (this.transform !== undefined || this.targetTransform !== undefined) lines.push("StandardTransform");
    const text = [`Dataset ${this.constructor.name}`, ...lines.filter(Boolean).map((line) => `    ${line}`)];
    if (this.transform !== undefined) text.push(hanging("Transform: ", this.transform));
    if (this.targetTransform !== undefined) text.push(hanging("Target transform: ", this.targetTransform));
    return text.join("\n");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** A text whose further lines stand under the first one. */
function hanging(head: string, transform: TransformFunction<never, unknown>): string {
  return `${head}${String(transform).replaceAll("\n", `\n${" ".repeat(head.length)}`)}`;
}

/**
 * Fetches the files of a data set, if they are not there and there is a way to.
 *
 * @throws Error if they are not there then.
 */
export function provideFiles(
  areThere: () => boolean,
  fetch: (() => void) | false,
  what = "Dataset not found or corrupted.",
): void {
  if (areThere()) return;
  if (fetch) fetch();
  if (!fetch || !areThere()) throw new Error(`${what} You can use { download: true } to download it`);
}
