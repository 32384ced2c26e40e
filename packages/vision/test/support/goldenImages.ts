/** Images and tensors in golden files, and how results are compared with them. */
import assert from "node:assert/strict";
import torch, { type DType, type Tensor } from "flambeau";
import { Image, type ImageMode } from "../../src/index.js";

export interface Recorded {
  readonly shape: number[];
  readonly dtype: string;
  readonly data: string;
  readonly mode?: ImageMode;
}

const arrays: Record<string, new (buffer: ArrayBuffer) => Uint8Array | Float32Array | Int16Array> = {
  uint8: Uint8Array,
  float32: Float32Array,
  float64: Float32Array,
  int16: Int16Array,
};

export function isRecorded(value: unknown): value is Recorded {
  return typeof value === "object" && value !== null && "data" in value;
}

export function tensorOf({ shape, dtype, data }: Recorded): Tensor {
  const array = arrays[dtype] as (typeof arrays)["uint8"];
  const values = new array(new Uint8Array(Buffer.from(data, "base64")).buffer);
  return torch.fromTypedArray(values, shape).to(torch[dtype as "uint8"]);
}

export function valueOf(value: unknown): unknown {
  if (isRecorded(value)) {
    const tensor = tensorOf(value);
    const [height, width] = value.shape as [number, number];
    return value.mode === undefined ? tensor : new Image(tensor, width, height, value.mode);
  }
  if (typeof value === "object" && value !== null && "torch" in value) return torch[value.torch as "uint8"];
  return value;
}

const dtypeOf = (dtype: string) => torch[dtype as "uint8"] as DType;

/** How far two tensors are from each other: the greatest difference, and the share of elements that are beyond a limit. */
function differences(a: Tensor, b: Tensor, limit: number): [greatest: number, share: number] {
  const difference = a.double().sub(b.double()).abs();
  if (difference.numel() === 0) return [0, 0];
  return [difference.max().item(), difference.gt(limit).double().mean().item()];
}

export function compare(got: unknown, wanted: unknown, isNearest: boolean, label: string): void {
  if (Array.isArray(wanted)) {
    assert.ok(Array.isArray(got), label);
    assert.equal(got.length, wanted.length, label);
    wanted.forEach((one, i) => {
      compare(got[i], one, isNearest, `${label} [${i}]`);
    });
    return;
  }
  if (!isRecorded(wanted)) {
    assert.deepEqual(got, wanted, label);
    return;
  }
  if (wanted.mode !== undefined) assert.equal((got as Image).mode, wanted.mode, label);
  const values = got instanceof Image ? got.pixels : (got as Tensor);
  assert.equal(values.dtype, dtypeOf(wanted.dtype), label);
  assert.deepEqual(values.shape, wanted.shape, label);
  const limit = wanted.dtype.startsWith("float") ? 2e-5 : 1;
  const [greatest, share] = differences(values, tensorOf(wanted), limit);
  // A place half way between two pixels may be nearer to the one or the other.
  if (isNearest) assert.ok(share <= 0.01, `${label}: ${share} of all pixels are others`);
  else assert.ok(greatest <= limit, `${label}: differs by ${greatest}`);
}
