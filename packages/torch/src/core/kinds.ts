/**
 * What kind of thing a value is, whichever realm made it: `instanceof` knows only the built-in classes of its own, and
 * not those of a `vm` context, in which test runners run what they test.
 */

/** Whether a prototype's getter works on a value, which only one of that kind has. */
function hasSlot(prototype: object, name: string): (value: unknown) => boolean {
  const { get } = Object.getOwnPropertyDescriptor(prototype, name) as { get: () => unknown };
  return (value) => {
    if (typeof value !== "object" || value === null) return false;
    try {
      get.call(value);
      return true;
    } catch {
      return false;
    }
  };
}

export const isMap = hasSlot(Map.prototype, "size") as (value: unknown) => value is Map<unknown, unknown>;
export const isSet = hasSlot(Set.prototype, "size") as (value: unknown) => value is Set<unknown>;

/** Whether a value is an object of no class, such as a literal. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");
}

/** Whether a value can be the number of something. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Whether a value is an error, also one of a class of its own. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === "[object Error]";
}

/** Functions whose work is not done when they return. */
const unfinished: Readonly<Record<string, string>> = {
  AsyncFunction: "an async function",
  GeneratorFunction: "a generator function",
  AsyncGeneratorFunction: "an async generator function",
};

/** What a function is whose work is not done when it returns; undefined for any other. */
export function unfinishedKind(body: unknown): string | undefined {
  const { [Symbol.toStringTag]: kind } = (body ?? {}) as { [Symbol.toStringTag]?: unknown };
  return typeof kind === "string" ? unfinished[kind] : undefined;
}

/** Whether a value is a promise, or one in its place. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}
