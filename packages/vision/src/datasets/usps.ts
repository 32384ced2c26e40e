/** Digits from envelopes of the US postal service. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import torch, { type Tensor } from "flambeau";
import { flag, flagOn, Signature, text } from "flambeau/arguments";
import type { Image } from "../image.js";
import { downloadUrl } from "./fetch/archive.js";
import { unpackBzip2 } from "./files/bzip2.js";
import { PixelDataset } from "./imageDataset.js";
import type { MNISTOptions } from "./mnist.js";
import { provideFiles, transformParams } from "./visionDataset.js";

const { shareable } = torch.utils.data;

const params = { root: text, train: flagOn, ...transformParams, download: flag };
const side = 16;
/** The published texts have less than 30 million letters. */
const largest = 2 ** 28;

/**
 * Handwritten digits of 16x16 grey pixels: 7,291 to train with and 2,007 to test.
 *
 * @throws Error if the file is not there, or is broken.
 * @see https://pytorch.org/vision/stable/generated/torchvision.datasets.USPS.html
 */
export class USPS<X = Image, Y = number> extends PixelDataset<X, Y> {
  /** Address, name and checksum of the file of each split. */
  static readonly splitList: Readonly<Record<"train" | "test", readonly [url: string, filename: string, md5: string]>> =
    {
      train: [
        "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/usps.bz2",
        "usps.bz2",
        "ec16c51db3855ca6c91edd34d0e9b197",
      ],
      test: [
        "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/usps.t.bz2",
        "usps.t.bz2",
        "8ea070ee2aca1ac39742fdd1ef5ed118",
      ],
    };

  /** The images: uint8 of shape [images, 16, 16]. */
  readonly data: Tensor;
  readonly targets: number[];

  constructor(...args: [root: string, options?: MNISTOptions<X, Y>]) {
    const { root, train, transform, targetTransform, download } = new Signature(new.target.name, params).parse(args);
    super(root, { transform, targetTransform });
    const [url, filename, md5] = (new.target as typeof USPS).splitList[train ? "train" : "test"];
    const path = join(this.root, filename);
    const fetch = download && (() => downloadUrl(url, this.root, filename, md5));
    provideFiles(() => existsSync(path), fetch, "Dataset not found.");
    const lines = Buffer.from(unpackBzip2(readFileSync(path), path, largest))
      .toString("latin1")
      .trim()
      .split("\n");
    this.data = torch.tensor(Uint8Array.from(lines.flatMap((line) => pixelsOf(line, path)))).view(-1, side, side);
    // The digits are told as 1 to 10.
    this.targets = lines.map((line) => Number.parseInt(line, 10) - 1);
  }

  protected get pixels(): Tensor {
    return this.data.unsqueeze(-1);
  }

  protected get labels(): readonly number[] {
    return this.targets;
  }
}

/** The bytes of the values from -1 to 1 that a line has as `place:value`. */
function pixelsOf(line: string, path: string): number[] {
  const { fround } = Math;
  const values = line.trim().split(/\s+/).slice(1);
  if (values.length !== side * side) throw new Error(`${path} is broken: a line has ${values.length} pixels`);
  return values.map((value) => {
    const shifted = fround(fround(Number(value.slice(value.lastIndexOf(":") + 1))) + 1);
    return Math.trunc(fround(fround(shifted / 2) * 255));
  });
}

shareable(import.meta.url, { USPS });
