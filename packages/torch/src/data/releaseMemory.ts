/** Memory that goes back by hand. */
import type { Tensor } from "../core/tensor.js";
import { activeMode } from "../ops/dispatch.js";

/**
 * Gives the memory of a tensor back at once, for a package that knows that nobody else has the tensor; a later use throws.
 * It stays where another one shares it, where a mode looks on, or where a gradient is wanted.
 */
export function releaseMemory(tensor: Tensor, ...others: readonly Tensor[]): void {
  if (activeMode !== undefined || tensor.requiresGrad) return;
  const { origin } = tensor.storage;
  if (others.every(({ storage }) => storage.origin !== origin)) tensor.storage.release();
}
