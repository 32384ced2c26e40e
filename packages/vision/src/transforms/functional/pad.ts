/** Images with more around them. */
import torch, { F, type Tensor } from "flambeau";
import { type Args, optional, type Param, Signature, sizeOrSizes, word } from "flambeau/arguments";
import { asStored } from "../../image/modes.js";
import { Image } from "../../image.js";
import { type AnyImage, batched, checkTensorImage, dimensionsOf, type Fill, image, openFill } from "./image.js";

/** What is put around an image: one colour, its edge, or the image mirrored, without its edge or with it. */
export type PaddingMode = "constant" | "edge" | "reflect" | "symmetric";

const paddingModeParam: Param<PaddingMode> = word("constant", "edge", "reflect", "symmetric");

export const padParams = {
  padding: sizeOrSizes,
  fill: optional(openFill, 0),
  paddingMode: optional(paddingModeParam, "constant"),
};

type Edges = [left: number, top: number, right: number, bottom: number];

/** Numbers for all edges, for left and right and for top and bottom, or for each. */
export function edgesOf(padding: number | readonly number[]): Edges {
  const given = typeof padding === "number" ? [padding] : padding;
  if (given.length === 4) return [...given] as Edges;
  if (given.length !== 1 && given.length !== 2)
    throw new Error(`Padding must be an int or a 1, 2, or 4 element tuple, not a ${given.length} element tuple`);
  const [x, y = x] = given as [number, number?];
  return [x, y, x, y];
}

/** The elements of a dim with its mirror image, whose edge is repeated, at its ends; a negative number cuts it. */
function mirrored(img: Tensor, dim: number, before: number, after: number): Tensor {
  const kept = img.narrow(
    dim,
    Math.max(0, -before),
    (img.shape[dim] as number) + Math.min(0, before) + Math.min(0, after),
  );
  const size = kept.shape[dim] as number;
  if (before > size || after > size)
    throw new RangeError(`symmetric padding of ${size} elements by ${Math.max(before, after)}`);
  const start = kept.narrow(dim, 0, Math.max(0, before)).flip(dim);
  const end = kept.narrow(dim, size - Math.max(0, after), Math.max(0, after)).flip(dim);
  return torch.cat([start, kept, end], dim);
}

/** A tensor `[N, C, H, W]`, padded. */
function padPlanes(img: Tensor, [left, top, right, bottom]: Edges, fill: Fill, mode: PaddingMode): Tensor {
  if (mode === "symmetric") return mirrored(mirrored(img, 2, top, bottom), 3, left, right);
  const edges = [left, right, top, bottom];
  if (mode === "reflect") return F.pad(img, edges, { mode: "reflect" });
  if (mode === "edge") return F.pad(img, edges, { mode: "replicate" });
  if (typeof fill === "number") return F.pad(img, edges, { value: fill });
  return torch.cat(
    img.split(1, 1).map((plane, c) => F.pad(plane, edges, { value: fill[c % fill.length] as number })),
    1,
  );
}

function padTensor(img: Tensor, edges: Edges, fill: Fill, mode: PaddingMode): Tensor {
  checkTensorImage(img);
  const padded = padPlanes(batched(img), edges, fill, mode);
  return padded.view([...img.shape.slice(0, -2), ...padded.shape.slice(-2)]);
}

/** Which element of so many stands at a place before, among or behind them; mirror images follow each other without end. */
function placeIn(size: number, place: number, mode: Exclude<PaddingMode, "constant">): number {
  if (mode === "edge" || size === 1) return Math.min(Math.max(place, 0), size - 1);
  const period = mode === "reflect" ? 2 * size - 2 : 2 * size;
  const within = ((place % period) + period) % period;
  return within < size ? within : period - within - (mode === "reflect" ? 0 : 1);
}

/** The pixels `[height, width, bands]` of an image, which goes on at its edges; as numpy does, for padding of any size. */
function continued(pixels: Tensor, [left, top, right, bottom]: Edges, mode: Exclude<PaddingMode, "constant">): Tensor {
  const along = (x: Tensor, dim: number, before: number, after: number): Tensor => {
    // What is cut off is not mirrored.
    const start = Math.max(0, -before);
    const size = Math.max(0, (x.shape[dim] as number) - start + Math.min(0, after));
    const places = Array.from(
      { length: size + Math.max(0, before) + Math.max(0, after) },
      (_, i) => start + placeIn(size, i - Math.max(0, before), mode),
    );
    if (size === 0 && places.length > 0) throw new Error("an image without pixels cannot go on at its edges");
    return x.indexSelect(dim, torch.tensor(places, { dtype: torch.int64 }));
  };
  return along(along(pixels, 0, top, bottom), 1, left, right);
}

/** The colour that fills an image: numbers as its pixels keep them, as many as it has bands. */
export function coloursOf(img: Image, fill: Fill | null): number[] {
  const [channels] = dimensionsOf(img);
  const given = fill ?? 0;
  const colours = typeof given === "number" ? new Array<number>(channels).fill(given) : [...given];
  if (colours.length !== channels) {
    throw new Error(
      `The number of elements in 'fill' does not match the number of channels of the image (${colours.length} != ${channels})`,
    );
  }
  return img.mode === "F" ? colours : colours.map((colour) => asStored(Math.trunc(colour), img.mode));
}

const padSignature = new Signature("pad", { img: image, ...padParams });

/**
 * An image with more around it: as much at each edge, `[left and right, top and bottom]`, or `[left, top, right,
 * bottom]`. A negative number cuts.
 *
 * @param img an image, or a tensor `[…, H, W]`.
 * @param fill the colour of what is added, in mode `"constant"`: black by default; one number, or one for each channel.
 * @param options.paddingMode what is added: `"constant"`, `"edge"` (the last pixels), `"reflect"` or `"symmetric"` (the mirror
 *   image without or with the last pixels).
 * @throws Error for another number of edges or colours.
 * @example functional.pad(image, [4, 8], 255)
 * @see https://pytorch.org/vision/stable/generated/torchvision.transforms.functional.pad.html
 */
export function pad<T extends AnyImage>(
  ...args: [
    img: T,
    padding: number | readonly number[],
    ...rest: Args<[fill?: Fill | null], ["fill"], { paddingMode?: PaddingMode }>,
  ]
): T {
  const { img, padding, fill, paddingMode } = padSignature.parse(args);
  const edges = edgesOf(padding);
  if (!(img instanceof Image)) return padTensor(img, edges, fill ?? 0, paddingMode) as T;
  if (paddingMode !== "constant") return img.with(continued(img.pixels, edges, paddingMode)) as T;
  const colours = coloursOf(img, fill);
  return img.with(padTensor(img.pixels.permute(2, 0, 1), edges, colours, paddingMode).permute(1, 2, 0)) as T;
}
