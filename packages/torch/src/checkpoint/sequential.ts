/** A sequence of modules in segments, of each of which the inner results are computed again. */
import { anything, callable, int, type Param } from "../arguments/params.js";
import { describe, Signature } from "../arguments/parse.js";
import type { Tensor } from "../core/tensor.js";
import { Sequential } from "../nn/containers/list.js";
import { type CheckpointOptions, optionParams, runCheckpoint } from "./recompute.js";

type Step = (x: unknown) => unknown;

const steps: Param<readonly Step[]> = {
  ...(anything as Param<readonly Step[]>),
  expected: "Sequential or list of functions",
  read: (value) => {
    const list = value instanceof Sequential ? value.children() : value;
    if (Array.isArray(list) && list.every((item) => callable.read(item) === item)) return list as Step[];
    throw new TypeError(
      `checkpointSequential(): argument 'functions' must be Sequential or list of functions, not ${describe(value)}`,
    );
  },
};

const signature = new Signature("checkpointSequential", {
  functions: steps,
  segments: int,
  input: anything,
  ...optionParams,
});

/**
 * Calls modules or functions one after the other, in so many segments: of each but the last only the input is kept, and
 * the backward pass computes the rest again.
 *
 * @throws RangeError unless there are at least as many functions as segments.
 * @example const y = torch.utils.checkpoint.checkpointSequential(model, 2, x, { useReentrant: false });
 * @see https://pytorch.org/docs/stable/checkpoint.html#torch.utils.checkpoint.checkpoint_sequential
 */
export function checkpointSequential<T = Tensor>(
  functions: Sequential | readonly ((x: never) => unknown)[],
  segments: number,
  input: unknown,
  options: CheckpointOptions = {},
): T {
  const {
    functions: list,
    preserveRngState,
    useReentrant,
    ...given
  } = signature.parse([functions, segments, input, options]);
  const size = Math.floor(list.length / given.segments);
  if (!(given.segments > 0) || size < 1) {
    throw new RangeError(`${list.length} functions cannot be called in ${given.segments} segments`);
  }
  const run = (from: number, to: number) => (x: unknown) =>
    list.slice(from, to).reduce((value, step) => step(value), x);
  let value = given.input;
  const last = size * (given.segments - 1);
  for (let from = 0; from < last; from += size) {
    value = runCheckpoint(run(from, from + size) as never, [value], useReentrant, preserveRngState);
  }
  return run(last, list.length)(value) as T;
}
