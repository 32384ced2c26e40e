/** Learning rates: numbers, or tensors of one element whose number is read at each step. */
import { number, type Param } from "../arguments/params.js";
import { Tensor } from "../core/tensor.js";

/** A number, or a tensor of one element: filling it changes the rate of the next step. */
export type Rate = number | Tensor;

/** Options as they are given: a rate may be a tensor, where rules take its number. */
export type Given<O> = O extends { lr: number } ? Omit<O, "lr"> & { lr: Rate } : O;

/** Options as a group holds them. What stands there as a rate is what was put there. */
export type Held<O> = O extends { lr: number } ? Omit<O, "lr"> & HeldRate : O;

interface HeldRate {
  // biome-ignore lint/suspicious/noExplicitAny: `group.lr *= 0.1` and `group.lr.fill_(0.1)` are both usual
  get lr(): any;
  set lr(rate: Rate);
}

/** An argument that is a rate. */
export const rate: Param<Rate> = {
  ...(number as Param<never>),
  expected: "float or Tensor",
  read: (value) => (isRate(value) ? value : number.read(value)),
};

/** Whether a value is a rate, unless its tensor has several elements. */
export function isRate(value: unknown): value is Rate {
  return typeof value === "number" || value instanceof Tensor;
}

/** @throws Error for a tensor of another number of elements than one. */
export function checkOneElement(lr: Rate): void {
  if (lr instanceof Tensor && lr.numel() !== 1) throw new Error("Tensor lr must be 1-element");
}

/** The number of a rate. */
export function rateOf(lr: Rate): number {
  checkOneElement(lr);
  return lr instanceof Tensor ? lr.item() : lr;
}

/** The numbers of the rates of groups. */
export function ratesOf(groups: readonly { readonly lr: Rate }[]): number[] {
  return groups.map(({ lr }) => rateOf(lr));
}

/** Sets the rate of a group; its tensor stays, and is filled. */
export function setRate(group: { lr: Rate }, value: Rate): void {
  if (group.lr instanceof Tensor) group.lr.fill_(rateOf(value));
  else group.lr = rateOf(value);
}

/** A group as a step takes it: where its rate is a tensor, a copy that has the number, and is not to be written to. */
export function settled<G extends object>(group: G): G & { lr: number } {
  const { lr } = group as { lr?: unknown };
  return (lr instanceof Tensor ? Object.freeze({ ...group, lr: rateOf(lr) }) : group) as G & { lr: number };
}
