/** Files from addresses, and what is in archives, while the program waits. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, mkdirSync, openSync, readSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import torch from "flambeau";
import type { ExtractOrder } from "./extractFile.js";

/** The MD5 checksum of a file, which is read piece by piece. */
export function calculateMd5(path: string): string {
  const hash = createHash("md5");
  const piece = Buffer.alloc(2 ** 20);
  const file = openSync(path, "r");
  try {
    for (let size = readSync(file, piece); size > 0; size = readSync(file, piece)) hash.update(piece.subarray(0, size));
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}

/** Whether a file is there and has the checksum, if one is given. */
export function checkIntegrity(path: string, md5?: string): boolean {
  if (!existsSync(path) || !statSync(path).isFile()) return false;
  return md5 === undefined || calculateMd5(path) === md5;
}

/** Whether a folder is there. */
export function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}

/** An address of Google Drive from where the file itself comes, and not a page about it. */
function direct(url: string): string {
  const id = /^https:\/\/drive\.google\.com\/file\/d\/([^/]+)/.exec(url)?.[1];
  return id === undefined ? url : `https://drive.usercontent.google.com/download?id=${id}&export=download&confirm=t`;
}

/**
 * Fetches a file into a folder, unless it is there and right. What an interrupted call leaves is continued by the next.
 *
 * @param url an address, or several of which each but the first is a mirror.
 * @param filename its name; by default the end of the address.
 * @throws Error if no address has it, or its checksum is wrong.
 * @example datasets.utils.downloadUrl("https://example.org/images.zip", "data", "images.zip", "d41d8cd98f00b204e9800998ecf8427e");
 */
export function downloadUrl(url: string | readonly string[], root: string, filename?: string, md5?: string): void {
  const urls = typeof url === "string" ? [url] : url;
  const path = join(root, filename ?? basename(new URL(urls[0] as string).pathname));
  if (checkIntegrity(path, md5)) return;
  mkdirSync(root, { recursive: true });
  const reasons: string[] = [];
  for (const one of urls) {
    const reason = fetchChecked(one, path, md5);
    if (reason === undefined) return;
    reasons.push(reason);
  }
  throw new Error(`Error downloading ${basename(path)}:\n${reasons.join("\n")}`);
}

/** Tells why an address does not have the file, or undefined once it is there. */
function fetchChecked(url: string, path: string, md5: string | undefined): string | undefined {
  process.stderr.write(`Downloading ${url} to ${path}\n`);
  try {
    torch.hub.downloadUrlToFile(direct(url), path);
  } catch (error) {
    return (error as Error).message;
  }
  if (checkIntegrity(path, md5)) return undefined;
  const found = calculateMd5(path);
  rmSync(path);
  return `${url} is not the file that was published: its checksum is ${found}, expected ${md5}`;
}

/**
 * Extracts a zip, tar or tar.gz archive, or unpacks a gz or bz2 file, into a folder. What is in it appears there when all
 * of it has been read.
 *
 * @param toPath the folder; by default that of the archive.
 * @throws Error if the archive is broken, or would write outside of the folder.
 * @see https://github.com/pytorch/vision/blob/main/torchvision/datasets/utils.py
 */
export function extractArchive(fromPath: string, toPath: string = dirname(fromPath)): void {
  const order: ExtractOrder = { archive: fromPath, folder: toPath };
  const script = fileURLToPath(new URL("./extractFile.js", import.meta.url));
  const { status, stdout, error } = spawnSync(process.execPath, [script, JSON.stringify(order)], {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${fromPath} could not be extracted: ${error?.message ?? stdout}`);
}

/** Fetches an archive into a folder, and extracts it there or in another one. */
export function downloadAndExtractArchive(
  url: string | readonly string[],
  downloadRoot: string,
  { extractRoot = downloadRoot, filename, md5 }: { extractRoot?: string; filename?: string; md5?: string } = {},
): void {
  const urls = typeof url === "string" ? [url] : url;
  const name = filename ?? basename(new URL(urls[0] as string).pathname);
  downloadUrl(urls, downloadRoot, name, md5);
  extractArchive(join(downloadRoot, name), extractRoot);
}
