// Installs ONNX Runtime, with which the tests of @flambeau/onnx run the files that are written. It is a quarter of a
// gigabyte, so it is no part of the workspace and of what `npm start` sets up: `npm test` calls this. Where it cannot be had
// those tests are left out, with a word.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const folder = join(dirname(fileURLToPath(import.meta.url)), "..", "packages", "onnx", "runtime");
const name = "node_modules/onnxruntime-node";

function isInstalled() {
  const installed = join(folder, name, "package.json");
  if (!existsSync(installed)) return false;
  const wanted = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8")).packages[name];
  return JSON.parse(readFileSync(installed, "utf8")).version === wanted.version;
}

if (!isInstalled()) {
  process.stderr.write("Installing ONNX Runtime for the tests …\n");
  // Its install script would fetch what GPUs need.
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel", "error", "--ignore-scripts"];
  const { status } = spawnSync("npm", args, { cwd: folder, stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) process.stderr.write("It could not be installed: no file is run in it now.\n");
}
