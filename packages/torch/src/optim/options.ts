/** Options that several optimizers share, and what is wrong with their values. */
import { flag, invalid, keyword, numbers, type Param, unset } from "../arguments/params.js";
import { type Rate, rateOf } from "./rate.js";

/** How a step is carried out. */
export interface ExecutionOptions {
  /** Accepted as in PyTorch; every step here goes over all parameters of a group at once. */
  foreach: boolean | null;
  /** Go up the gradient, not down. */
  maximize: boolean;
  /** Record the step, so that gradients flow through it. */
  differentiable: boolean;
}

/** Accepted as in PyTorch, where it matters on a GPU. */
export interface Capturable {
  capturable: boolean;
}

/** Accepted as in PyTorch; a step here is always fused where it can be. */
export interface Fused {
  fused: boolean | null;
}

export const off = keyword(flag);

export const executionFlags = { foreach: unset, maximize: off, differentiable: off };

/** Two numbers. */
export const pair: Param<readonly [number, number]> = {
  ...(numbers as Param<never>),
  expected: "tuple of two floats",
  read: (value) => {
    const list = numbers.read(value);
    return list !== invalid && list.length === 2 ? (list as unknown as [number, number]) : invalid;
  },
};

/** Throws unless a number is at least `least` (NaN is not). */
export function checkAtLeast(what: string, value: number, least = 0): void {
  if (!(value >= least)) throw new RangeError(`Invalid ${what}: ${value}`);
}

/** Throws unless a number is from 0 to 1. */
export function checkFraction(what: string, value: number): void {
  if (!(value >= 0 && value <= 1)) throw new RangeError(`Invalid ${what}: ${value}`);
}

/** What most optimizers have, and must not be negative. */
export function checkCommon(options: { lr: Rate; eps?: number; weightDecay: number }): void {
  checkAtLeast("learning rate", rateOf(options.lr));
  if (options.eps !== undefined) checkAtLeast("epsilon value", options.eps);
  checkAtLeast("weight_decay value", options.weightDecay);
}

export function checkBetas(betas: readonly [number, number]): void {
  betas.forEach((beta, i) => {
    if (!(beta >= 0 && beta < 1)) throw new RangeError(`Invalid beta parameter at index ${i}: ${beta}`);
  });
}

/** @throws Error for ways of execution that exclude each other. */
export function checkExecution({ foreach, differentiable, fused }: ExecutionOptions & Fused): void {
  if (fused && differentiable) throw new Error("`fused` does not support `differentiable`");
  if (fused && foreach) throw new Error("`fused` and `foreach` cannot be `True` together.");
}
