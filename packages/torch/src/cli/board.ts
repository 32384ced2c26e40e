/** `flambeau board`: the page of `@flambeau/tensorboard`, which is a package of its own. */
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

interface BoardModule {
  serveBoard(folder: string, options: { port?: number; host?: string }): Promise<{ url: string }>;
}

const name = "@flambeau/tensorboard/board";

/** The package as the program in this folder would find it, or as the library itself does. */
async function load(): Promise<BoardModule> {
  for (const from of [join(process.cwd(), "program.js"), import.meta.url]) {
    let path: string;
    try {
      path = createRequire(from).resolve(name);
    } catch {
      continue;
    }
    return (await import(pathToFileURL(path).href)) as BoardModule;
  }
  throw new Error("the board is in a package of its own: npm install @flambeau/tensorboard");
}

/** Serves the page until the process is ended. */
export async function board(folder: string, port: string | undefined, host: string | undefined): Promise<void> {
  const { serveBoard } = await load();
  const number = port === undefined ? undefined : Number(port);
  if (number !== undefined && !(Number.isInteger(number) && number >= 0 && number < 65536)) {
    throw new Error(`--port cannot be ${JSON.stringify(port)}`);
  }
  const { url } = await serveBoard(folder, { port: number, host });
  console.log(`${url} shows what is written into ${folder}; Ctrl-C ends it.`);
}
