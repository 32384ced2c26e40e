/**
 * Descriptions of parameters, from which a call is checked and read.
 *
 * The rule by which PyTorch's arguments become positional or named is applied here, once for every function:
 * the first optional parameter that is a flag, a word, a dtype, a device or a generator, and each one after it,
 * is named in a trailing options object; so is every keyword-only one.
 */

import { DeviceGuard, expectSeveralDevices } from "../backend/devices.js";
import { Generator } from "../backend/generator.js";
import { Complex } from "../core/complex.js";
import type { Device } from "../core/devices.js";
import { DType, dtypes } from "../core/dtype.js";
import { checkInt64, safeInteger } from "../core/scalars.js";
import { checkListLength } from "../core/shape.js";
import { Tensor } from "../core/tensor.js";
import type { Scalar } from "../core/view.js";

/** One parameter of a function. */
export interface Param<T> {
  /** What is expected, for messages: `"Tensor"`, `"int"`. */
  readonly expected: string;
  /** The value in the form in which the function wants it, or `invalid`. */
  read(value: unknown): T | typeof invalid;
  readonly isOptional: boolean;
  readonly defaultValue: T | undefined;
  /** Named from here on if it is optional (a flag, a word, a dtype, a device, a generator). */
  readonly endsPositional: boolean;
  /** Accepted only by name, also if it is required. */
  readonly isKeyword: boolean;
  /** Whether `null` is a value of its own rather than the lack of one. */
  readonly acceptsNull: boolean;
  /** May be given as several arguments instead of one array. */
  readonly isSpread: boolean;
  /** What stands in the list that this is, for messages about one of them. */
  readonly item: Param<unknown> | undefined;
  /** Holds tensors that take part in autograd. */
  readonly holds: "tensor" | "tensors" | undefined;
}

/** What `read` returns for a value of the wrong kind. */
export const invalid: unique symbol = Symbol("invalid");

export type ValueOf<P> = P extends Param<infer T> ? T : never;
/** The arguments of a call, by name. */
export type ValuesOf<P> = { [K in keyof P]: ValueOf<P[K]> };

/** Parameters by name, in PyTorch's order. */
export type Params = Record<string, Param<unknown>>;

function param<T>(expected: string, read: Param<T>["read"], traits: Partial<Param<T>> = {}): Param<T> {
  return {
    expected,
    read,
    isOptional: false,
    defaultValue: undefined,
    endsPositional: false,
    isKeyword: false,
    acceptsNull: false,
    isSpread: false,
    item: undefined,
    holds: undefined,
    ...traits,
  };
}

/** A parameter that may be left out, which then has the default value. */
export function optional<T>(of: Param<T>): Param<T | undefined>;
export function optional<T>(of: Param<T>, defaultValue: T): Param<T>;
export function optional<T>(of: Param<T>, defaultValue?: T): Param<T | undefined> {
  return { ...(of as Param<T | undefined>), isOptional: true, defaultValue };
}

/** A parameter that PyTorch accepts only by name. */
export function keyword<T>(of: Param<T>): Param<T> {
  return { ...of, isKeyword: true };
}

/** A parameter for which `null` means something, as `None` does. */
export function nullable<T>(of: Param<T>): Param<T | null> {
  return { ...(of as Param<T | null>), acceptsNull: true };
}

/** @throws RangeError for a whole number that is no safe integer. */
function asInteger(value: unknown): number | typeof invalid {
  if (Number.isSafeInteger(value)) return value as number;
  return typeof value === "bigint" || Number.isInteger(value) ? safeInteger(value as number | bigint) : invalid;
}

/** The items of an array in an array of their own, which nobody changes: the caller's may change while they are used. */
function asList<T>(value: unknown, item: Param<T>["read"]): T[] | typeof invalid {
  if (!Array.isArray(value)) return invalid;
  const { length } = value;
  checkListLength(length);
  const list: T[] = [];
  for (let i = 0; i < length; i++) {
    const read = item(value[i]);
    if (read === invalid) return invalid;
    list.push(read);
  }
  return list;
}

/**
 * The items of an iterable in an array of their own.
 *
 * @throws RangeError if there are more than any list may have: an array can be billions long and take no memory, until
 * somebody walks it.
 */
export function listItems<T>(values: Iterable<T>): T[] {
  if (Array.isArray(values)) checkListLength(values.length);
  const items: T[] = [];
  // What makes the iterator is looked at once: a getter may give another thing the next time.
  const make: unknown = values[Symbol.iterator];
  if (typeof make !== "function") throw new TypeError(`expected an iterable, got ${typeof values}`);
  const iterator: Iterable<T> = { [Symbol.iterator]: () => make.call(values) as Iterator<T> };
  for (const value of iterator) checkListLength(items.push(value));
  return items;
}

/** Several values in one array. */
export function listOf<T>(
  expected: string,
  item: Param<T>,
  traits: Partial<Param<readonly T[]>> = {},
): Param<readonly T[]> {
  return param<readonly T[]>(expected, (value) => asList(value, item.read), { item, ...traits });
}

export const tensor: Param<Tensor> = param("Tensor", (value) => (value instanceof Tensor ? value : invalid), {
  holds: "tensor",
});

export const tensors: Param<readonly Tensor[]> = listOf("list of Tensors", tensor, { holds: "tensors" });

/** Tensors, spread or in one array. */
export const spreadTensors: Param<readonly Tensor[]> = { ...tensors, isSpread: true };

/** @throws RangeError for a bigint that no int64 can be. */
function asScalar(value: unknown): Scalar | typeof invalid {
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (value instanceof Complex) return value;
  return typeof value === "bigint" ? checkInt64(value) : invalid;
}

export const scalar: Param<Scalar> = param("Number", asScalar);

/** A tensor, or a number in its place. */
export type Operand = Tensor | Scalar;

export const operand: Param<Operand> = param(
  "Tensor or Number",
  (value) => (value instanceof Tensor ? value : asScalar(value)),
  { holds: "tensor" },
);

export const number: Param<number> = param("float", (value) => {
  if (typeof value === "number") return value;
  return typeof value === "bigint" ? Number(value) : invalid;
});

export const int: Param<number> = param("int", asInteger);

/** A whole number in the range of int64. */
export const bigint: Param<number | bigint> = param("int", (value) =>
  typeof value === "bigint" || Number.isInteger(value) ? checkInt64(value as number | bigint) : invalid,
);

/** Several whole numbers in one array. */
export const ints: Param<readonly number[]> = listOf("tuple of ints", int);

/** Several numbers in one array. */
export const numbers: Param<readonly number[]> = listOf("tuple of floats", number);

/** One whole number or several. */
export const intOrInts: Param<readonly number[]> = param(
  "int or tuple of ints",
  (value) => {
    const one = asInteger(value);
    return one === invalid ? ints.read(value) : [one];
  },
  { item: int },
);

/** One size for all, or a list of sizes. */
export const sizeOrSizes: Param<number | readonly number[]> = {
  ...(intOrInts as Param<number | readonly number[]>),
  read: (value) => {
    const one = int.read(value);
    return one === invalid ? ints.read(value) : one;
  },
};

/** A size or dims that may be spread: `view(2, 3)` or `view([2, 3])`. */
export const spreadInts: Param<readonly number[]> = { ...ints, isSpread: true };

/** Dims over which to reduce: one or several; always wrapped by the operation. */
export const dims: Param<readonly number[]> = { ...intOrInts };

export const flag: Param<boolean> = {
  ...param<boolean>("bool", (value) => (typeof value === "boolean" ? value : invalid), { endsPositional: true }),
  isOptional: true,
  defaultValue: false,
};

/** A flag that is on unless it is switched off. */
export const flagOn: Param<boolean> = { ...flag, defaultValue: true };

/** A flag of which it is told whether it was given. */
export const openFlag = { ...flag, defaultValue: undefined } as Param<boolean | undefined>;

/** A flag that is neither on nor off unless it is given. */
export const unset = keyword(optional(nullable(openFlag), null)) as Param<boolean | null>;

/** A flag that has to be given; its place stays. */
export const requiredFlag: Param<boolean> = { ...flag, isOptional: false, defaultValue: undefined };

/** One of several words. */
export function word<W extends string>(...words: readonly W[]): Param<W> {
  const expected = `one of ${words.map((one) => `"${one}"`).join(", ")}`;
  return param<W>(expected, (value) => (words.includes(value as W) ? (value as W) : invalid), { endsPositional: true });
}

/** A parameter that refuses texts which it does not know in words of its own. */
export function refusing<T>(param: Param<T>, words: (given: string) => string): Param<T> {
  return {
    ...param,
    read: (value) => {
      const read = param.read(value);
      if (read === invalid && typeof value === "string") throw new TypeError(words(value));
      return read;
    },
  };
}

export const text: Param<string> = param("str", (value) => (typeof value === "string" ? value : invalid), {
  endsPositional: true,
});

export const dtype: Param<DType> = param("torch.dtype", (value) => (value instanceof DType ? value : invalid), {
  endsPositional: true,
});

const missingDevices: Record<string, string> = {
  cuda: "Torch not compiled with CUDA enabled",
  mps: "PyTorch is not linked with support for mps devices",
};

export const device: Param<Device> = param(
  "torch.device",
  (given) => {
    const value = given instanceof DeviceGuard ? given.type : given;
    if (typeof value !== "string") return invalid;
    const [kind = ""] = value.split(":");
    if (kind === "cpu") return kind;
    if (kind === "meta") {
      expectSeveralDevices();
      return kind;
    }
    throw new Error(
      missingDevices[kind] ??
        `Expected one of cpu, cuda, mps, meta device type at start of device string: ${value}${dtypes.some(({ name }) => name === value) ? `; for the dtype write torch.${value}` : ""}`,
    );
  },
  { endsPositional: true },
);

export const generator: Param<Generator> = param(
  "torch.Generator",
  (value) => (value instanceof Generator ? value : invalid),
  { endsPositional: true },
);

export const callable: Param<(...args: never[]) => unknown> = param("function", (value) =>
  typeof value === "function" ? (value as (...args: never[]) => unknown) : invalid,
);

/** An object of a class. */
export function instanceOf<T>(expected: string, Class: abstract new (...args: never) => T): Param<T> {
  return param<T>(expected, (value) => (value instanceof Class ? value : invalid));
}

/** Anything at all; the function looks for itself. */
export const anything: Param<unknown> = param("anything", (value) => value);

/** Whether `for … of` goes through a value: a list, a generator, an object with an iterator of its own. */
export function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof (value as Iterable<unknown> | null | undefined)?.[Symbol.iterator] === "function";
}

export const iterable: Param<Iterable<unknown>> = param("Iterable", (value) => (isIterable(value) ? value : invalid));
