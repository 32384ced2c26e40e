/** Fetching a file while the program waits, in a process of its own. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Args } from "../arguments/args.js";
import { flagOn, optional, text } from "../arguments/params.js";
import { Signature } from "../arguments/parse.js";
import type { FetchOrder } from "./fetchFile.js";

/** A name that keeps its place. */
export const freeText = { ...text, endsPositional: false };

const signature = new Signature("downloadUrlToFile", {
  url: freeText,
  dst: freeText,
  hashPrefix: optional(freeText),
  progress: flagOn,
});

/** A path with `~` for the home folder in full. */
export function expandHome(path: string): string {
  return /^~(?=$|[\\/])/.test(path) ? join(homedir(), path.slice(1)) : path;
}

/**
 * Fetches a file from an address, and returns when it is there. It gets its name when it is whole and right; what an
 * interrupted call leaves is continued by the next one.
 *
 * @param url the address.
 * @param dst the path of the file.
 * @param hashPrefix how the SHA-256 of the file must begin.
 * @param options.progress whether a terminal shows how much has come; true unless said.
 * @throws Error if it cannot be fetched, or is another file than the hash says; `dst` is as it was then.
 * @example torch.hub.downloadUrlToFile("https://download.pytorch.org/models/resnet18-f37072fd.pth", "/tmp/resnet18.pth");
 * @see https://pytorch.org/docs/stable/hub.html#torch.hub.download_url_to_file
 */
export function downloadUrlToFile(
  url: string,
  dst: string,
  ...rest: Args<[hashPrefix?: string], ["hashPrefix"], { progress?: boolean }>
): void {
  const { dst: path, ...order } = signature.parse([url, dst, ...rest]);
  fetchInto({ ...order, path: resolve(expandHome(path)) });
}

function fetchInto(order: FetchOrder): void {
  // Loading it takes a millisecond or two, which every import of the library would wait for.
  const { spawnSync } = process.getBuiltinModule("node:child_process");
  const script = fileURLToPath(new URL("./fetchFile.js", import.meta.url));
  const { status, stdout, error } = spawnSync(process.execPath, [script, JSON.stringify(order)], {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${order.url} could not be fetched: ${error?.message ?? stdout}`);
}
