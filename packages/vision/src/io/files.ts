/** Bytes of files as tensors. */
import { readFileSync } from "node:fs";
import torch, { type Tensor } from "flambeau";
import { Signature, tensor, text } from "flambeau/arguments";
import { writeWhole } from "./writeWhole.js";

const readSignature = new Signature("readFile", { path: text });

/**
 * The bytes of a file: uint8 of one dim.
 *
 * @see https://pytorch.org/vision/stable/generated/torchvision.io.read_file.html
 */
export function readFile(...args: [path: string]): Tensor {
  return torch.tensor(new Uint8Array(readFileSync(readSignature.parse(args).path)));
}

const writeSignature = new Signature("writeFile", { filename: text, data: tensor });

/**
 * Writes the bytes of a tensor to a file. Whoever reads it finds the whole content or the old one.
 *
 * @param data uint8 of one dim.
 * @see https://pytorch.org/vision/stable/generated/torchvision.io.write_file.html
 */
export function writeFile(...args: [filename: string, data: Tensor]): void {
  const { filename, data } = writeSignature.parse(args);
  if (data.dtype !== torch.uint8) throw new TypeError(`Input tensor dtype should be uint8, got ${data.dtype}`);
  if (data.ndim !== 1) throw new Error(`Input data should be a 1-dimensional tensor, got ${data.ndim} dims`);
  writeWhole(filename, data.toTypedArray() as Uint8Array);
}
