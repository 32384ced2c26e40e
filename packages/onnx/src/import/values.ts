/** What flows from node to node of a graph. */
import { Tensor } from "flambeau";

/** A tensor, a sequence of tensors, or an optional value that is absent. */
export type Value = Tensor | readonly Tensor[] | null;

/** What a node is given: an input may be left out. */
export type Inputs = readonly (Value | undefined)[];

/** The domain of ONNX's own operators has two names. */
export function domainOf({ domain }: { readonly domain: string }): string {
  return domain === "ai.onnx" ? "" : domain;
}

/** An operator's name, with its domain if it is none of ONNX's own. */
export function operatorName(node: { readonly domain: string; readonly opType: string }): string {
  const domain = domainOf(node);
  return domain === "" ? node.opType : `${domain}.${node.opType}`;
}

/** What stands where in a file: `node 'conv1' (Conv)`. */
export function nodeLabel(name: string, operator: string): string {
  return name === "" ? operator : `node '${name}' (${operator})`;
}

/** Whether a value is one tensor. */
export function isTensor(value: Value | undefined): value is Tensor {
  return value instanceof Tensor;
}

/** A sequence of tensors. */
export function isSequence(value: Value | undefined): value is readonly Tensor[] {
  return Array.isArray(value);
}

/** An error with more said in its message; of the same kind, and caused by it. */
export function within(place: string, error: unknown): Error {
  const cause = error as Error;
  const message = `${place}: ${cause.message}`;
  if (cause instanceof TypeError) return new TypeError(message, { cause });
  if (cause instanceof RangeError) return new RangeError(message, { cause });
  return new Error(message, { cause });
}
