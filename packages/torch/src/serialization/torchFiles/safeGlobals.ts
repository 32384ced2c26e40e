/** Classes of a person's own that a file may name. */
import { describe } from "../../arguments/parse.js";

/** What makes an object of the arguments that Python's class would get: a class, or a function. */
export type Maker = (new (...args: never[]) => unknown) | ((...args: never[]) => unknown);

/** A maker with the name that files have for it, such as `"my_module.Config"`. */
export type SafeGlobal = readonly [make: Maker, name: string];

const safe = new Map<string, Maker>();

/**
 * Lets files name classes of your own, by `torch.load` made with the arguments that Python's class would get. The
 * state, which in Python goes to `__setstate__`, goes to the object's method `setState`, or its entries become
 * properties.
 *
 * @throws TypeError for anything but pairs of a class or function and a name.
 * @example
 * class Config { hidden = 0; }
 * torch.serialization.addSafeGlobals([[Config, "train.Config"]]);
 * @see https://pytorch.org/docs/stable/notes/serialization.html#torch.serialization.add_safe_globals
 */
export function addSafeGlobals(safeGlobals: readonly SafeGlobal[]): void {
  for (const pair of checked("addSafeGlobals", safeGlobals)) safe.set(pair[1], pair[0]);
}

/** Takes classes away that `addSafeGlobals` added. */
export function removeSafeGlobals(safeGlobals: readonly SafeGlobal[]): void {
  for (const pair of checked("removeSafeGlobals", safeGlobals)) safe.delete(pair[1]);
}

/** The classes that files may name beside those that all files may. */
export function getSafeGlobals(): SafeGlobal[] {
  return [...safe].map(([name, make]) => [make, name]);
}

/** Takes away all classes that `addSafeGlobals` added. */
export function clearSafeGlobals(): void {
  safe.clear();
}

function checked(caller: string, pairs: readonly SafeGlobal[]): readonly SafeGlobal[] {
  if (!Array.isArray(pairs))
    throw new TypeError(`${caller}(): expected a list of [class, name], got ${describe(pairs)}`);
  for (const pair of pairs) {
    const isPair = Array.isArray(pair) && typeof pair[0] === "function" && typeof pair[1] === "string";
    if (!isPair) throw new TypeError(`${caller}(): expected [class, "module.Class"], got ${describe(pair)}`);
  }
  return [...pairs];
}

/** What makes objects of a name that was added. */
export function safeGlobal(name: string): ((...args: unknown[]) => unknown) | undefined {
  const make = safe.get(name);
  if (make === undefined) return undefined;
  const isClass = /^class\b/.test(Function.prototype.toString.call(make));
  if (!isClass) return make as (...args: unknown[]) => unknown;
  return (...args) => Reflect.construct(make, args);
}
