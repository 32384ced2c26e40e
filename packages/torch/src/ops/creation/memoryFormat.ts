/** How the dims of a new tensor are ordered in memory. */
import { keyword, optional, type Param, word } from "../../arguments/params.js";
import { channelsLastOrder } from "../../core/shape.js";
import type { MemoryOrder } from "../memoryOrder.js";

/**
 * `"preserve"` keeps the order of the input, `"contiguous"` is row-major; with the others the channels of images
 * `[N, C, H, W]` or volumes `[N, C, D, H, W]` are innermost.
 */
export type MemoryFormat = "preserve" | "contiguous" | "channels_last" | "channels_last_3d";

export const memoryFormat: Param<MemoryFormat> = word("preserve", "contiguous", "channels_last", "channels_last_3d");

export const preserveFormat: MemoryFormat = "preserve";
export const contiguousFormat: MemoryFormat = "contiguous";
export const channelsLast: MemoryFormat = "channels_last";
export const channelsLast3d: MemoryFormat = "channels_last_3d";

/** The option of operations that copy. */
export const format = keyword(optional(memoryFormat));

/** Whether tensors of so many dims can have a format. */
export function fitsFormat({ ndim }: { readonly ndim: number }, wanted: MemoryFormat): boolean {
  return wanted === "channels_last" ? ndim === 4 : wanted !== "channels_last_3d" || ndim === 5;
}

/**
 * The order of dims of a format that does not depend on an input.
 *
 * @throws Error if a tensor of so many dims has no such format.
 */
export function orderOf(wanted: MemoryFormat, ndim: number): MemoryOrder {
  if (wanted !== "channels_last" && wanted !== "channels_last_3d") return undefined;
  if (!fitsFormat({ ndim }, wanted)) {
    throw new Error(`required rank ${wanted === "channels_last" ? 4 : 5} tensor to use ${wanted} format`);
  }
  return channelsLastOrder(ndim);
}
