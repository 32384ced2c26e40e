/** Which arguments of a function a derivative is with respect to. */
import { callable, flag, optional, type Param, sizeOrSizes } from "../arguments/params.js";

/** The place of an argument, or several. */
export type Argnums = number | readonly number[];

/** The arguments at some places: one for a number, a list for a list. */
export type At<A extends readonly unknown[], N> = [Argnums] extends [N]
  ? A[0]
  : N extends readonly number[]
    ? { [K in keyof N]: N[K] extends keyof A ? A[N[K]] : A[number] }
    : N extends keyof A
      ? A[N]
      : A[0];

/** The parameters of what differentiates a function. */
export const derivativeParams = {
  func: callable as Param<(...args: unknown[]) => unknown>,
  argnums: optional(sizeOrSizes, 0 as Argnums),
  hasAux: flag,
};

function wrapOne(argnum: number, count: number): number {
  if (argnum >= -count && argnum < count) return argnum < 0 ? argnum + count : argnum;
  throw new RangeError(`Got argnum=${argnum}, but only ${count} positional inputs`);
}

/**
 * The arguments at some places.
 *
 * @throws RangeError for a place at which there is none.
 */
export function pickArguments(args: readonly unknown[], argnums: Argnums): unknown {
  if (typeof argnums === "number") return args[wrapOne(argnums, args.length)];
  if (argnums.length === 0) throw new RangeError("argnums must be non-empty");
  if (new Set(argnums).size !== argnums.length) {
    throw new RangeError(`argnums elements must be unique, got [${argnums.join(", ")}]`);
  }
  return argnums.map((argnum) => args[wrapOne(argnum, args.length)]);
}

/** The arguments with others at some places. */
export function replaceArguments(args: readonly unknown[], argnums: Argnums, picked: unknown): unknown[] {
  const replaced = [...args];
  if (typeof argnums === "number") replaced[wrapOne(argnums, args.length)] = picked;
  else {
    argnums.forEach((argnum, i) => {
      replaced[wrapOne(argnum, args.length)] = (picked as unknown[])[i];
    });
  }
  return replaced;
}

/**
 * Takes a result apart that has something beside it.
 *
 * @throws TypeError where the function did not return two values.
 */
export function splitAux(output: unknown, hasAux: boolean, caller: string): [output: unknown, aux: unknown] {
  if (!hasAux) return [output, undefined];
  if (Array.isArray(output) && output.length === 2) return output as [unknown, unknown];
  throw new TypeError(`${caller}: output of function f should be a tuple: [output, aux] if hasAux is true`);
}
