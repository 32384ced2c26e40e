/** Boxes as regions of interest, rows `[image, x1, y1, x2, y2]`, and the modules that pool what is in them. */
import torch, { type Tensor } from "flambeau";
import { invalid, type Param, sizeOrSizes, tensor, tensors } from "flambeau/arguments";

/** The boxes of each image, `[L, 4]`; or all of them, `[K, 5]`, with the index of their image before them. */
export type RegionBoxes = Tensor | readonly Tensor[];

/** One size for height and width, or one for each. */
export type OutputSize = number | readonly number[];

export const boxesParam: Param<RegionBoxes> = {
  ...(tensors as Param<RegionBoxes>),
  expected: "Tensor[K, 5] or list of Tensor[L, 4]",
  read: (value) => {
    const one = tensor.read(value);
    return one === invalid ? tensors.read(value) : one;
  },
};

/** The first parameters of all operations on regions. */
export const regionParams = { input: tensor, boxes: boxesParam, outputSize: sizeOrSizes };

/** Height and width. */
export function outputSizes(size: OutputSize): [number, number] {
  if (typeof size === "number") return [size, size];
  if (size.length === 2) return [size[0] as number, size[1] as number];
  throw new Error(`output_size must be one number or two, got [${size.join(", ")}]`);
}

/**
 * Regions `[K, 5]`.
 *
 * @throws Error if boxes have another shape.
 */
export function regionsOf(boxes: RegionBoxes): Tensor {
  if (boxes instanceof torch.Tensor) {
    if (boxes.ndim === 2 && boxes.shape[1] === 5) return boxes;
    throw new Error(`The boxes tensor shape is not correct as Tensor[K, 5], got [${boxes.shape.join(", ")}]`);
  }
  for (const { ndim, shape } of boxes) {
    if (ndim === 2 && shape[1] === 4) continue;
    throw new Error(
      `The shape of the tensor in the boxes list is not correct as List[Tensor[L, 4]], got [${shape.join(", ")}]`,
    );
  }
  const indices = boxes.map((own, image) => torch.fullLike(own.at(":", ":1"), image));
  return torch.cat([torch.cat(indices), torch.cat(boxes)], 1);
}

/** A size as Python prints it: a tuple where there are two. */
export function printedSize(size: OutputSize): string {
  return typeof size === "number" ? `${size}` : `(${size.join(", ")})`;
}
