/** What data sets of images have in common. */
import { homedir } from "node:os";
import torch from "flambeau";

const { Dataset } = torch.utils.data;

/** A function, or an object that can be called. */
export type TransformFunction<I, O> = (input: I) => O;

/**
 * The base of data sets of images on disk: knows its folder and transforms, and prints as torchvision's.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.VisionDataset.html
 */
export abstract class VisionDataset<T> extends Dataset<T> {
  readonly root: string;

  constructor(
    root: string,
    readonly transform: TransformFunction<never, unknown> | undefined,
    readonly targetTransform: TransformFunction<never, unknown> | undefined,
  ) {
    super();
    if (typeof root !== "string")
      throw new TypeError(`${new.target.name}(): argument 'root' must be str, not ${typeof root}`);
    this.root = root.replace(/^~(?=$|\/)/, homedir());
  }

  /** More lines of the printed form. */
  extraRepr(): string {
    return "";
  }

  override toString(): string {
    const lines = [
      `Number of datapoints: ${this.length}`,
      `Root location: ${this.root}`,
      ...this.extraRepr().split("\n"),
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
