/** What ONNX Runtime answered, by the names of the calls. */
import { readFileSync } from "node:fs";
import torch, { DType, type Tensor } from "flambeau";
import { fromBytes } from "../../src/import/tensors.js";

export interface Recorded {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** The elements in base 64. */
  readonly data: string;
}

export const goldenPath = new URL("../../../test/data/golden.json", import.meta.url);

export function golden(): Record<string, readonly Recorded[]> {
  return JSON.parse(readFileSync(goldenPath, "utf8")) as Record<string, readonly Recorded[]>;
}

export function tensorOf({ dtype, shape, data }: Recorded): Tensor {
  const found = (torch as unknown as Record<string, unknown>)[dtype];
  if (!(found instanceof DType)) throw new Error(`no dtype ${dtype}`);
  return fromBytes(Buffer.from(data, "base64"), found, shape);
}
