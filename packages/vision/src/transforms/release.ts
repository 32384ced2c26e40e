/**
 * Memory that only transforms of this package have seen goes back at once, rather than when the collector finds it: what
 * comes next is written where the cache still is.
 */
import torch, { type Tensor } from "flambeau";
import { Image, ImageBatch } from "../image.js";

const { releaseMemory } = torch.utils.data;

const forgetful = new WeakSet<object>();

/** Says of classes that their transforms keep nothing of what they are given or give. */
export function keepNothing(classes: Readonly<Record<string, { readonly prototype: object }>>): void {
  for (const { prototype } of Object.values(classes)) forgetful.add(prototype);
}

/** Whether a transform is of such a class, and not of one that extends it; so are those in it, if it has some. */
export function keepsNothing(transform: unknown): boolean {
  if (typeof transform !== "function" || !forgetful.has(Object.getPrototypeOf(transform))) return false;
  if (Object.hasOwn(transform, "forward")) return false;
  const { transforms } = transform as { transforms?: unknown };
  return !Array.isArray(transforms) || transforms.every(keepsNothing);
}

function tensorOf(value: unknown): Tensor | undefined {
  if (value instanceof Image || value instanceof ImageBatch) return value.pixels;
  return value instanceof torch.Tensor ? value : undefined;
}

/** Gives the memory of an image or tensor back, unless one of the others may be in it. */
export function giveBack(value: unknown, ...others: readonly unknown[]): void {
  const tensor = tensorOf(value);
  const kept = others.map(tensorOf);
  if (tensor !== undefined && !kept.includes(undefined)) releaseMemory(tensor, ...(kept as Tensor[]));
}
