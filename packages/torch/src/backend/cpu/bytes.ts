/** Kernels on plain bytes. */
import { byteLengthOf } from "../../core/intrinsics.js";
import { begin, kernel, launch, put, resultAt } from "./block.js";
import { CpuStorage } from "./memory/storage.js";

const crc32Kernel = kernel("crc32");

/** The checksum that zip archives have (CRC-32), of bytes that follow those with the checksum `before`. */
export function crc32(bytes: Uint8Array, before = 0): number {
  const count = byteLengthOf(bytes);
  const address = CpuStorage.locate(CpuStorage.share(bytes), 0, count, 1);
  const list = begin();
  put(address);
  put(count);
  put(before);
  launch(crc32Kernel, list);
  return resultAt(0);
}
