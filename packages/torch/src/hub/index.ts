/**
 * `torch.hub`: published weights, fetched once and kept in a folder.
 *
 * Source: https://pytorch.org/docs/stable/hub.html
 */
import { existsSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import type { Args } from "../arguments/args.js";
import { anything, flag, flagOn, openFlag, optional, text } from "../arguments/params.js";
import { readArgument, Signature } from "../arguments/parse.js";
import { load } from "../serialization/load.js";
import type { MapLocation } from "../serialization/torchFiles/mapLocation.js";
import { downloadUrlToFile, expandHome, freeText } from "./download.js";

export { downloadUrlToFile } from "./download.js";

let folder: string | undefined;

/** The folder of what was fetched: `$TORCH_HOME/hub`, and `~/.cache/torch/hub` unless the environment says otherwise. */
export function getDir(): string {
  if (folder !== undefined) return folder;
  const { TORCH_HOME, XDG_CACHE_HOME } = process.env;
  return join(expandHome(TORCH_HOME || join(XDG_CACHE_HOME || join(homedir(), ".cache"), "torch")), "hub");
}

/** Sets the folder of what is fetched. */
export function setDir(d: string): void {
  folder = expandHome(readArgument("setDir", "d", text, d));
}

export interface StateDictOptions {
  /** Where tensors go that were saved on some device; see `torch.load`. */
  mapLocation?: MapLocation;
  /** Whether a terminal shows how much has come; true unless said. */
  progress?: boolean;
  /** Whether the name ends in the first letters of the file's SHA-256, as `resnet18-f37072fd.pth`, which is checked. */
  checkHash?: boolean;
  /** The name of the file in the folder; that of the address by default. */
  fileName?: string;
  /** Accepted; files run no code here, whatever it says. */
  weightsOnly?: boolean;
}

const signature = new Signature("loadStateDictFromUrl", {
  url: freeText,
  modelDir: optional(freeText),
  mapLocation: { ...optional(anything), endsPositional: true },
  progress: flagOn,
  checkHash: flag,
  fileName: optional(text),
  weightsOnly: openFlag,
});

const hashInName = /-([a-f0-9]*)\./;

/**
 * What a file of `torch.save` at an address holds. The file is fetched once, and kept in `checkpoints` of `getDir()`.
 *
 * @param url the address.
 * @param modelDir another folder for the file.
 * @throws Error if it cannot be fetched or read, or its hash is wrong.
 * @example
 * const state = torch.hub.loadStateDictFromUrl("https://download.pytorch.org/models/resnet18-f37072fd.pth", {
 *   checkHash: true,
 * });
 * @see https://pytorch.org/docs/stable/hub.html#torch.hub.load_state_dict_from_url
 */
// biome-ignore lint/suspicious/noExplicitAny: what a file holds, only its reader knows
export function loadStateDictFromUrl<T = any>(
  url: string,
  ...rest: Args<[modelDir?: string], ["modelDir"], StateDictOptions>
): T {
  const { modelDir = join(getDir(), "checkpoints"), progress, checkHash, ...given } = signature.parse([url, ...rest]);
  const { fileName = basename(new URL(url).pathname), mapLocation } = given;
  const path = join(expandHome(modelDir), fileName);
  if (!existsSync(path)) {
    mkdirSync(expandHome(modelDir), { recursive: true });
    process.stderr.write(`Downloading: "${url}" to ${path}\n`);
    const hashPrefix = checkHash ? hashInName.exec(fileName)?.[1] : undefined;
    downloadUrlToFile(url, path, hashPrefix, { progress });
  }
  return load(path, { mapLocation: mapLocation as MapLocation });
}
