/** The filters of PNG files: rows of bytes as differences to their neighbours, each with a byte that names its filter. */
import { int, tensor } from "../../arguments/params.js";
import { pngFilter as filterKernel, pngUnfilter as unfilterKernel } from "../../backend/kernels.js";
import { uint8 } from "../../core/dtype.js";
import { formatShape } from "../../core/shape.js";
import { Tensor } from "../../core/tensor.js";
import { op } from "../define.js";
import type { FunctionOp } from "../types.js";
import { checkOnHost } from "./host.js";

function checkRows(name: string, rows: Tensor, pixelBytes: number): [count: number, size: number] {
  checkOnHost(name, rows);
  if (rows.dtype !== uint8 || rows.sizes.length !== 2)
    throw new TypeError(`${name}: expected rows of uint8, got ${rows.dtype} of shape ${formatShape(rows.sizes)}`);
  if (![1, 2, 3, 4, 6, 8].includes(pixelBytes)) throw new RangeError(`${name}: no pixel has ${pixelBytes} bytes`);
  return rows.sizes as unknown as [number, number];
}

/**
 * The rows `[rows, bytes]` that filtered ones `[rows, 1 + bytes]` stand for; a pixel has so many bytes.
 *
 * @throws Error where there is no such filter.
 */
export const unfilterPng: FunctionOp<(filtered: Tensor, pixelBytes: number) => Tensor> = op({
  name: "unfilterPng",
  id: "image.unfilterPng",
  variants: "function",
  differentiable: false,
  params: { filtered: tensor, pixelBytes: int },
  forward: ({ filtered, pixelBytes }) => {
    const [count, size] = checkRows("unfilterPng", filtered, pixelBytes);
    if (size === 0) throw new Error("unfilterPng: a filtered row begins with the number of its filter");
    const out = Tensor.empty([count, size - 1], uint8);
    const unknown = unfilterKernel(out, filtered.contiguous(), pixelBytes);
    if (unknown !== undefined) throw new Error(`decode_png: bad adaptive filter value ${unknown}`);
    return out;
  },
});

/** Rows `[rows, bytes]` filtered to `[rows, 1 + bytes]`: each in the way after which its bytes are least. */
export const filterPng: FunctionOp<(rows: Tensor, pixelBytes: number) => Tensor> = op({
  name: "filterPng",
  id: "image.filterPng",
  variants: "function",
  differentiable: false,
  params: { rows: tensor, pixelBytes: int },
  forward: ({ rows, pixelBytes }) => {
    const [count, size] = checkRows("filterPng", rows, pixelBytes);
    const out = Tensor.empty([count, size + 1], uint8);
    filterKernel(out, rows.contiguous(), pixelBytes);
    return out;
  },
});
