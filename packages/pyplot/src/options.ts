/**
 * Options of plotting functions: tables from which their types come and by which a call is read.
 *
 * A table lists, by name, what kind of value an option takes; `as` makes a short name of another one (`lw`).
 */
import { describe, invalid, type Param } from "flambeau/arguments";
import { type Color, isColor } from "./color/colors.js";

/** A second name of an option. */
export interface Alias<T> extends Param<T> {
  readonly of: string;
}

export type Table = Record<string, Param<unknown>>;
/** The options that a table describes. */
export type Options<T> = { [K in keyof T]?: T[K] extends Param<infer V> ? V | null : never };
/** What is read: only full names, no `null`. */
export type Read<T> = {
  [K in keyof T as T[K] extends Alias<unknown> ? never : K]?: T[K] extends Param<infer V> ? V : never;
};

/** A kind of value. */
export function kind<T>(expected: string, accepts: (value: unknown) => boolean): Param<T> {
  return {
    expected,
    read: (value) => (accepts(value) ? (value as T) : invalid),
    isOptional: true,
    defaultValue: undefined,
    endsPositional: false,
    isKeyword: true,
    acceptsNull: false,
    isSpread: false,
    item: undefined,
    holds: undefined,
  };
}

/** A short name for the option `of`. */
export function as<T>(of: string, param: Param<T>): Alias<T> {
  return { ...param, of };
}

export const number = kind<number>("float", (v) => typeof v === "number");
export const text = kind<string>("str", (v) => typeof v === "string");
export const flag = kind<boolean>("bool", (v) => typeof v === "boolean");
export const color = kind<Color>("color", isColor);
export const anything = kind<unknown>("anything", () => true);
export const numberOrText = kind<number | string>(
  "float or str",
  (v) => typeof v === "number" || typeof v === "string",
);
/** How a number is written: a text with a place for it, or a function. */
export const numberFormat = kind<string | ((value: number) => string)>(
  "str or function",
  (v) => typeof v === "string" || typeof v === "function",
);
export const list = <T>(expected: string) => kind<readonly T[]>(expected, Array.isArray);
export const pair = kind<readonly [number, number]>(
  "(float, float)",
  (v) => Array.isArray(v) && v.length === 2 && v.every((one) => typeof one === "number"),
);
export function words<W extends string>(...choices: W[]): Param<W> {
  return kind<W>(choices.map((one) => `'${one}'`).join(", "), (v) => choices.includes(v as W));
}
/** Data of any kind, read by the function itself. */
export const data = <T>() => kind<T>("data", () => true);
export const func = <F>() => kind<F>("function", (v) => typeof v === "function");

/** Whether a value is an object of options, and no array, tensor, artist or date. */
export function isOptions(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

/**
 * The options that were given, by their full names.
 *
 * @throws TypeError for an unknown option or a value of the wrong kind.
 */
export function readOptions<T extends Table>(functionName: string, table: T, given: unknown = {}): Read<T> {
  if (!isOptions(given)) {
    throw new TypeError(`${functionName}(): options must be an object, not ${describe(given)}`);
  }
  const read: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(given)) {
    const param = Object.hasOwn(table, name) ? table[name] : undefined;
    if (!param) throw new TypeError(`${functionName}() got an unexpected keyword argument '${name}'`);
    if (value === undefined || value === null) continue;
    const result = param.read(value);
    if (result === invalid) {
      throw new TypeError(`${functionName}(): argument '${name}' must be ${param.expected}, not ${describe(value)}`);
    }
    const full = (param as Partial<Alias<unknown>>).of ?? name;
    if (full in read) {
      const short = Object.keys(given).find(
        (one) => one !== full && (table[one] as Partial<Alias<unknown>>).of === full,
      );
      throw new TypeError(`${functionName}() got both '${full}' and '${short}', which are aliases of one another`);
    }
    read[full] = result;
  }
  return read as Read<T>;
}

/**
 * The arguments of a call whose first ones stand in their places and whose others are options; those after the
 * first `required` may be given either way. Gives the options of the table, and what stands in the other places.
 *
 * @throws TypeError if one is missing, given twice or too many, and as `readOptions`.
 */
export function readCall<T extends Table>(
  functionName: string,
  args: readonly unknown[],
  places: readonly string[],
  required: number,
  table: T,
): [options: Read<T>, at: Record<string, unknown>] {
  let count = args.length;
  while (count > 0 && args[count - 1] === undefined) count--;
  const named = count > required && isOptions(args[count - 1]) ? { ...(args[--count] as Record<string, unknown>) } : {};
  if (count > places.length) {
    throw new TypeError(`${functionName}() takes ${places.length} positional arguments but ${count} were given`);
  }
  for (let i = 0; i < count; i++) {
    const name = places[i] as string;
    if (args[i] === undefined || args[i] === null) continue;
    if (Object.hasOwn(named, name)) throw new TypeError(`${functionName}() got multiple values for argument '${name}'`);
    named[name] = args[i];
  }
  const missing = places.slice(0, required).find((name) => named[name] === undefined || named[name] === null);
  if (missing) throw new TypeError(`${functionName}() missing 1 required positional argument: '${missing}'`);
  const at: Record<string, unknown> = {};
  for (const place of places) {
    if (Object.hasOwn(table, place)) continue;
    if (named[place] !== null) at[place] = named[place];
    delete named[place];
  }
  return [readOptions(functionName, table, named), at];
}

/** Some of the entries of an object, without those that are not given. */
export function pick<T extends object, K extends keyof T>(from: T, ...names: K[]): Pick<T, K> {
  const picked: Partial<T> = {};
  for (const name of names) if (from[name] !== undefined) picked[name] = from[name];
  return picked as Pick<T, K>;
}
