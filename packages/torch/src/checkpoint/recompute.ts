/**
 * `torch.utils.checkpoint`: the backward pass computes again what the forward pass did not keep.
 *
 * Source: https://pytorch.org/docs/stable/checkpoint.html
 */
import { callable, flag, flagOn } from "../arguments/params.js";
import { readArgument, Signature } from "../arguments/parse.js";
import { warn } from "../arguments/warn.js";
import { isGradEnabled } from "../autograd/modes.js";
import { isPlainObject } from "../core/kinds.js";
import { type Body, Computation, wantsGradient } from "./computation.js";
import { runRecorded } from "./recorded.js";
import { ReentrantCheckpoint } from "./reentrant.js";

export interface CheckpointOptions {
  /**
   * False, which is the default, makes the part of the graph that is recomputed one node of the whole graph: everything
   * works as without a checkpoint. True starts a backward pass of its own inside the other one, as PyTorch first did: one
   * of the arguments must want a gradient, and `torch.autograd.grad` cannot go through it.
   */
  useReentrant?: boolean;
  /** Whether the second computation gets the random numbers of the first one; true unless said. */
  preserveRngState?: boolean;
}

export const optionParams = { useReentrant: flag, preserveRngState: flagOn };

const signature = new Signature("checkpoint", optionParams);

/**
 * Calls a function so that what it computes on the way is not kept for the backward pass, which computes it again: less
 * memory for more time. The function must compute the same when it is called again; random numbers are the same.
 *
 * @param fn the function, which gets the other arguments.
 * @param args what it is called with; plain options of this call may stand behind that.
 * @returns what the function returns.
 * @example const y = torch.utils.checkpoint.checkpoint((x: Tensor) => block(x), x, { useReentrant: false });
 * @see https://pytorch.org/docs/stable/checkpoint.html#torch.utils.checkpoint.checkpoint
 */
export function checkpoint<A extends unknown[], R>(
  fn: (...args: A) => R,
  ...args: [...args: A] | [...args: A, options: CheckpointOptions]
): R {
  const body = readArgument("checkpoint", "fn", callable, fn) as Body;
  const hasOptions = isPlainObject(args.at(-1));
  const given = signature.parse(hasOptions ? [args.at(-1)] : []);
  const inputs = hasOptions ? args.slice(0, -1) : args;
  return runCheckpoint(body, inputs, given.useReentrant, given.preserveRngState) as R;
}

/** The same with options that were read. */
export function runCheckpoint(body: Body, inputs: readonly unknown[], reentrant: boolean, preserves: boolean): unknown {
  if (!isGradEnabled()) return body(...inputs);
  const computation = new Computation(body, preserves);
  if (!reentrant) return runRecorded(computation, inputs);
  if (!inputs.some(wantsGradient)) {
    warn("None of the inputs have requires_grad=True. Gradients will be None");
  }
  return ReentrantCheckpoint.apply(computation, ...inputs);
}
