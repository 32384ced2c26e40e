/** Views of one content in several memory layouts, which kernels must treat alike. */

import type { DType, TypedArray } from "../../src/core/dtype.js";
import type { ArrayView } from "../../src/core/view.js";
import { rowMajor, viewOf } from "./views.js";

export type Element = number | bigint;

/** Contiguous, column-major behind an offset, and row-major with gaps. */
export const layouts = ["contiguous", "transposed", "gaps"] as const;
export type Layout = (typeof layouts)[number];

export interface Laid {
  readonly view: ArrayView;
  /** The elements in row-major order. */
  read(): Element[];
  /** Whether the memory between and around the elements is as it was. */
  isIntact(): boolean;
}

/** A view with the given elements in row-major order. */
export function layOut(elements: readonly Element[], sizes: readonly number[], dtype: DType, layout: Layout): Laid {
  const strides = layout === "transposed" ? rowMajor([...sizes].reverse()).reverse() : rowMajor(sizes);
  const gap = layout === "gaps" ? 2 : 1;
  const offset = layout === "contiguous" ? 0 : 3;
  const steps = strides.map((stride) => stride * gap);
  const memory = new dtype.arrayType(elements.length * gap + offset + 2) as TypedArray & { [i: number]: Element };
  const filler = dtype.arrayType === BigInt64Array ? 77n : 77;
  for (let i = 0; i < memory.length; i++) memory[i] = filler;
  const places = [...coordinates(sizes)].map((at) => at.reduce((sum, x, d) => sum + x * (steps[d] as number), offset));
  for (const [i, place] of places.entries()) memory[place] = elements[i] as Element;
  const used = new Set(places);
  return {
    view: viewOf(memory, sizes, { strides: layout === "contiguous" ? undefined : steps, offset, dtype }),
    read: () => places.map((place) => memory[place] as Element),
    isIntact: () => [...memory].every((value: Element, i) => used.has(i) || value === filler),
  };
}

/** The coordinates of a shape in row-major order. */
export function* coordinates(sizes: readonly number[]): Generator<number[]> {
  const count = sizes.reduce((a, b) => a * b, 1);
  for (let i = 0; i < count; i++) {
    const at: number[] = [];
    let rest = i;
    for (let d = sizes.length - 1; d >= 0; d--) {
      at[d] = rest % (sizes[d] as number);
      rest = Math.floor(rest / (sizes[d] as number));
    }
    yield at;
  }
}

/** Row-major position of coordinates. */
export function positionOf(at: readonly number[], sizes: readonly number[]): number {
  return at.reduce((flat, x, d) => flat * (sizes[d] as number) + x, 0);
}

/** Pseudo-random whole numbers in [0, limit), the same in every run. */
export function randomIntegers(seed: number): (limit: number) => number {
  let state = seed >>> 0;
  return (limit) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}
