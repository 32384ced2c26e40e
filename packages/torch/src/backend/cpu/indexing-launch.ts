/** What the indexing and masking kernels need beyond launch.ts: dims that one flat index walks, broadcast strides. */
import type { ArrayView } from "../../core/view.js";
import { checkedSize, put } from "./launch.js";

/** The sizes and strides of a view, read once. */
export interface Geometry {
  readonly sizes: readonly number[];
  readonly strides: readonly number[];
}

export function geometryOf({ sizes, strides }: ArrayView): Geometry {
  return { sizes: [...sizes], strides: [...strides] };
}

/** Appends dims that are walked by one flat index, neighbours merged where the strides allow. */
export function putFlatDims({ sizes, strides }: Geometry, merge = true): void {
  const merged: { size: number; stride: number }[] = [];
  for (let d = 0; d < sizes.length; d++) {
    const size = checkedSize(sizes[d] as number);
    const stride = size > 1 ? (strides[d] as number) : 0;
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
  const { sizes, strides } = geometryOf(view);
  const missing = shape.length - sizes.length;
  const isExpanded = (d: number): boolean => d < missing || sizes[d - missing] === 1;
  return shape.map((_, d) => (isExpanded(d) ? 0 : (strides[d - missing] as number)));
}
