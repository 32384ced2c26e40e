/** What torchvision's programs do with shapes: there these are nodes, so they are here. */
import torch, { type Tensor } from "flambeau";

const { wrap } = torch.fx;

export const shapeOf = wrap((x: Tensor): readonly number[] => x.shape, "getattr");
export const sizesOf = wrap((x: Tensor): readonly number[] => x.shape, "size");
export const dimsOf = wrap((x: Tensor): number => x.ndim, "dim");
export const item = wrap((list: readonly number[], i: number): number => list[i] as number, "getitem");
export const product = wrap((a: number, b: number): number => a * b, "mul");
export const quotient = wrap((a: number, b: number): number => Math.floor(a / b), "floordiv");
export const areEqual = wrap((a: number, b: number): boolean => a === b, "eq");

/** Throws an error with a message unless something is so. */
export const check = wrap((isSo: boolean, message: string): void => {
  if (!isSo) throw new Error(message);
}, "_assert");

/** All numbers of a list. */
export function items(list: readonly number[]): [number, number, number, number] {
  return list.map((_, i) => item(list, i)) as [number, number, number, number];
}
