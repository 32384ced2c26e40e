// Builds the addon with node-gyp, unless the build on disk is already that of these sources.
//
// Says in one sentence what is missing where the tools are not there, and uses the headers that came with
// this Node where they are on disk, so that nothing needs to be downloaded.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const stamp = join(root, "build", "sources.sha256");

function has(command) {
  return spawnSync(command, ["--version"], { stdio: "ignore", shell: process.platform === "win32" }).status === 0;
}

function missingTool() {
  const compilers = process.env.CXX ? [process.env.CXX] : ["c++", "g++", "clang++"];
  if (!compilers.some(has)) return "a C++20 compiler (g++ 11 or clang++ 14, or later; Debian: apt-get install g++)";
  if (!has("make")) return "make (Debian: apt-get install make)";
  if (![process.env.PYTHON ?? "python3", "python"].some(has)) return "Python 3, which node-gyp runs on";
  return undefined;
}

function filesIn(folder) {
  const entries = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function sourceHash() {
  const hash = createHash("sha256");
  hash.update(`${process.versions.modules} ${process.arch} ${process.env.FLAMBEAU_SANITIZE ?? ""}`);
  const folders = ["addon", "kernels", "runtime", "simd"].flatMap((folder) => filesIn(folder));
  for (const file of [...folders, ...["binding.gyp", "build.mjs", "sources.mjs"].map((name) => join(root, name))]) {
    hash.update(relative(root, file)).update(readFileSync(file));
  }
  return hash.digest("hex");
}

/** The arguments that make node-gyp use local headers, where this Node was installed with them. */
function headerArguments() {
  if (process.env.npm_config_nodedir) return [`--nodedir=${process.env.npm_config_nodedir}`];
  const prefix = resolve(process.execPath, "..", "..");
  return existsSync(join(prefix, "include", "node", "node_api.h")) ? [`--nodedir=${prefix}`] : [];
}

function nodeGyp() {
  if (process.env.npm_config_node_gyp) return process.env.npm_config_node_gyp;
  return createRequire(import.meta.url).resolve("node-gyp/bin/node-gyp.js");
}

function main() {
  const hash = sourceHash();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === hash) return 0;
  const missing = missingTool();
  if (missing) {
    console.error(`flambeau builds its native kernels when it is installed, and this machine lacks ${missing}.`);
    return 1;
  }
  const configured = existsSync(join(root, "build", "Makefile"));
  const verbs = configured ? ["configure", "build"] : ["rebuild"];
  const jobs = String(availableParallelism());
  for (const verb of verbs) {
    const args = [nodeGyp(), verb, "--directory", root, "--jobs", jobs, "--loglevel", "error", ...headerArguments()];
    const { status } = spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
    if (status !== 0) return status ?? 1;
  }
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
  return 0;
}

process.exitCode = main();
