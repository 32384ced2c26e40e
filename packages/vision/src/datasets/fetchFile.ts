/** A program of its own: fetches one file, shows how far it is, and puts it in its place. */
import { SingleBar } from "cli-progress";
import { install, type Resource } from "./install.js";

/** What the program is given, as JSON in its first argument. */
export interface FetchOrder {
  readonly url: string;
  readonly folder: string;
  readonly resource: Resource;
}

async function download(url: string): Promise<Uint8Array> {
  const response = await fetch(url);
  if (!response.ok || response.body === null) throw new Error(`${response.status} ${response.statusText}`);
  const total = Number(response.headers.get("content-length") ?? 0);
  const bar = new SingleBar({ format: "{bar} {percentage}% of {total} bytes, {eta_formatted} left" });
  bar.start(total, 0);
  const chunks: Uint8Array[] = [];
  try {
    for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
      chunks.push(chunk);
      bar.increment(chunk.length);
    }
  } finally {
    bar.stop();
  }
  return Buffer.concat(chunks);
}

const { url, folder, resource } = JSON.parse(process.argv[2] as string) as FetchOrder;
try {
  console.error(`Downloading ${url}`);
  install(folder, resource, await download(url), url);
} catch (error) {
  const { message, cause } = error as Error;
  process.stdout.write(cause instanceof Error ? `${message} (${cause.message})` : message);
  process.exitCode = 1;
}
