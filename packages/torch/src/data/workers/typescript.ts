/** Importing a module in a worker, also where it is TypeScript. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

/** Imports a module by its URL. */
export async function importModule(url: string): Promise<void> {
  if (!/\.[cm]?tsx?$/.test(url)) {
    await import(url);
    return;
  }
  await useTsx(url);
  try {
    await import(url);
  } catch (error) {
    if ((error as { code?: unknown }).code !== "ERR_UNKNOWN_FILE_EXTENSION") throw error;
    throw new Error(advice(url), { cause: error });
  }
}

let usesTsx = false;

/** tsx lets the main thread import TypeScript; before Node.js 24 other threads have to be told. */
async function useTsx(url: string): Promise<void> {
  if (usesTsx || !process.execArgv.some((argument) => /(^|[/\\=])tsx($|[/\\])/.test(argument))) return;
  usesTsx = true;
  const { register } = (await importFrom(url, "tsx/esm/api")) as { register(): void };
  register();
}

/** What a module would import of a package that has a form to be required, `.cjs`, beside the one to be imported. */
async function importFrom(url: string, specifier: string): Promise<unknown> {
  const required = createRequire(url).resolve(specifier);
  return import(pathToFileURL(required.replace(/\.cjs$/, ".mjs")).href);
}

function advice(url: string): string {
  return (
    `a worker cannot import ${url}: Node.js ${process.versions.node} reads no TypeScript by itself. Compile it with tsc ` +
    "and run the JavaScript, start the program with tsx, use Node.js 22.18 or later, or take numWorkers: 0."
  );
}
