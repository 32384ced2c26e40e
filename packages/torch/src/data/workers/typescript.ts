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
  // Of its two forms the one that is imported.
  const api = createRequire(url)
    .resolve("tsx/esm/api")
    .replace(/\.cjs$/, ".mjs");
  const { register } = (await import(pathToFileURL(api).href)) as { register(): void };
  register();
}

function advice(url: string): string {
  return (
    `a worker cannot import ${url}: Node.js ${process.versions.node} reads no TypeScript by itself. Compile it with tsc ` +
    "and run the JavaScript, start the program with tsx, use Node.js 22.18 or later, or take numWorkers: 0."
  );
}
