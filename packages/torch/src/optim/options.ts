/** Options that several optimizers share. */
import { flag, keyword, nullable, optional, type Param } from "../arguments/params.js";

/** How a step is carried out. */
export interface ExecutionOptions {
  /** Accepted as in PyTorch; every step here is fused. */
  foreach: boolean | null;
  /** Record the step, so that gradients flow through it. */
  differentiable: boolean;
  /** Accepted as in PyTorch; every step here is fused. */
  fused: boolean | null;
}

const unset = keyword(
  optional(nullable({ ...flag, defaultValue: undefined } as Param<boolean | undefined>), null),
) as Param<boolean | null>;

export const executionFlags = { foreach: unset, differentiable: keyword(flag), fused: unset };

/** Throws unless a number is at least `least` (NaN is not). */
export function checkAtLeast(what: string, value: number, least: number): void {
  if (!(value >= least)) throw new RangeError(`Invalid ${what}: ${value}`);
}

/** @throws Error for ways of execution that exclude each other. */
export function checkExecution({ foreach, differentiable, fused }: ExecutionOptions): void {
  if (fused && differentiable) throw new Error("`fused` does not support `differentiable`");
  if (fused && foreach) throw new Error("`fused` and `foreach` cannot be `True` together.");
}
