/**
 * A program of its own: fetches a file, so that the one that started it can wait. A file that was fetched in part, by a
 * process that is gone, is continued where that stopped, if the server still has the same one.
 */
import { createHash } from "node:crypto";
import { closeSync, createReadStream, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from "node:fs";
import { dirname, join } from "node:path";
import { abandonedBeside, flushFolder, nameBeside } from "../serialization/files/replaceFile.js";
import { ProgressLine } from "./progressLine.js";

/** What the program is given, as JSON in its first argument. */
export interface FetchOrder {
  readonly url: string;
  readonly path: string;
  /** How the SHA-256 of the file begins. */
  readonly hashPrefix: string | undefined;
  readonly progress: boolean;
}

/** A part of the file that is there already. */
interface Part {
  readonly path: string;
  readonly size: number;
  /** What the server called the version of the file; a part of another one is of no use. */
  readonly version: string | undefined;
}

/** How often a connection may break before it is given up; each time some bytes must have come. */
const mostAttempts = 5;
/** The longest version that finds room in a file's name. */
const longestVersion = 100;

/** The name of a part tells the version, so that there is nothing else to keep. */
function partFor(path: string, version: string | undefined): string {
  const tag =
    version === undefined || version.length > longestVersion ? "" : Buffer.from(version).toString("base64url");
  return nameBeside(`${path}.${tag}`);
}

function abandonedPart(path: string): Part | undefined {
  const [name, ...others] = abandonedBeside(path);
  const beside = (one: string) => join(dirname(path), one);
  for (const other of others) rmSync(beside(other), { force: true });
  if (name === undefined) return undefined;
  const tag = name.split(".").at(-5) ?? "";
  const version = tag === "" ? undefined : Buffer.from(tag, "base64url").toString();
  return { path: beside(name), size: statSync(beside(name)).size, version };
}

/** What names a version of a file so that a part of it can be continued. */
function versionOf(headers: Headers): string | undefined {
  const tag = headers.get("etag");
  return tag?.startsWith('"') ? tag : (headers.get("last-modified") ?? undefined);
}

async function request(url: string, part: Part | undefined): Promise<Response> {
  const headers: Record<string, string> = { "user-agent": "torch.hub", "accept-encoding": "identity" };
  if (part?.version !== undefined && part.size > 0) {
    headers.range = `bytes=${part.size}-`;
    headers["if-range"] = part.version;
  }
  const response = await fetch(url, { headers });
  if (response.status === 416) return request(url, undefined);
  if (!response.ok) throw new Error(`HTTP Error ${response.status}: ${response.statusText}`);
  return response;
}

/** Fetches what is missing of a file, and returns the part of it that is there then. */
async function fetchRest(
  { url, path, progress }: FetchOrder,
  known: Part | undefined,
): Promise<Part & { isWhole: boolean }> {
  const response = await request(url, known);
  const version = versionOf(response.headers);
  const continues = response.status === 206 && known !== undefined;
  const part = partFor(path, version);
  if (known !== undefined) {
    if (continues) renameSync(known.path, part);
    else rmSync(known.path, { force: true });
  }
  let size = continues ? known.size : 0;
  const length = response.headers.get("content-length");
  const total = length === null ? undefined : size + Number(length);
  const line = new ProgressLine(progress, total, size);
  let isWhole = false;
  const descriptor = openSync(part, "a");
  try {
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      for (let at = 0; at < chunk.length; ) at += writeSync(descriptor, chunk, at);
      size += chunk.length;
      line.show(size);
    }
    isWhole = total === undefined || size === total;
    if (isWhole) fsyncSync(descriptor);
  } catch {
    // The connection broke: what came is kept.
  } finally {
    closeSync(descriptor);
    line.end();
  }
  return { path: part, size, version, isWhole };
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

async function check(part: string, hashPrefix: string): Promise<void> {
  const hash = await hashOf(part);
  if (hash.startsWith(hashPrefix)) return;
  rmSync(part, { force: true });
  throw new Error(`invalid hash value (expected "${hashPrefix}", got "${hash}")`);
}

async function run(order: FetchOrder): Promise<void> {
  let part: Part | undefined = abandonedPart(order.path);
  for (let attempt = 1; ; attempt++) {
    const before: number = part?.size ?? 0;
    const fetched = await fetchRest(order, part);
    part = fetched;
    if (fetched.isWhole) break;
    if (attempt < mostAttempts && fetched.size > before) continue;
    if (fetched.version === undefined) rmSync(fetched.path, { force: true });
    const rest = fetched.version === undefined ? "" : "; another call goes on from there";
    throw new Error(`the connection broke after ${fetched.size} bytes${rest}`);
  }
  if (order.hashPrefix !== undefined) await check(part.path, order.hashPrefix);
  renameSync(part.path, order.path);
  flushFolder(dirname(order.path));
}

run(JSON.parse(process.argv[2] as string) as FetchOrder).catch((error: Error) => {
  const { message, cause } = error;
  process.stdout.write(cause instanceof Error ? `${message} (${cause.message})` : message);
  process.exitCode = 1;
});
