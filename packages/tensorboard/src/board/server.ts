/**
 * `flambeau board`: a page that shows what event files hold, and follows a training that goes on.
 *
 * It answers on this machine alone unless told otherwise, and asks nothing from the net.
 */
import { readFileSync } from "node:fs";
import { createServer, type Server, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { EventLog } from "./eventLog.js";

export interface BoardOptions {
  /** 6006 unless given; 0 takes one that is free. */
  port?: number;
  /** `"localhost"` unless given: nobody but this machine sees the page. */
  host?: string;
}

export interface Board {
  readonly url: string;
  close(): Promise<void>;
}

/** Entries in one answer, at most. */
const most = 20_000;

const own = fileURLToPath(new URL("../../../src/board/page/", import.meta.url));
const uplot = dirname(createRequire(import.meta.url).resolve("uplot/dist/uPlot.min.css"));

const files: Readonly<Record<string, readonly [path: string, type: string]>> = {
  "/": [join(own, "index.html"), "text/html"],
  "/board.js": [join(own, "board.js"), "text/javascript"],
  "/charts.js": [join(own, "charts.js"), "text/javascript"],
  "/board.css": [join(own, "board.css"), "text/css"],
  "/uplot.js": [join(uplot, "uPlot.esm.js"), "text/javascript"],
  "/uplot.css": [join(uplot, "uPlot.min.css"), "text/css"],
};

const headers = {
  "content-security-policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};

function send(response: ServerResponse, status: number, type: string, body: string | Uint8Array): void {
  response.writeHead(status, { ...headers, "content-type": `${type}; charset=utf-8` }).end(body);
}

function answer(log: EventLog, url: URL, response: ServerResponse): void {
  const file = files[url.pathname];
  if (file !== undefined) return send(response, 200, file[1], readFileSync(file[0]));
  if (url.pathname === "/entries") {
    log.refresh();
    const from = Number(url.searchParams.get("from") ?? 0) || 0;
    const entries = log.entries.slice(Math.max(0, from), Math.max(0, from) + most);
    const body = { folder: log.folder, total: log.entries.length, entries, problems: log.problems };
    return send(response, 200, "application/json", JSON.stringify(body, withoutNaN));
  }
  if (url.pathname === "/blob") {
    const blob = log.blob(Number(url.searchParams.get("id") ?? -1));
    if (blob !== undefined) {
      response.writeHead(200, { ...headers, "content-type": blob.type }).end(blob.bytes);
      return;
    }
  }
  send(response, 404, "text/plain", "not here");
}

/** JSON has no word for what is not finite; the page draws a gap. */
function withoutNaN(_key: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? null : value;
}

/**
 * Serves a page that shows the event files below a folder.
 *
 * @example const board = await serveBoard("runs"); console.log(board.url);
 */
export async function serveBoard(
  folder: string,
  { port = 6006, host = "localhost" }: BoardOptions = {},
): Promise<Board> {
  const log = new EventLog(folder);
  const server: Server = createServer((request, response) => {
    try {
      answer(log, new URL(request.url ?? "/", "http://board"), response);
    } catch (error) {
      send(response, 500, "text/plain", (error as Error).message);
    }
  });
  await new Promise<void>((listening, failed) => {
    server.once("error", failed);
    server.listen(port, host, listening);
  });
  const address = server.address() as { port: number };
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${address.port}/`,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}
