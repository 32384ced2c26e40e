/** `flambeau board`: the page of `@flambeau/tensorboard`, which is a package of its own. */
import { loadPackage } from "./packages.js";

interface BoardModule {
  serveBoard(folder: string, options: { port?: number; host?: string }): Promise<{ url: string }>;
}

/** Serves the page until the process is ended. */
export async function board(folder: string, port: string | undefined, host: string | undefined): Promise<void> {
  const { serveBoard } = await loadPackage<BoardModule>("@flambeau/tensorboard/board", "the board is");
  const number = port === undefined ? undefined : Number(port);
  if (number !== undefined && !(Number.isInteger(number) && number >= 0 && number < 65536)) {
    throw new Error(`--port cannot be ${JSON.stringify(port)}`);
  }
  const { url } = await serveBoard(folder, { port: number, host });
  console.log(`${url} shows what is written into ${folder}; Ctrl-C ends it.`);
}
