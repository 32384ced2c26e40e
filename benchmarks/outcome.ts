/** What a run has computed, in short, so that both sides can be compared. */
import torch, { type Tensor } from "flambeau";

export interface Outcome {
  readonly shape: readonly number[];
  /** Numbers as text: JSON has no infinity. */
  readonly mean: string;
  /** The mean of the absolute values, which says how much a difference of the means is. */
  readonly size: string;
}

/** Of a tensor, of the first of several, of a number as of a tensor without dims; `null` for what is neither. */
export function outcomeOf(value: unknown): Outcome | null {
  if (Array.isArray(value)) return outcomeOf(value[0]);
  if (typeof value === "number") return outcomeOf(torch.tensor(value, { dtype: torch.float64 }));
  if (!(value instanceof torch.Tensor)) return null;
  const tensor: Tensor = value.detach();
  const numbers = (tensor.isComplex() ? tensor.abs() : tensor).double();
  return { shape: [...tensor.shape], mean: text(numbers.mean()), size: text(numbers.abs().mean()) };
}

function text(value: Tensor): string {
  return String(value.item());
}

/** Whether both have computed the same, as far as some steps of training in float32 go; undefined where it cannot be told. */
export function agree(a: Outcome | null, b: Outcome | null): boolean | undefined {
  if (!a || !b) return undefined;
  if (String(a.shape) !== String(b.shape)) return false;
  const size = Number(a.size);
  const near = (x: number, y: number) => Object.is(x, y) || (Number.isFinite(x) && Math.abs(x - y) <= 1e-3 * size);
  return near(Number(a.mean), Number(b.mean)) && near(size, Number(b.size));
}
