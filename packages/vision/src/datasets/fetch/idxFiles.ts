/**
 * Fetching the files of a data set, while the program waits: what a constructor is asked to fetch has to be there
 * when it returns.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import torch from "flambeau";
import { hasIdx } from "../files/idx.js";
import { install, type Resource, unpackedName } from "./install.js";

export interface Source {
  readonly folder: string;
  /** Addresses to which the name of a file is added. */
  readonly mirrors: readonly string[];
  readonly resources: readonly Resource[];
  /** A package of Debian that has the files. */
  readonly debianPackage: string | undefined;
}

/** A way to get files: puts them in the folder, and tells why it could not. */
type Way = (source: Source, missing: readonly Resource[]) => string[];

/**
 * Fetches the files that are not in the folder yet: from the Debian package if it is installed, else from a mirror,
 * else from the Debian package as its archive has it.
 *
 * @throws Error that tells why each way failed.
 */
export function fetchAll(source: Source): void {
  const reasons: string[] = [];
  const ways: Way[] = [fromInstalledPackage, fromMirrors, fromPackageArchive];
  let missing = missingOf(source);
  for (const way of ways) {
    if (missing.length === 0) return;
    mkdirSync(source.folder, { recursive: true });
    reasons.push(...way(source, missing));
    missing = missingOf(source);
  }
  if (missing.length > 0) {
    throw new Error(`Error downloading ${missing.map(({ file }) => file).join(", ")}:\n${reasons.join("\n")}`);
  }
}

function missingOf({ folder, resources }: Source): Resource[] {
  return resources.filter(({ file }) => !hasIdx(join(folder, unpackedName(file))));
}

function fromMirrors({ folder, mirrors }: Source, missing: readonly Resource[]): string[] {
  for (const resource of missing) {
    const reasons: string[] = [];
    for (const mirror of mirrors) {
      const reason = fetchFile(`${mirror}${resource.file}`, folder, resource);
      if (reason === undefined) break;
      reasons.push(reason);
    }
    // What no mirror has keeps the data set from being whole, so the others need not be tried.
    if (reasons.length === mirrors.length) return reasons;
  }
  return [];
}

/** Fetches a file and installs it; returns what went wrong, if anything did. */
function fetchFile(url: string, folder: string, resource: Resource): string | undefined {
  const packed = join(folder, resource.file);
  try {
    process.stderr.write(`Downloading ${url}\n`);
    torch.hub.downloadUrlToFile(url, packed);
    install(folder, resource, readFileSync(packed), url);
  } catch (error) {
    return (error as Error).message;
  } finally {
    rmSync(packed, { force: true });
  }
  return undefined;
}

function fromInstalledPackage({ folder, debianPackage }: Source, missing: readonly Resource[]): string[] {
  if (debianPackage === undefined) return [];
  const { status, stdout } = spawnSync("dpkg", ["-L", debianPackage], { encoding: "utf8" });
  return status === 0 ? installFrom(stdout.split("\n"), folder, missing) : [];
}

function fromPackageArchive({ folder, debianPackage }: Source, missing: readonly Resource[]): string[] {
  if (debianPackage === undefined) return [];
  const temporary = mkdtempSync(join(tmpdir(), "flambeau-"));
  try {
    const { status, stderr, error } = spawnSync("apt-get", ["download", debianPackage], {
      cwd: temporary,
      encoding: "utf8",
    });
    if (status !== 0) return [`apt-get download ${debianPackage}: ${(error?.message ?? stderr).trim()}`];
    const archive = readdirSync(temporary).find((name) => name.endsWith(".deb")) as string;
    spawnSync("dpkg", ["-x", archive, "."], { cwd: temporary });
    const files = readdirSync(temporary, { recursive: true, encoding: "utf8" });
    return installFrom(
      files.map((file) => join(temporary, file)),
      folder,
      missing,
    );
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

/** Installs what is missing from files on disk. */
function installFrom(paths: readonly string[], folder: string, missing: readonly Resource[]): string[] {
  const reasons: string[] = [];
  for (const resource of missing) {
    const path = paths.find((candidate) => basename(candidate) === resource.file);
    if (path === undefined) continue;
    try {
      install(folder, resource, readFileSync(path), path);
    } catch (error) {
      reasons.push((error as Error).message);
    }
  }
  return reasons;
}
