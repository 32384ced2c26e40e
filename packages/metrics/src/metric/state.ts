/** The states of metrics: what they keep of all the batches they have seen, and how that of two parts becomes one. */
import torch, { type Tensor } from "flambeau";

/** A tensor, or the list of those that the batches gave. */
export type State = Tensor | Tensor[];

/**
 * How the states of two parts of the data become that of both: a word, a function of the two in one tensor, or null,
 * which keeps both of them.
 */
export type Reduction = "sum" | "mean" | "cat" | "min" | "max" | ((stacked: Tensor) => Tensor) | null;

/** The names of the words among the reductions. */
export const reductions = ["mean", "sum", "cat", "min", "max"] as const;

/**
 * The state of two parts of the data.
 *
 * @param count how many updates made both of them together; `later` is of one.
 */
export function joined(reduction: Reduction, earlier: State, later: State, count: number): State {
  if (Array.isArray(earlier) || Array.isArray(later))
    return [earlier, torch.isGradEnabled() ? later : detached(later)].flat();
  if (typeof reduction === "function") return reduction(torch.stack([earlier, later]));
  if (reduction === "sum") return earlier.add(later);
  if (reduction === "mean")
    return earlier
      .mul(count - 1)
      .add(later)
      .div(count);
  if (reduction === "max") return torch.maximum(earlier, later);
  if (reduction === "min") return torch.minimum(earlier, later);
  return reduction === "cat" ? torch.cat([earlier, later]) : torch.stack([earlier, later]);
}

/**
 * What a list state holds as one tensor, along the first dim.
 *
 * @throws Error if there is nothing.
 */
export function concatenated(state: State): Tensor {
  if (!Array.isArray(state)) return state;
  if (state.length === 0) throw new Error("No samples to concatenate");
  return torch.cat(state.map((one) => (one.ndim === 0 ? one.unsqueeze(0) : one)));
}

/** A state that takes no part in autograd. */
function detached(state: State): State {
  return Array.isArray(state) ? state.map((one) => one.detach()) : state.detach();
}
