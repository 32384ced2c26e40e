/** What operations give back. */
import { Tensor } from "../core/tensor.js";

/** What an operation computes: a tensor, several by name, or a list. */
export type Result = Tensor | NamedResult | readonly Tensor[];

/** Several tensors with PyTorch's field names, which can also be destructured as an array. */
export type NamedResult = object & Iterable<Tensor>;

/** Tensors by name and by place. */
export type Named<R> = R & Iterable<R[keyof R]> & { readonly 0: Tensor; readonly 1: R[keyof R] };

/** A result of several tensors by name: `const { values, indices }` and `const [values, indices]` both work. */
export function named<R extends Readonly<Record<string, Tensor | readonly Tensor[]>>>(fields: R): Named<R> {
  for (const [i, value] of Object.values(fields).entries()) Object.defineProperty(fields, i, { value });
  Object.defineProperty(fields, Symbol.iterator, { value: iterateValues });
  return fields as unknown as Named<R>;
}

function iterateValues(this: Record<string, unknown>): Iterator<unknown> {
  return Object.values(this)[Symbol.iterator]();
}

/** The tensors of a result by their places. */
export function outputsOf(result: Result): readonly Tensor[] {
  return result instanceof Tensor ? [result] : [...(result as Iterable<Tensor>)];
}

/** A result with other tensors in the places of its own: one tensor, several by the same names, or a list. */
export function mapResult(result: Result, change: (tensor: Tensor) => Tensor): Result {
  if (result instanceof Tensor) return change(result);
  if (Array.isArray(result)) return result.map((item) => (item instanceof Tensor ? change(item) : item));
  const changed = Object.entries(result).map(([name, value]) => [
    name,
    value instanceof Tensor ? change(value) : value,
  ]);
  return named(Object.fromEntries(changed));
}
