/** What a random call is, what can be called, and how errors are judged. */
import torch from "../../src/index.js";

/** One call, or a few that belong together. */
export interface Trial {
  readonly name: string;
  readonly args: readonly unknown[];
  /** Nothing that the caller is owed a good message for: any error will do. */
  readonly isHostile?: boolean;
  run(): unknown;
}

export type Call = (...args: unknown[]) => unknown;
export type Members = Record<string, Call | undefined>;

/** Left out: they change the process for all calls that follow, write files, or belong to the library itself. */
export const excluded = new Set([
  "setWarnAlways",
  "setNumThreads",
  "seed",
  "save",
  "constructor",
  "viewOf",
  "bumpVersion",
  "releaseMemory",
  "serves",
]);

export function methodsOf(prototype: object): string[] {
  return Object.entries(Object.getOwnPropertyDescriptors(prototype))
    .filter(([name, { value }]) => typeof value === "function" && !excluded.has(name))
    .map(([name]) => name);
}

/** The methods of a tensor. */
export const methods: readonly string[] = methodsOf(torch.Tensor.prototype);

/** Words of errors that JavaScript or C++ raised somewhere inside, because a check of ours is missing. */
const internal = new RegExp(
  [
    "Cannot (read|set|convert|mix|destructure|assign|define|delete|add property)",
    "is not (a function|iterable|a constructor|extensible)",
    "^\\S+ is not defined",
    "is not an? (object|integer|number)",
    "Maximum call stack",
    "memory was released",
    "Invalid (array|typed array|string|count|time|Date|code point)",
    "cannot be converted to a BigInt",
    "Division by zero",
    "Array buffer allocation failed",
    "^(Start offset|byte length of|Offset is)",
    "Reduce of empty array",
    "argument must be between",
    "Cyclic|circular structure",
    "^(vector::|basic_string|std::|bad_|stoi|map::)",
    "called on (null|undefined|non-object)",
    "Class constructor",
    "read-only|read only",
    "Receiver",
    "Iterator result",
  ].join("|"),
);

export function isInternal(error: Error): boolean {
  return internal.test(error.message) && /(Type|Range|Reference|Syntax)Error|^Error/.test(error.name);
}

/** Goes on after a failure that is the caller's own fault. */
export function attempt<T>(body: () => T): T | Error {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof Error) || isInternal(error)) throw error;
    return error;
  }
}

/** Goes on after whatever error, where the caller is owed none that is good. */
export function anyway(body: () => unknown): unknown {
  try {
    return body();
  } catch (error) {
    return error;
  }
}
