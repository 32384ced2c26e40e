/** What the indexing and sorting kernels need beyond launch.ts: dims that one flat index walks, broadcast strides. */
import type { ArrayView } from "../../core/view.js";
import { put, putAddress, putList } from "./launch.js";

export function putStrided(view: ArrayView, strides: readonly number[]): void {
  putAddress(view);
  putList(strides);
}

/** Appends dims that are walked by one flat index, neighbours merged where the strides allow. */
export function putFlatDims(sizes: readonly number[], strides: readonly number[], merge = true): void {
  const merged: { size: number; stride: number }[] = [];
  for (let d = 0; d < sizes.length; d++) {
    const [size, stride] = [sizes[d] as number, strides[d] as number];
    const last = merged.at(-1);
    if (size === 1 && merge) continue;
    if (last !== undefined && last.stride === size * stride && merge) {
      last.size *= size;
      last.stride = stride;
    } else {
      merged.push({ size, stride });
    }
  }
  put(merged.length);
  for (const { size } of merged) put(size);
  for (const { stride } of merged) put(stride);
}

export function broadcastStrides(view: ArrayView, shape: readonly number[]): number[] {
  const missing = shape.length - view.sizes.length;
  const isExpanded = (d: number): boolean => d < missing || view.sizes[d - missing] === 1;
  return shape.map((_, d) => (isExpanded(d) ? 0 : (view.strides[d - missing] as number)));
}
