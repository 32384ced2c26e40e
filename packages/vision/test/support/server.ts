/** A web server in a thread of its own, so that it answers while the test waits for a download. */
import { once } from "node:events";
import { createServer } from "node:http";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

export interface Served {
  readonly body: Uint8Array;
  /** Ends the answer after so many bytes, although it announced more. */
  readonly cutAt?: number;
}

/** Serves files by their names; the address ends in a slash. */
export async function serve(files: Record<string, Served>): Promise<{ address: string; stop: () => Promise<number> }> {
  const worker = new Worker(new URL(import.meta.url), { workerData: files });
  const [port] = await once(worker, "message");
  return { address: `http://127.0.0.1:${port}/`, stop: () => worker.terminate() };
}

if (!isMainThread && workerData !== null) {
  const files = workerData as Record<string, Served>;
  const server = createServer((request, response) => {
    const file = files[(request.url ?? "/").slice(1)];
    if (file === undefined) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-length": file.body.length });
    if (file.cutAt === undefined) response.end(file.body);
    else response.write(file.body.subarray(0, file.cutAt), () => response.destroy());
  });
  server.listen(0, "127.0.0.1", () => parentPort?.postMessage((server.address() as { port: number }).port));
}
