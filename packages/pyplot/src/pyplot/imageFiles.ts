/** Arrays as image files, pixel by pixel. */
import { readFileSync, writeFileSync } from "node:fs";
import torch, { type Tensor } from "flambeau";
import { imageBytes, readImage } from "../artists/image.js";
import { decodePng, encodePng } from "../canvas/png.js";
import { type Colormap, getCmap } from "../color/colormaps.js";
import { Normalize } from "../color/norms.js";
import { mappableTable } from "../color/options.js";
import type { Data } from "../data.js";
import { readOptions, words } from "../options.js";

/**
 * Writes an array to a PNG, one pixel for each element: values of shape [rows, columns], to which a colormap gives
 * colours, or colours of shape [rows, columns, 3 or 4].
 *
 * @example plt.imsave("weights.png", layer.weight, { cmap: "coolwarm" })
 */
export function imsave(
  fname: string,
  arr: Data,
  options: { cmap?: Colormap | string; vmin?: number; vmax?: number; origin?: "upper" | "lower" } = {},
): void {
  const {
    vmin,
    vmax,
    origin = "upper",
    ...read
  } = readOptions("imsave", { ...mappableTable, origin: words("upper", "lower") }, options);
  if (!fname.toLowerCase().endsWith(".png"))
    throw new Error(`imsave writes PNG files, and '${fname}' does not end with .png`);
  const content = readImage(arr);
  const { rows, columns, values } = content;
  const norm = read.norm ?? new Normalize(vmin, vmax);
  norm.autoscaleNone(values);
  const bytes = imageBytes(content, { cmap: getCmap(read.cmap), norm });
  const lines = Array.from({ length: rows }, (_, r) => bytes.subarray(4 * r * columns, 4 * (r + 1) * columns));
  const ordered = origin === "upper" ? bytes : Uint8Array.from(Buffer.concat(lines.toReversed()));
  writeFileSync(fname, encodePng(ordered, columns, rows));
}

/** The colours of a PNG as a tensor of shape [rows, columns, 4] with values from 0 to 1. */
export function imread(fname: string): Tensor {
  const { data, width, height } = decodePng(readFileSync(fname));
  return torch.tensor(new Uint8Array(data)).view(height, width, 4).div(255);
}
