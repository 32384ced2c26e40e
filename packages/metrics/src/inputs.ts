/** What most metrics take, predictions and what is true, and what is checked of the two. */
import torch, { type Tensor } from "flambeau";
import { tensor } from "flambeau/arguments";

/** The inputs of most metrics. */
export type Pair = [preds: Tensor, target: Tensor];

export const pair = { preds: tensor, target: tensor };

/** A shape as Python prints it. */
export function shapeText({ shape }: Tensor): string {
  return `torch.Size([${shape.join(", ")}])`;
}

export function sameShape(a: Tensor, b: Tensor): boolean {
  return a.ndim === b.ndim && a.shape.every((size, i) => size === b.shape[i]);
}

/** @throws Error unless predictions and target have one shape. */
export function checkSameShape(preds: Tensor, target: Tensor): void {
  if (sameShape(preds, target)) return;
  throw new Error(
    `Predictions and targets are expected to have the same shape, but got ${shapeText(preds)} and ${shapeText(target)}.`,
  );
}

/** The quotient, or a number where the divisor is 0. */
export function divide(numerator: Tensor, denominator: Tensor, zeroDivision = 0): Tensor {
  return torch.where(denominator.ne(0), numerator.div(denominator), zeroDivision);
}

/** A count as a tensor, which may be a state. */
export function counter(count: number): Tensor {
  return torch.tensor(count, { dtype: torch.int64 });
}

/** `x log y`, and 0 where x is. */
export function safeXlogy(x: Tensor, y: Tensor): Tensor {
  return torch.where(x.eq(0), 0, x.mul(y.log()));
}

/** The smallest difference that counts when percentages are computed. */
export const tiny = 1.17e-6;
