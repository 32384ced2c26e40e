/**
 * A thread that serves one file, since the test itself waits while it is fetched. The message port gives the addresses
 * of requests; what the server does is in the path: `/cut/1000/x` ends each connection after 1000 bytes, `/chunked/x`
 * does not tell the length (and `/chunked/1000/x` ends after as many bytes), `/missing/x` is not there, `/other/x` gives each request another version.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";

const { content, log } = workerData as { content: Uint8Array; log: Int32Array };
let requests = 0;

function serve(request: IncomingMessage, response: ServerResponse): void {
  requests++;
  Atomics.store(log, 0, requests);
  const [, way, count] = (request.url as string).split("/");
  if (way === "missing") {
    response.writeHead(404).end();
    return;
  }
  const etag = way === "other" ? `"${requests}"` : '"one"';
  const [, from] = /^bytes=(\d+)-$/.exec(request.headers.range ?? "") ?? [];
  const continues = from !== undefined && request.headers["if-range"] === etag;
  const rest = content.subarray(continues ? Number(from) : 0);
  Atomics.store(log, 1, content.length - rest.length);
  if (way === "chunked") {
    response.writeHead(200);
    if (count === undefined || !/^\d+$/.test(count)) response.end(rest);
    else response.write(rest.subarray(0, Number(count)), () => setTimeout(() => response.destroy(), 20));
    return;
  }
  response.writeHead(continues ? 206 : 200, { "content-length": rest.length, etag });
  if (way !== "cut" && way !== "other") response.end(rest);
  else response.write(rest.subarray(0, Number(count)), () => setTimeout(() => response.destroy(), 20));
}

const server = createServer(serve);
server.listen(0, "127.0.0.1", () => parentPort?.postMessage((server.address() as AddressInfo).port));
