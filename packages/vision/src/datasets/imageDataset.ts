/** Data sets whose samples are an image and a target. */
import torch, { type Tensor } from "flambeau";
import { Image, ImageBatch } from "../image.js";
import { giveBack, keepsNothing } from "../transforms/release.js";
import { transformBatch } from "../transforms/transform.js";
import { type Transforms, VisionDataset } from "./visionDataset.js";

const { defaultCollate, placeOf } = torch.utils.data;
type Index = torch.utils.data.Index;
type Collated<T> = torch.utils.data.Collated<T>;

/** The base of data sets of which a subclass says how it reads an image and a target. */
export abstract class ImageDataset<X, Y> extends VisionDataset<[X, Y]> {
  protected abstract imageAt(index: number): unknown;
  protected abstract targetAt(index: number): unknown;

  at(index: Index): [X, Y] {
    const place = placeOf(index, this.length);
    return this.transformed(this.imageAt(place), this.targetAt(place));
  }

  /** Whether images are made for each call, and nobody else has them. */
  protected get givesOwnImages(): boolean {
    return false;
  }

  getBatch(indices: readonly Index[]): Collated<[X, Y]> {
    const isForgotten = this.transforms === undefined && keepsNothing(this.transform);
    const made: [seen: unknown, image: unknown][] = [];
    const samples = indices.map((index) => {
      const place = placeOf(index, this.length);
      const image = this.imageAt(place);
      const sample = this.transformed(image, this.targetAt(place));
      const [seen] = sample;
      if (isForgotten) {
        if (this.givesOwnImages) giveBack(image, seen);
        made.push([seen, image]);
      }
      return sample;
    });
    const batch = collateSamples(this, samples);
    for (const [seen, image] of made) giveBack(seen, batch[0], image);
    return batch;
  }
}

/** A batch of samples, in which labels that no function has changed are int64. */
export function collateSamples<X, Y>(
  { targetTransform, transforms }: Transforms,
  samples: readonly (readonly [X, Y])[],
): Collated<[X, Y]> {
  const targets = samples.map(([, target]) => target);
  const isPlain = targetTransform === undefined && transforms === undefined;
  const areLabels = isPlain && targets.every((target) => Number.isInteger(target));
  return [
    defaultCollate(samples.map(([image]) => image)),
    areLabels ? torch.tensor(targets as number[], { dtype: torch.int64 }) : defaultCollate(targets),
  ] as Collated<[X, Y]>;
}

/** The base of data sets that have all images in memory; transforms that can take a whole batch do so. */
export abstract class PixelDataset<X, Y> extends VisionDataset<[X, Y]> {
  /** The images: uint8 of shape [images, height, width, colours]. */
  protected abstract get pixels(): Tensor;
  /** The classes: int64 of shape [images], or a list. */
  protected abstract get labels(): Tensor | readonly number[];

  override get length(): number {
    return this.pixels.length;
  }

  at(index: Index): [X, Y] {
    return this.sampleAt(placeOf(index, this.length));
  }

  private sampleAt(place: number): [X, Y] {
    return this.transformed(this.imageAt(place), this.labelAt(place));
  }

  private imageAt(place: number): Image {
    return Image.fromArray(this.pixels.select(0, place));
  }

  private labelAt(place: number): number {
    const { labels } = this;
    return labels instanceof torch.Tensor ? labels.select(0, place).item() : (labels[place] as number);
  }

  getBatch(indices: readonly Index[]): Collated<[X, Y]> {
    const { length, pixels, labels, transform, targetTransform } = this;
    const places = new Float64Array(indices.length);
    for (let i = 0; i < places.length; i++) places[i] = placeOf(indices[i] as Index, length);
    if (this.transforms !== undefined)
      return defaultCollate(Array.from(places, (place) => this.sampleAt(place))) as never;
    const rows = torch.tensor(places, { dtype: torch.int64 });
    const each = <T>(body: (place: number) => T): unknown => defaultCollate(Array.from(places, body));
    const images =
      transformBatch(transform, new ImageBatch(pixels.indexSelect(0, rows))) ??
      each((place) => (transform === undefined ? this.imageAt(place) : transform(this.imageAt(place) as never)));
    const targets =
      targetTransform === undefined
        ? labelsAt(labels, rows)
        : each((place) => targetTransform(this.labelAt(place) as never));
    return [images, targets] as Collated<[X, Y]>;
  }
}

/** The labels at some places, as int64. */
function labelsAt(labels: Tensor | readonly number[], rows: Tensor): Tensor {
  if (labels instanceof torch.Tensor) return labels.indexSelect(0, rows);
  const chosen = (rows.tolist() as number[]).map((row) => labels[row] as number);
  return torch.tensor(chosen, { dtype: torch.int64 });
}
