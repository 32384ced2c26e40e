// Runs the compiled tests of all workspaces with Node's own test runner, and the tests whose numbers come from the
// kernels once more for each lower instruction set that this CPU has, and for WebAssembly. Arguments are passed on to
// the runner.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const levels = ["portable", "avx2", "avx512"];
const { instructionSet } = createRequire(import.meta.url)("../packages/torch/native/build/Release/cpu.node");

const packages = readdirSync(join(root, "packages")).sort();

function testsIn(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true })
    .filter((name) => name.endsWith(".test.js"))
    .map((name) => join(folder, name))
    .sort();
}

function run(title, files, env, ...options) {
  console.log(title);
  const args = ["--test", ...options, ...process.argv.slice(2), ...files];
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: "inherit",
    env: { ...process.env, ...env },
  });
  if (status !== 0) process.exitCode = status ?? 1;
}

const numerical = (...folders) => folders.map((folder) => join("packages/torch/dist/test", folder)).flatMap(testsIn);
/** What is said of rules, and not of numbers, is the same for all kernels. */
const isOfKernels = (file) => !/(batched|forward|gradients|meta|moduleHalves|reads|temporaries)\.test\.js$/.test(file);
for (const level of levels.slice(0, levels.indexOf(instructionSet))) {
  // These look at numbers alone: no test minds another beside it. What stands on the kernels is the same on both sets.
  const files = level === "portable" ? numerical("kernels") : numerical("kernels", "conformance", "optim");
  run(`Kernels on ${level}`, files.filter(isOfKernels), { FLAMBEAU_ISA: level }, "--test-concurrency=2");
}
console.log("Kernels on WebAssembly");
const wasm = spawnSync(process.execPath, [join(root, "tools", "wasm.mjs")], { stdio: "inherit" });
if (wasm.status !== 0) process.exitCode = wasm.status ?? 1;

/** Tests that want the machine for themselves: they watch memory or threads, or install. */
const isAlone = (file) =>
  /(robustness\/(fuzz|memory|storage|temporaries|workers)|data\/workers|install\/\w+)\.test\.js$/.test(
    file.replaceAll(sep, "/"),
  );
const everything = [
  ...packages.map((name) => join("packages", name, "dist", "test")),
  join("examples", "dist", "test"),
  join("gallery", "dist", "test"),
].flatMap(testsIn);
run(
  `Everything on ${instructionSet}`,
  everything.filter((file) => !isAlone(file)),
  {},
  "--test-concurrency=2",
);
run(
  "What wants the machine for itself",
  everything.filter((file) => isAlone(file)),
);
