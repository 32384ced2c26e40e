/** Packages around the core that a command needs. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Loads a package as the program in this folder would find it, or as the library itself does.
 *
 * @param what what is in it, for the error that says how to install it.
 */
export async function loadPackage<T>(name: string, what: string): Promise<T> {
  for (const from of [join(process.cwd(), "program.js"), import.meta.url]) {
    let path: string;
    try {
      path = createRequire(from).resolve(name);
    } catch {
      continue;
    }
    return (await import(pathToFileURL(path).href)) as T;
  }
  const owner = name.split("/").slice(0, 2).join("/");
  throw new Error(`${what} in a package of its own: npm install ${owner}`);
}
