// Builds the addons with node-gyp: one for each instruction set, or with the argument `this-cpu` only the one that this
// machine runs. What is on disk and of these sources is not built again, and what is of other sources goes.
//
// With the argument `first` that one has only the kernels that training a first network calls (binding.gyp tells which),
// and is there sooner. Without it, the others are added.
//
// A package that is installed gets all of them: an image or a folder may be moved to another CPU.
//
// Says in one sentence what is missing where the tools are not there, and uses the headers that came with
// this Node where they are on disk, so that nothing needs to be downloaded.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(fileURLToPath(import.meta.url));
const load = createRequire(import.meta.url);
const severalSets = process.arch === "x64" && !process.env.FLAMBEAU_SANITIZE;
const instructionSets = severalSets ? ["portable", "avx2", "avx512"] : ["portable"];
const [, , wanted] = process.argv;

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

function nodeGyp(...verb) {
  const program = process.env.npm_config_node_gyp || load.resolve("node-gyp/bin/node-gyp.js");
  const jobs = String(availableParallelism());
  const options = ["--directory", root, "--jobs", jobs, "--loglevel", "error", ...headerArguments()];
  const { status } = spawnSync(process.execPath, [program, ...verb, ...options], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, FLAMBEAU_KERNELS: wanted === "first" ? wanted : "" },
  });
  if (status !== 0) process.exit(status ?? 1);
}

const addonOf = (name) => join(root, "build", "Release", `${name}.node`);
/** Holds the hash of the sources that an addon was built from, and is there only while that addon is whole. */
const stampOf = (name) => join(root, "build", `${name}.sha256`);
/** What the stamp says of an addon that has only the first kernels. */
const firstOf = (hash) => `${hash} first`;

function isBuilt(name, hash) {
  if (!existsSync(addonOf(name)) || !existsSync(stampOf(name))) return false;
  const stamp = readFileSync(stampOf(name), "utf8");
  return stamp === hash || (wanted === "first" && stamp === firstOf(hash));
}

/** Removes an addon that is old, lacks kernels, or is perhaps half written, so that make links it again. */
function discard(name) {
  const linked = join(root, "build", "Release", "obj.target", `${name}.node`);
  for (const file of [stampOf(name), addonOf(name), linked]) rmSync(file, { force: true });
}

function build(names, hash) {
  const missing = missingTool();
  if (missing) {
    console.error(`flambeau builds its native kernels when it is installed, and this machine lacks ${missing}.`);
    process.exit(1);
  }
  console.error(`Building native kernels (${names.join(", ")}) …`);
  // Make adds to an archive, and takes nothing out.
  rmSync(join(root, "build", "Release", "obj.target", "common.a"), { force: true });
  nodeGyp("configure");
  nodeGyp("build", ...names);
  for (const name of names) writeFileSync(stampOf(name), wanted === "first" && name !== "cpu" ? firstOf(hash) : hash);
}

function buildMissing(names, hash) {
  const missing = names.filter((name) => !isBuilt(name, hash));
  if (missing.length > 0) build(missing, hash);
}

function main() {
  const hash = sourceHash();
  for (const name of ["cpu", ...instructionSets].filter((name) => !isBuilt(name, hash))) discard(name);
  if (wanted === undefined) return buildMissing(["cpu", ...instructionSets], hash);
  buildMissing(["cpu"], hash);
  buildMissing([load(addonOf("cpu")).instructionSet], hash);
}

main();
