/** What a run has computed, in short, so that both sides can be compared. */
import torch, { type Tensor } from "flambeau";

export interface Outcome {
  readonly shape: readonly number[];
  readonly mean: number;
  /** The mean of the absolute values, which says how much a difference of the means is. */
  readonly size: number;
}

/** Of a tensor, of a number as of a tensor without dims; `null` for what is neither. */
export function outcomeOf(value: unknown): Outcome | null {
  if (typeof value === "number") return outcomeOf(torch.tensor(value, { dtype: torch.float64 }));
  if (!(value instanceof torch.Tensor)) return null;
  const tensor: Tensor = value.detach();
  const numbers = (tensor.isComplex() ? tensor.abs() : tensor).double();
  return { shape: [...tensor.shape], mean: numbers.mean().item(), size: numbers.abs().mean().item() };
}

/** Whether both have computed the same, as far as some steps of training in float32 go; undefined where it cannot be told. */
export function agree(a: Outcome | null, b: Outcome | null): boolean | undefined {
  if (!a || !b) return undefined;
  if (String(a.shape) !== String(b.shape)) return false;
  const near = (x: number, y: number) => Object.is(x, y) || Math.abs(x - y) <= 1e-3 * a.size;
  return near(a.mean, b.mean) && near(a.size, b.size);
}
