/** `functionalize`, for programs that name it. */
import { callable, optional, type Param, word } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";

const signature = new Signature("functionalize", {
  func: callable as Param<(...args: unknown[]) => unknown>,
  remove: optional(word("mutations", "mutations_and_views"), "mutations"),
});

/**
 * The function that computes what a function computes, for who captures it as a graph without changes in place.
 *
 * `torch.fx.capture` makes such graphs of any function: a change in place is a new value in it, also one through a view.
 * So there is nothing to remove here, and the function is called as it is.
 *
 * @param func takes tensors and returns tensors; it may change them in place.
 * @param options.remove `"mutations"`, the default, or `"mutations_and_views"`.
 * @returns a function of the same arguments.
 * @see https://pytorch.org/docs/stable/generated/torch.func.functionalize.html
 */
export function functionalize<A extends unknown[], R>(
  func: (...args: A) => R,
  options?: { remove?: "mutations" | "mutations_and_views" },
): (...args: A) => R;
export function functionalize(...given: unknown[]): (...args: unknown[]) => unknown {
  const { func } = signature.parse(given);
  return (...args) => func(...args);
}
