/**
 * How worker threads find classes and functions: by the module in which they are written, and a name.
 *
 * A thread cannot get a class or a function from another one. As with Python's pickle it gets the reference, and
 * imports the module; what belongs to an object itself is sent by value (pack.ts).
 */
import { existsSync, realpathSync } from "node:fs";
import { isAbsolute } from "node:path";
import { pathToFileURL } from "node:url";
import { isMainThread } from "node:worker_threads";
import { isPlainObject } from "../../core/kinds.js";
import { importModule } from "./typescript.js";

/** Where a class or function is written. */
export interface Place {
  readonly module: string;
  readonly name: string;
}

// biome-ignore lint/complexity/noBannedTypes: any class or function at all
export type Definition = Function;

const places = new WeakMap<Definition, Place>();
const definitions = new Map<string, Definition>();

/**
 * Says in which module classes and functions are written, so that the workers of a `DataLoader` can have them: a
 * data set's class, a `collateFn`, a `workerInitFn`, a function given to `Lambda`.
 *
 * A worker imports the module, so it must not be the script that runs the training; and it makes an object without
 * calling the constructor: it gives the object the class's prototype and the properties that `Object.keys` lists.
 * A class with `#private` members, or with something that cannot be sent, such as an open file, writes a method
 * `getState()`, which returns what is to be sent, and a static method `fromState(state)`, which makes an object of
 * that in the worker.
 *
 * @param module the module's URL, `import.meta.url`; in CommonJS its path, `__filename`.
 * @throws Error if the module has said something else under that name.
 * @example
 * // squares.ts
 * export class Squares extends Dataset<number> { … }
 * export function sum(samples: number[]) { … }
 * shareable(import.meta.url, { Squares, sum });
 */
export function shareable(module: string, named: Readonly<Record<string, Definition>>): void {
  const url = typeof module === "string" && isAbsolute(module) ? pathToFileURL(module).href : module;
  if (typeof url !== "string" || !URL.canParse(url)) {
    throw new TypeError("shareable(): expected the URL of a module, `import.meta.url`, or its path, `__filename`");
  }
  if (!isPlainObject(named)) throw new TypeError("shareable(): expected an object of classes and functions by name");
  for (const [name, definition] of Object.entries(named)) {
    if (typeof definition !== "function") throw new TypeError(`shareable(): '${name}' is no class or function`);
    const key = keyOf({ module: url, name });
    if ((definitions.get(key) ?? definition) !== definition) {
      throw new Error(`shareable(): ${url} has given the name '${name}' already`);
    }
    definitions.set(key, definition);
    places.set(definition, { module: url, name });
  }
}

function keyOf({ module, name }: Place): string {
  return `${module}#${name}`;
}

/**
 * Where a class or function is written, if that was said.
 *
 * @throws Error if that is the script that runs the training: each worker would run it, too.
 */
export function placeOf(definition: Definition): Place | undefined {
  const place = places.get(definition);
  if (place !== undefined && isMainThread && place.module === mainScript()) {
    throw new Error(
      `${place.name} is written in ${place.module}, the script that was started: each worker would import it, and run all of it again. Write it in a module of its own, which ends with shareable(import.meta.url, { ${place.name} }), and import it from there.`,
    );
  }
  return place;
}

/** The URL of the script that Node.js was started with. */
function mainScript(): string | undefined {
  const [, path] = process.argv;
  return path !== undefined && existsSync(path) ? pathToFileURL(realpathSync(path)).href : undefined;
}

/** The class or function at a place whose module was imported. */
export function definitionAt(place: Place): Definition {
  const definition = definitions.get(keyOf(place));
  if (definition === undefined) throw new Error(`${place.module} has no shareable '${place.name}' in this thread`);
  return definition;
}

/** Imports the module of a place, where that is still to be done. */
export async function importPlace(place: Place): Promise<void> {
  if (!definitions.has(keyOf(place))) await importModule(place.module);
}
