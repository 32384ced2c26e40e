/** Files of images are read and written by the host, whatever device is in force. */
import type { Tensor } from "../../core/tensor.js";

/** @throws Error unless the memory of a tensor is the host's. */
export function checkOnHost(name: string, { device }: Tensor): void {
  if (device !== "cpu") throw new Error(`${name}: Input tensor should be on CPU, but it is on ${device}`);
}
