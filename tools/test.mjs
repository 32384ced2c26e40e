// Runs the compiled tests of all workspaces with Node's own test runner. Arguments are passed on to it.
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

function testsIn(folder) {
  return readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith(".test.js"))
    .map((name) => join(folder, name))
    .sort();
}

const files = ["packages/torch/dist/test", "packages/vision/dist/test", "examples/dist/test"].flatMap(testsIn);
const { status } = spawnSync(process.execPath, ["--test", ...process.argv.slice(2), ...files], { cwd: root, stdio: "inherit" });
process.exitCode = status ?? 1;
