/** How the dims of a new tensor are ordered in memory. */
import { keyword, optional, type Param, word } from "../../arguments/params.js";

/** `"preserve"` keeps the order of the input, `"contiguous"` is row-major. */
export type MemoryFormat = "preserve" | "contiguous";

export const memoryFormat: Param<MemoryFormat> = word("preserve", "contiguous");

export const preserveFormat: MemoryFormat = "preserve";
export const contiguousFormat: MemoryFormat = "contiguous";

/** The option of operations that copy. */
export const format = keyword(optional(memoryFormat));
